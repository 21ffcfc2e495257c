package officeweb_test

import (
	"archive/zip"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/imaging"
	"fieldgate/web/apptest"
)

// tabs are the four things that files hang on.
var tabs = []string{
	"/office/jobs/J-1002/attachments", "/office/quotes/Q-1002/attachments", "/office/equipment/equipmentofharbour0000000000001/attachments", "/office/customers/C-1001/attachments",
}

func note(name string) apptest.File {
	return apptest.File{Field: "files", Name: name, Content: []byte("Words of " + name)}
}

// unpacked are the names and contents in an archive.
func unpacked(t *testing.T, p apptest.Page) map[string]string {
	t.Helper()
	if p.Status != http.StatusOK || p.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%s: %d %s", p.URL, p.Status, p.Header.Get("Content-Type"))
	}
	archive, err := zip.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		found[f.Name] = string(content)
	}
	return found
}

// What is done to files is done the same way wherever they hang.
func TestFilesOfEverything(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`delete from attachments`)
	ben := app.As("ben")
	for _, tab := range tabs {
		p := ben.Upload(tab+"?view=grid", nil, note("plan.txt"), note("Plan.txt"), note("list.csv"), apptest.File{Field: "files", Name: "page.html", Content: []byte("<script>")})
		if p.URL.RawQuery != "view=grid" || !p.Has("3 files were added. They are hidden from the customer.") || !p.Has("“page.html” is not a type we accept.") || p.Find(".photo-tile").Length() != 3 {
			t.Fatalf("%s: %s", tab, p.Text("main"))
		}
		if p.Find(".flash--warning").Length() == 0 && !strings.Contains(p.Body, "warning") {
			t.Errorf("%s: a refused file looks like a success", tab)
		}
		file := func(name string) string {
			return apptest.Value[string](app, `select public_id from attachments where name = $1 and removed_at is null order by id desc limit 1`, name)
		}
		plan, list := file("plan.txt"), file("list.csv")

		all := unpacked(t, ben.Get(tab+"/download"))
		if len(all) != 3 || all["plan.txt"] != "Words of plan.txt" || all["Plan (2).txt"] != "Words of Plan.txt" {
			t.Errorf("%s: all are %v", tab, all)
		}
		some := unpacked(t, ben.Get(tab+"/download?"+url.Values{"attachment": {plan, list, "nothing"}}.Encode()))
		if len(some) != 2 || some["list.csv"] == "" {
			t.Errorf("%s: the ticked ones are %v", tab, some)
		}
		if p := ben.Get(tab + "/download?attachment=" + plan); p.Body != "Words of plan.txt" || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: one alone is %q", tab, p.Body)
		}
		for _, path := range []string{"/download?ticked=1", "/captions", "/removal", "/captions?attachment=nothing", "/removal?attachment=%00%ff"} {
			if p := ben.Get(tab + path); p.Status != http.StatusOK || p.URL.Path != tab || !p.Has("Tick the files first.") {
				t.Errorf("%s%s: %d at %s", tab, path, p.Status, p.URL)
			}
		}

		// Captions: two write at once, the second one sees it and keeps what was typed.
		form := ben.Get(tab + "/captions?view=grid&attachment=" + plan + "&attachment=" + list)
		if p := ben.Submit(form, "form[method=post][action*=captions]", url.Values{"caption-" + plan: {"The plan"}}); p.URL.RawQuery != "view=grid" || !p.Has("The plan") {
			t.Errorf("%s: %d at %s", tab, p.Status, p.URL)
		}
		again := app.As("ada").Submit(form, "form[method=post][action*=captions]", url.Values{"caption-" + plan: {"Another plan"}})
		if again.Status != http.StatusUnprocessableEntity || !strings.Contains(again.Problem("caption-"+plan), "“The plan”") {
			t.Errorf("%s: overtaken: %d %q", tab, again.Status, again.Problem("caption-"+plan))
		}
		if p := app.As("ada").Submit(again, "form[method=post][action*=captions]", nil); !p.Has("Another plan") {
			t.Errorf("%s: kept caption: %d", tab, p.Status)
		}
		long := ben.Post(tab+"/captions", url.Values{"attachment": {list}, "caption-" + list: {strings.Repeat("x", 201)}})
		if long.Status != http.StatusUnprocessableEntity || long.Problem("caption-"+list) == "" {
			t.Errorf("%s: a long caption: %d", tab, long.Status)
		}

		// Removal asks first.
		ask := ben.Get(tab + "/removal?attachment=" + plan + "&attachment=" + list)
		if !ask.Has("Remove 2 files?") {
			t.Errorf("%s: %s", tab, ask.Text("main"))
		}
		if p := ben.Submit(ask, "form[method=post][action*=removal]", nil); !p.Has("2 files were removed.") || p.Has("list.csv") {
			t.Errorf("%s: removal: %d", tab, p.Status)
		}
		if p := ben.Get("/office/attachments/" + plan); p.Status != http.StatusNotFound {
			t.Errorf("%s: a removed file: %d", tab, p.Status)
		}
		ben.Post(tab+"/removal", url.Values{"attachment": {file("Plan.txt")}})
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where thing = 'attachment' and action = 'removed'`); n != 3*len(tabs) {
		t.Errorf("%d removals in the log", n)
	}
	// The files of one thing are not reached through another.
	ben.Upload(tabs[0], nil, note("here.txt"))
	here := apptest.Value[string](app, `select public_id from attachments where name = 'here.txt'`)
	for _, tab := range tabs[1:] {
		if p := ben.Post(tab+"/removal", url.Values{"attachment": {here}}); !p.Has("Tick the files first.") {
			t.Errorf("removed through %s: %d", tab, p.Status)
		}
	}
}

// A script sends each file by itself, and reads a sentence.
func TestFilesByScript(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, tt := range []struct {
		who, path, nonce string
		file             apptest.File
		status           int
		words            string
	}{
		{"ben", tabs[0], "a", note("a.txt"), http.StatusNoContent, ""},
		{"ben", tabs[0], "a", note("a.txt"), http.StatusNoContent, ""}, // the answer was lost
		{"ben", tabs[0], "b", apptest.File{Field: "files", Name: "b.pdf", Content: []byte("nothing")}, http.StatusUnprocessableEntity, "“b.pdf” is in fact text. Open it, save it again and send the new file."},
		{"ben", "/office/jobs/J-0/attachments", "c", note("c.txt"), http.StatusNotFound, "There is nothing at this address, or you do not have access to it.\n"},
		{"lee", "/jobs/J-1001/files", "d", note("d.txt"), http.StatusNoContent, ""},
		{"lee", "/jobs/J-1001/files", "d", note("d.txt"), http.StatusNoContent, ""},
		{"lee", "/jobs/J-1002/files", "e", note("e.txt"), http.StatusConflict, "This job is Completed, so no more files can be added here.\n"},
		{"lee", "/quotes/Q-1003/files", "f", apptest.File{Field: "files", Name: "f.html", Content: []byte("<p>")}, http.StatusUnprocessableEntity, "“f.html” is not a type we accept. " + imaging.Taken},
	} {
		p := app.As(tt.who).Script(tt.path, url.Values{"nonce": {tt.nonce}}, tt.file)
		if p.Status != tt.status || !strings.EqualFold(p.Body, tt.words) {
			t.Errorf("%s sends %s: %d %q", tt.who, tt.file.Name, p.Status, p.Body)
		}
	}
	names := apptest.Value[[]string](app, `select array_agg(name order by name) from attachments where name like '_.txt'`)
	if !slices.Equal(names, []string{"a.txt", "d.txt"}) {
		t.Errorf("kept are %v", names)
	}
}
