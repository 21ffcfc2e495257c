package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Quotes are the screens of quotes.
type Quotes struct {
	Pool   *pgxpool.Pool
	Notify *notify.Notifier
	Store  blob.Store
	Queue  *queue.Client
	Press  *pdf.Press
}

// quoteValidity is for how many days the price of a new quote holds, unless
// somebody says otherwise.
const quoteValidity = 30

// quoteQuery reads what the address of the list asks for.
func quoteQuery(r *http.Request, today day.Day) (list.Query, quote.Filter, map[string]string) {
	values := r.URL.Query()
	id := func(name string) int64 { n, _ := strconv.ParseInt(values.Get(name), 10, 64); return max(n, 0) }
	f := quote.Filter{
		Customer: form.Line(values.Get("customer")), Site: id("site"), Type: id("type"), Assigned: id("assigned"), Today: today,
		Expiring: values.Get("needs") == officeview.QuotesExpiring, Unpriced: values.Get("needs") == officeview.QuotesUnpriced,
		Portal: values.Get("from") == officeview.FromPortal, NewOnly: values.Get("from") == officeview.NewFromPortal || values.Get("new") == "1",
	}
	if s := quote.Status(values.Get("status")); slices.Contains(quote.Statuses, s) {
		f.Status = s
	}
	filters := map[string]string{"customer": f.Customer, "status": string(f.Status)}
	for name, id := range map[string]int64{"site": f.Site, "type": f.Type, "assigned": f.Assigned} {
		if id != 0 {
			filters[name] = strconv.FormatInt(id, 10)
		}
	}
	for value, on := range map[string]bool{officeview.QuotesExpiring: f.Expiring, officeview.QuotesUnpriced: f.Unpriced} {
		if on {
			filters["needs"] = value
		}
	}
	for value, on := range map[string]bool{officeview.FromPortal: f.Portal, officeview.NewFromPortal: f.NewOnly} {
		if on {
			filters["from"] = value
		}
	}
	return quote.Orders.Read(values), f, filters
}

// List is the list of quotes.
func (h Quotes) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, officeview.QuotesList{Page: officeview.Page(v, "Quotes", route.OfficeQuotes), Listing: officeview.Listing{URL: route.OfficeQuotes}})
}

// list is the list of quotes: of the business, or as a tab of a customer.
func (h Quotes) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.QuotesList) error {
	ctx := r.Context()
	view.Format = v.Format
	q, f, filters := quoteQuery(r, v.Format.Today(time.Now()))
	if view.Of != nil {
		f.Customer, filters["customer"] = view.Of.Customer.Number, ""
	}
	if f.Customer != "" {
		c, err := customer.ByNumber(ctx, h.Pool, f.Customer)
		if err != nil {
			return err
		}
		view.Customer = c.Name
		if view.Sites, err = site.Of(ctx, h.Pool, c.ID, true); err != nil {
			return err
		}
	}
	if len(view.Sites) == 0 {
		f.Site, filters["site"] = 0, ""
	}
	var err error
	if view.Quotes, view.Counts, err = quote.Board(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Types, err = job.Choices(ctx, h.Pool, f.Type); err != nil {
		return err
	}
	if view.Staff, err = job.Assignable(ctx, h.Pool, []int64{f.Assigned}); err != nil {
		return err
	}
	view.Filter = f
	view.Listing.Orders, view.Listing.Query, view.Listing.Filters = quote.Orders, q, filters
	return page.Render(w, r, http.StatusOK, officeview.Quotes(view))
}

// Export sends the quotes that the list is narrowed to as a file.
func (h Quotes) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	today := v.Format.Today(time.Now())
	q, f, _ := quoteQuery(r, today)
	amount := func(minor *int64, currency string) string {
		if minor == nil {
			return ""
		}
		return company.PlainMoney(*minor, currency)
	}
	return export.List(w, r, "quotes", today, q,
		func(q list.Query) (list.Page[quote.Row], error) { return quote.List(r.Context(), h.Pool, q, f) },
		[]export.Column[quote.Row]{
			{Head: "Number", Cell: func(q quote.Row) string { return q.Number }},
			{Head: "Name", Cell: func(q quote.Row) string { return q.Title() }},
			{Head: "Status", Cell: func(q quote.Row) string { return string(q.Shown(today)) }},
			{Head: "Customer number", Cell: func(q quote.Row) string { return q.CustomerNumber }},
			{Head: "Customer", Cell: func(q quote.Row) string { return q.CustomerName }},
			{Head: "Site", Cell: func(q quote.Row) string { return q.SiteName }},
			{Head: "Main contact", Cell: func(q quote.Row) string { return q.MainContact }},
			{Head: "Job type", Cell: func(q quote.Row) string { return q.Type }},
			{Head: "Currency", Cell: func(q quote.Row) string { return q.Currency }},
			{Head: "Price estimate", Cell: func(q quote.Row) string { return amount(q.PriceEstimate, q.Currency) }},
			{Head: "Total with tax", Cell: func(q quote.Row) string { return amount(q.Total, q.Currency) }},
			{Head: "Valid until", Cell: func(q quote.Row) string { return q.ValidUntil.String() }},
			{Head: "Purchase order", Cell: func(q quote.Row) string { return q.PurchaseOrder }},
			{Head: "Assigned", Cell: func(q quote.Row) string { return strings.Join(q.Staff, ", ") }},
			{Head: "From", Cell: func(q quote.Row) string { return origin(q.Origin == "portal") }},
			{Head: "Created", Cell: func(q quote.Row) string { return v.Format.Local(q.CreatedAt).Format(time.DateOnly) }},
		})
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

// New is the form of a new quote; without a customer in the address it asks for
// one first, because sites and contacts are the customer's own. With ?copy= it
// begins as a copy of another quote.
func (h Quotes) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	number, from := form.Line(r.URL.Query().Get("customer")), form.Line(r.URL.Query().Get("copy"))
	if number == "" {
		view := officeview.Choosing{
			Page: officeview.Page(v, "New Quote", route.OfficeQuotes), Title: "New Quote", Action: route.OfficeNewQuote, BackURL: route.OfficeQuotes, BackLabel: "Quotes",
		}
		if from != "" {
			view.Title, view.Copy, view.BackURL, view.BackLabel = "Copy "+from, from, route.OfficeQuote(from), from
		}
		return choose(w, r, h.Pool, view)
	}
	business, err := company.Read(ctx, h.Pool)
	if err != nil {
		return err
	}
	f := officeview.QuoteForm{CustomerNumber: number, Valid: v.Format.Today(time.Now()).AddDays(quoteValidity).String(), Nonce: form.NewNonce()}
	f.Terms = business.Terms
	c, err := customer.ByNumber(ctx, h.Pool, number)
	if err != nil {
		return err
	}
	contacts, err := contact.Choices(ctx, h.Pool, c.ID)
	if err != nil {
		return err
	}
	// A site or contact of another customer is not among those offered.
	f.Site, f.MainContact = form.Asked(r, "site"), form.Asked(r, "contact")
	if f.MainContact == 0 && len(contacts) > 0 && (contacts[0].Default || len(contacts) == 1) {
		f.MainContact = contacts[0].ID
	}
	if from != "" {
		if err := h.copied(ctx, &f, c, from); err != nil {
			return err
		}
	}
	return h.form(w, r, v, f, nil, http.StatusOK)
}

// copied fills the form of a new quote from another one. Site, contact and
// people go along only for the same customer; dates, orders and answers never.
func (h Quotes) copied(ctx context.Context, f *officeview.QuoteForm, c customer.Customer, from string) error {
	q, err := quote.Find(ctx, h.Pool, from)
	if err != nil {
		return err
	}
	f.Copy, f.Name, f.Description, f.JobType = q.Number, q.Name, q.Description, q.JobTypeID
	f.Inclusions, f.Exclusions, f.Terms = q.Inclusions, q.Exclusions, cmp.Or(q.Terms, f.Terms)
	f.Lines = typedLines(q)
	if q.CustomerID == c.ID {
		f.Site, f.MainContact, f.Staff = q.SiteID, q.MainContactID, q.StaffIDs
	}
	return nil
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
	f.CustomerNumber, f.Nonce, f.Copy = c.Number, form.Nonce(r), form.Text(r, "copy")
	if arrange(r, &f) {
		return h.form(w, r, v, f, nil, http.StatusOK)
	}
	before, err := h.taxesOf(ctx, f.Copy)
	if err != nil {
		return err
	}
	lines, err := h.lines(ctx, f, v.Format.Currency, before, problems)
	if err != nil {
		return err
	}
	var ref quote.Ref
	if err = problems.Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			ref, err = quote.Create(ctx, tx, v.Actor(), c.ID, v.Format.Currency, f.Nonce, f.Details, lines)
			if err != nil || f.Copy == "" {
				return err
			}
			return quote.Copied(ctx, tx, v.Actor(), f.Copy, ref.Number)
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
	if arrange(r, &f) {
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

// meanwhile tells what has changed on a quote since version.
func (h Quotes) meanwhile(ctx context.Context, v staff.Viewer, id, version int64) (officeview.Meanwhile, error) {
	return meanwhile(ctx, h.Pool, v.Format, "quote", id, version, quoteLabels)
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

// readLines are the rows as typed: lines, and the headings between them. A row
// whose fields were not sent at all ends them.
func readLines(r *http.Request) []quote.Typed {
	var typed []quote.Typed
	_ = r.PostFormValue("") // reads the form
	for i := range 2 * quote.MaxLines {
		name := func(field string) string { return "line-" + strconv.Itoa(i) + "-" + field }
		switch {
		case r.PostForm.Has(name("description")):
			typed = append(typed, quote.Typed{
				Description: form.Long(r, name("description")), Quantity: form.Text(r, name("quantity")),
				UnitPrice: form.Text(r, name("price")), Tax: form.Line(r.PostFormValue(name("tax"))),
			})
		case r.PostForm.Has(name("section")):
			typed = append(typed, quote.Typed{Heading: true, Section: form.Text(r, name("section"))})
		default:
			return typed
		}
	}
	return typed
}

// arrange does with the rows of the form what the button named arrange asks
// for, and reports whether one was pressed; then nothing is to be saved yet.
// "up-3", "down-3", "copy-3", "remove-3" and "move-3-7" name rows by their
// place; "line" and "section" add at the end.
func arrange(r *http.Request, f *officeview.QuoteForm) bool {
	do, rest, _ := strings.Cut(form.Text(r, "arrange"), "-")
	if do == "" {
		return false
	}
	first, second, _ := strings.Cut(rest, "-")
	at, err := strconv.Atoi(first)
	rows := f.Lines
	inside := err == nil && at >= 0 && at < len(rows)
	to := at
	switch do {
	case "line":
		rows = trimmed(rows)
		f.Focus = officeview.LineName(len(rows), "description")
	case "section":
		rows = append(trimmed(rows), quote.Typed{Heading: true})
		f.Focus = officeview.LineName(len(rows)-1, "section")
	case "up":
		to = at - 1
	case "down":
		to = at + 1
	case "move":
		to, err = strconv.Atoi(second)
		inside = inside && err == nil
	case "copy":
		if inside {
			rows = slices.Insert(rows, at+1, rows[at])
			f.Focus = officeview.LineName(at+1, "copy")
		}
	case "remove":
		if inside {
			rows = slices.Delete(rows, at, at+1)
			f.Focus = officeview.LineName(min(at, len(rows)-1), "remove")
		}
	}
	if inside && to != at && to >= 0 && to < len(rows) {
		row := rows[at]
		rows = slices.Insert(slices.Delete(rows, at, at+1), to, row)
		f.Focus = officeview.LineName(to, do)
	}
	f.Lines = rows
	return true
}

// trimmed are rows without the blank ones at their end.
func trimmed(rows []quote.Typed) []quote.Typed {
	for len(rows) > 0 && rows[len(rows)-1].Blank() {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// Totals are what the lines come to, while they are typed.
func (h Quotes) Totals(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f := officeview.QuoteForm{Lines: readLines(r), Currency: v.Format.Currency, Format: v.Format}
	from := form.Text(r, "copy")
	if number := chi.URLParam(r, "number"); number != "" {
		q, err := quote.Find(ctx, h.Pool, number)
		if err != nil {
			return err
		}
		f.Number, f.Currency, from = q.Number, q.Currency, q.Number
	}
	before, err := h.taxesOf(ctx, from)
	if err != nil {
		return err
	}
	if f.Rates, _, err = h.rates(ctx, before); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.QuoteTotals(f))
}

// taxesOf are the lines of a quote whose taxes a new line may carry, too; none
// without a number.
func (h Quotes) taxesOf(ctx context.Context, number string) ([]quote.Line, error) {
	if number == "" {
		return nil, nil
	}
	q, err := quote.Find(ctx, h.Pool, number)
	return q.Lines, err
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

// typedLines are a quote's lines as its form shows them, headings among them.
func typedLines(q quote.Quote) []quote.Typed {
	var typed []quote.Typed
	for i, part := range quote.Sections(q.Lines) {
		if part.Name != "" || i > 0 {
			typed = append(typed, quote.Typed{Heading: true, Section: part.Name})
		}
		for _, l := range part.Lines {
			typed = append(typed, quote.Typed{
				Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: company.PlainMoney(l.UnitPrice, q.Currency),
				Tax: quote.Rate{Name: l.TaxName, Percent: l.TaxPercent}.Key(),
			})
		}
	}
	return typed
}

// spareLines is how many empty lines a form ends in, so that there is
// something to type into without a press.
const spareLines = 3

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
	f.CustomerName, f.CustomerOnHold, f.PORequired = c.Name, c.OnHold, c.PurchaseOrderRequired
	if f.Copy != "" && before == nil {
		if before, err = h.taxesOf(ctx, f.Copy); err != nil {
			return err
		}
	}
	var standard string
	if f.Rates, standard, err = h.rates(ctx, before); err != nil {
		return err
	}
	spare := spareLines
	for i := len(f.Lines) - 1; i >= 0 && f.Lines[i].Blank() && !f.Lines[i].Heading; i-- {
		spare--
	}
	for range max(spare, 0) {
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
