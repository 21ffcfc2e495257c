package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// TaskDetails is what the office enters of a task.
type TaskDetails struct {
	Subject     string
	Description string
	DueOn       day.Day
	Assignee    int64 // 0 for nobody
}

// Check says what is wrong with a task.
func (d TaskDetails) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Subject != "", "subject", "Say what is to be done.")
	p.Limit(TaskField.Subject, d.Subject)
	p.Limit(TaskField.Description, d.Description)
	return p
}

// Task is a step of a job.
type Task struct {
	ID           int64
	Subject      string
	Description  string
	DueOn        day.Day
	Assignee     int64
	AssigneeName string
	DoneAt       *time.Time
	Version      int64
}

// Done reports whether the task has been ticked off.
func (t Task) Done() bool { return t.DoneAt != nil }

// Overdue reports whether an open task should have been done before today.
func (t Task) Overdue(today day.Day) bool {
	return !t.Done() && !t.DueOn.IsZero() && t.DueOn.Before(today)
}

// Details are the task's, as its form shows them.
func (t Task) Details() TaskDetails {
	return TaskDetails{Subject: t.Subject, Description: t.Description, DueOn: t.DueOn, Assignee: t.Assignee}
}

// taskSnapshot is a task as the audit trail records it.
type taskSnapshot struct {
	Subject     string  `json:"subject"`
	Description string  `json:"description"`
	DueOn       day.Day `json:"due_on"`
	Assignee    string  `json:"assignee"`
	Done        bool    `json:"done"`
	Version     int64   `json:"version"`
}

func (t Task) snapshot() taskSnapshot {
	return taskSnapshot{t.Subject, t.Description, t.DueOn, t.AssigneeName, t.Done(), t.Version}
}

// recordTask adds what became of a task to the audit trail. Before is nil for a
// new one, after for one that was removed.
func recordTask(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, o owner, before, after *Task) error {
	e := audit.New{Action: action, Customer: o.Customer}
	if before != nil {
		e.ID, e.Label, e.Before = before.ID, o.Number+" "+before.Subject, before.snapshot()
	}
	if after != nil {
		e.ID, e.Label, e.After = after.ID, o.Number+" "+after.Subject, after.snapshot()
	}
	return audit.Record(ctx, tx, by, e)
}

const selectTask = `
	select t.id, t.subject, t.description, t.due_on, coalesce(t.assignee_id, 0) as assignee, coalesce(s.name, '') as assignee_name, t.done_at, t.version
	from tasks t join jobs j on j.id = t.job_id left join staff s on s.id = t.assignee_id
	where j.number = @job `

// QueryTasks adds a query for the tasks of the job with a number: open ones by
// their due day, then those done.
func QueryTasks(b *postgres.Batch, into *[]Task, job string) {
	postgres.Query(b, into, selectTask+`order by t.done_at is not null, t.due_on nulls last, t.id`, pgx.NamedArgs{"job": job})
}

const selectOneTask = selectTask + `and t.id = @id`

// QueryTask adds a query for a task of a job; none is apperr.NotFound.
func QueryTask(b *postgres.Batch, into *Task, job string, id int64) {
	postgres.QueryOne(b, into, selectOneTask, pgx.NamedArgs{"job": job, "id": id})
}

func findTask(ctx context.Context, db postgres.DB, job string, id int64) (Task, error) {
	return findPart[Task](ctx, db, selectOneTask, job, id)
}

func lockTask(ctx context.Context, tx postgres.Tx, job string, id int64) (Task, error) {
	return findPart[Task](ctx, tx, selectOneTask+` for update of t`, job, id)
}

// NewTask is a task to add to the job of a number.
type NewTask struct {
	Job string
	TaskDetails
	Nonce string
}

// CreateTask adds a task to a job. A form sent twice adds one; created is then
// false.
func CreateTask(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewTask) (id int64, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	o, err := findOwner(ctx, tx, n.Job)
	if err != nil {
		return 0, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into tasks (customer_id, job_id, subject, description, due_on, assignee_id, nonce)
		values (@customer, @job, @subject, @description, @due, (select id from staff where id = @assignee), nullif(@nonce, ''))
		on conflict on constraint task_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{"customer": o.Customer, "job": o.ID, "subject": n.Subject, "description": n.Description, "due": n.DueOn, "assignee": n.Assignee, "nonce": n.Nonce}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("create task: %w", err)
	}
	after, err := findTask(ctx, tx, o.Number, id)
	if err != nil {
		return 0, false, err
	}
	return id, true, recordTask(ctx, tx, by, audit.TaskCreated, o, nil, &after)
}

// EditTask changes a task. It fails with apperr.Stale when somebody else has
// since version.
func EditTask(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id, version int64, d TaskDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	return changeTask(ctx, tx, by, job, id, func(t Task) (audit.Action, error) {
		if t.Version != version {
			return audit.Action{}, apperr.Stale
		}
		_, err := tx.Exec(ctx, `
			update tasks set subject = @subject, description = @description, due_on = @due, assignee_id = (select id from staff where id = @assignee), version = version + 1
			where id = @id`,
			pgx.NamedArgs{"id": id, "subject": d.Subject, "description": d.Description, "due": d.DueOn, "assignee": d.Assignee})
		return audit.TaskEdited, err
	})
}

// SetTaskDone marks a task as done, or as not done after all.
func SetTaskDone(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id int64, done bool) error {
	return changeTask(ctx, tx, by, job, id, func(t Task) (audit.Action, error) {
		if t.Done() == done {
			return audit.Action{}, nil
		}
		_, err := tx.Exec(ctx, `update tasks set done_at = case when @done then now() end, version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "done": done})
		if done {
			return audit.TaskDone, err
		}
		return audit.TaskReopened, err
	})
}

// changeTask locks a task, lets change write and records what change says was
// done; the zero Action is nothing.
func changeTask(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id int64, change func(Task) (audit.Action, error)) error {
	o, err := findOwner(ctx, tx, job)
	if err != nil {
		return err
	}
	before, err := lockTask(ctx, tx, o.Number, id)
	if err != nil {
		return err
	}
	action, err := change(before)
	if errors.Is(err, apperr.Stale) || (err == nil && action == audit.Action{}) {
		return err
	}
	if err != nil {
		return fmt.Errorf("change task: %w", err)
	}
	after, err := findTask(ctx, tx, o.Number, id)
	if err != nil {
		return err
	}
	return recordTask(ctx, tx, by, action, o, &before, &after)
}

// RemoveTask deletes a task; the audit trail keeps what it was. One that is
// gone already stays gone.
func RemoveTask(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id int64) error {
	o, err := findOwner(ctx, tx, job)
	if err != nil {
		return err
	}
	t, err := lockTask(ctx, tx, o.Number, id)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from tasks where id = $1`, id); err != nil {
		return fmt.Errorf("remove task: %w", err)
	}
	return recordTask(ctx, tx, by, audit.TaskRemoved, o, &t, nil)
}

// owner is the job that a task or a time entry belongs to.
type owner struct {
	ID       int64
	Number   string
	Customer int64
}

func findOwner(ctx context.Context, db postgres.DB, number string) (o owner, err error) {
	err = db.QueryRow(ctx, `select id, number, customer_id from jobs where number = $1`, number).Scan(&o.ID, &o.Number, &o.Customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, apperr.NotFound
	}
	if err != nil {
		return o, fmt.Errorf("find job: %w", err)
	}
	return o, nil
}

// findPart is a task or a time entry of a job.
func findPart[T any](ctx context.Context, db postgres.DB, sql, job string, id int64) (part T, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &part, sql, pgx.NamedArgs{"job": job, "id": id}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return part, fmt.Errorf("find part of job: %w", err)
	}
	return part, err
}
