package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show something.
const patience = 15 * time.Second

// chromium is the browser of all tests of a package. It runs as long as one of
// them uses it or waits to.
var chromium struct {
	sync.Mutex
	users int
	ctx   context.Context
	end   func()
}

// pages are how many tests may use the browser at a time: pages of more would
// wait for each other beyond patience.
var pages = make(chan struct{}, 2)

// Chromium is a browser for a test. Its tabs are of different people: each
// keeps cookies of its own.
func Chromium(t testing.TB) context.Context {
	t.Helper()
	if os.Getenv("FIELDGATE_SKIP_BROWSER") != "" {
		t.Skip("FIELDGATE_SKIP_BROWSER is set")
	}
	ctx := useChromium(t)
	pages <- struct{}{}
	t.Cleanup(func() { <-pages })
	return ctx
}

func useChromium(t testing.TB) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.users == 0 {
		startChromium(t)
	}
	chromium.users++
	t.Cleanup(func() {
		chromium.Lock()
		defer chromium.Unlock()
		if chromium.users--; chromium.users == 0 {
			chromium.end()
		}
	})
	return chromium.ctx
}

func startChromium(t testing.TB) {
	t.Helper()
	found := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			found = path
			break
		}
	}
	if found == "" {
		t.Fatal("this test needs Chromium: install chromium or Google Chrome, or set FIELDGATE_SKIP_BROWSER=1 to leave it out")
	}
	profile, err := os.MkdirTemp("", "fieldgate-chromium-") //nolint:usetesting // it outlives the test
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses root otherwise
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(ctx)
	chromium.ctx, chromium.end = ctx, func() {
		cancel()
		end()
		_ = os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		chromium.end()
		t.Fatal("start Chromium: ", err)
	}
}

// Tab is a page in Chromium, worked the way people do: by what controls are
// called.
type Tab struct {
	app    *App
	ctx    context.Context
	worker *worker // once it is asked for
	still  bool    // without scripts
	// Targets lets Axe look, too, whether what is pressed is 24 pixels wide and high.
	// What lies under the edge of a low window counts as too small.
	Targets bool
}

// Tab opens an empty page of somebody who has no cookies yet.
func (a *App) Tab(browser context.Context) *Tab {
	a.t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	a.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the page lives as long as the context of its first step
		a.t.Fatal("open a page: ", err)
	}
	t := &Tab{app: a, ctx: ctx}
	t.Size(1280, 900)
	t.Dark(false)
	return t
}

func (t *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.app.t.Fatal(err)
	}
}

// Size sets the width and height of the page in CSS pixels.
func (t *Tab) Size(width, height int64) {
	t.app.t.Helper()
	if width < 500 {
		t.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	t.do(chromedp.EmulateViewport(width, height))
}

// Dark makes the page dark, or light again. Nothing moves: what is looked at
// has arrived.
func (t *Tab) Dark(dark bool) {
	t.app.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
}

// Scripts switches the scripts of pages off, or on again. The test itself still looks.
func (t *Tab) Scripts(on bool) {
	t.app.t.Helper()
	t.still = !on
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// Open goes to a page.
func (t *Tab) Open(path string) {
	t.app.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = t.app.URL + path
	}
	t.do(chromedp.Navigate(path))
}

// At waits until the page's path is, or begins with, path.
func (t *Tab) At(path string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`location.pathname === %[1]s || location.pathname.startsWith(%[1]s + "/")`, quoted(path)), "to be at "+path)
}

// Path is where the page is.
func (t *Tab) Path() string {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	t.app.must(err)
	u, err := url.Parse(at)
	t.app.must(err)
	return u.Path
}

// Visited are the addresses that the tab's history keeps.
func (t *Tab) Visited() (urls []string) {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	t.app.must(err)
	for _, e := range history.Entries {
		urls = append(urls, e.URL)
	}
	return urls
}

// See waits until the page shows words.
func (t *Tab) See(words string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`document.readyState === "complete" && document.body.innerText.replace(/\s+/g, " ").includes(%s)`, quoted(words)), "to see “"+words+"”")
}

// NotSee checks that the page, which has been seen to be there, does not show words.
func (t *Tab) NotSee(words string) {
	t.app.t.Helper()
	if js[bool](t, fmt.Sprintf(`document.body.innerText.replace(/\s+/g, " ").includes(%s)`, quoted(words))) {
		t.app.t.Errorf("%s shows “%s”", t.Path(), words)
	}
}

// Fill types into the control with that label, or chooses the option whose
// words begin with value: it waits for the option, since options may come late.
func (t *Tab) Fill(label, value string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`(() => {
		const c = %s;
		if (!c) return false;
		let v = %[2]s;
		if (c.tagName === "SELECT") {
			const o = [...c.options].find(o => o.text.trim().startsWith(v));
			if (!o) return false;
			v = o.value;
		}
		c.focus();
		c.value = v;
		c.dispatchEvent(new Event("input", {bubbles: true}));
		c.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, control(label), quoted(value)), "a field “"+label+"” that takes “"+value+"”")
}

// Attach chooses files for the page's file field.
func (t *Tab) Attach(selector string, files ...string) {
	t.app.t.Helper()
	for i := range files {
		var err error
		files[i], err = filepath.Abs(files[i])
		t.app.must(err)
	}
	t.do(chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Tick ticks or unticks the box with that label.
func (t *Tab) Tick(label string, on bool) {
	t.app.t.Helper()
	t.until(control(label)+` !== undefined`, "a box “"+label+"”")
	js[bool](t, fmt.Sprintf(`(() => { const c = %s; if (c.checked !== %t) c.click(); return c.checked })()`, control(label), on))
}

// Press presses the button or follows the link with that name, and waits for
// the page that follows.
func (t *Tab) Press(name string) {
	t.app.t.Helper()
	t.until(pressable(name)+` !== undefined`, "a button “"+name+"”")
	js[bool](t, fmt.Sprintf(`(() => { window.stays = true; const c = %s; c.scrollIntoView({block: "center"}); c.click(); return true })()`, pressable(name)))
}

// control is the JavaScript for the control with a label.
func control(label string) string {
	return fmt.Sprintf(`(document.querySelector('input[aria-label="' + CSS.escape(%[1]s) + '"]') ?? [...document.querySelectorAll("label")].filter(l => l.innerText.replace(/\s+/g, " ").trim().startsWith(%[1]s)).map(l => l.control).find(c => c))`, quoted(label))
}

// pressable is the JavaScript for the visible button or link with a name.
func pressable(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button, a[href], input[type=submit], summary")].find(e => e.checkVisibility() && [e.innerText, e.getAttribute("aria-label"), e.value].some(n => n && n.replace(/\s+/g, " ").trim() === %s))`, quoted(name))
}

// until waits for an expression to be true, across pages.
func (t *Tab) until(expression, what string) {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	for t.still { // nothing in the page ticks
		if found, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.body !== null && (`+expression+`)`)); err == nil && found {
			return
		}
		if err := chromedp.Do(ctx, chromedp.Sleep(20*time.Millisecond)); err != nil {
			t.app.t.Fatalf("waited in vain %s, without scripts", what)
		}
	}
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](`(`+expression+`)`, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			text := js[string](t, `document.body ? document.body.innerText.slice(0, 3000) : ""`)
			t.app.t.Fatalf("waited in vain %s; at %s:\n%s", what, t.Path(), text)
		}
		// The page went away under the poll: another one comes.
	}
}

func js[T any](t *Tab, expression string) T {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	t.app.must(err)
	return v
}

// Read is the text of the first element that fits.
func (t *Tab) Read(selector string) string {
	t.app.t.Helper()
	return js[string](t, "document.querySelector("+quoted(selector)+").textContent")
}

// Shot keeps a picture of the whole page in a file.
func (t *Tab) Shot(file string) {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	t.app.must(err)
	t.app.must(os.WriteFile(file, picture, 0o600))
}

// Axe looks for what shuts people out (WCAG 2.2 AA and good practice) and
// reports it as failures of the test. A page that is too long to be looked at in
// time is looked at without what the selectors find.
func (t *Tab) Axe(without ...string) {
	t.app.t.Helper()
	source, err := axe()
	if err != nil {
		t.app.t.Fatal("axe-core is missing: run make assets")
	}
	ctx, cancel := context.WithTimeout(t.ctx, 2*patience)
	defer cancel()
	t.until(`document.readyState === "complete"`, "the page")
	rules := "{}"
	if t.Targets {
		rules = `{"target-size": {enabled: true}}`
	}
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](string(source)+`; true`))
	t.app.must(err)
	for _, selector := range without {
		js[bool](t, `(document.querySelectorAll(`+quoted(selector)+`).forEach((e) => e.remove()), true)`)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], rules: `+rules+`}).then(r => JSON.stringify(r.violations.map(v =>
		({rule: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " — " + n.failureSummary)}))))`, chromedp.EvalAwaitPromise))
	t.app.must(err)
	var violations []struct {
		Rule, Help string
		Nodes      []string
	}
	t.app.must(json.Unmarshal([]byte(found), &violations))
	for _, v := range violations {
		t.app.t.Errorf("axe at %s: %s (%s)\n  %s", t.Path(), v.Help, v.Rule, strings.Join(v.Nodes, "\n  "))
	}
	// Wider than the screen: a page must not scroll sideways on a phone.
	if wide := js[float64](t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		t.app.t.Errorf("%s scrolls sideways by %.0f pixels", t.Path(), wide)
	}
	// A row that became a card has room for its words: no cell keeps to a share of a table's width.
	for _, cell := range js[[]string](t, `[...document.querySelectorAll(".table--stack tbody td")].filter((td) => {
		if (!td.offsetWidth || getComputedStyle(td).display === "table-cell" || td.matches(".title")) return false;
		const shown = td.offsetWidth, style = td.style.cssText;
		td.style.setProperty("inline-size", "max-content", "important");
		const needed = td.offsetWidth;
		td.style.cssText = style;
		return needed > shown + 1;
	}).map((td) => td.textContent.trim().slice(0, 80))`) {
		t.app.t.Errorf("%s squeezes %q", t.Path(), cell)
	}
}

// axe comes with make assets; it is looked for from the package's folder upwards.
func axe() ([]byte, error) {
	const file = "tools/node_modules/axe-core/axe.min.js"
	for up := "../.."; ; up += "/.." {
		script, err := os.ReadFile(filepath.Join(up, file))
		if _, top := os.Stat(filepath.Join(up, "go.mod")); err == nil || top == nil {
			return script, err
		}
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}

// Set fills the control with that name, for the cells of a table.
func (t *Tab) Set(name, value string) {
	t.app.t.Helper()
	find := fmt.Sprintf(`document.getElementsByName(%s)[0]`, quoted(name))
	t.until(find+` !== undefined`, "a field named "+name)
	js[bool](t, fmt.Sprintf(`(() => { const c = %s; c.value = %s; c.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, find, quoted(value)))
}

// SeeImage waits until a picture whose description holds words is loaded,
// opening the page again while it is being prepared.
func (t *Tab) SeeImage(words string) {
	t.app.t.Helper()
	loaded := fmt.Sprintf(`[...document.images].some(i => i.alt.includes(%s) && i.complete && i.naturalWidth > 0)`, quoted(words))
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); t.do(chromedp.Reload()) {
		t.until(`document.readyState === "complete"`, "the page")
		if js[bool](t, loaded) {
			return
		}
	}
	t.app.t.Errorf("no picture of “%s” at %s", words, t.Path())
}

// Photograph keeps a picture of what the screen shows, without what lies below.
func (t *Tab) Photograph(file string) {
	t.app.t.Helper()
	t.until(`document.readyState === "complete" && [...document.images].every(i => i.complete || i.getBoundingClientRect().top > innerHeight)`, "the page and its pictures")
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	t.app.must(err)
	t.app.must(os.WriteFile(file, picture, 0o600))
}
