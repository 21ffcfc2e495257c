// Package views reads the views of migrations/portal/views.sql, which show what
// one contact may see. Who looks is set at the head of a batch, together with a
// database role that can read these views and nothing else. The portal's pages
// and the emails to contacts both read through here.
package views

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

// In is a database that reads the views of this program's version where a query
// says portal: those of other versions, which other copies read, are beside them.
func In(db postgres.DB) postgres.DB { return named{db} }

type named struct{ postgres.DB }

var inPortal postgres.Texts[string]

// Query runs the query on this version's views.
func (n named) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return n.DB.Query(ctx, migrations.InPortal(sql), args...)
}

// QueryRow runs the query on this version's views.
func (n named) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return n.DB.QueryRow(ctx, migrations.InPortal(sql), args...)
}

// SendBatch runs the queries on this version's views.
func (n named) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		q.SQL = inPortal.Of(q.SQL, func(sql string) (string, bool) { return migrations.InPortal(sql), true })
	}
	return n.DB.SendBatch(ctx, b)
}

// Contact is in whose name the views are read.
type Contact struct {
	ID       int64
	Customer int64
	Preview  bool // staff look, as this contact would

	// Job or Quote is the one record of who comes by a record link. All else is
	// not there then; access is not asked for, but for a suspension.
	Job, Quote int64
}

// Read runs the queries as the contact, in one round trip. Outside a
// transaction nothing of it stays on the connection: a batch is one implicit
// transaction. A transaction keeps no other right until it ends.
//
// Each query is planned for this contact, since one customer has a handful of
// jobs and another 50,000; see KeepPlans.
func Read(ctx context.Context, db postgres.DB, c Contact, queries func(*postgres.Batch)) error {
	return read(ctx, db, c, planned, queries)
}

// ReadKept is Read as after KeepPlans.
func ReadKept(ctx context.Context, db postgres.DB, c Contact, queries func(*postgres.Batch)) error {
	return read(ctx, db, c, kept, queries)
}

// ReadInOrder is Read as after KeepOrder.
func ReadInOrder(ctx context.Context, db postgres.DB, c Contact, queries func(*postgres.Batch)) error {
	return read(ctx, db, c, inOrder, queries)
}

func read(ctx context.Context, db postgres.DB, c Contact, p plans, queries func(*postgres.Batch)) error {
	return postgres.Read(ctx, In(db), func(b *postgres.Batch) {
		// As one statement: each costs what reading ten jobs does.
		args := c.args()
		maps.Copy(args, p.args())
		b.Do("select set_config('role', current_user || '_portal', true), "+plansSQL+", "+contactSQL, args)
		see(b, c)
		queries(b)
	})
}

// ReadAll is Read for each of several contacts, who may be of different
// customers, all in one round trip: what one sees ends where the next begins.
// Queries gets the contact's place.
func ReadAll(ctx context.Context, db postgres.DB, contacts []Contact, queries func(b *postgres.Batch, i int)) error {
	if len(contacts) == 0 {
		return nil
	}
	return postgres.Read(ctx, In(db), func(b *postgres.Batch) {
		restrict(b)
		for i, c := range contacts {
			look(b, c)
			planned.set(b)
			queries(b, i)
		}
	})
}

// PlanEach has the queries that follow planned for the contact who looks.
func PlanEach(b *postgres.Batch) { planned.set(b) }

// KeepPlans lets the queries that follow be planned once on a connection, for
// whoever looks. Planning costs several times what most of them do. It suits
// those whose best plan is the same for all: who find a thing by its number
// and what hangs on it.
func KeepPlans(b *postgres.Batch) { kept.set(b) }

// KeepOrder is KeepPlans for those that read a customer's things in the order of
// an index, or count them in one. Their plan is made for whoever comes first,
// with a handful of jobs or with 50,000: so it never gathers, sorts or joins all
// of what can be read in order.
func KeepOrder(b *postgres.Batch) { inOrder.set(b) }

// KeepSearch is KeepOrder for a search of what many fit, which may have to look
// into the index of words: that is read as a bitmap alone.
func KeepSearch(b *postgres.Batch) { searched.set(b) }

// ReadIn runs the queries as the contact inside a transaction that writes, so
// that what is changed is what is seen at that moment. The transaction then
// goes on with its own rights. The queries keep their plans.
func ReadIn(ctx context.Context, tx postgres.Tx, c Contact, queries func(*postgres.Batch)) error {
	return ReadEach(ctx, tx, []Contact{c}, func(b *postgres.Batch, _ int) { queries(b) })
}

// ReadEach is ReadIn for each of the contacts, all in one round trip, inside a
// transaction or outside. Queries gets the contact's place.
func ReadEach(ctx context.Context, db postgres.DB, contacts []Contact, queries func(b *postgres.Batch, i int)) error {
	if len(contacts) == 0 {
		return nil
	}
	return postgres.Read(ctx, In(db), func(b *postgres.Batch) {
		for i, c := range contacts {
			if i == 0 { // as one statement, see read
				b.Do("select "+restrictSQL+", "+contactSQL, c.args())
				see(b, c)
			} else {
				look(b, c)
			}
			queries(b, i)
		}
		args := Contact{}.args()
		maps.Copy(args, planned.args())
		b.Do("select "+contactSQL+", "+unseeSQL+", set_config('role', 'none', true), set_config('plan_cache_mode', "+postgres.PlansOfTransaction+", true), "+rowsSQL, args)
	})
}

// restrict takes every right away but that of reading the views, until the
// transaction ends.
func restrict(b *postgres.Batch) { b.Do("select "+restrictSQL, nil) }

const restrictSQL = `set_config('role', current_user || '_portal', true), set_config('plan_cache_mode', 'force_generic_plan', true)`

// look names who looks, and keeps what they may see now as settings. Nobody may
// see nothing.
func look(b *postgres.Batch, c Contact) {
	b.Do("select "+contactSQL, c.args())
	see(b, c)
}

const contactSQL = `set_config('portal.as_contact', @contact, true), set_config('portal.as_customer', @customer, true), set_config('portal.preview', @preview, true), set_config('portal.as_job', @as_job, true), set_config('portal.as_quote', @as_quote, true), set_config('portal.record_site', '', true), set_config('portal.record_type', '', true)`

func (c Contact) args() pgx.NamedArgs {
	preview := ""
	if c.Preview {
		preview = "on"
	}
	return pgx.NamedArgs{
		"contact": strconv.FormatInt(c.ID, 10), "customer": strconv.FormatInt(c.Customer, 10), "preview": preview,
		"as_job": idOrNone(c.Job), "as_quote": idOrNone(c.Quote),
	}
}

func idOrNone(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// Sight are the columns of portal.sight, each a setting that the views compare with.
var Sight = []string{
	"contact_id", "customer_id", "everything", "jobs_customer", "all_jobs", "every_job", "quotes_customer", "all_quotes", "equipment_customer", "named_equipment_customer",
	"all_sites", "sites", "shows_admin", "shows_tasks", "cutoff", "visit_answer_hours", "today", "news_since", "last_visit",
}

// seeSQL names each column: to take a row apart takes as long as to read it.
var seeSQL = func() string {
	set := make([]string, len(Sight))
	for i, name := range Sight {
		set[i] = "set_config('portal." + name + "', coalesce(s." + name + ", ''), true)"
	}
	return "select " + strings.Join(set, ", ") + " from portal.sight s"
}()

// unseeSQL is what seeSQL comes to for nobody.
var unseeSQL = func() string {
	set := make([]string, len(Sight))
	for i, name := range Sight {
		set[i] = "set_config('portal." + name + "', '', true)"
	}
	return strings.Join(set, ", ")
}()

func see(b *postgres.Batch, c Contact) {
	b.Do(seeSQL, nil)
	if c.Job != 0 || c.Quote != 0 {
		b.Do(`select set_config('portal.record_site', coalesce(r.site_id::text, ''), true), set_config('portal.record_type', coalesce(r.job_type_id::text, ''), true) from portal.record r`, nil)
	}
}

// plans are how queries are planned: the mode of the plan cache, and whether
// rows may be read, sorted and joined all at once.
type plans struct{ mode, all, bitmap string }

var (
	planned  = plans{"force_custom_plan", "on", "on"}
	kept     = plans{"force_generic_plan", "on", "on"}
	inOrder  = plans{"force_generic_plan", "off", "off"}
	searched = plans{"force_generic_plan", "off", "on"}
)

const plansSQL = `set_config('plan_cache_mode', @mode, true), ` + rowsSQL

const rowsSQL = `set_config('enable_sort', @all, true), set_config('enable_hashjoin', @all, true), set_config('enable_mergejoin', @all, true), set_config('enable_bitmapscan', @bitmap, true), set_config('enable_seqscan', @all, true)`

func (p plans) args() pgx.NamedArgs {
	return pgx.NamedArgs{"mode": p.mode, "all": p.all, "bitmap": p.bitmap}
}

func (p plans) set(b *postgres.Batch) { b.Do("select "+plansSQL, p.args()) }
