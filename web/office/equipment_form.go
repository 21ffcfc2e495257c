package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
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

// New is the form of a new item; without a customer in the address it asks for
// one first.
func (h Equipment) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	values := r.URL.Query()
	number := form.Line(values.Get("customer"))
	if number == "" {
		return choose(w, r, h.DB, officeview.Choosing{
			Page: officeview.Page(v, "Add Equipment", route.OfficeEquipment), Title: "Add Equipment", Action: route.OfficeNewEquipment, BackURL: route.OfficeEquipment, BackLabel: "Equipment",
		})
	}
	c, err := customer.FindByNumber(r.Context(), h.DB, number)
	if err != nil {
		return err
	}
	if c.Archived() {
		return apperr.Conflictf("%s is archived. Restore the customer before adding equipment.", c.Name)
	}
	f := officeview.EquipmentForm{CustomerNumber: c.Number, CustomerName: c.Name, Nonce: form.NewNonce()}
	f.Site, _ = strconv.ParseInt(values.Get("site"), 10, 64) // one that is not theirs is not offered
	return h.form(w, r, v, f, c.ID, nil)
}

// Choose shows the form again, as it was typed so far, with the sites of
// another customer. Nothing is saved.
func (h Equipment) Choose(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _ := readEquipment(r)
	f.Nonce = form.Nonce(r)
	c, problems, err := h.named(r, &f)
	if err != nil {
		return err
	}
	return h.form(w, r, v, f, c.ID, problems)
}

// named is the customer that a number, or words which fit one alone, name on
// the form; without one it says what is wrong.
func (h Equipment) named(r *http.Request, f *officeview.EquipmentForm) (c customer.Customer, p problem.Set, err error) {
	f.CustomerNumber = form.Text(r, "customer")
	var named customer.Named
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { customer.QueryNamed(b, &named, f.CustomerNumber) })
	if err != nil {
		return c, nil, err
	}
	if len(named.IDs) != 1 {
		return c, problem.Set{"customer": "Choose a customer from the list, or enter its number."}, nil
	}
	if c, err = customer.Find(r.Context(), h.DB, named.IDs[0]); err != nil {
		return c, nil, err
	}
	if c.Archived() {
		return customer.Customer{}, problem.Set{"customer": c.Name + " is archived. Restore the customer first, or choose another one."}, nil
	}
	f.CustomerNumber, f.CustomerName = c.Number, c.Name
	return c, nil, nil
}

// Create adds an item.
func (h Equipment) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, problems := readEquipment(r)
	f.Site, f.NoSite = form.Site(r, problems)
	f.Nonce = form.Nonce(r)
	c, unnamed, err := h.named(r, &f)
	if err != nil {
		return err
	}
	var ref equipment.Ref
	if err = problems.Join(unnamed).Join(f.Details.Check()).Err(); err == nil {
		ref, err = h.Office.CreateEquipment(ctx, v, equipment.New{Customer: c.ID, Details: f.Details, Nonce: f.Nonce})
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, c.ID, p)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was added as "+ref.Number+".")
	return page.Redirect(w, r, route.OfficeEquipmentItem(ref.Public))
}

// Edit is the form of an item.
func (h Equipment) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	item, err := h.find(r)
	if err != nil {
		return err
	}
	d := item.Details()
	f := officeview.EquipmentForm{
		Details: d, Version: item.Version,
		Installed: d.InstalledOn.String(), Commissioned: d.CommissionedOn.String(), Warranty: d.WarrantyUntil.String(), Last: d.LastServiceOn.String(), Next: d.NextServiceOn.String(),
	}
	return h.editForm(w, r, v, f, item, nil)
}

// Update saves an item.
func (h Equipment) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	item, err := h.find(r)
	if err != nil {
		return err
	}
	f, problems := readEquipment(r)
	f.Version = form.Version(r)
	problems.Join(f.Details.Check()).Unless(f.Number != "", "number", "Enter a number.")
	if err = problems.Err(); err == nil {
		err = h.Office.EditEquipment(ctx, v, item.PublicID, f.Version, f.Details)
	}
	if p := asProblems(err); p != nil {
		return h.editForm(w, r, v, f, item, p)
	}
	if errors.Is(err, apperr.Stale) {
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "equipment", item.ID, f.Version, equipment.Fields); err != nil {
			return err
		}
		f.Version = item.Version
		return h.editForm(w, r, v, f, item, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.OfficeEquipmentItem(item.PublicID))
}

// readEquipment reads the form of an item, and what is wrong with its dates.
func readEquipment(r *http.Request) (officeview.EquipmentForm, problem.Set) {
	p := problem.Set{}
	return officeview.EquipmentForm{
		Details: equipment.Details{Description: equipment.Description{
			Name: form.Text(r, "name"), Type: form.Text(r, "type"), Site: form.ID(r, "site"), Location: form.Text(r, "location"),
			Make: form.Text(r, "make"), Model: form.Text(r, "model"), SerialNumber: form.Text(r, "serial_number"),
			InstalledOn: form.Day(r, "installed_on", p), CommissionedOn: form.Day(r, "commissioned_on", p), WarrantyUntil: form.Day(r, "warranty_until", p),
		}, Service: equipment.Service{
			Number: form.Text(r, "number"), LastServiceOn: form.Day(r, "last_service_on", p), NextServiceOn: form.Day(r, "next_service_on", p), Notes: form.Long(r, "notes"),
		}},
		Installed: form.Text(r, "installed_on"), Commissioned: form.Text(r, "commissioned_on"), Warranty: form.Text(r, "warranty_until"),
		Last: form.Text(r, "last_service_on"), Next: form.Text(r, "next_service_on"),
	}, p
}

// editForm shows the form of an item: as it is, with problems, or after an edit conflict.
func (h Equipment) editForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.EquipmentForm, item equipment.Item, problems problem.Set) error {
	f.ID, f.CustomerNumber, f.CustomerName = item.PublicID, item.CustomerNumber, item.CustomerName
	return h.form(w, r, v, f, item.CustomerID, problems)
}

// form shows the form with the sites of a customer, 0 for none yet.
func (h Equipment) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.EquipmentForm, customer int64, problems problem.Set) error {
	title := "Edit " + f.Name
	if f.ID == "" {
		title = "Add Equipment"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.OfficeEquipment), problems
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		site.QueryOf(b, &f.Sites, customer, true)
		equipment.QueryTypes(b, &f.Types)
	})
	if err != nil {
		return err
	}
	f.Site = amongSites(f.Sites, f.Site)
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditEquipment(f))
}
