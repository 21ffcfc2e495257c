package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
)

const contacts = "/office/customers/C-1001/contacts"

// form is what the main form of a page is found by.
const form = "main form.form[method=post]"

func TestInvitingAContact(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	open := ben.Get(contacts + "/new")
	for _, label := range []string{"Contact Name", "Email Address", "Permissions", "Password", "Email Notification"} {
		if open.Find("label, legend").FilterFunction(func(_ int, s *goquery.Selection) bool { return words(s) == label }).Length() == 0 {
			t.Errorf("no label %q", label)
		}
	}
	person := url.Values{"name": {"Nia Novak"}, "email": {"nia@harbour.test"}}
	saved := ben.Submit(open, form, person)
	if saved.Status != 200 || !strings.HasPrefix(saved.URL.Path, contacts+"/") || !saved.Has("The welcome email goes to nia@harbour.test") || !saved.Has("Invited") {
		t.Fatalf("%d at %s: %s", saved.Status, saved.URL, saved.Text("main"))
	}
	if got := apptest.Value[string](app, `select jobs_see || quotes_see || equipment_see || all_sites || access from contacts where name = 'Nia Novak'`); got != "allallalltrueinvited" {
		t.Errorf("the default gives %s", got)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where to_address in ('nia@harbour.test', 'people@northwind.test')`); n != 2 {
		t.Errorf("%d mails; one to the contact and one to Contact Notifications wanted", n)
	}
	again := ben.Submit(open, form, person)
	if n := apptest.Value[int](app, `select count(*) from contacts where name = 'Nia Novak'`); n != 1 || again.URL.Path != saved.URL.Path {
		t.Errorf("the same form again: %d contacts, at %s", n, again.URL)
	}
}

func TestPassingOnByHand(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	open := func() apptest.Page { return ben.Get(contacts + "/new") }

	link := ben.Submit(open(), form, url.Values{"name": {"Nia"}, "email": {"nia@harbour.test"}, "email_notification": nil})
	if link.Status != 200 || !strings.Contains(link.Text("code"), app.URL+"/welcome/") || link.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("link: %d, %s", link.Status, link.Text("main"))
	}
	welcome := strings.TrimPrefix(strings.Fields(link.Text("code"))[0], app.URL)
	if p := app.Nobody().Get(welcome); p.Status != 200 {
		t.Errorf("the link leads to %d", p.Status)
	}

	const password = "seven brave wombats hum"
	set := url.Values{"name": {"Oto"}, "email": {"oto@harbour.test"}, "email_notification": nil, "password_choice": {"set"}, "password": {password}}
	fresh := ben.Submit(open(), form, set)
	set["name"], set["email"] = []string{"Ola too"}, []string{"ola@demo.test"} // who is a person already
	known := ben.Submit(open(), form, set)
	if !fresh.Has(password) || !known.Has(password) {
		t.Errorf("not shown: %s", fresh.Text("main"))
	}
	same := strings.NewReplacer("Ola too", "Oto", "ola@demo.test", "oto@harbour.test").Replace(known.Text("main"))
	if same != fresh.Text("main") {
		t.Errorf("the words tell that an address is known:\n%s\n%s", fresh.Text("main"), same)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'welcome'`); n != 0 {
		t.Errorf("%d welcome emails", n)
	}
	if list := ben.Get(contacts); list.Has(password) || list.Has("/welcome/") {
		t.Error("shown again")
	}
}

func TestAPasswordByMail(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for _, tt := range []struct{ name, email, mail string }{
		{"somebody new", "nia@harbour.test", "a password"},
		{"a person, whose password is nobody else's business", "ola@demo.test", "a link"},
	} {
		saved := ben.Submit(ben.Get(contacts+"/new"), form, url.Values{"name": {tt.name}, "email": {tt.email}, "password_choice": {"set"}, "password": {"seven brave wombats hum"}})
		if !saved.Has("The welcome email goes to "+tt.email) || !saved.Has("Invited") {
			t.Errorf("%s: %d, %s", tt.name, saved.Status, saved.Text("main"))
		}
		if got := apptest.Value[string](app, `select case when link_id is null then 'a password' else 'a link' end from emails where kind = 'welcome' and to_address = $1`, tt.email); got != tt.mail {
			t.Errorf("%s gets %s", tt.name, got)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from persons where must_change_password`); n != 1 {
		t.Errorf("%d persons have to change a password", n)
	}
}

func TestContactFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	good := url.Values{"name": {"Nia"}, "email": {"nia@harbour.test"}}
	for _, tt := range []struct {
		field  string
		change url.Values
	}{
		{"name", url.Values{"name": {""}}},
		{"name", url.Values{"name": {strings.Repeat("x", 201), "second"}}},
		{"email", url.Values{"email": {""}}},
		{"email", url.Values{"email": {"nia\x00@\xff"}}},
		{"email", url.Values{"email": {"LEE@demo.test"}}},
		{"password", url.Values{"password_choice": {"set"}, "password": {"short"}}},
		{"password", url.Values{"password_choice": {"set"}, "password": {strings.Repeat("\x00", 5000)}}},
		{"password", url.Values{"password_choice": {"set"}, "password": {"nia@harbour.test"}}},
		{"jobs_see", url.Values{"preset": {"custom"}, "jobs_see": {"none"}, "jobs_edit": {"on"}}},
		{"quotes_see", url.Values{"preset": {"nonsense"}, "quotes_see": {"' or 1=1"}}},
		{"company_edit", url.Values{"preset": {"custom"}, "contacts_manage": {"on"}, "company_edit": nil}},
		{"sites", url.Values{"sites_scope": {"selected"}}},
		{"sites", url.Values{"sites_scope": {"selected"}, "sites": {"3"}}},
		{"sites", url.Values{"sites_scope": {"selected"}, "sites": {"99999999999999999999", "-1", "x"}}},
	} {
		fields := url.Values{}
		for _, from := range []url.Values{good, tt.change} {
			for k, v := range from {
				fields[k] = v
			}
		}
		p := ben.Submit(ben.Get(contacts+"/new"), form, fields)
		if p.Status != 422 || p.Problem(tt.field) == "" {
			t.Errorf("%v: status %d, %q", tt.change, p.Status, p.Text(".field__problem"))
		}
		if kept, _ := p.Find("#name").Attr("value"); p.Status == 422 && tt.field != "name" && kept != "Nia" {
			t.Errorf("%v: what was typed is lost: %q", tt.change, kept)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from contacts where name like 'Nia%'`); n != 0 {
		t.Errorf("%d contacts were half saved", n)
	}
	for _, path := range []string{"/office/customers/C-9", "/office/customers/C-9/contacts", contacts + "/4", contacts + "/0", contacts + "/x", contacts + "/99999999999999999999", contacts + "/4/suspension"} {
		if p := ben.Get(path); p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := ben.Post(contacts+"/4/suspension", nil); p.Status != 404 {
		t.Errorf("another customer's contact: %d", p.Status)
	}
}

func TestSuspendingAndRestoring(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	if p := lee.Get("/jobs"); p.Status != 200 || p.URL.Path != "/jobs" {
		t.Fatalf("before: %d at %s", p.Status, p.URL)
	}
	ask := ben.Get(contacts + "/1/suspension")
	if !ask.Has("Lee Nakamura can no longer see anything of") {
		t.Errorf("asked: %s", ask.Text("main"))
	}
	if p := ben.Submit(ask, form, nil); !p.Has("Lee Nakamura was suspended.") {
		t.Errorf("suspended: %s", p.Text("main"))
	}
	if p := lee.Get("/jobs"); p.URL.Path != "/login" && p.URL.Path != "/choose" {
		t.Errorf("the open session reaches %s", p.URL)
	}
	ben.Submit(ask, form, nil) // twice tells nobody twice
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'contact-access'`); n != 1 {
		t.Errorf("%d notices", n)
	}
	if p := ben.Submit(ben.Get(contacts+"/1/restoration"), form, nil); !p.Has("Access of Lee Nakamura was restored.") {
		t.Errorf("restored: %s", p.Text("main"))
	}
	if got := apptest.Value[string](app, `select access from contacts where id = 1`); got != "active" {
		t.Errorf("access is %s", got)
	}
}

func TestAnotherAddressIsInvitedAnew(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	edit := ben.Get(contacts + "/1/edit")
	saved := ben.Submit(edit, form, url.Values{"email": {"new-lee@harbour.test"}, "preset": {"own-jobs"}})
	if !saved.Has("new-lee@harbour.test gets an invitation.") {
		t.Errorf("%d: %s", saved.Status, saved.Text("main"))
	}
	if got := apptest.Value[string](app, `select access || coalesce(person_id, 0) || jobs_see || quotes_see from contacts where id = 1`); got != "invited0ownnone" {
		t.Errorf("now %s", got)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where to_address = 'new-lee@harbour.test' and kind = 'welcome'`); n != 1 {
		t.Errorf("%d welcome emails", n)
	}
	late := ben.Submit(edit, form, url.Values{"name": {"Lee the Late"}})
	if late.Status != 409 || !late.Has("changed this while you had it open") || !late.Has("new-lee@harbour.test") {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if kept, _ := late.Find("#name").Attr("value"); kept != "Lee the Late" {
		t.Errorf("what was typed is lost: %q", kept)
	}
	if p := ben.Submit(late, form, url.Values{"email": {"new-lee@harbour.test"}}); p.Status != 200 || !p.Has("Lee the Late") {
		t.Errorf("saved after all: %d", p.Status)
	}
}

// The session is one round trip, what the address names another, and the rest
// of the page a third.
func TestContactPagesTakeThreeRoundTrips(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for _, path := range []string{
		"/office/contacts", "/office/contacts?q=lee&preset=custom&show=active", "/office/contacts/invitations?contact=1&contact=2",
		"/office/customers/C-1001/contacts", "/office/customers/C-1001/contacts/new", "/office/customers/C-1001/contacts/1", "/office/customers/C-1001/contacts/1/edit",
		"/office/customers/C-1001/contacts/1/invitation", "/office/customers/C-1001/contacts/1/link", "/office/customers/C-1001/contacts/1/suspension",
		"/office/customers/C-1001/contacts/1/restoration", "/office/customers/C-1001/contacts/1/archive", "/office/customers/C-1001/contacts/1/restore",
	} {
		if n := ben.RoundTrips(path); n > 3 {
			t.Errorf("%s took %d round trips, want 3", path, n)
		}
	}
}
