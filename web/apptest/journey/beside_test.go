package journey_test

import (
	"fmt"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// crowded fills the pages for other systems as years of use would: each state of
// an import, an export, a token, a webhook, names as long as they may be, and
// lists of several pages.
const crowded = `
insert into imports (name, file_size, blob_key, kind, source, state, by_name, tables, mapping, progress, total, why, finished_at, undone_at)
	select s.state || ' of a customers’ list with a name as long as somebody gives it who exports every night and keeps all of them 2026.xlsx', 120, '', 'csv', 'simpro', s.state, 'Ada Fontaine', i.tables, i.mapping, 40, 100,
		case s.state when 'unreadable' then 'This is an old Excel file (.xls). Open it in Excel and save it as .xlsx.' else '' end,
		case when s.state in ('done', 'undone') then now() - interval '1 day' end, case s.state when 'undone' then now() end
	from imports i cross join unnest('{reading,unreadable,read,checking,checked,running,done,undoing,undone}'::text[]) with ordinality s(state, n) where i.id = 1 order by s.n;
insert into imports (name, file_size, blob_key, kind, state, by_name, finished_at) select 'night-' || n || '.csv', 120, '', 'csv', 'done', 'Drop folder', now() - interval '1 month' from generate_series(1, 60) n;
insert into import_things (import_id, place, kind, sheet, line, label, state, problems, twin, fields, edited, done, undone)
	select i.id, n, case n % 3 when 0 then 'customers' when 1 then 'contacts' else 'jobs' end, 0, n + 1, 'Harbour Dental and a name as long as a strata plan has it when it is written out in full, number ' || n,
		case n % 5 when 0 then 'refused' when 1 then 'changed' when 2 then 'same' else 'new' end,
		case n % 5 when 0 then '{"customer": "There is no customer “Owners Corporation 4711”. Import the customers first, or put the name right."}'::jsonb else '{}' end,
		case when n % 20 = 1 then 'Lee' else '' end, case n % 5 when 1 then '{name,phone,email}' else '{}' end::text[], case when n % 25 = 1 then '{phone}' else '{}' end::text[],
		case when i.state in ('done', 'undone') then case n % 5 when 0 then 'refused' when 1 then 'changed' when 2 then 'same' else 'new' end end,
		case when i.state = 'undone' then case n % 5 when 1 then 'restored' when 3 then 'removed' when 4 then 'left' end end
	from imports i cross join generate_series(1, 130) n where i.source = 'simpro' and i.state in ('checked', 'done', 'undone');
insert into file_imports (name, size, state, entries, staff_id, started_at, finished_at, undone_at, undone_by_id, words)
	select s || ' photos of the roof units of all sites.zip', 900000000, s, 130, 1, case when s in ('done', 'undone') then now() end, case when s in ('done', 'undone', 'failed') then now() end, case s when 'undone' then now() end, case s when 'undone' then 1 end,
		case s when 'failed' then 'This is not a zip, or half of one. Pack it again.' else '' end
	from unnest('{ready,done,failed,undone}'::text[]) s;
insert into file_import_items (import_id, place, path, record, state, size, reason, shown)
	select i.id, n, 'J-1001/Rooftop unit two, the filter before it was cleaned, seen from the ladder, ' || n || '.jpg', case n % 5 when 0 then '' else 'job J-1001' end,
		case when n % 5 = 0 then 'refused' when i.state = 'ready' then 'fits' when i.state = 'undone' then 'undone' else 'added' end, 2500000,
		case n % 5 when 0 then 'There is no job, quote or customer “J-99999” here. Correct the folder’s name, or name the file’s record in files.csv.' else '' end, n % 2 = 0
	from file_imports i cross join generate_series(1, 130) n where i.state in ('ready', 'done', 'undone') and i.id > 1;
insert into exports (kind, files, state, asked_by, asked_at, ended_at, moment, blob_key, size, missing, problem) values
	('xlsx', true, 'ready', 'Ada Fontaine', now() - interval '2 hours', now() - interval '1 hour', now(), 'x', 8123456789, 3, ''),
	('csv', false, 'failed', 'Ada Fontaine', now() - interval '1 day', now() - interval '1 day', null, '', 0, 0, 'There is not enough space for it. Ask whoever runs the server.'),
	('csv', false, 'removed', 'Ada Fontaine', now() - interval '9 days', now() - interval '9 days', null, '', 0, 0, '');
insert into tokens (hash, hint, name, source, scopes, created_by_id, created_at, expires_at, used_at, used_from, ended_at, ended_by_id)
	select sha256(n::text::bytea), 'x1Yz', 'Job system of the branch in Parramatta, read every night for the reports ' || n, 'job-system', '{jobs:read,jobs:write,customers:read,quotes:read,events:read}', 1, now() - n * interval '1 day',
		case n % 4 when 0 then now() + interval '90 days' when 1 then now() - interval '1 hour' end, case when n % 3 = 0 then now() end, case when n % 3 = 0 then '2001:db8:85a3::8a2e:370:7334'::inet end, case when n % 4 = 2 then now() end, case when n % 4 = 2 then 1 end
	from generate_series(2, 120) n;
insert into token_calls (token_id, minute, method, route, status, calls, at, address, request_id)
	select 1, date_trunc('minute', now()) - n * interval '1 minute', 'PUT', '/api/v1/customers/by-external/{source}/{id}', case n % 7 when 0 then 422 else 200 end, n * 17, now() - n * interval '1 minute', '203.0.113.9', '6B5QTN2XJ4KA' from generate_series(1, 100) n;
insert into contact_keys (contact_id, person_id, hash, hint, name, used_at, used_from, expires_at) select 1, 1, sha256(n::text::bytea), 'k9Q' || n, 'Reports for the owners’ meeting of the whole group, each quarter, ' || n, now(), '203.0.113.9', now() + interval '90 days' from generate_series(2, 4) n;
insert into events (kind, customer_id, contact_id, actor, thing, thing_id, number) select case n % 3 when 0 then 'job.requested' when 1 then 'quote.accepted' else 'job.withdrawal_asked' end, 1, 1, 'contact', case n % 3 when 1 then 'quote' else 'job' end, 1, n from generate_series(1, 500) n;
update event_numbers set last = 500;
insert into webhooks (seal, name, address, secret, active, off_why, off_at, spread_to, next_at, failing_since, kinds, customer_ids, old_secret, rotated_at) values
	('on', 'The job system of the head office, by way of the integration server in the second cupboard on the left behind the door', 'https://a-rather-long-name-of-a-server.integration.northwind-air.example.com/hooks/of/the/portal?key=0123456789abcdef0123456789abcdef', '\x00', true, '', null, 500, now() + interval '1 day', now() - interval '5 hours', '{job.requested,quote.accepted,job.withdrawal_asked}', '{1}', '\x00', now()),
	('off', 'Accounting', 'https://accounting.example.com/in', '\x00', false, 'failing', now(), 500, now() + interval '1 day', now() - interval '4 days', null, null, null, null);
insert into webhook_deliveries (webhook_id, event_id, number, kind, state, attempts, first_at, last_at, next_at, finished_at, status, answer, words, sent, duration_ms, created_at)
	select w.id, e.id, e.number, e.kind, case e.number % 4 when 0 then 'waiting' when 1 then 'failed' else 'delivered' end, case e.number % 4 when 0 then 3 else 1 end, now(), now(), now() + interval '1 hour', case e.number % 4 when 0 then null else now() end,
		case e.number % 4 when 0 then null when 1 then 500 else 200 end, case e.number % 4 when 1 then repeat('{"error": "the database of the other system does not answer"} ', 40) else 'ok' end,
		case e.number % 4 when 0 then 'The system did not answer within 15 seconds.' when 1 then 'It answered 500.' else '' end, '{"id": "evt_1", "number": 17, "type": "' || e.kind || '", "data": {"customer": {"name": "' || repeat('Harbour ', 40) || '"}}}', 42, now() - e.number * interval '1 minute'
	from webhooks w cross join events e where w.id > 1;
insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes, at, state, answer, answered_at)
	select 'jobs', 1, 'edit', 'J-1001', 'J-1001', 'simpro', 'simPRO', 1, 1, '[{"field": "purchase_order", "label": "Purchase order", "before": "PO-1", "after": "PO-2"}, {"field": "description", "label": "Description", "before": "", "after": "Quarterly service of rooftop unit 2 and, while somebody is up there, of unit 3"}]',
		now() - n * interval '9 hours', case n % 4 when 0 then 'refused' when 1 then 'waiting' when 2 then 'done' else 'otherwise' end, case n % 4 when 0 then 'The order number belongs to another job.' else '' end, case n % 4 when 1 then null else now() end
	from generate_series(1, 70) n;
update keepers set source = 'simpro', label = 'simPRO' where kind in ('customers', 'contacts', 'jobs', 'quotes');
`

// besidePages are the pages for other systems, of the office and of the portal.
func besidePages(app *apptest.App) (pages []string) {
	for _, state := range []string{"unreadable", "read", "checked", "running", "done", "undone"} {
		pages = append(pages, fmt.Sprintf("/office/admin/import/%d", apptest.Value[int64](app, `select id from imports where source = 'simpro' and state = $1`, state)))
	}
	for _, state := range []string{"ready", "done", "failed"} {
		pages = append(pages, fmt.Sprintf("/office/admin/import-files/%d", apptest.Value[int64](app, `select id from file_imports where id > 1 and state = $1`, state)))
	}
	for _, state := range []string{"delivered", "failed"} {
		pages = append(pages, fmt.Sprintf("/office/admin/webhooks/2/deliveries/%d", apptest.Value[int64](app, `select min(id) from webhook_deliveries where webhook_id = 2 and state = $1`, state)))
	}
	return append(pages,
		"/office/admin/import", "/office/admin/import/1/columns", "/office/admin/import-files", "/office/admin/export",
		"/office/admin/tokens", "/office/admin/tokens/1", "/office/admin/tokens/new",
		"/office/admin/webhooks", "/office/admin/webhooks/2", "/office/admin/webhooks/3", "/office/admin/webhooks/new",
		"/office/admin/keepers", "/office/requests", "/office/requests/1", "/office/admin/numbers", "/office/admin/health", "/office/account/calendar",
		"/office/jobs/J-1001",
		"/details/keys", "/details/data", "/details/calendar", "/jobs/J-1001", "/details/edit",
	)
}

// TestPagesForOtherSystems: whoever cannot see well, works by the keyboard or has
// a phone can use the pages by which other systems come in and go out, however
// full they are, by day and by night.
func TestPagesForOtherSystems(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(crowded)
	office, portal := app.Tab(browser), app.Tab(browser)
	office.Targets, portal.Targets = true, true
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	enter(portal, "/login", "lee@demo.test", "Welcome")
	for _, path := range besidePages(app) {
		tab := portal
		if strings.HasPrefix(path, "/office") {
			tab = office
		}
		name := strings.NewReplacer("/", "-", "?", "-").Replace(strings.Trim(path, "/"))
		for _, look := range []struct {
			width int64
			dark  bool
		}{{360, false}, {1440, true}} {
			tab.Size(look.width, 900)
			tab.Dark(look.dark)
			tab.Open(path)
			tab.Axe()
			picture(tab, fmt.Sprint(name, "-", look.width))
		}
		tab.Size(390, 844)
		for _, lost := range tab.Walk(25) {
			t.Errorf("%s: the keyboard is out of sight on %s", path, lost)
		}
		tab.Size(1024, 1200)
		tab.Paper(true)
		for _, left := range tab.Shown("input, select, textarea, button, summary, .button, nav") {
			t.Errorf("%s on paper: %s", path, left)
		}
		picture(tab, name+"-paper")
		tab.Paper(false)
	}
}

// TestEmptyPagesForOtherSystems: on the first day each of them says what to do.
func TestEmptyPagesForOtherSystems(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`
		delete from import_things; delete from import_rows; delete from imports; delete from file_import_items; delete from file_imports;
		delete from webhook_deliveries; delete from webhooks; delete from tokens; delete from keeper_requests`)
	office := app.Tab(browser)
	office.Targets = true
	signIn(office, "/office/login", "ada", "/office/admin/numbers")
	for path, words := range map[string]string{
		"/office/admin/import": "No imports yet", "/office/admin/import-files": "No files imported yet", "/office/admin/export": "No exports yet", "/office/admin/tokens": "No tokens yet", "/office/admin/webhooks": "No webhooks yet",
		"/office/requests": "Nothing waits", "/office/admin/keepers": "Who keeps it", "/office/admin/numbers": "Numbers", "/office/account/calendar": "Make an address",
	} {
		for _, width := range []int64{360, 1440} {
			office.Size(width, 900)
			office.Open(path)
			office.See(words)
			office.Axe()
			picture(office, fmt.Sprint("empty", strings.ReplaceAll(path, "/", "-"), "-", width))
		}
	}
}

// TestDocumentationOfTheAPI: it is for everybody who can read, though it is ten
// times as long as any other page; its operations look alike.
func TestDocumentationOfTheAPI(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	tab := app.Tab(browser)
	tab.Targets = true
	for _, width := range []int64{360, 1440} {
		tab.Size(width, 900)
		tab.Dark(width == 360)
		tab.Open("/api")
		tab.See("webhook-signature")
		tab.Axe(".main > .card ~ .card", ".docs__nav li ~ li")
		picture(tab, fmt.Sprint("api-", width))
	}
}
