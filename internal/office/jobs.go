package office

import (
	"context"

	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// VisitChoice is what staff choose when they change a visit. The zero value
// tells the customer, and books nothing in the past.
type VisitChoice struct {
	Untold    bool // the customer knows already
	TookPlace bool // the visit is over, and then nobody is told of it
}

func (c VisitChoice) tell() bool { return !c.Untold && !c.TookPlace }

// CreateJob records a job, and with it the site and contact that the customer
// gets; contacts are told of its date if it has one. A form sent twice makes one
// job.
func (s *Service) CreateJob(ctx context.Context, by staff.Viewer, n job.New, with Added, c VisitChoice) (ref job.Ref, err error) {
	booking := job.Booking{From: n.BookedFrom, Until: n.BookedUntil}
	if err := booking.CheckTime(by.Format.Now, c.TookPlace).Err(); err != nil {
		return ref, err
	}
	err = s.change(ctx, by, with.kinds(keeper.Jobs), func(tx postgres.Tx) error {
		if err := with.add(ctx, tx, by, n.Customer, n.Nonce, &n.Site, &n.MainContact); err != nil {
			return err
		}
		var created bool
		if ref, created, err = job.Create(ctx, tx, by.Actor(), n); err != nil || !created || n.BookedFrom == nil {
			return err
		}
		_, err = s.notify.VisitChanged(ctx, tx, job.Visit{Job: ref.ID, Status: job.Unscheduled}, c.tell(), 0)
		return err
	})
	return ref, err
}

// EditJob saves what the office keeps of a job; contacts are told when somebody
// comes at another time.
func (s *Service) EditJob(ctx context.Context, by staff.Viewer, number string, version int64, d job.Details, c VisitChoice) (told []notify.Telling, err error) {
	return s.changeVisit(ctx, by, number, c, func(tx postgres.Tx, before job.Visit) error {
		booking := job.Booking{From: d.BookedFrom, Until: d.BookedUntil}
		if before.Status.Scheduled() && !booking.Same(before.Booking) {
			if err := booking.CheckTime(by.Format.Now, c.TookPlace).Err(); err != nil {
				return err
			}
		}
		_, _, err := job.Edit(ctx, tx, by.Actor(), number, version, d)
		return err
	})
}

// MoveJob takes a job to another status; contacts are told when somebody comes,
// comes no more, or has done the work.
func (s *Service) MoveJob(ctx context.Context, by staff.Viewer, number string, version int64, step job.Step, c VisitChoice) (told []notify.Telling, err error) {
	if err := step.Booking.CheckTime(by.Format.Now, c.TookPlace).Err(); err != nil {
		return nil, err
	}
	return s.changeVisit(ctx, by, number, c, func(tx postgres.Tx, _ job.Visit) error {
		_, _, err := job.Move(ctx, tx, by.Actor(), by.Administers(), number, version, step)
		return err
	})
}

// MoveVisit books the visit of a job for another time, with whoever comes then.
func (s *Service) MoveVisit(ctx context.Context, by staff.Viewer, number string, version int64, b job.Booking, staff []int64, c VisitChoice) (told []notify.Telling, err error) {
	return s.changeVisit(ctx, by, number, c, func(tx postgres.Tx, before job.Visit) error {
		if !b.Same(before.Booking) {
			if err := b.CheckTime(by.Format.Now, c.TookPlace).Err(); err != nil {
				return err
			}
		}
		_, _, err := job.Rebook(ctx, tx, by.Actor(), number, version, b, staff)
		return err
	})
}

// AcceptWish moves the visit of a job to a time that its contact wished for, and
// tells them.
func (s *Service) AcceptWish(ctx context.Context, by staff.Viewer, number string, version int64, w job.Wish) (told []notify.Telling, err error) {
	return s.changeVisit(ctx, by, number, VisitChoice{}, func(tx postgres.Tx, _ job.Visit) error {
		_, _, err := job.AcceptWish(ctx, tx, by.Actor(), number, version, w, by.Format)
		return err
	})
}

// KeepVisit lets a visit stand although its contact asked for another time, and
// writes them why, whoever keeps the job: nothing of it changes. It returns who is
// told.
func (s *Service) KeepVisit(ctx context.Context, by staff.Viewer, number string, n message.New) (told []notify.Telling, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := n.Check().Err(); err != nil {
			return err
		}
		ref, kept, err := job.KeepVisit(ctx, tx, by.Actor(), number)
		if err != nil || !kept {
			return err
		}
		n.Job, n.Number = ref.ID, number
		written, created, err := message.Create(ctx, tx, by.Actor(), n)
		if err != nil || !created {
			return err
		}
		if err := s.notify.MessageWritten(ctx, tx, written.ID); err != nil {
			return err
		}
		told, err = notify.WouldTell(ctx, tx, notify.KindMessage, notify.About{Job: ref.ID})
		return err
	})
	return told, err
}

// changeVisit does something to a job, tells what became of its visit, and
// returns who is told; nil when there is nothing to tell.
func (s *Service) changeVisit(ctx context.Context, by staff.Viewer, number string, c VisitChoice, do func(tx postgres.Tx, before job.Visit) error) (told []notify.Telling, err error) {
	err = s.change(ctx, by, ofJobs, func(tx postgres.Tx) error {
		before, err := job.LockVisit(ctx, tx, number)
		if err != nil {
			return err
		}
		if err := do(tx, before); err != nil {
			return err
		}
		kind, err := s.notify.VisitChanged(ctx, tx, before, c.tell(), 0)
		if err == nil && kind != "" {
			told, err = notify.WouldTell(ctx, tx, kind, notify.About{Job: before.Job})
		}
		return err
	})
	return told, err
}

// VisitMails are what contacts are told when a job comes to a status, each by its
// kind of mail.
var VisitMails = map[job.Status]notify.Kind{
	job.Booked: notify.KindJobBooked, job.Completed: notify.KindJobCompleted,
	job.Cancelled: notify.KindVisitCalledOff, job.Unscheduled: notify.KindVisitCalledOff, job.Deferred: notify.KindVisitCalledOff,
}

// LookAtJob notes that somebody has opened a job from the portal for the first
// time. Of any other job it does nothing.
func (s *Service) LookAtJob(ctx context.Context, by staff.Viewer, j job.Job) error {
	if !j.FromPortal || j.LookedAt != nil || postgres.Refuses(ctx) {
		return nil
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return job.MarkLookedAt(ctx, tx, by.Actor(), j.ID) })
}
