package quote

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Unready says what a quote still needs before it can be sent.
func (q Quote) Unready(today day.Day) problem.Set {
	p := problem.Set{}
	p.Unless(len(q.Lines) > 0, "lines", "Add at least one line with a price before sending.")
	p.Unless(q.Total >= 0, "lines", belowNothing)
	p.Unless(q.MainContactID != 0, "main_contact", "Choose the contact who gets the quote.")
	p.Unless(!q.ValidUntil.IsZero() && !q.ValidUntil.Before(today), "valid_until", "Choose the last day on which the price is valid, today or later.")
	return p
}

// Send makes the newest version the one the customer reads, with its words
// frozen. It needs lines, a main contact and a day until which it is valid.
func Send(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, today day.Day) (Ref, error) {
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{q.ID, q.Number}
	if q.Status == Sent && q.Version == version+1 {
		return ref, apperr.Conflictf("This quote has just been sent.")
	}
	if !q.Status.May(Sent) {
		if q.Status == Requested {
			return ref, apperr.Conflictf("Price this request first, then send it.")
		}
		return ref, apperr.Conflictf("This quote is %s and cannot be sent.", q.Status)
	}
	if q.Version != version {
		return ref, apperr.Stale
	}
	if err := q.Unready(today).Err(); err != nil {
		return ref, err
	}
	tag, err := tx.Exec(ctx, `
		with frozen as (
			update quote_versions v set name = q.name, description = q.description, inclusions = q.inclusions, exclusions = q.exclusions, terms = q.terms,
				valid_until = q.valid_until, sent_at = now(), sent_by_id = nullif(@staff::bigint, 0)
			from quotes q where q.id = @id and v.quote_id = q.id and v.sent_at is null
			returning v.number
		)
		update quotes set status = @sent, sent_version = frozen.number, version = version + 1, updated_at = now() from frozen where id = @id`,
		pgx.NamedArgs{"id": q.ID, "staff": by.Staff, "sent": Sent})
	if err != nil {
		return ref, constraintError(err)
	}
	if tag.RowsAffected() == 0 { // its only version was sent before
		return ref, apperr.Stale
	}
	// Again, now that the version is frozen: what contacts search is made of it.
	if _, err := tx.Exec(ctx, `update quotes set search = '' where id = $1`, q.ID); err != nil {
		return ref, fmt.Errorf("index quote: %w", err)
	}
	return ref, record(ctx, tx, by, audit.QuoteSent, &q, number)
}

// Revise begins a new version of a quote that was sent, as a copy of that one.
func Revise(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64) error {
	q, err := lockToMove(ctx, tx, number, version, Draft)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update quotes set status = @draft, version = version + 1, updated_at = now() where id = @id`, pgx.NamedArgs{"id": q.ID, "draft": Draft}); err != nil {
		return constraintError(err)
	}
	if q.SentVersion == q.VersionNumber && q.SentVersion > 0 {
		if err := setLines(ctx, tx, q, q.Lines); err != nil {
			return err
		}
	}
	if err := addEvent(ctx, tx, by, q.next(), Event{Kind: EventRevised}); err != nil {
		return err
	}
	return record(ctx, tx, by, audit.QuoteRevised, &q, number)
}

// Withdraw ends a quote; the reason is for the office's history and may be empty.
func Withdraw(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, reason string) error {
	p := problem.Set{}
	p.Limit(Field.WithdrawnReason, reason)
	if err := p.Err(); err != nil {
		return err
	}
	q, err := lockToMove(ctx, tx, number, version, Withdrawn)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update quotes set status = @withdrawn, withdrawn_at = now(), withdrawn_reason = @reason, version = version + 1, updated_at = now() where id = @id`,
		pgx.NamedArgs{"id": q.ID, "withdrawn": Withdrawn, "reason": reason})
	if err != nil {
		return constraintError(err)
	}
	if err := addEvent(ctx, tx, by, q.next(), Event{Kind: EventWithdrawn}); err != nil {
		return err
	}
	if err := record(ctx, tx, by, audit.QuoteWithdrawn, &q, number); err != nil || reason == "" {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteSaidWhy, ID: q.ID, Label: number, Customer: q.CustomerID, After: map[string]any{"why": reason}})
}

// lockToMove locks a quote that is to move to another status. It fails with
// apperr.Stale when somebody else has changed the quote since version.
func lockToMove(ctx context.Context, tx postgres.Tx, number string, version int64, to Status) (Quote, error) {
	q, err := lockByNumber(ctx, tx, number)
	switch {
	case err != nil:
		return q, err
	case !q.Status.May(to):
		return q, apperr.Conflictf("This quote is %s; it cannot become %s.", q.Status, to)
	case q.Version != version:
		return q, apperr.Stale
	}
	return q, nil
}

// MarkLookedAt notes that staff have opened a request from the portal.
func MarkLookedAt(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	e := audit.New{Action: audit.QuoteLookedAt, ID: id}
	err := tx.QueryRow(ctx, `update quotes set looked_at = now(), looked_by_id = $2 where id = $1 and looked_at is null and origin = 'portal' returning number, customer_id`, id, by.Staff).Scan(&e.Label, &e.Customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark quote as looked at: %w", err)
	}
	return audit.Record(ctx, tx, by, e)
}
