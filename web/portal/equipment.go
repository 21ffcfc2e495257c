package portalweb

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/equipment"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Equipment are the screens of equipment.
type Equipment struct {
	Reader *portal.Reader
	Portal *portal.Service
}

// List shows the equipment a contact sees.
func (h Equipment) List(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.EquipmentQuery{Query: portal.EquipmentOrders.Read(r.URL.Query()), Type: askedText(r, "type"), Site: askedID(r, "site"), Choose: choosesSite(r)}
	if show := portal.EquipmentShow(r.URL.Query().Get("show")); show == portal.EquipmentDue || show == portal.EquipmentRetired {
		q.Show = show
	}
	found, err := h.Reader.Equipment(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Equipment(portalview.EquipmentList{
		Viewer: v, Equipment: found, Query: q, Today: v.Business.Format.Today(),
		Listing: portalview.Listing{
			URL: route.Equipment, Orders: portal.EquipmentOrders, Query: q.Query,
			Filters: map[string]string{"show": string(q.Show), "type": q.Type, "site": idText(q.Site)},
		},
	}))
}

// Show shows a piece of equipment.
func (h Equipment) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.show(w, r, v, http.StatusOK, nil)
}

func (h Equipment) show(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p problem.Set) error {
	e, err := h.Reader.Item(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if err := h.Portal.Saw(r.Context(), v, portal.Holder{Equipment: e.PublicID}, e.Files); err != nil {
		return err
	}
	p = notTaken(&v).Join(p)
	return page.Render(w, r, status, portalview.Item(portalview.ItemPage{Viewer: v, Item: e, Problems: p, Today: v.Business.Format.Today()}))
}

// New shows the form for a new piece of equipment.
func (h Equipment) New(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	choices, err := h.Reader.ItemChoices(r.Context(), v)
	if err != nil {
		return err
	}
	f := portalview.ItemForm{Nonce: form.NewNonce()}
	if f.Site, err = offer(r.Context(), h.Reader, v, &choices.Places, askedID(r, "site")); err != nil {
		return err
	}
	return h.form(w, r, http.StatusOK, portalview.ItemFormPage{Viewer: v, Form: f, Choices: choices})
}

// AskCreate answers whether equipment can be added.
func (h Equipment) AskCreate(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskEquipment(r.Context(), v)
}

// Create adds a piece of equipment. Files that are refused do not hold it up:
// it is added with the others, and the next page says which were not taken.
func (h Equipment) Create(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	f, p := typedItem(r), problem.Set{}
	var err error
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, true, p); err != nil {
		return err
	}
	item := portal.NewEquipment{Description: describe(r, f, p), Nonce: f.Nonce, Files: sent.Files, Problems: p}
	var id string
	if err = sent.Over; err == nil {
		id, err = h.Portal.AddEquipment(r.Context(), v, item)
	}
	if problems, status, ok := refusal(w, err); ok {
		choices, err := h.Reader.ItemChoices(r.Context(), v)
		if err != nil {
			return err
		}
		filesAgain(r, problems, sent)
		return h.form(w, r, status, portalview.ItemFormPage{Viewer: v, Form: f, Choices: choices, Problems: problems})
	}
	if err != nil {
		return err
	}
	tell(r.Context(), f.Name+" was added.", sent)
	return page.Redirect(w, r, route.EquipmentItem(id))
}

// Edit shows the form for a piece of equipment in use; of a retired one its page says why not.
func (h Equipment) Edit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	e, choices, err := h.Reader.ItemForm(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if why := e.WhyNotEdit(v); why != "" {
		session.Warn(r.Context(), why)
		return page.Redirect(w, r, route.EquipmentItem(e.PublicID))
	}
	return h.form(w, r, http.StatusOK, portalview.ItemFormPage{Viewer: v, Form: savedItem(e), Choices: choices})
}

func savedItem(e portal.Item) portalview.ItemForm {
	d := e.Description()
	return portalview.ItemForm{
		ID: e.PublicID, Number: e.Number, Name: d.Name, Type: d.Type, SiteAnswer: portalview.SiteAnswer{Site: d.Site}, Location: d.Location, Make: d.Make, Model: d.Model, SerialNumber: d.SerialNumber,
		Installed: d.InstalledOn.String(), Commissioned: d.CommissionedOn.String(), WarrantyUntil: d.WarrantyUntil.String(), Version: e.Version,
	}
}

// Save changes what is known of a piece of equipment.
func (h Equipment) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	f, p := typedItem(r), problem.Set{}
	var err error
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, false, p); err != nil {
		return err
	}
	to := describe(r, f, p)
	if err = p.Err(); err == nil {
		err = h.Portal.EditEquipment(r.Context(), v, id, f.Version, to)
	}
	problems, refused := errors.AsType[problem.Set](err)
	stale := errors.Is(err, apperr.Stale)
	if err != nil && !refused && !stale {
		return err
	}
	if err == nil {
		session.Flash(r.Context(), sentOr(v, keeper.Equipment, "Saved."))
		return page.Redirect(w, r, route.EquipmentItem(id))
	}
	e, choices, err := h.Reader.ItemForm(r.Context(), v, id)
	if err != nil {
		return err
	}
	f.ID, f.Number = e.PublicID, e.Number
	again, status := portalview.ItemFormPage{Viewer: v, Choices: choices, Problems: problems}, http.StatusUnprocessableEntity
	if stale {
		again.EditConflict, status = equipmentConflict(f, e), http.StatusConflict
		f.Version = e.Version
	}
	again.Form = f
	return h.form(w, r, status, again)
}

func equipmentConflict(f portalview.ItemForm, e portal.Item) *portalview.EditConflict {
	o, saved := &portalview.EditConflict{Thing: "equipment"}, savedItem(e)
	o.Differ(equipment.Field.Name.Label, f.Name, saved.Name)
	o.Differ(equipment.Field.Type.Label, f.Type, saved.Type)
	if f.Site != saved.Site {
		o.Differ(equipment.Field.Site.Label, "another", e.Site)
	}
	o.Differ("Location on site", f.Location, saved.Location)
	o.Differ(equipment.Field.Make.Label, f.Make, saved.Make)
	o.Differ(equipment.Field.Model.Label, f.Model, saved.Model)
	o.Differ(equipment.Field.SerialNumber.Label, f.SerialNumber, saved.SerialNumber)
	o.Differ(equipment.Field.WarrantyUntil.Label, f.WarrantyUntil, saved.WarrantyUntil)
	o.Differ(equipment.Field.InstalledOn.Label, f.Installed, saved.Installed)
	o.Differ(equipment.Field.CommissionedOn.Label, f.Commissioned, saved.Commissioned)
	return o
}

// AskFiles answers whether files can be added to a piece of equipment.
func (h Equipment) AskFiles(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskEquipmentFiles(r.Context(), v, chi.URLParam(r, "id"))
}

// AddFiles adds files to a piece of equipment.
func (h Equipment) AddFiles(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	id := chi.URLParam(r, "id")
	add := func(files []attachment.Incoming) error { return h.Portal.AddEquipmentFiles(r.Context(), v, id, files) }
	return addFiles(w, r, sent, route.EquipmentItem(id), add, func(status int, p problem.Set) error { return h.show(w, r, v, status, p) })
}

func typedItem(r *http.Request) portalview.ItemForm {
	return portalview.ItemForm{
		Name: form.Text(r, "name"), Type: form.Text(r, "type"), Location: form.Text(r, "location"),
		Make: form.Text(r, "make"), Model: form.Text(r, "model"), SerialNumber: form.Text(r, "serial_number"),
		Installed: form.Text(r, "installed_on"), Commissioned: form.Text(r, "commissioned_on"), WarrantyUntil: form.Text(r, "warranty_until"),
		Version: form.Version(r), Nonce: form.Nonce(r),
	}
}

func describe(r *http.Request, f portalview.ItemForm, p problem.Set) equipment.Description {
	return equipment.Description{
		Name: f.Name, Type: f.Type, Site: f.Site, Location: f.Location, Make: f.Make, Model: f.Model, SerialNumber: f.SerialNumber,
		InstalledOn: form.Day(r, "installed_on", p), CommissionedOn: form.Day(r, "commissioned_on", p), WarrantyUntil: form.Day(r, "warranty_until", p),
	}
}

func (h Equipment) form(w http.ResponseWriter, r *http.Request, status int, f portalview.ItemFormPage) error {
	if err := h.Reader.Offer(r.Context(), f.Viewer, &f.Choices.Places, f.Form.Site); err != nil {
		return err
	}
	return page.Render(w, r, status, portalview.EditItem(f))
}
