package journey_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"fieldgate/web/apptest"
)

// inFolder writes files to be chosen.
func inFolder(t *testing.T, files map[string][]byte) func(names ...string) []string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(names ...string) []string {
		paths := make([]string, len(names))
		for i, name := range names {
			paths[i] = filepath.Join(folder, name)
		}
		return paths
	}
}

func plain(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		r, g, b, _ := c.RGBA()
		img.Pix[i] = [4]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}[i%4]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Many files at once: each by itself, what is refused says why and costs
// nothing, what got lost is tried again.
func TestFilesGoOneByOne(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	chosen := inFolder(t, map[string][]byte{
		"red.jpg": plain(t, color.RGBA{200, 30, 30, 255}), "blue.jpg": plain(t, color.RGBA{30, 30, 200, 255}), "plan.txt": []byte("The plan."),
		"page.html": []byte("<script>alert(1)</script>"), "false.pdf": []byte("not a PDF"), "empty.txt": {}, "late.txt": []byte("It comes late."),
	})
	tab := app.Tab(apptest.Chromium(t))
	const equipment = "/office/equipment/equipmentofharbour0000000000001/attachments"
	signIn(tab, "/office/login", "ben", equipment)
	tab.See("No files yet")
	tab.Attach("input[name=files]", chosen("red.jpg", "blue.jpg", "plan.txt", "page.html", "false.pdf", "empty.txt")...)
	tab.See("“false.pdf” is in fact")
	tab.See("This type of file is not accepted.")
	tab.See("It is empty.")
	tab.See("3 files added. 3 files not taken.")
	tab.See("All 3")
	tab.Axe()
	if n := apptest.Value[int](app, `select count(*) from attachments where equipment_id = 1`); n != 3 {
		t.Errorf("%d files are kept", n)
	}

	// The line breaks once the file has arrived: nobody knows, and it is tried again.
	var lost atomic.Bool
	tab.Open(frail(t, app, &lost) + equipment)
	lost.Store(true)
	tab.Attach("input[name=files]", chosen("late.txt")...)
	tab.See("The server could not take it just now.")
	tab.Press("Try again")
	tab.See("All 4")
	tab.NotSee("The server could not take it just now.")
	if n := apptest.Value[int](app, `select count(*) from attachments where name = 'late.txt'`); n != 1 {
		t.Errorf("a file sent twice is there %d times", n)
	}

	// Dropped anywhere on the page.
	tab.Drop("dropped.txt", "Dropped on the page.")
	tab.See("All 5")
	tab.See("dropped.txt")

	// Photos that are being prepared appear by themselves.
	tab.Open(equipment + "?view=grid")
	tab.SeeImage("red.jpg")
	tab.Axe()

	// A range with Shift, all of it shared.
	tab.Open(equipment + "?sort=name")
	tab.Tick("Tick all", true)
	tab.See("5 files ticked")
	tab.Press("Viewable in Customer Portal")
	tab.See("5 files are viewable in the customer portal now, but nobody gets an email.")
	lee := app.As("lee").Get("/equipment/equipmentofharbour0000000000001")
	if n := lee.Find("#attached a[data-photo]").Length(); n != 2 || !lee.Has("Download all") {
		t.Errorf("the contact sees %d photos", n)
	}
}

// signIn signs somebody in who wants to see a page.
func signIn(tab *apptest.Tab, login, name, page string) {
	tab.Open(page)
	tab.At(login)
	tab.Fill("Email", name+"@demo.test")
	tab.Fill("Password", apptest.Password)
	tab.Press("Log In")
	tab.At(page)
}

// frail is the program behind a line that loses the answer to the next form
// once lost is set.
func frail(t *testing.T, app *apptest.App, lost *atomic.Bool) string {
	t.Helper()
	to, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	line := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && lost.CompareAndSwap(true, false) {
			line.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusBadGateway) // browsers themselves repeat what merely breaks off
			return
		}
		line.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The viewer by keyboard and by finger, in the portal, on a phone.
func TestPhotosInTheViewer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for i, name := range []string{"Before", "During", "After"} {
		ben.Upload("/office/jobs/J-1001/attachments", nil, apptest.File{Field: "files", Name: name + ".jpg", Content: plain(t, color.RGBA{uint8(80 * i), 120, 40, 255})})
	}
	app.Exec(`update attachments set customer_view = true, caption = 'Filter ' || lower(replace(name, '.jpg', '')) where kind = 'photo'`)
	tab := app.Tab(apptest.Chromium(t))
	tab.Size(390, 844)
	signIn(tab, "/login", "lee", "/jobs/J-1001")
	for _, name := range []string{"before", "during", "after"} {
		tab.SeeImage("Filter " + name)
	}
	tab.Click("#attached a[data-photo]")
	tab.See("1 / 3")
	tab.See("Filter before")
	tab.Axe()
	if path := os.Getenv("FIELDGATE_SHOTS"); path != "" {
		tab.Photograph(filepath.Join(path, "viewer.png"))
	}
	for _, step := range []struct{ key, place, caption string }{
		{"ArrowRight", "2 / 3", "Filter during"}, {"End", "3 / 3", "Filter after"}, {"ArrowRight", "1 / 3", "Filter before"}, {"ArrowLeft", "3 / 3", "Filter after"},
	} {
		tab.Key(step.key)
		tab.See(step.place)
		tab.See(step.caption)
	}
	tab.Swipe(120) // to the right: the one before
	tab.See("2 / 3")
	tab.Swipe(-120)
	tab.See("3 / 3")
	tab.Key("Escape")
	tab.Gone("dialog.viewer")
	if got := tab.Focused(); got != "Filter after" {
		t.Errorf("the focus returns to %q, not to the photo last seen", got)
	}
}

// Files that go with a form stay chosen while the form is put right.
func TestFilesWithAForm(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	chosen := inFolder(t, map[string][]byte{"kitchen.jpg": plain(t, color.RGBA{90, 90, 90, 255}), "plan.txt": []byte("The plan."), "film.avi": []byte("film")})
	tab := app.Tab(apptest.Chromium(t))
	tab.Size(390, 844)
	signIn(tab, "/login", "lee", "/quotes/new")
	tab.Fill("Description", "A cooler kitchen")
	tab.Fill("Site", "No particular site")
	tab.Fill("Price Estimate", "a lot")
	tab.Attach("input[name=files]", chosen("kitchen.jpg", "film.avi")...)
	tab.See("This type of file is not accepted.")
	tab.Attach("input[name=files]", chosen("plan.txt")...) // adds to what is chosen
	tab.See("2 files chosen.")
	tab.Axe()
	if path := os.Getenv("FIELDGATE_SHOTS"); path != "" {
		tab.Shot(filepath.Join(path, "chosen.png"))
	}
	tab.Press("Save")
	tab.See("There is a problem")
	tab.See("kitchen.jpg")
	tab.See("plan.txt")
	tab.NotSee("choose your files again")
	tab.Fill("Price Estimate", "2500")
	tab.Await(`(htmx.config.timeout = 1, "")`) // files may take longer than anything else
	tab.Press("Save")
	tab.See("Thank you. We have your request")
	tab.See("plan.txt")
	if n := apptest.Value[int](app, `select count(*) from attachments a join quotes q on q.id = a.quote_id where q.description = 'A cooler kitchen'`); n != 2 {
		t.Errorf("%d files came with the request", n)
	}
}
