// Package quote holds what work would cost: requests from the portal, quotes
// being priced, and the versions that were sent.
package quote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Status is where a quote stands.
type Status string

// The statuses. Expired is not one: it is Sent and past its valid-until day.
const (
	Requested Status = "requested"
	Draft     Status = "draft"
	Sent      Status = "sent"
	Accepted  Status = "accepted"
	Declined  Status = "declined"
	Withdrawn Status = "withdrawn"
)

// ways are the moves of a quote, as the product defines them.
var ways = map[Status][]Status{
	Requested: {Draft, Withdrawn},
	Draft:     {Sent, Withdrawn},
	Sent:      {Accepted, Declined, Withdrawn, Draft},
	Declined:  {Draft},
}

// May reports whether a quote may move from one status to another.
func (s Status) May(to Status) bool { return slices.Contains(ways[s], to) }

// Ref names a quote.
type Ref struct {
	ID     int64
	Number string
}

// Request is what a contact asks for in the portal.
type Request struct {
	Customer      int64
	Contact       int64
	Site          int64 // 0 for none
	Name          string
	Description   string
	PriceEstimate *int64 // minor units of Currency; nil for none
	Currency      string
	PurchaseOrder string
	PreferredOn   day.Day
	Nonce         string
}

const maxAmount = 100_000_000_000 // a billion in most currencies

func (r Request) check() error {
	p := problem.Set{}
	p.Unless(r.Description != "", "description", "Tell us what you would like a price for.")
	p.Text(r.Description, "description", "description")
	p.Name(r.Name, "name", "title")
	p.Name(r.PurchaseOrder, "purchase_order", "purchase order")
	p.Unless(r.PriceEstimate == nil || (*r.PriceEstimate >= 0 && *r.PriceEstimate < maxAmount), "price_estimate", "Enter an amount of zero or more.")
	return p.Err()
}

// Ask records a request from the portal. The contact who asks becomes its main
// contact, because contacts limited to their own must see what they asked for.
// A form sent twice makes one request; added is then false.
func Ask(ctx context.Context, tx postgres.Tx, by audit.Actor, r Request) (ref Ref, added bool, err error) {
	if err := r.check(); err != nil {
		return Ref{}, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into quotes (customer_id, name, description, price_estimate, currency, status, site_id, main_contact_id, preferred_on, purchase_order, origin, created_by_contact_id, nonce)
		values (@customer, @name, @description, @estimate, @currency, 'requested', nullif(@site::bigint, 0), @contact, @preferred, @po, 'portal', @contact, nullif(@nonce, ''))
		on conflict on constraint quote_nonce_taken do nothing
		returning id, number`,
		pgx.NamedArgs{
			"customer": r.Customer, "name": r.Name, "description": r.Description, "estimate": r.PriceEstimate, "currency": r.Currency, "site": r.Site,
			"contact": r.Contact, "preferred": r.PreferredOn, "po": r.PurchaseOrder, "nonce": r.Nonce,
		}).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		ref, err = byNonce(ctx, tx, r.Customer, r.Nonce)
		return ref, false, err
	}
	if err != nil {
		return Ref{}, false, told(err)
	}
	err = audit.Record(ctx, tx, by, audit.Entry{Action: "requested", Thing: "quote", ID: ref.ID, Label: ref.Number, Customer: r.Customer, After: r})
	return ref, true, err
}

func byNonce(ctx context.Context, db postgres.DB, customer int64, nonce string) (ref Ref, err error) {
	err = db.QueryRow(ctx, `select id, number from quotes where customer_id = $1 and nonce = $2`, customer, nonce).Scan(&ref.ID, &ref.Number)
	if err != nil {
		return Ref{}, fmt.Errorf("find the quote made before: %w", err)
	}
	return ref, nil
}

// Amendment is what a contact may change of a quote before it is sent.
type Amendment struct {
	Name          string  `json:"name"`
	Description   string  `json:"description"`
	PriceEstimate *int64  `json:"price_estimate"`
	Site          int64   `json:"site"`
	PurchaseOrder string  `json:"purchase_order"`
	PreferredOn   day.Day `json:"preferred_on"`
}

// Amend is the contact's edit, possible until the quote has been sent. It fails
// with fault.Stale when the quote was changed since version, and with a
// fault.Conflict in words when it has been sent meanwhile.
func Amend(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, a Amendment) error {
	if err := (Request{Name: a.Name, Description: a.Description, PriceEstimate: a.PriceEstimate, PurchaseOrder: a.PurchaseOrder}).check(); err != nil {
		return err
	}
	var before Amendment
	var number string
	err := tx.QueryRow(ctx, `
		select number, name, description, price_estimate, coalesce(site_id, 0), purchase_order, preferred_on
		from quotes where id = @id and customer_id = @customer for no key update`, pgx.NamedArgs{"id": id, "customer": customer},
	).Scan(&number, &before.Name, &before.Description, &before.PriceEstimate, &before.Site, &before.PurchaseOrder, &before.PreferredOn)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("amend quote: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		update quotes set name = @name, description = @description, price_estimate = @estimate, site_id = nullif(@site::bigint, 0), purchase_order = @po, preferred_on = @preferred,
			version = version + 1, updated_at = now()
		where id = @id and customer_id = @customer and version = @version and sent_version is null and status in ('requested', 'draft')`,
		pgx.NamedArgs{
			"id": id, "customer": customer, "version": version, "name": a.Name, "description": a.Description, "estimate": a.PriceEstimate, "site": a.Site,
			"po": a.PurchaseOrder, "preferred": a.PreferredOn,
		})
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return whyNot(ctx, tx, id)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "edited", Thing: "quote", ID: id, Label: number, Customer: customer, Before: before, After: a})
}

func whyNot(ctx context.Context, tx postgres.Tx, id int64) error {
	var open bool
	if err := tx.QueryRow(ctx, `select sent_version is null and status in ('requested', 'draft') from quotes where id = $1`, id).Scan(&open); err != nil {
		return fmt.Errorf("amend quote: %w", err)
	}
	if open {
		return fault.Stale
	}
	return fault.Refuse("This quote has been sent or withdrawn meanwhile, so it can no longer be changed here.")
}

// told turns a broken constraint into a sentence at its field.
func told(err error) error {
	switch postgres.Constraint(err) {
	case "quote_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	case "quote_contact_of_customer":
		return problem.Of("main_contact", "Choose one of the customer’s contacts.")
	case "quote_booking_order":
		return problem.Of("booked_until", "The end lies before the start.")
	}
	return fmt.Errorf("save quote: %w", err)
}

// Details is what the office keeps of a quote, apart from its lines.
type Details struct {
	Name          string     `json:"name"`
	Description   string     `json:"description"`
	PriceEstimate *int64     `json:"price_estimate"`
	Site          int64      `json:"site"`
	MainContact   int64      `json:"main_contact"`
	JobType       int64      `json:"job_type"`
	PreferredOn   day.Day    `json:"preferred_on"`
	ValidUntil    day.Day    `json:"valid_until"`
	BookedFrom    *time.Time `json:"booked_from"`
	BookedUntil   *time.Time `json:"booked_until"`
	PurchaseOrder string     `json:"purchase_order"`
	Inclusions    string     `json:"inclusions"`
	Exclusions    string     `json:"exclusions"`
	Terms         string     `json:"terms"`
	InternalNotes string     `json:"internal_notes"`
	Staff         []int64    `json:"staff"`
}

func (d Details) check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Description != "", "description", "Describe the work.")
	p.Text(d.Description, "description", "description")
	p.Name(d.Name, "name", "name")
	p.Name(d.PurchaseOrder, "purchase_order", "purchase order")
	p.Text(d.Inclusions, "inclusions", "inclusions")
	p.Text(d.Exclusions, "exclusions", "exclusions")
	p.Text(d.Terms, "terms", "terms")
	p.Text(d.InternalNotes, "internal_notes", "internal notes")
	p.Unless(d.PriceEstimate == nil || (*d.PriceEstimate >= 0 && *d.PriceEstimate < maxAmount), "price_estimate", "Enter an amount of zero or more.")
	p.Unless(d.BookedUntil == nil || (d.BookedFrom != nil && !d.BookedUntil.Before(*d.BookedFrom)), "booked_until", "The end lies before the start.")
	return p
}

// Create records a new quote of the office, as a draft.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, currency, nonce string, d Details) (ref Ref, err error) {
	if err := d.check().Err(); err != nil {
		return Ref{}, err
	}
	err = tx.QueryRow(ctx, `
		insert into quotes (customer_id, name, description, price_estimate, currency, status, site_id, main_contact_id, job_type_id, preferred_on, valid_until, booked_from, booked_until,
			purchase_order, inclusions, exclusions, terms, internal_notes, origin, created_by_staff_id, nonce)
		select cu.id, @name, @description, @estimate, @currency, 'draft', nullif(@site::bigint, 0), nullif(@contact::bigint, 0), nullif(@type::bigint, 0), @preferred, @valid, @from, @until,
			@po, @inclusions, @exclusions, @terms, @notes, 'office', @staff, nullif(@nonce, '')
		from customers cu where cu.id = @customer and cu.archived_at is null
		on conflict on constraint quote_nonce_taken do nothing
		returning id, number`, d.args(pgx.NamedArgs{"customer": customer, "currency": currency, "nonce": nonce, "staff": by.Staff}),
	).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		if nonce == "" {
			return Ref{}, fault.NotFound
		}
		return byNonce(ctx, tx, customer, nonce)
	}
	if err != nil {
		return Ref{}, told(err)
	}
	if err := assign(ctx, tx, ref.ID, d.Staff); err != nil {
		return Ref{}, err
	}
	return ref, audit.Record(ctx, tx, by, audit.Entry{Action: "created", Thing: "quote", ID: ref.ID, Label: ref.Number, Customer: customer, After: d})
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"name": d.Name, "description": d.Description, "estimate": d.PriceEstimate, "site": d.Site, "contact": d.MainContact, "type": d.JobType, "preferred": d.PreferredOn,
		"valid": d.ValidUntil, "from": d.BookedFrom, "until": d.BookedUntil, "po": d.PurchaseOrder, "inclusions": d.Inclusions, "exclusions": d.Exclusions, "terms": d.Terms, "notes": d.InternalNotes,
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func assign(ctx context.Context, tx postgres.Tx, quote int64, staff []int64) error {
	_, err := tx.Exec(ctx, `delete from quote_staff where quote_id = $1 and not staff_id = any($2)`, quote, staff)
	if err == nil {
		_, err = tx.Exec(ctx, `insert into quote_staff (quote_id, staff_id) select $1, id from staff where id = any($2) and archived_at is null on conflict do nothing`, quote, staff)
	}
	if err != nil {
		return fmt.Errorf("assign staff to quote: %w", err)
	}
	return nil
}

// Edit saves the office's details and lines together. A request becomes a
// draft by it; what has been sent must be moved to Draft first.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details, lines []Line) error {
	p := d.check()
	for i, l := range lines {
		l.check(p, i)
	}
	if err := p.Err(); err != nil {
		return err
	}
	q, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	if q.Status != Requested && q.Status != Draft {
		return fault.Refuse("This quote is %s. Make a new version before changing it.", q.Status)
	}
	tag, err := tx.Exec(ctx, `
		update quotes set name = @name, description = @description, price_estimate = @estimate, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			job_type_id = nullif(@type::bigint, 0), preferred_on = @preferred, valid_until = @valid, booked_from = @from, booked_until = @until, purchase_order = @po,
			inclusions = @inclusions, exclusions = @exclusions, terms = @terms, internal_notes = @notes, status = 'draft', version = version + 1, updated_at = now()
		where id = @id and version = @version and status in ('requested', 'draft')`, d.args(pgx.NamedArgs{"id": q.ID, "version": version}))
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	if err := assign(ctx, tx, q.ID, d.Staff); err != nil {
		return err
	}
	if err := price(ctx, tx, q, lines); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.Entry{
		Action: "edited", Thing: "quote", ID: q.ID, Label: q.Number, Customer: q.CustomerID,
		Before: edited{q.Details(), q.Lines}, After: edited{d, lines},
	})
}

type edited struct {
	Details
	Lines []Line `json:"lines"`
}

// Send makes the newest version the one the customer reads, with its words
// frozen. It needs lines, a main contact and a day until which it is valid.
func Send(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, today day.Day) (Ref, error) {
	q, err := Find(ctx, tx, number)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{q.ID, q.Number}
	p := problem.Set{}
	p.Unless(len(q.Lines) > 0, "lines", "Add at least one line with a price before sending.")
	p.Unless(q.MainContactID != 0, "main_contact", "Choose the contact who receives the quote.")
	p.Unless(!q.ValidUntil.IsZero() && !q.ValidUntil.Before(today), "valid_until", "Choose a day, today or later, until which the price is valid.")
	if err := p.Err(); err != nil {
		return ref, err
	}
	if !q.Status.May(Sent) {
		return ref, fault.Refuse("This quote is %s and cannot be sent.", q.Status)
	}
	tag, err := tx.Exec(ctx, `
		with frozen as (
			update quote_versions v set name = q.name, description = q.description, inclusions = q.inclusions, exclusions = q.exclusions, terms = q.terms,
				valid_until = q.valid_until, sent_at = now(), sent_by_id = @staff
			from quotes q where q.id = @id and v.quote_id = q.id and v.sent_at is null and q.version = @version and q.status = 'draft'
			returning v.number
		)
		update quotes set status = 'sent', sent_version = frozen.number, version = version + 1, updated_at = now() from frozen where id = @id`,
		pgx.NamedArgs{"id": q.ID, "version": version, "staff": by.Staff})
	if err != nil {
		return ref, told(err)
	}
	if tag.RowsAffected() == 0 {
		return ref, fault.Stale
	}
	// Again, now that the version is frozen: what contacts search is made of it.
	if _, err := tx.Exec(ctx, `update quotes set search = '' where id = $1`, q.ID); err != nil {
		return ref, fmt.Errorf("index quote: %w", err)
	}
	return ref, audit.Record(ctx, tx, by, audit.Entry{Action: "sent", Thing: "quote", ID: q.ID, Label: q.Number, Customer: q.CustomerID, After: map[string]any{"version": q.VersionNumber, "total": q.Total}})
}

// Move withdraws a quote or opens a new version of it (Draft).
func Move(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, to Status) error {
	q, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	if (to != Draft && to != Withdrawn) || !q.Status.May(to) {
		return fault.Refuse("This quote is %s; it cannot become %s.", q.Status, to)
	}
	tag, err := tx.Exec(ctx, `update quotes set status = @to, version = version + 1, updated_at = now() where id = @id and version = @version and status = @from`,
		pgx.NamedArgs{"id": q.ID, "version": version, "from": q.Status, "to": to})
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	if to == Draft && q.SentVersion == q.VersionNumber && q.SentVersion > 0 {
		if err := price(ctx, tx, q, q.Lines); err != nil { // the new version begins as a copy
			return err
		}
	}
	return audit.Record(ctx, tx, by, audit.Entry{
		Action: string(to), Thing: "quote", ID: q.ID, Label: q.Number, Customer: q.CustomerID,
		Before: map[string]any{"status": q.Status}, After: map[string]any{"status": to},
	})
}

// Look notes that staff have opened a request from the portal.
func Look(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	tag, err := tx.Exec(ctx, `update quotes set looked_at = now(), looked_by_id = $2 where id = $1 and looked_at is null and origin = 'portal'`, id, by.Staff)
	if err != nil {
		return fmt.Errorf("mark quote as looked at: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "looked at", Thing: "quote", ID: id})
}
