package officeweb

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// Jobs are the screens of jobs themselves.
type Jobs struct {
	DB       postgres.DB
	Office   *office.Service
	Renderer *pdf.Renderer
}

// head is the top of a job's page, read together with what more asks for.
// Opening any of a job's pages is looking at it.
func (h Jobs) head(r *http.Request, v staff.Viewer, tab string, more ...func(*postgres.Batch, job.Job)) (officeview.JobHead, error) {
	j, err := job.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return officeview.JobHead{}, err
	}
	return h.headOf(r.Context(), v, j, tab, more...)
}

// headOf is head for a job that was found already.
func (h Jobs) headOf(ctx context.Context, v staff.Viewer, j job.Job, tab string, more ...func(*postgres.Batch, job.Job)) (officeview.JobHead, error) {
	head := officeview.JobHead{
		Page: officeview.Page(v, j.Number+" "+j.Title(), route.OfficeJobs), Job: j, Tab: tab,
		Administrator: v.Administers(), Format: v.Format,
	}
	if err := h.Office.LookAtJob(ctx, v, j); err != nil {
		return head, err
	}
	var of report
	leaves := j.CompletedAt != nil || j.Status.May(job.Completed, v.Administers()) // of a job that is done the customer has the work report
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		b.KeepPlans()
		job.QueryTally(b, &head.Tally, j.ID)
		queryOrigin(b, v, &head.Origin, keeper.Jobs, j.ID)
		message.QueryCount(b, &head.Messages, message.On{Customer: j.CustomerID, Job: j.ID})
		if leaves {
			of.query(b, j)
		}
		for _, query := range more {
			query(b, j)
		}
	})
	if err != nil {
		return head, err
	}
	if leaves {
		head.Unprintable = h.Renderer.Unprintable(of.document(j))
	}
	return head, nil
}

// suggested is what the form of a booking starts with: the booking there is,
// else the day the customer would like.
func suggested(f company.Format, j job.Job) officeview.Booking {
	if j.BookedFrom != nil {
		return typedBooking(f, j.BookedFrom, j.BookedUntil)
	}
	return officeview.Booking{On: j.PreferredOn.String(), Start: "08:00"}
}

// Show is the tab Details.
func (h Jobs) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, http.StatusOK, "")
}

func (h Jobs) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, notice string) error {
	var (
		history []job.Event
		answers []job.Answer
		emails  []notify.Entry
		shown   settings.Current
	)
	head, err := h.head(r, v, "", func(b *postgres.Batch, j job.Job) {
		job.QueryHistory(b, &history, j.ID)
		job.QueryAnswer(b, &answers, j.ID)
		settings.Query(b, &shown)
		notify.QueryOfRecord(b, &emails, notify.Record{Job: j.ID})
	})
	if err != nil {
		return err
	}
	head.Notice = notice
	return page.Render(w, r, status, officeview.Job(officeview.JobDetails{JobHead: head, History: history, Answers: answers, Emails: emails, AdminShown: !shown.HideAdminDetails}))
}

// Booking is the page where a job gets its date, for browsers without script.
func (h Jobs) Booking(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, job.Booked)
}

// Completion asks what was done before a job is completed.
func (h Jobs) Completion(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, job.Completed)
}

// Cancellation asks before a job is cancelled.
func (h Jobs) Cancellation(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, job.Cancelled)
}

// Deferral asks before a visit is put off.
func (h Jobs) Deferral(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, job.Deferred)
}

// Unscheduling asks before a visit is dropped.
func (h Jobs) Unscheduling(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, job.Unscheduled)
}

func (h Jobs) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, to job.Status) error {
	view, err := h.moveForm(r, v, to, asOffered)
	if err != nil {
		return err
	}
	if !view.Job.Status.May(to, v.Administers()) {
		return apperr.Conflictf("A job that is %s cannot become %s.", view.Job.Status.Label(), to.Label())
	}
	return page.Render(w, r, http.StatusOK, officeview.MovePage(view))
}

// filled is how the form of a move is filled in.
type filled bool

const (
	asOffered filled = false
	asTyped   filled = true
)

// moveForm is what a move of the job asks, with who may come to a visit, where they
// are on its day, and who is told.
func (h Jobs) moveForm(r *http.Request, v staff.Viewer, to job.Status, how filled) (view officeview.MoveJob, err error) {
	var told toldOfMove
	view.To = to
	view.JobHead, err = h.head(r, v, "", func(b *postgres.Batch, j job.Job) {
		who := j.Details().Staff
		view.Booking = suggested(v.Format, j)
		if how == asTyped {
			who = form.IDs(r, "staff")
			view.Booking, view.Why, view.Choice = bookingTyped(r), form.Long(r, "cancelled_why"), officeview.VisitChoice(visitChoice(r))
		}
		told.query(b, j)
		queryWho(b, v.Format, &view, j.Number, who)
	})
	if how == asTyped && r.PostForm.Has("work_undertaken") {
		view.Job.Work = form.Long(r, "work_undertaken")
	}
	view.Told = told.named(view.Job, to)
	return view, err
}

// Move takes a job to another status.
func (h Jobs) Move(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	step := job.Step{To: job.Status(form.Text(r, "to"))}
	problems := problem.Set{}
	if step.To == job.Booked {
		step.Booking = readBooking(r, v.Format, problems)
		step.Staff, step.Assign = form.IDs(r, "staff"), r.PostForm.Has("staff_asked")
		if form.Check(r, "refresh") {
			return h.refreshMove(w, r, v)
		}
	}
	if step.To == job.Cancelled {
		step.Why = new(form.Long(r, "cancelled_why"))
	}
	if r.PostForm.Has("work_undertaken") {
		step.Work = new(form.Long(r, "work_undertaken"))
	}
	var told []notify.Telling
	err := problems.Err()
	if err == nil {
		told, err = h.Office.MoveJob(ctx, v, number, form.Version(r), step, visitChoice(r))
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		view, err := h.moveForm(r, v, step.To, asTyped)
		if err != nil {
			return err
		}
		view.Problems = problems
		return page.Render(w, r, http.StatusUnprocessableEntity, officeview.MovePage(view))
	}
	if errors.Is(err, apperr.Stale) {
		return h.moveConflict(w, r, v, step.To)
	}
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return h.show(w, r, v, http.StatusConflict, c.Words)
	}
	if err != nil {
		return err
	}
	is := number + " is " + step.To.Label() + " now"
	sayOfVisit(r, is, told)
	return page.Redirect(w, r, route.OfficeJob(number))
}

// moveConflict answers a move of a job that somebody else has changed
// meanwhile: a form is shown again as it was filled in, beneath what has
// changed; a mere button is pressed again by whoever has read the job as it is
// now.
func (h Jobs) moveConflict(w http.ResponseWriter, r *http.Request, v staff.Viewer, to job.Status) error {
	view, err := h.moveForm(r, v, to, asTyped)
	if err != nil {
		return err
	}
	if !officeview.MoveAsks(view.Job.Status, to) || !view.Job.Status.May(to, v.Administers()) {
		return h.show(w, r, v, http.StatusConflict, "Somebody else has changed this job while you had it open. This is how it is now.")
	}
	if view.EditConflict, err = editConflict(r.Context(), h.DB, v.Format, "job", view.Job.ID, form.Version(r), job.Fields); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusConflict, officeview.MovePage(view))
}

// The fields of a booking.
func bookingTyped(r *http.Request) officeview.Booking {
	return officeview.Booking{On: form.Text(r, "booked_on"), Start: form.Text(r, "booked_start"), End: form.Text(r, "booked_until"), Last: form.Text(r, "booked_last")}
}

// typedBooking is a booking as its fields show it.
func typedBooking(f company.Format, from, until *time.Time) (b officeview.Booking) {
	if from == nil {
		return b
	}
	start := f.Local(*from)
	b.On, b.Start = start.Format(day.ISO), start.Format(job.TimeOfDay)
	if until != nil {
		end := f.Local(*until)
		b.End = end.Format(job.TimeOfDay)
		if last := end.Format(day.ISO); last != b.On {
			b.Last = last
		}
	}
	return b
}

// readBooking reads the fields of a booking in the business's time zone. Left
// empty they are no booking.
func readBooking(r *http.Request, f company.Format, p problem.Set) (b job.Booking) {
	typed := bookingTyped(r)
	if typed == (officeview.Booking{}) {
		return b
	}
	on, last := form.Day(r, "booked_on", p), form.Day(r, "booked_last", p)
	p.Unless(!on.IsZero(), "booked_on", "Enter the date.")
	p.Unless(typed.Start != "", "booked_start", "Enter when it starts.")
	start, ok := timeOfDay(typed.Start)
	p.Unless(ok, "booked_start", "Enter a time, such as 08:30.")
	end, ok := timeOfDay(typed.End)
	p.Unless(ok, "booked_until", "Enter a time, such as 10:30.")
	if last.IsZero() {
		last = on
	}
	p.Unless(!last.Before(on), "booked_last", "The last day is before the first.")
	p.Unless(last == on || typed.End != "", "booked_until", "Enter when it ends on the last day.")
	if len(p) > 0 {
		return b
	}
	from, shown := on.At(start.Hour(), start.Minute(), f.Zone())
	p.Unless(shown, "booked_start", job.SkippedHour(f, on))
	b.From = &from
	if typed.End != "" {
		until, shown := last.At(end.Hour(), end.Minute(), f.Zone())
		p.Unless(shown, "booked_until", job.SkippedHour(f, last))
		b.Until = &until
		p.Unless(!until.Before(from), "booked_until", "The end is before the start.")
	}
	return b
}

// timeOfDay reads a time of day; empty is midnight.
func timeOfDay(typed string) (time.Time, bool) {
	if typed == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(job.TimeOfDay, typed)
	return t, err == nil
}
