package officeweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

func people(app *apptest.App) {
	app.Exec(`insert into contacts (customer_id, name, email, access, invited_at, jobs_see) values
		(1, 'Nia New', 'nia@harbour.test', 'none', null, 'none'),
		(1, 'Ivy Invited', 'ivy@harbour.test', 'invited', now() - interval '9 days', 'own'),
		(1, 'Noel Nomail', '', 'none', null, 'none'),
		(2, 'Pat Pelican', 'pat@pelican.test', 'none', null, 'none')`) // 7 to 10
	app.Exec(`insert into contacts (customer_id, name, email, archived_at) values (1, 'Art Archived', 'art@harbour.test', now())`) // 11
}

func TestInvitingMany(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	people(app)
	ben := app.As("ben")
	list := ben.Get("/office/contacts")
	if list.Find("form[data-ticks] input[name=contact]").Length() != 10 || list.Has("Art Archived") {
		t.Fatalf("the list: %s", list.Text("#results"))
	}
	ask := ben.Get("/office/contacts/invitations?contact=7&contact=8&contact=9&contact=10&contact=11&contact=1&contact=3&contact=7&contact=999&contact=x")
	for _, words := range []string{
		"Invite 3 contacts?", "Nia New", "First invitation", "Ivy Invited", "Again, last on", "Pat Pelican",
		"Noel Nomail, Harbour Dental: no email address.", "Art Archived, Harbour Dental: archived.", "Lee Nakamura, Harbour Dental: can sign in already.", "Max Okafor, Harbour Dental: suspended", "For the 2 contacts who had no access until now",
	} {
		if !ask.Has(words) {
			t.Errorf("not asked: %q in %s", words, ask.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from emails`); n != 0 {
		t.Errorf("asking sent %d mails", n)
	}
	done := ben.Submit(ask, form, url.Values{"preset": {"request-work"}})
	if !done.Has("3 invitations are on their way.") || done.URL.Path != "/office/contacts" {
		t.Fatalf("%d at %s: %s", done.Status, done.URL, done.Text("main"))
	}
	for name, want := range map[string]string{"Nia New": "invited own true all", "Pat Pelican": "invited own true all", "Ivy Invited": "invited own false none"} {
		if got := apptest.Value[string](app, `select concat_ws(' ', access, jobs_see, jobs_create::text, equipment_see) from contacts where name = $1`, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'welcome'`); n != 3 {
		t.Errorf("%d welcome emails", n)
	}
	again := ben.Submit(ask, form, nil)
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'welcome'`); n != 3 || !again.Has("No invitation was sent.") || !again.Has("Nia New (invited or changed a moment ago)") {
		t.Errorf("the same form again: %d mails, %s", n, again.Text("#flashes"))
	}
	if n := apptest.Value[int](app, `select count(*) from links where used_at is null and ended_at is null`); n != 3 {
		t.Errorf("%d open links", n)
	}
}

func TestInvitingNobody(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for path, back := range map[string]string{
		"/office/contacts/invitations":                                       "/office/contacts",
		"/office/contacts/invitations?customer=C-1001&contact=":              contacts,
		"/office/contacts/invitations?contact=99999999999999999999&contact=": "/office/contacts",
	} {
		if p := ben.Get(path); p.URL.Path != back || !p.Has("Tick the contacts to invite") {
			t.Errorf("%s: %d at %s", path, p.Status, p.URL)
		}
	}
	if p := ben.Get("/office/contacts/invitations?contact=1"); !p.Has("None of them can be invited") || p.Find("main form button[type=submit]").Length() != 0 {
		t.Errorf("only Lee: %s", p.Text("main"))
	}
	for _, fields := range []url.Values{{}, {"contact": {"x"}}, {"contact": {"1/none/", "2"}, "preset": {"nonsense"}, "customer": {"../../x\x00"}}} {
		if p := ben.Post("/office/contacts/invitations", fields); p.Status >= http.StatusInternalServerError || apptest.Value[int](app, `select count(*) from emails`) != 0 {
			t.Errorf("%v: %d", fields, p.Status)
		}
	}
}

func TestContactsAreFound(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	people(app)
	ben := app.As("ben")
	for _, tt := range []struct{ path, want, not string }{
		{"/office/contacts?q=pelican+pat", "Pat Pelican", "Nia New"},
		{"/office/contacts?q=C-1001+lee", "Lee Nakamura", "Ola Lindgren"},
		{"/office/contacts?q=ivy%40harbour", "Ivy Invited", "Nia New"},
		{"/office/contacts?q=0491570001", "Lee Nakamura", "Kim Tran"},
		{"/office/contacts?show=suspended", "Max Okafor", "Kim Tran"},
		{"/office/contacts?show=none", "Noel Nomail", "Kim Tran"},
		{"/office/contacts?show=archived", "Art Archived", "Kim Tran"},
		{"/office/contacts?waiting=7", "Ivy Invited", "Lee Nakamura"},
		{"/office/contacts?waiting=14", "No contact found", "Ivy Invited"},
		{"/office/contacts?preset=full", "Lee Nakamura", "Kim Tran"},
		{"/office/contacts?preset=own-jobs", "Kim Tran", "Lee Nakamura"},
		{"/office/contacts?preset=custom", "Max Okafor", "Kim Tran"},
		{"/office/contacts?preset=%27%20or%201%3D1&show=%00&waiting=-4", "Kim Tran", "Art Archived"},
		{"/office/contacts?sort=customer", "Quay Street", "Art Archived"},
		{contacts + "?show=invited", "Ivy Invited", "Lee Nakamura"},
		{contacts + "?q=pelican", "No contact found", "Pat Pelican"},
		{contacts, "Lee Nakamura", "Pat Pelican"},
		{contacts + ".csv", "Lee Nakamura", "Pat Pelican"},
		{"/office/contacts.csv?show=none", "Pat Pelican", "Lee Nakamura"},
		{"/office/contacts.csv?q=pelican", "C-1002,Pelican Point,Ola Lindgren", "Lee Nakamura"},
	} {
		p := ben.Get(tt.path)
		text := p.Text("#results")
		if strings.Contains(tt.path, ".csv") {
			text = p.Body
		}
		if p.Status != http.StatusOK || !strings.Contains(text, tt.want) || strings.Contains(text, tt.not) {
			t.Errorf("%s: %d, wanted %q and not %q in %s", tt.path, p.Status, tt.want, tt.not, text)
		}
	}
	app.Exec(`update customers set name = 'Renamed Reef' where id = 2`)
	if p := ben.Get("/office/contacts?q=reef"); !p.Has("Pat Pelican") {
		t.Errorf("after the customer's new name: %s", p.Text("#results"))
	}
	app.Exec(`update customers set archived_at = now() where id = 2`)
	if p := ben.Get("/office/contacts?q=reef"); p.Has("Pat Pelican") {
		t.Error("contacts of archived customers are in use")
	}
}

func TestPermissionsInWords(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for _, tt := range []struct {
		name   string
		fields url.Values
		words  string
	}{
		{"a preset", url.Values{"preset": {"own-jobs"}}, "Sees their own jobs, and changes nothing."},
		{"the table", url.Values{"preset": {"custom"}, "jobs_see": {"own"}, "jobs_create": {"on"}}, "Sees their own jobs, may create jobs.Sees no quotes."},
		{"a preset counts for more", url.Values{"preset": {"own-jobs"}, "jobs_see": {"all"}}, "Sees their own jobs"},
		{"sites by name", url.Values{"preset": {"see-all"}, "sites_scope": {"selected"}, "sites": {"2", "3", "x"}}, "Only at Pitt Street:"},
		{"what is missing", url.Values{"preset": {"custom"}, "jobs_create": {"on"}, "contacts_manage": {"on"}}, "must at least see their own jobs"},
		{"no site ticked", url.Values{"preset": {"see-all"}, "sites_scope": {"selected"}}, "Tick at least one site"},
		{"nonsense", url.Values{"preset": {"\x00"}, "jobs_see": {"' or 1=1"}, "sites": {"99999999999999999999"}}, "Sees no jobs."},
	} {
		p := ben.Post(contacts+"/permissions", tt.fields)
		if p.Status != http.StatusOK || !strings.Contains(p.Text("#rights-words"), tt.words) {
			t.Errorf("%s: %d %s", tt.name, p.Status, p.Text("body"))
		}
	}
	if p := ben.Post("/office/customers/C-9/contacts/permissions", nil); p.Status != http.StatusNotFound {
		t.Errorf("no customer: %d", p.Status)
	}
	if p := ben.Get(contacts + "/2"); !p.Has("Sees their own jobs, and changes nothing.") {
		t.Errorf("the contact's page: %s", p.Text("main"))
	}
	wrong := ben.Submit(ben.Get(contacts+"/2/edit"), form, url.Values{"preset": {"custom"}, "jobs_see": {"none"}, "jobs_edit": {"on"}})
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text("#rights-words"), "Sees no jobs.") {
		t.Errorf("refused, with words: %d %s", wrong.Status, wrong.Text("#rights-words"))
	}
}

func TestALinkToPassOn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	people(app)
	ben := app.As("ben")
	if p := ben.Get(contacts + "/8"); p.Find("a[href$='/8/link']").Length() != 1 || p.Find("a[href$='/8/invitation']").Length() != 1 {
		t.Errorf("no ways: %s", p.Text("main"))
	}
	ask := ben.Get(contacts + "/8/link")
	if !ask.Has("shows a new link once") || !ask.Has("No email is sent") {
		t.Errorf("asked: %s", ask.Text("main"))
	}
	if shown := ben.Submit(ask, form, nil); !strings.Contains(shown.Text("code"), "/welcome/") || shown.Find("[data-copy]").Length() == 0 {
		t.Errorf("shown: %s", shown.Text("main"))
	}
	if again := ben.Submit(ask, form, nil); again.Find("code").Length() != 0 {
		t.Errorf("a second press shows %s", again.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'welcome'`); n != 0 {
		t.Errorf("%d welcome emails", n)
	}
}
