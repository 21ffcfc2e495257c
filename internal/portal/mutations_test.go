package portal

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

var mutations = flag.Bool("mutations", false, "break each clause of the portal's views once")

// TestEveryClauseCounts breaks each clause of each view, one at a time: for
// somebody in town that must change what is seen. What is seen of the whole
// views is TestVisibility's and its kin's.
func TestEveryClauseCounts(t *testing.T) {
	t.Parallel()
	if !*mutations {
		t.Skip("make mutations runs it")
	}
	// These repeat what another clause says anyway, for an index to serve.
	repeated := []string{
		"quote_jobs: j.customer_id = portal.customer_id()", "quote_jobs: j.quote_id is not null",
		"job_follows: j.customer_id = portal.customer_id()", "job_follows: j.follows_job_id is not null",
		"documents: a.customer_id = portal.customer_id()", "mail_choices: m.customer_id = portal.customer_id()", "push_choices: m.customer_id = portal.customer_id()",
		// And these spare a look at what shows anyway.
		"job_statuses: ((select portal.every_job()) is not null", "messages: (m.job_id is not null and (select portal.every_job()) is not null",
		"news: (u.job_id is not null and (select portal.every_job()) is not null", "case v.jobs_see = 'all' and v.all_sites and not portal.linked() and p.cutoff = '-infinity' is false",
	}
	r, db := newTown(t)
	owner, portalRole := dbtest.Owner(t, db), pgx.Identifier{postgres.RoleOfPool(db).Name + "_portal"}.Sanitize()
	exec(t, db, `update contacts set company_edit = true, contacts_manage = true where id in (1, 8)`)
	exec(t, db, `update contacts set created_at = now() - interval '30 days' where id = 1`) // before the messages, which are new then; to the others they are not
	exec(t, db, `update contacts set jobs_see = 'all' where id = 6`)
	exec(t, db, `update jobs set main_contact_id = 10, invoicing_note = 'y' where id = 3`)
	exec(t, db, `update quotes set main_contact_id = 10 where id = 6`)
	exec(t, db, `update customers set payment_terms = '30 days', invoice_delivery = 'x', invoice_address = 'x', purchase_order_required = true`)
	exec(t, db, `insert into mail_choices (customer_id, contact_id, kind, wanted) select customer_id, id, 'job_booked', true from contacts`)
	exec(t, db, `insert into push_choices (customer_id, contact_id, kind, wanted) select customer_id, id, 'job_booked', true from contacts`)
	exec(t, db, `insert into visits (contact_id, before_at) select id, now() - interval '1 day' from contacts`)
	exec(t, db, ora)
	exec(t, db, keptTown)
	exec(t, db, `update keeper_requests set state = 'done', answer = 'Done.', answered_at = now() - case when row_id % 2 = 0 then interval '1 day' else interval '15 days' end where kind = 'jobs' and row_id < 3`)
	whole := migrations.PortalViews
	seen := sightOfTown(t, r)
	tried := 0
	try := func(what string, from, until int, instead string) {
		tried++
		what = strings.Join(strings.Fields(what), " ")
		replaceViews(t, owner, portalRole, whole[:from]+instead+whole[until:])
		if slices.Equal(sightOfTown(t, r), seen) != slices.Contains(repeated, what) {
			t.Errorf("without %q, or with %q in its place, nobody sees anything else: who should?", what, instead)
		}
	}
	at := 0
	for _, statement := range strings.SplitAfter(whole, ";\n") {
		view, _, _ := strings.Cut(strings.TrimPrefix(statement[max(0, strings.Index(statement, "create view portal.")):], "create view portal."), " ")
		for _, c := range clauses(statement) {
			clause := statement[c[0]:c[1]]
			try(view+": "+clause, at+c[0], at+c[1], "true")
			if first, second, ok := strings.Cut(clause, " or "); ok && strings.HasPrefix(clause, "(") {
				try(view+": "+first, at+c[0]+1, at+c[0]+len(first)+4, "")
				try(view+": "+second, at+c[0]+len(first), at+c[1]-1, "")
			}
		}
		at += len(statement)
	}
	for _, m := range regexp.MustCompile(`case when (.*?) then .* end`).FindAllStringSubmatchIndex(whole, -1) {
		try("case "+whole[m[2]:m[3]], m[2], m[3], "true")
		try("case "+whole[m[2]:m[3]]+" is false", m[2], m[3], "false")
	}
	t.Logf("%d clauses broken, %d of them repeated elsewhere", tried, len(repeated))
	if tried < 80 {
		t.Errorf("only %d clauses were found", tried)
	}
}

// ora has no access, and is main contact of a job and a quote; and work at the
// Depot is done on something of the Tower.
const ora = `
insert into contacts (id, customer_id, name, access, jobs_see, quotes_see) overriding system value values (20, 1, 'Ora', 'none', 'none', 'none');
insert into jobs (id, customer_id, name, description, job_type_id, status, main_contact_id, origin) overriding system value values (20, 1, 'ora''s', 'x', 1, 'unscheduled', 20, 'office');
insert into quotes (id, customer_id, name, description, currency, status, origin, created_by_contact_id, main_contact_id) overriding system value values (20, 1, 'ora''s', 'x', 'AUD', 'requested', 'portal', 1, 20);
insert into job_types (id, name) overriding system value values (2, 'Other');
insert into job_equipment (customer_id, job_id, equipment_id) values (1, 2, 1);`

// looks are those of somebody in town: with their own eyes, in a preview and, of
// a few who differ by links, through a link to one record.
func looks(name string) []views.Contact {
	all := []views.Contact{{}, {Preview: true}}
	switch name {
	case "Lee", "Pia", "Sam", "Max", "Ivy, invited":
		all = append(all, views.Contact{Job: 1}, views.Contact{Job: 3}, views.Contact{Quote: 4})
	case "Ora":
		all = append(all, views.Contact{Job: 20}, views.Contact{Quote: 20})
	}
	return all
}

// clauses are where the clauses of a view's where begin and end, or of what a
// function returns.
func clauses(statement string) (found [][2]int) {
	begin, depth := -1, 0
	for i := range statement {
		rest := statement[i:]
		switch {
		case rest[0] == '(' || strings.HasPrefix(rest, "case\n") || strings.HasPrefix(rest, "case r.kind\n"):
			depth++
		case rest[0] == ')' || strings.HasPrefix(rest, "\n      end") || strings.HasPrefix(rest, "\n  end"):
			depth--
		case depth > 0 || i < begin:
		case strings.HasPrefix(rest, "\nwhere "):
			begin = i + len("\nwhere ")
		case strings.HasPrefix(rest, "\nreturn "):
			begin = i + len("\nreturn ")
		case begin >= 0 && (strings.HasPrefix(rest, " and ") || strings.HasPrefix(rest, "\n  and ")):
			found = append(found, [2]int{begin, i})
			begin = i + strings.Index(rest, "and ") + len("and ")
		case begin >= 0 && rest[0] == ';':
			return append(found, [2]int{begin, i})
		}
	}
	return found
}

// replaceViews makes the views anew, as the user that owns them.
func replaceViews(t *testing.T, owner *pgxpool.Pool, role, script string) {
	t.Helper()
	script = "drop schema portal cascade;" + script + "grant usage on schema portal to " + role + "; grant select on all tables in schema portal to " + role
	if _, err := owner.Exec(t.Context(), migrations.InPortal(script), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// sightOfTown is every row of every view as each persona sees it, with
// everything shown and with what can be hidden hidden; previews, too.
func sightOfTown(t *testing.T, r *Reader) (all []string) {
	t.Helper()
	for _, settings := range []string{
		`update portal_settings set hide_tasks = false, hide_admin_details = false, age_limit = 'off', age_limit_since = null`,
		`update portal_settings set hide_tasks = true, hide_admin_details = true, age_limit = 'since', age_limit_since = business_day() - 365`,
	} {
		rows, err := r.db.Query(t.Context(), settings)
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
		everybody := maps.Clone(personas)
		everybody["Ora"] = Viewer{Contact: 20, Customer: 1}
		for _, name := range slices.Sorted(maps.Keys(everybody)) {
			for _, as := range looks(name) {
				who := everybody[name].eyes()
				who.Preview, who.Job, who.Quote = as.Preview, as.Job, as.Quote
				err := views.Read(context.WithoutCancel(t.Context()), r.db, who, func(b *postgres.Batch) {
					for _, view := range []string{
						"jobs", "job_staff", "job_statuses", "tasks", "time_entries", "job_equipment", "job_follows", "visit_answers", "quotes", "quote_lines", "quote_sendings", "quote_answers", "quote_staff", "quote_jobs",
						"equipment", "messages", "news", "attachments", "sites", "customer", "addressee", "record", "viewer", "job_types", "managed_contacts", "last_visit", "mail_choices", "push_choices", "documents", "document_kinds", "lasting_documents", "kept_requests", "seen_jobs", "seen_quotes",
					} {
						b.Add(`select coalesce(string_agg(x::text, ' ' order by x::text), '') from portal.`+view+` x`, nil, func(rows pgx.Rows) error {
							seen, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
							all = append(all, fmt.Sprint(name, as, view, seen))
							return err
						})
					}
				})
				if err != nil { // a clause that fails is noticed as well
					all = append(all, err.Error())
				}
			}
		}
	}
	return all
}
