package portalweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Quotes are the screens of quotes.
type Quotes struct {
	Reader *portal.Reader
	Portal *portal.Service
	Store  blob.Store // drawn signatures
}

// List shows the quotes a contact sees.
func (h Quotes) List(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	asked := r.URL.Query()
	q := portal.QuoteQuery{Query: portal.QuoteOrders.Read(asked), Site: askedID(r, "site"), Choose: choosesSite(r)}
	for _, s := range portal.QuoteStatuses {
		if asked.Get("status") == string(s) {
			q.Status = s
		}
	}
	quotes, err := h.Reader.Quotes(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Quotes(portalview.QuotesList{
		Viewer: v, Quotes: quotes, Query: q,
		Listing: portalview.Listing{
			URL: route.Quotes, Orders: portal.QuoteOrders, Query: q.Query,
			Filters: map[string]string{"status": string(q.Status), "site": idText(q.Site)},
		},
	}))
}

// askedID is an id in the address's question; 0 for none or nonsense.
func askedID(r *http.Request, name string) int64 {
	id, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// choosesSite tells whether somebody wants every site to choose from.
func choosesSite(r *http.Request) bool { return r.URL.Query().Get("sites") == "all" }

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// Show shows a quote.
func (h Quotes) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.show(w, r, v, http.StatusOK, nil, portalview.MessageForm{})
}

func (h Quotes) show(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p problem.Set, f portalview.MessageForm) error {
	q, err := h.Reader.Quote(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	read := 0
	if len(q.Conversation.New()) > 0 && !q.WaitsFor(v) { // one that waits for an answer goes on to
		read = 1
	}
	if err := opened(r.Context(), h.Portal, v, q.Conversation, &v.News.Quotes, read); err != nil {
		return err
	}
	if err := h.Portal.Saw(r.Context(), v, portal.Holder{Quote: q.Number}, q.Files); err != nil {
		return err
	}
	if f.Nonce == "" {
		f.Nonce = form.NewNonce()
	}
	p = notTaken(&v).Join(p)
	return page.Render(w, r, status, portalview.Quote(portalview.QuotePage{Viewer: v, Quote: q, Problems: p, Message: f, Today: v.Business.Format.Today()}))
}

// New shows the form for a new quote.
func (h Quotes) New(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	choices, err := h.Reader.QuoteChoices(r.Context(), v)
	if err != nil {
		return err
	}
	f := portalview.QuoteForm{Nonce: form.NewNonce()}
	if f.Site, err = offer(r.Context(), h.Reader, v, &choices.Places, askedID(r, "site")); err != nil {
		return err
	}
	return h.form(w, r, v, http.StatusOK, portalview.QuoteFormPage{Form: f, Choices: choices})
}

// Estimate says how an estimate is understood, while it is typed.
func (h Quotes) Estimate(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	words := portalview.Estimate(v.Business.Format, form.Text(r, "price_estimate"), form.Line(r.URL.Query().Get("currency")))
	return page.Render(w, r, http.StatusOK, ui.Reading(words))
}

// AskCreate answers whether a quote can be asked for.
func (h Quotes) AskCreate(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskQuote(r.Context(), v)
}

// Create asks for a quote. Files that are refused do not hold it up: it is
// asked for with the others, and the next page says which were not taken.
func (h Quotes) Create(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	f, p := typedQuote(r), problem.Set{}
	var err error
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, true, p); err != nil {
		return err
	}
	request := portal.NewQuote{
		Description: f.Description, PriceEstimate: estimate(v, f, v.Business.Format.Currency, p), Site: f.Site,
		PreferredOn: form.Day(r, "preferred_on", p), PurchaseOrder: f.PurchaseOrder, Nonce: f.Nonce, Files: sent.Files, Problems: p,
	}
	var number string
	if err = sent.Over; err == nil {
		number, err = h.Portal.CreateQuote(r.Context(), v, request)
	}
	if problems, status, ok := refusal(w, err); ok {
		choices, err := h.Reader.QuoteChoices(r.Context(), v)
		if err != nil {
			return err
		}
		filesAgain(r, problems, sent)
		return h.form(w, r, v, status, portalview.QuoteFormPage{Form: f, Choices: choices, Problems: problems})
	}
	if err != nil {
		return err
	}
	tell(r.Context(), "Thank you. We have your request "+number+" and will send you a price.", sent)
	return page.Redirect(w, r, route.Quote(number))
}

// Edit shows the form for a quote that may be edited; of any other its page says why not.
func (h Quotes) Edit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q, choices, err := h.Reader.QuoteForm(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if why := q.WhyNotEdit(v); why != "" {
		session.Warn(r.Context(), why)
		return page.Redirect(w, r, route.Quote(q.Number))
	}
	return h.form(w, r, v, http.StatusOK, portalview.QuoteFormPage{Form: savedQuote(v, q), Choices: choices, Currency: q.Currency})
}

func savedQuote(v portal.Viewer, q portal.Quote) portalview.QuoteForm {
	f := portalview.QuoteForm{Number: q.Number, Description: q.Description, Preferred: q.PreferredOn.String(), PurchaseOrder: q.PurchaseOrder, Version: q.Version}
	if q.SiteID != nil {
		f.Site = *q.SiteID
	}
	if q.PriceEstimate != nil {
		n := v.Business.Format.Amount(q.Currency)
		f.PriceEstimate = n.Write(n.Major(decimal.NewFromInt(*q.PriceEstimate)))
	}
	return f
}

// Save changes what was asked for.
func (h Quotes) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	f := typedQuote(r)
	f.Number = chi.URLParam(r, "number")
	q, choices, err := h.Reader.QuoteForm(r.Context(), v, f.Number)
	if err != nil {
		return err
	}
	p := problem.Set{}
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, false, p); err != nil {
		return err
	}
	edit := portal.QuoteEdit{
		Description: f.Description, PriceEstimate: estimate(v, f, q.Currency, p), Site: f.Site,
		PreferredOn: form.Day(r, "preferred_on", p), PurchaseOrder: f.PurchaseOrder, Version: f.Version,
	}
	if err = p.Err(); err == nil {
		err = h.Portal.EditQuote(r.Context(), v, f.Number, edit)
	}
	again := portalview.QuoteFormPage{Form: f, Choices: choices, Currency: q.Currency}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		again.Problems = problems
		return h.form(w, r, v, http.StatusUnprocessableEntity, again)
	}
	if errors.Is(err, apperr.Stale) {
		if q, again.Choices, err = h.Reader.QuoteForm(r.Context(), v, f.Number); err != nil {
			return err
		}
		again.Form.Version, again.EditConflict = q.Version, quoteConflict(v, f, q)
		return h.form(w, r, v, http.StatusConflict, again)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), sentOr(v, keeper.Quotes, "Saved."))
	return page.Redirect(w, r, route.Quote(f.Number))
}

func quoteConflict(v portal.Viewer, f portalview.QuoteForm, q portal.Quote) *portalview.EditConflict {
	o, saved := &portalview.EditConflict{Thing: "quote"}, savedQuote(v, q)
	o.Differ(quote.Field.Description.Label, f.Description, saved.Description)
	if typed := estimate(v, f, q.Currency, problem.Set{}); typed == nil || q.PriceEstimate == nil || *typed != *q.PriceEstimate {
		o.Differ(quote.Field.PriceEstimate.Label, f.PriceEstimate, saved.PriceEstimate)
	}
	if f.Site != saved.Site {
		o.Differ(quote.Field.Site.Label, "another", q.Site)
	}
	o.Differ(quote.Field.PreferredOn.Label, f.Preferred, saved.Preferred)
	o.Differ(quote.Field.PurchaseOrder.Label, f.PurchaseOrder, saved.PurchaseOrder)
	return o
}

// AskFiles answers whether files can be added to a quote.
func (h Quotes) AskFiles(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskQuoteFiles(r.Context(), v, chi.URLParam(r, "number"))
}

// AddFiles adds files to a quote.
func (h Quotes) AddFiles(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	number := chi.URLParam(r, "number")
	add := func(files []attachment.Incoming) error { return h.Portal.AddQuoteFiles(r.Context(), v, number, files) }
	return addFiles(w, r, sent, route.Quote(number), add, func(status int, p problem.Set) error {
		return h.show(w, r, v, status, p, portalview.MessageForm{})
	})
}

func typedQuote(r *http.Request) portalview.QuoteForm {
	return portalview.QuoteForm{
		Description: form.Long(r, "description"), PriceEstimate: form.Number(r, "price_estimate"),
		Preferred: form.Text(r, "preferred_on"), PurchaseOrder: form.Text(r, "purchase_order"), Version: form.Version(r), Nonce: form.Nonce(r),
	}
}

func estimate(v portal.Viewer, f portalview.QuoteForm, currency string, p problem.Set) *int64 {
	return quote.ParseAmount(v.Business.Format, f.PriceEstimate, currency, p, quote.Field.PriceEstimate.Name)
}

func (h Quotes) form(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, f portalview.QuoteFormPage) error {
	if err := h.Reader.Offer(r.Context(), v, &f.Choices.Places, f.Form.Site); err != nil {
		return err
	}
	f.Viewer, f.Today = v, v.Business.Format.Today()
	return page.Render(w, r, status, portalview.EditQuote(f))
}
