package office

import (
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/export"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// AskExport asks for an export of everything, made behind the page. It holds all
// that there is, so it asks for a proof.
func (s *Service) AskExport(ctx context.Context, by staff.Viewer, n export.New) error {
	return s.ofExports(ctx, by, func(tx postgres.Tx) error { return export.Ask(ctx, tx, by.Actor(), s.queue, n) })
}

// OpenExport lets whoever has just proved who they are download an export, with
// as many attempts as a day has room for.
func (s *Service) OpenExport(ctx context.Context, by staff.Viewer, id int64) error {
	return s.ofExports(ctx, by, func(tx postgres.Tx) error { return export.Open(ctx, tx, by.Actor(), id) })
}

func (s *Service) ofExports(ctx context.Context, by staff.Viewer, do func(postgres.Tx) error) error {
	if !by.Administers() {
		return apperr.Forbidden{}
	}
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, do)
}

// RemoveExport removes an export, or stops the one that is being made.
func (s *Service) RemoveExport(ctx context.Context, by staff.Viewer, id int64) error {
	if !by.Administers() {
		return apperr.Forbidden{}
	}
	var key string
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		key, err = export.Remove(ctx, tx, by.Actor(), id)
		return err
	})
	if key != "" {
		s.store.Forget(ctx, err, key)
	}
	return err
}
