package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Equipment are the screens of customers' plant.
type Equipment struct{ Pool *pgxpool.Pool }

// List is the list of equipment.
func (h Equipment) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, values := r.Context(), r.URL.Query()
	q := equipment.Orders.Read(values)
	f := equipment.Filter{Customer: form.Line(values.Get("customer"))}
	if show := equipment.Show(values.Get("show")); slices.Contains(equipment.Shows, show) {
		f.Show = show
	}
	view := officeview.EquipmentList{Page: officeview.Page(v, "Equipment", route.OfficeEquipment), Format: v.Format}
	var err error
	if view.Customer, err = nameOf(ctx, h.Pool, f.Customer); err != nil {
		return err
	}
	if f.Today, err = company.Today(ctx, h.Pool); err != nil {
		return err
	}
	if view.Items, err = equipment.List(ctx, h.Pool, q, f); err != nil {
		return err
	}
	if view.Counts, err = equipment.Tell(ctx, h.Pool, q, f); err != nil {
		return err
	}
	view.Filter = f
	view.Listing = officeview.Listing{URL: route.OfficeEquipment, Orders: equipment.Orders, Query: q, Filters: map[string]string{"customer": f.Customer, "show": string(f.Show)}}
	return page.Render(w, r, http.StatusOK, officeview.Equipment(view))
}

// Show is the page of an item.
func (h Equipment) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	item, err := equipment.Find(ctx, h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	view := officeview.EquipmentPage{Page: officeview.Page(v, item.Name, route.OfficeEquipment), Item: item, Format: v.Format}
	if view.Today, err = company.Today(ctx, h.Pool); err != nil {
		return err
	}
	if view.Jobs, err = equipment.Jobs(ctx, h.Pool, item.ID); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.EquipmentItem(view))
}

// New is the form of a new item; without a customer in the address it asks for
// one first.
func (h Equipment) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := form.Line(r.URL.Query().Get("customer"))
	if number == "" {
		return choose(w, r, h.Pool, officeview.Choosing{
			Page: officeview.Page(v, "Add Equipment", route.OfficeEquipment), Title: "Add Equipment", Action: route.OfficeNewEquipment, BackURL: route.OfficeEquipment, BackLabel: "Equipment",
		})
	}
	return h.form(w, r, v, officeview.EquipmentForm{CustomerNumber: number, Nonce: form.NewNonce()}, nil)
}

// Create adds an item.
func (h Equipment) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, form.Text(r, "customer"))
	if err != nil {
		return err
	}
	f, problems := readEquipment(r)
	f.CustomerNumber, f.Nonce = c.Number, form.Nonce(r)
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
	return page.See(w, r, route.OfficeEquipmentItem(ref.Public))
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
	if errors.Is(err, fault.Stale) {
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
	return page.See(w, r, route.OfficeEquipmentItem(id))
}

func (h Equipment) meanwhile(ctx context.Context, v staff.Viewer, id, version int64) (officeview.Meanwhile, error) {
	m, err := meanwhile(ctx, h.Pool, v.Format, "equipment", id, version, equipmentLabels)
	return datesInWords(v.Format, m), err
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
	c, err := customer.ByNumber(ctx, h.Pool, f.CustomerNumber)
	if err != nil {
		return err
	}
	title := "Edit " + f.Name
	if f.ID == "" {
		title = "Add Equipment"
		if c.Archived() {
			return fault.Refuse("%s is archived. Restore the customer before adding equipment.", c.Name)
		}
	}
	f.Page, f.Problems, f.CustomerName = officeview.Page(v, title, route.OfficeEquipment), problems, cmp.Or(c.CompanyName, c.Name)
	if f.Sites, err = site.Of(ctx, h.Pool, c.ID, true); err != nil {
		return err
	}
	if f.Types, err = equipment.Types(ctx, h.Pool); err != nil {
		return err
	}
	return page.Render(w, r, formStatus(problems, f.Meanwhile), officeview.EditEquipment(f))
}

// AskRetirement asks before an item is retired.
func (h Equipment) AskRetirement(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeEquipment, h.find, func(i equipment.Item) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Retire " + i.Name + "?", Text: "It stays in the list as Retired, with its history, and is no longer due for service. Contacts see it as Retired and can no longer change it.",
			Points: []string{"You can bring it back into use at any time."},
			Action: route.OfficeEquipmentItem(i.PublicID, "retirement"), Label: "Retire", Look: ui.Danger,
			BackURL: route.OfficeEquipmentItem(i.PublicID), BackLabel: i.Name,
		}
	})
}

// AskRestoration asks before an item is brought back into use.
func (h Equipment) AskRestoration(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeEquipment, h.find, func(i equipment.Item) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Bring " + i.Name + " back into use?", Text: "It is In use again, and due for service on the day it had.",
			Action: route.OfficeEquipmentItem(i.PublicID, "restoration"), Label: "Back into use", Look: ui.Primary,
			BackURL: route.OfficeEquipmentItem(i.PublicID), BackLabel: i.Name,
		}
	})
}

func (h Equipment) find(r *http.Request) (equipment.Item, error) {
	return equipment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
}

// Retire takes an item out of use.
func (h Equipment) Retire(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.set(w, r, v, equipment.Retired, "It is retired now.")
}

// Restore brings an item back into use.
func (h Equipment) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.set(w, r, v, equipment.InUse, "It is in use again.")
}

func (h Equipment) set(w http.ResponseWriter, r *http.Request, v staff.Viewer, to equipment.Status, words string) error {
	id := chi.URLParam(r, "id")
	return do(w, r, h.Pool, words, route.OfficeEquipmentItem(id), func(tx postgres.Tx) error {
		return equipment.SetStatus(r.Context(), tx, v.Actor(), id, to)
	})
}
