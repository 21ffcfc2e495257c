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

	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
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

// Jobs are the screens of jobs themselves.
type Jobs struct{ Pool *pgxpool.Pool }

// List is the list of jobs.
func (h Jobs) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, values := r.Context(), r.URL.Query()
	q, f := job.Orders.Read(values), jobFilter(values)
	view := officeview.JobsList{Page: officeview.Page(v, "Jobs", route.OfficeJobs), Filter: f, Format: v.Format}
	if f.Customer != "" {
		c, err := customer.ByNumber(ctx, h.Pool, f.Customer)
		if err != nil {
			return err
		}
		view.Customer = cmp.Or(c.CompanyName, c.Name)
	}
	var err error
	if view.Jobs, err = job.List(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Counts, err = job.Tell(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Types, err = job.Choices(ctx, h.Pool, f.Type); err != nil {
		return err
	}
	if view.Staff, err = job.Assignable(ctx, h.Pool, []int64{f.Assigned}); err != nil {
		return err
	}
	view.Listing = officeview.Listing{URL: route.OfficeJobs, Orders: job.Orders, Query: q, Filters: filterValues(f)}
	return page.Render(w, r, http.StatusOK, officeview.Jobs(view))
}

// jobFilter reads a filter from the list's address; nonsense does not filter.
func jobFilter(values url.Values) job.Filter {
	f := job.Filter{Customer: form.Line(values.Get("customer")), Type: idIn(values.Get("type")), Assigned: idIn(values.Get("assigned"))}
	switch status := job.Status(values.Get("status")); {
	case status == officeview.OpenJobs:
		f.Open = true
	case status == officeview.ToSchedule:
		f.Undated = true
	case slices.Contains(job.Statuses, status):
		f.Status = status
	}
	switch values.Get("from") {
	case officeview.FromPortal:
		f.Portal = true
	case officeview.NewFromPortal:
		f.NotLooked = true
	}
	return f
}

// filterValues writes a filter as the list's address does.
func filterValues(f job.Filter) map[string]string {
	values := map[string]string{"customer": f.Customer, "status": string(f.Status), "type": idText(f.Type), "assigned": idText(f.Assigned)}
	switch {
	case f.Open:
		values["status"] = officeview.OpenJobs
	case f.Undated:
		values["status"] = officeview.ToSchedule
	}
	switch {
	case f.NotLooked:
		values["from"] = officeview.NewFromPortal
	case f.Portal:
		values["from"] = officeview.FromPortal
	}
	return values
}

func idIn(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// head is the top of a job's page. Opening any of them is looking at the job.
func (h Jobs) head(r *http.Request, v staff.Viewer, tab string) (officeview.JobHead, error) {
	ctx := r.Context()
	j, err := job.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return officeview.JobHead{}, err
	}
	if j.FromPortal && j.LookedAt == nil {
		err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return job.Look(ctx, tx, v.Actor(), j.ID) })
		if err != nil {
			return officeview.JobHead{}, err
		}
	}
	tally, err := job.Count(ctx, h.Pool, j.ID)
	if err != nil {
		return officeview.JobHead{}, err
	}
	return officeview.JobHead{
		Page: officeview.Page(v, j.Number+" "+j.Title(), route.OfficeJobs), Job: j, Tally: tally, Tab: tab, Administrator: v.Administers(), Format: v.Format,
		Booking: suggested(v.Format, j),
	}, nil
}

// suggested is what the form of a booking starts with: the booking there is,
// else the day the customer would like.
func suggested(f company.Format, j job.Job) officeview.Booking {
	if j.BookedFrom != nil {
		return typedBooking(f, j.BookedFrom, j.BookedUntil)
	}
	return officeview.Booking{On: j.PreferredOn.String(), Start: "08:00"}
}

// Show is the tab Details.
func (h Jobs) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, http.StatusOK, "")
}

func (h Jobs) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, notice string) error {
	head, err := h.head(r, v, "")
	if err != nil {
		return err
	}
	head.Notice = notice
	history, err := job.History(r.Context(), h.Pool, head.Job.ID)
	if err != nil {
		return err
	}
	s, err := settings.Read(r.Context(), h.Pool)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.Job(officeview.JobDetails{JobHead: head, History: history, AdminShown: !s.HideAdminDetails}))
}

// Booking is the page where a job gets its date, for browsers without script.
func (h Jobs) Booking(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := h.head(r, v, "")
	if err != nil {
		return err
	}
	if !head.Job.Status.May(job.Booked, v.Administers()) {
		return fault.Refuse("A job that is %s cannot be booked.", head.Job.Status.Label())
	}
	return page.Render(w, r, http.StatusOK, officeview.BookingPage(officeview.BookJob{JobHead: head}))
}

// Move takes a job along one of its ways.
func (h Jobs) Move(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number, to := r.Context(), chi.URLParam(r, "number"), job.Status(form.Text(r, "to"))
	var booking job.Booking
	problems := problem.Set{}
	if to == job.Booked {
		booking = readBooking(r, v.Format, problems)
	}
	err := problems.Err()
	if err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
			return job.Move(ctx, tx, v.Actor(), v.Administers(), number, form.Version(r), to, booking)
		})
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		head, err := h.head(r, v, "")
		if err != nil {
			return err
		}
		head.Booking = bookingTyped(r)
		return page.Render(w, r, http.StatusUnprocessableEntity, officeview.BookingPage(officeview.BookJob{JobHead: head, Problems: problems}))
	}
	if errors.Is(err, fault.Stale) {
		return h.show(w, r, v, http.StatusConflict, "Somebody else has changed this job while you had it open. This is how it is now.")
	}
	if c, ok := errors.AsType[fault.Conflict](err); ok {
		return h.show(w, r, v, http.StatusConflict, c.Words)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, number+" is "+to.Label()+" now.")
	return page.See(w, r, route.OfficeJob(number))
}

// The fields of a booking.
func bookingTyped(r *http.Request) officeview.Booking {
	return officeview.Booking{On: form.Text(r, "booked_on"), Start: form.Text(r, "booked_start"), End: form.Text(r, "booked_until"), Last: form.Text(r, "booked_last")}
}

// typedBooking is a booking as its fields show it.
func typedBooking(f company.Format, from, until *time.Time) (b officeview.Booking) {
	if from == nil {
		return b
	}
	start := f.Local(*from)
	b.On, b.Start = start.Format(day.ISO), start.Format(job.Clock)
	if until != nil {
		end := f.Local(*until)
		b.End = end.Format(job.Clock)
		if last := end.Format(day.ISO); last != b.On {
			b.Last = last
		}
	}
	return b
}

// readBooking reads the fields of a booking in the business's time zone. Left
// empty they are no booking.
func readBooking(r *http.Request, f company.Format, p problem.Set) (b job.Booking) {
	typed := bookingTyped(r)
	if typed == (officeview.Booking{}) {
		return b
	}
	on, last := form.Day(r, "booked_on", p), form.Day(r, "booked_last", p)
	p.Unless(!on.IsZero(), "booked_on", "Enter the date.")
	p.Unless(typed.Start != "", "booked_start", "Enter when it starts.")
	start, ok := clock(typed.Start)
	p.Unless(ok, "booked_start", "Enter a time, such as 08:30.")
	end, ok := clock(typed.End)
	p.Unless(ok, "booked_until", "Enter a time, such as 10:30.")
	if last.IsZero() {
		last = on
	}
	p.Unless(!last.Before(on), "booked_last", "The last day lies before the first.")
	p.Unless(last == on || typed.End != "", "booked_until", "Enter when it ends on the last day.")
	if len(p) > 0 {
		return b
	}
	from := at(on, start, f)
	b.From = &from
	if typed.End != "" {
		until := at(last, end, f)
		b.Until = &until
		p.Unless(!until.Before(from), "booked_until", "The end lies before the start.")
	}
	return b
}

// clock reads a time of day; empty is midnight.
func clock(typed string) (time.Time, bool) {
	if typed == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(job.Clock, typed)
	return t, err == nil
}

// at is a time of day on a day where the business is.
func at(d day.Day, clock time.Time, f company.Format) time.Time {
	midnight := d.Time(f.Local(time.Now()).Location())
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), clock.Hour(), clock.Minute(), 0, 0, midnight.Location())
}

// New is the form of a new job; without a customer in the address it asks for
// one first, because sites and contacts are the customer's own.
func (h Jobs) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := form.Line(r.URL.Query().Get("customer"))
	if number == "" {
		return h.chooseCustomer(w, r, v)
	}
	f := officeview.JobForm{CustomerNumber: number, Nonce: form.NewNonce()}
	f.Priority, f.Booking.Start = job.Normal, ""
	return h.form(w, r, v, f, nil)
}

func (h Jobs) chooseCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q := customer.Orders.Read(url.Values{"q": r.URL.Query()["q"]})
	customers, err := customer.List(r.Context(), h.Pool, q, customer.All)
	if err != nil {
		return err
	}
	view := officeview.ChooseCustomer{Page: officeview.Page(v, "New Job", route.OfficeJobs), Search: q.Search, More: customers.Next != ""}
	for _, c := range customers.Rows {
		detail := []string{c.Number}
		for _, more := range []string{c.CompanyName, c.City} {
			if more != "" {
				detail = append(detail, more)
			}
		}
		view.Customers = append(view.Customers, officeview.ForCustomer{Number: c.Number, Name: c.Name, Detail: strings.Join(detail, " · "), OnHold: c.OnHold})
	}
	return page.Render(w, r, http.StatusOK, officeview.NewJobFor(view))
}

// Create records a job.
func (h Jobs) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, problems := readJob(r, v.Format, true)
	f.CustomerNumber, f.Nonce = form.Text(r, "customer"), form.Nonce(r)
	c, err := customer.ByNumber(ctx, h.Pool, f.CustomerNumber)
	if err != nil {
		return err
	}
	if f.Details, err = job.Described(ctx, h.Pool, f.Details); err != nil {
		return err
	}
	var ref job.Ref
	if err = problems.Join(f.Details.Check()).Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			ref, err = job.Create(ctx, tx, v.Actor(), c.ID, f.Nonce, f.Details)
			return err
		})
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, ref.Number+" was created.")
	return page.See(w, r, route.OfficeJob(ref.Number))
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
			return job.Edit(ctx, tx, v.Actor(), number, f.Version, f.Details)
		})
	}
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, f, problems)
	}
	if errors.Is(err, fault.Stale) {
		if j, err = job.Find(ctx, h.Pool, number); err != nil {
			return err
		}
		if f.Meanwhile, err = h.meanwhile(ctx, v, j.ID, f.Version); err != nil {
			return err
		}
		f.Version = j.Version
		return h.form(w, r, v, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.See(w, r, route.OfficeJob(number))
}

// meanwhile tells what has changed on a job since version, moments as people
// read them.
func (h Jobs) meanwhile(ctx context.Context, v staff.Viewer, id, version int64) (officeview.Meanwhile, error) {
	m, err := meanwhile(ctx, h.Pool, v.Format, "job", id, version, jobLabels)
	for i, c := range m.Changes {
		m.Changes[i].Before, m.Changes[i].After = momentWords(v.Format, c.Before), momentWords(v.Format, c.After)
	}
	return m, err
}

func momentWords(f company.Format, text string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return f.Moment(&t)
	}
	return text
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
	if err != nil {
		return err
	}
	f.Page, f.Problems = officeview.Page(v, title, route.OfficeJobs), problems
	f.CustomerName, f.PORequired = cmp.Or(c.CompanyName, c.Name), c.PurchaseOrderRequired
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
