package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

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
		return choose(w, r, h.Pool, officeview.Choosing{
			Page: officeview.Page(v, "Add Equipment", route.OfficeEquipment), Title: "Add Equipment", Action: route.OfficeNewEquipment, BackURL: route.OfficeEquipment, BackLabel: "Equipment",
		})
	}
	c, err := customer.ByNumber(r.Context(), h.Pool, number)
	if err != nil {
		return err
	}
	if c.Archived() {
		return apperr.Conflictf("%s is archived. Restore the customer before adding equipment.", c.Name)
	}
	f := officeview.EquipmentForm{CustomerNumber: c.Number, Nonce: form.NewNonce()}
	f.Site, _ = strconv.ParseInt(values.Get("site"), 10, 64) // one that is not theirs is not offered
	return h.form(w, r, v, f, nil)
}

// Choose shows the form again, as it was typed so far, with the sites of
// another customer. Nothing is saved.
func (h Equipment) Choose(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _ := readEquipment(r)
	f.CustomerNumber, f.Nonce = form.Text(r, "customer"), form.Nonce(r)
	_, err := h.meant(r.Context(), f.CustomerNumber)
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p)
	}
	if err != nil {
		return err
	}
	return h.form(w, r, v, f, nil)
}

// meant is the customer that a number, or words which fit one alone, name.
func (h Equipment) meant(ctx context.Context, typed string) (customer.Customer, error) {
	c, err := customer.ByNumber(ctx, h.Pool, strings.ToUpper(typed))
	if errors.Is(err, apperr.NotFound) {
		fit, errCalled := customer.Called(ctx, h.Pool, typed)
		if errCalled != nil {
			return c, errCalled
		}
		if len(fit) != 1 {
			return c, problem.Of("customer", "Choose a customer from the list, or enter its number.")
		}
		c, err = customer.ByID(ctx, h.Pool, fit[0])
	}
	if err == nil && c.Archived() {
		err = problem.Of("customer", c.Name+" is archived. Restore the customer first, or choose another one.")
	}
	return c, err
}

// Create adds an item.
func (h Equipment) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, problems := readEquipment(r)
	f.CustomerNumber, f.Nonce = form.Text(r, "customer"), form.Nonce(r)
	c, err := h.meant(ctx, f.CustomerNumber)
	if p := asProblems(err); p != nil {
		problems.Join(p)
	} else if err != nil {
		return err
	}
	var ref equipment.Ref
	if err = problems.Join(equipment.Check(f.Description, f.Service)).Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			ref, _, err = equipment.Add(ctx, tx, v.Actor(), equipment.New{Customer: c.ID, Description: f.Description, Service: f.Service, Nonce: f.Nonce})
			return err
		})
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was added as "+ref.Number+".")
	return page.Redirect(w, r, route.OfficeEquipmentItem(ref.Public))
}

// Edit is the form of an item.
func (h Equipment) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	item, err := equipment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	d, s := item.Description(), item.Service()
	return h.form(w, r, v, officeview.EquipmentForm{
		ID: item.PublicID, CustomerNumber: item.CustomerNumber, Description: d, Service: s, Version: item.Version,
		Installed: d.InstalledOn.String(), Commissioned: d.CommissionedOn.String(), Warranty: d.WarrantyUntil.String(), Last: s.LastServiceOn.String(), Next: s.NextServiceOn.String(),
	}, nil)
}

// Update saves an item.
func (h Equipment) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	item, err := equipment.Find(ctx, h.Pool, id)
	if err != nil {
		return err
	}
	f, problems := readEquipment(r)
	f.ID, f.CustomerNumber, f.Version = id, item.CustomerNumber, form.Version(r)
	problems.Join(equipment.Check(f.Description, f.Service)).Unless(f.Number != "", "number", "Enter a number.")
	if err = problems.Err(); err == nil {
		err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
			return equipment.Edit(ctx, tx, v.Actor(), id, f.Version, f.Description, f.Service)
		})
	}
	if p := asProblems(err); p != nil {
		return h.form(w, r, v, f, p)
	}
	if errors.Is(err, apperr.Stale) {
		if f.Meanwhile, err = h.meanwhile(ctx, v, item.ID, f.Version); err != nil {
			return err
		}
		f.Version = item.Version
		return h.form(w, r, v, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.OfficeEquipmentItem(id))
}

func (h Equipment) meanwhile(ctx context.Context, v staff.Viewer, id, version int64) (officeview.Meanwhile, error) {
	return meanwhile(ctx, h.Pool, v.Format, "equipment", id, version, equipmentLabels)
}

// equipmentLabels are the fields of the form, for the notice of an overtaken one.
var equipmentLabels = []labelled{
	{"status", "Status"},
	{"number", "Number"},
	{"name", "Name"},
	{"type", "Type"},
	{"site", "Site"},
	{"location", "Location"},
	{"make", "Make"},
	{"model", "Model"},
	{"serial_number", "Serial number"},
	{"installed_on", "Installed"},
	{"commissioned_on", "Commissioned"},
	{"warranty_until", "Warranty until"},
	{"last_service_on", "Last service"},
	{"next_service_on", "Next service due"},
	{"notes", "Notes"},
}

// readEquipment reads the form of an item, and what is wrong with its dates.
func readEquipment(r *http.Request) (officeview.EquipmentForm, problem.Set) {
	p := problem.Set{}
	return officeview.EquipmentForm{
		Description: equipment.Description{
			Name: form.Text(r, "name"), Type: form.Text(r, "type"), Site: form.ID(r, "site"), Location: form.Text(r, "location"),
			Make: form.Text(r, "make"), Model: form.Text(r, "model"), SerialNumber: form.Text(r, "serial_number"),
			InstalledOn: form.Day(r, "installed_on", p), CommissionedOn: form.Day(r, "commissioned_on", p), WarrantyUntil: form.Day(r, "warranty_until", p),
		},
		Service: equipment.Service{
			Number: form.Text(r, "number"), LastServiceOn: form.Day(r, "last_service_on", p), NextServiceOn: form.Day(r, "next_service_on", p), Notes: form.Long(r, "notes"),
		},
		Installed: form.Text(r, "installed_on"), Commissioned: form.Text(r, "commissioned_on"), Warranty: form.Text(r, "warranty_until"),
		Last: form.Text(r, "last_service_on"), Next: form.Text(r, "next_service_on"),
	}, p
}

// form shows the form: as it is, with problems, or after it was overtaken.
func (h Equipment) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.EquipmentForm, problems problem.Set) error {
	ctx := r.Context()
	title := "Edit " + f.Name
	if f.ID == "" {
		title = "Add Equipment"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.OfficeEquipment), problems
	switch c, err := h.meant(ctx, f.CustomerNumber); {
	case asProblems(err) != nil && f.ID == "": // no customer yet, and no sites
	case err != nil && asProblems(err) == nil:
		return err
	default:
		f.CustomerNumber, f.CustomerName = c.Number, c.Name
		if f.Sites, err = site.Of(ctx, h.Pool, c.ID, true); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(f.Sites, func(s site.Site) bool { return s.ID == f.Site }) {
		f.Site = 0
	}
	var err error
	if f.Types, err = equipment.Types(ctx, h.Pool); err != nil {
		return err
	}
	return page.Render(w, r, formStatus(problems, f.Meanwhile), officeview.EditEquipment(f))
}
