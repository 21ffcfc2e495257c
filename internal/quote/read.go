package quote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Quote is a quote as the office sees it, with the lines of its newest version.
type Quote struct {
	ID             int64
	Number         string
	CustomerID     int64
	CustomerNumber string
	CustomerName   string
	CustomerOnHold bool
	Name           string
	Description    string
	PriceEstimate  *int64
	Currency       string
	Status         Status
	SiteID         int64
	SiteName       string
	MainContactID  int64
	MainContact    string
	JobTypeID      int64
	PreferredOn    day.Day
	ValidUntil     day.Day
	BookedFrom     *time.Time
	BookedUntil    *time.Time
	PurchaseOrder  string
	Inclusions     string
	Exclusions     string
	Terms          string
	InternalNotes  string
	Origin         string
	CreatedBy      string
	CreatedAt      time.Time
	LookedAt       *time.Time
	SentVersion    int // 0: never sent
	SentAt         *time.Time
	VersionNumber  int // the newest; 0 without lines
	Net            int64
	Tax            int64
	Total          int64
	Version        int64
	StaffIDs       []int64
	StaffNames     []string
	Lines          []Line `db:"-"`
}

// Title is what the quote is called: its name, or how its description begins.
func (q Quote) Title() string { return title(q.Name, q.Description) }

// title shortens a description to what fits a heading.
func title(name, description string) string {
	if name != "" {
		return name
	}
	for i, r := range description {
		if r == '\n' || i > 80 {
			return description[:i] + "…"
		}
	}
	return description
}

// Expired reports whether the quote was sent and is past its valid-until day.
func (q Quote) Expired(today day.Day) bool {
	return q.Status == Sent && !q.ValidUntil.IsZero() && q.ValidUntil.Before(today)
}

// Details are the quote's, as in its form.
func (q Quote) Details() Details {
	return Details{
		Name: q.Name, Description: q.Description, PriceEstimate: q.PriceEstimate, Site: q.SiteID, MainContact: q.MainContactID, JobType: q.JobTypeID,
		PreferredOn: q.PreferredOn, ValidUntil: q.ValidUntil, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, InternalNotes: q.InternalNotes, Staff: q.StaffIDs,
	}
}

// Totals are those of the newest version, tax by rate.
func (q Quote) Totals() Totals { return Sum(q.Lines) }

// Find is the quote with a number; fault.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, number string) (Quote, error) {
	rows, err := db.Query(ctx, `
		select q.id, q.number, q.customer_id, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, cu.on_hold as customer_on_hold,
			q.name, q.description, q.price_estimate, q.currency, q.status, coalesce(q.site_id, 0) as site_id, coalesce(s.name, '') as site_name,
			coalesce(q.main_contact_id, 0) as main_contact_id, coalesce(c.name, '') as main_contact, coalesce(q.job_type_id, 0) as job_type_id,
			q.preferred_on, q.valid_until, q.booked_from, q.booked_until, q.purchase_order, q.inclusions, q.exclusions, q.terms, q.internal_notes,
			q.origin, coalesce(pc.name, st.name, '') as created_by, q.created_at, q.looked_at, coalesce(q.sent_version, 0) as sent_version,
			(select x.sent_at from quote_versions x where x.quote_id = q.id and x.number = q.sent_version) as sent_at,
			coalesce(v.number, 0) as version_number, coalesce(v.net, 0) as net, coalesce(v.tax, 0) as tax, coalesce(v.total, 0) as total, q.version,
			array(select qs.staff_id from quote_staff qs where qs.quote_id = q.id order by 1) as staff_ids,
			array(select m.name from quote_staff qs join staff m on m.id = qs.staff_id where qs.quote_id = q.id order by 1) as staff_names
		from quotes q
		join customers cu on cu.id = q.customer_id
		left join sites s on s.id = q.site_id
		left join contacts c on c.id = q.main_contact_id
		left join contacts pc on pc.id = q.created_by_contact_id
		left join staff st on st.id = q.created_by_staff_id
		left join lateral (select * from quote_versions v where v.quote_id = q.id order by v.number desc limit 1) v on true
		where q.number = $1`, number)
	if err != nil {
		return Quote{}, fmt.Errorf("find quote: %w", err)
	}
	q, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Quote])
	if errors.Is(err, pgx.ErrNoRows) {
		return Quote{}, fault.NotFound
	}
	if err != nil {
		return Quote{}, fmt.Errorf("find quote: %w", err)
	}
	rows, err = db.Query(ctx, `
		select l.section, l.description, l.quantity, l.unit_price, l.tax_name, l.tax_percent
		from quote_lines l join quote_versions v on v.id = l.version_id
		where v.quote_id = $1 and v.number = $2 order by l.position`, q.ID, q.VersionNumber)
	if err != nil {
		return Quote{}, fmt.Errorf("read quote lines: %w", err)
	}
	if q.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line]); err != nil {
		return Quote{}, fmt.Errorf("read quote lines: %w", err)
	}
	return q, nil
}

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
	Total          *int64
	PriceEstimate  *int64
}

// Title is what the quote is called.
func (r Row) Title() string { return title(r.Name, r.Description) }

// New reports whether the quote came from the portal and nobody has looked at it.
func (r Row) New() bool { return r.Origin == "portal" && r.LookedAt == nil }

// Expired reports whether the quote was sent and is past its valid-until day.
func (r Row) Expired(today day.Day) bool {
	return r.Status == Sent && !r.ValidUntil.IsZero() && r.ValidUntil.Before(today)
}

// Filter narrows the list. Expired and NewOnly are besides the status.
type Filter struct {
	Status   Status
	Customer string // a customer's number
	Expired  bool
	NewOnly  bool // from the portal and not looked at
	Today    day.Day
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "newest", Expr: "q.created_at", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "q.id", Type: "bigint", Desc: true},
}

func source(q list.Query, f Filter) list.Source {
	s := list.Source{
		Columns: `q.number, q.name, q.description, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, coalesce(s.name, '') as site_name,
			q.status, q.valid_until, q.origin, q.looked_at, q.created_at, q.currency, q.price_estimate,
			(select v.total from quote_versions v where v.quote_id = q.id order by v.number desc limit 1) as total`,
		From: `quotes q join customers cu on cu.id = q.customer_id left join sites s on s.id = q.site_id`,
		ID:   "q.id",
	}
	s.Where.Search("q.search", q.Search)
	switch {
	case f.Expired:
		s.Where.And("q.status = 'sent' and q.valid_until < @today", "today", f.Today)
	case f.Status != "":
		s.Where.And("q.status = @status", "status", f.Status)
	}
	if f.Customer != "" {
		s.Where.And("cu.number = @customer", "customer", f.Customer)
	}
	if f.NewOnly {
		s.Where.And("q.origin = 'portal' and q.looked_at is null")
	}
	return s
}

// List is a page of quotes.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Row], error) {
	return list.Fetch[Row](ctx, db, q, Orders, source(q, f))
}

// Count counts what List finds.
func Count(ctx context.Context, db postgres.DB, q list.Query, f Filter) (int, error) {
	return list.Count(ctx, db, source(q, f))
}

// Event is a moment in the life of a quote.
type Event struct {
	What string
	At   time.Time
	By   string
}

// Versions are the versions that were sent, the newest first.
func Versions(ctx context.Context, db postgres.DB, quote int64) ([]Event, error) {
	rows, err := db.Query(ctx, `
		select 'Version ' || v.number || ' sent' as what, v.sent_at as at, s.name as by
		from quote_versions v join staff s on s.id = v.sent_by_id
		where v.quote_id = $1 and v.sent_at is not null order by v.number desc`, quote)
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[Event])
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	return events, nil
}
