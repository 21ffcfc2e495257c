package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/keeper"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
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
	DB       postgres.DB
	Office   *office.Service
	Store    blob.Store
	Renderer *pdf.Renderer
}

// Show is the page of a quote.
func (h Quotes) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	return h.show(w, r, v, q, http.StatusOK, "", nil)
}

// find is the quote that the address names.
func (h Quotes) find(r *http.Request) (quote.Quote, error) {
	return quote.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
}

// head is the top of a quote's page and what stands on it, read together with
// what more asks for. Opening any page of a quote is looking at it.
func (h Quotes) head(r *http.Request, v staff.Viewer, q quote.Quote, tab string, more ...func(*postgres.Batch)) (view officeview.QuotePage, err error) {
	view = officeview.QuotePage{
		Page: officeview.Page(v, q.Number+" "+q.Title(), route.OfficeQuotes), Quote: q, Tab: tab, Format: v.Format, Today: v.Format.Today(),
	}
	looked := false
	if r.Method == http.MethodGet {
		if looked, err = h.Office.LookAtQuote(r.Context(), v, q); err != nil {
			return view, err
		}
	}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		if looked {
			quote.QueryByNumber(b, &view.Quote, q.Number)
		}
		quote.QueryVersions(b, &view.Versions, q.ID)
		quote.QueryHistory(b, &view.Events, q.ID)
		quote.QueryJobs(b, &view.Jobs, q.ID)
		message.QueryCount(b, &view.Messages, message.On{Customer: q.CustomerID, Quote: q.ID})
		attachment.QueryAll(b, &view.Files, filesOf(q))
		queryOrigin(b, v, &view.Origin, keeper.Quotes, q.ID)
		for _, query := range more {
			query(b)
		}
	})
	for _, version := range view.Versions {
		if version.Answer != nil {
			view.Answer = version.Answer
			break
		}
	}
	return view, err
}

func filesOf(q quote.Quote) attachment.On {
	return attachment.On{Customer: q.CustomerID, Quote: q.ID}
}

// show is the page of a quote, which may say why something was not done.
func (h Quotes) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, q quote.Quote, status int, notice string, problems problem.Set) error {
	var (
		emails []notify.Entry
		of     parties
	)
	view, err := h.head(r, v, q, "", of.query(q.CustomerNumber), func(b *postgres.Batch) { notify.QueryOfRecord(b, &emails, notify.Record{Quote: q.ID}) })
	if err != nil {
		return err
	}
	view.Unprintable = h.Renderer.Unprintable(documentOf(v, q, of, nil))
	view.Notice, view.Problems, view.Emails = notice, problems, emails
	return page.Render(w, r, status, officeview.Quote(view))
}

// AskSending says who gets what before a quote is sent. One that still lacks
// something is shown with what to do about it.
func (h Quotes) AskSending(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	if !q.Status.May(quote.Sent) {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be sent.", nil)
	}
	if p := q.Unready(v.Format.Today()); len(p) > 0 {
		return h.show(w, r, v, q, http.StatusOK, "", p)
	}
	view := officeview.QuoteSending{Page: officeview.Page(v, "Send "+q.Number, route.OfficeQuotes), Quote: q, Told: toldOfQuote(q, r.URL.Path), Format: v.Format}
	var of parties
	var files []attachment.File
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		attachment.QueryAll(b, &files, filesOf(q))
		of.query(q.CustomerNumber)(b)
		notify.QueryWouldTell(b, &view.Told.Tellings, notify.KindQuoteSent, notify.About{Quote: q.ID})
	})
	if err != nil {
		return err
	}
	view.Unprintable = h.Renderer.Unprintable(documentOf(v, q, of, nil))
	for _, f := range files {
		if f.CustomerView {
			view.Files = append(view.Files, f)
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.SendQuote(view))
}

func (h Quotes) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, q quote.Quote, c officeview.Confirmation) error {
	c.Page = officeview.Page(v, c.Title, route.OfficeQuotes)
	c.BackURL, c.BackLabel = route.OfficeQuote(q.Number), q.Number
	c.Keys = []ui.Pair{{Name: "version", Value: strconv.FormatInt(q.Version, 10)}}
	status := http.StatusOK
	if r.Method == http.MethodPost { // asked again
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.Confirm(c))
}

// Send sends the newest version to the customer.
func (h Quotes) Send(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	told, err := h.Office.SendQuote(r.Context(), v, number, form.Version(r))
	if err != nil {
		return h.done(w, r, v, err, "")
	}
	words, warn := officeview.ToldWords(number+" was sent.", number+" counts as sent", "quote", told)
	say(r.Context(), words, warn)
	return page.Redirect(w, r, route.OfficeQuote(number))
}

// AskWithdrawal asks before a quote is withdrawn.
func (h Quotes) AskWithdrawal(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.askWithdrawal(w, r, v, "", nil)
}

func (h Quotes) askWithdrawal(w http.ResponseWriter, r *http.Request, v staff.Viewer, why string, p problem.Set) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	if !q.Status.May(quote.Withdrawn) {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be withdrawn.", nil)
	}
	text := "The customer has never seen this quote and is not told."
	if q.SentVersion > 0 || q.FromPortal() {
		text = "The customer goes on seeing the quote in the portal, as Withdrawn, and can no longer accept it. Nobody gets an email."
	}
	return h.ask(w, r, v, q, officeview.Confirmation{
		Title: "Withdraw " + q.Number + "?", Text: text, Points: []string{"This cannot be undone. If the customer asks again, write a new quote."},
		Action: route.OfficeQuote(q.Number, "withdrawal"), Label: "Withdraw", Look: ui.Danger,
		Extra: ui.Textarea(ui.Field{Name: quote.Field.WithdrawnReason.Name, Label: quote.Field.WithdrawnReason.Label, Value: why, Problem: p[quote.Field.WithdrawnReason.Name], Hint: "For the quote’s history. The customer cannot read it.", Rows: 2, MaxLength: quote.Field.WithdrawnReason.Max}),
	})
}

// Withdraw ends a quote.
func (h Quotes) Withdraw(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	why := form.Long(r, quote.Field.WithdrawnReason.Name)
	err := h.Office.WithdrawQuote(r.Context(), v, number, form.Version(r), why)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.askWithdrawal(w, r, v, why, problems)
	}
	return h.done(w, r, v, err, number+" was withdrawn.")
}

// AskRevision asks before a new version is begun.
func (h Quotes) AskRevision(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	if q.SentVersion == 0 || !q.Status.May(quote.Draft) {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+"; there is no sent version to begin a new one from.", nil)
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
	err := h.Office.ReviseQuote(r.Context(), v, chi.URLParam(r, "number"), form.Version(r))
	return h.done(w, r, v, err, "This is the new version. Change what is needed, then send it.")
}

// done answers a deed: it leads back to the quote, which says why something
// could not be done.
func (h Quotes) done(w http.ResponseWriter, r *http.Request, v staff.Viewer, err error, words string) error {
	if err == nil {
		session.Flash(r.Context(), words)
		return page.Redirect(w, r, route.OfficeQuote(chi.URLParam(r, "number")))
	}
	status, notice := http.StatusConflict, ""
	problems, wrong := errors.AsType[problem.Set](err)
	conflict, refused := errors.AsType[apperr.Conflict](err)
	switch {
	case wrong:
		status = http.StatusUnprocessableEntity
	case errors.Is(err, apperr.Stale):
		notice = "Somebody else has changed this quote while you had it open. Nothing was done; this is how it is now."
	case refused:
		notice = conflict.Words
	default:
		return err
	}
	q, err := h.find(r)
	if err != nil {
		return err
	}
	return h.show(w, r, v, q, status, notice, problems)
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

// version is the one that the address names, and the one before it, read
// together with what more asks for.
func (h Quotes) version(r *http.Request, more ...func(*postgres.Batch, quote.Quote)) (q quote.Quote, v quote.Version, before *quote.Version, err error) {
	n, err := strconv.Atoi(chi.URLParam(r, "version"))
	if err != nil {
		return q, v, nil, apperr.NotFound
	}
	if q, err = h.find(r); err != nil {
		return q, v, nil, err
	}
	v, before, err = quote.FindVersion(r.Context(), h.DB, q.ID, n, func(b *postgres.Batch) {
		for _, query := range more {
			query(b, q)
		}
	})
	return q, v, before, err
}

// Signature is the drawn signature under the newest answer to a quote.
func (h Quotes) Signature(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	given, err := quote.FindAnswer(r.Context(), h.DB, q.ID)
	if err != nil {
		return err
	}
	if given == nil || given.Signature == "" {
		return apperr.NotFound
	}
	return download.Send(w, r, h.Store, download.File{Key: given.Signature, Name: "signature.png", Type: "image/png", Inline: true})
}
