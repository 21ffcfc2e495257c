package quote

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Brought is a quote as another system has it: in whatever status it is there,
// by whatever way it came to it.
type Brought struct {
	Customer int64  // of a new one: a quote never changes its customer
	Number   string // of a new one, "" for the next one
	Currency string // of a new one
	Status   Status
	Details
	PriceEstimate *int64 // in minor units, nil for none
	Lines         []Line
	SentAt        *time.Time // nil of a quote that was sent: now
	CreatedAt     *time.Time // of a new one, nil for now
	AskedBy       int64      // of a new one: the contact who asked for it in a portal, 0 for none
}

// broughtStatuses are what a quote can be elsewhere.
var broughtStatuses = []Status{Draft, Sent, Accepted, Declined, Withdrawn}

// Check says what is wrong with it.
func (b Brought) Check() problem.Set {
	p := b.Details.Check().Join(CheckLines(b.Lines))
	p.Number(b.Number)
	p.Unless(slices.Contains(broughtStatuses, b.Status) || (b.Status == Requested && b.AskedBy != 0), Field.Status.Name, "Choose Draft, Sent, Accepted, Declined or Withdrawn.")
	p.Unless(!b.Sent() || len(b.Lines) > 0, Field.Lines.Name, "A quote that was sent needs at least one line with a price.")
	p.Unless(b.PriceEstimate == nil || *b.PriceEstimate >= 0 && *b.PriceEstimate < maxAmount, Field.PriceEstimate.Name, "Enter an amount of zero or more.")
	return p
}

// Sent reports whether the customer has got it.
func (b Brought) Sent() bool {
	return b.Status == Sent || b.Status == Accepted || b.Status == Declined
}

func (b Brought) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := b.Details.args(more)
	a["estimate"], a["asked"], a["requested"] = b.PriceEstimate, b.AskedBy, b.Status == Requested
	return a
}

// CreateBrought records a quote as it is elsewhere. Nobody is told of it.
func CreateBrought(ctx context.Context, tx postgres.Tx, by audit.Actor, b Brought) (ref Ref, created bool, err error) {
	if err := b.Check().Err(); err != nil {
		return ref, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into quotes (number, customer_id, name, description, price_estimate, currency, status, site_id, main_contact_id, job_type_id, preferred_on, valid_until, booked_from, booked_until,
			purchase_order, inclusions, exclusions, terms, internal_notes, origin, created_by_contact_id, looked_at, looked_by_id, created_by_staff_id, created_at)
		values (coalesce(nullif(@number, ''), next_quote_number()), @customer, @name, @description, @estimate, @currency, @status, nullif(@site::bigint, 0), nullif(@contact::bigint, 0),
			nullif(@type::bigint, 0), @preferred, @valid, @from, @until, @po, @inclusions, @exclusions, @terms, @notes, case when @asked::bigint <> 0 then 'portal' else 'office' end, nullif(@asked::bigint, 0),
			case when @asked::bigint <> 0 and not @requested::boolean then now() end, case when @asked::bigint <> 0 and not @requested::boolean then nullif(@staff::bigint, 0) end, case when @asked::bigint = 0 then nullif(@staff::bigint, 0) end,
			coalesce(@created::timestamptz, now()))
		returning id, number`,
		b.args(pgx.NamedArgs{"number": b.Number, "customer": b.Customer, "currency": b.Currency, "status": Draft, "staff": by.Staff, "created": b.CreatedAt})).Scan(&ref.ID, &ref.Number)
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := postgres.PastNumber(ctx, tx, postgres.QuoteNumbers, b.Number); err != nil {
		return Ref{}, false, err
	}
	if err := setBroughtStaff(ctx, tx, ref.ID, b.Staff); err != nil {
		return Ref{}, false, err
	}
	if len(b.Lines) > 0 {
		if err := setLines(ctx, tx, Quote{ID: ref.ID, CustomerID: b.Customer}, b.Lines); err != nil {
			return Ref{}, false, err
		}
	}
	if err := b.settle(ctx, tx, by, ref.ID, true); err != nil {
		return Ref{}, false, err
	}
	return ref, true, record(ctx, tx, by, audit.QuoteCreated, nil, ref.Number)
}

// EditBrought makes a quote what it is elsewhere; other prices than those that
// were sent are a new version. It fails with apperr.Stale when somebody else
// changed the quote since version.
func EditBrought(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, b Brought) error {
	if err := b.Check().Err(); err != nil {
		return err
	}
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	if q.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `
		update quotes set name = @name, description = @description, price_estimate = @estimate, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			job_type_id = nullif(@type::bigint, 0), preferred_on = @preferred, valid_until = @valid, booked_from = @from, booked_until = @until, purchase_order = @po,
			inclusions = @inclusions, exclusions = @exclusions, terms = @terms, internal_notes = @notes,
			version = version + 1, updated_at = now()
		where id = @id`, b.args(pgx.NamedArgs{"id": q.ID}))
	if err != nil {
		return constraintError(err)
	}
	if err := setBroughtStaff(ctx, tx, q.ID, b.Staff); err != nil {
		return err
	}
	priced := !sameLines(q.Lines, b.Lines)
	if priced {
		if err := setLines(ctx, tx, q, b.Lines); err != nil {
			return err
		}
	}
	if err := b.settle(ctx, tx, by, q.ID, priced || q.VersionNumber > q.SentVersion); err != nil {
		return err
	}
	return recordEdit(ctx, tx, by, q)
}

// settle sets the status. The newest version is what was sent, if it has not been
// already.
func (b Brought) settle(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, unsent bool) error {
	if b.Sent() && unsent {
		_, err := tx.Exec(ctx, `
			with frozen as (
				update quote_versions v set name = q.name, description = q.description, inclusions = q.inclusions, exclusions = q.exclusions, terms = q.terms,
					valid_until = q.valid_until, sent_at = coalesce(@at::timestamptz, now()), sent_by_id = nullif(@staff::bigint, 0)
				from quotes q where q.id = @id and v.quote_id = q.id and v.sent_at is null
				returning v.number
			)
			update quotes set sent_version = frozen.number from frozen where id = @id`, pgx.NamedArgs{"id": id, "at": b.SentAt, "staff": by.Staff})
		if err != nil {
			return fmt.Errorf("send a quote that was sent elsewhere: %w", err)
		}
	}
	// The words that contacts search are made of the frozen version.
	if _, err := tx.Exec(ctx, `update quotes set status = $2, withdrawn_at = case when $3 then coalesce(withdrawn_at, now()) end, search = '' where id = $1`, id, b.Status, b.Status == Withdrawn); err != nil {
		return constraintError(err)
	}
	return nil
}

// setBroughtStaff says who priced a quote, who have left by now among them.
func setBroughtStaff(ctx context.Context, tx postgres.Tx, quote int64, staff []int64) error {
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		b.Do(`delete from quote_staff where quote_id = @quote and not staff_id = any(@staff)`, pgx.NamedArgs{"quote": quote, "staff": postgres.IDs(staff)})
		b.Do(`insert into quote_staff (quote_id, staff_id) select @quote, id from staff where id = any(@staff) on conflict do nothing`, pgx.NamedArgs{"quote": quote, "staff": postgres.IDs(staff)})
	})
	if err != nil {
		return fmt.Errorf("assign staff to quote: %w", err)
	}
	return nil
}

// sameLines reports whether lines come to the same in the same words.
func sameLines(a, b []Line) bool {
	return slices.EqualFunc(Settle(a), Settle(b), func(x, y Line) bool {
		return x.Section == y.Section && x.Description == y.Description && x.Quantity.Equal(y.Quantity) && x.UnitPrice.Equal(y.UnitPrice) &&
			x.Rate().Key() == y.Rate().Key() && x.Discount == y.Discount && x.DiscountPercent.Equal(y.DiscountPercent)
	})
}
