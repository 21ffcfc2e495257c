package crawl_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// TestRoundTrips: a page of the portal asks who looks, and then for everything
// it shows; a search looks once before. Lists of the office ask as often for many rows as for few.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ada := app.As("lee"), app.As("ada")
	for _, path := range []string{"/", "/jobs", "/jobs/J-1001", "/jobs/new", "/quotes", "/quotes/Q-1002", "/equipment", "/equipment/equipmentofharbour0000000000001", "/details", "/details/colleagues", "/details/colleagues/2", "/details/colleagues/2/edit"} {
		if n := lee.RoundTrips(path); n > 2 {
			t.Errorf("%s took %d round trips, want 2", path, n)
		}
	}
	if n := lee.RoundTrips("/jobs?q=unit"); n > 3 { // a search takes a first look, by which the list is asked for
		t.Errorf("a search took %d round trips, want 3", n)
	}
	// Asked whether it may, done, and told: what can travel together does, however many are told.
	app.Exec(`update portal_settings set job_notifications = array(select 'staff' || n || '@northwind.test' from generate_series(1, 5) n)`)
	if status, n := lee.PressTrips("/jobs", url.Values{"type": {"1"}, "description": {"It drips."}, "nonce": {"drips"}}); status != http.StatusSeeOther || n > 24 {
		t.Errorf("creating a job: %d after %d round trips, want 24", status, n)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where job_id = (select id from jobs where description = 'It drips.')`); n != 7 {
		t.Errorf("%d emails about the new job", n)
	}
	lists := []string{
		"/office", "/office/messages", "/office/jobs/J-1001/messages", "/office/customers", "/office/jobs", "/office/quotes", "/office/equipment", "/office/customers/C-1001/contacts",
		"/office/customers?q=c&type=x&portal=no&manager=nobody", "/office/customers/C-1001/sites", "/office/customers/C-1001/jobs", "/office/customers/C-1001/quotes", "/office/customers/C-1001/equipment",
	}
	few := map[string]int64{}
	for _, path := range lists {
		few[path] = ada.RoundTrips(path)
	}
	app.Exec(`insert into customers (name) select 'Customer ' || n from generate_series(1, 200) n`)
	app.Exec(`insert into contacts (customer_id, name) select 1, 'Contact ' || n from generate_series(1, 200) n`)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin) select 1, 'Job ' || n, 1, 'unscheduled', 'office' from generate_series(1, 200) n`)
	app.Exec(`insert into quotes (customer_id, description, currency, status, origin) select 1, 'Quote ' || n, 'AUD', 'draft', 'office' from generate_series(1, 200) n`)
	app.Exec(`insert into sites (customer_id, name) select 1, 'Site ' || n from generate_series(1, 200) n`)
	app.Exec(`insert into equipment (customer_id, number, name, type, origin) select 1, 'N-' || n, 'Fan', 'Fan', 'office' from generate_series(1, 200) n`)
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) select customer_id, id, 'Any news?', case customer_id when 1 then 1 when 2 then 4 else 6 end from jobs`)
	app.Exec(`insert into messages (customer_id, job_id, text, staff_id) select 1, 1, 'Message ' || n, 1 from generate_series(1, 200) n; insert into message_reads (message_id, staff_id) select id, 1 from messages where contact_id is not null`)
	for _, path := range lists {
		if n := ada.RoundTrips(path); n != few[path] {
			t.Errorf("%s took %d round trips with many rows, %d with few", path, n, few[path])
		}
	}
}

// TestRoundTripsOfTheOffice: a page of the office asks who looks, may have to
// find what its address or filter names, and then asks for everything it shows.
// A list that is saved as a file is written down besides.
// The second look counts: the first one of a job may note that it was looked at.
func TestRoundTripsOfTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into emails (kind, rule, to_address, message_id, state, contact_id, customer_id) values ('welcome', 'x', 'lee@demo.test', 'm1', 'sent', 1, 1)`)
	app.Exec(`insert into attachments (public_id, customer_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id)
		select 'more' || n, 1, case n when 1 then 2 end, case n when 2 then 1 end, 'more', 'document', 'text/plain', 1, blob_key, 1 from attachments, generate_series(1, 3) n where public_id = '` + apptest.SharedFile + `'`)
	app.Exec(`insert into audit_entries (actor, staff_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after) values ('staff', 1, 'Ada', 'edited', 'job', 1, 'J-1001', 1, '{"site": 1}', '{"site": 2}')`)
	ada := app.As("ada")
	pages := []string{
		"/office/admin/activity?q=ada", "/office/admin/activity?customer=C-1001", "/office/admin/activity?job=J-1001&by=contact-1&q=lee", "/office/search?q=harbour", "/office/admin/company/preview/style.css?colour=%23ff0000",
		"/office/customers?q=c&type=x&portal=no&manager=nobody", "/office/jobs?q=unit&customer=C-1001", "/office/quotes?q=unit&customer=C-1001", "/office/equipment?q=unit&customer=harbour",
		"/office/jobs/new?customer=C-1001", "/office/quotes/new?customer=C-1001", "/office/quotes/new?copy=Q-1002", "/office/equipment/new?customer=C-1001",
		"/office/contacts/invitations?contact=2", "/office/quotes/Q-1001/edit", "/office/quotes/Q-1001/sending", "/office/jobs/J-1004/booking", "/office/jobs/J-1001/tasks?edit=1", "/office/jobs/J-1002/time?edit=1",
		"/office/jobs/J-1001/attachments/captions?attachment=" + apptest.SharedFile, "/office/jobs/J-1001/attachments/removal?attachment=" + apptest.SharedFile,
		"/office/quotes/Q-1002/attachments/captions?attachment=more1", "/office/equipment/equipmentofharbour0000000000001/attachments/captions?attachment=more2", "/office/customers/C-1001/attachments/removal?attachment=more3",
	}
	for _, route := range app.SortedRoutes() {
		if route.Method == http.MethodGet && strings.HasPrefix(route.Pattern, "/office") && (route.Who == "staff" || route.Who == "administrator") {
			pages = append(pages, route.Pattern)
		}
	}
	elsewhere := 0
	for _, page := range pages {
		path := apptest.Path(t, page)
		ada.Knock(http.MethodGet, path)
		status, n := ada.Trips(path)
		most := int64(3)
		if strings.HasPrefix(page, "/office/search?") {
			most++ // what was typed becomes a query first
		}
		if strings.HasSuffix(page, ".csv") || strings.HasSuffix(page, ".xlsx") || strings.HasSuffix(page, "/refused") {
			most += 4 // begin, insert, commit: who saves a list is written down; and what its records have beside the list
		}
		if status != http.StatusOK {
			most++ // it leads elsewhere, and may leave a word for that page
		}
		if n > most {
			t.Errorf("%s took %d round trips, want %d", page, n, most)
		}
		if status != http.StatusOK {
			elsewhere++
		}
	}
	if elsewhere > 26 {
		t.Errorf("%d pages were not there to be counted", elsewhere)
	}
}
