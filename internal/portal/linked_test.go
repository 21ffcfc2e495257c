package portal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// Those who have no access, and are main contact of a record all the same.
const linkedTown = `
insert into contacts (id, customer_id, name, email, access, quotes_accept, jobs_see, quotes_see) overriding system value values
	(20, 1, 'Ora', 'ora@demo.test', 'none', false, 'none', 'none'), (21, 1, 'Una', 'una@demo.test', 'invited', false, 'own', 'none');
update jobs set main_contact_id = 20 where id = 3;
update quotes set main_contact_id = 20 where id = 4;
insert into jobs (id, customer_id, name, description, job_type_id, status, main_contact_id, origin) overriding system value values (20, 1, 'una''s', 'x', 1, 'unscheduled', 21, 'office');
insert into job_types (id, name) overriding system value values (2, 'Other');
`

func linkPersonas() map[string]Viewer {
	all := maps.Clone(personas)
	all["Ora, no access"], all["Una, invited"] = Viewer{Contact: 20, Customer: 1}, Viewer{Contact: 21, Customer: 1}
	return all
}

// TestVisibilityByLink is the rule of record links: who is not named sees nothing
// by one, and whoever is named sees that record.
func TestVisibilityByLink(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, linkedTown)
	for _, tt := range []struct {
		record string
		link   Link
		who    string
	}{
		{"lee's", Link{Job: 1}, "Lee, Ivy, invited"},
		{"kim's", Link{Job: 2}, "Lee, Kim, Pia, Ivy, invited"},
		{"no site", Link{Job: 3}, "Lee, Ivy, invited, Ora, no access"},
		{"kim's old", Link{Job: 4}, "Lee, Kim, Ivy, invited"},
		{"una's", Link{Job: 20}, "Lee, Ivy, invited, Una, invited"},
		{"orchard", Link{Job: 5}, "Ola"},
		{"gone", Link{Job: 6}, ""},
		{"asked", Link{Quote: 1}, "Lee, Sam, Rae, Pia, Ivy, invited"},
		{"draft", Link{Quote: 3}, ""},
		{"sent", Link{Quote: 4}, "Lee, Sam, Ivy, invited, Ora, no access"},
		{"revised", Link{Quote: 5}, "Lee, Sam, Rae, Pia, Ivy, invited"},
		{"given up", Link{Quote: 7}, ""},
		{"orchard", Link{Quote: 8}, "Ola"},
		{"none of both at once", Link{Job: 1, Quote: 4}, ""},
	} {
		for name, v := range linkPersonas() {
			v.Link = tt.link
			want := []string{}
			if named(tt.who, name) {
				want = append(want, tt.record)
			}
			if got := look(t, r, v, "select name from portal.jobs union all select name from portal.quotes"); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("by a link to %s %+v %s sees %q", tt.record, tt.link, name, got)
			}
		}
	}
}

// named reports whether a name stands in a list of names, some of which have a comma.
func named(list, name string) bool {
	return list == name || strings.HasPrefix(list, name+", ") || strings.HasSuffix(list, ", "+name) || strings.Contains(list, ", "+name+", ")
}

// everyView are the views with rows of customers.
var everyView = []string{
	"jobs", "job_staff", "job_statuses", "tasks", "time_entries", "job_equipment", "job_follows", "visit_answers", "quotes", "quote_lines", "quote_sendings", "quote_answers", "quote_staff", "quote_jobs",
	"equipment", "messages", "news", "attachments", "sites", "customer", "addressee", "viewer", "job_types", "managed_contacts", "last_visit", "mail_choices", "push_choices", "documents", "document_kinds", "lasting_documents", "record", "kept_requests", "seen_jobs", "seen_quotes",
}

// keptTown is asked of the system that keeps things, of each thing once.
const keptTown = `
insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes)
select k.kind, k.id, 'edit', k.kind || ' ' || k.id, k.id::text, 'simpro', 'simPRO', k.customer_id, (select min(c.id) from contacts c where c.customer_id = k.customer_id), '[{"field": "site", "label": "Site", "before": "", "after": "Depot"}]'
from (select 'jobs' as kind, id, customer_id from jobs union all select 'quotes', id, customer_id from quotes union all select 'equipment', id, customer_id from equipment
	union all select 'sites', id, customer_id from sites union all select 'contacts', id, customer_id from contacts union all select 'customers', id, id from customers) k
where exists (select from contacts c where c.customer_id = k.customer_id)`

// TestLinkShowsOneRecord: of each view, a link shows what hangs on its record and
// nothing more, whoever it is of, and that is no more than the contact sees who
// has access.
func TestLinkShowsOneRecord(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, linkedTown)
	exec(t, db, `update contacts set company_edit = true, contacts_manage = true where id = 1`)
	exec(t, db, `insert into mail_choices (customer_id, contact_id, kind, wanted) select customer_id, id, 'job_booked', true from contacts`)
	exec(t, db, `insert into push_choices (customer_id, contact_id, kind, wanted) select customer_id, id, 'job_booked', true from contacts`)
	exec(t, db, keptTown)
	exec(t, db, `insert into visits (contact_id, before_at) select id, now() - interval '1 day' from contacts`)
	var views int
	if err := db.QueryRow(t.Context(), `select count(*) from information_schema.views where table_schema = (select max(nspname) from pg_namespace where nspname like 'portal\_%')`).Scan(&views); err != nil || views != len(everyView)+2 {
		t.Errorf("%d views, %d are looked at beside settings and sight (%v)", views, len(everyView), err)
	}
	for _, tt := range []struct {
		link Link
		seen map[string]string // by Lee, who sees all
	}{
		{Link{Job: 1}, map[string]string{
			"jobs": "lee's", "job_staff": "Tom", "job_statuses": "unscheduled", "tasks": "lee's", "time_entries": "1.50", "job_equipment": "chiller fan", "visit_answers": "lee's",
			"messages": "on lee's", "attachments": "lee's photo, with message", "sites": "Tower", "addressee": "Harbour", "job_types": "Service", "viewer": "Lee", "record": "1", "kept_requests": "jobs 1", "seen_jobs": "1",
		}},
		{Link{Job: 3}, map[string]string{
			"jobs": "no site", "job_staff": "Tom", "job_statuses": "booked", "tasks": "no site", "time_entries": "1.50", "visit_answers": "no site",
			"attachments": "no site, tower certificate", "documents": "tower certificate", "addressee": "Harbour", "job_types": "Service", "viewer": "Lee", "record": "1", "kept_requests": "jobs 3", "seen_jobs": "3",
		}},
		{Link{Quote: 4}, map[string]string{
			"quotes": "sent", "quote_lines": "sent v1", "quote_sendings": "1", "quote_staff": "Tom", "messages": "on sent", "attachments": "with quote message, with sent quote",
			"sites": "Tower", "addressee": "Harbour", "viewer": "Lee", "record": "–", "kept_requests": "quotes 4", "seen_quotes": "4",
		}},
		{Link{Quote: 5}, map[string]string{
			"quotes": "revised", "quote_lines": "revised v1", "quote_sendings": "1", "quote_staff": "Tom", "quote_answers": "Rae R.", "sites": "Depot", "addressee": "Harbour", "viewer": "Lee", "record": "–", "kept_requests": "quotes 5", "seen_quotes": "5",
		}},
	} {
		v := personas["Lee"]
		v.Link = tt.link
		for _, view := range everyView {
			got := look(t, r, v, "select "+labelOf(view)+" from portal."+view+" order by 1")
			if words := strings.Join(got, ", "); words != tt.seen[view] && strings.ReplaceAll(words, ",", "") != tt.seen[view] {
				t.Errorf("by a link to %+v Lee sees of %s %q, want %q", tt.link, view, words, tt.seen[view])
			}
		}
	}
	for _, v := range personas {
		for _, view := range everyView {
			// The first is of links alone, the second tells who manages contacts, the others name what else is seen.
			if slices.Contains([]string{"record", "viewer", "jobs", "documents"}, view) || v.Contact == 11 { // who sees nothing without
				continue
			}
			rows := "select to_jsonb(x)::text from portal." + view + " x"
			all := look(t, r, v, rows)
			for id := range int64(10) {
				for _, link := range []Link{{Job: id + 1}, {Quote: id + 1}} {
					linked := v
					linked.Link = link
					for _, row := range look(t, r, linked, rows) {
						if !slices.Contains(all, row) {
							t.Errorf("by a link to %+v contact %d sees of %s what they do not see otherwise: %s", link, v.Contact, view, row)
						}
					}
				}
			}
		}
	}
}

func labelOf(view string) string {
	switch view {
	case "seen_jobs", "seen_quotes":
		return "id::text"
	case "job_statuses":
		return "status"
	case "tasks":
		return "subject"
	case "time_entries":
		return "hours::text"
	case "visit_answers":
		return "reason"
	case "quote_lines":
		return "description"
	case "quote_sendings":
		return "number::text"
	case "quote_answers":
		return "full_name"
	case "messages":
		return "text"
	case "news":
		return "(select m.text from portal.messages m where m.id = news.id)"
	case "job_follows", "quote_jobs":
		return "job_id::text"
	case "last_visit":
		return "ended_at::text"
	case "mail_choices", "push_choices":
		return "kind"
	case "kept_requests":
		return "thing"
	case "lasting_documents":
		return "id::text"
	case "record":
		return "coalesce(job_type_id::text, '–')"
	}
	return "name"
}

// TestLinkAtTheNextLook: what takes the contact's sight away ends what a link
// shows, at the next look.
func TestLinkAtTheNextLook(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, linkedTown)
	for _, tt := range []struct {
		change, undo string
		contact      int64
		link         Link
	}{
		{`update contacts set access = 'suspended' where id = 1`, `update contacts set access = 'active' where id = 1`, 1, Link{Job: 1}},
		{`update contacts set archived_at = now() where id = 1`, `update contacts set archived_at = null where id = 1`, 1, Link{Job: 1}},
		{`update customers set archived_at = now() where id = 1`, `update customers set archived_at = null where id = 1`, 1, Link{Job: 1}},
		{`update contacts set jobs_see = 'none' where id = 1`, `update contacts set jobs_see = 'all' where id = 1`, 1, Link{Job: 1}},
		{`update contacts set quotes_see = 'none' where id = 1`, `update contacts set quotes_see = 'all' where id = 1`, 1, Link{Quote: 4}},
		{`update contacts set all_sites = false where id = 1`, `update contacts set all_sites = true where id = 1`, 1, Link{Job: 1}},
		{`update jobs set main_contact_id = 1 where id = 3`, `update jobs set main_contact_id = 20 where id = 3`, 20, Link{Job: 3}},
		{`update quotes set main_contact_id = null where id = 4`, `update quotes set main_contact_id = 20 where id = 4`, 20, Link{Quote: 4}},
		{`update contacts set access = 'suspended' where id = 20`, `update contacts set access = 'none' where id = 20`, 20, Link{Job: 3}},
		{`update jobs set status = 'completed', completed_at = now() - interval '3 years' where id = 1`, `update jobs set status = 'booked', completed_at = null where id = 1`, 1, Link{Job: 1}},
	} {
		exec(t, db, `update portal_settings set age_limit = 'months', age_limit_months = 12`)
		v := Viewer{Contact: tt.contact, Customer: 1, Link: tt.link}
		const everything = `select 'record' from portal.jobs union all select 'record' from portal.quotes union all select 'file' from portal.attachments union all select 'site' from portal.sites
			union all select 'message' from portal.messages union all select 'customer' from portal.addressee union all select 'type' from portal.job_types`
		if got := look(t, r, v, everything); !slices.Contains(got, "record") {
			t.Errorf("before %q: %q", tt.change, got)
		}
		exec(t, db, tt.change)
		if got := look(t, r, v, everything); len(got) != 0 {
			t.Errorf("after %q there is still %q", tt.change, got)
		}
		exec(t, db, tt.undo)
	}
}

// TestLinkLeavesNothingBehind: whoever looks next on the connection is not narrowed.
func TestLinkLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	linked := personas["Lee"]
	linked.Link = Link{Job: 1}
	for range 8 {
		if got := look(t, r, linked, "select name from portal.jobs"); !slices.Equal(got, []string{"lee's"}) {
			t.Fatalf("by the link: %q", got)
		}
		if got := look(t, r, personas["Lee"], "select name from portal.jobs"); len(got) != 4 {
			t.Errorf("after a look by a link Lee sees %q", got)
		}
	}
	// One after the other in one batch, too.
	contacts, seen := []views.Contact{linked.eyes(), personas["Lee"].eyes(), personas["Ola"].eyes()}, make([]int, 3)
	err := views.ReadEach(context.WithoutCancel(t.Context()), db, contacts, func(b *postgres.Batch, i int) {
		b.Add(`select count(*) from portal.jobs`, nil, func(rows pgx.Rows) (err error) {
			seen[i], err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
			return err
		})
	})
	if err != nil || fmt.Sprint(seen) != "[1 4 1]" {
		t.Errorf("%v, %v", seen, err)
	}
}

// TestPermissionsByLink: looking and answering are all that a link gives, in the
// area of its record, and no more than the contact has.
func TestPermissionsByLink(t *testing.T) {
	t.Parallel()
	full := contact.Permissions{
		JobsSee: contact.All, JobsEdit: true, JobsCreate: true, QuotesSee: contact.Own, QuotesEdit: true, QuotesCreate: true, QuotesAccept: true,
		EquipmentSee: contact.All, EquipmentEdit: true, EquipmentAdd: true, CompanyEdit: true, ContactsManage: true, AllSites: true,
	}
	none := contact.Permissions{JobsSee: contact.None, QuotesSee: contact.None, EquipmentSee: contact.None, AllSites: true}
	for _, tt := range []struct {
		name, access string
		link         Link
		has          contact.Permissions
		jobs, quotes contact.Scope
		accept       bool
	}{
		{"a job", "active", Link{Job: 1}, full, contact.All, contact.None, false},
		{"a quote", "active", Link{Quote: 1}, full, contact.None, contact.Own, true},
		{"invited, as chosen", "invited", Link{Quote: 1}, none, contact.None, contact.None, false},
		{"no access: their own job", "none", Link{Job: 1}, none, contact.Own, contact.None, false},
		{"no access: their own quote, to be answered", "none", Link{Quote: 1}, none, contact.None, contact.Own, true},
	} {
		want := contact.Permissions{JobsSee: tt.jobs, QuotesSee: tt.quotes, QuotesAccept: tt.accept, EquipmentSee: contact.None, AllSites: true}
		if got := permissionsByLink(tt.link, tt.access, tt.has); !got.Equal(want) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// TestLinkEndsMeanwhile: who looks by a link that ends during a request is told
// that it has ended; an answer by email finds no record.
func TestLinkEndsMeanwhile(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	exec(t, db, linkedTown)
	for _, tt := range []struct {
		who  Viewer
		want error
	}{
		{Viewer{Contact: 1, Customer: 1, Link: Link{Session: 999, Job: 1}}, apperr.SignedOut},
		{Viewer{Contact: 999, Customer: 1, Link: Link{Session: 999, Job: 1}}, apperr.SignedOut},
		{Viewer{Contact: 1, Customer: 1, Link: Link{Replies: true, Job: 1}}, apperr.NotFound},
	} {
		err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
			_, err := tt.who.currentByLink(t.Context(), tx, Viewer.SeesJobs, "for share of c")
			return err
		})
		if !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.who.Link, err, tt.want)
		}
	}
}
