package office

import (
	"context"

	"fieldgate/internal/day"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// GiveWaiting makes a colleague the one who deals with something that waits, or
// nobody when to is 0; from is who it was when they looked.
func (s *Service) GiveWaiting(ctx context.Context, by staff.Viewer, kind string, thing, from, to int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return overview.Give(ctx, tx, by.Actor(), kind, thing, from, to)
	})
}

// SnoozeWaiting puts off something that waits until a day after today, when it
// comes back by itself.
func (s *Service) SnoozeWaiting(ctx context.Context, by staff.Viewer, kind string, thing int64, until day.Day) error {
	if err := overview.CheckUntil(until, today(by)).Err(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return overview.Snooze(ctx, tx, by.Actor(), kind, thing, until, false)
	})
}

// PutWaitingAside takes something that needs nothing off the list, until
// something new happens to it.
func (s *Service) PutWaitingAside(ctx context.Context, by staff.Viewer, kind string, thing int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return overview.Snooze(ctx, tx, by.Actor(), kind, thing, day.Day{}, true)
	})
}

// WakeWaiting brings back what was put off.
func (s *Service) WakeWaiting(ctx context.Context, by staff.Viewer, kind string, thing int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return overview.Snooze(ctx, tx, by.Actor(), kind, thing, day.Day{}, false)
	})
}
