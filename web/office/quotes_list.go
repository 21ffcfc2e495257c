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
	"fieldgate/internal/exchange"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
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
	return h.list(w, r, v, "")
}

// list is the list of quotes: of the business, or as a tab of a customer.
func (h Quotes) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, of string) error {
	ctx := r.Context()
	view := officeview.QuotesList{Page: officeview.Page(v, "Quotes", route.OfficeQuotes), Listing: officeview.Listing{URL: route.OfficeQuotes}, Format: v.Format}
	q, f, filters := quoteQuery(r, v.Format.Today())
	if of != "" {
		f.Customer, filters["customer"] = of, ""
	}
	var (
		owner   customer.Customer
		matches quote.Matches
	)
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		quote.QueryMatches(b, &matches, q)
		job.QueryChoices(b, &view.Types, f.Type)
		job.QueryAssignable(b, &view.Staff, f.Assigned)
		if f.Customer != "" {
			customer.QueryByNumber(b, &owner, f.Customer)
			site.QueryOfNumber(b, &view.Sites, f.Customer)
		}
	})
	if err != nil {
		return err
	}
	view.Customer = owner.Name
	if of != "" {
		view.Of = new(customerHead(v, owner, "quotes"))
		view.Page, view.Listing = view.Of.Page, ofCustomer(*view.Of, "quotes")
	}
	if len(view.Sites) == 0 {
		f.Site, filters["site"] = 0, ""
	}
	err = postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		quote.QueryBoard(b, &view.Quotes, &view.Counts, q, f, matches)
		if view.Of != nil {
			queryCustomerHead(b, view.Of)
		}
	})
	if err != nil {
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
	return export.Records(w, r, "quotes", today, q,
		func(q list.Query) (list.Page[quote.Row], error) { return quote.List(r.Context(), h.DB, q, f) },
		[]export.Column[quote.Row]{
			{Head: "Number", Cell: func(q quote.Row) string { return q.Number }},
			{Head: quote.Field.Name.Label, Cell: func(q quote.Row) string { return q.Title() }},
			{Head: quote.Field.Status.Label, Cell: func(q quote.Row) string { return q.Shown(today).Label() }},
			{Head: "Answered", Cell: func(q quote.Row) string { return q.Answered.Label() }},
			{Head: "Customer number", Cell: func(q quote.Row) string { return q.CustomerNumber }},
			{Head: "Customer", Cell: func(q quote.Row) string { return q.CustomerName }},
			{Head: quote.Field.Site.Label, Cell: func(q quote.Row) string { return q.SiteName }},
			{Head: quote.Field.MainContact.Label, Cell: func(q quote.Row) string { return q.MainContact }},
			{Head: quote.Field.JobType.Label, Cell: func(q quote.Row) string { return q.Type }},
			{Head: "Currency", Cell: func(q quote.Row) string { return q.Currency }},
			{Head: quote.Field.PriceEstimate.Label, Cell: func(q quote.Row) string { return amount(q.PriceEstimate, q.Currency) }},
			{Head: quote.Field.Total.Label, Cell: func(q quote.Row) string { return amount(q.Total, q.Currency) }},
			{Head: quote.Field.ValidUntil.Label, Cell: func(q quote.Row) string { return q.ValidUntil.String() }},
			{Head: quote.Field.PurchaseOrder.Label, Cell: func(q quote.Row) string { return q.PurchaseOrder }},
			{Head: quote.Field.Staff.Label, Cell: func(q quote.Row) string { return strings.Join(q.Staff, ", ") }},
			{Head: "From", Cell: func(q quote.Row) string { return origin(q.Origin == "portal") }},
			{Head: "Created", Cell: func(q quote.Row) string { return v.Format.Local(q.CreatedAt).Format(time.DateOnly) }},
		}, export.Whole[quote.Row]{Kind: exchange.Quotes, DB: h.DB, Format: v.Format, ID: func(r quote.Row) int64 { return r.ID }})
}
