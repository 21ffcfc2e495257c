package office

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/equipment"
	"fieldgate/internal/exchange"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// SetKeepers says who keeps each kind of things: this program, or another system.
func (s *Service) SetKeepers(ctx context.Context, by staff.Viewer, all []keeper.Setting) error {
	if err := by.CheckProof(); err != nil { // whoever acts for that system changes what staff no longer can
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return keeper.Set(ctx, tx, by.Actor(), all) })
}

// AnswerByDeed closes what contacts have asked the system for which somebody acts,
// after a deed of it that did what was asked, or something else.
func (s *Service) AnswerByDeed(ctx context.Context, by exchange.By, k exchange.Kind, row int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return exchange.AnswerRequests(ctx, tx, by, k, row) })
}

// AnswerRequest says what became of a contact's request to the system that keeps
// something: that system says it, for requests of its own about customers within
// reach, or staff do for it. What was recorded as a request and is refused ends: a
// job is cancelled, a quote withdrawn, equipment retired. Whom that tells, it tells
// as if staff had done it.
func (s *Service) AnswerRequest(ctx context.Context, by exchange.By, reach exchange.Reach, id int64, a keeper.Reply) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		r, err := keeper.Lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case by.Source != "" && by.Source != r.Source, !reach.Has(r.CustomerID):
			return apperr.NotFound
		}
		if err := keeper.Close(ctx, tx, by.Actor(), r, a); err != nil {
			return err
		}
		if r.What != keeper.New || a.State != keeper.Refused {
			return nil
		}
		return s.endRefused(ctx, tx, by.Viewer, r, a.Words)
	})
}

// endRefused ends what was recorded as a request that its keeper does not take up,
// unless somebody has taken it up since.
func (s *Service) endRefused(ctx context.Context, tx postgres.Tx, by staff.Viewer, r keeper.Request, why string) error {
	switch r.Kind {
	case keeper.Jobs:
		before, err := job.LockVisit(ctx, tx, r.Thing)
		if err != nil || before.Status != job.StatusNew {
			return notThere(err)
		}
		j, err := job.FindByNumber(ctx, tx, r.Thing)
		if err != nil {
			return err
		}
		reason := string([]rune(why)[:min(len([]rune(why)), job.MaxReason)])
		if _, _, err := job.Move(ctx, tx, by.Actor(), false, r.Thing, j.Version, job.Step{To: job.Cancelled, Why: &reason}); err != nil {
			return err
		}
		_, err = s.notify.VisitChanged(ctx, tx, before, true, 0)
		return err
	case keeper.Quotes:
		q, err := quote.FindByNumber(ctx, tx, r.Thing)
		if err != nil || q.Status != quote.Requested {
			return notThere(err)
		}
		reason := string([]rune(why)[:min(len([]rune(why)), quote.Field.WithdrawnReason.Max)])
		return quote.Withdraw(ctx, tx, by.Actor(), r.Thing, q.Version, reason)
	case keeper.Equipment:
		return notThere(equipment.SetStatus(ctx, tx, by.Actor(), r.Key, equipment.Retired))
	case keeper.Customers, keeper.Sites, keeper.Contacts:
	}
	return nil
}

// notThere forgives what is gone by now.
func notThere(err error) error {
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	return err
}
