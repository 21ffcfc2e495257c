package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// What customers see is decided by the views of the portal. Here the rule
// stands once more, in another form and on the tables themselves, so that a
// fault of one is seen by the other: for contacts of every kind, what the views
// show is compared with what the rule allows, within one moment of the database.

// kinds picks a contact of each kind of access and rights: another one each
// time and, of more than 60 kinds, other ones.
const kinds = `
	select c.id, c.customer_id as customer, c.name || ' of ' || cu.name as name
	from (select (min(array[random(), c.id]))[2]::bigint as id
		from contacts c join customers cu on cu.id = c.customer_id
		group by c.access, c.archived_at is null, cu.archived_at is null, c.jobs_see, c.quotes_see, c.equipment_see, c.all_sites, c.contacts_manage
		order by random() limit 60) kinds
	join contacts c using (id) join customers cu on cu.id = c.customer_id`

// allowed is the head of what a contact may see, by the tables.
const allowed = `
	with me as (
		select c.*, s.hide_tasks, s.hide_admin_details,
			case s.age_limit when 'months' then moment_of((business_day() - make_interval(months => s.age_limit_months))::date, '00:00', b.time_zone)
				when 'since' then moment_of(s.age_limit_since, '00:00', b.time_zone) else '-infinity' end as since
		from contacts c join customers cu on cu.id = c.customer_id cross join portal_settings s cross join company b
		where c.id = @contact and c.access = 'active' and c.archived_at is null and cu.archived_at is null
	), my_sites as not materialized (
		select s.id from me join sites s on s.customer_id = me.customer_id
		where me.all_sites or exists (select from contact_sites x where x.contact_id = me.id and x.site_id = s.id)
	), my_jobs as not materialized (
		select j.* from me join jobs j on j.customer_id = me.customer_id
		where (me.jobs_see = 'all' or (me.jobs_see = 'own' and j.main_contact_id = me.id))
			and (me.all_sites or j.site_id in (select id from my_sites))
			and (j.status not in ('completed', 'closed', 'cancelled') or coalesce(j.completed_at, j.booked_from, j.created_at) >= me.since)
	), my_quotes as not materialized (
		select q.*, v.id as version_id, v.total from me join quotes q on q.customer_id = me.customer_id
		left join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
		where (me.quotes_see = 'all' or (me.quotes_see = 'own' and q.main_contact_id = me.id))
			and (me.all_sites or q.site_id in (select id from my_sites))
			and (q.origin = 'portal' or q.sent_version is not null)
	), my_equipment as not materialized (
		select e.* from me join equipment e on e.customer_id = me.customer_id
		where me.equipment_see = 'all' and (me.all_sites or e.site_id in (select id from my_sites))
	), my_messages as not materialized (
		select m.* from me join messages m on m.customer_id = me.customer_id
		where not m.staff_only and (m.job_id in (select id from my_jobs) or m.quote_id in (select id from my_quotes))
	)`

// compared is one list: what the views show of it and what the rule allows,
// each row an id and what else must be right, the newest first.
type compared struct {
	name, shown, allowed string
	// within says that the views may show less than what is allowed here.
	within bool
}

var lists = []compared{
	{name: "sites", shown: `id, '' from portal.sites`, allowed: `id, '' from my_sites`},
	{
		name: "jobs", shown: `id, invoice_number || '/' || invoicing_note from portal.jobs`,
		allowed: `id, case when (select hide_admin_details from me) then '/' else invoice_number || '/' || invoicing_note end from my_jobs`,
	},
	{name: "quotes", shown: `id, coalesce(total::text, '') from portal.quotes`, allowed: `id, coalesce(total::text, '') from my_quotes`},
	{name: "quote lines", shown: `id, '' from portal.quote_lines`, allowed: `l.id, '' from my_quotes q join quote_lines l on l.version_id = q.version_id`},
	{name: "equipment", shown: `id, '' from portal.equipment`, allowed: `id, '' from my_equipment`},
	{name: "tasks", shown: `id, '' from portal.tasks`, allowed: `t.id, '' from my_jobs j join tasks t on t.job_id = j.id where not (select hide_tasks from me)`},
	{name: "times", shown: `id, '' from portal.time_entries`, allowed: `t.id, '' from my_jobs j join time_entries t on t.job_id = j.id`},
	{name: "answers to visits", shown: `job_id, reason from portal.visit_answers`, allowed: `a.job_id, a.reason from my_jobs j join visit_answers a on a.job_id = j.id`},
	{
		name: "jobs that follow others", shown: `job_id, follows_job_id::text from portal.job_follows`,
		allowed: `j.id, j.follows_job_id::text from my_jobs j where j.follows_job_id in (select id from my_jobs)`,
	},
	{name: "messages", shown: `id, '' from portal.messages`, allowed: `id, '' from my_messages`},
	{
		name: "files", shown: `id, blob_key from portal.attachments`,
		allowed: `a.id, case when a.kind <> 'photo' then a.blob_key else '' end
			from me join attachments a on a.customer_id = me.customer_id
			where a.customer_view and a.removed_at is null and (
				a.job_id in (select id from my_jobs) or a.quote_id in (select id from my_quotes) or a.equipment_id in (select id from my_equipment) or a.message_id in (select id from my_messages)
				or (a.job_id is null and a.quote_id is null and a.equipment_id is null and a.message_id is null and me.all_sites and (me.jobs_see = 'all' or me.quotes_see = 'all')))`,
	},
	{
		name: "documents", shown: `id, concat_ws(' ', blob_key, job_id) from portal.documents`,
		// Of what a valid one hangs on, age alone is forgiven.
		allowed: `a.id, concat_ws(' ', a.blob_key, (select j.id from my_jobs j where j.id = a.job_id))
			from me join attachments a on a.customer_id = me.customer_id left join equipment e on e.id = a.at_equipment_id left join jobs j on j.id = a.job_id
			where a.document_kind_id is not null and a.customer_view and a.removed_at is null
				and (me.all_sites or a.at_site_id in (select id from my_sites) or e.site_id in (select id from my_sites)) and (
				a.job_id in (select id from my_jobs) or a.quote_id in (select id from my_quotes) or a.equipment_id in (select id from my_equipment) or a.message_id in (select id from my_messages)
				or (num_nonnulls(a.job_id, a.quote_id, a.equipment_id, a.message_id) = 0 and me.all_sites and 'all' in (me.jobs_see, me.quotes_see))
				or (j.id is not null and a.valid_until >= business_day() and (me.jobs_see = 'all' or (me.jobs_see = 'own' and j.main_contact_id = me.id)) and (me.all_sites or j.site_id in (select id from my_sites))))`,
	},
	{
		name: "customers", shown: `id, concat_ws('/', payment_terms, invoice_delivery, invoice_address, purchase_order_required) from portal.customer`,
		allowed: `cu.id, case when me.hide_admin_details then '//' else concat_ws('/', cu.payment_terms, cu.invoice_delivery, cu.invoice_address, cu.purchase_order_required) end
			from me join customers cu on cu.id = me.customer_id`,
	},
	{
		name: "contacts", within: true, shown: `id, '' from portal.managed_contacts`,
		allowed: `c.id, '' from me join contacts c on c.customer_id = me.customer_id
			where me.contacts_manage and c.id <> me.id and c.archived_at is null and (me.all_sites or not c.all_sites)
				and (c.jobs_see = 'none' or me.jobs_see = 'all') and (c.quotes_see = 'none' or me.quotes_see = 'all')`,
	},
}

// some is how much of a list is compared.
const some = 200

func query(head, list string) string {
	return head + ` select id::text || ' ' || detail from (select ` + list + `) l (id, detail) order by id desc limit @some`
}

// looker is a contact whose view is compared.
type looker struct {
	ID, Customer int64
	Name         string
}

func leaks(ctx context.Context, r *round) []Finding {
	if r.Pool == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	found, err := findLeaks(ctx, r)
	if err != nil && len(found) == 0 {
		if errors.Is(err, context.DeadlineExceeded) {
			return one(warning("It took too long to compare.", "Try again when there is less to do."))
		}
		return one(warning("Not looked at: the database does not answer, or is not migrated.", ""))
	}
	return found
}

func findLeaks(ctx context.Context, r *round) (found []Finding, err error) {
	var readable []string
	var lookers []looker
	err = postgres.Read(ctx, r.Pool, func(b *postgres.Batch) {
		postgres.QueryValues(b, &readable, `
			select c.relname::text from pg_class c join pg_roles p on p.rolname = current_user || '_portal'
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege(p.oid, c.oid, 'select') order by 1`, nil)
		postgres.Query(b, &lookers, kinds, nil)
	})
	if err != nil {
		return nil, err
	}
	if len(readable) > 0 {
		found = append(found, fault("The role that reads for customers may read tables: "+strings.Join(readable[:min(5, len(readable))], ", ")+".", "Run fieldgate migrate, or restart the program."))
	}
	rows := 0
	for i, l := range lookers {
		n, wrong, err := compare(ctx, r, l)
		if errors.Is(err, context.DeadlineExceeded) && i > 0 {
			return append(found, warning(fmt.Sprintf("Of %d kinds of contacts %d were compared in the time there was.", len(lookers), i), "Try again when there is less to do.")), nil
		}
		if err != nil {
			return found, err
		}
		rows += n
		found = append(found, wrong...)
	}
	if len(found) == 0 {
		found = one(ok(fmt.Sprintf("%s of different rights see what they may: %s compared.", count(len(lookers), "contact"), count(rows, "row"))))
	}
	return found, nil
}

// compare reads both sides in one moment of the database.
func compare(ctx context.Context, r *round, l looker) (rows int, wrong []Finding, err error) {
	shown, may := make([][]string, len(lists)), make([][]string, len(lists))
	err = pgx.BeginTxFunc(ctx, r.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		err := views.ReadIn(ctx, tx, views.Contact{ID: l.ID, Customer: l.Customer}, func(b *postgres.Batch) {
			for i, c := range lists {
				postgres.QueryValues(b, &shown[i], query("", c.shown), pgx.NamedArgs{"some": some})
			}
		})
		if err != nil {
			return err
		}
		return postgres.Read(ctx, tx, func(b *postgres.Batch) {
			for i, c := range lists {
				limit := 2 * some // what the views hide by mistake must not look like what they show by mistake
				if c.within {
					limit = 100 * some
				}
				postgres.QueryValues(b, &may[i], query(allowed, c.allowed), pgx.NamedArgs{"contact": l.ID, "some": limit})
			}
		})
	})
	if err != nil {
		return 0, nil, fmt.Errorf("compare what %s sees: %w", l.Name, err)
	}
	for i, c := range lists {
		rows += len(shown[i])
		if more := without(shown[i], may[i]); len(more) > 0 {
			wrong = append(wrong, fault(fmt.Sprintf("%s sees %s that the rule does not allow (%s).", l.Name, c.name, idsOf(more)), "Take the portal offline until this is understood, and report it: SECURITY.md says where."))
		} else if less := without(may[i][:min(some, len(may[i]))], shown[i]); len(less) > 0 && !c.within {
			wrong = append(wrong, warning(fmt.Sprintf("%s does not see %s that the rule allows (%s).", l.Name, c.name, idsOf(less)), "Report it: SECURITY.md says where."))
		}
	}
	return rows, wrong, nil
}

func without(all, known []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(row string) bool { return slices.Contains(known, row) })
}

// idsOf are the rows' ids, without what stands in them.
func idsOf(rows []string) string {
	var ids []string
	for _, row := range rows[:min(5, len(rows))] {
		id, _, _ := strings.Cut(row, " ")
		ids = append(ids, id)
	}
	return strings.Join(ids, ", ")
}
