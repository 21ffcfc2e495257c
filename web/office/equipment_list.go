package officeweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/exchange"
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

// List is the list of equipment.
func (h Equipment) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, "")
}

// list is the list of equipment: of the business, or as a tab of the customer with a number.
func (h Equipment) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, of string) error {
	ctx := r.Context()
	q, f := equipmentQuery(r, v)
	if of != "" {
		f.Customer = of
	}
	view := officeview.EquipmentList{Page: officeview.Page(v, "Equipment", route.OfficeEquipment), Listing: officeview.Listing{URL: route.OfficeEquipment}, Format: v.Format}
	var (
		owner   customer.Customer
		matches equipment.Matches
	)
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		if of != "" {
			customer.QueryByNumber(b, &owner, of)
		}
		equipment.QueryMatches(b, &matches, q, f)
		if f.Customer != "" {
			site.QueryOfNumber(b, &view.Sites, strings.ToUpper(f.Customer))
		}
	})
	if err != nil {
		return err
	}
	if one := matches.Customer; one.ID != 0 {
		f.Customer, view.CustomerName = one.Number, one.Name
	}
	f.Site = amongSites(view.Sites, f.Site)
	if of != "" {
		view.Of = new(customerHead(v, owner, "equipment"))
		view.Page, view.Listing = view.Of.Page, ofCustomer(*view.Of, "equipment")
	}
	err = postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		equipment.QueryBoard(b, &view.Items, &view.Counts, q, f, matches)
		equipment.QueryTypes(b, &view.Types)
		if view.Of != nil {
			queryCustomerHead(b, view.Of)
		}
	})
	if err != nil {
		return err
	}
	view.Filter = f
	view.Listing.Orders, view.Listing.Query = equipment.Orders, q
	view.Listing.Filters = map[string]string{
		"show": string(f.Show), "type": f.Type, "site": idText(f.Site), "warranty": string(f.Warranty), "service": string(f.Planned),
	}
	if view.Of == nil {
		view.Listing.Filters["customer"] = f.Customer
	}
	if f.New {
		view.Listing.Filters["from"] = officeview.NewFromPortal
	}
	return page.Render(w, r, http.StatusOK, officeview.Equipment(view))
}

// amongSites is a site's id if it is one of these, else 0.
func amongSites(sites []site.Site, id int64) int64 {
	if slices.ContainsFunc(sites, func(s site.Site) bool { return s.ID == id }) {
		return id
	}
	return 0
}

// equipmentQuery reads what the list's address asks for.
func equipmentQuery(r *http.Request, v staff.Viewer) (list.Query, equipment.Filter) {
	values := r.URL.Query()
	f := equipment.Filter{Customer: form.Line(values.Get("customer")), Type: form.Line(values.Get("type")), Today: v.Format.Today()}
	f.New = values.Get("from") == officeview.NewFromPortal
	if id, err := strconv.ParseInt(values.Get("site"), 10, 64); err == nil && id > 0 {
		f.Site = id
	}
	if show := equipment.Show(values.Get("show")); slices.Contains(equipment.Shows, show) {
		f.Show = show
	}
	if w := equipment.Warranty(values.Get("warranty")); slices.Contains([]equipment.Warranty{equipment.Covered, equipment.Ending, equipment.Ended}, w) {
		f.Warranty = w
	}
	if p := equipment.Planned(values.Get("service")); slices.Contains([]equipment.Planned{equipment.IsOverdue, equipment.InMonth, equipment.InQuarter, equipment.NotPlanned}, p) {
		f.Planned = p
	}
	return equipment.Orders.Read(values), f
}

// Export is the list as a file, with all that is known of each item.
func (h Equipment) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	q, f := equipmentQuery(r, v)
	if f.Site != 0 {
		var sites []site.Site
		if err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) { site.QueryOfNumber(b, &sites, strings.ToUpper(f.Customer)) }); err != nil {
			return err
		}
		f.Site = amongSites(sites, f.Site)
	}
	type row = equipment.Item
	return export.Records(w, r, "equipment", f.Today, q,
		func(q list.Query) (list.Page[row], error) { return equipment.List(ctx, h.DB, q, f) },
		[]export.Column[row]{
			{Head: equipment.Field.Number.Label, Cell: func(i row) string { return i.Number }},
			{Head: equipment.Field.Name.Label, Cell: func(i row) string { return i.Name }},
			{Head: equipment.Field.Type.Label, Cell: func(i row) string { return i.Type }},
			{Head: "Customer number", Cell: func(i row) string { return i.CustomerNumber }},
			{Head: "Customer", Cell: func(i row) string { return i.CustomerName }},
			{Head: equipment.Field.Site.Label, Cell: func(i row) string { return i.SiteName }},
			{Head: "Site address", Cell: func(i row) string { return i.SiteAddress.String() }},
			{Head: equipment.Field.Location.Label, Cell: func(i row) string { return i.Location }},
			{Head: equipment.Field.Make.Label, Cell: func(i row) string { return i.Make }},
			{Head: equipment.Field.Model.Label, Cell: func(i row) string { return i.Model }},
			{Head: equipment.Field.SerialNumber.Label, Cell: func(i row) string { return i.SerialNumber }},
			{Head: equipment.Field.InstalledOn.Label, Cell: func(i row) string { return i.InstalledOn.String() }},
			{Head: equipment.Field.CommissionedOn.Label, Cell: func(i row) string { return i.CommissionedOn.String() }},
			{Head: equipment.Field.WarrantyUntil.Label, Cell: func(i row) string { return i.WarrantyUntil.String() }},
			{Head: equipment.Field.LastServiceOn.Label, Cell: func(i row) string { return i.LastServiceOn.String() }},
			{Head: equipment.Field.NextServiceOn.Label, Cell: func(i row) string { return i.NextServiceOn.String() }},
			{Head: equipment.Field.Status.Label, Cell: func(i row) string { return i.Status.Label() }},
			{Head: equipment.Field.Notes.Label, Cell: func(i row) string { return i.Notes }},
		}, export.Whole[row]{Kind: exchange.Equipment, DB: h.DB, Format: v.Format, ID: func(r row) int64 { return r.ID }})
}
