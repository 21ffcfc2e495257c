package office

import (
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// TypedQuote is a quote as somebody types it.
type TypedQuote struct {
	quote.Details
	Lines []quote.Typed
	// Problems are what could not be read of it, by field.
	Problems problem.Set
}

// NewQuote is a quote to create for the customer with a number.
type NewQuote struct {
	TypedQuote
	Customer string
	Copy     string // the number of the quote that it began as a copy of, "" for none
	Nonce    string
}

// CreateQuote records a quote of the office, as a draft. A form sent twice makes
// one quote.
func (s *Service) CreateQuote(ctx context.Context, by staff.Viewer, n NewQuote) (ref quote.Ref, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		c, err := customer.FindByNumber(ctx, tx, n.Customer)
		if err != nil {
			return err
		}
		if c.Archived() {
			return apperr.Conflictf("%s is archived. Restore the customer before writing quotes for it.", c.Name)
		}
		var copied quote.Quote
		if n.Copy != "" {
			if copied, err = quote.FindByNumber(ctx, tx, n.Copy); err != nil {
				return err
			}
		}
		currency := by.Format.Currency
		lines, err := n.read(ctx, tx, currency, copied.Lines)
		if err != nil {
			return err
		}
		var created bool
		ref, created, err = quote.Create(ctx, tx, by.Actor(), quote.New{Customer: c.ID, Currency: currency, Details: n.Details, Lines: lines, Nonce: n.Nonce})
		if err != nil || !created || n.Copy == "" {
			return err
		}
		return quote.AddDuplicate(ctx, tx, by.Actor(), n.Copy, ref)
	})
	return ref, err
}

// EditQuote saves a quote's details and lines together.
func (s *Service) EditQuote(ctx context.Context, by staff.Viewer, number string, version int64, t TypedQuote) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		q, err := quote.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		lines, err := t.read(ctx, tx, q.Currency, q.Lines)
		if err != nil {
			return err
		}
		return quote.Edit(ctx, tx, by.Actor(), number, version, t.Details, lines)
	})
}

// read turns what was typed into lines; what is wrong with it, or with the
// details, comes back all at once. A line keeps the tax it had, even if the
// business no longer offers it.
func (t TypedQuote) read(ctx context.Context, db postgres.DB, currency string, before []quote.Line) ([]quote.Line, error) {
	taxes, err := company.TaxRates(ctx, db)
	if err != nil {
		return nil, err
	}
	rates, _ := quote.Rates(taxes, before)
	lines, wrong := quote.ParseLines(t.Lines, currency, rates)
	problems := problem.Set{}
	return lines, problems.Join(t.Problems).Join(wrong).Join(t.Details.Check()).Join(quote.CheckLines(lines)).Err()
}

// SendQuote sends the newest version to the customer, and returns who is told.
func (s *Service) SendQuote(ctx context.Context, by staff.Viewer, number string, version int64) (told []notify.Telling, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ref, err := quote.Send(ctx, tx, by.Actor(), number, version, today(by))
		if err != nil {
			return err
		}
		if err := s.notify.QuoteSent(ctx, tx, ref.ID); err != nil {
			return err
		}
		told, err = notify.WouldTell(ctx, tx, notify.KindQuoteSent, notify.About{Quote: ref.ID})
		return err
	})
	return told, err
}

// WithdrawQuote ends a quote; the reason is for the office's history and may be
// empty.
func (s *Service) WithdrawQuote(ctx context.Context, by staff.Viewer, number string, version int64, reason string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return quote.Withdraw(ctx, tx, by.Actor(), number, version, reason) })
}

// ReviseQuote begins a new version of a quote that was sent.
func (s *Service) ReviseQuote(ctx context.Context, by staff.Viewer, number string, version int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return quote.Revise(ctx, tx, by.Actor(), number, version) })
}

// LookAtQuote notes that somebody has opened a request from the portal for the
// first time; looked says that this was it. Of any other quote it does nothing.
func (s *Service) LookAtQuote(ctx context.Context, by staff.Viewer, q quote.Quote) (looked bool, err error) {
	if !q.New() {
		return false, nil
	}
	return true, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return quote.MarkLookedAt(ctx, tx, by.Actor(), q.ID) })
}

// CreateJobFromQuote makes a job of what a quote offers, with copies of the
// quote's files; contacts are told of its date if it has one. A form sent twice
// makes one job.
func (s *Service) CreateJobFromQuote(ctx context.Context, by staff.Viewer, number, nonce string, jobType int64) (ref job.Ref, err error) {
	if nonce == "" {
		return ref, apperr.Conflictf("This form is too old. Open it again from the quote.")
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var created bool
		if ref, created, err = quote.CreateJob(ctx, tx, by.Actor(), number, nonce, jobType); err != nil || !created {
			return err
		}
		q, err := quote.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		from, to := attachment.On{Customer: q.CustomerID, Quote: q.ID}, attachment.On{Customer: q.CustomerID, Job: ref.ID}
		if _, err := attachment.Copy(ctx, tx, by.Actor(), s.queue, from, to); err != nil {
			return err
		}
		if q.BookedFrom == nil {
			return nil
		}
		_, err = s.notify.VisitChanged(ctx, tx, job.Visit{Job: ref.ID, Status: job.Unscheduled}, !q.BookedFrom.Before(by.Format.Now), 0)
		return err
	})
	return ref, err
}
