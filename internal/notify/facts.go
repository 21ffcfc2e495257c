package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/mail"
	"fieldgate/internal/postgres"
)

// Mail is everything that a Renderer needs for one mail.
type Mail struct {
	To       mail.Address
	Business Business
	// Content is one of the types below; it decides which mail this is.
	Content any
}

// Business is whom a mail comes from.
type Business struct {
	company.Details
	Format   company.Format
	Logo     []byte // nil if there is none
	LogoType string
}

// Invitation lets a contact in, by Token or by Password.
type Invitation struct {
	Contact  string
	Customer string
	Email    string
	Token    string
	Password string
	// Known says that the address already belongs to a person, who signs in
	// with the password they have.
	Known bool
}

// AccessNotice tells the office about a contact's access.
type AccessNotice struct {
	What           string // invited, suspended, restored, changed
	Contact        string
	Email          string
	Customer       string
	CustomerNumber string
}

// JobNotice tells the office about a new job.
type JobNotice struct {
	Number         string
	Name           string
	Description    string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Contact        string
	ContactPhone   string
	ContactEmail   string
	PurchaseOrder  string
	PreferredOn    day.Day
	FromPortal     bool
	CreatedAt      time.Time
	Status         string
}

// QuoteNotice tells the office about a new quote.
type QuoteNotice struct {
	Number         string
	Name           string
	Description    string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Contact        string
	ContactPhone   string
	ContactEmail   string
	PurchaseOrder  string
	PreferredOn    day.Day
	Estimate       *int64 // minor units
	Currency       string
	CreatedAt      time.Time
	Status         string
}

// PricedQuote tells a contact that a quote is ready.
type PricedQuote struct {
	Number      string
	Name        string
	Description string
	Contact     string
	Site        string
	Total       int64 // minor units, with tax
	Tax         int64
	Currency    string
	ValidUntil  day.Day
}

// EquipmentNotice tells the office about new equipment.
type EquipmentNotice struct {
	PublicID       string
	Number         string
	Name           string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Location       string
	Make           string
	Model          string
	SerialNumber   string
	By             string
}

// DetailsNotice tells the office what a contact has changed.
type DetailsNotice struct {
	Customer       string
	CustomerNumber string
	Contact        string
	Changes        []Change
}

// Reset lets a person choose a new password.
type Reset struct {
	Email string
	Token string
}

// PasswordNotice tells a person that their password is a new one.
type PasswordNotice struct {
	Email string
	At    time.Time
}

// StaffLink lets a member of staff choose a password: the first one, or a new one.
type StaffLink struct {
	Name  string
	Email string
	Token string
	Reset bool
}

// Dropped says why a mail should not go out any more. It is no failure.
type dropped string

func (d dropped) Error() string { return string(d) }

// facts reads what the mail tells as it is now; dropped says that there is
// nothing to tell any more. Tokens and passwords are not filled in.
func (e email) facts(ctx context.Context, db postgres.DB) (any, error) {
	switch e.Kind {
	case KindWelcome:
		return e.invitation(ctx, db)
	case KindContactAccess:
		n, err := one[AccessNotice](ctx, db, `
			select @what::text as what, c.name as contact, c.email, cu.name as customer, cu.number as customer_number
			from contacts c join customers cu on cu.id = c.customer_id where c.id = @contact`, e)
		return n, err
	case KindJobOpened:
		n, err := one[JobNotice](ctx, db, `
			select j.number, j.name, j.description, t.name as type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
				coalesce(c.name, '') as contact, coalesce(nullif(c.mobile, ''), c.phone, '') as contact_phone, coalesce(c.email, '') as contact_email,
				j.purchase_order, j.preferred_on, j.origin = 'portal' as from_portal, j.created_at, j.status
			from jobs j
			join job_types t on t.id = j.job_type_id
			join customers cu on cu.id = j.customer_id
			left join sites s on s.id = j.site_id
			left join contacts c on c.id = j.main_contact_id
			where j.id = @job`, e)
		return n, because(err, n.Status == "cancelled", "the job was cancelled")
	case KindQuoteRequested:
		n, err := one[QuoteNotice](ctx, db, `
			select q.number, q.name, q.description, coalesce(t.name, '') as type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
				coalesce(c.name, '') as contact, coalesce(nullif(c.mobile, ''), c.phone, '') as contact_phone, coalesce(c.email, '') as contact_email,
				q.purchase_order, q.preferred_on, q.price_estimate as estimate, q.currency, q.created_at, q.status
			from quotes q
			join customers cu on cu.id = q.customer_id
			left join job_types t on t.id = q.job_type_id
			left join sites s on s.id = q.site_id
			left join contacts c on c.id = q.main_contact_id
			where q.id = @quote`, e)
		return n, because(err, n.Status == "withdrawn", "the quote was withdrawn")
	case KindQuoteSent:
		return e.pricedQuote(ctx, db)
	case KindEquipmentAdded:
		n, err := one[EquipmentNotice](ctx, db, `
			select q.public_id, q.number, q.name, q.type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
				q.location, q.make, q.model, q.serial_number, coalesce(c.name, st.name, '') as by
			from equipment q
			join customers cu on cu.id = q.customer_id
			left join sites s on s.id = q.site_id
			left join contacts c on c.id = q.created_by_contact_id
			left join staff st on st.id = q.created_by_staff_id
			where q.id = @equipment`, e)
		return n, err
	case KindDetailsChanged:
		n, err := one[DetailsNotice](ctx, db, `
			select cu.name as customer, cu.number as customer_number, coalesce(c.name, '') as contact, null::text[] as changes
			from customers cu left join contacts c on c.id = @contact where cu.id = @customer`, e)
		n.Changes = e.Payload.Changes
		return n, err
	case KindPasswordReset:
		var address string
		err := db.QueryRow(ctx, `select email from persons where id = $1`, e.Person).Scan(&address)
		return Reset{Email: e.To}, because(err, !same(address, e.To), "the sign-in address is another one now")
	case KindPasswordChanged:
		return PasswordNotice{Email: e.To, At: e.CreatedAt}, nil
	case KindStaffInvited, KindStaffReset:
		return e.staffLink(ctx, db)
	}
	return nil, fmt.Errorf("no mail of kind %q", e.Kind)
}

func (e email) invitation(ctx context.Context, db postgres.DB) (any, error) {
	c, err := one[struct {
		Contact, Customer, Email, Access string
		Archived, MustChange, Known      bool
	}](ctx, db, `
		select c.name as contact, cu.name as customer, c.email, c.access, c.archived_at is not null or cu.archived_at is not null as archived,
			coalesce(p.must_change_password, false) as must_change,
			exists (select from persons o where lower(o.email) = lower(c.email) and o.password_hash <> '') as known
		from contacts c
		join customers cu on cu.id = c.customer_id
		left join persons p on p.id = c.person_id
		where c.id = @contact`, e)
	if err == nil {
		err = e.reaches(c.Email, c.Access, c.Archived)
	}
	err = because(err, e.Secret != nil && !c.MustChange, "the contact has already chosen a password")
	return Invitation{Contact: c.Contact, Customer: c.Customer, Email: e.To, Known: c.Known && e.Link != 0}, err
}

func (e email) pricedQuote(ctx context.Context, db postgres.DB) (any, error) {
	q, err := one[struct {
		PricedQuote
		Status, Email, Access        string
		SentVersion                  int
		Archived, StillMain, MayRead bool
		Wanted                       bool
	}](ctx, db, `
		select q.number, v.name, v.description, c.name as contact, coalesce(s.name, '') as site, v.total, v.tax, q.currency, v.valid_until,
			q.status, c.email, c.access, coalesce(q.sent_version, 0) as sent_version,
			c.archived_at is not null or cu.archived_at is not null as archived,
			coalesce(q.main_contact_id = c.id, false) as still_main,
			c.quotes_see <> 'none' and (c.all_sites or exists (select from contact_sites cs where cs.contact_id = c.id and cs.site_id = q.site_id)) as may_read,
			coalesce((select m.wanted from mail_choices m where m.contact_id = c.id and m.kind = @kind), true) as wanted
		from quotes q
		join quote_versions v on v.quote_id = q.id and v.number = @version
		join contacts c on c.id = @contact
		join customers cu on cu.id = q.customer_id
		left join sites s on s.id = q.site_id
		where q.id = @quote`, e)
	if err == nil {
		err = e.reaches(q.Email, q.Access, q.Archived)
	}
	err = because(err, q.Status == "withdrawn", "the quote was withdrawn")
	err = because(err, q.SentVersion != e.Payload.Version, "a newer version of the quote was sent")
	err = because(err, q.Status == "accepted" || q.Status == "declined", "the quote has been answered")
	err = because(err, !q.StillMain, "the quote has another main contact now")
	err = because(err, !q.MayRead, "the contact may not see the quote")
	err = because(err, !q.Wanted, "the contact does not want these mails")
	return q.PricedQuote, err
}

func (e email) staffLink(ctx context.Context, db postgres.DB) (any, error) {
	var name, address, state string
	var archived bool
	err := db.QueryRow(ctx, `select name, email, state, archived_at is not null from staff where id = $1`, e.Staff).Scan(&name, &address, &state, &archived)
	err = because(err, archived || state == "suspended", "the member of staff has no access any more")
	err = because(err, !same(address, e.To), "the email address is another one now")
	return StaffLink{Name: name, Email: e.To, Reset: e.Kind == KindStaffReset}, err
}

// reaches says why mail to a contact must not go out, or nil.
func (e email) reaches(address, access string, archived bool) error {
	switch {
	case archived:
		return dropped("the contact or the customer was archived")
	case access == "suspended":
		return dropped("the contact was suspended")
	case access == "none":
		return dropped("the contact has no access to the portal")
	case !same(address, e.To):
		return dropped("the contact has another email address now")
	}
	return nil
}

// because is err, or the reason to drop the mail.
func because(err error, drop bool, reason string) error {
	if err == nil && drop {
		return dropped(reason)
	}
	return err
}

// one reads the row that sql finds for the mail.
func one[T any](ctx context.Context, db postgres.DB, sql string, e email) (T, error) {
	var none T
	rows, err := db.Query(ctx, sql, pgx.NamedArgs{
		"contact": e.Contact, "customer": e.Customer, "job": e.Job, "quote": e.Quote,
		"equipment": e.Payload.Equipment, "version": e.Payload.Version, "what": e.Payload.What, "kind": string(e.Kind),
	})
	if err != nil {
		return none, fmt.Errorf("read the facts of %s: %w", e.Kind, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return none, dropped("what it tells of is gone")
	}
	if err != nil {
		return none, fmt.Errorf("read the facts of %s: %w", e.Kind, err)
	}
	return v, nil
}
