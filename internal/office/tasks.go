package office

import (
	"context"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateTask adds a task to a job. A form sent twice adds one.
func (s *Service) CreateTask(ctx context.Context, by staff.Viewer, n job.NewTask) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error {
		_, _, err := job.CreateTask(ctx, tx, by.Actor(), n)
		return err
	})
}

// EditTask changes a task of a job.
func (s *Service) EditTask(ctx context.Context, by staff.Viewer, number string, id, version int64, d job.TaskDetails) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error { return job.EditTask(ctx, tx, by.Actor(), number, id, version, d) })
}

// SetTaskDone marks a task as done, or as not done after all.
func (s *Service) SetTaskDone(ctx context.Context, by staff.Viewer, number string, id int64, done bool) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error { return job.SetTaskDone(ctx, tx, by.Actor(), number, id, done) })
}

// RemoveTask deletes a task of a job.
func (s *Service) RemoveTask(ctx context.Context, by staff.Viewer, number string, id int64) error {
	return s.change(ctx, by, ofJobs, func(tx postgres.Tx) error { return job.RemoveTask(ctx, tx, by.Actor(), number, id) })
}
