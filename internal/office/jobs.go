package office

import (
	"context"

	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateJob records a job, and with it the site and contact that the customer
// gets; contacts are told of its date if it has one. A form sent twice makes one
// job.
func (s *Service) CreateJob(ctx context.Context, by staff.Viewer, n job.New, with Added) (ref job.Ref, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := with.add(ctx, tx, by, n.Customer, n.Nonce, &n.Site, &n.MainContact); err != nil {
			return err
		}
		var created bool
		if ref, created, err = job.Create(ctx, tx, by.Actor(), n); err != nil || !created || n.BookedFrom == nil {
			return err
		}
		return s.notify.JobBooked(ctx, tx, ref.ID)
	})
	return ref, err
}

// EditJob saves what the office keeps of a job; contacts are told when somebody
// comes at another time.
func (s *Service) EditJob(ctx context.Context, by staff.Viewer, number string, version int64, d job.Details) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ref, rebooked, err := job.Edit(ctx, tx, by.Actor(), number, version, d)
		if err != nil || !rebooked {
			return err
		}
		return s.notify.JobBooked(ctx, tx, ref.ID)
	})
}

// MoveJob takes a job to another status; contacts are told when it is booked or
// completed, and who is told is returned.
func (s *Service) MoveJob(ctx context.Context, by staff.Viewer, number string, version int64, step job.Step) (told []notify.Telling, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ref, moved, err := job.Move(ctx, tx, by.Actor(), by.Administers(), number, version, step)
		if err != nil || !moved {
			return err
		}
		//exhaustive:enforce
		switch step.To {
		case job.Booked:
			err = s.notify.JobBooked(ctx, tx, ref.ID)
		case job.Completed:
			err = s.notify.JobCompleted(ctx, tx, ref.ID)
		case job.StatusNew, job.Unscheduled, job.InProgress, job.Deferred, job.Closed, job.Cancelled:
		}
		if kind, tells := JobMails[step.To]; tells && err == nil {
			told, err = notify.WouldTell(ctx, tx, kind, notify.About{Job: ref.ID})
		}
		return err
	})
	return told, err
}

// JobMails are the statuses that contacts are told of, each by its kind of mail.
var JobMails = map[job.Status]notify.Kind{job.Booked: notify.KindJobBooked, job.Completed: notify.KindJobCompleted}

// LookAtJob notes that somebody has opened a job from the portal for the first
// time. Of any other job it does nothing.
func (s *Service) LookAtJob(ctx context.Context, by staff.Viewer, j job.Job) error {
	if !j.FromPortal || j.LookedAt != nil {
		return nil
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return job.MarkLookedAt(ctx, tx, by.Actor(), j.ID) })
}
