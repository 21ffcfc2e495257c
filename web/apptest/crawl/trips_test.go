package crawl_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestRoundTrips: a page of the portal asks who looks, and then for everything
// it shows. Lists of the office ask as often for many rows as for few.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ada := app.As("lee"), app.As("ada")
	for _, path := range []string{"/", "/jobs", "/jobs?q=unit", "/jobs/J-1001", "/jobs/new", "/quotes", "/quotes/Q-1002", "/equipment", "/equipment/equipmentofharbour0000000000001", "/details", "/details/colleagues", "/details/colleagues/2", "/details/colleagues/2/edit"} {
		if n := lee.RoundTrips(path); n > 2 {
			t.Errorf("%s took %d round trips, want 2", path, n)
		}
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
