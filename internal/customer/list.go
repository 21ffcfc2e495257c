package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Show is the choice above the list of customers.
type Show string

// The choices. All leaves out the archived.
const (
	All      Show = ""
	OnHold   Show = "hold"
	Archived Show = "archived"
)

// Shows are the choices, in the order they are offered.
var Shows = []Show{All, OnHold, Archived}

// Portal narrows by whether somebody at the customer has access to the portal.
type Portal string

// The ways to narrow by access.
const (
	Either   Portal = ""
	Access   Portal = "yes" // somebody is invited or active
	NoAccess Portal = "no"
)

// Nobody is the account manager of customers that have none.
const Nobody = -1

// Filter narrows the list; the zero Filter leaves out the archived alone.
type Filter struct {
	Show    Show
	Type    string // the customer type, as entered
	Portal  Portal
	Manager int64 // id of a member of staff, or Nobody
}

// Row is a customer in a list.
type Row struct {
	ID          int64
	Number      string
	Name        string
	CompanyName string
	Phone       string
	Email       string
	City        string
	OnHold      bool
	Archived    bool
	PortalUsers int // contacts who are invited or active
	OpenJobs    int // up to 1,001
}

// Orders are the ways to sort customers.
var Orders = list.Orders{
	{Key: "name", Expr: `c.name collate "und-x-icu"`, Type: "text"},
	// Numbers are settable, so they are compared as what they mean.
	{Key: "number", Expr: "lpad(digits(c.number), 20, '0')", Type: "text"},
	{Key: "newest", Expr: "c.created_at", Type: "timestamptz", Desc: true},
}

// Words are how customers are searched.
var Words = list.OwnWords("customers c", "c", "c.created_at")

// QueryList adds a page of customers to a batch, and for each choice above the
// list how many fit the search and the filter, up to 1,001.
func QueryList(b *postgres.Batch, page *list.Page[Row], q list.Query, f Filter) (counts map[Show]int) {
	s := rows(q, f)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, page, q, Orders, s)
	return list.QueryCounts(b, Shows, func(show Show) list.Source {
		f.Show = show
		return source(q, f)
	})
}

// List is a page of customers.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Row], error) {
	page, err := list.Fetch[Row](ctx, db, q, Orders, rows(q, f))
	if err != nil {
		return page, fmt.Errorf("customers: %w", err)
	}
	return page, nil
}

// rows is what the list shows of each customer.
func rows(q list.Query, f Filter) list.Source {
	s := source(q, f)
	s.Columns = `c.id, c.number, c.name, c.company_name, coalesce(nullif(c.phone, ''), c.mobile) as phone, c.email, coalesce(c.street->>'city', c.postal->>'city', '') as city,
		c.on_hold, c.archived_at is not null as archived,
		(select count(*) from contacts p where p.customer_id = c.id and p.archived_at is null and p.access in ('invited', 'active')) as portal_users,
		(select count(*) from (select from jobs j where j.customer_id = c.id and j.status not in ('completed', 'closed', 'cancelled') limit 1001) open) as open_jobs`
	return s
}

// Records is a page of the list with all that is known of each customer.
func Records(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Customer], error) {
	s := source(q, f)
	s.Columns = columns
	page, err := list.Fetch[Customer](ctx, db, q, Orders, s)
	if err != nil {
		return page, fmt.Errorf("records of customers: %w", err)
	}
	return page, nil
}

// hasAccess is the condition that somebody at the customer may enter the portal.
const hasAccess = `exists (select from contacts p where p.customer_id = c.id and p.archived_at is null and p.access in ('invited', 'active'))`

func source(q list.Query, f Filter) list.Source {
	s := list.Source{From: "customers c", ID: "c.id"}
	q.Narrow(&s, "c.search")
	switch f.Show {
	case Archived:
		s.Where.And("c.archived_at is not null")
	case OnHold:
		s.Where.And("c.archived_at is null and c.on_hold")
	case All:
		s.Where.And("c.archived_at is null")
	}
	switch f.Portal {
	case Access:
		s.Where.And(hasAccess)
	case NoAccess:
		s.Where.And("not " + hasAccess)
	case Either:
	}
	if f.Type != "" {
		s.Where.And("c.customer_type = @type and c.customer_type <> ''", "type", f.Type)
	}
	switch {
	case f.Manager == Nobody:
		s.Where.And("c.account_manager_id is null")
	case f.Manager != 0:
		s.Where.And("c.account_manager_id = @manager", "manager", f.Manager)
	}
	return s
}

// QueryTypes adds the customer types in use, by name, for filters and
// suggestions. It jumps from one to the next in the index instead of reading
// every customer.
func QueryTypes(b *postgres.Batch, into *[]string) {
	postgres.QueryValues(b, into, `
		with recursive types as (
			(select customer_type as type from customers where customer_type <> '' order by 1 limit 1)
			union all
			select (select c.customer_type from customers c where c.customer_type <> '' and c.customer_type > t.type order by 1 limit 1) from types t where t.type is not null)
		select type from types where type is not null limit 200`, nil)
}

// Tally is how many things a customer has, each up to 1,001, for its tabs.
type Tally struct {
	Sites, Contacts, Jobs, Quotes, Equipment, Attachments int
}

// QueryTally adds what the customer with that number has: sites and contacts in
// use, all jobs, quotes and equipment, and the files that belong to the customer
// itself: what each tab begins with.
func QueryTally(b *postgres.Batch, into *Tally, number string) {
	postgres.QueryOne(b, into, `
		select (select count(*) from (select from sites where customer_id = c.id and archived_at is null limit 1001) n) as sites,
		       (select count(*) from (select from contacts where customer_id = c.id and archived_at is null limit 1001) n) as contacts,
		       (select count(*) from (select from jobs where customer_id = c.id limit 1001) n) as jobs,
		       (select count(*) from (select from quotes where customer_id = c.id limit 1001) n) as quotes,
		       (select count(*) from (select from equipment where customer_id = c.id limit 1001) n) as equipment,
		       (select count(*) from (select from attachments where customer_id = c.id and num_nonnulls(job_id, quote_id, equipment_id, message_id) = 0 and removed_at is null limit 1001) n) as attachments
		from customers c where c.number = @number`, pgx.NamedArgs{"number": number})
}

// Manager is a member of staff who can manage an account.
type Manager struct {
	ID   int64
	Name string
}

// QueryManagers adds the staff an account can be given to: all that work here,
// and whoever manages the customer already.
func QueryManagers(b *postgres.Batch, into *[]Manager, current int64) {
	postgres.Query(b, into, `select id, name from staff where (archived_at is null and state <> 'suspended') or id = @current order by name collate "und-x-icu", id`,
		pgx.NamedArgs{"current": current})
}

// called is the condition on customers that their number or a name fits what was
// typed, as an index has it.
const called = "search_vector(number, name, company_name) @@ (select search_query(@typed))"

// WordsOf are how things of customers are searched: by their own words, in the
// column search, and by the customer's number and names; of those whose names
// fit, by 200 at most. From names the things' table as the short name that
// follows it; at is since when each is there, as an index has them.
func WordsOf(from, table, at string) list.Words {
	words := list.OwnWords(from, table, at)
	words.Owners = "select id from customers where " + called + " limit 200"
	words.Fits += " or " + table + ".customer_id = any(@owners)"
	words.Index += " or " + table + ".customer_id = any(@owners)"
	return words
}
