package portalweb_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"fieldgate/web/apptest"
)

func TestMyDetails(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into attachments (customer_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id) values
		(1, 'Service agreement.pdf', 'document', 'application/pdf', 9, 'a', true, 1), (1, 'OFFICE-ONLY.pdf', 'document', 'application/pdf', 9, 'b', false, 1)`)
	lee := app.As("lee")
	p := lee.Get("/details")
	for _, words := range []string{"Lee Nakamura", "lee@demo.test", "Harbour Dental Group Pty Ltd", "George Street", "12 George Street, Parramatta NSW 2150", "Service agreement.pdf"} {
		if !p.Has(words) {
			t.Errorf("not there: %s", words)
		}
	}
	for _, words := range []string{"OFFICE-ONLY", "14 days", "Payment terms", "Tower"} {
		if strings.Contains(p.Body, words) {
			t.Errorf("there: %s", words)
		}
	}
	app.Exec(`update portal_settings set hide_admin_details = false`)
	if p := lee.Get("/details"); !p.Has("14 days") {
		t.Error("no admin details, though they are not hidden")
	}
	p = app.As("kim").Get("/details")
	if p.Has("Service agreement") || p.Find(`a[href="/details/company/edit"], a[href="/details/sites/new"], a[href$="/1/edit"]`).Length() > 0 || !p.Has("Kim Tran") {
		t.Error(p.Text("main"))
	}
	app.Exec(`update contacts set all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`)
	p = lee.Get("/details")
	if p.Has("George Street") || !p.Has("Pitt Street") || p.Has("Service agreement") || p.Find(`a[href="/details/sites/new"]`).Length() > 0 {
		t.Error("limited to Pitt Street:", p.Text("main"))
	}
	for _, path := range []string{"/details/sites/1/edit", "/details/sites/3/edit", "/details/sites/x/edit", "/details/sites/99999999999999999999/edit"} {
		if p := lee.Get(path); p.Status != 404 {
			t.Error(path, p.Status)
		}
		if p := lee.Post(path, url.Values{"name": {"Mine"}, "version": {"1"}}); p.Status != 404 {
			t.Error(path, p.Status)
		}
	}
	if p := lee.Get("/details/sites/new"); p.Status != 403 {
		t.Error(p.Status)
	}
	// A name that is taken would tell what the other sites are called.
	if p := lee.Get("/details/sites/2/edit"); p.Status != 200 || p.Find("#name").Length() > 0 || !p.Has("Pitt Street") {
		t.Error("the form of the one site:", p.Status, p.Text("main"))
	}
	taken := url.Values{"name": {"George Street"}, "site_contact": {"Jo"}, "version": {"1"}}
	if p := lee.Post("/details/sites/2/edit", taken); p.Status != 200 || !p.Has("Pitt Street was saved.") || p.Has("George Street") {
		t.Error("renamed to a hidden site's name:", p.Status, p.Text("main"))
	}
	if p := lee.Post("/details/sites", url.Values{"name": {"Mine"}}); p.Status != 403 {
		t.Error(p.Status)
	}
}

func TestOwnDetailsAreEdited(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	kim := app.As("kim")
	page := kim.Get("/details/edit")
	if p := kim.Submit(page, "form.form", url.Values{"name": {""}, "phone": {"0491 570 111"}}); p.Status != 422 || p.Problem("name") == "" || p.Find("#phone").AttrOr("value", "") != "0491 570 111" {
		t.Error(p.Status, p.Problem("name"))
	}
	// Two presses at the same moment: one saves, the other is told that it was overtaken.
	var wait sync.WaitGroup
	var got [2]apptest.Page
	for i := range got {
		wait.Go(func() {
			got[i] = kim.Submit(page, "form.form", url.Values{"name": {"Kim Trần"}, "role": {"Practice Manager"}})
		})
	}
	wait.Wait()
	if got[0].Status+got[1].Status != 200+409 {
		t.Error(got[0].Status, got[1].Status)
	}
	if p := kim.Get("/details"); !p.Has("Kim Trần") || !p.Has("Practice Manager") {
		t.Error(p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'details-changed' and payload::text like '%Practice Manager%'`); n != 1 {
		t.Error(n, "mails")
	}
	// What the form does not hold stays as it was.
	kim.Submit(kim.Get("/details/edit"), "form.form", url.Values{"email": {"evil@demo.test"}, "jobs_see": {"all"}, "company_edit": {"on"}, "notes": {"x"}})
	if same := apptest.Value[bool](app, `select email = 'kim@demo.test' and jobs_see = 'own' and not company_edit and notes = '' and access = 'active' from contacts where id = 2`); !same {
		t.Error("more was changed than the form holds")
	}
}

func TestCompanyDetailsAreEdited(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	first, second := lee.Get("/details/company/edit"), lee.Get("/details/company/edit")
	p := lee.Submit(first, "form.form", url.Values{"phone": {"(02) 5550 7000"}, "street_line1": {"1 Quay Lane"}, "street_city": {"Sydney"}})
	if p.Status != 200 || p.URL.Path != "/details" || !p.Has("(02) 5550 7000") || !p.Has("1 Quay Lane, Sydney") {
		t.Fatal(p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'details-changed' and to_address = 'details@northwind.test' and payload::text like '%Quay Lane%'`); n != 1 {
		t.Error(n, "mails")
	}
	p = lee.Submit(second, "form.form", url.Values{"phone": {"(02) 5550 8000"}})
	if p.Status != 409 || !p.Has("changed while you had it open") || !p.Has("(02) 5550 7000") || !p.Has("1 Quay Lane") || p.Find("#phone").AttrOr("value", "") != "(02) 5550 8000" {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p := lee.Submit(first, "form.form", url.Values{"email": {"nonsense"}, "postal_city": {strings.Repeat("x", 201)}}); p.Status != 422 && p.Status != 409 {
		t.Error(p.Status)
	}
	p = lee.Submit(lee.Get("/details/company/edit"), "form.form", url.Values{"email": {"nonsense"}, "postal_city": {strings.Repeat("x", 201)}})
	if p.Status != 422 || p.Problem("email") == "" || p.Problem("postal_city") == "" {
		t.Error(p.Status, p.Problem("email"), p.Problem("postal_city"))
	}
	if kept := apptest.Value[bool](app, `select notes like 'OFFICE%' and payment_terms = '14 days' and name = 'Harbour Dental' and not on_hold from customers where id = 1`); !kept {
		t.Error("what the office keeps was lost")
	}
	for _, who := range []string{"kim", "sam"} {
		if p := app.As(who).Post("/details/company/edit", url.Values{"phone": {"1"}, "version": {"2"}}); p.Status != 403 {
			t.Error(who, p.Status)
		}
	}
}

func TestSitesAreEdited(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	first, second := lee.Get("/details/sites/1/edit"), lee.Get("/details/sites/1/edit")
	if p := lee.Submit(first, "form.form", url.Values{"site_contact": {"Jo at reception"}}); p.Status != 200 || !p.Has("Jo at reception") {
		t.Fatal(p.Status, p.Text("main"))
	}
	p := lee.Submit(second, "form.form", url.Values{"site_contact": {"Nobody"}})
	if p.Status != 409 || !p.Has("Jo at reception") || p.Find("#site_contact").AttrOr("value", "") != "Nobody" {
		t.Error(p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/details/sites/1/edit"), "form.form", url.Values{"name": {"pitt street"}}); p.Status != 422 || p.Problem("name") != "There is a site of that name already." {
		t.Error(p.Status, p.Problem("name"))
	}
	if kept := apptest.Value[bool](app, `select access_instructions like 'OFFICE%' from sites where id = 1`); !kept {
		t.Error("what the office keeps was lost")
	}
	page := lee.Get("/details/sites/new")
	for range 2 {
		if p := lee.Submit(page, "form.form", url.Values{"name": {"Depot"}, "address_line1": {"5 Mill Road"}}); p.Status != 200 || !p.Has("5 Mill Road") {
			t.Error(p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'details-changed' and payload::text like '%Depot%'`); n != 1 {
		t.Error(n, "mails")
	}
	if p := lee.Get("/details/sites?q=mill"); !p.Has("Depot") || p.Has("Pitt Street") {
		t.Error(p.Text("#results"))
	}
	if p := lee.Submit(lee.Get("/details/sites/new"), "form.form", url.Values{"name": {""}}); p.Status != 422 || p.Problem("name") == "" {
		t.Error(p.Status)
	}
}
