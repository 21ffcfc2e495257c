package job

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Brought is a job as another system has it: in whatever status it is there, by
// whatever way it came to it.
type Brought struct {
	Customer int64  // of a new one: a job never changes its customer
	Number   string // of a new one, "" for the next one
	Status   Status
	Details
	CompletedAt  *time.Time // nil of a finished job: when it was booked for, else now
	CancelledWhy string
	Follows      int64      // the job that it follows, 0 for none
	Quote        int64      // the quote that it was made of, 0 for none
	AskedBy      int64      // of a new one: the contact who asked for it in a portal, 0 for none
	CreatedAt    *time.Time // of a new one, nil for now
}

// Check says what is wrong with it.
func (b Brought) Check() problem.Set {
	p := b.Details.Check()
	p.Number(b.Number)
	p.Unless(statuses[b.Status].label != "", Field.Status.Name, "Choose a status.")
	p.Unless(b.Status != StatusNew || b.AskedBy != 0, Field.Status.Name, "Only what a contact asks for in the portal is New. Choose Unscheduled.")
	p.Unless(b.Status != Booked || b.BookedFrom != nil, Field.BookedFrom.Name, "A booked job needs a date.")
	p.Limit(Field.CancelledWhy, b.CancelledWhy)
	return p
}

// settled is b without what its status rules out.
func (b Brought) settled() Brought {
	if !b.Status.Scheduled() && b.Status != StatusNew {
		b.BookedFrom, b.BookedUntil = nil, nil
	}
	if b.Status != Cancelled {
		b.CancelledWhy = ""
	}
	if b.Status != Completed && b.Status != Closed {
		b.CompletedAt = nil
	}
	return b
}

func (b Brought) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := b.Details.args(more)
	a["status"], a["completed"], a["why"], a["follows"], a["quote"] = b.Status, b.CompletedAt, b.CancelledWhy, b.Follows, b.Quote
	a["asked"] = b.AskedBy
	a["done"] = b.Status == Completed || b.Status == Closed
	return a
}

// CreateBrought records a job as it is elsewhere. Nobody is told of it, and its
// customer, site and type may be out of use by now.
func CreateBrought(ctx context.Context, tx postgres.Tx, by audit.Actor, b Brought) (ref Ref, created bool, err error) {
	if err := b.Check().Err(); err != nil {
		return ref, false, err
	}
	b = b.settled()
	err = tx.QueryRow(ctx, `
		insert into jobs (number, customer_id, name, description, job_type_id, status, site_id, main_contact_id, purchase_order, preferred_on, booked_from, booked_until,
			work_undertaken, completed_at, cancelled_why, invoice_number, invoicing_note, priority, internal_notes, origin, created_by_contact_id, looked_at, looked_by_id, created_by_staff_id, follows_job_id, quote_id, created_at)
		values (coalesce(nullif(@number, ''), next_job_number()), @customer, @name, @description, @type, @status, nullif(@site::bigint, 0), nullif(@main_contact::bigint, 0),
			@purchase_order, @preferred, @from, @until, @work, case when @done then coalesce(@completed::timestamptz, @until, @from, @created, now()) end, @why,
			@invoice_number, @invoicing_note, @priority, @internal_notes, case when @asked::bigint <> 0 then 'portal' else 'office' end, nullif(@asked::bigint, 0),
			case when @asked::bigint <> 0 and @status <> 'new' then now() end, case when @asked::bigint <> 0 and @status <> 'new' then nullif(@staff::bigint, 0) end, case when @asked::bigint = 0 then nullif(@staff::bigint, 0) end, nullif(@follows::bigint, 0), nullif(@quote::bigint, 0), coalesce(@created::timestamptz, now()))
		returning id, number`,
		b.args(pgx.NamedArgs{"number": b.Number, "customer": b.Customer, "staff": by.Staff, "created": b.CreatedAt}),
	).Scan(&ref.ID, &ref.Number)
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := postgres.PastNumber(ctx, tx, postgres.JobNumbers, b.Number); err != nil {
		return Ref{}, false, err
	}
	var made Job
	err = postgres.Read(ctx, tx, func(q *postgres.Batch) {
		queueStatus(q, by, b.Customer, ref.ID, b.Status)
		if len(b.Staff) > 0 {
			queueBroughtStaff(q, ref.ID, b.Staff)
		}
		if len(b.Equipment) > 0 {
			queueEquipment(q, b.Customer, ref.ID, b.Equipment)
		}
		QueryByNumber(q, &made, ref.Number)
	})
	if err != nil {
		return Ref{}, false, fmt.Errorf("save what belongs to job %s: %w", ref.Number, err)
	}
	return ref, true, recordChange(ctx, tx, by, audit.JobCreated, nil, made)
}

// EditBrought makes a job what it is elsewhere. It fails with apperr.Stale when
// somebody else changed the job since version.
func EditBrought(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, b Brought) error {
	before, err := lock(ctx, tx, number)
	if err != nil {
		return err
	}
	p := b.Check()
	if b.Status == StatusNew && before.Status == StatusNew {
		delete(p, Field.Status.Name) // asked for in the portal, and not taken up yet
	}
	if err := p.Err(); err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	b = b.settled()
	_, err = tx.Exec(ctx, `
		update jobs set name = @name, description = @description, job_type_id = @type, status = @status, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@main_contact::bigint, 0),
			purchase_order = @purchase_order, preferred_on = @preferred, booked_from = @from, booked_until = @until, work_undertaken = @work,
			completed_at = case when @done then coalesce(@completed::timestamptz, completed_at, @until, @from, now()) end, cancelled_why = @why,
			invoice_number = @invoice_number, invoicing_note = @invoicing_note, priority = @priority, internal_notes = @internal_notes,
			follows_job_id = nullif(@follows::bigint, 0), quote_id = nullif(@quote::bigint, 0), version = version + 1, updated_at = now()
		where id = @id`, b.args(pgx.NamedArgs{"id": before.ID}))
	if err != nil {
		return constraintError(err)
	}
	err = postgres.Read(ctx, tx, func(q *postgres.Batch) {
		if b.Status != before.Status {
			queueStatus(q, by, before.CustomerID, before.ID, b.Status)
		}
		q.Do(`delete from job_staff where job_id = @job and not staff_id = any(@staff)`, pgx.NamedArgs{"job": before.ID, "staff": postgres.IDs(b.Staff)})
		queueBroughtStaff(q, before.ID, b.Staff)
	})
	if err != nil {
		return fmt.Errorf("save what belongs to job %s: %w", number, err)
	}
	if err := setEquipment(ctx, tx, before.CustomerID, before.ID, b.Equipment); err != nil {
		return err
	}
	if err := before.resetAnswer(ctx, tx, Booking{b.BookedFrom, b.BookedUntil}, b.Status); err != nil {
		return err
	}
	action := audit.JobEdited
	if b.Status != before.Status {
		action = audit.JobMoved
	}
	return record(ctx, tx, by, action, &before, number)
}

// queueBroughtStaff says who did a job, who have left by now among them.
func queueBroughtStaff(b *postgres.Batch, job int64, staff []int64) {
	b.Do(`insert into job_staff (job_id, staff_id) select @job, id from staff where id = any(@staff) on conflict do nothing`, pgx.NamedArgs{"job": job, "staff": postgres.IDs(staff)})
}

// SetBroughtTaskDone says since when a task is done; nil for an open one.
func SetBroughtTaskDone(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id int64, done *time.Time) error {
	return changeTask(ctx, tx, by, job, id, func(t Task) (audit.Action, error) {
		if t.Done() == (done != nil) && (done == nil || done.Equal(*t.DoneAt)) {
			return audit.Action{}, nil
		}
		if _, err := tx.Exec(ctx, `update tasks set done_at = $2, version = version + 1 where id = $1`, id, done); err != nil {
			return audit.Action{}, fmt.Errorf("task %d is done: %w", id, err)
		}
		if done == nil {
			return audit.TaskReopened, nil
		}
		return audit.TaskDone, nil
	})
}
