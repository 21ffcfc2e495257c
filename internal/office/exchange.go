package office

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// errRefused ends the transaction of what was refused, which may have been
// begun.
var errRefused = errors.New("refused")

// Bring brings one thing in, as another system has it. Nobody is told of it and
// nobody is invited. What is wrong with it is an outcome, not an error.
func (s *Service) Bring(ctx context.Context, by exchange.By, in exchange.Incoming, c exchange.Choices) (out exchange.Outcome, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		if err := exchange.Lock(ctx, tx, by.Source, in); err != nil {
			return err
		}
		made := false
		if out, made, err = exchange.Made(ctx, tx, in); err != nil || made {
			return err
		}
		out, err = exchange.Put(ctx, tx, by, exchange.NewRefs(by.Source), in, c)
		if err == nil && (out.State == exchange.Refused || c.Dry) {
			err = errRefused
		}
		if err != nil {
			return err
		}
		return exchange.NoteMade(ctx, tx, in, out)
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return out, err
}

// BringAll brings many things in, in one transaction: what of them is refused
// leaves the others alone. Refs are the file's, so that rows know those before
// them. Also runs with them, to note how far this has come.
func (s *Service) BringAll(ctx context.Context, by exchange.By, refs *exchange.Refs, all []exchange.Incoming, c exchange.Choices, also func(postgres.Tx, []exchange.Outcome) error) (outcomes []exchange.Outcome, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		outcomes = outcomes[:0]
		if err := exchange.Lock(ctx, tx, by.Source, all...); err != nil {
			return err
		}
		for _, in := range all {
			out, err := oneOfMany(ctx, tx, func(tx postgres.Tx) (exchange.Outcome, error) { return exchange.Put(ctx, tx, by, refs, in, c) })
			if err != nil {
				return err
			}
			outcomes = append(outcomes, out)
		}
		return also(tx, outcomes)
	})
	return outcomes, err
}

// oneOfMany brings one in by put, in a savepoint: what is refused leaves nothing.
func oneOfMany(ctx context.Context, tx postgres.Tx, put func(postgres.Tx) (exchange.Outcome, error)) (out exchange.Outcome, err error) {
	err = apart(ctx, tx, func(tx postgres.Tx) (err error) {
		out, err = put(tx)
		if why := notThis(err); why != "" {
			out, err = exchange.Outcome{State: exchange.Refused, Problems: problem.Set{"": why}}, nil
		}
		if err == nil && out.State == exchange.Refused {
			err = errRefused
		}
		return err
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return out, err
}

// notThis says what forbids one of many alone; "" for what ends all.
func notThis(err error) string {
	if forbidden, ok := errors.AsType[apperr.Forbidden](err); ok {
		return forbidden.Words
	}
	switch {
	case errors.Is(err, apperr.NotFound):
		return "There is nothing of this id."
	case errors.Is(err, apperr.Stale):
		return "It was changed meanwhile. Read it again, and decide again."
	}
	return ""
}

// apart runs do in a savepoint, to which its failure goes back.
func apart(ctx context.Context, tx postgres.Tx, do func(postgres.Tx) error) error {
	point, err := tx.Begin(ctx)
	if err != nil {
		return err //nolint:wrapcheck // of the transaction
	}
	if err := do(point); err != nil {
		return errors.Join(err, point.Rollback(ctx))
	}
	return point.Commit(ctx) //nolint:wrapcheck // of the transaction
}

// NothingElse runs with what is brought in when nothing has to be noted.
func NothingElse(postgres.Tx, []exchange.Outcome) error { return nil }
