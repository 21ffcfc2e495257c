package office

import (
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
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
	Send     bool  // to the customer, at once
	With     Added // a site and a contact that the customer gets with it
}

// CreateQuote records a quote of the office, as a draft, or sends it in the same
// step; then who is told is returned. A form sent twice makes one quote.
func (s *Service) CreateQuote(ctx context.Context, by staff.Viewer, n NewQuote) (ref quote.Ref, told []notify.Telling, err error) {
	err = s.change(ctx, by, n.With.kinds(keeper.Quotes), func(tx postgres.Tx) error {
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
		n.Problems = problem.Set{}.Join(n.Problems).Join(n.With.Check())
		lines, err := n.read(ctx, tx, by, currency, copied.Lines)
		if err != nil {
			return err
		}
		if err := n.With.add(ctx, tx, by, c.ID, n.Nonce, &n.Site, &n.MainContact); err != nil {
			return err
		}
		var created bool
		ref, created, err = quote.Create(ctx, tx, by.Actor(), quote.New{Customer: c.ID, Currency: currency, Details: n.Details, Lines: lines, Nonce: n.Nonce})
		if err != nil {
			return err
		}
		if created && n.Copy != "" {
			if err := quote.AddDuplicate(ctx, tx, by.Actor(), n.Copy, ref); err != nil {
				return err
			}
		}
		switch {
		case !n.Send:
			return nil
		case !created:
			told, err = notify.WouldTell(ctx, tx, notify.KindQuoteSent, notify.About{Quote: ref.ID})
			return err
		}
		q, err := quote.FindByNumber(ctx, tx, ref.Number)
		if err != nil {
			return err
		}
		told, err = s.sendQuote(ctx, tx, by, ref.Number, q.Version)
		return err
	})
	return ref, told, err
}

// EditQuote saves a quote's details and lines together.
func (s *Service) EditQuote(ctx context.Context, by staff.Viewer, number string, version int64, t TypedQuote) error {
	return s.change(ctx, by, ofQuotes, func(tx postgres.Tx) error { return s.editQuote(ctx, tx, by, number, version, t) })
}

func (s *Service) editQuote(ctx context.Context, tx postgres.Tx, by staff.Viewer, number string, version int64, t TypedQuote) error {
	q, err := quote.FindByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	lines, err := t.read(ctx, tx, by, q.Currency, q.Lines)
	if err != nil {
		return err
	}
	return quote.Edit(ctx, tx, by.Actor(), number, version, t.Details, lines)
}

// EditAndSendQuote saves a quote and sends it, or does neither, and returns who
// is told.
func (s *Service) EditAndSendQuote(ctx context.Context, by staff.Viewer, number string, version int64, t TypedQuote) (told []notify.Telling, err error) {
	err = s.change(ctx, by, ofQuotes, func(tx postgres.Tx) error {
		if err := s.editQuote(ctx, tx, by, number, version, t); err != nil {
			return err
		}
		q, err := quote.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		told, err = s.sendQuote(ctx, tx, by, number, q.Version)
		return err
	})
	return told, err
}

// read turns what was typed into lines; what is wrong with it, or with the
// details, comes back all at once. A line keeps the tax it had, even if the
// business no longer offers it.
func (t TypedQuote) read(ctx context.Context, db postgres.DB, by staff.Viewer, currency string, before []quote.Line) ([]quote.Line, error) {
	taxes, err := company.TaxRates(ctx, db)
	if err != nil {
		return nil, err
	}
	rates, _ := quote.Rates(taxes, before)
	lines, wrong := quote.ParseLines(by.Format, t.Lines, currency, rates)
	problems := problem.Set{}
	return lines, problems.Join(t.Problems).Join(wrong).Join(t.Details.Check()).Join(quote.CheckLines(lines)).Err()
}

// SendQuote sends the newest version to the customer, and returns who is told.
func (s *Service) SendQuote(ctx context.Context, by staff.Viewer, number string, version int64) (told []notify.Telling, err error) {
	err = s.change(ctx, by, ofQuotes, func(tx postgres.Tx) error {
		told, err = s.sendQuote(ctx, tx, by, number, version)
		return err
	})
	return told, err
}

// SendQuoteUntold is SendQuote, of which nobody gets an email.
func (s *Service) SendQuoteUntold(ctx context.Context, by staff.Viewer, number string, version int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		_, err := quote.Send(ctx, tx, by.Actor(), number, version, today(by))
		return err
	})
}

func (s *Service) sendQuote(ctx context.Context, tx postgres.Tx, by staff.Viewer, number string, version int64) ([]notify.Telling, error) {
	ref, err := quote.Send(ctx, tx, by.Actor(), number, version, today(by))
	if err != nil {
		return nil, err
	}
	if err := s.notify.QuoteSent(ctx, tx, ref.ID); err != nil {
		return nil, err
	}
	return notify.WouldTell(ctx, tx, notify.KindQuoteSent, notify.About{Quote: ref.ID})
}

// WithdrawQuote ends a quote; the reason is for the office's history and may be
// empty.
func (s *Service) WithdrawQuote(ctx context.Context, by staff.Viewer, number string, version int64, reason string) error {
	return s.change(ctx, by, ofQuotes, func(tx postgres.Tx) error { return quote.Withdraw(ctx, tx, by.Actor(), number, version, reason) })
}

// ReviseQuote begins a new version of a quote that was sent.
func (s *Service) ReviseQuote(ctx context.Context, by staff.Viewer, number string, version int64) error {
	return s.change(ctx, by, ofQuotes, func(tx postgres.Tx) error { return quote.Revise(ctx, tx, by.Actor(), number, version) })
}

// LookAtQuote notes that somebody has opened a request from the portal for the
// first time; looked says that this was it. Of any other quote it does nothing.
func (s *Service) LookAtQuote(ctx context.Context, by staff.Viewer, q quote.Quote) (looked bool, err error) {
	if !q.New() || postgres.Refuses(ctx) {
		return false, nil
	}
	return true, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return quote.MarkLookedAt(ctx, tx, by.Actor(), q.ID) })
}

// CreateJobFromQuote makes a job of what a quote offers, with copies of the
// quote's files; contacts are told of its date if it has one to come and staff
// choose so, and who is told is returned; nil when there is nothing to tell. Of a quote that nobody has accepted yet, the customer's yes is recorded
// in the same step, or why says why there is none. A form sent twice makes one job.
func (s *Service) CreateJobFromQuote(ctx context.Context, by staff.Viewer, number, nonce string, jobType int64, yes *quote.Recorded, why string, c VisitChoice) (ref job.Ref, told []notify.Telling, err error) {
	if nonce == "" {
		return ref, nil, apperr.Conflictf("This form is out of date. Open it again from the quote.")
	}
	err = s.change(ctx, by, ofJobs, func(tx postgres.Tx) error {
		if yes != nil {
			if _, _, err := s.recordAnswer(ctx, tx, by, number, *yes); err != nil {
				return err
			}
		}
		var created bool
		if ref, created, err = quote.CreateJob(ctx, tx, by.Actor(), number, nonce, jobType, why); err != nil || !created {
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
		kind, err := s.notify.VisitChanged(ctx, tx, job.Visit{Job: ref.ID, Status: job.Unscheduled}, c.tell() && !q.BookedFrom.Before(by.Format.Now), 0)
		if err == nil && kind != "" {
			told, err = notify.WouldTell(ctx, tx, kind, notify.About{Job: ref.ID})
		}
		return err
	})
	return ref, told, err
}
