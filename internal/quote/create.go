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
	ref, again, err := postgres.Repeated[Ref](ctx, tx, n.Nonce, `select id, number from quotes where customer_id = @customer and nonce = @nonce`, pgx.NamedArgs{"customer": n.Customer, "nonce": n.Nonce})
	if err != nil || again {
		return ref, false, err
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
		returning id, number`,
		n.args(pgx.NamedArgs{
			"customer": n.Customer, "currency": n.Currency, "estimate": n.PriceEstimate, "status": status, "origin": origin, "staff": by.Staff, "asked_by": n.Contact, "nonce": n.Nonce,
		})).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return Ref{}, false, apperr.Conflictf("This customer is archived. Restore the customer first.")
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
