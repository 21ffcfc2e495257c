package officeweb

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/day"
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
	"fieldgate/web/upload"
)

// AskAnswer is the form that records what the customer said of a quote.
func (h Quotes) AskAnswer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	return h.answerForm(w, r, v, q, newAnswer(q, v.Format), nil, http.StatusOK)
}

// newAnswer is the form at first: the main contact, by phone, now.
func newAnswer(q quote.Quote, f company.Format) officeview.AnswerTyped {
	now := f.Local(f.Now)
	return officeview.AnswerTyped{
		Contact: q.MainContactID, Way: string(quote.Phone), On: now.Format(day.ISO), At: now.Format(job.TimeOfDay), PurchaseOrder: q.PurchaseOrder, Shown: q.SentVersion,
	}
}

func (h Quotes) answerForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, q quote.Quote, typed officeview.AnswerTyped, problems problem.Set, status int) error {
	if q.Status != quote.Sent {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+", so there is no answer to record.", nil)
	}
	f := officeview.AnswerForm{Page: officeview.Page(v, "Record the answer to "+q.Number, route.OfficeQuotes), Quote: q, Typed: typed, Problems: problems}
	f.Told = toldOfQuote(q, r.URL.Path)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		contact.QueryChoices(b, &f.Contacts, q.CustomerID)
		notify.QueryWouldTell(b, &f.Told.Tellings, notify.KindQuoteAnswered, notify.About{Quote: q.ID})
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.RecordAnswer(f))
}

// AskRecord answers whether there is a quote whose answer can be recorded.
func (h Quotes) AskRecord(r *http.Request, _ staff.Viewer) error {
	q, err := h.find(r)
	if err == nil && q.Status != quote.Sent && q.Status != quote.Accepted && q.Status != quote.Declined {
		err = apperr.Conflictf("This quote is %s, so there is no answer to record.", q.Status)
	}
	return err
}

// Record keeps what the customer said of a quote.
func (h Quotes) Record(w http.ResponseWriter, r *http.Request, v staff.Viewer, sent *upload.Form) error {
	number := chi.URLParam(r, "number")
	typed := answerTyped(r)
	answer, problems := readAnswer(typed, v.Format)
	problems.Unless(typed.Decision == string(quote.Accepted) || typed.Decision == string(quote.Declined), "decision", "Choose whether they accepted or declined.")
	answer.Accepted = typed.Decision == string(quote.Accepted)
	if len(sent.Refused) > 0 {
		problems["files"] = sent.Sentence()
	}
	var (
		told []notify.Telling
		err  = problems.Err()
	)
	if err == nil {
		told, err = h.Office.RecordAnswer(r.Context(), v, number, answer, sent.Files)
	}
	if wrong, ok := err.(problem.Set); ok { //nolint:errorlint // a Set is never wrapped
		q, err := h.find(r)
		if err != nil {
			return err
		}
		if len(sent.Files) > 0 {
			wrong["files"] = "Choose your files again: they were not kept. " + sent.Sentence()
		}
		return h.answerForm(w, r, v, q, typed, wrong, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, apperr.Stale) { // another version went out meanwhile
		return h.askAgain(w, r, v, typed, len(sent.Files) > 0)
	}
	if err != nil {
		return h.done(w, r, v, err, "")
	}
	words, warn := "The answer was recorded.", false
	if told != nil {
		words, warn = officeview.ToldWords(words, "The answer was recorded", "quote", told)
	}
	say(r.Context(), words, warn)
	return page.Redirect(w, r, route.OfficeQuote(number))
}

// askAgain shows the form as it was typed, for the version that the customer has now.
func (h Quotes) askAgain(w http.ResponseWriter, r *http.Request, v staff.Viewer, typed officeview.AnswerTyped, files bool) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	typed.Shown = q.SentVersion
	p := problem.Set{"": "Another version of this quote was sent while you had it open. Nothing was recorded. Check that the customer answered this one, and save again."}
	if files {
		p["files"] = "Please choose your files again, they were not kept."
	}
	return h.answerForm(w, r, v, q, typed, p, http.StatusConflict)
}

func answerTyped(r *http.Request) officeview.AnswerTyped {
	return officeview.AnswerTyped{
		Decision: form.Text(r, "decision"), Contact: form.ID(r, "contact"), FullName: form.Text(r, "full_name"), Way: form.Text(r, "way"), On: form.Text(r, "said_on"), At: form.Text(r, "said_at"),
		PurchaseOrder: form.Text(r, quote.Field.PurchaseOrder.Name), Reason: form.Long(r, "reason"), Shown: int(form.ID(r, "shown")),
	}
}

// readAnswer understands what was typed of an acceptance, or says what of it
// cannot be read.
func readAnswer(t officeview.AnswerTyped, f company.Format) (quote.Recorded, problem.Set) {
	p := problem.Set{}
	a := quote.Recorded{Accepted: true, Version: t.Shown, Contact: t.Contact, FullName: t.FullName, Way: quote.Way(t.Way), PurchaseOrder: t.PurchaseOrder, Reason: t.Reason}
	on, err := day.Parse(t.On)
	p.Unless(err == nil && !on.IsZero(), "said_on", "Enter the day when they said it.")
	clock, ok := timeOfDay(t.At)
	p.Unless(ok && t.At != "", "said_at", "Enter a time, such as 08:30.")
	if len(p) == 0 {
		a.At, _ = on.At(clock.Hour(), clock.Minute(), f.Zone())
	}
	return a, p
}
