package office

import (
	"context"

	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// EditOwnAccount changes what a member of staff may change of themselves, unless
// somebody else has since version: a problem.Set or apperr.Stale.
func (s *Service) EditOwnAccount(ctx context.Context, by staff.Viewer, version int64, name, phone string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return staff.EditOwn(ctx, tx, by.Actor(), version, name, phone) })
}
