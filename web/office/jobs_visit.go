package officeweb

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// visitChoice reads whether the customer is told. A form that did not ask tells.
func visitChoice(r *http.Request) office.VisitChoice {
	return office.VisitChoice{Untold: form.Check(r, "tell_asked") && !form.Check(r, "tell"), TookPlace: form.Check(r, "took_place")}
}

// sayOfVisit leaves what was done, without a full stop, for the next page, and
// who is told of it.
func sayOfVisit(r *http.Request, done string, told []notify.Telling) {
	choice := visitChoice(r)
	switch {
	case told != nil:
		words, warn := officeview.ToldWords(done+".", done, "job", told)
		say(r.Context(), words, warn)
	case choice.Untold || choice.TookPlace:
		say(r.Context(), done+". Nobody was told.", false)
	default:
		say(r.Context(), done+".", false)
	}
}

// queryWho asks who may come to a visit of a job, and where they are on its day.
func queryWho(b *postgres.Batch, f company.Format, view *officeview.MoveJob, number string, chosen []int64) {
	if view.To != job.Booked {
		return
	}
	view.Who = officeview.Who{Staff: chosen, Format: f}
	job.QueryAssignable(b, &view.Who.People, chosen...)
	if on, err := day.Parse(view.Booking.On); err == nil && !on.IsZero() {
		view.Who.Day = f.WeekDay(on)
		job.QueryOccupied(b, &view.Who.Occupied, on, f.Zone(), number)
	}
}

// refreshMove shows the form of a booking as it was typed, with who is booked
// elsewhere on its day.
func (h Jobs) refreshMove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view, err := h.moveForm(r, v, job.Booked, asTyped)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.MovePage(view))
}

// Visit asks for another time of a visit.
func (h Jobs) Visit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view, err := h.moveForm(r, v, job.Booked, asOffered)
	if err != nil {
		return err
	}
	if !view.Job.Status.Expected() || view.Job.BookedFrom == nil {
		return apperr.Conflictf("This job is %s, so there is no visit to move.", view.Job.Status.Label())
	}
	return page.Render(w, r, http.StatusOK, officeview.MovePage(view))
}

// MoveVisit books a visit for another time.
func (h Jobs) MoveVisit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	if form.Check(r, "refresh") {
		return h.refreshMove(w, r, v)
	}
	ctx, number := r.Context(), chi.URLParam(r, "number")
	problems := problem.Set{}
	booking := readBooking(r, v.Format, problems)
	var told []notify.Telling
	err := problems.Err()
	if err == nil {
		told, err = h.Office.MoveVisit(ctx, v, number, form.Version(r), booking, append([]int64{}, form.IDs(r, "staff")...), visitChoice(r))
	}
	problems, wrong := errors.AsType[problem.Set](err)
	if !wrong && !errors.Is(err, apperr.Stale) {
		return h.moved(w, r, v, told, err)
	}
	view, err := h.moveForm(r, v, job.Booked, asTyped)
	if err != nil {
		return err
	}
	view.Problems = problems
	if !wrong {
		if view.EditConflict, err = editConflict(ctx, h.DB, v.Format, "job", view.Job.ID, form.Version(r), job.Fields); err != nil {
			return err
		}
	}
	return page.Render(w, r, formStatus(problems, view.EditConflict), officeview.MovePage(view))
}

// moved answers a visit that has another time now, or says why it has not.
func (h Jobs) moved(w http.ResponseWriter, r *http.Request, v staff.Viewer, told []notify.Telling, err error) error {
	number := chi.URLParam(r, "number")
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return h.show(w, r, v, http.StatusConflict, c.Words)
	}
	if errors.Is(err, apperr.Stale) {
		return h.show(w, r, v, http.StatusConflict, "Somebody has changed this job, or the answer to its visit, while you had it open. This is how it is now.")
	}
	if err != nil {
		return err
	}
	sayOfVisit(r, "The visit of "+number+" is moved", told)
	return page.Redirect(w, r, form.Next(r, route.OfficeJob(number)))
}

// AcceptWish moves a visit to a time that its contact wished for.
func (h Jobs) AcceptWish(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	on, when, _ := strings.Cut(form.Text(r, "wish"), " ")
	wished, err := day.Parse(on)
	if err != nil || wished.IsZero() {
		return h.moved(w, r, v, nil, apperr.Stale)
	}
	told, err := h.Office.AcceptWish(r.Context(), v, chi.URLParam(r, "number"), form.Version(r), job.Wish{On: wished, When: when})
	return h.moved(w, r, v, told, err)
}

// Keeping asks what to write to a contact whose wish cannot be met.
func (h Jobs) Keeping(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.keeping(w, r, v, officeview.KeepVisit{Nonce: form.NewNonce()})
}

func (h Jobs) keeping(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.KeepVisit) (err error) {
	view.JobHead, err = h.head(r, v, "", func(b *postgres.Batch, j job.Job) { job.QueryAnswer(b, &view.Answers, j.ID) })
	if err != nil {
		return err
	}
	if len(view.Answers) == 0 || !view.Answers[0].Waits() {
		session.Warn(r.Context(), "This has been answered already.")
		return page.Redirect(w, r, route.OfficeJob(chi.URLParam(r, "number")))
	}
	return page.Render(w, r, formStatus(view.Problems, officeview.EditConflict{}), officeview.KeepVisitPage(view))
}

// Keep lets a visit stand, and writes its contact why.
func (h Jobs) Keep(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	j, err := job.FindByNumber(ctx, h.DB, number)
	if err != nil {
		return err
	}
	n := message.New{On: message.On{Customer: j.CustomerID}, Text: form.Long(r, "text"), Nonce: form.Nonce(r)}
	told, err := h.Office.KeepVisit(ctx, v, number, n)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.keeping(w, r, v, officeview.KeepVisit{Text: n.Text, Nonce: n.Nonce, Problems: problems})
	}
	if err != nil {
		return err
	}
	words, warn := "The visit keeps its time.", false
	if told != nil { // nil when it was kept already
		words, warn = officeview.ToldWords(words+" Your message is on the job.", "The visit keeps its time and your message is on the job", "job", told)
	}
	say(ctx, words, warn)
	return page.Redirect(w, r, route.OfficeJob(number))
}
