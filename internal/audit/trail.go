package audit

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Entry is an entry of the trail as it is read. Before and After are JSON, or
// nil for none.
type Entry struct {
	ID             int64
	At             time.Time
	Actor          string // staff, contact, operator or system
	StaffID        int64
	ContactID      int64
	By             string // their name then
	Action         string
	Thing          string
	ThingID        int64
	Label          string
	CustomerNumber string
	CustomerName   string
	Before         json.RawMessage
	After          json.RawMessage
	Address        *netip.Addr
	// Where the thing is found, when its label does not say.
	Equipment string // the opaque id of equipment, or of what a file belongs to
	Job       string // the number of what a file belongs to
	Quote     string
	Names     Names // of what Before and After know by id
}

// Orders are the ways the trail can be sorted.
var Orders = list.Orders{{Key: "at", Expr: "e.at", Type: "timestamptz", Desc: true}}

// The actors, as filters name them.
const (
	ByStaff    = "staff"
	ByToken    = "api"
	ByContact  = "contact"
	ByOperator = "operator"
	BySystem   = "system"
)

// Filter narrows the trail; empty fields do not.
type Filter struct {
	Actor    string // one of ByStaff, ByToken, ByContact, ByOperator, BySystem
	Staff    int64
	Token    int64
	Contact  int64
	Thing    string // job, quote, contact…
	Customer int64  // everything that belongs to it
	About    About
	From     time.Time // the first moment
	Until    time.Time // the first moment that is too late
	// Details are the entries of what contacts changed about their company,
	// their sites and themselves.
	Details bool

	few []int64 // the entries that fit the search, when they are few; see QuerySearch
}

// many is how many entries are not few.
const many = 2000

// QuerySearch adds to a batch what makes f ready for a search in QueryList and
// QueryCount. Nobody can tell the planner how many entries begin with what
// somebody types; when there are few, the list takes them by their ids, and when
// there are many, a scan in its order soon meets them.
func (f *Filter) QuerySearch(b *postgres.Batch, q list.Query) {
	if strings.TrimSpace(q.Search) == "" {
		return
	}
	b.Add(`
		select coalesce(array_agg(id), '{}') from (select id from audit_entries where search @@ search_query(@typed) and search_query(@typed) <> '' limit @many) fit`,
		pgx.NamedArgs{"typed": q.Search, "many": many}, func(rows pgx.Rows) (err error) {
			if f.few, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]int64]); len(f.few) == many {
				f.few = nil
			}
			return err
		})
}

// Recent is how long changed details wait for the office's attention.
const Recent = 7 * 24 * time.Hour

// About is one thing with everything that is related to it: a job's tasks, time
// entries and files among them. The zero About is everything.
type About struct {
	Thing  string // job, quote, equipment or contact
	ID     int64
	Number string // of a job: tasks and time entries that were removed are known by it
}

// related are the entries about a thing and what belongs to it, by kind.
var related = map[string]string{
	"job": `select id from audit_entries where thing = 'job' and thing_id = @about
		union all select a.id from attachments f join audit_entries a on a.thing = 'attachment' and a.thing_id = f.id where f.job_id = @about
		union all select id from audit_entries where thing in ('task', 'time entry') and search @@ search_query(@about_number)
			and split_part(thing_label, ' ', 1) = @about_number`,
	"quote": `select id from audit_entries where thing = 'quote' and thing_id = @about
		union all select a.id from attachments f join audit_entries a on a.thing = 'attachment' and a.thing_id = f.id where f.quote_id = @about`,
	"equipment": `select id from audit_entries where thing = 'equipment' and thing_id = @about
		union all select a.id from attachments f join audit_entries a on a.thing = 'attachment' and a.thing_id = f.id where f.equipment_id = @about`,
	"contact": `select id from audit_entries where thing = 'contact' and thing_id = @about
		union all select id from audit_entries where contact_id = @about`,
}

// DetailsChanged is the condition of a Filter's Details; an index has it, too.
const DetailsChanged = `actor = 'contact' and thing in ('customer', 'site', 'contact') and action in ('created', 'edited', 'archived')`

func source(q list.Query, f Filter) list.Source {
	var w list.Where
	if f.few != nil {
		w.And("e.id = any(@few)", "few", f.few)
	} else {
		w.Search("e.search", q.Search)
	}
	if f.Actor != "" {
		w.And("e.actor = @actor", "actor", f.Actor)
	}
	if f.Staff != 0 {
		w.And("e.staff_id = @staff", "staff", f.Staff)
	}
	if f.Token != 0 {
		w.And("e.token_id = @token", "token", f.Token)
	}
	if f.Contact != 0 {
		w.And("e.contact_id = @contact", "contact", f.Contact)
	}
	if f.Thing != "" {
		w.And("e.thing = @thing", "thing", f.Thing)
	}
	if f.Customer != 0 {
		w.And("e.customer_id = @customer", "customer", f.Customer)
	}
	if entries := related[f.About.Thing]; entries != "" {
		w.And("e.id in ("+entries+")", "about", f.About.ID, "about_number", f.About.Number)
	}
	if !f.From.IsZero() {
		w.And("e.at >= @from", "from", f.From)
	}
	if !f.Until.IsZero() {
		w.And("e.at < @until", "until", f.Until)
	}
	if f.Details {
		w.And(DetailsChanged)
	}
	return list.Source{
		Columns: `e.id, e.at, e.actor, coalesce(e.staff_id, 0) as staff_id, coalesce(e.contact_id, 0) as contact_id, e.actor_name as by, e.action, e.thing,
			coalesce(e.thing_id, 0) as thing_id, e.thing_label as label, coalesce(cu.number, '') as customer_number,
			coalesce(cu.name, '') as customer_name, e.before, e.after, e.address,
			coalesce((select public_id from equipment where e.thing = 'equipment' and id = e.thing_id),
				(select i.public_id from attachments f join equipment i on i.id = f.equipment_id where e.thing = 'attachment' and f.id = e.thing_id), '') as equipment,
			coalesce((select j.number from attachments f join jobs j on j.id = f.job_id where e.thing = 'attachment' and f.id = e.thing_id), '') as job,
			coalesce((select k.number from attachments f join quotes k on k.id = f.quote_id where e.thing = 'attachment' and f.id = e.thing_id), '') as quote, ` + namesOf("e.before", "e.after") + ` as names`,
		From: "audit_entries e left join customers cu on cu.id = e.customer_id", ID: "e.id", Where: w,
	}
}

// QueryList adds a page of the trail to a batch, the newest first.
func QueryList(b *postgres.Batch, into *list.Page[Entry], q list.Query, f Filter) {
	list.QueryPage(b, into, q, Orders, source(q, f))
}

// List is QueryList by itself.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Entry], error) {
	return list.Fetch[Entry](ctx, db, q, Orders, source(q, f))
}

// QueryCount adds the number of entries, exact up to list.MaxCount.
func QueryCount(b *postgres.Batch, into *int, q list.Query, f Filter) {
	s := source(q, f)
	s.From = "audit_entries e" // the customer's name decides nothing
	list.QueryCount(b, into, s)
}
