package portalweb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/postgres"
	"fieldgate/web/apptest"
)

func TestTheSignInAddressIsChanged(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	form := lee.Get("/details/sign-in-address")
	if p := lee.Submit(form, "form.form", url.Values{"email": {"lee@new.test"}, "current": {"wrong"}}); p.Status != 422 || p.Problem("current") == "" || p.Find("#email").AttrOr("value", "") != "lee@new.test" || strings.Contains(p.Body, "wrong") {
		t.Error(p.Status, p.Text("main"))
	}
	ask := func(email string) apptest.Page {
		return lee.Submit(form, "form.form", url.Values{"email": {email}, "current": {apptest.Password}})
	}
	free, taken := ask("lee@new.test"), ask("kim@demo.test")
	words := func(p apptest.Page, email string) string { return strings.ReplaceAll(p.Text("main"), email, "…") }
	if free.Status != 200 || words(free, "lee@new.test") != words(taken, "kim@demo.test") {
		t.Errorf("a free address and one that is taken are told apart:\n%s\n%s", words(free, "lee@new.test"), words(taken, "kim@demo.test"))
	}
	ask("lee@new.test")
	at := "/new-address/" + linked(t, app, func(context.Context, postgres.Tx) (int64, error) {
		return apptest.Value[int64](app, `select id from links where purpose = 'email-change' and ended_at is null`), nil
	})

	// A stranger who reads the new mailbox learns nothing of whose it is, and needs the password.
	stranger := app.Nobody()
	p := stranger.Get(at)
	if p.Status != 200 || p.Has("Lee") || p.Has("lee@demo.test") || p.Has("Harbour") {
		t.Error("the link tells whose it is:", p.Text("main"))
	}
	if p := stranger.Submit(p, "main form", url.Values{"password": {"a guess of mine"}}); p.Status != 422 || p.Problem("password") == "" {
		t.Error(p.Status, p.Text("main"))
	}
	if p := app.As("kim").Post(at, nil); p.Status != 422 {
		t.Error("somebody else confirms:", p.Status)
	}
	if got := apptest.Value[string](app, `select email from persons where id = 1`); got != "lee@demo.test" {
		t.Fatal("changed by somebody else:", got)
	}
	for range 2 { // opening uses nothing up
		p = lee.Get(at)
	}
	if p = lee.Submit(p, "main form", nil); p.Status != 200 || !p.Has("This address is confirmed") {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p := lee.Get("/details/sign-in-address"); !p.Has("lee@new.test") || !p.Has("lee@demo.test") {
		t.Error("not explained which address is for what:", p.Text("main"))
	}
	if p := app.Nobody().SignIn("/login", "lee@new.test", apptest.Password); p.URL.Path != "/" {
		t.Error(p.URL.Path)
	}
	if p := app.Nobody().SignIn("/login", "lee@demo.test", apptest.Password); p.Status != 422 {
		t.Error("the old address still lets in")
	}
	if same := apptest.Value[bool](app, `select email = 'lee@demo.test' and access = 'active' from contacts where id = 1`); !same {
		t.Error("the contact's email has changed")
	}
	for path, status := range map[string]int{"/new-address/x": 404, "/new-address/" + strings.Repeat("a", 43): 404, at: 200} {
		if p := stranger.Get(path); p.Status != status {
			t.Error(path, p.Status)
		}
	}
}

func TestSignedInDevices(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	here, there, kim := app.As("lee"), app.As("lee"), app.As("kim")
	p := here.Get("/details/devices")
	if n := p.Find(".devices__item").Length(); n != 2 || !p.Has("This device") {
		t.Fatal(n, p.Text("main"))
	}
	form := `form[action$="/removal"]`
	// What belongs to others is nobody's to end.
	action := kim.Get("/details/devices")
	if action.Find(form).Length() != 0 {
		t.Error("Kim sees", action.Text("main"))
	}
	id := p.Find(form).First().AttrOr("action", "")
	kim.Post(id, nil)
	if p := there.Get("/jobs"); p.URL.Path != "/jobs" {
		t.Error("Kim signed Lee out")
	}
	if p := here.Submit(p, form, nil); p.Status != 200 || p.Find(".devices__item").Length() != 1 || !p.Has("That device is signed out.") {
		t.Error(p.Status, p.Text("main"))
	}
	if p := there.Get("/jobs"); p.URL.Path != "/login" {
		t.Error("still signed in at", p.URL.Path)
	}
	again, third := app.As("lee"), app.As("lee")
	if p := here.Submit(here.Get("/details/devices"), `form[action="/details/devices/removal"]`, nil); !p.Has("All other devices are signed out") {
		t.Error(p.Text("main"))
	}
	for _, b := range []*apptest.Browser{again, third} {
		if p := b.Get("/jobs"); p.URL.Path != "/login" {
			t.Error("still signed in")
		}
	}
	if p := here.Get("/jobs"); p.URL.Path != "/jobs" {
		t.Error("signed out here too")
	}
	if p := kim.Get("/jobs"); p.URL.Path != "/jobs" {
		t.Error("Kim was signed out")
	}
	for _, path := range []string{"/details/devices/x/removal", "/details/devices/99999999999999999999/removal"} {
		if p := here.Post(path, nil); p.Status != 404 {
			t.Error(path, p.Status)
		}
	}
}

func TestASignInFromANewDevice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	known := func() int { return apptest.Value[int](app, `select count(*) from devices where person_id = 1`) }
	b := app.Nobody()
	b.SignIn("/login", "lee@demo.test", apptest.Password)
	if known() != 1 {
		t.Error(known(), "devices")
	}
	b.Post("/logout", nil)
	b.SignIn("/login", "lee@demo.test", apptest.Password)
	if known() != 1 {
		t.Error("the same browser is known as", known())
	}
	app.Exec(`update devices set browser = 'Mozilla', address = '192.0.2.1'`)
	app.Nobody().SignIn("/login", "lee@demo.test", "not the password")
	if known() != 1 {
		t.Error("a wrong password is remembered as a device")
	}
	app.Nobody().SignIn("/login", "lee@demo.test", apptest.Password)
	if known() != 2 {
		t.Error(known(), "devices")
	}
}

func TestPasswordsAreJudgedWhileTyped(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	link := invited(t, app, newcomer(app, "Harbour Dental", "Nia Papadopoulos", "nia@example.com"))
	page := app.Nobody().Get(link)
	at := page.Find("[autocomplete=new-password]").AttrOr("hx-post", "")
	for typed, tt := range map[string]struct {
		words string
		met   bool
	}{
		"":                     {"Hard to guess: no names", false},
		"short":                {"Hard to guess: no names", false},
		"nia papadopoulos":     {"your name", false},
		"northwind air 2026":   {"easy to guess", false},
		"passwordpassword":     {"easy to guess", false},
		newPassword:            {"Hard to guess", true},
		"bad\x00bytes are odd": {"", false},
	} {
		p := app.Nobody().Post(at, url.Values{"password": {typed}})
		if p.Status != 200 || !p.Has(tt.words) || p.Find("[data-met]").Length() == 1 != tt.met || (typed != "" && strings.Contains(p.Body, typed) && typed != "short") {
			t.Errorf("%q: %d %s", typed, p.Status, p.Body)
		}
	}
	if got := apptest.Value[int](app, `select count(*) from links where used_at is not null`); got != 0 {
		t.Error("typing has used the link up")
	}
	for _, path := range []string{"/welcome/x/strength", "/reset/x/strength", "/office/welcome/x/strength", "/office/reset/x/strength"} {
		if p := app.Nobody().Post(path, url.Values{"password": {newPassword}}); p.Status != 404 {
			t.Error(path, p.Status)
		}
	}
	if p := app.Nobody().Post("/new-password/strength", url.Values{"password": {newPassword}}); p.URL.Path != "/login" {
		t.Error("judged for nobody:", p.URL.Path)
	}
	if p := app.As("lee").Post("/new-password/strength", url.Values{"password": {"lee nakamura 12"}}); p.Status != 200 || !p.Has("your name") {
		t.Error(p.Status, p.Body)
	}
}

// TestNothingSaysFieldgate: the program's name stands in one small line, which
// the business can switch off.
func TestNothingSaysFieldgate(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	named := func(b *apptest.Browser, path string) int {
		p := b.Get(path)
		return strings.Count(strings.ToLower(p.Text("body")+p.Find("title").Text()+p.Find("meta").AttrOr("content", "")), "fieldgate")
	}
	for _, path := range []string{"/", "/details", "/jobs", "/quotes/Q-1002", "/nothing-here"} {
		if n := named(app.As("lee"), path); n > 1 {
			t.Errorf("%s says it %d times", path, n)
		}
	}
	app.Exec(`update company set show_credit = false`)
	for _, path := range []string{"/", "/details", "/jobs", "/quotes/Q-1002", "/nothing-here"} {
		if n := named(app.As("lee"), path); n > 0 {
			t.Errorf("%s still says it", path)
		}
	}
	for _, path := range []string{"/login", "/forgot-password", "/welcome/x", "/nothing-here"} {
		if n := named(app.Nobody(), path); n > 0 {
			t.Errorf("%s still says it", path)
		}
	}
	p := app.Nobody().Get("/login")
	for selector, want := range map[string]string{
		`meta[property="og:site_name"]`: "Northwind Air", `meta[property="og:title"]`: "Log In – Northwind Air", `meta[property="og:image"]`: app.URL + "/brand/",
		`meta[name="theme-color"]`: "#", `meta[name="twitter:card"]`: "summary",
	} {
		if got := p.Find(selector).AttrOr("content", ""); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", selector, got)
		}
	}
}
