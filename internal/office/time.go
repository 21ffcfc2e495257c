package office

import (
	"context"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateTime logs time on a job. A form sent twice logs it once.
func (s *Service) CreateTime(ctx context.Context, by staff.Viewer, n job.NewTime) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error {
		_, _, err := job.CreateTime(ctx, tx, by.Actor(), n)
		return err
	})
}

// EditTime changes a time entry of a job.
func (s *Service) EditTime(ctx context.Context, by staff.Viewer, number string, id, version int64, d job.TimeDetails) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error { return job.EditTime(ctx, tx, by.Actor(), number, id, version, d) })
}

// RemoveTime deletes a time entry of a job.
func (s *Service) RemoveTime(ctx context.Context, by staff.Viewer, number string, id int64) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error { return job.RemoveTime(ctx, tx, by.Actor(), number, id) })
}
