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
	p.Name(d.Subject, "subject", "subject")
	p.Text(d.Description, "description", "description")
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

// keptTask is a task as the audit trail keeps it.
type keptTask struct {
	Subject     string  `json:"subject"`
	Description string  `json:"description"`
	DueOn       day.Day `json:"due_on"`
	Assignee    string  `json:"assignee"`
	Done        bool    `json:"done"`
	Version     int64   `json:"version"`
}

// recordTask adds what became of a task to the audit trail; before is nil for a new one.
func recordTask(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, j Job, before *Task, id int64) error {
	e := audit.New{Action: action, ID: id, Customer: j.CustomerID}
	kept := func(t Task) keptTask {
		e.Label = j.Number + " " + t.Subject
		return keptTask{t.Subject, t.Description, t.DueOn, t.AssigneeName, t.Done(), t.Version}
	}
	if before != nil {
		e.Before = kept(*before)
	}
	after, err := FindTask(ctx, tx, j.ID, id)
	switch {
	case err == nil:
		e.After = kept(after)
	case !errors.Is(err, apperr.NotFound): // of a task that was removed
		return err
	}
	return audit.Record(ctx, tx, by, e)
}

const taskColumns = `t.id, t.subject, t.description, t.due_on, coalesce(t.assignee_id, 0) as assignee, coalesce(s.name, '') as assignee_name, t.done_at, t.version
	from tasks t left join staff s on s.id = t.assignee_id`

// Tasks are the tasks of a job: open ones by their due day, then those done.
func Tasks(ctx context.Context, db postgres.DB, job int64) ([]Task, error) {
	rows, err := db.Query(ctx, `select `+taskColumns+` where t.job_id = $1 order by t.done_at is not null, t.due_on nulls last, t.id`, job)
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Task])
}

// FindTask is a task of a job; apperr.NotFound when there is none.
func FindTask(ctx context.Context, db postgres.DB, job, id int64) (Task, error) {
	rows, err := db.Query(ctx, `select `+taskColumns+` where t.job_id = $1 and t.id = $2`, job, id)
	if err != nil {
		return Task{}, fmt.Errorf("find task: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Task])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, apperr.NotFound
	}
	return t, err
}

// AddTask adds a task to a job. A form sent twice adds one.
func AddTask(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, nonce string, d TaskDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRow(ctx, `
		insert into tasks (customer_id, job_id, subject, description, due_on, assignee_id, nonce)
		values (@customer, @job, @subject, @description, @due, (select id from staff where id = @assignee), nullif(@nonce, ''))
		on conflict on constraint task_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{"customer": j.CustomerID, "job": j.ID, "subject": d.Subject, "description": d.Description, "due": d.DueOn, "assignee": d.Assignee, "nonce": nonce}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return recordTask(ctx, tx, by, audit.TaskCreated, j, nil, id)
}

// EditTask changes a task. It fails with apperr.Stale when somebody else has
// since version.
func EditTask(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, id, version int64, d TaskDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := FindTask(ctx, tx, j.ID, id)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update tasks set subject = @subject, description = @description, due_on = @due, assignee_id = (select id from staff where id = @assignee), version = version + 1
		where id = @id and job_id = @job and version = @version`,
		pgx.NamedArgs{"id": id, "job": j.ID, "version": version, "subject": d.Subject, "description": d.Description, "due": d.DueOn, "assignee": d.Assignee})
	if err != nil {
		return fmt.Errorf("edit task: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Stale
	}
	return recordTask(ctx, tx, by, audit.TaskEdited, j, &before, id)
}

// TickTask marks a task as done, or as not done after all.
func TickTask(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, id int64, done bool) error {
	before, err := FindTask(ctx, tx, j.ID, id)
	if err != nil || before.Done() == done {
		return err
	}
	_, err = tx.Exec(ctx, `update tasks set done_at = case when @done then now() end, version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "done": done})
	if err != nil {
		return fmt.Errorf("tick task: %w", err)
	}
	action := audit.TaskDone
	if !done {
		action = audit.TaskReopened
	}
	return recordTask(ctx, tx, by, action, j, &before, id)
}

// RemoveTask deletes a task; the audit trail keeps what it was. One that is
// gone already stays gone.
func RemoveTask(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, id int64) error {
	t, err := FindTask(ctx, tx, j.ID, id)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from tasks where id = $1`, id); err != nil {
		return fmt.Errorf("remove task: %w", err)
	}
	return recordTask(ctx, tx, by, audit.TaskRemoved, j, &t, id)
}
