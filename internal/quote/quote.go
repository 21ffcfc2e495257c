// Package quote holds what work would cost: requests from the portal, quotes
// being priced, and the versions that were sent.
package quote

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
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

// Check tells what is wrong with what was typed, before anything is written.
func (r Request) Check() problem.Set {
	p := problem.Set{}
	p.Unless(r.Description != "", "description", "Tell us what you would like a price for.")
	p.Text(r.Description, "description", "description")
	p.Name(r.Name, "name", "title")
	p.Name(r.PurchaseOrder, "purchase_order", "purchase order")
	p.Unless(r.PriceEstimate == nil || (*r.PriceEstimate >= 0 && *r.PriceEstimate < maxAmount), "price_estimate", "Enter an amount of zero or more.")
	return p
}

// Ask records a request from the portal. The contact who asks becomes its main
// contact, because contacts limited to their own must see what they asked for.
// A form sent twice makes one request; added is then false.
func Ask(ctx context.Context, tx postgres.Tx, by audit.Actor, r Request) (ref Ref, added bool, err error) {
	if err := r.Check().Err(); err != nil {
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
	err = audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteRequested, ID: ref.ID, Label: ref.Number, Customer: r.Customer, After: r})
	return ref, true, err
}

// byNonce is the quote that an earlier sending of the same form made. Without
// one nothing was made, because the customer is archived.
func byNonce(ctx context.Context, db postgres.DB, customer int64, nonce string) (ref Ref, err error) {
	err = db.QueryRow(ctx, `select id, number from quotes where customer_id = $1 and nonce = $2`, customer, nonce).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return Ref{}, apperr.Conflictf("This customer is archived. Restore the customer first.")
	}
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

// Check tells what is wrong with what was typed, before anything is written.
func (a Amendment) Check() problem.Set {
	return Request{Name: a.Name, Description: a.Description, PriceEstimate: a.PriceEstimate, PurchaseOrder: a.PurchaseOrder}.Check()
}

// Amend is the contact's edit, possible until the quote has been sent. It fails
// with apperr.Stale when the quote was changed since version, and with a
// apperr.Conflict in words when it has been sent meanwhile.
func Amend(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, a Amendment) error {
	if err := a.Check().Err(); err != nil {
		return err
	}
	before, err := lock(ctx, tx, `q.id = @id and q.customer_id = @customer`, pgx.NamedArgs{"id": id, "customer": customer})
	if err != nil {
		return err
	}
	if err := inUse(ctx, tx, before, a.Site, before.MainContactID); err != nil {
		return err
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
	return record(ctx, tx, by, audit.QuoteEdited, &before, before.Number)
}

func whyNot(ctx context.Context, tx postgres.Tx, id int64) error {
	var open bool
	if err := tx.QueryRow(ctx, `select sent_version is null and status in ('requested', 'draft') from quotes where id = $1`, id).Scan(&open); err != nil {
		return fmt.Errorf("amend quote: %w", err)
	}
	if open {
		return apperr.Stale
	}
	return apperr.Conflictf("This quote has been sent or withdrawn meanwhile, so it can no longer be changed here.")
}

// told turns a broken constraint into a sentence at its field.
func told(err error) error {
	switch postgres.Constraint(err) {
	case "quote_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	case "quote_contact_of_customer":
		return problem.Of("main_contact", "Choose one of the customer’s contacts.")
	case "quotes_job_type_id_fkey":
		return problem.Of("job_type", "Choose a job type from the list.")
	case "quote_booking_order":
		return problem.Of("booked_until", "The end lies before the start.")
	}
	return fmt.Errorf("save quote: %w", err)
}
