package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// Staff say what a file is as a document, when they send it and afterwards.
func TestDocumentsOfTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`delete from attachments`)
	const tab = "/office/jobs/J-1001/attachments"
	csv := []byte("part,number\nbelt,2\n")
	kept := func(name string) string {
		return apptest.Value[string](app, `select concat_ws(' ', document_kind_id, at_site_id, at_equipment_id, valid_until) from attachments where name = $1`, name)
	}
	// Sent by itself, as a script does, or with the form.
	p := ben.Upload(tab, url.Values{"document_kind": {"1"}, "place": {"site-2"}, "valid_until": {"2031-03-01"}}, apptest.File{Field: "files", Name: "five years.csv", Content: csv}, apptest.File{Field: "files", Name: "unit.jpg", Content: picture(t)})
	if p.Status != 200 || kept("five years.csv") != "1 2 2031-03-01" || kept("unit.jpg") != "" || !p.Has("Safety certificate, Pitt Street, valid until 1 Mar 2031") {
		t.Errorf("%d: %q, %q: %s", p.Status, kept("five years.csv"), kept("unit.jpg"), p.Text("main"))
	}
	for _, wrong := range []url.Values{
		{"document_kind": {""}, "valid_until": {"2031-03-01"}}, {"document_kind": {"99"}}, {"document_kind": {"1"}, "place": {"site-3"}}, {"document_kind": {"1"}, "valid_until": {"soon"}}, {"document_kind": {"1"}, "place": {"equipment-2"}},
	} {
		if p := ben.Upload(tab, wrong, apptest.File{Field: "files", Name: "wrong.csv", Content: csv}); p.Status != 409 || !p.Has("Nothing was added.") {
			t.Errorf("%v: %d %s", wrong, p.Status, p.Text("main"))
		}
	}
	ben.Upload(tab, nil, apptest.File{Field: "files", Name: "report.csv", Content: csv})
	if kept("report.csv") != "" {
		t.Errorf("a plain file is a document: %q", kept("report.csv"))
	}
	// Afterwards, from the ticked files: where the job is stands there already.
	id := func(name string) string {
		return apptest.Value[string](app, `select public_id from attachments where name = $1`, name)
	}
	form := ben.Get(tab + "/document?attachment=" + id("report.csv"))
	if form.Find("#place option[selected]").Text() != "George Street" {
		t.Errorf("the place is %q", form.Find("#place option[selected]").Text())
	}
	other := ben.Get(tab + "/document?attachment=" + id("report.csv"))
	if p := ben.Submit(form, "main form", url.Values{"document_kind": {"2"}, "valid_until": {"2030-01-31"}, "place": {"equipment-1"}}); !p.Has("Saved.") || kept("report.csv") != "2 1 2030-01-31" {
		t.Errorf("%q: %s", kept("report.csv"), p.Text("main"))
	}
	again := ben.Submit(other, "main form", url.Values{"document_kind": {"3"}})
	if again.Status != 409 || !again.Has("Somebody else has changed this") || !strings.HasPrefix(kept("report.csv"), "2 ") {
		t.Errorf("with an old form: %d %q", again.Status, kept("report.csv"))
	}
	if p := ben.Submit(again, "main form", url.Values{"document_kind": {"3"}}); p.Status != 200 || !strings.HasPrefix(kept("report.csv"), "3 ") {
		t.Errorf("saved again: %d %q", p.Status, kept("report.csv"))
	}
	if p := ben.Submit(ben.Get(tab+"/document?attachment="+id("report.csv")), "main form", url.Values{"document_kind": {"3"}, "place": {"site-3"}}); p.Status != 422 || p.Problem("place") == "" {
		t.Errorf("another customer's site: %d", p.Status)
	}
	if p := ben.Get(tab + "/document?attachment=" + id("unit.jpg")); !p.Has("A photo cannot be a document") {
		t.Errorf("a photo: %s", p.Text("main"))
	}
	// A file of another job is not reached from here.
	app.Exec(`update attachments set job_id = 2 where name = 'five years.csv'`)
	ben.Post(tab+"/document", url.Values{"attachment": {id("five years.csv")}, "document_kind": {"3"}})
	if kept("five years.csv") != "1 2 2031-03-01" {
		t.Errorf("changed from another job's page: %q", kept("five years.csv"))
	}
	// The list, of all and of one site, and as a file.
	for path, want := range map[string][2]string{
		"/office/documents":                            {"five years.csv", "unit.jpg"},
		"/office/documents?customer=C-1001&site=2":     {"five years.csv", "report.csv"},
		"/office/documents?customer=C-1001&site=1":     {"report.csv", "five years.csv"}, // at the equipment's site
		"/office/documents?kind=3":                     {"report.csv", "five years.csv"},
		"/office/documents?q=pitt":                     {"five years.csv", "report.csv"},
		"/office/documents?show=expired":               {"No document found", "five years.csv"},
		"/office/documents?customer=C-1002":            {"No document found", "five years.csv"},
		"/office/documents.csv?customer=C-1001&kind=1": {"five years.csv", "report.csv"},
		"/office/customers/C-1001/sites/2":             {"five years.csv", "report.csv"},
	} {
		if p := ben.Get(path); p.Status != 200 || !strings.Contains(p.Body, want[0]) || strings.Contains(p.Body, want[1]) {
			t.Errorf("%s: %d %s", path, p.Status, p.Text("main"))
		}
	}
	// No document any more.
	if p := ben.Submit(ben.Get(tab+"/document?attachment="+id("report.csv")), "main form", url.Values{"document_kind": {""}, "place": {""}, "valid_until": {""}}); p.Status != 200 || kept("report.csv") != "" {
		t.Errorf("%d %q", p.Status, kept("report.csv"))
	}
}

// Kinds are managed by Administrators: added, renamed and archived.
func TestKindsOfDocuments(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const list = "/office/admin/document-kinds"
	if p := app.As("ben").Get(list); p.Status != 403 {
		t.Errorf("Ben: %d", p.Status)
	}
	if p := ada.Submit(ada.Get(list+"/new"), "main form", url.Values{"name": {"manual"}}); p.Problem("name") == "" {
		t.Errorf("the same name: %d", p.Status)
	}
	form := ada.Get(list + "/new")
	for range 2 { // pressed twice
		if p := ada.Submit(form, "main form", url.Values{"name": {"Gas check"}, "active": {"yes"}}); p.Status != 200 || !p.Has("Gas check was added.") {
			t.Errorf("%d: %s", p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from document_kinds where name = 'Gas check'`); n != 1 {
		t.Errorf("%d kinds", n)
	}
	path := list + "/" + apptest.Value[string](app, `select id::text from document_kinds where name = 'Gas check'`)
	old := ada.Get(path)
	if p := ada.Submit(ada.Get(path), "main form", url.Values{"name": {"Gas safety check"}, "active": nil}); !p.Has("Gas safety check") || !p.Has("Archived") {
		t.Errorf("%s", p.Text("main"))
	}
	if p := ada.Submit(old, "main form", url.Values{"name": {"Gas"}}); p.Status != 409 || !p.Has("Ada Fontaine changed this while you had it open") {
		t.Errorf("with an old form: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Get("/office/jobs/J-1001/attachments"); p.Find("#document_kind option").Length() != 5 || strings.Contains(p.Text("#document_kind"), "Gas") {
		t.Errorf("offered are %s", p.Text("#document_kind"))
	}
}

// A site's page in the office shows what goes on there.
func TestPageOfASiteInTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set all_sites = false where id = 2`)
	app.Exec(`insert into contact_sites (customer_id, contact_id, site_id) values (1, 2, 1)`)
	p := app.As("ben").Get("/office/customers/C-1001/sites/1")
	for _, words := range []string{"Rooftop unit service", "Next", "Rooftop unit 2", "Due soon", "Kim Tran", "OFFICE-ONLY key under the mat", "No certificates or other documents"} {
		if !p.Has(words) {
			t.Errorf("the page does not show %q: %s", words, p.Text("main"))
		}
	}
	if p.Has("Surgery 4") {
		t.Error("the page shows another site's job")
	}
	if p := app.As("ben").Get("/office/customers/C-1001/sites/2"); !p.Has("Past") || !p.Has("Surgery 4 not cooling") || p.Has("Kim Tran") {
		t.Errorf("Pitt Street: %s", p.Text("main"))
	}
}

// The office, too, is asked where something new is, and offered what stands there.
func TestOfficeFormsAskForTheSite(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`insert into equipment (customer_id, number, name, type, site_id, origin) values (1, 'E-7', 'Pitt boiler', 'Boiler', 2, 'office')`)
	for path, fields := range map[string]url.Values{
		"/office/jobs/new": {"type": {"1"}, "description": {"x"}}, "/office/quotes/new": {"description": {"x"}, "name": {"x"}}, "/office/equipment/new": {"name": {"x"}, "type": {"x"}},
	} {
		if p := ben.Submit(ben.Get(path+"?customer=C-1001"), "main form", fields); p.Status != 422 || p.Problem("site") == "" {
			t.Errorf("%s: %d", path, p.Status)
		}
		if p := ben.Submit(ben.Get(path+"?customer=C-1002"), "main form", fields); p.Problem("site") != "" {
			t.Errorf("%s asks a customer of one site", path)
		}
	}
	if p := ben.Get("/office/jobs/new?customer=C-1001&site=2"); !strings.Contains(p.Text("main form"), "Pitt boiler") || strings.Contains(p.Text("main form"), "Rooftop unit 2") {
		t.Errorf("at Pitt Street: %s", p.Text("main form"))
	}
}
