package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Task is a step of a job.
type Task struct {
	ID          int64      `json:"-"`
	Subject     string     `json:"subject"`
	Description string     `json:"description"`
	DueOn       day.Day    `json:"due_on"`
	DoneAt      *time.Time `json:"done_at"`
	AssigneeID  int64      `json:"assignee"`
	Assignee    string     `json:"-"`
	Version     int64      `json:"-"`
}

func (t Task) check() error {
	p := problem.Set{}
	p.Unless(t.Subject != "", "subject", "Say what is to be done.")
	p.Name(t.Subject, "subject", "subject")
	p.Text(t.Description, "description", "description")
	return p.Err()
}

// Tasks are the steps of a job, in the order in which they were added.
func Tasks(ctx context.Context, db postgres.DB, job int64) ([]Task, error) {
	rows, err := db.Query(ctx, `
		select t.id, t.subject, t.description, t.due_on, t.done_at, coalesce(t.assignee_id, 0) as assignee_id, coalesce(s.name, '') as assignee, t.version
		from tasks t left join staff s on s.id = t.assignee_id where t.job_id = $1 order by t.id`, job)
	return collect[Task](rows, err, "read tasks")
}

// AddTask adds a step. A form sent twice adds one.
func AddTask(ctx context.Context, tx postgres.Tx, by audit.Actor, number, nonce string, t Task) error {
	if err := t.check(); err != nil {
		return err
	}
	j, err := parent(ctx, tx, number)
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		insert into tasks (customer_id, job_id, subject, description, due_on, assignee_id, nonce)
		values (@customer, @job, @subject, @description, @due, nullif(@assignee::bigint, 0), nullif(@nonce, ''))
		on conflict on constraint task_nonce_taken do nothing returning id`,
		pgx.NamedArgs{"customer": j.customer, "job": j.id, "subject": t.Subject, "description": t.Description, "due": t.DueOn, "assignee": t.AssigneeID, "nonce": nonce}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "added", Thing: "task", ID: id, Label: number + " " + t.Subject, Customer: j.customer, After: t})
}

// EditTask changes a step; fault.Stale when it was changed since t.Version.
func EditTask(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, t Task) error {
	if err := t.check(); err != nil {
		return err
	}
	j, before, err := task(ctx, tx, number, t.ID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update tasks set subject = @subject, description = @description, due_on = @due, assignee_id = nullif(@assignee::bigint, 0), version = version + 1
		where id = @id and version = @version`,
		pgx.NamedArgs{"id": t.ID, "version": t.Version, "subject": t.Subject, "description": t.Description, "due": t.DueOn, "assignee": t.AssigneeID})
	if err != nil {
		return fmt.Errorf("edit task: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	t.DoneAt = before.DoneAt
	return audit.Record(ctx, tx, by, audit.Entry{Action: "edited", Thing: "task", ID: t.ID, Label: number + " " + t.Subject, Customer: j.customer, Before: before, After: t})
}

// FinishTask marks a step as done, or as not done.
func FinishTask(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, id int64, done bool) error {
	j, before, err := task(ctx, tx, number, id)
	if err != nil || (before.DoneAt != nil) == done {
		return err
	}
	if _, err := tx.Exec(ctx, `update tasks set done_at = case when $2 then now() end, version = version + 1 where id = $1`, id, done); err != nil {
		return fmt.Errorf("finish task: %w", err)
	}
	action := "finished"
	if !done {
		action = "reopened"
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: action, Thing: "task", ID: id, Label: number + " " + before.Subject, Customer: j.customer})
}

// RemoveTask takes a step away.
func RemoveTask(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, id int64) error {
	j, before, err := task(ctx, tx, number, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from tasks where id = $1`, id); err != nil {
		return fmt.Errorf("remove task: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "removed", Thing: "task", ID: id, Label: number + " " + before.Subject, Customer: j.customer, Before: before})
}

func task(ctx context.Context, tx postgres.Tx, number string, id int64) (owner, Task, error) {
	j, err := parent(ctx, tx, number)
	if err != nil {
		return owner{}, Task{}, err
	}
	var t Task
	err = tx.QueryRow(ctx, `select id, subject, description, due_on, done_at, coalesce(assignee_id, 0) from tasks where id = $1 and job_id = $2 for no key update`, id, j.id).
		Scan(&t.ID, &t.Subject, &t.Description, &t.DueOn, &t.DoneAt, &t.AssigneeID)
	if errors.Is(err, pgx.ErrNoRows) {
		return owner{}, Task{}, fault.NotFound
	}
	if err != nil {
		return owner{}, Task{}, fmt.Errorf("find task: %w", err)
	}
	return j, t, nil
}

// owner is the job that tasks and time entries belong to.
type owner struct{ id, customer int64 }

func parent(ctx context.Context, db postgres.DB, number string) (o owner, err error) {
	err = db.QueryRow(ctx, `select id, customer_id from jobs where number = $1`, number).Scan(&o.id, &o.customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return owner{}, fault.NotFound
	}
	if err != nil {
		return owner{}, fmt.Errorf("find job: %w", err)
	}
	return o, nil
}

// TimeEntry is time somebody worked on a job. Started and Ended are clock
// times such as 08:30, or empty.
type TimeEntry struct {
	ID       int64           `json:"-"`
	WorkedOn day.Day         `json:"worked_on"`
	Hours    decimal.Decimal `json:"hours"`
	StaffID  int64           `json:"staff"`
	Staff    string          `json:"-"`
	Started  string          `json:"started,omitempty"`
	Ended    string          `json:"ended,omitempty"`
	Note     string          `json:"note,omitempty"`
	Version  int64           `json:"-"`
}

// Clocked fills in the hours from start and end when none were entered, and
// finds what is wrong.
func (e *TimeEntry) Clocked() error {
	p := problem.Set{}
	p.Unless(!e.WorkedOn.IsZero(), "worked_on", "Enter the day.")
	p.Unless(e.StaffID != 0, "staff", "Choose who worked.")
	p.Text(e.Note, "note", "note")
	start, okStart := clock(e.Started)
	end, okEnd := clock(e.Ended)
	p.Unless(okStart, "started", "Enter a time, such as 08:30.")
	p.Unless(okEnd, "ended", "Enter a time, such as 10:00.")
	p.Unless((e.Started == "") == (e.Ended == ""), "ended", "Enter both start and end, or neither.")
	if e.Started != "" && e.Ended != "" && okStart && okEnd {
		p.Unless(end > start, "ended", "The end lies before the start.")
		if e.Hours.IsZero() {
			e.Hours = decimal.NewFromInt(int64((end - start) / time.Minute)).Div(decimal.NewFromInt(60)).Round(2)
		}
	}
	p.Unless(e.Hours.IsPositive() && e.Hours.LessThanOrEqual(decimal.NewFromInt(24)), "hours", "Enter hours between 0 and 24, or start and end.")
	p.Unless(e.Hours.Exponent() >= -2, "hours", "Use at most two decimals.")
	return p.Err()
}

func clock(text string) (time.Duration, bool) {
	if text == "" {
		return 0, true
	}
	t, err := time.Parse("15:04", text)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err == nil
}

// Time are the entries of a job, the newest day first.
func Time(ctx context.Context, db postgres.DB, job int64) ([]TimeEntry, error) {
	rows, err := db.Query(ctx, `
		select e.id, e.worked_on, e.hours, e.staff_id, s.name as staff, coalesce(to_char(e.started, 'HH24:MI'), '') as started, coalesce(to_char(e.ended, 'HH24:MI'), '') as ended, e.note, e.version
		from time_entries e join staff s on s.id = e.staff_id where e.job_id = $1 order by e.worked_on desc, e.id desc`, job)
	return collect[TimeEntry](rows, err, "read time entries")
}

// LogTime adds an entry. A form sent twice adds one.
func LogTime(ctx context.Context, tx postgres.Tx, by audit.Actor, number, nonce string, e TimeEntry) error {
	if err := e.Clocked(); err != nil {
		return err
	}
	j, err := parent(ctx, tx, number)
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		insert into time_entries (customer_id, job_id, worked_on, hours, staff_id, started, ended, note, nonce)
		select @customer, @job, @day, @hours, s.id, nullif(@started, '')::time, nullif(@ended, '')::time, @note, nullif(@nonce, '') from staff s where s.id = @staff
		on conflict on constraint time_entry_nonce_taken do nothing returning id`, e.args(pgx.NamedArgs{"customer": j.customer, "job": j.id, "nonce": nonce})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("log time: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "logged", Thing: "time", ID: id, Label: number, Customer: j.customer, After: e})
}

func (e TimeEntry) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{"day": e.WorkedOn, "hours": e.Hours, "staff": e.StaffID, "started": e.Started, "ended": e.Ended, "note": e.Note}
	for k, v := range more {
		a[k] = v
	}
	return a
}

// EditTime changes an entry; fault.Stale when it was changed since e.Version.
func EditTime(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, e TimeEntry) error {
	if err := e.Clocked(); err != nil {
		return err
	}
	j, before, err := entry(ctx, tx, number, e.ID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update time_entries set worked_on = @day, hours = @hours, staff_id = @staff, started = nullif(@started, '')::time, ended = nullif(@ended, '')::time, note = @note, version = version + 1
		where id = @id and version = @version`, e.args(pgx.NamedArgs{"id": e.ID, "version": e.Version}))
	if err != nil {
		return fmt.Errorf("edit time: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "edited", Thing: "time", ID: e.ID, Label: number, Customer: j.customer, Before: before, After: e})
}

// RemoveTime takes an entry away.
func RemoveTime(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, id int64) error {
	j, before, err := entry(ctx, tx, number, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from time_entries where id = $1`, id); err != nil {
		return fmt.Errorf("remove time: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "removed", Thing: "time", ID: id, Label: number, Customer: j.customer, Before: before})
}

func entry(ctx context.Context, tx postgres.Tx, number string, id int64) (owner, TimeEntry, error) {
	j, err := parent(ctx, tx, number)
	if err != nil {
		return owner{}, TimeEntry{}, err
	}
	var e TimeEntry
	err = tx.QueryRow(ctx, `
		select id, worked_on, hours, staff_id, coalesce(to_char(started, 'HH24:MI'), ''), coalesce(to_char(ended, 'HH24:MI'), ''), note
		from time_entries where id = $1 and job_id = $2 for no key update`, id, j.id).Scan(&e.ID, &e.WorkedOn, &e.Hours, &e.StaffID, &e.Started, &e.Ended, &e.Note)
	if errors.Is(err, pgx.ErrNoRows) {
		return owner{}, TimeEntry{}, fault.NotFound
	}
	if err != nil {
		return owner{}, TimeEntry{}, fmt.Errorf("find time entry: %w", err)
	}
	return j, e, nil
}
