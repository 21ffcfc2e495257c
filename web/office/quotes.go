package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Quotes are the screens of quotes.
type Quotes struct {
	Pool     *pgxpool.Pool
	Notify   *notify.Notifier
	Store    blob.Store
	Queue    *queue.Client
	Renderer *pdf.Renderer
}

// Show is the page of a quote.
func (h Quotes) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view, err := h.opened(r, v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Quote(view))
}

// opened is what a page of a quote shows. Opening one that was asked for in the
// portal is looking at it.
func (h Quotes) opened(r *http.Request, v staff.Viewer) (view officeview.QuotePage, err error) {
	ctx := r.Context()
	q, err := quote.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return view, err
	}
	if q.New() && r.Method == http.MethodGet {
		if err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return quote.Look(ctx, tx, v.Actor(), q.ID) }); err != nil {
			return view, err
		}
		if q, err = quote.Find(ctx, h.Pool, q.Number); err != nil {
			return view, err
		}
	}
	view = officeview.QuotePage{Page: officeview.Page(v, q.Number+" "+q.Title(), route.OfficeQuotes), Quote: q, Today: v.Format.Today(), Format: v.Format}
	if view.Versions, err = quote.Versions(ctx, h.Pool, q.ID); err != nil {
		return view, err
	}
	for _, version := range view.Versions {
		if version.Answer != nil {
			view.Answer = version.Answer
			break
		}
	}
	if view.Events, err = quote.History(ctx, h.Pool, q.ID); err != nil {
		return view, err
	}
	if view.Jobs, err = quote.Jobs(ctx, h.Pool, q.ID); err != nil {
		return view, err
	}
	if view.Messages, err = message.Count(ctx, h.Pool, message.On{Customer: q.CustomerID, Quote: q.ID}); err != nil {
		return view, err
	}
	view.Files, err = attachment.All(ctx, h.Pool, attachment.On{Customer: q.CustomerID, Quote: q.ID})
	return view, err
}

// show is the page of a quote that says why something was not done.
func (h Quotes) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, notice string, problems problem.Set) error {
	view, err := h.opened(r, v)
	if err != nil {
		return err
	}
	view.Notice, view.Problems = notice, problems
	return page.Render(w, r, status, officeview.Quote(view))
}

// AskSending says who gets what before a quote is sent. One that still lacks
// something is shown with what to do about it.
func (h Quotes) AskSending(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	q, err := quote.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !q.Status.May(quote.Sent) {
		return h.show(w, r, v, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be sent.", nil)
	}
	if p := q.Unready(v.Format.Today()); len(p) > 0 {
		return h.show(w, r, v, http.StatusOK, "", p)
	}
	view := officeview.QuoteSending{Page: officeview.Page(v, "Send "+q.Number, route.OfficeQuotes), Quote: q, Format: v.Format, Notes: []string{
		mailWords(q), "What was sent stays as it is. To change it later, make a new version.",
	}}
	if !q.ContactSees && q.ContactEmail != "" && !q.Archived {
		view.Notes = append(view.Notes, q.MainContact+" cannot read quotes in the portal yet. Give them access under the customer’s Contacts, or the email leads to a page they cannot open.")
	}
	files, err := attachment.All(ctx, h.Pool, attachment.On{Customer: q.CustomerID, Quote: q.ID})
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.CustomerView {
			view.Files = append(view.Files, f)
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.SendQuote(view))
}

// mailWords say who gets an email about a quote.
func mailWords(q quote.Quote) string {
	switch {
	case q.Archived:
		return "The customer is archived, so nobody gets an email."
	case q.ContactEmail == "":
		return q.MainContact + " has no email address, so nobody gets an email. Other contacts who may see all quotes find it in the portal."
	}
	return q.MainContact + " gets an email at " + q.ContactEmail + " that the quote is ready, with a link to it. Nobody else is told."
}

func (h Quotes) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, q quote.Quote, c officeview.Confirmation) error {
	c.Page = officeview.Page(v, c.Title, route.OfficeQuotes)
	c.BackURL, c.BackLabel = route.OfficeQuote(q.Number), q.Number
	c.Keys = []ui.Pair{{Name: "version", Value: strconv.FormatInt(q.Version, 10)}}
	return page.Render(w, r, http.StatusOK, officeview.Confirm(c))
}

// Send sends the newest version to the customer.
func (h Quotes) Send(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		ref, err := quote.Send(ctx, tx, v.Actor(), number, form.Version(r), v.Format.Today())
		if err != nil {
			return err
		}
		return h.Notify.QuoteSent(ctx, tx, ref.ID)
	})
	return h.done(w, r, v, err, number+" was sent.")
}

// AskWithdrawal asks before a quote is withdrawn.
func (h Quotes) AskWithdrawal(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := quote.Find(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !q.Status.May(quote.Withdrawn) {
		return h.show(w, r, v, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be withdrawn.", nil)
	}
	text := "The customer has never seen this quote and is not told."
	if q.SentVersion > 0 || q.FromPortal() {
		text = "The customer goes on seeing the quote in the portal, as Withdrawn, and can no longer accept it. Nobody gets an email."
	}
	return h.ask(w, r, v, q, officeview.Confirmation{
		Title: "Withdraw " + q.Number + "?", Text: text, Points: []string{"This cannot be undone. Write a new quote instead if the customer asks again."},
		Action: route.OfficeQuote(q.Number, "withdrawal"), Label: "Withdraw", Look: ui.Danger,
		Extra: ui.Textarea(ui.Field{Name: "why", Label: "Why", Hint: "For the office’s history of the quote. The customer does not read it.", Optional: true, Rows: 2, MaxLength: problem.MaxText}),
	})
}

// Withdraw ends a quote.
func (h Quotes) Withdraw(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		return quote.Withdraw(ctx, tx, v.Actor(), number, form.Version(r), form.Long(r, "why"))
	})
	return h.done(w, r, v, err, number+" was withdrawn.")
}

// AskRevision asks before a new version is begun.
func (h Quotes) AskRevision(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := quote.Find(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if q.SentVersion == 0 || !q.Status.May(quote.Draft) {
		return h.show(w, r, v, http.StatusConflict, "This quote is "+string(q.Status)+"; there is no sent version to begin a new one from.", nil)
	}
	return h.ask(w, r, v, q, officeview.Confirmation{
		Title:  "Make version " + strconv.Itoa(q.SentVersion+1) + " of " + q.Number + "?",
		Text:   "It begins as a copy of version " + strconv.Itoa(q.SentVersion) + " and is a draft until you send it.",
		Points: []string{"Until then the customer goes on reading version " + strconv.Itoa(q.SentVersion) + ". Nobody is told yet."},
		Action: route.OfficeQuote(q.Number, "revision"), Label: "New version", Look: ui.Primary,
	})
}

// Revise begins a new version.
func (h Quotes) Revise(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		return quote.Move(ctx, tx, v.Actor(), chi.URLParam(r, "number"), form.Version(r), quote.Draft)
	})
	return h.done(w, r, v, err, "A new version was begun. Change what is needed and send it.")
}

// done leads back to the quote, which says why something could not be done.
func (h Quotes) done(w http.ResponseWriter, r *http.Request, v staff.Viewer, err error, words string) error {
	if p, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, v, http.StatusUnprocessableEntity, "", p)
	}
	if errors.Is(err, apperr.Stale) {
		return h.show(w, r, v, http.StatusConflict, "Somebody else has changed this quote while you had it open. Nothing was done; this is how it is now.", nil)
	}
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return h.show(w, r, v, http.StatusConflict, c.Words, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.OfficeQuote(chi.URLParam(r, "number")))
}

// Version is a version of a quote as it was sent, and what was changed in it.
func (h Quotes) Version(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, version, before, err := h.version(r)
	if err != nil {
		return err
	}
	view := officeview.QuoteVersionPage{Page: officeview.Page(v, q.Number+" version "+strconv.Itoa(version.Number), route.OfficeQuotes), Quote: q, Version: version, Format: v.Format}
	if before != nil {
		view.Before, view.Changes = before.Number, version.Changed(*before, v.Format, q.Currency)
	}
	return page.Render(w, r, http.StatusOK, officeview.QuoteVersion(view))
}

// version is the one that the address names, and the one before it.
func (h Quotes) version(r *http.Request) (q quote.Quote, v quote.Version, before *quote.Version, err error) {
	ctx := r.Context()
	n, err := strconv.Atoi(chi.URLParam(r, "version"))
	if err != nil {
		return q, v, nil, apperr.NotFound
	}
	if q, err = quote.Find(ctx, h.Pool, chi.URLParam(r, "number")); err != nil {
		return q, v, nil, err
	}
	v, before, err = quote.FindVersion(ctx, h.Pool, q.ID, n)
	return q, v, before, err
}

// Signature is the drawn signature under the newest answer to a quote.
func (h Quotes) Signature(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	ctx := r.Context()
	q, err := quote.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	given, err := quote.Answered(ctx, h.Pool, q.ID)
	if err != nil {
		return err
	}
	if given == nil || given.Signature == "" {
		return apperr.NotFound
	}
	return download.Send(w, r, h.Store, download.File{Key: given.Signature, Name: "signature.png", Type: "image/png", Inline: true})
}
