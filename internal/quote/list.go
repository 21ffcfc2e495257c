package quote

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Expired is what a quote is shown as that was sent and is past its
// valid-until day. It is computed, never stored.
const Expired Status = "expired"

// Statuses are those by which the office narrows its list.
var Statuses = []Status{Requested, Draft, Sent, Accepted, Declined, Expired, Withdrawn}

// Row is a quote in the office's list.
type Row struct {
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	SiteName       string
	Status         Status
	ValidUntil     day.Day
	Origin         string
	LookedAt       *time.Time
	CreatedAt      time.Time
	Currency       string
	Total          *int64 // of the newest version
	PriceEstimate  *int64
}

// Title is what the quote is called.
func (r Row) Title() string { return job.Title(r.Name, r.Description) }

// New reports whether the quote came from the portal and nobody has looked at it.
func (r Row) New() bool { return r.Origin == "portal" && r.LookedAt == nil }

// Shown is the row's status as people see it: Expired where it is.
func (r Row) Shown(today day.Day) Status { return shown(r.Status, r.ValidUntil, today) }

func shown(s Status, validUntil, today day.Day) Status {
	if s == Sent && !validUntil.IsZero() && validUntil.Before(today) {
		return Expired
	}
	return s
}

// Filter narrows the list. Its zero value does not.
type Filter struct {
	Status   Status // Sent leaves out those that have expired
	Customer string // a customer's number
	NewOnly  bool   // from the portal and not looked at
	Today    day.Day
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "newest", Expr: "q.created_at", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "q.id", Type: "bigint", Desc: true}, // numbers come from a sequence, as ids do
	{Key: "valid", Expr: "coalesce(q.valid_until, 'infinity')", Type: "date"},
}

// source is the list. Customers are those that the search itself names.
func source(q list.Query, f Filter, customers []int64) list.Source {
	s := list.Source{
		Columns: `q.number, q.name, left(q.description, 400) as description, cu.number as customer_number, ` + customerName + ` as customer_name, coalesce(s.name, '') as site_name,
			q.status, q.valid_until, q.origin, q.looked_at, q.created_at, q.currency, q.price_estimate,
			(select v.total from quote_versions v where v.quote_id = q.id order by v.number desc limit 1) as total`,
		From: `quotes q join customers cu on cu.id = q.customer_id left join sites s on s.id = q.site_id`,
		ID:   "q.id",
	}
	if strings.TrimSpace(q.Search) != "" {
		s.Where.And("(q.search @@ search_query(@typed) and search_query(@typed) <> '') or q.customer_id = any(@customers)", "typed", q.Search, "customers", customers)
	}
	switch f.Status {
	case "":
	case Expired:
		s.Where.And("q.status = 'sent' and q.valid_until < @today", "today", f.Today)
	case Sent:
		s.Where.And("q.status = 'sent' and (q.valid_until is null or q.valid_until >= @today)", "today", f.Today)
	default:
		s.Where.And("q.status = @status", "status", string(f.Status))
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
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Row], error) {
	customers, err := customer.Called(ctx, db, q.Search)
	if err != nil {
		return list.Page[Row]{}, err
	}
	page, err := list.Fetch[Row](ctx, db, q, Orders, source(q, f, customers))
	if err != nil {
		return page, fmt.Errorf("quotes: %w", err)
	}
	return page, nil
}

// Tell counts for the choices above the list how many quotes fit the search and
// the rest of the filter, each up to 1,001; under "" all of them.
func Tell(ctx context.Context, db postgres.DB, q list.Query, f Filter) (map[Status]int, error) {
	customers, err := customer.Called(ctx, db, q.Search)
	if err != nil {
		return nil, err
	}
	counts := make(map[Status]int, len(Statuses)+1)
	batch := &pgx.Batch{}
	for _, status := range append([]Status{""}, Statuses...) {
		f.Status = status
		sql, args := list.CountStatement(source(q, f, customers))
		batch.Queue(sql, args).QueryRow(func(row pgx.Row) error {
			var n int
			err := row.Scan(&n)
			counts[status] = n
			return err
		})
	}
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count quotes: %w", err)
	}
	return counts, nil
}

// Version is a version that was sent.
type Version struct {
	Number     int
	SentAt     time.Time
	SentBy     string
	Total      int64
	ValidUntil day.Day
	Decision   string // "accepted", "declined" or ""
	DecidedBy  string
	DecidedAt  *time.Time
	Reason     string
}

// Versions are the versions that were sent, the newest first.
func Versions(ctx context.Context, db postgres.DB, quote int64) ([]Version, error) {
	rows, err := db.Query(ctx, `
		select v.number, v.sent_at, s.name as sent_by, v.total, v.valid_until, coalesce(a.decision, '') as decision, coalesce(a.full_name, '') as decided_by, a.at as decided_at, coalesce(a.reason, '') as reason
		from quote_versions v join staff s on s.id = v.sent_by_id left join acceptances a on a.version_id = v.id
		where v.quote_id = $1 and v.sent_at is not null order by v.number desc`, quote)
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	return versions, nil
}

// Job is work that came of a quote.
type Job struct {
	Number, Name, Description, Status string
}

// Title is what the job is called.
func (j Job) Title() string { return job.Title(j.Name, j.Description) }

// Jobs are the jobs that came of a quote, the newest first.
func Jobs(ctx context.Context, db postgres.DB, quote int64) ([]Job, error) {
	rows, err := db.Query(ctx, `select number, name, left(description, 400) as description, status from jobs where quote_id = $1 order by id desc limit 50`, quote)
	if err != nil {
		return nil, fmt.Errorf("jobs of quote: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Job])
}
