package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
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
	cu, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.ContactForm{Nonce: form.NewNonce(), Give: !cu.Archived(), Mail: true}
	suggest(&f)
	return h.form(w, r, v, cu, f, nil)
}

// suggest fills in the usual rights.
func suggest(f *officeview.ContactForm) {
	f.Preset, f.Permissions = contact.Presets[0].Key, contact.Presets[0].Rights
	f.AllSites = true
}

// Create adds a contact, and gives access if asked to.
func (h Contacts) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	cu, err := customer.ByNumber(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := readContact(r)
	f.Access, f.Nonce = contact.NoAccess, form.Nonce(r)
	n := contact.New{Customer: cu.ID, Details: f.Details, Permissions: granted(f), Nonce: f.Nonce, Portal: f.Give}
	way, problems, err := h.way(ctx, r, v, f, n.Check())
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return h.form(w, r, v, cu, f, problems)
	}
	var (
		id    int64
		fresh bool
		pass  officeview.PassOn
	)
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		if id, fresh, err = contact.Create(ctx, tx, v.Actor(), n); err != nil || !fresh || !f.Give {
			return err
		}
		pass, err = h.let(ctx, tx, v.Actor(), id, way)
		return err
	})
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, cu, f, problems)
	}
	if err != nil {
		return err
	}
	if fresh && f.Give && !f.Mail {
		return h.passOn(w, r, v, cu, id, f.Details, pass)
	}
	words := f.Name + " was added."
	if f.Give && f.Mail {
		words = f.Name + " was added. The welcome email goes to " + f.Email + "."
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, contactURL(cu.Number, id))
}

// granted are the rights to store: without access a contact has none.
func granted(f officeview.ContactForm) contact.Permissions {
	if f.NewAccess() && !f.Give {
		return contact.Permissions{AllSites: true}
	}
	return f.Permissions
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
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.ContactForm{ID: c.ID, Details: c.Details, Permissions: c.Permissions, Preset: contact.PresetOf(c.Permissions), Version: c.Version, Access: c.Access, Mail: true}
	if c.Access == contact.NoAccess {
		suggest(&f)
		f.Give = r.URL.Query().Get("access") == "give"
	}
	return h.form(w, r, v, cu, f, nil)
}

// Update saves a contact, and gives access if asked to. Another email address
// gets an invitation of its own.
func (h Contacts) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	f := readContact(r)
	f.ID, f.Access, f.Version = c.ID, c.Access, form.Version(r)
	f.Give = f.Give && f.NewAccess()
	ch := contact.Change{Details: f.Details, Permissions: granted(f), Portal: f.Give}
	way, problems, err := h.way(ctx, r, v, f, ch.Check())
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return h.form(w, r, v, cu, f, problems)
	}
	var (
		pass officeview.PassOn
		done = "Saved."
	)
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		before, after, err := contact.Edit(ctx, tx, v.Actor(), cu.ID, c.ID, f.Version, ch)
		switch {
		case err != nil:
			return err
		case f.Give:
			pass, err = h.let(ctx, tx, v.Actor(), c.ID, way)
			if f.Mail {
				done = "Saved. The welcome email goes to " + f.Email + "."
			}
			return err
		}
		return h.follow(ctx, tx, v.Actor(), before, after, &done)
	})
	if problems := asProblems(err); problems != nil {
		return h.form(w, r, v, cu, f, problems)
	}
	if errors.Is(err, apperr.Stale) {
		if c, err = contact.ByID(ctx, h.Pool, cu.ID, c.ID); err != nil {
			return err
		}
		if f.Meanwhile, err = meanwhile(ctx, h.Pool, v.Format, "contact", c.ID, f.Version, contactLabels); err != nil {
			return err
		}
		f.Version, f.Access = c.Version, c.Access
		return h.form(w, r, v, cu, f, nil)
	}
	if err != nil {
		return err
	}
	if f.Give && !f.Mail {
		return h.passOn(w, r, v, cu, c.ID, f.Details, pass)
	}
	session.Flash(ctx, done)
	return page.Redirect(w, r, contactURL(cu.Number, c.ID))
}

// follow does what an edit of somebody with access entails.
func (h Contacts) follow(ctx context.Context, tx postgres.Tx, by audit.Actor, before, after contact.Contact, done *string) (err error) {
	var link int64
	if !strings.EqualFold(before.Email, after.Email) {
		if link, err = signin.AddressChanged(ctx, tx, by, after.ID); err != nil {
			return err
		}
		if link != 0 {
			*done = "Saved. " + after.Email + " gets an invitation of its own; access is back to Invited."
		}
	}
	return h.Notify.ContactEdited(ctx, tx, before, after, link)
}

var contactLabels = []labelled{
	{"name", "Contact Name"},
	{"email", "Email Address"},
	{"phone", "Phone"},
	{"mobile", "Mobile"},
	{"role", "Role"},
	{"default", "Default contact"},
	{"access", "Access to the portal"},
	{"jobs_see", "May see jobs"},
	{"jobs_edit", "Edit jobs"},
	{"jobs_create", "Create jobs"},
	{"quotes_see", "May see quotes"},
	{"quotes_edit", "Edit quotes"},
	{"quotes_create", "Create quotes"},
	{"quotes_accept", "Accept or decline quotes"},
	{"equipment_see", "May see equipment"},
	{"equipment_edit", "Edit equipment"},
	{"equipment_add", "Add equipment"},
	{"company_edit", "Edit company details and sites"},
	{"contacts_manage", "Manage the customer's other contacts"},
	{"all_sites", "All sites"},
	{"sites", "Selected sites"},
	{"notes", "Notes"},
}

func readContact(r *http.Request) officeview.ContactForm {
	f := officeview.ContactForm{
		Details: contact.Details{
			Name: form.Text(r, "name"), Email: form.Text(r, "email"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Role: form.Text(r, "role"),
			Default: form.Check(r, "default"), Notes: form.Long(r, "notes"),
		},
		Give: form.Text(r, "access") == "give", Set: form.Text(r, "password_choice") == "set", Mail: form.Check(r, "email_notification"),
	}
	f.Permissions, f.Preset = form.Rights(r)
	return f
}

// Words says what the permissions chosen in a form come to, while it is filled in.
func (h Contacts) Words(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	cu, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	sites, err := site.Of(r.Context(), h.Pool, cu.ID, true)
	if err != nil {
		return err
	}
	rights, _ := form.Rights(r)
	return page.Render(w, r, http.StatusOK, officeview.RightsWords(rights.Words(siteNames(sites, rights.Sites)), rights.Needs()))
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

func (h Contacts) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, cu customer.Customer, f officeview.ContactForm, problems problem.Set) error {
	title := "New contact"
	if f.ID != 0 {
		title = "Edit contact"
	}
	f.Page, f.Number, f.CustomerName, f.Problems = officeview.Page(v, title, route.OfficeCustomers), cu.Number, cu.Name, problems
	sites, err := site.Of(r.Context(), h.Pool, cu.ID, true)
	if err != nil {
		return err
	}
	for _, s := range sites { // archived ones stay to choose for whoever has them
		if !s.Archived() || slices.Contains(f.Permissions.Sites, s.ID) {
			f.Sites = append(f.Sites, s)
		}
	}
	return page.Render(w, r, formStatus(problems, f.Meanwhile), officeview.EditContact(f))
}
