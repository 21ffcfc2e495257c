package quote

import (
	"context"
	"fmt"
	"time"

	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Row is a quote in the office's list.
type Row struct {
	ID             int64
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	SiteName       string
	Status         Status
	ValidUntil     day.Day
	Type           string // of the job; "" for none
	PurchaseOrder  string
	MainContact    string
	Staff          []string
	Origin         string
	LookedAt       *time.Time
	CreatedAt      time.Time
	Currency       string
	Total          *int64 // of the newest version
	PriceEstimate  *int64
	Answered       Way // "" as long as nobody has
}

// Title is what the quote is called.
func (r Row) Title() string { return job.Title(r.Name, r.Description) }

// New reports whether the quote came from the portal and nobody has looked at it.
func (r Row) New() bool { return r.Origin == "portal" && r.LookedAt == nil }

// Shown is the row's status as people see it: Expired where it is.
func (r Row) Shown(today day.Day) Status { return r.Status.Shown(r.ValidUntil, today) }

// Filter narrows the list. Its zero value does not.
type Filter struct {
	Status   Status // Sent leaves out those that have expired
	Type     int64  // id of a job type
	Customer string // a customer's number
	Site     int64  // of that customer
	Assigned int64  // id of a member of staff
	Expiring bool   // sent, and valid for a week at most
	Unpriced bool   // waiting for a price: requests, and drafts that were never sent
	Portal   bool   // asked for in the portal
	NewOnly  bool   // and not looked at
	Today    day.Day
}

// soon is for how many days more a quote is valid that is about to expire.
const soon = 7

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "newest", Expr: "q.created_at", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "q.id", Type: "bigint", Desc: true}, // numbers come from a sequence, as ids do
	{Key: "valid", Expr: "coalesce(q.valid_until, 'infinity')", Type: "date"},
}

// Matches is what a search comes down to.
type Matches struct{ search list.Search }

// Words are how quotes are searched in the office: by their own words, and by
// the customer's number and names.
var Words = customer.WordsOf("quotes q", "q", "q.created_at")

// QueryMatches adds the queries for what a search comes down to.
func QueryMatches(b *postgres.Batch, into *Matches, q list.Query) {
	into.search = list.NewSearch(q.Search, Words)
	into.search.Query(b, list.Where{})
}

// source is the list as the filter narrows it.
func source(f Filter, m Matches) list.Source {
	s := list.Source{
		Columns: `q.id, q.number, q.name, left(q.description, 400) as description, cu.number as customer_number, cu.name as customer_name, coalesce(s.name, '') as site_name,
			q.status, q.valid_until, coalesce(t.name, '') as type, q.purchase_order, coalesce(c.name, '') as main_contact,
			array(select m.name from quote_staff qs join staff m on m.id = qs.staff_id where qs.quote_id = q.id order by m.name) as staff, q.origin, q.looked_at, q.created_at, q.currency, q.price_estimate,
			(select v.total from quote_versions v where v.quote_id = q.id order by v.number desc limit 1) as total,
			coalesce((select a.way from quote_versions v join acceptances a on a.version_id = v.id where v.quote_id = q.id and v.number = q.sent_version and q.status in ('accepted', 'declined')), '') as answered`,
		From: `quotes q left join customers cu on cu.id = q.customer_id left join sites s on s.id = q.site_id left join job_types t on t.id = q.job_type_id left join contacts c on c.id = q.main_contact_id`,
		ID:   "q.id",
	}
	s.Search = &m.search
	if f.Status != "" {
		f.Status.Narrow(&s.Where, f.Today)
	}
	if f.Type != 0 {
		s.Where.And("q.job_type_id = @type", "type", f.Type)
	}
	if f.Site != 0 {
		s.Where.And("q.site_id = @site", "site", f.Site)
	}
	if f.Assigned != 0 {
		s.Where.And("q.id in (select qs.quote_id from quote_staff qs where qs.staff_id = @assigned)", "assigned", f.Assigned)
	}
	if f.Expiring {
		s.Where.And(list.Is("q.status", Sent)+" and coalesce(q.valid_until, 'infinity') between (select @today::date) and (select @today::date + @soon::int)", "today", f.Today, "soon", soon)
	}
	if f.Unpriced {
		s.Where.And(list.Is("q.status", UnpricedStatuses...) + " and q.sent_version is null")
	}
	if f.Portal {
		s.Where.And("q.origin = 'portal'")
	}
	if f.Customer != "" {
		s.Where.And("q.customer_id = (select id from customers where number = @customer)", "customer", f.Customer)
	}
	if f.NewOnly {
		s.Where.And("q.origin = 'portal' and q.looked_at is null")
	}
	return s
}

// List is a page of quotes.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (page list.Page[Row], err error) {
	var m Matches
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryMatches(b, &m, q) })
	if err == nil {
		page, err = list.Fetch[Row](ctx, db, q, Orders, source(f, m))
	}
	if err != nil {
		return page, fmt.Errorf("quotes: %w", err)
	}
	return page, nil
}

// QueryBoard adds the queries for a page of quotes, and for each status, "" for
// all of them, how many fit the search and the rest of the filter.
func QueryBoard(b *postgres.Batch, page *list.Page[Row], counts *map[Status]int, q list.Query, f Filter, m Matches) {
	s := source(f, m)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, page, q, Orders, s)
	*counts = list.QueryCounts(b, append([]Status{""}, Statuses...), func(status Status) list.Source {
		f.Status = status
		s := source(f, m)
		s.From = "quotes q" // no condition asks for more
		return s
	})
}
