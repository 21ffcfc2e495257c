package job

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Clock is how forms write a time of day.
const Clock = "15:04"

// Work is an entry of time as the office types it: hours, or start and end,
// which give the hours. Start and End are as Clock or empty.
type Work struct {
	On    day.Day
	Hours string
	Staff int64
	Start string
	End   string
	Note  string // office only
}

var (
	hoursForm   = regexp.MustCompile(`^[0-9]{0,3}([.,][0-9]{1,4})?$`)
	minutesForm = regexp.MustCompile(`^([0-9]{1,2}):([0-5][0-9])$`)
	aDay        = decimal.NewFromInt(24)
)

// parseHours reads "2.5", "2,5" or "2:30".
func parseHours(typed string) (decimal.Decimal, bool) {
	if m := minutesForm.FindStringSubmatch(typed); m != nil {
		hours, minutes := decimal.RequireFromString(m[1]), decimal.RequireFromString(m[2])
		return hours.Add(minutes.Div(decimal.NewFromInt(60))).Round(2), true
	}
	if typed == "" || !hoursForm.MatchString(typed) {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(strings.Replace(typed, ",", ".", 1))
	return d.Round(2), err == nil
}

// between is how long it is from start to end, past midnight if need be.
func between(start, end time.Time) decimal.Decimal {
	d := end.Sub(start)
	if d < 0 {
		d += 24 * time.Hour
	}
	return decimal.NewFromInt(int64(d / time.Minute)).Div(decimal.NewFromInt(60)).Round(2)
}

// Check says what is wrong with an entry.
func (w Work) Check(today day.Day) problem.Set {
	_, err := w.check(today)
	problems, _ := errors.AsType[problem.Set](err)
	return problems
}

// check also works out the hours. Hours that were typed count for more than
// start and end: somebody may have had a break.
func (w Work) check(today day.Day) (decimal.Decimal, error) {
	p := problem.Set{}
	p.Unless(!w.On.IsZero(), "worked_on", "Enter the day.")
	p.Unless(w.On.IsZero() || !w.On.After(today), "worked_on", "This day is still to come.")
	p.Unless(w.Staff != 0, "staff", "Choose who worked.")
	p.Text(w.Note, "note", "note")
	clock := func(field, typed string) (t time.Time) {
		if typed != "" {
			var err error
			t, err = time.Parse(Clock, typed)
			p.Unless(err == nil, field, "Enter a time, such as 14:30.")
		}
		return t
	}
	start, end := clock("start", w.Start), clock("end", w.End)
	p.Unless(w.Start == "" || w.End != "", "end", "Enter the end, too.")
	p.Unless(w.End == "" || w.Start != "", "start", "Enter the start, too.")
	hours := decimal.Zero
	switch {
	case w.Hours != "":
		var ok bool
		hours, ok = parseHours(w.Hours)
		p.Unless(ok, "hours", "Enter hours, such as 1.5 or 1:30.")
	case w.Start != "" && w.End != "":
		hours = between(start, end)
		p.Unless(hours.IsPositive(), "end", "The end is the same as the start.")
	case w.Start == "" && w.End == "":
		p.Add("hours", "Enter the hours, or start and end.")
	}
	if _, wrong := p["hours"]; !wrong && w.Hours != "" {
		p.Unless(hours.IsPositive(), "hours", "Enter more than nothing.")
		p.Unless(hours.LessThanOrEqual(aDay), "hours", "A day has 24 hours.")
	}
	return hours, p.Err()
}

// Entry is time logged on a job.
type Entry struct {
	ID        int64
	WorkedOn  day.Day
	Hours     decimal.Decimal
	StaffID   int64
	StaffName string
	Start     string // as Clock, or empty
	End       string
	Note      string
	Version   int64
}

// Work is the entry as its form shows it.
func (e Entry) Work() Work {
	return Work{On: e.WorkedOn, Hours: e.Hours.String(), Staff: e.StaffID, Start: e.Start, End: e.End, Note: e.Note}
}

// keptEntry is an entry as the audit trail keeps it.
type keptEntry struct {
	On      day.Day `json:"worked_on"`
	Hours   string  `json:"hours"`
	Staff   string  `json:"staff"`
	Start   string  `json:"start"`
	End     string  `json:"end"`
	Note    string  `json:"note"`
	Version int64   `json:"version"`
}

// recordEntry adds what became of an entry to the audit trail; before is nil for a new one.
func recordEntry(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, j Job, before *Entry, id int64) error {
	kept := func(e Entry) keptEntry {
		return keptEntry{e.WorkedOn, e.Hours.String(), e.StaffName, e.Start, e.End, e.Note, e.Version}
	}
	e := audit.New{Action: action, ID: id, Label: j.Number, Customer: j.CustomerID}
	if before != nil {
		e.Before = kept(*before)
	}
	after, err := FindEntry(ctx, tx, j.ID, id)
	switch {
	case err == nil:
		e.After = kept(after)
	case !errors.Is(err, apperr.NotFound): // of an entry that was removed
		return err
	}
	return audit.Record(ctx, tx, by, e)
}

const entryColumns = `e.id, e.worked_on, e.hours, e.staff_id, s.name as staff_name, coalesce(to_char(e.started, 'HH24:MI'), '') as start, coalesce(to_char(e.ended, 'HH24:MI'), '') as "end", e.note, e.version
	from time_entries e join staff s on s.id = e.staff_id`

// Time is the time logged on a job, the newest day first.
func Time(ctx context.Context, db postgres.DB, job int64) ([]Entry, error) {
	rows, err := db.Query(ctx, `select `+entryColumns+` where e.job_id = $1 order by e.worked_on desc, e.id desc`, job)
	if err != nil {
		return nil, fmt.Errorf("time entries: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
}

// FindEntry is a time entry of a job; apperr.NotFound when there is none.
func FindEntry(ctx context.Context, db postgres.DB, job, id int64) (Entry, error) {
	rows, err := db.Query(ctx, `select `+entryColumns+` where e.job_id = $1 and e.id = $2`, job, id)
	if err != nil {
		return Entry{}, fmt.Errorf("find time entry: %w", err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Entry])
	if errors.Is(err, pgx.ErrNoRows) {
		return e, apperr.NotFound
	}
	return e, err
}

// today is the business's calendar day, by the database's clock.
func today(ctx context.Context, db postgres.DB) (d day.Day, err error) {
	if err = db.QueryRow(ctx, `select business_day()`).Scan(&d); err != nil {
		return d, fmt.Errorf("today: %w", err)
	}
	return d, nil
}

func (w Work) args(hours decimal.Decimal, more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{"on": w.On, "hours": hours.String(), "staff": w.Staff, "start": w.Start, "end": w.End, "note": w.Note}
	for k, v := range more {
		a[k] = v
	}
	return a
}

// LogTime adds time to a job. A form sent twice adds it once.
func LogTime(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, nonce string, w Work) error {
	now, err := today(ctx, tx)
	if err != nil {
		return err
	}
	hours, err := w.check(now)
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		insert into time_entries (customer_id, job_id, worked_on, hours, staff_id, started, ended, note, nonce)
		values (@customer, @job, @on, @hours::text::numeric, @staff, nullif(@start::text, '')::time, nullif(@end::text, '')::time, @note, nullif(@nonce, ''))
		on conflict on constraint time_entry_nonce_taken do nothing
		returning id`, w.args(hours, pgx.NamedArgs{"customer": j.CustomerID, "job": j.ID, "nonce": nonce})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return logged(err)
	}
	return recordEntry(ctx, tx, by, audit.TimeEntryLogged, j, nil, id)
}

// EditTime changes a time entry. It fails with apperr.Stale when somebody else
// has since version.
func EditTime(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, id, version int64, w Work) error {
	now, err := today(ctx, tx)
	if err != nil {
		return err
	}
	before, err := FindEntry(ctx, tx, j.ID, id)
	if err != nil {
		return err
	}
	if was := before.Work(); w.Hours == was.Hours && w.Start != "" && w.End != "" && (w.Start != was.Start || w.End != was.End) {
		w.Hours = "" // those of the old times
	}
	hours, err := w.check(now)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update time_entries set worked_on = @on, hours = @hours::text::numeric, staff_id = @staff, started = nullif(@start::text, '')::time, ended = nullif(@end::text, '')::time,
			note = @note, version = version + 1
		where id = @id and job_id = @job and version = @version`, w.args(hours, pgx.NamedArgs{"id": id, "job": j.ID, "version": version}))
	if err != nil {
		return logged(err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Stale
	}
	return recordEntry(ctx, tx, by, audit.TimeEntryEdited, j, &before, id)
}

// RemoveTime deletes a time entry; the audit trail keeps what it was. One that
// is gone already stays gone.
func RemoveTime(ctx context.Context, tx postgres.Tx, by audit.Actor, j Job, id int64) error {
	e, err := FindEntry(ctx, tx, j.ID, id)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from time_entries where id = $1`, id); err != nil {
		return fmt.Errorf("remove time entry: %w", err)
	}
	return recordEntry(ctx, tx, by, audit.TimeEntryRemoved, j, &e, id)
}

// logged turns a broken constraint into a sentence at its field.
func logged(err error) error {
	switch postgres.Constraint(err) {
	case "time_entry_hours":
		return problem.Of("hours", "A day has 24 hours.")
	case "time_entries_staff_id_fkey":
		return problem.Of("staff", "Choose who worked.")
	}
	return fmt.Errorf("log time: %w", err)
}
