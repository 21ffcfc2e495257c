package officeweb

import (
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/keeper"
	"fieldgate/internal/office"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// New is the form of a new contact, who gets access unless somebody says otherwise.
func (h Contacts) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	cu, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.ContactForm{Nonce: form.NewNonce(), Give: !cu.Archived(), Mail: true}
	suggest(&f)
	return h.form(w, r, v, formCustomer{cu.ID, cu.Number, cu.Name}, f, nil)
}

// suggest fills in the usual permissions.
func suggest(f *officeview.ContactForm) {
	f.Preset, f.Permissions = contact.Presets[0].Key, contact.Presets[0].Permissions
	f.AllSites = true
}

// Create adds a contact, and gives access if asked to.
func (h Contacts) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	f := readContact(r)
	f.Access, f.Nonce = contact.NoAccess, form.Nonce(r)
	n := contact.New{Details: f.Details, Permissions: f.Permissions, Nonce: f.Nonce}
	saved, created, err := h.Office.CreateContact(ctx, v, number, n, giveAccess(r, f))
	if problems := asProblems(err); problems != nil {
		cu, err := customer.FindByNumber(ctx, h.DB, number)
		if err != nil {
			return err
		}
		return h.form(w, r, v, formCustomer{cu.ID, cu.Number, cu.Name}, f, problems)
	}
	if err != nil {
		return err
	}
	if created && f.Give && !f.Mail {
		return h.passOn(w, r, v, number, saved.Contact, saved.PassOn)
	}
	words := f.Name + " was added."
	if f.Give && f.Mail {
		words = f.Name + " was added. The welcome email goes to " + f.Email + "."
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, contactURL(number, saved.ID))
}

// giveAccess is how access is given, nil when none is.
func giveAccess(r *http.Request, f officeview.ContactForm) *office.GiveAccess {
	if !f.Give {
		return nil
	}
	return &office.GiveAccess{Mail: f.Mail, SetPassword: f.Set, Password: form.Secret(r, "password")}
}

// asProblems also takes what the state of things forbids as a problem of the
// form, so that nothing typed is lost.
func asProblems(err error) problem.Set {
	if p, ok := errors.AsType[problem.Set](err); ok {
		return p
	}
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return problem.Set{"": c.Words}
	}
	return nil
}

// Edit is the form of a contact.
func (h Contacts) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.ContactForm{ID: c.ID, Details: c.Details, Permissions: c.Permissions, Preset: contact.PresetOf(c.Permissions), Version: c.Version, Access: c.Access, Mail: true}
	if c.Access == contact.NoAccess {
		suggest(&f)
		f.Give = r.URL.Query().Get("access") == "give"
	}
	return h.form(w, r, v, customerOf(c), f, nil)
}

// customerOf is what the form shows of a contact's customer.
func customerOf(c contact.Row) formCustomer {
	return formCustomer{c.CustomerID, c.CustomerNumber, c.CustomerName}
}

// Update saves a contact, and gives access if asked to. Another email address
// gets an invitation of its own.
func (h Contacts) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	f := readContact(r)
	f.ID, f.Version = id, form.Version(r)
	if v.Keepers.Keeps(keeper.Contacts).Elsewhere() { // the form shows them, and asks for permissions alone
		c, err := h.find(r)
		if err != nil {
			return err
		}
		f.Details = c.Details
	}
	saved, err := h.Office.EditContact(ctx, v, number, id, f.Version, contact.Change{Details: f.Details, Permissions: f.Permissions}, giveAccess(r, f))
	problems, stale := asProblems(err), errors.Is(err, apperr.Stale)
	switch {
	case problems != nil || stale:
		return h.editAgain(w, r, v, f, problems, stale)
	case err != nil:
		return err
	case saved.Given && !f.Mail:
		return h.passOn(w, r, v, number, saved.Contact, saved.PassOn)
	}
	words := "Saved."
	switch {
	case saved.Given:
		words = "Saved. The welcome email goes to " + f.Email + "."
	case saved.Invited:
		words = "Saved. " + saved.Email + " gets an invitation. The old address can no longer sign in."
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, contactURL(number, id))
}

// editAgain shows the form once more, with what is wrong or what somebody else
// has changed meanwhile.
func (h Contacts) editAgain(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.ContactForm, problems problem.Set, stale bool) error {
	c, err := h.find(r)
	if err != nil {
		return err
	}
	f.Access = c.Access
	f.Give = f.Give && f.NewAccess()
	if stale {
		if f.EditConflict, err = editConflict(r.Context(), h.DB, v.Format, "contact", c.ID, f.Version, contact.Fields); err != nil {
			return err
		}
		f.Version = c.Version
	}
	return h.form(w, r, v, customerOf(c), f, problems)
}

func readContact(r *http.Request) officeview.ContactForm {
	f := officeview.ContactForm{
		Details: contact.Details{
			Name: form.Text(r, "name"), Email: form.Text(r, "email"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Role: form.Text(r, "role"),
			Default: form.Check(r, "default"), Notes: form.Long(r, "notes"),
		},
		Give: form.Text(r, "access") == "give", Set: form.Text(r, "password_choice") == "set", Mail: form.Check(r, "email_notification"),
	}
	f.Permissions, f.Preset = form.Permissions(r)
	return f
}

// Words says what the permissions chosen in a form come to, while it is filled in.
func (h Contacts) Words(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	cu, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	sites, err := site.Of(r.Context(), h.DB, cu.ID, true)
	if err != nil {
		return err
	}
	p, _ := form.Permissions(r)
	return page.Render(w, r, http.StatusOK, officeview.PermissionWords(p.Words(siteNames(sites, p.Sites)), p.Needs()))
}

func siteNames(sites []site.Site, chosen []int64) []string {
	var names []string
	for _, s := range sites {
		if slices.Contains(chosen, s.ID) {
			names = append(names, s.Name)
		}
	}
	return names
}

// formCustomer is the customer whose contact a form is about.
type formCustomer struct {
	id           int64
	number, name string
}

func (h Contacts) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, cu formCustomer, f officeview.ContactForm, problems problem.Set) error {
	title := "New contact"
	if f.ID != 0 {
		title = "Edit contact"
	}
	if f.ID != 0 && v.Keepers.Keeps(keeper.Contacts).Elsewhere() {
		title = "Permissions"
	}
	f.Page, f.Number, f.CustomerName, f.Problems = officeview.Page(v, title, route.OfficeCustomers), cu.number, cu.name, problems
	sites, err := site.Of(r.Context(), h.DB, cu.id, true)
	if err != nil {
		return err
	}
	for _, s := range sites { // archived ones stay to choose for whoever has them
		if !s.Archived() || slices.Contains(f.Permissions.Sites, s.ID) {
			f.Sites = append(f.Sites, s)
		}
	}
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditContact(f))
}
