package officeweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

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
	q, f, filters := quoteQuery(r, v.Format.Today())
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
	today := v.Format.Today()
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
