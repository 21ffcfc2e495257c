package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// New is the form of a new job; without a customer in the address it asks for
// one first, because sites and contacts are the customer's own. The address may name
// the site, contact and equipment, too. With ?copy= it begins like the job of that
// number.
func (h Jobs) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, values := r.Context(), r.URL.Query()
	f := officeview.JobForm{Nonce: form.NewNonce()}
	f.Priority = job.Normal
	if copied := form.Line(values.Get("copy")); copied != "" {
		j, err := job.FindByNumber(ctx, h.DB, copied)
		if err != nil {
			return err
		}
		f.CustomerNumber, f.Details = j.CustomerNumber, j.Details().Again()
		f.CustomerName, f.CustomerOnHold, f.PORequired = j.CustomerName, j.CustomerOnHold, j.PORequired
		return h.form(w, r, v, f, j.CustomerID, nil)
	}
	number, onEquipment := form.Line(values.Get("customer")), form.Line(values.Get("equipment"))
	if number == "" {
		return choose(w, r, h.DB, officeview.Choosing{
			Page: officeview.Page(v, "New Job", route.OfficeJobs), Title: "New Job", Action: route.OfficeNewJob, BackURL: route.OfficeJobs, BackLabel: "Jobs",
		})
	}
	var (
		c        customer.Customer
		item     equipment.Item
		standard int64
	)
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		customer.QueryByNumber(b, &c, number)
		contact.QueryObvious(b, &standard, number)
		if onEquipment != "" {
			equipment.QueryByPublicID(b, &item, onEquipment)
		}
	})
	if err != nil {
		return err
	}
	forCustomer(&f, c)
	// A site or contact of another customer is not among those offered.
	f.Site, f.MainContact = form.Asked(r, "site"), cmp.Or(form.Asked(r, "contact"), standard)
	if item.CustomerID == c.ID {
		f.Equipment = []int64{item.ID}
	}
	return h.form(w, r, v, f, c.ID, nil)
}

// forCustomer makes the form of a new job one for a customer.
func forCustomer(f *officeview.JobForm, c customer.Customer) {
	f.CustomerNumber, f.CustomerName, f.CustomerOnHold, f.PORequired = c.Number, c.Name, c.OnHold, c.PurchaseOrderRequired
}

// Create records a job, or shows the form again when another customer or job
// type was chosen on it.
func (h Jobs) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, problems := readJob(r, v.Format, true)
	f.Site, f.NoSite = form.Site(r, problems)
	f.CustomerNumber, f.Nonce, f.Added = form.Text(r, "customer"), form.Nonce(r), readAdded(r, problems)
	c, err := customer.FindByNumber(ctx, h.DB, strings.ToUpper(f.CustomerNumber))
	if errors.Is(err, apperr.NotFound) {
		problems.Add("customer", "Choose a customer by number or from the suggestions.")
		return h.form(w, r, v, f, 0, problems)
	}
	if err != nil {
		return err
	}
	forCustomer(&f, c)
	if form.Check(r, "refresh") {
		return h.refresh(w, r, v, f, c)
	}
	n := job.New{Customer: c.ID, Details: f.Details, Nonce: f.Nonce}
	var ref job.Ref
	if err = problems.Join(n.Check()).Join(f.Added.Check()).Err(); err == nil {
		ref, err = h.Office.CreateJob(ctx, v, n, f.Added, visitChoice(r))
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, c.ID, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, ref.Number+" was created.")
	return page.Redirect(w, r, route.OfficeJob(ref.Number))
}

// refresh shows the form of a new job with what another customer or job type
// brings along; everything else that was typed stays.
func (h Jobs) refresh(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.JobForm, c customer.Customer) error {
	if form.Text(r, "customer_before") != c.Number {
		f.Site, f.NoSite, f.Equipment = 0, false, nil
		err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { contact.QueryObvious(b, &f.MainContact, c.Number) })
		if err != nil {
			return err
		}
	}
	if err := h.readChoices(r.Context(), v.Format, &f, c.ID); err != nil {
		return err
	}
	chosen := slices.IndexFunc(f.Types, func(t job.Choice) bool { return t.ID == f.Type })
	own := slices.ContainsFunc(f.Types, func(t job.Choice) bool { return t.DefaultDescription == f.Description })
	if chosen >= 0 && (f.Description == "" || own) {
		f.Description = f.Types[chosen].DefaultDescription
	}
	return h.render(w, r, v, f, nil)
}

// Edit is the form of a job.
func (h Jobs) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	j, err := job.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.JobForm{Details: j.Details(), Preferred: j.PreferredOn.String(), Booking: typedBooking(v.Format, j.BookedFrom, j.BookedUntil), Version: j.Version}
	ofJob(&f, j)
	return h.form(w, r, v, f, j.CustomerID, nil)
}

// ofJob makes a form the edit of a job.
func ofJob(f *officeview.JobForm, j job.Job) {
	f.Number, f.Status, f.CustomerNumber, f.CustomerName, f.PORequired = j.Number, j.Status, j.CustomerNumber, j.CustomerName, j.PORequired
}

// Update saves a job.
func (h Jobs) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	j, err := job.FindByNumber(ctx, h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f, problems := readJob(r, v.Format, j.Status.Scheduled())
	f.Version = form.Version(r)
	ofJob(&f, j)
	var told []notify.Telling
	if err = problems.Join(f.Details.Check()).Err(); err == nil {
		told, err = h.Office.EditJob(ctx, v, j.Number, f.Version, f.Details, visitChoice(r))
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, j.CustomerID, problems)
	}
	if errors.Is(err, apperr.Stale) {
		if j, err = job.FindByNumber(ctx, h.DB, j.Number); err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "job", j.ID, f.Version, job.Fields); err != nil {
			return err
		}
		ofJob(&f, j)
		f.Version = j.Version
		return h.form(w, r, v, f, j.CustomerID, nil)
	}
	if err != nil {
		return err
	}
	if told == nil {
		session.Flash(ctx, "Saved.")
	} else {
		sayOfVisit(r, "Saved", told)
	}
	return page.Redirect(w, r, route.OfficeJob(j.Number))
}

// readJob reads the form of a job, and what is wrong with its dates.
func readJob(r *http.Request, format company.Format, bookable bool) (officeview.JobForm, problem.Set) {
	p := problem.Set{}
	f := officeview.JobForm{
		Details: job.Details{
			Name: form.Text(r, "name"), Description: form.Long(r, "description"), Type: form.ID(r, "type"), Site: form.ID(r, "site"), MainContact: form.ID(r, "main_contact"),
			PurchaseOrder: form.Text(r, "purchase_order"), PreferredOn: form.Day(r, "preferred_on", p), Work: form.Long(r, "work_undertaken"),
			InvoiceNumber: form.Text(r, "invoice_number"), InvoicingNote: form.Long(r, "invoicing_note"), Priority: job.Priority(form.Text(r, "priority")),
			InternalNotes: form.Long(r, "internal_notes"), Staff: form.IDs(r, "staff"), Equipment: form.IDs(r, "equipment"),
		},
		Preferred: form.Text(r, "preferred_on"), Booking: bookingTyped(r), Choice: officeview.VisitChoice(visitChoice(r)),
	}
	if bookable {
		booking := readBooking(r, format, p)
		f.BookedFrom, f.BookedUntil = booking.From, booking.Until
	}
	return f, p
}

// readChoices reads what the form offers, and who would be told, in one round trip.
func (h Jobs) readChoices(ctx context.Context, format company.Format, f *officeview.JobForm, customer int64) error {
	var shown settings.Current
	on, err := day.Parse(f.Booking.On)
	if err != nil {
		on = day.Day{} // its field says so
	}
	err = postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		if !on.IsZero() {
			f.Day = format.WeekDay(on)
			job.QueryOccupied(b, &f.Occupied, on, format.Zone(), f.Number)
		}
		job.QueryChoices(b, &f.Types, f.Type)
		site.QueryOf(b, &f.Sites, customer, true)
		contact.QueryChoices(b, &f.Contacts, customer)
		job.QueryAssignable(b, &f.People, f.Staff...)
		job.QueryEquipment(b, &f.EquipmentChoices, customer, f.Equipment...)
		settings.Query(b, &shown)
		if customer != 0 {
			f.Told = officeview.Told{Thing: "job", Customer: f.CustomerNumber, Back: route.OfficeJobs}
			if f.Number != "" {
				f.Told.Back = route.OfficeJob(f.Number)
			}
			notify.QueryWouldTell(b, &f.Told.Tellings, notify.KindJobBooked, notify.About{Customer: customer, Draft: &notify.Draft{MainContact: f.MainContact, Site: f.Site}})
		}
	})
	f.AdminShown = !shown.HideAdminDetails
	return err
}

// form shows the form: as it is, with problems, or after an edit conflict.
func (h Jobs) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.JobForm, customer int64, problems problem.Set) error {
	if err := h.readChoices(r.Context(), v.Format, &f, customer); err != nil {
		return err
	}
	return h.render(w, r, v, f, problems)
}

func (h Jobs) render(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.JobForm, problems problem.Set) error {
	title := "New Job"
	if f.Number != "" {
		title = "Edit " + f.Number
	}
	f.Page, f.Format, f.Problems = officeview.Page(v, title, route.OfficeJobs), v.Format, problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditJob(f))
}
