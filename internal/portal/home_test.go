package portal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fieldgate/internal/contact"
)

// theirPermissions are those of people in town who look at the first page, as the
// gate reads them.
var theirPermissions = map[string]contact.Permissions{
	"Lee": {JobsSee: contact.All, QuotesSee: contact.All, EquipmentSee: contact.All, AllSites: true},
	"Kim": {JobsSee: contact.Own, QuotesSee: contact.None, EquipmentSee: contact.None, AllSites: true},
	"Rae": {JobsSee: contact.Own, QuotesSee: contact.Own, EquipmentSee: contact.All, AllSites: true},
	"Sam": {JobsSee: contact.None, QuotesSee: contact.All, EquipmentSee: contact.None, AllSites: true},
	"Pia": {JobsSee: contact.All, QuotesSee: contact.All, EquipmentSee: contact.All, Sites: []int64{2}},
	"Eva": {JobsSee: contact.All, QuotesSee: contact.All, EquipmentSee: contact.All},
	"Ola": {JobsSee: contact.All, QuotesSee: contact.All, EquipmentSee: contact.All, AllSites: true},
}

// What stands at jobs and quotes of when they changed is what their histories say,
// whatever becomes of them; the first page has the last of it, whoever looks.
func TestHomeHasTheLastChanges(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `insert into jobs (id, customer_id, name, description, job_type_id, status, site_id, main_contact_id, origin) overriding system value
		select 6 + n, 1, 'more', 'x', 1, 'unscheduled', 1 + n % 2, case n % 3 when 0 then 2 else 7 end, 'office' from generate_series(1, 12) n`)
	exec(t, db, `insert into job_statuses (customer_id, job_id, status) select customer_id, id, status from jobs where name = 'more'`)
	exec(t, db, `update job_statuses set at = now() - job_id * interval '7 minutes'`)
	exec(t, db, `update quotes set created_at = now() - id * interval '11 minutes'`)
	exec(t, db, `update quote_versions set sent_at = now() - quote_id * interval '9 minutes' where sent_at is not null`)
	exec(t, db, `update quotes set sent_version = sent_version`)
	const moved = `with moved as (update jobs set status = 'deferred' where id = %[1]d returning customer_id, id, status) insert into job_statuses (customer_id, job_id, status) select * from moved`
	most := 0
	for _, change := range []string{
		`select 1`,
		fmt.Sprintf(moved, 1),
		fmt.Sprintf(moved, 9), // an older one
		`update jobs set name = 'another name' where id = 10`,
		`update jobs set site_id = 2, main_contact_id = 7 where id = 1`,
		`with gone as (delete from job_statuses where job_id = 9) select 1`,
		`insert into job_statuses (customer_id, job_id, status, at) values (1, 9, 'unscheduled', now() - interval '100 days'), (1, 9, 'deferred', now() - interval '90 days')`,
		`update quote_versions set sent_at = now() where quote_id = 3; update quotes set status = 'sent', sent_version = 1 where id = 3`,
		`update quotes set main_contact_id = 7, site_id = 2 where id = 4`,
		`update quotes set status = 'draft' where id = 3`,
		`insert into quotes (id, customer_id, name, description, currency, status, origin, created_by_contact_id, site_id, main_contact_id) overriding system value values (60, 1, 'asked now', 'x', 'AUD', 'requested', 'portal', 7, 2, 7)`,
		`update jobs set status = 'completed', completed_at = now() where id = 12; insert into job_statuses (customer_id, job_id, status) values (1, 12, 'completed')`,
		`update portal_settings set age_limit = 'since', age_limit_since = business_day() - 365`,
	} {
		exec(t, db, change)
		for name, p := range theirPermissions {
			v := personas[name]
			v.Permissions, v.Business.Format.Now = p, time.Now()
			want := look(t, r, v, `
				select concat_ws(' ', number, status, to_char(at, 'HH24:MI:SS.US')) from (
					select * from (select distinct on (j.id) j.id, j.number, h.status, h.at from portal.jobs j join portal.job_statuses h on h.job_id = j.id order by j.id, h.at desc, h.id desc) j
					union all select id, number, case when sent_at is null then 'requested' else 'sent' end, coalesce(sent_at, created_at) from portal.quotes) c
				where at > now() - interval '60 days' order by at desc, number like 'Q%', id desc limit 6`)
			home, err := r.Home(t.Context(), v)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range home.Changes {
				got = append(got, c.Job+c.Quote+" "+c.Status+" "+c.At.UTC().Format("15:04:05.000000"))
			}
			if !slices.Equal(got, want) {
				t.Errorf("after %q: %s has changes %q, not %q", change, name, got, want)
			}
			most = max(most, len(want))
		}
	}
	if most != fewChanges {
		t.Errorf("nobody had more than %d changes", most)
	}
}

// Photos that were shared since the last visit are found by whose thing they show, and
// where: both follow it.
func TestHomeHasTheNewPhotos(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `insert into visits (contact_id, before_at) select id, now() - interval '1 day' from contacts`)
	exec(t, db, `update attachments set kind = 'photo', state = 'ready', document_kind_id = null, valid_until = null, at_site_id = null, at_equipment_id = null`)
	most := 0
	for _, change := range []string{
		`select 1`, // none is shared
		`update attachments set shared_at = now() where customer_view and (job_id is null or job_id <> 3)`,
		`update jobs set site_id = 2, main_contact_id = 7 where id = 1`,
		`update attachments set customer_view = true, shared_at = now() where name = 'lee''s hidden'`,
		`update quotes set main_contact_id = 7, site_id = 2 where id = 4`,
		`update equipment set site_id = 1 where id = 2`,
		`update attachments set about_contact_id = null, about_site_id = null where job_id = 1; update attachments set customer_view = false, shared_at = null where job_id = 1`,
		`update attachments set customer_view = true, shared_at = now() where job_id = 1`,
		`insert into seen_files (customer_id, contact_id, job_id, at) select customer_id, id, 1, now() from contacts where customer_id = 1`,
		`insert into attachments (customer_id, equipment_id, name, kind, state, media_type, size, blob_key, customer_view, shared_at, uploaded_by_staff_id) values (1, 2, 'new', 'photo', 'ready', 'x', 1, 'blob', true, now(), 1)`,
		`update equipment set site_id = 2 where id = 2`,
		`update jobs set site_id = null, main_contact_id = null where id = 1; delete from seen_files`,
	} {
		exec(t, db, change)
		for name, p := range theirPermissions {
			v := personas[name]
			v.Permissions, v.Business.Format.Now = p, time.Now()
			want := look(t, r, v, `
				select concat_ws(' ', count(*), job_id, quote_id, equipment_id) from portal.attachments
				where is_new and kind = 'photo' and state = 'ready' and num_nonnulls(job_id, quote_id, equipment_id) = 1 group by job_id, quote_id, equipment_id order by max(id) desc limit 3`)
			home, err := r.Home(t.Context(), v)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(home.NewPhotos))
			for i, n := range home.NewPhotos {
				err := db.QueryRow(t.Context(), `select concat_ws(' ', $1::int, (select id from jobs where number = $2), (select id from quotes where number = $3), (select id from equipment where public_id = $4))`, n.Photos, n.Job, n.Quote, n.Equipment).Scan(&got[i])
				if err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("after %q: %s has new photos %q, not %q", change, name, got, want)
			}
			most = max(most, len(want))
		}
	}
	if most < fewNew {
		t.Errorf("nobody had photos of more than %d things", most)
	}
}

// When a job or a quote changed for others than its customer, that is noted: by what
// keeps the first page's order alone it does not.
func TestWhatKeepsTheOrderIsNoChange(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	for _, c := range []struct {
		sql   string
		noted bool
	}{
		{`update jobs set status_at = now() where id = 1`, false},
		{`update job_statuses set at = now() - interval '1 day' where job_id = 1`, false},
		{`update quotes set asked_or_sent_at = now() where id = 4`, false},
		{`update attachments set about_site_id = 3 where job_id = 1`, false},
		{`update attachments set shared_at = now() where job_id = 1`, true},
		{`update jobs set status = 'deferred' where id = 1`, true},
		{`update jobs set name = 'x' where id = 1`, true},
		{`update quotes set sent_version = null, status = 'draft' where id = 4`, true},
	} {
		changed := func() (all string) {
			err := db.QueryRow(t.Context(), `select concat(
				(select string_agg(changed_at::text, ' ' order by id) from jobs), (select string_agg(changed_at::text, ' ' order by id) from quotes), (select string_agg(updated_at::text, ' ' order by id) from attachments))`).Scan(&all)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		before := changed()
		exec(t, db, c.sql)
		if noted := changed() != before; noted != c.noted {
			t.Errorf("%s: noted is %v", c.sql, noted)
		}
	}
}

// The list of quotes counts as each of its statuses lists, however they are found.
func TestCountsOfQuotesAreThoseOfTheirList(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `insert into quotes (id, customer_id, name, description, currency, status, origin, site_id, main_contact_id, valid_until) overriding system value
		select 50 + n, 1, 'sent', 'x', 'AUD', 'draft', 'office', 1 + n % 2, case n % 3 when 0 then 7 else 1 end, business_day() + n - 8 from generate_series(1, 16) n`)
	exec(t, db, `insert into quote_versions (id, customer_id, quote_id, number, sent_at, sent_by_id, valid_until) overriding system value select id, 1, id, 1, now(), 1, case when id % 3 > 0 then valid_until end from quotes where id > 50`)
	exec(t, db, `update quotes set sent_version = 1, status = (array['sent', 'draft', 'accepted', 'sent'])[1 + id % 4], valid_until = case when id % 3 > 0 then valid_until end where id > 50`)
	exec(t, db, `insert into acceptances (customer_id, version_id, contact_id, decision, full_name, reason, address, browser)
		select 1, v.id, 7, 'declined', 'Rae R.', 'x', '192.0.2.1', 'Firefox' from quote_versions v join quotes q on q.id = v.quote_id where v.quote_id > 50 and q.status = 'draft' and v.quote_id % 8 = 1`)
	most := 0
	for name, p := range theirPermissions {
		v := personas[name]
		v.Permissions, v.Business.Format.Now = p, time.Now()
		for _, site := range []int64{0, 2} {
			q := QuoteQuery{Query: QuoteOrders.Read(nil), Site: site}
			all, err := r.Quotes(t.Context(), v, q)
			if err != nil {
				t.Fatal(err)
			}
			if all.All != len(all.Rows) {
				t.Errorf("%s at %d: %d counted, %d listed", name, site, all.All, len(all.Rows))
			}
			for status, counted := range map[string]int{"requested": all.Requested, "sent": all.Sent} {
				want := 0
				for _, row := range all.Rows {
					if string(row.Status) == status {
						want++
					}
				}
				q.Status = "requested"
				if status == "sent" {
					q.Status = "sent"
				}
				listed, err := r.Quotes(t.Context(), v, q)
				if err != nil || counted != want || listed.Matching != want || len(listed.Rows) != want {
					t.Errorf("%s at %d: of %s there are %d, %d counted, %d on their page, where %d are counted; %v", name, site, status, want, counted, len(listed.Rows), listed.Matching, err)
				}
				most = max(most, want)
			}
		}
	}
	if most < 5 {
		t.Errorf("nobody saw more than %d", most)
	}
}
