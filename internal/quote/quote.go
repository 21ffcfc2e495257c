// Package quote holds what work would cost: requests from the portal, quotes
// being priced, and the versions that were sent.
package quote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

// Ref names a quote.
type Ref struct {
	ID     int64
	Number string
}

// Quote is a quote as the office sees it, with the lines of its newest version.
type Quote struct {
	ID              int64
	Number          string
	CustomerID      int64
	CustomerNumber  string
	CustomerName    string
	Archived        bool // the customer is
	OnHold          bool // the customer is
	PORequired      bool // the customer wants a purchase order on everything
	Name            string
	Description     string
	PriceEstimate   *int64
	Currency        string
	Status          Status
	SiteID          int64
	SiteName        string
	SiteAddress     address.Address
	MainContactID   int64
	MainContact     string
	ContactEmail    string
	ContactPhone    string
	JobTypeID       int64
	JobType         string
	JobTypeColour   string
	PreferredOn     day.Day
	ValidUntil      day.Day
	BookedFrom      *time.Time
	BookedUntil     *time.Time
	PurchaseOrder   string
	Inclusions      string
	Exclusions      string
	Terms           string
	InternalNotes   string
	Origin          string
	CreatedBy       string
	CreatedAt       time.Time
	UpdatedAt       time.Time
	LookedAt        *time.Time
	LookedBy        string
	WithdrawnAt     *time.Time
	WithdrawnReason string // for the office alone
	SentVersion     int    // 0: never sent
	SentAt          *time.Time
	SentTotal       int64
	VersionNumber   int // the newest; 0 without lines
	Total           int64
	Version         int64
	StaffIDs        []int64
	StaffNames      []string
	Lines           []Line `db:"-"`
}

// Title is what the quote is called: its name, or how its description begins.
func (q Quote) Title() string { return job.Title(q.Name, q.Description) }

// New reports whether the quote came from the portal and nobody has looked at it.
func (q Quote) New() bool { return q.Origin == "portal" && q.LookedAt == nil }

// FromPortal reports whether a contact has asked for the quote.
func (q Quote) FromPortal() bool { return q.Origin == "portal" }

// Revising reports whether the customer reads a version older than the one
// that is being worked on.
func (q Quote) Revising() bool { return q.Status == Draft && q.SentVersion > 0 }

// WhyNoMessages says why nothing can be written to the customer on the quote;
// it is empty when it can.
func (q Quote) WhyNoMessages() string {
	if q.FromPortal() || q.SentVersion > 0 {
		return ""
	}
	return "The customer cannot see this quote until it is sent, so they cannot get messages here yet. You can write staff notes."
}

// Shown is the quote's status as people see it: Expired where it is.
func (q Quote) Shown(today day.Day) Status { return q.Status.Shown(q.ValidUntil, today) }

// Details are the quote's, as in its form.
func (q Quote) Details() Details {
	return Details{
		Name: q.Name, Description: q.Description, Site: q.SiteID, MainContact: q.MainContactID, JobType: q.JobTypeID,
		PreferredOn: q.PreferredOn, ValidUntil: q.ValidUntil, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, InternalNotes: q.InternalNotes, Staff: q.StaffIDs,
	}
}

// Totals are those of the newest version, tax by rate.
func (q Quote) Totals() Totals { return Sum(q.Lines) }

// next is the quote with the version that a change gives it.
func (q Quote) next() Quote {
	q.Version++
	return q
}

const selectQuote = `
		select q.id, q.number, q.customer_id, cu.number as customer_number, cu.name as customer_name,
			cu.archived_at is not null as archived, cu.on_hold, cu.purchase_order_required as po_required,
			q.name, q.description, q.price_estimate, q.currency, q.status, coalesce(q.site_id, 0) as site_id, coalesce(s.name, '') as site_name, coalesce(s.address, '{}') as site_address,
			coalesce(q.main_contact_id, 0) as main_contact_id, coalesce(c.name, '') as main_contact, coalesce(c.email, '') as contact_email,
			coalesce(nullif(c.mobile, ''), c.phone, '') as contact_phone,
			coalesce(q.job_type_id, 0) as job_type_id, coalesce(t.name, '') as job_type, coalesce(t.colour, '') as job_type_colour,
			q.preferred_on, q.valid_until, q.booked_from, q.booked_until, q.purchase_order, q.inclusions, q.exclusions, q.terms, q.internal_notes,
			q.origin, coalesce(pc.name, st.name, '') as created_by, q.created_at, q.updated_at, q.looked_at, coalesce(lo.name, '') as looked_by, q.withdrawn_at, q.withdrawn_reason,
			coalesce(q.sent_version, 0) as sent_version, x.sent_at, coalesce(x.total, 0) as sent_total,
			coalesce(v.number, 0) as version_number, coalesce(v.total, 0) as total, q.version,
			array(select qs.staff_id from quote_staff qs where qs.quote_id = q.id order by 1) as staff_ids,
			array(select m.name from quote_staff qs join staff m on m.id = qs.staff_id where qs.quote_id = q.id order by 1) as staff_names
		from quotes q
		join customers cu on cu.id = q.customer_id
		left join sites s on s.id = q.site_id
		left join contacts c on c.id = q.main_contact_id
		left join job_types t on t.id = q.job_type_id
		left join contacts pc on pc.id = q.created_by_contact_id
		left join staff st on st.id = q.created_by_staff_id
		left join staff lo on lo.id = q.looked_by_id
		left join quote_versions x on x.quote_id = q.id and x.number = q.sent_version
		left join lateral (select * from quote_versions v where v.quote_id = q.id order by v.number desc limit 1) v on true
		where `

const (
	byNumber   = `q.number = @number`
	ofCustomer = `q.id = @id and q.customer_id = @customer`
)

// QueryByNumber adds the queries for the quote with a number, and the lines of
// its newest version; none is apperr.NotFound.
func QueryByNumber(b *postgres.Batch, into *Quote, number string) {
	query(b, into, byNumber, pgx.NamedArgs{"number": number})
}

func query(b *postgres.Batch, into *Quote, where string, args pgx.NamedArgs) {
	postgres.QueryOne(b, into, selectQuote+where, args)
	postgres.Query(b, &into.Lines, `
		select `+lineColumns+` from quote_lines l
		where l.version_id = (select v.id from quotes q join quote_versions v on v.quote_id = q.id where `+where+` order by v.number desc limit 1)
		order by l.position`, args)
}

// FindByNumber is the quote with a number; apperr.NotFound when there is none.
func FindByNumber(ctx context.Context, db postgres.DB, number string) (Quote, error) {
	return find(ctx, db, byNumber, pgx.NamedArgs{"number": number})
}

func find(ctx context.Context, db postgres.DB, where string, args pgx.NamedArgs) (q Quote, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { query(b, &q, where, args) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return q, fmt.Errorf("find quote: %w", err)
	}
	return q, err
}

// lockByNumber is FindByNumber for a transaction that changes the quote: until
// it ends nobody else does, so that what is checked still holds when it is written.
func lockByNumber(ctx context.Context, tx postgres.Tx, number string) (Quote, error) {
	return lock(ctx, tx, byNumber, pgx.NamedArgs{"number": number})
}

// lockOf is lockByNumber for a quote of a customer.
func lockOf(ctx context.Context, tx postgres.Tx, customer, id int64) (Quote, error) {
	return lock(ctx, tx, ofCustomer, pgx.NamedArgs{"customer": customer, "id": id})
}

func lock(ctx context.Context, tx postgres.Tx, where string, args pgx.NamedArgs) (Quote, error) {
	if _, err := tx.Exec(ctx, `select from quotes q where `+where+` for no key update`, args); err != nil {
		return Quote{}, fmt.Errorf("lock quote: %w", err)
	}
	return find(ctx, tx, where, args)
}
