package apptest_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// BenchmarkPages opens pages of a customer with 50,000 jobs, and
// 20,000 photos.
func BenchmarkPages(b *testing.B) {
	app := apptest.New(b)
	app.Exec(`
		insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, booked_from, completed_at, origin, created_at)
		select 1 + (n % 4) / 3, 'Service ' || n, 'Filters and coils of unit ' || n, 1 + n % 2, case when n % 50 = 0 then 'unscheduled' else 'closed' end,
			case when n % 4 = 3 then 3 else 1 + n % 2 end, case when n % 4 = 3 then 4 else 1 + n % 3 end,
			now() - n * interval '10 minutes', case when n % 50 = 0 then null else now() - n * interval '10 minutes' end, 'office', now() - n * interval '10 minutes'
		from generate_series(1, 66000) n`)
	app.Exec(`
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, state, customer_view, uploaded_by_staff_id, uploaded_at)
		select customer_id, id, 'photo.jpg', 'photo', 'image/jpeg', 1000, 'blob' || id, 'web' || id, 'thumb' || id, 'ready', id % 3 > 0, 1, created_at
		from jobs where id > 100 order by id limit 20000`)
	app.Exec(`analyze`)
	people := map[string]*apptest.Browser{"lee": app.As("lee"), "kim": app.As("kim"), "ada": app.As("ada")}
	for _, page := range []struct{ who, path string }{
		{"lee", "/"},
		{"lee", "/jobs"},
		{"lee", "/jobs?q=unit+4711"},
		{"lee", "/jobs?q=filters"},
		{"lee", "/jobs?sort=-booked"},
		{"lee", "/jobs/J-1001"},
		{"lee", "/attachments/" + apptest.SharedFile},
		{"kim", "/"},
		{"kim", "/jobs"},
		{"ada", "/office"},
		{"ada", "/office/jobs"},
		{"ada", "/office/jobs?q=filters"},
		{"ada", "/office/jobs?customer=C-1001"},
		{"ada", "/office/customers"},
		{"ada", "/office/customers/C-1001"},
	} {
		b.Run(page.who+page.path, func(b *testing.B) {
			for b.Loop() {
				if p := people[page.who].Get(page.path); p.Status != 200 {
					b.Fatalf("%d", p.Status)
				}
			}
		})
	}
}
