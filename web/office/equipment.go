package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/fault"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Equipment are the screens of customers' plant.
type Equipment struct{ Pool *pgxpool.Pool }

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
	if errors.Is(err, fault.NotFound) { // words of a name
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
	f := equipment.Filter{Customer: form.Line(values.Get("customer")), Type: form.Line(values.Get("type")), Today: v.Format.Today(time.Now())}
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
	text := func(head string, cell func(row) string) export.Column[row] {
		return export.Column[row]{Head: head, Cell: cell}
	}
	return export.List(w, r, "equipment", f.Today, q,
		func(q list.Query) (list.Page[row], error) { return equipment.List(ctx, h.Pool, q, f) },
		[]export.Column[row]{
			text("Number", func(i row) string { return i.Number }),
			text("Name", func(i row) string { return i.Name }),
			text("Type", func(i row) string { return i.Type }),
			text("Customer number", func(i row) string { return i.CustomerNumber }),
			text("Customer", func(i row) string { return i.CustomerName }),
			text("Site", func(i row) string { return i.SiteName }),
			text("Site address", func(i row) string { return i.SiteAddress.String() }),
			text("Location", func(i row) string { return i.Location }),
			text("Make", func(i row) string { return i.Make }),
			text("Model", func(i row) string { return i.Model }),
			text("Serial number", func(i row) string { return i.SerialNumber }),
			text("Installed", func(i row) string { return i.InstalledOn.String() }),
			text("Commissioned", func(i row) string { return i.CommissionedOn.String() }),
			text("Warranty until", func(i row) string { return i.WarrantyUntil.String() }),
			text("Last service", func(i row) string { return i.LastServiceOn.String() }),
			text("Next service due", func(i row) string { return i.NextServiceOn.String() }),
			text("Status", func(i row) string { return string(i.Status) }),
			text("Notes", func(i row) string { return i.Notes }),
		})
}

// head is the top of an item's page.
func (h Equipment) head(r *http.Request, v staff.Viewer, tab string) (officeview.EquipmentHead, error) {
	item, err := h.find(r)
	if err != nil {
		return officeview.EquipmentHead{}, err
	}
	tally, err := equipment.Count(r.Context(), h.Pool, item.ID)
	return officeview.EquipmentHead{
		Page: officeview.Page(v, item.Name, route.OfficeEquipment), Item: item, Tally: tally, Tab: tab, Today: v.Format.Today(time.Now()), Format: v.Format,
	}, err
}

// Show is the page of an item.
func (h Equipment) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := h.head(r, v, "details")
	if err != nil {
		return err
	}
	q := equipment.JobOrders.Read(nil)
	q.Size = 8
	jobs, err := equipment.Jobs(r.Context(), h.Pool, q, head.Item.ID)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.EquipmentItem(officeview.EquipmentPage{EquipmentHead: head, Jobs: jobs}))
}

// Jobs is the tab Jobs of an item.
func (h Equipment) Jobs(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := h.head(r, v, "jobs")
	if err != nil {
		return err
	}
	q := equipment.JobOrders.Read(r.URL.Query())
	jobs, err := equipment.Jobs(r.Context(), h.Pool, q, head.Item.ID)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.JobsOnEquipment(officeview.EquipmentJobs{
		EquipmentHead: head, Jobs: jobs,
		Listing: officeview.Listing{URL: route.OfficeEquipmentItem(head.Item.PublicID, "jobs"), Orders: equipment.JobOrders, Query: q},
	}))
}

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
		return fault.Refuse("%s is archived. Restore the customer before adding equipment.", c.Name)
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
	if errors.Is(err, fault.NotFound) {
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
