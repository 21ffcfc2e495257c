package officeweb

import (
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
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
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
	ctx := r.Context()
	f := officeview.JobForm{Nonce: form.NewNonce()}
	f.Priority = job.Normal
	if copied := form.Line(r.URL.Query().Get("copy")); copied != "" {
		j, err := job.Find(ctx, h.Pool, copied)
		if err != nil {
			return err
		}
		f.CustomerNumber, f.Details = j.CustomerNumber, j.Details().Again()
		return h.form(w, r, v, f, nil)
	}
	f.CustomerNumber = form.Line(r.URL.Query().Get("customer"))
	if f.CustomerNumber == "" {
		return choose(w, r, h.Pool, officeview.Choosing{
			Page: officeview.Page(v, "New Job", route.OfficeJobs), Title: "New Job", Action: route.OfficeNewJob, BackURL: route.OfficeJobs, BackLabel: "Jobs",
		})
	}
	c, err := customer.ByNumber(ctx, h.Pool, f.CustomerNumber)
	if err != nil {
		return err
	}
	// A site or contact of another customer is not among those offered.
	f.Site, f.MainContact = form.Asked(r, "site"), form.Asked(r, "contact")
	if f.MainContact == 0 {
		if f.MainContact, err = h.defaultContact(ctx, c.ID); err != nil {
			return err
		}
	}
	if id := form.Line(r.URL.Query().Get("equipment")); id != "" {
		item, err := equipment.Find(ctx, h.Pool, id)
		if err != nil {
			return err
		}
		if item.CustomerID == c.ID {
			f.Equipment = []int64{item.ID}
		}
	}
	return h.form(w, r, v, f, nil)
}

// defaultContact is whom a customer's new jobs are for, 0 for nobody.
func (h Jobs) defaultContact(ctx context.Context, customer int64) (int64, error) {
	contacts, err := contact.Choices(ctx, h.Pool, customer)
	if err != nil || len(contacts) == 0 || !contacts[0].Default {
		return 0, err
	}
	return contacts[0].ID, nil
}

// Create records a job, or shows the form again when another customer or job
// type was chosen on it.
func (h Jobs) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, problems := readJob(r, v.Format, true)
	f.CustomerNumber, f.Nonce = form.Text(r, "customer"), form.Nonce(r)
	c, err := customer.ByNumber(ctx, h.Pool, strings.ToUpper(f.CustomerNumber))
	if errors.Is(err, apperr.NotFound) {
		problems.Add("customer", "Choose a customer by number or from the suggestions.")
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	f.CustomerNumber = c.Number
	if form.Check(r, "refresh") {
		return h.refresh(w, r, v, f, c)
	}
	if f.Details, err = job.Described(ctx, h.Pool, f.Details); err != nil {
		return err
	}
	var ref job.Ref
	if err = problems.Join(f.Details.Check()).Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			var created bool
			ref, created, err = job.Create(ctx, tx, v.Actor(), c.ID, f.Nonce, f.Details)
			if err != nil || !created || f.BookedFrom == nil {
				return err
			}
			return h.Notify.JobBooked(ctx, tx, ref.ID)
		})
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, problems)
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
	ctx := r.Context()
	types, err := job.Choices(ctx, h.Pool, f.Type)
	if err != nil {
		return err
	}
	chosen := slices.IndexFunc(types, func(t job.Choice) bool { return t.ID == f.Type })
	own := slices.ContainsFunc(types, func(t job.Choice) bool { return t.DefaultDescription == f.Description })
	if chosen >= 0 && (f.Description == "" || own) {
		f.Description = types[chosen].DefaultDescription
	}
	if before := form.Text(r, "customer_before"); before != c.Number {
		f.Site, f.Equipment = 0, nil
		if f.MainContact, err = h.defaultContact(ctx, c.ID); err != nil {
			return err
		}
	}
	return h.form(w, r, v, f, nil)
}

// Edit is the form of a job.
func (h Jobs) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	j, err := job.Find(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.JobForm{Number: j.Number, Details: j.Details(), Preferred: j.PreferredOn.String(), Booking: typedBooking(v.Format, j.BookedFrom, j.BookedUntil), Version: j.Version}
	return h.form(w, r, v, f, nil)
}

// Update saves a job.
func (h Jobs) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	j, err := job.Find(ctx, h.Pool, number)
	if err != nil {
		return err
	}
	f, problems := readJob(r, v.Format, j.Status.Scheduled())
	f.Number, f.Version = number, form.Version(r)
	if err = problems.Join(f.Details.Check()).Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
			rebooked, err := job.Edit(ctx, tx, v.Actor(), number, f.Version, f.Details)
			if err != nil || !rebooked {
				return err
			}
			return h.Notify.JobBooked(ctx, tx, j.ID)
		})
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, problems)
	}
	if errors.Is(err, apperr.Stale) {
		if j, err = job.Find(ctx, h.Pool, number); err != nil {
			return err
		}
		if f.Meanwhile, err = meanwhile(ctx, h.Pool, v.Format, "job", j.ID, f.Version, jobLabels); err != nil {
			return err
		}
		f.Version = j.Version
		return h.form(w, r, v, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.OfficeJob(number))
}

// jobLabels are the fields of the form, for the notice of an overtaken one.
var jobLabels = []labelled{
	{"status", "Status"},
	{"name", "Name"},
	{"type", "Job type"},
	{"description", "Description"},
	{"work_undertaken", "Work Undertaken"},
	{"site", "Site"},
	{"main_contact", "Main contact"},
	{"purchase_order", "Purchase order"},
	{"preferred_on", "Preferred date"},
	{"equipment", "Equipment worked on"},
	{"booked_from", "Date Booked"},
	{"booked_until", "End"},
	{"staff", "Assigned"},
	{"invoice_number", "Invoice number"},
	{"invoicing_note", "Invoicing note"},
	{"priority", "Priority"},
	{"internal_notes", "Internal notes"},
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
		Preferred: form.Text(r, "preferred_on"), Booking: bookingTyped(r),
	}
	if bookable {
		booking := readBooking(r, format, p)
		f.BookedFrom, f.BookedUntil = booking.From, booking.Until
	}
	return f, p
}

// form shows the form: as it is, with problems, or after it was overtaken.
func (h Jobs) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.JobForm, problems problem.Set) error {
	ctx := r.Context()
	title := "New Job"
	if f.Number != "" {
		title = "Edit " + f.Number
		j, err := job.Find(ctx, h.Pool, f.Number)
		if err != nil {
			return err
		}
		f.CustomerNumber, f.Status = j.CustomerNumber, j.Status
	}
	c, err := customer.ByNumber(ctx, h.Pool, f.CustomerNumber)
	if err != nil && (f.Number != "" || problems["customer"] == "") {
		return err
	}
	f.Page, f.Problems = officeview.Page(v, title, route.OfficeJobs), problems
	f.CustomerName, f.PORequired = c.Name, c.PurchaseOrderRequired
	f.CustomerOnHold = c.OnHold && f.Number == ""
	if f.Types, err = job.Choices(ctx, h.Pool, f.Type); err != nil {
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
	if f.Plant, err = job.Plant(ctx, h.Pool, c.ID, f.Equipment); err != nil {
		return err
	}
	s, err := settings.Read(ctx, h.Pool)
	if err != nil {
		return err
	}
	f.AdminShown = !s.HideAdminDetails
	return page.Render(w, r, formStatus(problems, f.Meanwhile), officeview.EditJob(f))
}
