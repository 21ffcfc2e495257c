package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Booking is when somebody comes. Until may be nil.
type Booking struct{ From, Until *time.Time }

// Step is a move of a job and what goes with it.
type Step struct {
	To      Status
	Booking Booking // for Booked; the one there is stays when From is nil
	Work    *string // Work Undertaken, when it was asked for
	Staff   []int64 // who comes, for Booked when Assign
	Assign  bool
	Why     *string // why the job is cancelled, when it was asked for: the customer reads it
}

// differs reports whether a step brings something else than a job has already.
func (s Step) differs(j Job) bool {
	return (s.Booking.From != nil && (!same(s.Booking.From, j.BookedFrom) || !same(s.Booking.Until, j.BookedUntil))) || (s.Work != nil && *s.Work != j.Work) ||
		(s.Why != nil && *s.Why != j.CancelledWhy) || (s.Assign && !sameStaff(s.Staff, j.Staff))
}

// Move takes a job to another status and reports whether it moved: one that
// is there already stays as it is. Unscheduled drops the booking. Completed
// notes the moment, and reopening forgets it.
func Move(ctx context.Context, tx postgres.Tx, by audit.Actor, administrator bool, number string, version int64, step Step) (ref Ref, moved bool, err error) {
	j, err := lock(ctx, tx, number)
	if err != nil {
		return Ref{}, false, err
	}
	to, booking := step.To, step.Booking
	if j.Status == to {
		if step.differs(j) {
			return Ref{}, false, apperr.Stale // somebody else was there first, with another date
		}
		return Ref{j.ID, j.Number}, false, nil // the button was pressed twice
	}
	if !j.Status.May(to, administrator) {
		if j.Status == Closed && to == InProgress {
			return Ref{}, false, apperr.Forbidden{Words: "Only an Administrator can reopen a closed job."}
		}
		return Ref{}, false, apperr.Conflictf("A job that is %s cannot become %s.", j.Status.Label(), labelOf(to))
	}
	from, until := j.BookedFrom, j.BookedUntil
	switch {
	case to == Unscheduled:
		from, until = nil, nil
	case to == Booked && booking.From != nil:
		from, until = booking.From, booking.Until
	}
	p := problem.Set{}
	p.Unless(to != Booked || from != nil, "booked_on", "A booked job needs a date.")
	Booking{from, until}.check(p)
	if step.Work != nil {
		p.Text(*step.Work, "work_undertaken", "text")
	}
	if step.Why != nil && to == Cancelled {
		p.Unless(*step.Why != "", Field.CancelledWhy.Name, "Say why. The customer can read it.")
		p.Limit(Field.CancelledWhy, *step.Why)
	}
	if err := p.Err(); err != nil {
		return Ref{}, false, err
	}
	if j.Version != version {
		return Ref{}, false, apperr.Stale
	}
	_, err = tx.Exec(ctx, `
		update jobs set status = @to, booked_from = @from, booked_until = @until, work_undertaken = coalesce(@work, work_undertaken),
			cancelled_why = case when @cancelled then coalesce(@why, '') else '' end,
			completed_at = case when @completed then coalesce(completed_at, now()) when @finished then completed_at end,
			version = version + 1, updated_at = now()
		where id = @id`,
		pgx.NamedArgs{"id": j.ID, "to": to, "completed": to == Completed, "finished": to.Finished(), "from": from, "until": until, "work": step.Work, "cancelled": to == Cancelled, "why": step.Why})
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := addStatus(ctx, tx, by, j.CustomerID, j.ID, to); err != nil {
		return Ref{}, false, err
	}
	if to == Booked && step.Assign {
		if err := setStaff(ctx, tx, j.ID, step.Staff); err != nil {
			return Ref{}, false, err
		}
	}
	if err := j.resetAnswer(ctx, tx, Booking{from, until}, to); err != nil {
		return Ref{}, false, err
	}
	return Ref{j.ID, j.Number}, true, record(ctx, tx, by, audit.JobMoved, &j, number)
}

// labelOf names a status that came from a form and may be anything.
func labelOf(s Status) string {
	if !slices.Contains(Statuses, s) {
		return "something else"
	}
	return s.Label()
}

// MarkLookedAt notes that staff have opened a job from the portal; only the
// first time counts.
func MarkLookedAt(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	var (
		number   string
		customer int64
	)
	err := tx.QueryRow(ctx, `update jobs set looked_at = now(), looked_by_id = nullif($2::bigint, 0) where id = $1 and looked_at is null and origin = 'portal' returning number, customer_id`,
		id, by.Staff).Scan(&number, &customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark job as looked at: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.JobLookedAt, ID: id, Label: number, Customer: customer})
}
