package officeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/exchange"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// List is the list of jobs.
func (h Jobs) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, "")
}

// list is the list of jobs: of the business, or as a tab of the customer with a number.
func (h Jobs) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, of string) error {
	ctx, values := r.Context(), r.URL.Query()
	q, f := job.Orders.Read(values), jobFilter(values, v.Format)
	if of != "" {
		f.Customer = of
	}
	view := officeview.JobsList{Page: officeview.Page(v, "Jobs", route.OfficeJobs), Listing: officeview.Listing{URL: route.OfficeJobs}, Format: v.Format}
	var (
		owner   customer.Customer
		matches job.Matches
	)
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		if of != "" {
			customer.QueryByNumber(b, &owner, of)
		}
		job.QueryMatches(b, &matches, q, f)
		if f.Customer != "" {
			site.QueryOfNumber(b, &view.Sites, strings.ToUpper(f.Customer))
		}
	})
	if err != nil {
		return err
	}
	if one := matches.Customer; one.ID != 0 {
		f.Customer, view.Customer = one.Number, one.Name
	}
	if len(view.Sites) == 0 {
		f.Site = 0
	}
	if of != "" {
		view.Of = new(customerHead(v, owner, "jobs"))
		view.Page, view.Listing = view.Of.Page, ofCustomer(*view.Of, "jobs")
	}
	err = postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		job.QueryBoard(b, &view.Jobs, &view.Counts, q, f, matches)
		job.QueryChoices(b, &view.Types, f.Type)
		job.QueryAssignable(b, &view.Staff, f.Assigned)
		if view.Of != nil {
			queryCustomerHead(b, view.Of)
		}
	})
	if err != nil {
		return err
	}
	view.Filter = f
	view.Listing.Orders, view.Listing.Query, view.Listing.Filters = job.Orders, q, filterValues(f)
	if view.Of != nil {
		delete(view.Listing.Filters, "customer")
	}
	return page.Render(w, r, http.StatusOK, officeview.Jobs(view))
}

// Export sends the jobs that the list is narrowed to as a file.
func (h Jobs) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f := job.Orders.Read(r.URL.Query()), jobFilter(r.URL.Query(), v.Format)
	moment := func(t *time.Time) string { return export.Moment(v.Format, t) }
	return export.Records(w, r, "jobs", v.Format.Today(), q,
		func(q list.Query) (list.Page[job.Row], error) { return job.List(r.Context(), h.DB, q, f) },
		[]export.Column[job.Row]{
			{Head: "Number", Cell: func(j job.Row) string { return j.Number }},
			{Head: job.Field.Name.Label, Cell: func(j job.Row) string { return j.Title() }},
			{Head: job.Field.Type.Label, Cell: func(j job.Row) string { return j.TypeName }},
			{Head: job.Field.Status.Label, Cell: func(j job.Row) string { return j.Status.Label() }},
			{Head: job.Field.Priority.Label, Cell: func(j job.Row) string { return j.Priority.Label() }},
			{Head: "Customer number", Cell: func(j job.Row) string { return j.CustomerNumber }},
			{Head: "Customer", Cell: func(j job.Row) string { return j.CustomerName }},
			{Head: job.Field.Site.Label, Cell: func(j job.Row) string { return j.SiteName }},
			{Head: job.Field.PurchaseOrder.Label, Cell: func(j job.Row) string { return j.PurchaseOrder }},
			{Head: job.Field.PreferredOn.Label, Cell: func(j job.Row) string { return j.PreferredOn.String() }},
			{Head: job.Field.BookedFrom.Label, Cell: func(j job.Row) string { return moment(j.BookedFrom) }},
			{Head: job.Field.BookedUntil.Label, Cell: func(j job.Row) string { return moment(j.BookedUntil) }},
			{Head: job.Field.Staff.Label, Cell: func(j job.Row) string { return officeview.Names(j.Staff) }},
			{Head: job.Field.CompletedAt.Label, Cell: func(j job.Row) string { return moment(j.CompletedAt) }},
			{Head: "From", Cell: func(j job.Row) string { return origin(j.FromPortal) }},
			{Head: "Created", Cell: func(j job.Row) string { return moment(&j.CreatedAt) }},
		}, export.Whole[job.Row]{Kind: exchange.Jobs, DB: h.DB, Format: v.Format, ID: func(r job.Row) int64 { return r.ID }})
}

func origin(portal bool) string {
	if portal {
		return "Portal"
	}
	return "Office"
}

// Customers suggests customers for what is typed into a field.
func (h Jobs) Customers(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	q := customer.Orders.Read(url.Values{"q": r.URL.Query()["customer"]})
	q.Size = 8
	var fit []officeview.ForCustomer
	if q.Search != "" {
		customers, err := customer.List(r.Context(), h.DB, q, customer.Filter{})
		if err != nil {
			return err
		}
		for _, c := range customers.Rows {
			fit = append(fit, officeview.ForCustomer{Number: c.Number, Name: c.Name})
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.CustomersThatFit(fit))
}

// jobFilter reads a filter from the list's address; nonsense does not filter.
func jobFilter(values url.Values, format company.Format) job.Filter {
	f := job.Filter{
		Customer: form.Line(values.Get("customer")), Type: idIn(values.Get("type")), Site: idIn(values.Get("site")), Assigned: idIn(values.Get("assigned")),
		Since: dayIn(values.Get("since")), Until: dayIn(values.Get("until")), Zone: format.Zone(),
	}
	if values.Get("assigned") == officeview.AssignedToNobody {
		f.Assigned = job.Nobody
	}
	switch status := job.Status(values.Get("status")); {
	case status == officeview.OpenJobs:
		f.Open = true
	case status == officeview.ToSchedule:
		f.Undated = true
	case slices.Contains(job.Statuses, status):
		f.Status = status
	}
	if p := job.Priority(values.Get("priority")); slices.Contains(job.Priorities, p) {
		f.Priority = p
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
	values := map[string]string{
		"customer": f.Customer, "status": string(f.Status), "type": idText(f.Type), "site": idText(f.Site), "assigned": idText(f.Assigned),
		"since": f.Since.String(), "until": f.Until.String(), "priority": string(f.Priority),
	}
	if f.Assigned == job.Nobody {
		values["assigned"] = officeview.AssignedToNobody
	}
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

// dayIn reads a day from an address; nonsense is none.
func dayIn(text string) day.Day {
	d, err := day.Parse(text)
	if err != nil {
		return day.Day{}
	}
	return d
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
