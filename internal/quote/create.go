package quote

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// New is a quote to create. Contact is who asks for it in the portal, 0 in the
// office; a contact becomes the main contact of what they ask for, because
// contacts limited to their own quotes must see it.
type New struct {
	Customer      int64
	Contact       int64
	Currency      string
	PriceEstimate *int64 // the contact's, in minor units of the currency; nil for none
	Details
	Lines []Line
	Nonce string
}

// Check says what is wrong with a new quote, to whom it concerns: a contact is
// asked in other words than staff.
func (n New) Check() problem.Set {
	if n.Contact != 0 {
		return ContactEdit{Name: n.Name, Description: n.Description, PriceEstimate: n.PriceEstimate, PurchaseOrder: n.PurchaseOrder}.Check()
	}
	return n.Details.Check().Join(CheckLines(n.Lines))
}

// Create records a quote: Requested when a contact asks for it, else a Draft. A
// form sent twice makes one quote; created is then false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return Ref{}, false, err
	}
	status, origin, action := Draft, "office", audit.QuoteCreated
	if n.Contact != 0 {
		status, origin, action = Requested, "portal", audit.QuoteRequested
		n.MainContact = n.Contact
	}
	if err := checkInUse(ctx, tx, Quote{CustomerID: n.Customer, MainContactID: n.Contact}, n.Site, n.MainContact); err != nil {
		return Ref{}, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into quotes (customer_id, name, description, price_estimate, currency, status, site_id, main_contact_id, job_type_id, preferred_on, valid_until, booked_from, booked_until,
			purchase_order, inclusions, exclusions, terms, internal_notes, origin, created_by_staff_id, created_by_contact_id, nonce)
		select cu.id, @name, @description, @estimate, @currency, @status, nullif(@site::bigint, 0), nullif(@contact::bigint, 0), nullif(@type::bigint, 0), @preferred, @valid, @from, @until,
			@po, @inclusions, @exclusions, @terms, @notes, @origin, nullif(@staff::bigint, 0), nullif(@asked_by::bigint, 0), nullif(@nonce, '')
		from customers cu where cu.id = @customer and cu.archived_at is null
		on conflict on constraint quote_nonce_taken do nothing
		returning id, number`,
		n.args(pgx.NamedArgs{
			"customer": n.Customer, "currency": n.Currency, "estimate": n.PriceEstimate, "status": status, "origin": origin, "staff": by.Staff, "asked_by": n.Contact, "nonce": n.Nonce,
		})).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		ref, err = findByNonce(ctx, tx, n.Customer, n.Nonce)
		return ref, false, err
	}
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := setStaff(ctx, tx, ref.ID, n.Staff); err != nil {
		return Ref{}, false, err
	}
	if len(n.Lines) > 0 {
		if err := setLines(ctx, tx, Quote{ID: ref.ID, CustomerID: n.Customer}, n.Lines); err != nil {
			return Ref{}, false, err
		}
	}
	return ref, true, record(ctx, tx, by, action, nil, ref.Number)
}

// findByNonce is the quote that an earlier sending of the same form made. Without
// one nothing was made, because the customer is archived.
func findByNonce(ctx context.Context, db postgres.DB, customer int64, nonce string) (ref Ref, err error) {
	err = db.QueryRow(ctx, `select id, number from quotes where customer_id = $1 and nonce = $2`, customer, nonce).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return Ref{}, apperr.Conflictf("This customer is archived. Restore the customer first.")
	}
	if err != nil {
		return Ref{}, fmt.Errorf("find the quote made before: %w", err)
	}
	return ref, nil
}

// setStaff says who prices and does the work. Who has left since stays on it.
func setStaff(ctx context.Context, tx postgres.Tx, quote int64, staff []int64) error {
	_, err := tx.Exec(ctx, `delete from quote_staff where quote_id = $1 and not staff_id = any($2)`, quote, postgres.IDs(staff))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into quote_staff (quote_id, staff_id) select $1, id from staff where id = any($2) and archived_at is null on conflict do nothing`, quote, postgres.IDs(staff))
	}
	if err != nil {
		return fmt.Errorf("assign staff to quote: %w", err)
	}
	return nil
}
