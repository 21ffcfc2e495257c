package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Quotes are the screens of quotes.
type Quotes struct {
	Pool   *pgxpool.Pool
	Notify *notify.Notifier
}

// quoteValidity is for how many days the price of a new quote holds, unless
// somebody says otherwise.
const quoteValidity = 30

// List is the list of quotes.
func (h Quotes) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, values := r.Context(), r.URL.Query()
	q := quote.Orders.Read(values)
	f := quote.Filter{Customer: form.Line(values.Get("customer")), NewOnly: values.Get("new") == "1"}
	if s := quote.Status(values.Get("status")); slices.Contains(quote.Statuses, s) {
		f.Status = s
	}
	view := officeview.QuotesList{Page: officeview.Page(v, "Quotes", route.OfficeQuotes), Format: v.Format}
	var err error
	if view.Customer, err = nameOf(ctx, h.Pool, f.Customer); err != nil {
		return err
	}
	if f.Today, err = company.Today(ctx, h.Pool); err != nil {
		return err
	}
	if view.Quotes, err = quote.List(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Counts, err = quote.Tell(ctx, h.Pool, q, f); err != nil {
		return err
	}
	filters := map[string]string{"customer": f.Customer, "status": string(f.Status)}
	if f.NewOnly {
		filters["new"] = "1"
	}
	view.Filter, view.Listing = f, officeview.Listing{URL: route.OfficeQuotes, Orders: quote.Orders, Query: q, Filters: filters}
	return page.Render(w, r, http.StatusOK, officeview.Quotes(view))
}

// nameOf is what the customer of a list is called; "" for no number.
func nameOf(ctx context.Context, db postgres.DB, number string) (string, error) {
	if number == "" {
		return "", nil
	}
	c, err := customer.ByNumber(ctx, db, number)
	return cmp.Or(c.CompanyName, c.Name), err
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
	view = officeview.QuotePage{Page: officeview.Page(v, q.Number+" "+q.Title(), route.OfficeQuotes), Quote: q, Format: v.Format}
	if view.Today, err = company.Today(ctx, h.Pool); err != nil {
		return view, err
	}
	if view.Versions, err = quote.Versions(ctx, h.Pool, q.ID); err != nil {
		return view, err
	}
	if view.Jobs, err = quote.Jobs(ctx, h.Pool, q.ID); err != nil {
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

// New is the form of a new quote; without a customer in the address it asks for
// one first, because sites and contacts are the customer's own.
func (h Quotes) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	number := form.Line(r.URL.Query().Get("customer"))
	if number == "" {
		return choose(w, r, h.Pool, officeview.Choosing{
			Page: officeview.Page(v, "New Quote", route.OfficeQuotes), Title: "New Quote", Action: route.OfficeNewQuote, BackURL: route.OfficeQuotes, BackLabel: "Quotes",
		})
	}
	business, err := company.Read(ctx, h.Pool)
	if err != nil {
		return err
	}
	today, err := company.Today(ctx, h.Pool)
	if err != nil {
		return err
	}
	f := officeview.QuoteForm{CustomerNumber: number, Valid: today.AddDays(quoteValidity).String(), Nonce: form.NewNonce()}
	f.Terms = business.Terms
	c, err := customer.ByNumber(ctx, h.Pool, number)
	if err != nil {
		return err
	}
	contacts, err := contact.Choices(ctx, h.Pool, c.ID)
	if err != nil {
		return err
	}
	if len(contacts) > 0 && (contacts[0].Default || len(contacts) == 1) {
		f.MainContact = contacts[0].ID
	}
	return h.form(w, r, v, f, nil, http.StatusOK)
}

// choose asks for a customer, found by a search.
func choose(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool, view officeview.Choosing) error {
	q := customer.Orders.Read(url.Values{"q": r.URL.Query()["q"]})
	q.Size = 20
	customers, err := customer.List(r.Context(), pool, q, customer.Filter{})
	if err != nil {
		return err
	}
	view.Search, view.More = q.Search, customers.Next != ""
	for _, c := range customers.Rows {
		detail := c.Number
		for _, more := range []string{c.CompanyName, c.City} {
			if more != "" {
				detail += " · " + more
			}
		}
		view.Customers = append(view.Customers, officeview.ForCustomer{Number: c.Number, Name: c.Name, Detail: detail, OnHold: c.OnHold})
	}
	return page.Render(w, r, http.StatusOK, officeview.Choose(view))
}

// Create records a quote of the office.
func (h Quotes) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, form.Text(r, "customer"))
	if err != nil {
		return err
	}
	if c.Archived() {
		return fault.Refuse("%s is archived. Restore the customer before writing quotes for it.", c.Name)
	}
	f, problems := readQuote(r, v.Format)
	f.CustomerNumber, f.Nonce = c.Number, form.Nonce(r)
	if more(r) {
		f.Added = true
		return h.form(w, r, v, f, nil, http.StatusOK)
	}
	lines, err := h.lines(ctx, f, v.Format.Currency, nil, problems)
	if err != nil {
		return err
	}
	var ref quote.Ref
	if err = problems.Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			ref, err = quote.Create(ctx, tx, v.Actor(), c.ID, v.Format.Currency, f.Nonce, f.Details, lines)
			return err
		})
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, ref.Number+" was created. The customer sees it once you send it.")
	return page.See(w, r, route.OfficeQuote(ref.Number))
}

// Edit is the form of a quote.
func (h Quotes) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	q, err := quote.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !q.Status.Editable() {
		return h.show(w, r, v, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be edited as it is.", nil)
	}
	f := officeview.QuoteForm{
		Number: q.Number, Details: q.Details(), Preferred: q.PreferredOn.String(), Valid: q.ValidUntil.String(), Booking: typedBooking(v.Format, q.BookedFrom, q.BookedUntil),
		Lines: typedLines(q), Version: q.Version,
	}
	today, err := company.Today(ctx, h.Pool)
	if err != nil {
		return err
	}
	f.Valid = cmp.Or(f.Valid, today.AddDays(quoteValidity).String())
	if q.Status == quote.Requested {
		business, err := company.Read(ctx, h.Pool)
		if err != nil {
			return err
		}
		f.Terms = cmp.Or(f.Terms, business.Terms)
	}
	return h.form(w, r, v, f, nil, http.StatusOK)
}

// Update saves a quote's details and lines together.
func (h Quotes) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	q, err := quote.Find(ctx, h.Pool, number)
	if err != nil {
		return err
	}
	f, problems := readQuote(r, v.Format)
	f.Number, f.Version = number, form.Version(r)
	if more(r) {
		f.Added = true
		return h.form(w, r, v, f, nil, http.StatusOK)
	}
	lines, err := h.lines(ctx, f, q.Currency, q.Lines, problems)
	if err != nil {
		return err
	}
	if err = problems.Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
			return quote.Edit(ctx, tx, v.Actor(), number, f.Version, f.Details, lines)
		})
	}
	if c, ok := errors.AsType[fault.Conflict](err); ok {
		return h.form(w, r, v, f, problem.Set{"": c.Words}, http.StatusConflict)
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, fault.Stale) {
		if f.Meanwhile, err = h.meanwhile(ctx, v, q.ID, f.Version); err != nil {
			return err
		}
		f.Version = q.Version
		return h.form(w, r, v, f, nil, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.See(w, r, route.OfficeQuote(number))
}

// more reports whether the form was sent for more empty lines, not to be saved.
func more(r *http.Request) bool { return form.Text(r, "more") != "" }

// meanwhile tells what has changed on a quote since version.
func (h Quotes) meanwhile(ctx context.Context, v staff.Viewer, id, version int64) (officeview.Meanwhile, error) {
	m, err := meanwhile(ctx, h.Pool, v.Format, "quote", id, version, quoteLabels)
	return datesInWords(v.Format, m), err
}

// datesInWords writes the days and moments of a notice as people read them.
func datesInWords(f company.Format, m officeview.Meanwhile) officeview.Meanwhile {
	words := func(text string) string {
		if d, err := day.Parse(text); err == nil {
			return f.Day(d)
		}
		return momentWords(f, text)
	}
	for i, c := range m.Changes {
		m.Changes[i].Before, m.Changes[i].After = words(c.Before), words(c.After)
	}
	return m
}

// quoteLabels are the fields of the form, for the notice of an overtaken one.
var quoteLabels = []labelled{
	{"status", "Status"},
	{"name", "Name"},
	{"description", "Description"},
	{"price_estimate", "Price Estimate"},
	{"lines", "Lines"},
	{"site", "Site"},
	{"main_contact", "Main contact"},
	{"job_type", "Job type"},
	{"purchase_order", "Purchase order"},
	{"valid_until", "Valid until"},
	{"preferred_on", "Preferred date"},
	{"booked_from", "Date Booked"},
	{"booked_until", "End"},
	{"staff", "Assigned"},
	{"inclusions", "Inclusions"},
	{"exclusions", "Exclusions"},
	{"terms", "Terms and conditions"},
	{"internal_notes", "Internal notes"},
}

// readQuote reads the form of a quote, and what is wrong with its dates.
func readQuote(r *http.Request, format company.Format) (officeview.QuoteForm, problem.Set) {
	p := problem.Set{}
	f := officeview.QuoteForm{
		Details: quote.Details{
			Name: form.Text(r, "name"), Description: form.Long(r, "description"), Site: form.ID(r, "site"), MainContact: form.ID(r, "main_contact"), JobType: form.ID(r, "job_type"),
			PreferredOn: form.Day(r, "preferred_on", p), ValidUntil: form.Day(r, "valid_until", p), PurchaseOrder: form.Text(r, "purchase_order"),
			Inclusions: form.Long(r, "inclusions"), Exclusions: form.Long(r, "exclusions"), Terms: form.Long(r, "terms"), InternalNotes: form.Long(r, "internal_notes"),
			Staff: form.IDs(r, "staff"),
		},
		Preferred: form.Text(r, "preferred_on"), Valid: form.Text(r, "valid_until"), Booking: bookingTyped(r), Lines: readLines(r),
	}
	booking := readBooking(r, format, p)
	f.BookedFrom, f.BookedUntil = booking.From, booking.Until
	return f, p
}

// readLines are the lines as typed, without those left empty or ticked off. A
// row whose fields were not sent at all ends them.
func readLines(r *http.Request) []quote.Typed {
	var typed []quote.Typed
	for i := range 2 * quote.MaxLines {
		name := func(field string) string { return "line-" + strconv.Itoa(i) + "-" + field }
		if form.Text(r, name("description")); !r.PostForm.Has(name("description")) {
			break
		}
		t := quote.Typed{
			Section: form.Text(r, name("section")), Description: form.Long(r, name("description")), Quantity: form.Text(r, name("quantity")),
			UnitPrice: form.Text(r, name("price")), Tax: form.Line(r.PostFormValue(name("tax"))),
		}
		if !t.Blank() && !form.Check(r, name("remove")) {
			typed = append(typed, t)
		}
	}
	return typed
}

// lines reads what was typed; what is wrong with it, or with the details, is
// added to the problems. A line keeps the tax it had, even if the business no
// longer offers it.
func (h Quotes) lines(ctx context.Context, f officeview.QuoteForm, currency string, before []quote.Line, p problem.Set) ([]quote.Line, error) {
	rates, _, err := h.rates(ctx, before)
	if err != nil {
		return nil, err
	}
	lines, wrong := quote.Read(f.Lines, currency, rates)
	p.Join(wrong).Join(quote.Check(f.Details, lines))
	return lines, nil
}

// rates are the taxes a line can carry: those in use, and those on the quote
// already. New lines start with the standard one.
func (h Quotes) rates(ctx context.Context, lines []quote.Line) (rates []quote.Rate, standard string, err error) {
	all, err := company.TaxRates(ctx, h.Pool)
	if err != nil {
		return nil, "", err
	}
	add := func(rate quote.Rate) {
		if !slices.ContainsFunc(rates, func(r quote.Rate) bool { return r.Key() == rate.Key() }) {
			rates = append(rates, rate)
		}
	}
	for _, t := range all {
		if t.Active {
			add(quote.Rate{Name: t.Name, Percent: t.Percent})
		}
		if t.Standard {
			standard = rates[len(rates)-1].Key()
		}
	}
	if len(rates) == 0 {
		add(quote.Rate{Name: "No tax", Percent: decimal.Zero})
	}
	for _, l := range lines {
		add(quote.Rate{Name: l.TaxName, Percent: l.TaxPercent})
	}
	return rates, cmp.Or(standard, rates[0].Key()), nil
}

// typedLines are a quote's lines as its form shows them.
func typedLines(q quote.Quote) []quote.Typed {
	typed := make([]quote.Typed, len(q.Lines))
	for i, l := range q.Lines {
		typed[i] = quote.Typed{
			Section: l.Section, Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: company.PlainMoney(l.UnitPrice, q.Currency),
			Tax: quote.Rate{Name: l.TaxName, Percent: l.TaxPercent}.Key(),
		}
	}
	return typed
}

// form shows the form: as it is, with problems, or after it was overtaken.
// Empty lines to fill in stand at its end.
func (h Quotes) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.QuoteForm, problems problem.Set, status int) error {
	ctx := r.Context()
	title := "New Quote"
	f.Currency = v.Format.Currency
	var before []quote.Line
	if f.Number != "" {
		title = "Edit " + f.Number
		q, err := quote.Find(ctx, h.Pool, f.Number)
		if err != nil {
			return err
		}
		f.CustomerNumber, f.Status, f.Currency, before = q.CustomerNumber, q.Status, q.Currency, q.Lines
	}
	f.Page, f.Problems, f.Format = officeview.Page(v, title, route.OfficeQuotes), problems, v.Format
	c, err := customer.ByNumber(ctx, h.Pool, f.CustomerNumber)
	if err != nil {
		return err
	}
	if f.Number == "" && c.Archived() {
		return fault.Refuse("%s is archived. Restore the customer before writing quotes for it.", c.Name)
	}
	f.CustomerName, f.CustomerOnHold, f.PORequired = cmp.Or(c.CompanyName, c.Name), c.OnHold, c.PurchaseOrderRequired
	var standard string
	if f.Rates, standard, err = h.rates(ctx, before); err != nil {
		return err
	}
	for range officeview.SpareLines {
		f.Lines = append(f.Lines, quote.Typed{Quantity: "1", Tax: standard})
	}
	if f.Types, err = job.Choices(ctx, h.Pool, f.JobType); err != nil {
		return err
	}
	if f.Sites, err = site.Of(ctx, h.Pool, c.ID, true); err != nil {
		return err
	}
	if f.Contacts, err = contact.Choices(ctx, h.Pool, c.ID); err != nil {
		return err
	}
	if f.People, err = job.Assignable(ctx, h.Pool, f.Staff); err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.EditQuote(f))
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
	today, err := company.Today(ctx, h.Pool)
	if err != nil {
		return err
	}
	if p := q.Unready(today); len(p) > 0 {
		return h.show(w, r, v, http.StatusOK, "", p)
	}
	c := officeview.Confirmation{
		Title: "Send " + q.Number + " to the customer?", Text: mailWords(q), Action: route.OfficeQuote(q.Number, "sending"), Label: "Send to customer", Look: ui.Primary,
		Points: []string{
			"They read version " + strconv.Itoa(q.VersionNumber) + ": " + v.Format.Money(q.Total, q.Currency) + " with tax, valid until " + v.Format.Day(q.ValidUntil) + ".",
			"What was sent stays as it is. To change it later, make a new version.",
		},
	}
	if !q.ContactSees && q.ContactEmail != "" && !q.Archived {
		c.Points = append(c.Points, q.MainContact+" cannot read quotes in the portal yet. Give them access under the customer’s Contacts, or the email leads to a page they cannot open.")
	}
	return h.ask(w, r, v, q, c)
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
	today, err := company.Today(ctx, h.Pool)
	if err != nil {
		return err
	}
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		ref, err := quote.Send(ctx, tx, v.Actor(), number, form.Version(r), today)
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
	})
}

// Withdraw ends a quote.
func (h Quotes) Withdraw(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.move(w, r, v, quote.Withdrawn, chi.URLParam(r, "number")+" was withdrawn.")
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
	return h.move(w, r, v, quote.Draft, "A new version was begun. Change what is needed and send it.")
}

func (h Quotes) move(w http.ResponseWriter, r *http.Request, v staff.Viewer, to quote.Status, words string) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		return quote.Move(ctx, tx, v.Actor(), number, form.Version(r), to)
	})
	return h.done(w, r, v, err, words)
}

// done leads back to the quote, which says why something could not be done.
func (h Quotes) done(w http.ResponseWriter, r *http.Request, v staff.Viewer, err error, words string) error {
	if p, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, v, http.StatusUnprocessableEntity, "", p)
	}
	if errors.Is(err, fault.Stale) {
		return h.show(w, r, v, http.StatusConflict, "Somebody else has changed this quote while you had it open. Nothing was done; this is how it is now.", nil)
	}
	if c, ok := errors.AsType[fault.Conflict](err); ok {
		return h.show(w, r, v, http.StatusConflict, c.Words, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.See(w, r, route.OfficeQuote(chi.URLParam(r, "number")))
}
