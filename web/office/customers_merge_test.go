package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

// A customer who was entered twice becomes one: nothing of theirs stays behind,
// who comes over sees nothing until somebody has looked, and what is there twice
// is told apart.
func TestMergingCustomers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, ola := app.As("ben"), app.As("ola")
	app.Exec(`
		insert into sites (customer_id, name) select 2, name from sites where customer_id = 1 order by id limit 1;
		insert into contacts (customer_id, name, email, is_default) select 2, 'Lee again', upper(email), not exists (select from contacts where customer_id = 2 and is_default) from contacts where id = 1;
		insert into jobs (customer_id, description, job_type_id, status, origin, main_contact_id) select 2, 'Said by Lee', 1, 'unscheduled', 'office', id from contacts where name = 'Lee again';
		update equipment set number = (select number from equipment where customer_id = 1 order by id limit 1) where customer_id = 2;
		insert into messages (customer_id, job_id, text, staff_id) select 2, id, 'Hello', 1 from jobs where customer_id = 2 limit 1;
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id) select 2, id, 'a.txt', 'document', 'text/plain', 5, 'merged', 1 from jobs where customer_id = 2 limit 1`)
	jobs := apptest.Value[int](app, `select count(*)::int from jobs where customer_id in (1, 2)`)

	choose := ben.Get("/office/customers/C-1002/merge")
	if choose.Has("New customer") || choose.Find(`#results a[href="/office/customers/C-1002/merge?customer=C-1002"]`).Length() != 0 {
		t.Errorf("to choose from: %s", choose.Text("main"))
	}
	// A token that names both, and one that names whom it merges away.
	app.Exec(`insert into tokens (hash, hint, name, source, scopes, created_by_id) select sha256(n::bytea), 'x', n, n, '{jobs:read}', 1 from unnest(array['both', 'gone']) n;
		insert into token_customers (token_id, customer_id) select t.id, c.id from tokens t, customers c where (t.name = 'both' and c.id in (1, 2)) or (t.name = 'gone' and c.id = 2)`)
	ask := ben.Get("/office/customers/C-1002/merge?customer=C-1001")
	if !ask.Has("This cannot be undone.") || !ask.Has("will see those of") || ask.Find("[name=access][value=suspend][checked]").Length() != 1 {
		t.Fatalf("%d %s", ask.Status, ask.Text("main"))
	}
	merged := ben.Submit(ask, form, nil)
	if merged.URL.Path != "/office/customers/C-1001" || !merged.Has("C-1002 was merged into this customer. 3 contacts were suspended") {
		t.Fatalf("%d at %s: %s", merged.Status, merged.URL, merged.Text("main"))
	}
	if again := ben.Submit(ask, form, nil); again.URL.Path != "/office/customers/C-1001" {
		t.Errorf("pressed twice: %d at %s", again.Status, again.URL)
	}

	left := apptest.Value[string](app, `
		with tables as materialized (
			select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
			where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'customer_id' and not a.attisdropped and c.relname not in ('audit_entries', 'stored_files', 'tombstones')
		)
		select coalesce(string_agg(relname, ', '), '') from tables
		where (xpath('//n/text()', query_to_xml(format('select count(*) as n from %I where customer_id = 2', relname), false, false, '')))[1]::text::int > 0`)
	if reach := apptest.Value[string](app, `select coalesce(string_agg(t.name || ' ' || k.customer_id, ', ' order by 1), '') from token_customers k join tokens t on t.id = k.token_id where t.name in ('both', 'gone')`); reach != "both 1" {
		t.Errorf("tokens reach %s", reach)
	}
	if left != "" {
		t.Errorf("left behind: %s", left)
	}
	if n := apptest.Value[int](app, `select count(*)::int from jobs where customer_id = 1`); n != jobs {
		t.Errorf("%d of %d jobs", n, jobs)
	}
	for what, sql := range map[string]string{
		"who came over is suspended":             `select access = 'suspended' from contacts where name like 'Ola%'`,
		"the one who is there twice is archived": `select archived_at is not null and access = 'none' from contacts where name = 'Lee again'`,
		"and their work is the other's":          `select main_contact_id = 1 from jobs where description = 'Said by Lee'`,
		"a site keeps its name, told apart":      `select count(*) = 1 from sites where customer_id = 1 and name like '% (C-1002)'`,
		"as equipment its number":                `select count(*) = 1 from equipment where customer_id = 1 and number like '% (C-1002)'`,
		"what files take goes along":             `select (select bytes from stored_files where customer_id = 2) = 0 and (select bytes from stored_files where customer_id = 1) >= 5`,
		"one contact is the default":             `select count(*) <= 1 from contacts where customer_id = 1 and is_default`,
	} {
		if !apptest.Value[bool](app, sql) {
			t.Errorf("not so: %s", what)
		}
	}
	if p := ola.Get("/jobs"); p.URL.Path != "/login" {
		t.Errorf("Ola is still at %s", p.URL)
	}
	app.Exec(`update contacts set access = 'active' where id = 1`) // somebody has looked at what Lee, who was there twice, sees now
	if p := app.As("lee").Get("/jobs?q=said"); !p.Has("Said by Lee") {
		t.Errorf("Lee does not see what came over: %s", p.Text("#results"))
	}
	gone := ben.Get("/office/customers/C-1002")
	if !gone.Has("was merged into another one") || gone.Find(`a[href="/office/customers/C-1001"]`).Length() == 0 {
		t.Errorf("the page left: %s", gone.Text("main"))
	}
	if p := ben.Post("/office/customers/C-1002/restore", nil); p.Status != 409 {
		t.Errorf("restored: %d", p.Status)
	}
	if p := ben.Get("/office/customers?q=C-1002"); p.Has("Pelican") {
		t.Error("it is still on the list")
	}
}

// Whose access was taken away at one customer does not get it back as the same
// person at the other; who is archived there is nobody's twin; what waits to be
// sent to a twin goes to the one who stays.
func TestTwinsOfAMerge(t *testing.T) {
	t.Parallel()
	for access, want := range map[string]string{
		"suspended": "suspended", // in any case
		"active":    "active",    // kept, as was asked for
	} {
		app := apptest.New(t)
		ben := app.As("ben")
		app.Exec(`update contacts set access = '` + access + `' where name like 'Sam%' and customer_id = 2;
			update contacts set archived_at = now(), access = 'active', person_id = (select person_id from contacts where name like 'Ola%') where id = (select min(id) from contacts where customer_id = 3 and name not like 'Sam%');
			insert into contacts (customer_id, person_id, name, email, access, archived_at) select 3, person_id, 'Ola of old', 'old@demo.test', 'active', now() from contacts where name like 'Ola%' on conflict do nothing;
			insert into emails (kind, rule, to_address, message_id, contact_id, customer_id, created_at) select 'message', 'x', email, 'for-sam', id, 2, now() + interval '1 day' from contacts where name like 'Sam%' and customer_id = 2`)
		sam := apptest.Value[int64](app, `select id from contacts where name like 'Sam%' and customer_id = 3`)
		ask := ben.Get("/office/customers/C-1002/merge?customer=C-1003")
		if !ask.Has("There twice, by email address or sign-in: Sam") {
			t.Errorf("%s: %s", access, ask.Text("main"))
		}
		if p := ben.Submit(ask, form, url.Values{"access": {"keep"}}); p.URL.Path != "/office/customers/C-1003" {
			t.Fatalf("%s: %d at %s: %s", access, p.Status, p.URL, p.Text("main"))
		}
		if got := apptest.Value[string](app, `select access from contacts where id = $1`, sam); got != want {
			t.Errorf("Sam, %s at the one that went, is %s", access, got)
		}
		if got := apptest.Value[string](app, `select access || coalesce(' archived ' || archived_at, '') from contacts where name like 'Ola B%' or name like 'Ola%' and name <> 'Ola of old' limit 1`); got != "active" {
			t.Errorf("Ola, whose twin was archived before, is %s", got)
		}
		if !apptest.Value[bool](app, `select contact_id = $1 from emails where message_id = 'for-sam'`, sam) {
			t.Error("what waits for Sam is nobody's")
		}
		if n := apptest.Value[int](app, `select count(*)::int from audit_entries where thing = 'contact' and action = 'archived'`); n != 1 {
			t.Errorf("%d contacts were archived, the trail says", n)
		}
	}
}

func TestMergesThatAreRefused(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`update customers set archived_at = now() where id = 3`)
	for into, status := range map[string]int{"C-1001": 409, "C-1003": 409, "C-9999": 404, "": 404} {
		if p := ben.Post("/office/customers/C-1001/merge", url.Values{"customer": {into}}); p.Status != status {
			t.Errorf("into %q: %d", into, p.Status)
		}
	}
	app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
	if p := ben.Post("/office/customers/C-1002/merge", url.Values{"customer": {"C-1001"}}); p.Status != 403 || !strings.Contains(p.Text("main"), "Password") {
		t.Errorf("without a fresh proof: %d", p.Status)
	}
	if apptest.Value[bool](app, `select exists (select from customers where merged_into_id is not null)`) {
		t.Error("merged all the same")
	}
}

// Nothing but a merge takes a record from its customer, and a merge can take all
// of them: what ties records together by their customer waits until both ends are there.
func TestRecordsStayWithTheirCustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, setting := range []string{"", "2 into 1", "1 into 3"} {
		_, err := dbtest.Owner(t, app.Pool).Exec(t.Context(), `with s as (select set_config('fieldgate.merging', $1, true)) update jobs set customer_id = 2, site_id = null, main_contact_id = null from s where customer_id = 1`, setting)
		if err == nil || !strings.Contains(err.Error(), "for good") {
			t.Errorf("%q: %v", setting, err)
		}
	}
	fixed := apptest.Value[string](app, `
		select coalesce(string_agg(c.conrelid::regclass || '.' || c.conname, ', '), '')
		from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
		where c.contype = 'f' and a.attname = 'customer_id' and cardinality(c.conkey) > 1 and not c.condeferrable`)
	if fixed != "" {
		t.Errorf("not deferrable, so that a merge fails: %s", fixed)
	}
}
