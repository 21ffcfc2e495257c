package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/list"
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
	return h.list(w, r, v, officeview.EquipmentList{
		Page:    officeview.Page(v, "Equipment", route.OfficeEquipment),
		Listing: officeview.Listing{URL: route.OfficeEquipment},
	})
}

// list is the list of equipment: of the business, or as a tab of a customer.
func (h Equipment) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.EquipmentList) error {
	ctx := r.Context()
	q, f := equipmentQuery(r, v)
	if view.Of != nil {
		f.Customer = view.Of.Customer.Number
	}
	view.Format = v.Format
	var err error
	if err = h.narrowed(ctx, &f, &view); err != nil {
		return err
	}
	if view.Items, view.Counts, err = equipment.Board(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Types, err = equipment.Types(ctx, h.Pool); err != nil {
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

// narrowed completes a filter that names one customer: how it is called, and
// its sites, of which one may be chosen.
func (h Equipment) narrowed(ctx context.Context, f *equipment.Filter, view *officeview.EquipmentList) error {
	if f.Customer == "" {
		f.Site = 0
		return nil
	}
	one, err := customer.ByNumber(ctx, h.Pool, strings.ToUpper(f.Customer))
	if errors.Is(err, apperr.NotFound) { // words of a name
		f.Site = 0
		return nil
	}
	if err != nil {
		return err
	}
	f.Customer, view.CustomerName = one.Number, one.Name
	view.Sites, err = site.Of(ctx, h.Pool, one.ID, true)
	if !slices.ContainsFunc(view.Sites, func(s site.Site) bool { return s.ID == f.Site }) {
		f.Site = 0
	}
	return err
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
	var view officeview.EquipmentList
	if err := h.narrowed(ctx, &f, &view); err != nil {
		return err
	}
	type row = equipment.Item
	return export.List(w, r, "equipment", f.Today, q,
		func(q list.Query) (list.Page[row], error) { return equipment.List(ctx, h.Pool, q, f) },
		[]export.Column[row]{
			{Head: "Number", Cell: func(i row) string { return i.Number }},
			{Head: "Name", Cell: func(i row) string { return i.Name }},
			{Head: "Type", Cell: func(i row) string { return i.Type }},
			{Head: "Customer number", Cell: func(i row) string { return i.CustomerNumber }},
			{Head: "Customer", Cell: func(i row) string { return i.CustomerName }},
			{Head: "Site", Cell: func(i row) string { return i.SiteName }},
			{Head: "Site address", Cell: func(i row) string { return i.SiteAddress.String() }},
			{Head: "Location", Cell: func(i row) string { return i.Location }},
			{Head: "Make", Cell: func(i row) string { return i.Make }},
			{Head: "Model", Cell: func(i row) string { return i.Model }},
			{Head: "Serial number", Cell: func(i row) string { return i.SerialNumber }},
			{Head: "Installed", Cell: func(i row) string { return i.InstalledOn.String() }},
			{Head: "Commissioned", Cell: func(i row) string { return i.CommissionedOn.String() }},
			{Head: "Warranty until", Cell: func(i row) string { return i.WarrantyUntil.String() }},
			{Head: "Last service", Cell: func(i row) string { return i.LastServiceOn.String() }},
			{Head: "Next service due", Cell: func(i row) string { return i.NextServiceOn.String() }},
			{Head: "Status", Cell: func(i row) string { return string(i.Status) }},
			{Head: "Notes", Cell: func(i row) string { return i.Notes }},
		})
}
