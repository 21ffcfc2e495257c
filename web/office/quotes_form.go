package officeweb

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// quoteValidity is for how many days the price of a new quote holds, unless
// somebody says otherwise.
const quoteValidity = 30

// New is the form of a new quote; without a customer in the address it asks for
// one first, because sites and contacts are the customer's own. With ?copy= it
// begins as a copy of another quote.
func (h Quotes) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, from := form.Line(r.URL.Query().Get("customer")), form.Line(r.URL.Query().Get("copy"))
	if number == "" {
		view := officeview.Choosing{
			Page: officeview.Page(v, "New Quote", route.OfficeQuotes), Title: "New Quote", Action: route.OfficeNewQuote, BackURL: route.OfficeQuotes, BackLabel: "Quotes",
		}
		if from != "" {
			view.Title, view.Copy, view.BackURL, view.BackLabel = "Copy "+from, from, route.OfficeQuote(from), from
		}
		return choose(w, r, h.DB, view)
	}
	var (
		business company.Company
		copied   quote.Quote
		obvious  int64
		f        = quoteForm{QuoteForm: officeview.QuoteForm{CustomerNumber: number, Copy: from, Nonce: form.NewNonce()}}
	)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		company.Query(b, &business)
		customer.QueryByNumber(b, &f.customer, number)
		contact.QueryObvious(b, &obvious, number)
		if from != "" {
			quote.QueryByNumber(b, &copied, from)
		}
	})
	if err != nil {
		return err
	}
	f.Valid, f.Terms = v.Format.Today().AddDays(quoteValidity).String(), business.Terms
	// A site or contact of another customer is not among those offered.
	f.Site, f.MainContact = form.Asked(r, "site"), form.Asked(r, "contact")
	f.defaultContact = f.MainContact == 0
	if from != "" {
		f.copy(v.Format, copied)
	}
	if f.defaultContact {
		f.MainContact = obvious
	}
	return h.form(w, r, v, f, nil, http.StatusOK)
}

// quoteForm is the form of a quote together with what was read for it.
type quoteForm struct {
	officeview.QuoteForm
	customer       customer.Customer
	before         []quote.Line // whose taxes a line may carry, too
	defaultContact bool         // the main contact is the customer's, if there is an obvious one
}

// copy fills the form of a new quote from another one. Site, contact and people
// go along only for the same customer; dates, orders and answers never.
func (f *quoteForm) copy(format company.Format, q quote.Quote) {
	f.Copy, f.Name, f.Description, f.JobType = q.Number, q.Name, q.Description, q.JobTypeID
	f.Inclusions, f.Exclusions, f.Terms = q.Inclusions, q.Exclusions, cmp.Or(q.Terms, f.Terms)
	f.Lines, f.before = quote.TypedLines(format, q), q.Lines
	if q.CustomerID == f.customer.ID {
		f.Site, f.MainContact, f.Staff, f.defaultContact = q.SiteID, q.MainContactID, q.StaffIDs, false
	}
}

// Create records a quote of the office.
func (h Quotes) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	typed, problems := readQuote(r, v.Format)
	typed.Site, typed.NoSite = form.Site(r, problems)
	typed.CustomerNumber, typed.Nonce, typed.Copy = form.Text(r, "customer"), form.Nonce(r), form.Text(r, "copy")
	typed.Added = readAdded(r, problems)
	again := func(status int, problems problem.Set) error {
		f := quoteForm{QuoteForm: typed}
		var copied quote.Quote
		err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
			customer.QueryByNumber(b, &f.customer, typed.CustomerNumber)
			if typed.Copy != "" {
				quote.QueryByNumber(b, &copied, typed.Copy)
			}
		})
		if err != nil {
			return err
		}
		f.before = copied.Lines
		return h.form(w, r, v, f, problems, status)
	}
	if arrange(r, &typed) {
		return again(http.StatusOK, nil)
	}
	send := form.Check(r, "send")
	ref, told, err := h.Office.CreateQuote(ctx, v, office.NewQuote{
		Send: send, TypedQuote: office.TypedQuote{Details: typed.Details, Lines: typed.Lines, Problems: problems}, Customer: typed.CustomerNumber, Copy: typed.Copy, Nonce: typed.Nonce, With: typed.Added,
	})
	if p := asProblems(err); p != nil {
		return again(http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	words, warn := ref.Number+" was created. The customer sees it once you send it.", false
	if send {
		words, warn = officeview.ToldWords(ref.Number+" was created and sent.", ref.Number+" was created and is sent", "quote", told)
	}
	say(ctx, words, warn)
	return page.Redirect(w, r, route.OfficeQuote(ref.Number))
}

// Edit is the form of a quote.
func (h Quotes) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	var (
		q        quote.Quote
		business company.Company
	)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		quote.QueryByNumber(b, &q, chi.URLParam(r, "number"))
		company.Query(b, &business)
	})
	if err != nil {
		return err
	}
	if !q.Status.Editable() {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+" and cannot be edited as it is.", nil)
	}
	f := officeview.QuoteForm{
		Number: q.Number, Details: q.Details(), Preferred: q.PreferredOn.String(), Booking: typedBooking(v.Format, q.BookedFrom, q.BookedUntil),
		Valid: cmp.Or(q.ValidUntil.String(), v.Format.Today().AddDays(quoteValidity).String()), Lines: quote.TypedLines(v.Format, q), Version: q.Version,
	}
	if q.Status == quote.Requested {
		f.Terms = cmp.Or(f.Terms, business.Terms)
	}
	return h.form(w, r, v, formOf(f, q), nil, http.StatusOK)
}

// formOf is the form of a quote that there is.
func formOf(f officeview.QuoteForm, q quote.Quote) quoteForm {
	f.CustomerNumber, f.CustomerName, f.Status, f.Currency, f.PORequired, f.CustomerOnHold, f.QuoteID, f.Estimate = q.CustomerNumber, q.CustomerName, q.Status, q.Currency, q.PORequired, q.OnHold, q.ID, q.PriceEstimate
	return quoteForm{QuoteForm: f, customer: customer.Customer{ID: q.CustomerID}, before: q.Lines}
}

// Update saves a quote's details and lines together.
func (h Quotes) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	f, problems := readQuote(r, v.Format)
	f.Number, f.Version = number, form.Version(r)
	again := func(status int, problems problem.Set) error {
		q, err := h.find(r)
		if err != nil {
			return err
		}
		if f.EditConflict.Happened {
			f.Version = q.Version
		}
		return h.form(w, r, v, formOf(f, q), problems, status)
	}
	if arrange(r, &f) {
		return again(http.StatusOK, nil)
	}
	var (
		told  []notify.Telling
		err   error
		typed = office.TypedQuote{Details: f.Details, Lines: f.Lines, Problems: problems}
		send  = form.Check(r, "send")
	)
	if send {
		told, err = h.Office.EditAndSendQuote(ctx, v, number, f.Version, typed)
	} else {
		err = h.Office.EditQuote(ctx, v, number, f.Version, typed)
	}
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return again(http.StatusConflict, problem.Set{"": c.Words})
	}
	if p := asProblems(err); p != nil {
		return again(http.StatusUnprocessableEntity, p)
	}
	if errors.Is(err, apperr.Stale) {
		q, err := h.find(r)
		if err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "quote", q.ID, f.Version, quote.Fields); err != nil {
			return err
		}
		return again(http.StatusConflict, nil)
	}
	if err != nil {
		return err
	}
	words, warn := "Saved.", false
	if send {
		words, warn = officeview.ToldWords("Saved, and "+number+" was sent.", "Saved, and "+number+" is sent", "quote", told)
	}
	say(ctx, words, warn)
	return page.Redirect(w, r, route.OfficeQuote(number))
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

// toldOfForm is who is told of the quote in a form, but for the contacts.
func toldOfForm(f officeview.QuoteForm, back string) officeview.Told {
	told := officeview.Told{Thing: "quote", Customer: f.CustomerNumber, Back: route.OfficeNewQuote + "?customer=" + url.QueryEscape(f.CustomerNumber), Edit: "#" + quote.Field.MainContact.Name}
	if f.Number != "" {
		told = toldOfQuote(quote.Quote{Number: f.Number, CustomerNumber: f.CustomerNumber}, back)
	}
	told.When = "When you send it"
	return told
}

// form shows the form: as it is, with problems, or after an edit conflict.
// Empty lines to fill in stand at its end.
func (h Quotes) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f quoteForm, problems problem.Set, status int) error {
	title := "Edit " + f.Number
	if f.Number == "" {
		title = "New Quote"
		if f.customer.Archived() {
			return apperr.Conflictf("%s is archived. Restore the customer before writing quotes for it.", f.customer.Name)
		}
		f.CustomerName, f.CustomerOnHold, f.PORequired, f.Currency = f.customer.Name, f.customer.OnHold, f.customer.PurchaseOrderRequired, v.Format.Currency
	}
	f.Page, f.Problems, f.Format = officeview.Page(v, title, route.OfficeQuotes), problems, v.Format
	f.Told = toldOfForm(f.QuoteForm, r.URL.Path)
	var taxes []company.TaxRate
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		company.QueryTaxRates(b, &taxes)
		job.QueryChoices(b, &f.Types, f.JobType)
		site.QueryOf(b, &f.Sites, f.customer.ID, true)
		contact.QueryChoices(b, &f.Contacts, f.customer.ID)
		job.QueryAssignable(b, &f.People, f.Staff...)
		quote.QuerySavedLineChoices(b, &f.SavedLines, f.Currency)
		notify.QueryWouldTell(b, &f.Told.Tellings, notify.KindQuoteSent, notify.About{Quote: f.QuoteID, Customer: f.customer.ID, Draft: &notify.Draft{MainContact: f.MainContact, Site: f.Site}})
		if f.Number == "" {
			quote.QueryTemplateChoices(b, &f.Templates, f.Currency)
		}
	})
	if err != nil {
		return err
	}
	var standard string
	f.Rates, standard = quote.Rates(taxes, f.before)
	if wrong, err := h.insert(r.Context(), &f.QuoteForm, standard); err != nil {
		return err
	} else if len(wrong) > 0 {
		f.Problems, status = wrong, http.StatusUnprocessableEntity
	}
	f.Lines = spared(f.Lines, standard)
	return page.Render(w, r, status, officeview.EditQuote(f.QuoteForm))
}
