package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// Somebody new calls: from New Job to their first job, with customer, site and
// contact made on the way.
func TestNewCustomerOnTheWayToAJob(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	choose := ben.Get("/office/jobs/new?q=Élan")
	if choose.Find("#search-q[autofocus]").Length() != 1 {
		t.Error("the cursor is not in the search")
	}
	link, _ := choose.Find("#results .empty a").Attr("href")
	p := ben.Get(link)
	if p.Find("#name").AttrOr("value", "") != "Élan" {
		t.Errorf("%s does not begin with what was searched for", link)
	}
	p = ben.Submit(p, form, url.Values{"name": {"Harbour Dental"}})
	if p.Status != 409 || p.Find(".notice a.choice-list__item").AttrOr("href", "") != "/office/jobs/new?customer=C-1001" || p.Find("#name").AttrOr("value", "") != "Harbour Dental" {
		t.Fatalf("one like it: %d %s", p.Status, p.Text("main .notice"))
	}
	p = ben.Submit(p, form, url.Values{"different": {"yes"}})
	if p.URL.RequestURI() != "/office/jobs/new?customer=C-1004" || !p.Has("Harbour Dental was added.") {
		t.Fatalf("%d at %s", p.Status, p.URL)
	}
	bad := ben.Submit(p, form, url.Values{"type": {"1"}, "description": {"Leaking"}, "site": {"new"}, "main_contact": {"new"}, "new_contact_email": {"x"}})
	for _, field := range []string{"new_site_name", "new_contact_name", "new_contact_email"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%d, no problem at %s", bad.Status, field)
		}
	}
	if bad.Find("#site option[selected]").AttrOr("value", "") != "new" || bad.Find("#new_contact_email").AttrOr("value", "") != "x" {
		t.Error("what was chosen and typed is gone")
	}
	typed := url.Values{"new_site_name": {"Café"}, "new_site_address_city": {"Manly"}, "new_contact_name": {"Élise Élan"}, "new_contact_email": {"elise@elan.test"}, "new_contact_phone": {"0412 000 999"}}
	made := ben.Submit(bad, form, typed)
	if !made.Has("was created.") || !made.Has("Café") || !made.Has("Élise Élan") {
		t.Fatalf("%d at %s: %s", made.Status, made.URL, made.Text("main"))
	}
	if again := ben.Submit(bad, form, typed); again.URL.Path != made.URL.Path {
		t.Errorf("the same form again: %d at %s", again.Status, again.URL)
	}
	if got := apptest.Value[string](app, `select concat_ws('|', (select count(*) from sites where customer_id = 4), count(*), bool_and(is_default), bool_and(access = 'none')) from contacts where customer_id = 4`); got != "1|1|t|t" {
		t.Errorf("sites, contacts, the default, without access: %s", got)
	}
	taken := ben.Submit(ben.Get("/office/jobs/new?customer=C-1004"), form, url.Values{"type": {"1"}, "description": {"Again"}, "new_site_name": {"café"}, "new_contact_name": {"Two"}, "new_contact_email": {"elise@elan.test"}})
	if taken.Status != 422 || taken.Problem("new_site_name") == "" {
		t.Errorf("a name that is taken: %d %s", taken.Status, taken.Text(".field__problem"))
	}
}

// A quote brings a site and a contact along, too; nothing of them is left when
// the quote is refused.
func TestNewSiteAndContactWithAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	open := ben.Get("/office/quotes/new?customer=C-1001")
	typed := url.Values{"new_site_name": {"Depot"}, "new_contact_name": {"Nia"}, "description": {""}}
	if p := ben.Submit(open, form, typed); p.Status != 422 || p.Problem("description") == "" || p.Find("#new_site_name").AttrOr("value", "") != "Depot" {
		t.Errorf("%d %s", p.Status, p.Text(".field__problem"))
	}
	count := `select count(*)::int from sites s, contacts c where s.name = 'Depot' and c.name = 'Nia' and s.customer_id = 1 and c.customer_id = 1`
	if n := apptest.Value[int](app, count); n != 0 {
		t.Error("added without the quote")
	}
	typed.Set("description", "A new unit")
	p := ben.Submit(open, form, typed)
	if !strings.HasPrefix(p.URL.Path, "/office/quotes/Q-") || !p.Has("Depot") || !p.Has("Nia") || apptest.Value[int](app, count) != 1 {
		t.Errorf("%d at %s: %s", p.Status, p.URL, p.Text("main"))
	}
	if apptest.Value[bool](app, `select is_default from contacts where name = 'Nia'`) {
		t.Error("another customer's default has changed")
	}
}

// Where a new customer leads on to is one of ours.
func TestNewCustomerLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	ben := apptest.New(t).As("ben")
	for _, address := range []string{"https://elsewhere.example", "//elsewhere.example", "/office/logout", "/login"} {
		p := ben.Get("/office/customers/new?for=" + url.QueryEscape(address))
		if strings.Contains(p.Text("form.form"), address) || p.Find(`[name=for]`).Length() != 0 || strings.Contains(p.Body, "elsewhere.example") {
			t.Errorf("%s is kept", address)
		}
	}
}
