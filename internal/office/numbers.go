package office

import (
	"context"

	"fieldgate/internal/number"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// SetNextNumber lets the numbers of customers, quotes or jobs go on with another
// one, as it was typed. It reports whether that changed anything.
func (s *Service) SetNextNumber(ctx context.Context, by staff.Viewer, k number.Kind, typed string) (changed bool, err error) {
	next, err := k.Parse(typed)
	if err != nil {
		return false, err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		changed, err = number.Set(ctx, tx, by.Actor(), k, next)
		return err
	})
	return changed, err
}
