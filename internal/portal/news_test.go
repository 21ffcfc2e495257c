package portal

import (
	"slices"
	"testing"

	"fieldgate/internal/contact"
)

// What is new to those who see a few jobs is found by whose a message is about,
// and where: both follow the job and the quote.
func TestNewMessagesFollowWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update contacts set created_at = now() - interval '30 days'`)
	rae, pia := personas["Rae"], personas["Pia"]
	rae.Permissions = contact.Permissions{JobsSee: contact.Own, QuotesSee: contact.Own, EquipmentSee: contact.All, AllSites: true}
	pia.Permissions = contact.Permissions{JobsSee: contact.All, QuotesSee: contact.All, EquipmentSee: contact.All, Sites: []int64{2}}
	for _, step := range []struct {
		change    string
		rae, pia  News
		ofRae     int // things with new messages on the first page
		jobsOfPia int // statuses there
	}{
		{`select 1`, News{}, News{Jobs: 1}, 0, 1},
		{`update jobs set main_contact_id = 7 where id = 1`, News{Jobs: 1}, News{Jobs: 1}, 1, 1},
		{`update jobs set site_id = 2 where id = 1`, News{Jobs: 1}, News{Jobs: 2}, 1, 2},
		{`update quotes set main_contact_id = 7, site_id = 2 where id = 4`, News{Jobs: 1, Quotes: 1}, News{Jobs: 2, Quotes: 1}, 2, 2},
		{`insert into messages (id, customer_id, quote_id, text, staff_id) overriding system value values (50, 1, 5, 'on another', 1)`, News{Jobs: 1, Quotes: 2}, News{Jobs: 2, Quotes: 2}, 3, 2},
		{`update jobs set main_contact_id = 1, site_id = null where id = 1`, News{Quotes: 2}, News{Jobs: 1, Quotes: 2}, 2, 1},
	} {
		exec(t, db, step.change)
		for _, who := range []struct {
			Viewer
			want News
		}{{rae, step.rae}, {pia, step.pia}} {
			who.News = &News{}
			home, err := r.Home(t.Context(), who.Viewer)
			if err != nil || *who.News != who.want {
				t.Errorf("after %q: %+v to contact %d, not %+v; %v", step.change, *who.News, who.Contact, who.want, err)
			}
			if who.Contact == rae.Contact && len(home.Messages) != step.ofRae {
				t.Errorf("after %q: messages on %d things, not %d", step.change, len(home.Messages), step.ofRae)
			}
			jobs := 0
			for _, c := range home.Changes {
				if c.Job != "" {
					jobs++
				}
			}
			if who.Contact == pia.Contact && jobs != step.jobsOfPia {
				t.Errorf("after %q: changes of %d jobs, not %d", step.change, jobs, step.jobsOfPia)
			}
		}
	}
}

// What is kept of unread messages is what the messages themselves say, whatever
// becomes of them, and whoever looks.
func TestNewsAreTheNewMessages(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update contacts set created_at = now() - interval '90 days'`)
	exec(t, db, `insert into messages (id, customer_id, job_id, text, staff_id) overriding system value select 60 + id, customer_id, id, 'more', 1 from jobs`)
	exec(t, db, `insert into messages (id, customer_id, job_id, text, contact_id) overriding system value values (80, 1, 2, 'by Kim', 2)`)
	most := 0
	for _, change := range []string{
		`select 1`,
		`insert into messages (id, customer_id, job_id, text, staff_id, staff_only) overriding system value select 90 + id, customer_id, id, 'a note', 1, true from jobs`,
		`update messages set staff_only = true where id = 61`,
		`update messages set staff_only = false where id = 61`,
		`insert into message_reads (message_id, contact_id) values (61, 1), (62, 2), (80, 1) on conflict do nothing`,
		`insert into message_reads (message_id, staff_id) values (80, 1)`,
		`update messages set at = now() - interval '100 days' where id = 62`, // before anybody was there
		`update messages set at = now() - interval '10 days' where id = 62`,
		`update messages set at = now() - interval '200 days' where id = 63`,
		`update contacts set created_at = now() - interval '2 years'`,
		`update jobs set main_contact_id = 2, site_id = 2 where id = 1`,
		`update contacts set jobs_see = 'none' where id = 1`,
		`update contacts set jobs_see = 'all' where id = 1`,
		`update portal_settings set age_limit = 'since', age_limit_since = business_day()`,
		`update contacts set access = 'suspended' where id = 2`,
	} {
		exec(t, db, change)
		for name, v := range personas {
			said := look(t, r, v, `select concat_ws(' ', id, job_id, quote_id) from portal.messages where is_new order by 1`)
			if kept := look(t, r, v, `select concat_ws(' ', id, job_id, quote_id) from portal.news order by 1`); !slices.Equal(said, kept) {
				t.Errorf("after %q: new to %s are %q, and kept as unread %q", change, name, said, kept)
			}
			most = max(most, len(said))
		}
	}
	if most < 3 {
		t.Errorf("nobody had more than %d new messages", most)
	}
	exec(t, db, `insert into messages (id, customer_id, job_id, text, staff_id) overriding system value values (100, 1, 1, 'one more', 1)`)
	var old int
	if err := db.QueryRow(t.Context(), `select count(*) from unread_messages where at < now() - interval '181 days'`).Scan(&old); err != nil || old > 0 {
		t.Errorf("%d kept that are too old to be new; %v", old, err)
	}
}

// A list counts as it lists, by whichever index.
func TestCountsAreThoseOfTheirList(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update portal_settings set age_limit = 'since', age_limit_since = business_day() - 365`)
	exec(t, db, `insert into jobs (id, customer_id, name, description, job_type_id, status, completed_at, site_id, main_contact_id, origin) overriding system value
		select 50 + n, 1, 'done', 'x', 1, 'closed', now(), 1 + n % 2, 1 + n % 2, 'office' from generate_series(1, 6) n`)
	for name, p := range map[string]contact.Permissions{
		"Lee": {JobsSee: contact.All, QuotesSee: contact.All, AllSites: true},
		"Kim": {JobsSee: contact.Own, AllSites: true},
		"Pia": {JobsSee: contact.All, QuotesSee: contact.All, Sites: []int64{2}},
	} {
		v := personas[name]
		v.Permissions = p
		for _, site := range []int64{0, 2} {
			for _, sort := range []string{"newest", "booked", "number"} {
				q := JobQuery{Query: JobOrders.Read(map[string][]string{"sort": {"-" + sort}}), Site: site}
				all, err := r.Jobs(t.Context(), v, q)
				if err != nil {
					t.Fatal(err)
				}
				q.Status = Open
				open, err := r.Jobs(t.Context(), v, q)
				if err != nil {
					t.Fatal(err)
				}
				q.Status = Finished
				finished, err := r.Jobs(t.Context(), v, q)
				if err != nil {
					t.Fatal(err)
				}
				if len(all.Rows) != all.All || len(open.Rows) != all.Open || len(finished.Rows) != all.Finished || all.Matching != all.All || open.Matching != all.Open || finished.Matching != all.Finished || finished.Matching == 0 {
					t.Errorf("%s, site %d, by %s: %d, %d, %d counted; %d, %d, %d listed", name, site, sort, all.All, all.Open, all.Finished, len(all.Rows), len(open.Rows), len(finished.Rows))
				}
				for _, j := range all.Rows {
					if j.Type == "" {
						t.Errorf("%s is of no type", j.Number)
					}
				}
			}
		}
	}
}
