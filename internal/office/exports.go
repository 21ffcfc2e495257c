package office

import (
	"context"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// RecordExport writes down that somebody saves a list as a file: once it has
// left, nothing here guards it any more.
func (s *Service) RecordExport(ctx context.Context, by staff.Viewer, list string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.ListExported, Label: list})
	})
}
