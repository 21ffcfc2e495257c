package officeweb_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestErasedIsNowhere: after a contact was erased, no column of any table holds
// the name, an address or a telephone number, but those that the page names.
func TestErasedIsNowhere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	const of = "/office/customers/C-1002/contacts/4"
	ola := app.As("ola")
	// Called otherwise before, with another address and telephone.
	first := ben.Submit(ben.Get(of+"/edit"), form, url.Values{"name": {"Olafia Brook"}, "phone": {"0491 570 444"}, "mobile": {"0491 570 445"}, "role": {"Caretaker Olafia"}, "notes": {"Olafia likes tea"}})
	if first.Status != 200 {
		t.Fatalf("%d: %s", first.Status, first.Text("main"))
	}
	ola.Submit(ola.Get("/jobs/J-1003"), `form[action$="/messages"]`, url.Values{"text": {"Still rattling"}})
	ben.Submit(ben.Get(of+"/edit"), form, url.Values{"name": {"Ola Lindgren"}, "phone": {"0491 570 446"}})
	for range 12 { // wrong passwords, until refused
		app.Nobody().SignIn("/login", "ola@demo.test", "wrong wombats")
	}
	app.Nobody().Submit(app.Nobody().Get("/forgot-password"), form, url.Values{"email": {"ola@demo.test"}})
	ola.Submit(ola.Get("/details/edit"), form, url.Values{"mobile": {"0491 570 447"}})
	asked := ola.Submit(ola.Get("/jobs/new"), form, url.Values{"description": {"The lobby is too warm"}, "type": {"2"}})
	if asked.Status != 200 || !strings.HasPrefix(asked.URL.Path, "/jobs/J-") {
		t.Fatalf("job: %d %s", asked.Status, asked.Text("main"))
	}
	ola.Submit(ola.Get("/jobs/J-1003"), `form[action$="/messages"]`, url.Values{"text": {"Please come on Tuesday"}})
	if p := ola.Submit(ola.Get("/quotes/Q-1004/acceptance"), "form.form", url.Values{"full_name": {"Ola Lindgren"}, "terms": {"yes"}, "signature": {"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}}); p.Status != 200 {
		t.Fatalf("acceptance: %d %s", p.Status, p.Text("main"))
	}
	ola.Submit(ola.Get("/details/emails"), "main form[method=post]", nil)
	ben.Submit(ben.Get(of+"/suspension"), form, nil)
	ben.Submit(ben.Get(of+"/restoration"), form, nil)
	app.Exec(`insert into devices (person_id, token_hash, browser) values (4, 'x', 'Firefox of Ola Lindgren')`)
	app.Exec(`insert into links (purpose, person_id, email) values ('email-change', 4, 'ola.new@demo.test')`)
	for _, to := range []string{"ola@demo.test", "details@northwind.test", "people@northwind.test"} { // so that there are copies
		if _, err := app.Mail.Wait(t.Context(), func(m catcher.Message) bool { return m.IsTo(to) }); err != nil {
			t.Fatalf("mail to %s: %v", to, err)
		}
	}
	app.Exec(`insert into emails (kind, rule, to_name, to_address, customer_id, payload, message_id, subject, state, finished_at, server_words)
		values ('job-created', '', '', 'desk@northwind.test', 2, '{"name":"Ola Lindgren","old":"ola@demo.test"}', 'a-copy', 'Ola Lindgren asked for J-1', 'sent', now(), '550 OLA@demo.test is unknown')`)
	app.Exec(`insert into email_copies (email_id, html, text) select id, '<p>Ola Lindgren</p>', 'Ola Lindgren' from emails where message_id = 'a-copy'`)

	words := []string{"lindgren", "ola@demo.test", "ola.new@demo.test", "0491 570 44", "049157044", "olafia"}
	before := holding(t, app, words)
	for _, column := range []string{"contacts.name", "persons.email", "audit_entries.before", "audit_entries.actor_name", "emails.to_address", "email_copies.text", "attempts.email", "links.email", "customers.search"} {
		if !slices.Contains(before, column) {
			t.Errorf("the test does not see %s: %q", column, before)
		}
	}

	ask := ada.Get(of + "/erasure")
	if !ask.Has("cannot be undone") || !ask.Has("evidence of what was agreed") {
		t.Errorf("what the page says: %s", ask.Text("main"))
	}
	if p := ada.Submit(ask, form, url.Values{"name": {"Ola"}}); p.Status != 422 || p.Problem("name") == "" {
		t.Errorf("another name: %d", p.Status)
	}
	if p := ben.Get(of + "/erasure"); p.Status != 403 {
		t.Errorf("not an Administrator: %d", p.Status)
	}
	done := ada.Submit(ask, form, url.Values{"name": {"ola lindgren"}})
	if done.Status != 200 || !done.Has("was erased") || !done.Has("Former contact") {
		t.Fatalf("%d: %s", done.Status, done.Text("main"))
	}
	allowed := []string{"acceptances.full_name"}
	for _, column := range holding(t, app, words) {
		if !slices.Contains(allowed, column) {
			table, name, _ := strings.Cut(column, ".")
			t.Errorf("still in %s: %v", column, apptest.Value[[]string](app, fmt.Sprintf(`select array_agg(to_jsonb(t)::text) from %q t, unnest($1::text[]) w where position(w in lower(t.%q::text)) > 0`, table, name), words))
		}
	}
	if p := ola.Get("/"); p.URL.Path != "/login" {
		t.Errorf("still signed in, at %s", p.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from sessions where contact_id = 4 or person_id = 4`); n != 0 {
		t.Errorf("%d sessions", n)
	}
	if p := ben.Get("/office/jobs/J-1003"); p.Status != 200 || !p.Has("Please come on Tuesday") && !ben.Get("/office/jobs/J-1003/messages").Has("Please come on Tuesday") {
		t.Error("the record is gone")
	}
	if got := apptest.Value[string](app, `select thing_label || ': ' || actor_name from audit_entries where thing = 'contact' and action = 'erased'`); got != "Former contact: Ada Fontaine" {
		t.Errorf("recorded as %q", got)
	}
	// It is not undone, nor done twice.
	for path, fields := range map[string]url.Values{"/restore": nil, "/erasure": {"name": {"Former contact"}}, "/edit": {"name": {"Ola"}, "version": {"99"}, "all_sites": {"on"}}} {
		if p := ada.Post(of+path, fields); p.Status != 409 && !p.Has("This contact was erased. Add a new one.") {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, path := range []string{of, "/office/customers/C-1002/contacts?show=archived", "/office/admin/activity", "/office/email", of + "/emails"} {
		if p := ada.Get(path); p.Status != 200 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// A person who is a contact elsewhere stays there.
func TestErasingOneContactOfTwo(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	sam := app.As("sam") // at Quay Street
	ask := ada.Get("/office/customers/C-1002/contacts/5/erasure")
	if p := ada.Submit(ask, form, url.Values{"name": {"Sam Petrou"}}); p.Status != 200 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if p := sam.Get("/"); p.Status != 200 || p.URL.Path != "/" {
		t.Errorf("at the other customer: %d at %s", p.Status, p.URL)
	}
	if got := apptest.Value[string](app, `select string_agg(c.name || ' ' || c.access || ' ' || coalesce(p.email, ''), ', ' order by c.id) from contacts c left join persons p on p.id = c.person_id where c.id in (5, 6)`); got != "Former contact none , Sam Petrou active sam@demo.test" {
		t.Error(got)
	}
	ask = ada.Get("/office/customers/C-1003/contacts/6/erasure")
	if p := ada.Submit(ask, form, url.Values{"name": {"Sam Petrou"}}); p.Status != 200 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if left := holding(t, app, []string{"petrou", "sam@demo.test"}); left != nil {
		t.Errorf("still in %q", left)
	}
}

// TestErasingSparesOthers: a contact whose name and numbers are words that stand
// everywhere leaves what others did, and what was written to them, as it was.
func TestErasingSparesOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	const of = "/office/customers/C-1002/contacts/4"
	for _, fields := range []url.Values{{"name": {"a"}, "phone": {"none"}, "mobile": {"-"}}, {"name": {"Former contact"}}} {
		if p := ben.Submit(ben.Get(of+"/edit"), form, fields); p.Status != 200 {
			t.Fatalf("%d: %s", p.Status, p.Text("main"))
		}
	}
	app.Exec(`insert into audit_entries (actor, staff_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after) values
		('staff', 2, 'Ben', 'edited', 'contact', 5, 'Sam Petrou', 2, '{"jobs_see":"none","phone":"-"}', '{"jobs_see":"all","phone":"none"}'),
		('staff', 2, 'Ben', 'edited', 'job', 3, 'J-1003', 2, '{"none":"none","name":"a"}', '{"none":["-","a pump"]}'),
		('staff', 2, 'Ben', 'sent again', 'email', 1, 'A job was booked', 2, null, '{"to":"desk@northwind.test"}'),
		('system', null, '', 'refused', 'sign-in', null, 'ada@demo.test', null, null, '{"side":"office"}')`)
	app.Exec(`insert into edits (thing, thing_id, version, by_name, before, after) values
		('job', 1, 90, 'Ben', '{"name":"none"}', '{"name":"Ola Lindgren"}'), ('job', 3, 90, 'a', '{"name":"none"}', '{"name":"-"}'), ('contact', 5, 90, 'Ben', '{"phone":"none"}', '{"phone":"-"}')`)
	app.Exec(`insert into emails (kind, rule, to_name, to_address, customer_id, staff_id, payload, message_id, subject, state, finished_at) values
		('job-created', '', 'a', 'desk@northwind.test', 2, null, '{"name":"none"}', 'spared-1', 'none: a pump - J-1', 'sent', now()),
		('staff-invitation', '', 'Ola Lindgren', 'ola@demo.test', null, 2, '{"name":"Ola Lindgren"}', 'spared-2', 'A start for Ola Lindgren', 'sent', now()),
		('job-created', '', 'Kim', 'kim@demo.test', 1, null, '{"name":"Ola Lindgren"}', 'spared-3', 'Ola Lindgren', 'sent', now())`)
	app.Exec(`insert into email_copies (email_id, html, text) select id, 'a', 'Ola Lindgren - none' from emails where message_id like 'spared-%'`)
	others := func() string {
		return apptest.Value[string](app, `select concat_ws(E'\n',
			(select string_agg(e::text, E'\n' order by id) from (select id, thing, actor_name, thing_label, before, after, address from audit_entries where action <> 'erased' and contact_id is distinct from 4 and person_id is distinct from 4
				and not (thing = 'contact' and thing_id = 4) and not (thing = 'person' and thing_id = 4)) e),
			(select string_agg(e::text, E'\n' order by id) from edits e where version = 90),
			(select string_agg(e::text || k.text, E'\n' order by id) from emails e join email_copies k on k.email_id = e.id where message_id like 'spared-%'))`)
	}
	before := others()
	app.Exec(`insert into contacts (customer_id, name) values (2, 'Former contact')`) // known by nothing
	for _, id := range []int{4, apptest.Value[int](app, `select max(id)::int from contacts`)} {
		if p := ada.Submit(ada.Get(fmt.Sprintf("/office/customers/C-1002/contacts/%d/erasure", id)), form, url.Values{"name": {"Former contact"}}); p.Status != 200 || !p.Has("was erased") {
			t.Fatalf("contact %d: %d: %s", id, p.Status, p.Text("main"))
		}
	}
	if after := others(); after != before {
		t.Errorf("was:\n%s\nis:\n%s", before, after)
	}
}

// holding lists the columns of all tables in which any of the words stands.
func holding(t *testing.T, app *apptest.App, words []string) (columns []string) {
	t.Helper()
	rows, err := app.Pool.Query(t.Context(), `
		select c.table_name, c.column_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
		where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'character varying', 'ARRAY', 'jsonb', 'json', 'tsvector', 'USER-DEFINED', 'bytea', 'inet') order by 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Table, Column string }])
	if err != nil || len(all) < 100 {
		t.Fatalf("%d columns, %v", len(all), err)
	}
	for _, c := range all {
		sql := fmt.Sprintf(`select exists (select from %q t, unnest($1::text[]) w where position(w in lower(t.%q::text)) > 0 or position(encode(convert_to(w, 'utf8'), 'hex') in t.%[2]q::text) > 0)`, c.Table, c.Column)
		if apptest.Value[bool](app, sql, words) {
			columns = append(columns, c.Table+"."+c.Column)
		}
	}
	return columns
}

func TestDownloadingAContactsData(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, lee := app.As("ada"), app.As("lee")
	lee.Submit(lee.Get("/jobs/J-1001"), `form[action$="/messages"]`, url.Values{"text": {"Please bring the long ladder"}})
	lee.Submit(lee.Get("/details/edit"), form, url.Values{"mobile": {"0491 570 447"}})
	ask := ada.Get("/office/customers/C-1001/contacts/1/data")
	p := ada.Submit(ask, form, nil)
	if p.Status != 200 || !strings.HasPrefix(p.Header.Get("Content-Disposition"), `attachment; filename="contact-C-1001-1.json"`) || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	var file map[string][]map[string]any
	if err := json.Unmarshal([]byte(p.Body), &file); err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]string{
		"contact": "Lee Nakamura", "permissions": "quotes_accept", "sign_in": "lee@demo.test", "sessions": "expires_at", "messages": "long ladder", "jobs": "J-1001", "activity": "0491 570 447", "emails": "",
	} {
		rows, there := file[section]
		if text := fmt.Sprint(rows); !there || !strings.Contains(text, want) {
			t.Errorf("%s: %s", section, text)
		}
	}
	for _, other := range []string{"kim@demo.test", "Kim Tran", "token", "password_hash"} {
		if strings.Contains(p.Body, other) {
			t.Errorf("%s is in it", other)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where thing = 'contact' and action = 'data downloaded' and thing_id = 1`); n != 1 {
		t.Errorf("recorded %d times", n)
	}
	if p := app.As("ben").Post("/office/customers/C-1001/contacts/1/data", nil); p.Status != 403 {
		t.Errorf("not an Administrator: %d", p.Status)
	}
}

// TestDataIsTheContactsOwn: what a contact is given holds nobody else's
// addresses, details or sign-ins, and erasing them takes none of those.
func TestDataIsTheContactsOwn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	// Ola's own record names the address that Sam signs in with.
	app.Exec(`update contacts set email = 'sam@demo.test', archived_at = now(), access = 'suspended' where id = 4`)
	app.Exec(`insert into attempts (kind, side, account, email, address, outcome, browser) values
		('sign-in', 'portal', 'hash-of-sam', 'sam@demo.test', '203.0.113.66', 'right', 'Sam’s browser'), ('sign-in', 'portal', 'hash-of-ola', 'ola@demo.test', '203.0.113.4', 'right', 'Ola’s browser')`)
	app.Exec(`update attempts set account = rtrim(translate(encode(sha256(convert_to(email, 'utf8')), 'base64'), '+/', '-_'), '=') where email <> ''`)
	app.Exec(`insert into audit_entries (actor, staff_id, contact_id, person_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after, address) values
		('staff', 2, null, null, 'Ben', 'edited', 'contact', 4, 'Ola Lindgren', 2, '{"phone":"own before"}', '{"phone":"own after"}', '203.0.113.77'),
		('contact', null, 4, 4, 'Ola Lindgren', 'edited', 'contact', 5, 'Managed Name', 2, '{"phone":"managed before"}', '{"phone":"managed after"}', '203.0.113.5'),
		('contact', null, 9, 9, 'Manager', 'edited', 'person', 4, 'ola@demo.test', null, null, null, '203.0.113.78')`)
	p := ada.Submit(ada.Get("/office/customers/C-1002/contacts/4/data"), form, nil)
	if p.Status != 200 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	for _, own := range []string{"own before", "own after", "203.0.113.5", "203.0.113.4", "Ola’s browser"} {
		if !strings.Contains(p.Body, own) {
			t.Errorf("%s is not in it", own)
		}
	}
	for _, other := range []string{"managed before", "managed after", "Managed Name", "203.0.113.66", "203.0.113.77", "203.0.113.78", "Sam’s browser"} {
		if strings.Contains(p.Body, other) {
			t.Errorf("%s is in it", other)
		}
	}
	if p := ada.Submit(ada.Get("/office/customers/C-1002/contacts/4/erasure"), form, url.Values{"name": {"Ola Lindgren"}}); p.Status != 200 || !p.Has("was erased") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if got := apptest.Value[string](app, `select string_agg(email, ' ') from attempts where email in ('sam@demo.test', 'ola@demo.test')`); got != "sam@demo.test" {
		t.Errorf("left are the sign-ins of %q", got)
	}
}
