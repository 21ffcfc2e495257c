package officeweb

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// AskJob says what a job made of a quote would be.
func (h Quotes) AskJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.askJob(w, r, v, jobTyped{nonce: form.NewNonce()}, nil, http.StatusOK)
}

// jobTyped is the form as somebody typed it.
type jobTyped struct {
	jobType int64
	nonce   string
	agreed  string
	answer  *officeview.AnswerTyped // nil before anything was typed
	why     string
	choice  officeview.VisitChoice
}

func (h Quotes) askJob(w http.ResponseWriter, r *http.Request, v staff.Viewer, t jobTyped, problems problem.Set, status int) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	if !q.Status.Workable() {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+". A job can be created once it was sent or accepted.", nil)
	}
	view := officeview.JobFromQuote{
		Page: officeview.Page(v, "Create a job from "+q.Number, route.OfficeQuotes), Quote: q, Type: cmp.Or(t.jobType, q.JobTypeID), Nonce: t.nonce, Agreed: t.agreed, Why: t.why, Choice: t.choice, Answer: newAnswer(q, v.Format), Problems: problems, Format: v.Format,
	}
	if t.answer != nil {
		view.Answer = *t.answer
		view.Answer.Shown = cmp.Or(view.Answer.Shown, q.SentVersion)
	}
	var files []attachment.File
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		job.QueryChoices(b, &view.Types, view.Type)
		quote.QueryJobs(b, &view.Jobs, q.ID)
		contact.QueryChoices(b, &view.Contacts, q.CustomerID)
		attachment.QueryAll(b, &files, filesOf(q))
		if q.Status != quote.Accepted {
			view.Receipt = toldOfQuote(q, r.URL.Path)
			notify.QueryWouldTell(b, &view.Receipt.Tellings, notify.KindQuoteAnswered, notify.About{Quote: q.ID})
		}
		if q.BookedFrom != nil {
			view.Told = toldOfQuote(q, r.URL.Path)
			view.Told.Thing, view.Told.PDF = "job", ""
			notify.QueryWouldTell(b, &view.Told.Tellings, notify.KindJobBooked, notify.About{Customer: q.CustomerID, Draft: &notify.Draft{MainContact: q.MainContactID, Site: q.SiteID}})
		}
	})
	if err != nil {
		return err
	}
	view.Files = len(files)
	return page.Render(w, r, status, officeview.CreateJobFromQuote(view))
}

// CreateJob makes a job of a quote, with copies of its files.
func (h Quotes) CreateJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, answer := chi.URLParam(r, "number"), answerTyped(r)
	t := jobTyped{jobType: form.ID(r, "type"), nonce: form.Nonce(r), agreed: form.Text(r, "agreed"), why: form.Long(r, "why"), choice: officeview.VisitChoice(visitChoice(r))}
	if answer.Shown > 0 {
		t.answer = &answer
	}
	var (
		ref      job.Ref
		told     []notify.Telling
		yes      *quote.Recorded
		why      = t.why
		problems problem.Set
	)
	if t.agreed == "yes" {
		var read quote.Recorded
		read, problems = readAnswer(answer, v.Format)
		yes, why = &read, ""
	}
	err := problems.Err()
	if err == nil {
		ref, told, err = h.Office.CreateJobFromQuote(r.Context(), v, number, t.nonce, t.jobType, yes, why, visitChoice(r))
	}
	if p := asProblems(err); p != nil {
		if t.agreed == "" && p["why"] != "" {
			delete(p, "why")
			p["agreed"] = "Choose whether the customer has said yes."
		}
		return h.askJob(w, r, v, t, p, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, apperr.Stale) && t.answer != nil { // another version went out meanwhile
		t.answer.Shown = 0
		return h.askJob(w, r, v, t, problem.Set{"": "Another version of this quote was sent while you had it open. No job was created. Check that the customer agreed to this one, and press again."}, http.StatusConflict)
	}
	if err != nil {
		return h.done(w, r, v, err, "")
	}
	done := ref.Number + " was created from " + number
	if told != nil {
		done += " and is booked"
	}
	sayOfVisit(r, done, told)
	return page.Redirect(w, r, route.OfficeJob(ref.Number))
}
