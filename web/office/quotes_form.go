package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// quoteValidity is for how many days the price of a new quote holds, unless
// somebody says otherwise.
const quoteValidity = 30

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
	f := officeview.QuoteForm{CustomerNumber: number, Valid: v.Format.Today().AddDays(quoteValidity).String(), Nonce: form.NewNonce()}
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

// Create records a quote of the office.
func (h Quotes) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, form.Text(r, "customer"))
	if err != nil {
		return err
	}
	if c.Archived() {
		return apperr.Conflictf("%s is archived. Restore the customer before writing quotes for it.", c.Name)
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
	return page.Redirect(w, r, route.OfficeQuote(ref.Number))
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
	f.Valid = cmp.Or(f.Valid, v.Format.Today().AddDays(quoteValidity).String())
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
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return h.form(w, r, v, f, problem.Set{"": c.Words}, http.StatusConflict)
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, apperr.Stale) {
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
	return page.Redirect(w, r, route.OfficeQuote(number))
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
		return apperr.Conflictf("%s is archived. Restore the customer before writing quotes for it.", c.Name)
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
