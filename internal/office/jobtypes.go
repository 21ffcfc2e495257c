package office

import (
	"context"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateJobType adds a job type. A form sent twice adds one.
func (s *Service) CreateJobType(ctx context.Context, by staff.Viewer, n job.NewType) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		_, _, err := job.CreateType(ctx, tx, by.Actor(), n)
		return err
	})
}

// EditJobType changes a job type.
func (s *Service) EditJobType(ctx context.Context, by staff.Viewer, id, version int64, d job.TypeDetails) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return job.EditType(ctx, tx, by.Actor(), id, version, d) })
}
