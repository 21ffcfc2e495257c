package portalweb_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

func TestJobsAreThoseTheContactSees(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, tt := range []struct {
		who, path string
		status    int
		shows     string
	}{
		{"lee", "/jobs", 200, "Rooftop unit service"},
		{"lee", "/jobs?q=surgery", 200, "Surgery 4 not cooling"},
		{"lee", "/jobs?q=nothing+like+it", 200, "No job found"},
		{"lee", "/jobs?status=nonsense&site=x&sort=%00&after=%ff&q=%27", 200, "No job found"},
		{"lee", "/jobs/J-1001", 200, "Quarterly service of rooftop unit 2"},
		{"lee", "/jobs/J-1002", 200, "Replaced the capacitor and tested."},
		{"lee", "/jobs/J-1003", 404, "Page not found"},
		{"lee", "/jobs/J-9999", 404, "Page not found"},
		{"lee", "/jobs/new", 200, "New Job"},
		{"lee", "/attachments/nothing", 404, "Page not found"},
		{"kim", "/jobs/J-1002", 200, "Surgery 4 not cooling"},
		{"kim", "/jobs/J-1001", 404, "Page not found"},
		{"kim", "/jobs/J-1001/edit", 403, "not change them"},
		{"kim", "/jobs/new", 403, "not ask for new ones"},
		{"kim", "/jobs/J-1002/edit", 403, "not change them"},
		{"ola", "/jobs/J-1001", 404, "Page not found"},
	} {
		p := app.As(tt.who).Get(tt.path)
		if p.Status != tt.status || !p.Has(tt.shows) || strings.Contains(p.Body, "OFFICE-ONLY") || strings.Contains(p.Body, "INV-77") {
			t.Errorf("%s at %s: %d %s", tt.who, tt.path, p.Status, p.Text("main"))
		}
	}
}

func TestJobIsOpened(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	form := lee.Get("/jobs/new")
	nonce, _ := form.Find("input[name=nonce]").Attr("value")
	contact, _ := form.Find("input[name=contact]").Attr("value")
	fields := url.Values{"contact": {contact}, "nonce": {nonce}, "type": {"2"}, "site": {"1"}, "description": {"Water drips from the ceiling"}, "purchase_order": {"PO-7"}, "equipment": {"1"}}
	files := []apptest.File{
		{Field: "files", Name: "Tröpfchen.jpg", Content: photo(t)},
		{Field: "files", Name: "plan.txt", Content: []byte("Second door on the left")},
		{Field: "files", Name: "virus.exe", Content: []byte("MZ\x00\x01\x02")},
	}
	page := lee.Upload("/jobs", fields, files...)
	if page.Status != 200 || page.URL.Path != "/jobs/J-1005" || !page.Has("We have your job J-1005") || !page.Has("“virus.exe”") {
		t.Fatalf("%d at %s: %s", page.Status, page.URL, page.Text("main"))
	}
	for _, words := range []string{"Water drips from the ceiling", "George Street", "Breakdown", "PO-7", "Rooftop unit 2", "plan.txt", "Lee Nakamura"} {
		if !page.Has(words) {
			t.Errorf("the job's page does not show %q", words)
		}
	}
	// Sent twice, it is one job with the files of the first time, and one mail for each address.
	again := lee.Upload("/jobs", fields, files...)
	if again.URL.Path != "/jobs/J-1005" {
		t.Errorf("sent twice: %s", again.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from jobs where origin = 'portal'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where customer_view and uploaded_by_contact_id = 1`); n != 2 {
		t.Errorf("%d files", n)
	}
	if told := apptest.Value[[]string](app, `select array_agg(to_address order by to_address) from emails where kind <> 'job-received'`); strings.Join(told, " ") != "desk@northwind.test urgent@northwind.test" {
		t.Errorf("told: %q", told)
	}
	// Nobody else sees it or its files.
	id := apptest.Value[string](app, `select public_id from attachments where kind = 'document' and uploaded_by_contact_id = 1`)
	document := lee.Get("/attachments/" + id)
	if document.Status != 200 || document.Body != "Second door on the left" || !strings.HasPrefix(document.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(document.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the document: %d %v", document.Status, document.Header)
	}
	for _, who := range []string{"kim", "ola"} {
		if p := app.As(who).Get("/attachments/" + id); p.Status != 404 {
			t.Errorf("%s opens Lee's file: %d", who, p.Status)
		}
		if p := app.As(who).Post("/attachments/"+id+"/removal", nil); p.Status != 404 {
			t.Errorf("%s removes Lee's file: %d", who, p.Status)
		}
	}
	// The photo shows a drawing until its renditions are made.
	picture := apptest.Value[string](app, `select public_id from attachments where kind = 'photo' and uploaded_by_contact_id = 1`)
	for deadline := time.Now().Add(20 * time.Second); apptest.Value[string](app, `select state from attachments where kind = 'photo' and uploaded_by_contact_id = 1`) == "preparing"; {
		if p := lee.Get("/attachments/" + picture + "/thumb"); p.Status != 200 || !strings.HasPrefix(p.Header.Get("Content-Type"), "image/") {
			t.Fatalf("thumb of a photo: %d %v", p.Status, p.Header)
		}
		if time.Now().After(deadline) {
			t.Fatal("the photo is never prepared")
		}
	}
	shown := lee.Get("/attachments/" + picture)
	if shown.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(shown.Header.Get("Content-Disposition"), "filename*=utf-8''Tr%C3%B6pfchen.jpg") {
		t.Errorf("the photo: %v", shown.Header)
	}
	// Until work starts Lee may take files back, then they stay.
	if p := lee.Submit(again, "form[action$='"+id+"/removal']", nil); p.Status != 200 || p.Has("plan.txt") {
		t.Errorf("taking back: %d", p.Status)
	}
	app.Exec(`update jobs set status = 'in progress' where number = 'J-1005'`)
	if p := lee.Post("/attachments/"+picture+"/removal", nil); p.Status != 409 {
		t.Errorf("taking back after work has started: %d", p.Status)
	}
	if p := lee.Get("/jobs/J-1005"); !p.Has("Work on this job has started") || p.Find("a[href$='/edit']").Length() != 0 {
		t.Error("the page does not say why the job cannot be edited")
	}
	if p := lee.Upload("/jobs/J-1005/files", nil, apptest.File{Field: "files", Name: "more.txt", Content: []byte("more")}); !p.Has("1 file was added.") || !p.Has("more.txt") {
		t.Errorf("adding a file to what Lee asked for: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Upload("/jobs/J-1005/files", nil, apptest.File{Field: "files", Name: "more.exe", Content: []byte("MZ")}); p.Status != 422 || !strings.Contains(p.Problem("files"), "more.exe") {
		t.Errorf("adding a bad file: %d %q", p.Status, p.Problem("files"))
	}
}

func TestJobIsRefused(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ola := app.As("lee"), app.As("ola")
	good := url.Values{"type": {"1"}, "site": {"1"}, "description": {"Filters"}}
	with := func(name, value string) url.Values {
		f := url.Values{name: {value}}
		for k, v := range good {
			if k != name {
				f[k] = v
			}
		}
		return f
	}
	yesterday := app.Today().AddDays(-1).String()
	for _, tt := range []struct {
		rule   string
		by     *apptest.Browser
		fields url.Values
		field  string
	}{
		{"no description", lee, with("description", " \x00\t"), "description"},
		{"an overlong description", lee, with("description", strings.Repeat("a", 10_001)), "description"},
		{"no type", lee, with("type", ""), "type"},
		{"a type that is not there", lee, with("type", "99"), "type"},
		{"another customer's site", lee, with("site", "3"), "site"},
		{"a site that is not there", lee, with("site", "99999999999999999999"), ""},
		{"another customer's equipment", lee, with("equipment", "2"), "equipment"},
		{"a day gone by", lee, with("preferred_on", yesterday), "preferred_on"},
		{"no day", lee, with("preferred_on", "2026-02-30"), "preferred_on"},
		{"an overlong purchase order", lee, with("purchase_order", strings.Repeat("ü", 201)), "purchase_order"},
		{"a site of Lee's from Ola", ola, good, "site"},
	} {
		p := tt.by.Upload("/jobs", tt.fields, apptest.File{Field: "files", Name: "photo.jpg", Content: photo(t)})
		if tt.field == "" { // nonsense is nothing: the job has no site
			if p.Status != 200 {
				t.Errorf("%s: %d", tt.rule, p.Status)
			}
			continue
		}
		if p.Status != 422 || p.Problem(tt.field) == "" || !strings.Contains(p.Problem("files"), "hoose your files again") {
			t.Errorf("%s: %d, %q", tt.rule, p.Status, p.Text("main"))
		}
		if tt.field != "description" && !strings.Contains(p.Text("textarea"), "Filters") {
			t.Errorf("%s: what was typed is gone", tt.rule)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from jobs where origin = 'portal'`); n != 1 {
		t.Errorf("%d jobs were opened", n)
	}
	if p := lee.Upload("/jobs", with("contact", "4")); p.Status != 409 || !p.Has("Harbour Dental") {
		t.Errorf("a form of another customer: %d %s", p.Status, p.Text("main"))
	}
	if p := app.As("kim").Upload("/jobs", good); p.Status != 403 {
		t.Errorf("without the right: %d", p.Status)
	}
	app.Exec(`update customers set on_hold = true where id = 1`)
	if p := lee.Get("/jobs/new"); !p.Has("(02) 5550 1000") || p.Find("textarea").Length() != 0 {
		t.Error("the form of a customer on hold")
	}
	if p := lee.Upload("/jobs", good); p.Status != 409 || !p.Has("(02) 5550 1000") {
		t.Errorf("on hold: %d", p.Status)
	}
}

func TestPreferredDate(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, func(t *testing.T) {
		app := apptest.New(t)
		lee, today := app.As("lee"), app.Today()
		if first := lee.Get("/jobs/new").Find("#preferred_on").AttrOr("min", ""); first != today.String() {
			t.Errorf("days are offered from %s on, today is %s", first, today)
		}
		for on, status := range map[day.Day]int{today.AddDays(-1): 422, today: 200} {
			p := lee.Upload("/jobs", url.Values{"type": {"1"}, "site": {"1"}, "description": {"Filters"}, "preferred_on": {on.String()}})
			if p.Status != status || (status == 422 && p.Problem("preferred_on") == "") {
				t.Errorf("%s, today is %s: %d %s", on, today, p.Status, p.Text("main"))
			}
		}
	})
}

func TestSitesLimitNewJobs(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set all_sites = false where id = 1`)
	app.Exec(`insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`)
	lee := app.As("lee")
	for site, status := range map[string]int{"": 422, "1": 422, "2": 200} {
		p := lee.Upload("/jobs", url.Values{"type": {"1"}, "site": {site}, "description": {"Filters"}})
		if p.Status != status || (status == 422 && p.Problem("site") == "") {
			t.Errorf("site %q: %d %s", site, p.Status, p.Text("main"))
		}
	}
}

func TestJobIsAmended(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	form := lee.Get("/jobs/J-1001/edit")
	page := lee.Submit(form, "main form", url.Values{"description": {"Service both units"}, "purchase_order": {"PO-8"}, "site": {""}})
	if page.URL.Path != "/jobs/J-1001" || !page.Has("Service both units") || !page.Has("PO-8") || page.Has("George Street") {
		t.Fatalf("%d %s", page.Status, page.Text("main"))
	}
	// The old form again: somebody was faster, what was typed stays.
	page = lee.Submit(form, "main form", url.Values{"description": {"Service nothing"}})
	if page.Status != 409 || !page.Has("was changed while you had it open") || !page.Has("Service both units") || !strings.Contains(page.Text("textarea"), "Service nothing") {
		t.Fatalf("%d %s", page.Status, page.Text("main"))
	}
	page = lee.Submit(page, "main form", nil)
	if page.URL.Path != "/jobs/J-1001" || !page.Has("Service nothing") {
		t.Errorf("saved after all: %d %s", page.Status, page.Text("main"))
	}
	if p := lee.Submit(form, "main form", url.Values{"description": {""}}); p.Status != 422 || p.Problem("description") == "" {
		t.Errorf("no description: %d", p.Status)
	}
	app.Exec(`update jobs set status = 'in progress' where number = 'J-1001'`)
	if p := lee.Submit(form, "main form", nil); p.Status != 409 || !p.Has("In Progress") {
		t.Errorf("after work has started: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Get("/jobs/J-1001/edit"); p.URL.Path != "/jobs/J-1001" || !p.Has("Work on this job has started") {
		t.Errorf("the form after work has started: %s", p.URL)
	}
}

func photo(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
