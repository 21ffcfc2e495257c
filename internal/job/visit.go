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
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Visit is a job's booking, as far as the customer is told of it: whether
// somebody is expected, and when.
type Visit struct {
	Job    int64
	Status Status
	Booking
}

// Expected reports whether somebody comes.
func (v Visit) Expected() bool { return v.From != nil && v.Status.Expected() }

// Same reports whether a visit is at the same time as another.
func (b Booking) Same(o Booking) bool { return same(b.From, o.From) && same(b.Until, o.Until) }

// LockVisit is the visit of the job with a number, locked until the
// transaction ends, for whoever tells afterwards what became of it.
func LockVisit(ctx context.Context, tx postgres.Tx, number string) (v Visit, err error) {
	err = tx.QueryRow(ctx, `select id, status, booked_from, booked_until from jobs where number = $1 for no key update`, number).Scan(&v.Job, &v.Status, &v.From, &v.Until)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, apperr.NotFound
	}
	if err != nil {
		return v, fmt.Errorf("find visit: %w", err)
	}
	return v, nil
}

// CheckTime refuses a booking that lies in the past, unless staff say that the
// visit already took place.
func (b Booking) CheckTime(now time.Time, tookPlace bool) problem.Set {
	p := problem.Set{}
	p.Unless(b.From == nil || tookPlace || !b.From.Before(now), "booked_on", "This is in the past. Choose a later time, or tick “It already took place”.")
	return p
}

// check says what is wrong with the order of a booking's times.
func (b Booking) check(p problem.Set) {
	p.Unless(b.Until == nil || b.From == nil || !b.Until.Before(*b.From), "booked_until", "The end is before the start.")
}

// Rebook moves the visit of a job that is booked, or under way, to another time;
// staff is who comes, nil for whoever does now. It reports whether anything is different now: a form sent
// twice changes nothing the second time.
func Rebook(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, b Booking, staff []int64) (ref Ref, moved bool, err error) {
	j, err := lock(ctx, tx, number)
	if err != nil {
		return Ref{}, false, err
	}
	if !j.Status.Expected() || j.BookedFrom == nil {
		return Ref{}, false, apperr.Conflictf("This job is %s, so there is no visit to move.", j.Status.Label())
	}
	p := problem.Set{}
	p.Unless(b.From != nil, "booked_on", "A booked job needs a date.")
	b.check(p)
	if err := p.Err(); err != nil {
		return Ref{}, false, err
	}
	ref = Ref{j.ID, j.Number}
	if staff == nil {
		staff = j.Details().Staff
	}
	if b.Same(j.booking()) && sameStaff(staff, j.Staff) {
		return ref, false, nil
	}
	if j.Version != version {
		return Ref{}, false, apperr.Stale
	}
	_, err = tx.Exec(ctx, `update jobs set booked_from = @from, booked_until = @until, version = version + 1, updated_at = now() where id = @id`,
		pgx.NamedArgs{"id": j.ID, "from": b.From, "until": b.Until})
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := setStaff(ctx, tx, j.ID, staff); err != nil {
		return Ref{}, false, err
	}
	if err := j.resetAnswer(ctx, tx, b, j.Status); err != nil {
		return Ref{}, false, err
	}
	return ref, true, record(ctx, tx, by, audit.JobEdited, &j, number)
}

func (j Job) booking() Booking { return Booking{j.BookedFrom, j.BookedUntil} }

func sameStaff(ids []int64, staff []StaffRef) bool {
	return len(ids) == len(staff) && !slices.ContainsFunc(staff, func(s StaffRef) bool { return !slices.Contains(ids, s.ID) })
}

// Answer is what a contact has answered to a visit.
type Answer struct {
	Contact string
	Suits   bool
	Wishes  []Wish
	Reason  string
	At      time.Time
	Kept    bool // the office has let the visit stand
}

// Waits reports whether the office has to say something to it.
func (a Answer) Waits() bool { return !a.Suits && !a.Kept }

// Is reports whether somebody has answered just this.
func (a Answer) Is(suits bool, wishes []Wish, reason string) bool {
	return a.Suits == suits && a.Reason == reason && slices.Equal(a.Wishes, wishes)
}

// Wish is another time that would suit: a day, and Morning, Afternoon or a time of day.
type Wish struct {
	On   day.Day `json:"on"`
	When string  `json:"when"`
}

// The parts of a day that a wish may name instead of a time.
const (
	Morning   = "morning"
	Afternoon = "afternoon"
)

// MaxWishes is how many other times a contact may name.
const MaxWishes = 3

// When the parts of a day begin, for visits of which nothing better is known.
const (
	morningFrom, noon, afternoonFrom = 8, 12, 13
)

// timeOfDay is when a visit that was booked for another time would begin. One
// of a morning keeps its hour on another morning.
func (w Wish) timeOfDay(booked time.Time) (hour, minute int, ok bool) {
	switch {
	case w.When == Morning && booked.Hour() < noon, w.When == Afternoon && booked.Hour() >= noon:
		return booked.Hour(), booked.Minute(), true
	case w.When == Morning:
		return morningFrom, 0, true
	case w.When == Afternoon:
		return afternoonFrom, 0, true
	}
	t, err := time.Parse(TimeOfDay, w.When)
	return t.Hour(), t.Minute(), err == nil
}

// Booking is the visit as it would be at the wished-for time, as long as it is now.
func (w Wish) Booking(now Booking, f company.Format) Booking {
	if now.From == nil {
		return now
	}
	hour, minute, _ := w.timeOfDay(f.Local(*now.From))
	from, _ := w.On.At(hour, minute, f.Zone())
	b := Booking{From: &from}
	if now.Until != nil {
		b.Until = new(from.Add(now.Until.Sub(*now.From)))
	}
	return b
}

// Words are the wish as people read it: "Tue 24 Nov 2026, morning".
func (w Wish) Words(f company.Format) string {
	when := w.When
	if t, err := time.Parse(TimeOfDay, when); err == nil {
		at, _ := w.On.At(t.Hour(), t.Minute(), f.Zone())
		when = f.Clock(at)
	}
	return f.WeekDay(w.On) + ", " + when
}

// NewAnswer is an answer to the visit that was Shown.
type NewAnswer struct {
	Customer int64
	Shown    Booking
	Suits    bool
	Wishes   []Wish
	Reason   string
}

// MaxReason is how long a reason may be that is asked for in a line or two.
const MaxReason = 2000

// WishField is the name of a field of the nth wish.
func WishField(n int, field string) string { return fmt.Sprintf("wish-%d-%s", n, field) }

// Check says what is wrong with an answer, wish by wish.
func (a NewAnswer) Check(f company.Format) problem.Set {
	p := problem.Set{}
	p.Limit(Field.Reason, a.Reason)
	if a.Suits {
		return p
	}
	p.Unless(len(a.Wishes) > 0, WishField(0, "on"), "Choose at least one day that suits you.")
	for i, w := range a.Wishes {
		hour, minute, ok := w.timeOfDay(f.Now)
		switch w.When { // a part of a day can be wished for until it is over
		case Morning:
			hour, minute = noon, 0
		case Afternoon:
			hour, minute = 23, 59
		}
		p.Unless(ok, WishField(i, "when"), "Choose morning, afternoon or a time.")
		p.Unless(!w.On.IsZero(), WishField(i, "on"), "Choose the day.")
		if w.On.IsZero() || !ok {
			continue
		}
		at, shown := w.On.At(hour, minute, f.Zone())
		p.Unless(shown || w.When == Morning || w.When == Afternoon, WishField(i, "time"), SkippedHour(f, w.On))
		p.Unless(w.On.After(f.Today()) || (w.On == f.Today() && at.After(f.Now)), WishField(i, "on"), "This is in the past. Choose a later day.")
	}
	return p
}

// SkippedHour says that a time of day is not there on a day, because clocks are
// put forward over it.
func SkippedHour(f company.Format, on day.Day) string {
	return "Clocks go forward on " + f.WeekDay(on) + ", so this time does not exist on that day. Choose another one."
}

// AnswerVisit notes what a contact answers to a visit, instead of what was
// answered to it before. The visit itself stays as it is. It is apperr.Stale
// when the visit is another one than was shown.
func AnswerVisit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, a NewAnswer, f company.Format) (ref Ref, err error) {
	j, err := lock(ctx, tx, number)
	switch {
	case err != nil:
		return ref, err
	case j.CustomerID != a.Customer:
		return ref, apperr.NotFound
	case j.Status != Booked || j.BookedFrom == nil || !a.Shown.Same(j.booking()):
		return ref, apperr.Stale
	}
	if err := a.Check(f).Err(); err != nil {
		return ref, err
	}
	if a.Wishes == nil || a.Suits {
		a.Wishes = []Wish{}
	}
	_, err = tx.Exec(ctx, `
		insert into visit_answers (job_id, customer_id, contact_id, suits, wishes, reason) values (@job, @customer, @contact, @suits, @wishes, @reason)
		on conflict (job_id) do update set contact_id = excluded.contact_id, suits = excluded.suits, wishes = excluded.wishes, reason = excluded.reason, at = excluded.at,
			kept_at = case when (visit_answers.suits, visit_answers.wishes, visit_answers.reason) = (excluded.suits, excluded.wishes, excluded.reason) then visit_answers.kept_at end`,
		pgx.NamedArgs{"job": j.ID, "customer": j.CustomerID, "contact": by.Contact, "suits": a.Suits, "wishes": a.Wishes, "reason": a.Reason})
	if err != nil {
		return ref, fmt.Errorf("answer visit: %w", err)
	}
	return Ref{j.ID, number}, audit.Record(ctx, tx, by, audit.New{
		Action: audit.JobVisitAnswered, ID: j.ID, Label: number, Customer: j.CustomerID, After: map[string]any{"suits": a.Suits, "wishes": a.Wishes, "reason": a.Reason},
	})
}

// AcceptWish moves a visit to a time that its contact wished for. It is
// apperr.Stale when they wish for it no more.
func AcceptWish(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, w Wish, f company.Format) (ref Ref, moved bool, err error) {
	now, err := LockVisit(ctx, tx, number)
	if err != nil {
		return ref, false, err
	}
	b := w.Booking(now.Booking, f)
	if now.Expected() && !b.Same(now.Booking) { // else it is moved already
		var wished bool
		err := tx.QueryRow(ctx, `select exists (select from visit_answers where job_id = $1 and kept_at is null and wishes @> jsonb_build_array($2::jsonb))`, now.Job, w).Scan(&wished)
		if err != nil {
			return ref, false, fmt.Errorf("find wish: %w", err)
		}
		if !wished {
			return ref, false, apperr.Stale
		}
	}
	if err := b.CheckTime(f.Now, false).Err(); err != nil {
		return ref, false, apperr.Conflictf("The time they asked for has passed. Choose another one.")
	}
	return Rebook(ctx, tx, by, number, version, b, nil)
}

// KeepVisit lets a visit stand although the contact asked for another time, and
// reports whether that was not so before.
func KeepVisit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string) (ref Ref, kept bool, err error) {
	j, err := lock(ctx, tx, number)
	if err != nil {
		return ref, false, err
	}
	tag, err := tx.Exec(ctx, `update visit_answers set kept_at = now() where job_id = $1 and not suits and kept_at is null`, j.ID)
	if err != nil {
		return ref, false, fmt.Errorf("keep visit: %w", err)
	}
	ref = Ref{j.ID, number}
	if tag.RowsAffected() == 0 {
		return ref, false, nil
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.JobVisitKept, ID: j.ID, Label: number, Customer: j.CustomerID})
}

// resetAnswer forgets what was answered to a visit that is another one now, or
// none.
func (j Job) resetAnswer(ctx context.Context, tx postgres.Tx, now Booking, status Status) error {
	if now.Same(j.booking()) && status.Expected() {
		return nil
	}
	if _, err := tx.Exec(ctx, `delete from visit_answers where job_id = $1`, j.ID); err != nil {
		return fmt.Errorf("reset the answer to a visit: %w", err)
	}
	return nil
}

// QueryAnswer adds a query for what was answered to a job's visit; nobody has
// when it finds none.
func QueryAnswer(b *postgres.Batch, into *[]Answer, job int64) {
	postgres.Query(b, into, `
		select c.name as contact, a.suits, a.wishes, a.reason, a.at, a.kept_at is not null as kept
		from visit_answers a join contacts c on c.id = a.contact_id where a.job_id = @job`, pgx.NamedArgs{"job": job})
}

// Occupied is another visit of a member of staff on a day.
type Occupied struct {
	Staff    int64
	Number   string
	Customer string
	From     time.Time
	Until    *time.Time
}

// QueryOccupied adds a query for who of staff is booked when on a day, but for
// the job with a number itself.
func QueryOccupied(b *postgres.Batch, into *[]Occupied, on day.Day, zone *time.Location, number string) {
	postgres.Query(b, into, `
		select js.staff_id as staff, j.number, cu.name as customer, j.booked_from as from, j.booked_until as until
		from jobs j join job_staff js on js.job_id = j.id join customers cu on cu.id = j.customer_id
		where j.id = any(array(select o.id from jobs o where `+list.Is("o.status", ExpectedStatuses...)+` and o.booked_from < @end and coalesce(o.booked_until, o.booked_from) >= @start))
			and j.number <> @number
		order by j.booked_from, j.id limit 500`,
		pgx.NamedArgs{"start": on.Time(zone), "end": on.AddDays(1).Time(zone), "number": number})
}

// WithdrawRequest takes back what a contact has asked for, as long as nobody has
// taken it up: the job is cancelled. It reports whether it was not before.
func WithdrawRequest(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, number string, version int64, why string) (ref Ref, withdrawn bool, err error) {
	j, err := lock(ctx, tx, number)
	switch {
	case err != nil:
		return ref, false, err
	case j.CustomerID != customer:
		return ref, false, apperr.NotFound
	case j.Status == Cancelled:
		return Ref{j.ID, number}, false, nil
	case j.Status != StatusNew:
		return ref, false, apperr.Conflictf("This job is %s, so it can no longer be withdrawn here.", j.Status.Label())
	}
	p := problem.Set{}
	p.Limit(Field.Reason, why)
	if err := p.Err(); err != nil {
		return ref, false, err
	}
	words := "Withdrawn by " + by.Name + "."
	if why != "" {
		words += " " + why
	}
	words = string([]rune(words)[:min(len([]rune(words)), MaxReason)])
	return Move(ctx, tx, by, false, number, version, Step{To: Cancelled, Why: &words})
}
