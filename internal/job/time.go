package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// TimeOfDay is how forms write a time of day.
const TimeOfDay = "15:04"

// TimeDetails is time as the office enters it: hours, or start and end, which
// give the hours. Start and End are as TimeOfDay or empty.
type TimeDetails struct {
	On    day.Day
	Hours string
	Staff int64
	Start string
	End   string
	Note  string // office only
}

var (
	minutesForm = regexp.MustCompile(`^([0-9]{1,2}) ?(?::|h|hrs?|hours?) ?([0-5]?[0-9]) ?(?:m|min|mins|minutes)?$`)
	minutesOnly = regexp.MustCompile(`^()([0-9]{1,4}) ?(?:m|min|mins|minutes)$`)
	aDay        = decimal.NewFromInt(24)
)

// parseHours reads "2.5", "2,5", "2:30", "2h 30m" or "90 min".
func parseHours(typed string) (decimal.Decimal, bool) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	for _, form := range []*regexp.Regexp{minutesForm, minutesOnly} {
		if m := form.FindStringSubmatch(typed); m != nil {
			hours, minutes := decimal.RequireFromString(cmp.Or(m[1], "0")), decimal.RequireFromString(m[2])
			return hours.Add(minutes.Div(decimal.NewFromInt(60))).Round(2), true
		}
	}
	d, ok := company.ReadHours(typed)
	return d.Round(2), ok
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
func (d TimeDetails) Check(today day.Day) problem.Set {
	_, err := d.check(today)
	problems, _ := errors.AsType[problem.Set](err)
	return problems
}

// check also works out the hours. Hours that were typed count for more than
// start and end: somebody may have had a break.
func (d TimeDetails) check(today day.Day) (decimal.Decimal, error) {
	p := problem.Set{}
	p.Unless(!d.On.IsZero(), "worked_on", "Enter the day.")
	p.Unless(d.On.IsZero() || !d.On.After(today), "worked_on", "This day is still to come.")
	p.Unless(d.Staff != 0, "staff", "Choose who worked.")
	p.Limit(TimeField.Note, d.Note)
	timeOfDay := func(field, typed string) (t time.Time) {
		if typed != "" {
			var err error
			t, err = time.Parse(TimeOfDay, typed)
			p.Unless(err == nil, field, "Enter a time, such as 14:30.")
		}
		return t
	}
	start, end := timeOfDay("start", d.Start), timeOfDay("end", d.End)
	p.Unless(d.Start == "" || d.End != "", "end", "Enter the end, too.")
	p.Unless(d.End == "" || d.Start != "", "start", "Enter the start, too.")
	hours := decimal.Zero
	switch {
	case d.Hours != "":
		var ok bool
		hours, ok = parseHours(d.Hours)
		p.Unless(ok, "hours", "Enter hours, such as 1.5 or 1:30.")
	case d.Start != "" && d.End != "":
		hours = between(start, end)
		p.Unless(hours.IsPositive(), "end", "The end is the same as the start.")
	case d.Start == "" && d.End == "":
		p.Add("hours", "Enter the hours, or start and end.")
	}
	if _, wrong := p["hours"]; !wrong && d.Hours != "" {
		p.Unless(hours.IsPositive(), "hours", "Enter a quantity other than 0.")
		p.Unless(hours.LessThanOrEqual(aDay), "hours", "A day has 24 hours.")
	}
	return hours, p.Err()
}

// TimeEntry is time logged on a job.
type TimeEntry struct {
	ID        int64
	WorkedOn  day.Day
	Hours     decimal.Decimal
	StaffID   int64
	StaffName string
	Start     string // as TimeOfDay, or empty
	End       string
	Note      string
	Version   int64
}

// Details are the entry's, as its form shows them.
func (e TimeEntry) Details() TimeDetails {
	return TimeDetails{On: e.WorkedOn, Hours: e.Hours.String(), Staff: e.StaffID, Start: e.Start, End: e.End, Note: e.Note}
}

// timeSnapshot is an entry as the audit trail records it.
type timeSnapshot struct {
	On      day.Day `json:"worked_on"`
	Hours   string  `json:"hours"`
	Staff   string  `json:"staff"`
	Start   string  `json:"start"`
	End     string  `json:"end"`
	Note    string  `json:"note"`
	Version int64   `json:"version"`
}

func (e TimeEntry) snapshot() timeSnapshot {
	return timeSnapshot{e.WorkedOn, e.Hours.String(), e.StaffName, e.Start, e.End, e.Note, e.Version}
}

// recordTime adds what became of an entry to the audit trail. Before is nil for
// a new one, after for one that was removed.
func recordTime(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, o owner, before, after *TimeEntry) error {
	e := audit.New{Action: action, Label: o.Number, Customer: o.Customer}
	if before != nil {
		e.ID, e.Before = before.ID, before.snapshot()
	}
	if after != nil {
		e.ID, e.After = after.ID, after.snapshot()
	}
	return audit.Record(ctx, tx, by, e)
}

const selectTime = `
	select e.id, e.worked_on, e.hours, e.staff_id, s.name as staff_name, coalesce(to_char(e.started, 'HH24:MI'), '') as start, coalesce(to_char(e.ended, 'HH24:MI'), '') as "end", e.note, e.version
	from time_entries e join jobs j on j.id = e.job_id join staff s on s.id = e.staff_id
	where j.number = @job `

// QueryTime adds a query for the time logged on the job with a number, the
// newest day first.
func QueryTime(b *postgres.Batch, into *[]TimeEntry, job string) {
	postgres.Query(b, into, selectTime+`order by e.worked_on desc, e.id desc`, pgx.NamedArgs{"job": job})
}

const selectTimeEntry = selectTime + `and e.id = @id`

// QueryTimeEntry adds a query for a time entry of a job; none is
// apperr.NotFound.
func QueryTimeEntry(b *postgres.Batch, into *TimeEntry, job string, id int64) {
	postgres.QueryOne(b, into, selectTimeEntry, pgx.NamedArgs{"job": job, "id": id})
}

func findTime(ctx context.Context, db postgres.DB, job string, id int64) (TimeEntry, error) {
	return findPart[TimeEntry](ctx, db, selectTimeEntry, job, id)
}

func lockTime(ctx context.Context, tx postgres.Tx, job string, id int64) (TimeEntry, error) {
	return findPart[TimeEntry](ctx, tx, selectTimeEntry+` for update of e`, job, id)
}

// today is the business's calendar day, by the database's clock.
func today(ctx context.Context, db postgres.DB) (d day.Day, err error) {
	if err = db.QueryRow(ctx, `select business_day()`).Scan(&d); err != nil {
		return d, fmt.Errorf("today: %w", err)
	}
	return d, nil
}

func (d TimeDetails) args(hours decimal.Decimal, more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{"on": d.On, "hours": hours.String(), "staff": d.Staff, "start": d.Start, "end": d.End, "note": d.Note}
	maps.Copy(a, more)
	return a
}

// NewTime is time to log on the job of a number.
type NewTime struct {
	Job string
	TimeDetails
	Nonce string
}

// CreateTime logs time on a job. A form sent twice logs it once; created is
// then false.
func CreateTime(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewTime) (id int64, created bool, err error) {
	now, err := today(ctx, tx)
	if err != nil {
		return 0, false, err
	}
	hours, err := n.check(now)
	if err != nil {
		return 0, false, err
	}
	o, err := findOwner(ctx, tx, n.Job)
	if err != nil {
		return 0, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into time_entries (customer_id, job_id, worked_on, hours, staff_id, started, ended, note, nonce)
		values (@customer, @job, @on, @hours::text::numeric, @staff, nullif(@start::text, '')::time, nullif(@end::text, '')::time, @note, nullif(@nonce, ''))
		on conflict on constraint time_entry_nonce_taken do nothing
		returning id`, n.args(hours, pgx.NamedArgs{"customer": o.Customer, "job": o.ID, "nonce": n.Nonce})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, timeConstraintError(err)
	}
	after, err := findTime(ctx, tx, o.Number, id)
	if err != nil {
		return 0, false, err
	}
	return id, true, recordTime(ctx, tx, by, audit.TimeEntryLogged, o, nil, &after)
}

// EditTime changes a time entry. It fails with apperr.Stale when somebody else
// has since version.
func EditTime(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id, version int64, d TimeDetails) error {
	now, err := today(ctx, tx)
	if err != nil {
		return err
	}
	o, err := findOwner(ctx, tx, job)
	if err != nil {
		return err
	}
	before, err := lockTime(ctx, tx, o.Number, id)
	if err != nil {
		return err
	}
	if was := before.Details(); d.Hours == was.Hours && d.Start != "" && d.End != "" && (d.Start != was.Start || d.End != was.End) {
		d.Hours = "" // those of the old times
	}
	hours, err := d.check(now)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `
		update time_entries set worked_on = @on, hours = @hours::text::numeric, staff_id = @staff, started = nullif(@start::text, '')::time, ended = nullif(@end::text, '')::time,
			note = @note, version = version + 1
		where id = @id`, d.args(hours, pgx.NamedArgs{"id": id}))
	if err != nil {
		return timeConstraintError(err)
	}
	after, err := findTime(ctx, tx, o.Number, id)
	if err != nil {
		return err
	}
	return recordTime(ctx, tx, by, audit.TimeEntryEdited, o, &before, &after)
}

// RemoveTime deletes a time entry; the audit trail keeps what it was. One that
// is gone already stays gone.
func RemoveTime(ctx context.Context, tx postgres.Tx, by audit.Actor, job string, id int64) error {
	o, err := findOwner(ctx, tx, job)
	if err != nil {
		return err
	}
	e, err := lockTime(ctx, tx, o.Number, id)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from time_entries where id = $1`, id); err != nil {
		return fmt.Errorf("remove time entry: %w", err)
	}
	return recordTime(ctx, tx, by, audit.TimeEntryRemoved, o, &e, nil)
}

// timeConstraintError turns a broken constraint into a sentence at its field.
func timeConstraintError(err error) error {
	switch postgres.Constraint(err) {
	case "time_entry_hours":
		return problem.Of("hours", "A day has 24 hours.")
	case "time_entries_staff_id_fkey":
		return problem.Of("staff", "Choose who worked.")
	}
	return fmt.Errorf("log time: %w", err)
}
