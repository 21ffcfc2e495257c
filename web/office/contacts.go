package officeweb

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/fault"
	"fieldgate/internal/invite"
	"fieldgate/internal/notify"
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

// Contacts are the screens of a customer's contacts and of their access to the portal.
type Contacts struct {
	Pool    *pgxpool.Pool
	Notify  *notify.Notifier
	Hasher  *auth.Hasher
	BaseURL string // in front of links that are passed on by hand
}

// List is the tab Contacts.
func (h Contacts) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "contacts")
	if err != nil {
		return err
	}
	filters, archived := archivedFilter(r)
	q := contact.Orders.Read(r.URL.Query())
	contacts, err := contact.List(r.Context(), h.Pool, q, head.Customer.ID, archived)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Contacts(officeview.ContactsTab{
		CustomerHead: head, Contacts: contacts, Archived: archived, Format: v.Format,
		Listing: officeview.Listing{URL: route.OfficeCustomer(head.Customer.Number, "contacts"), Orders: contact.Orders, Query: q, Filters: filters},
	}))
}

// Show is one contact.
func (h Contacts) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	sites, err := site.Of(r.Context(), h.Pool, cu.ID, true)
	if err != nil {
		return err
	}
	view := officeview.ContactPage{
		Page: officeview.Page(v, c.Name, route.OfficeCustomers), Number: cu.Number, CustomerName: cu.Name, CustomerGone: cu.Archived(), Contact: c, Format: v.Format,
	}
	for _, s := range sites {
		if slices.Contains(c.Sites, s.ID) {
			view.SiteNames = append(view.SiteNames, s.Name)
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.Contact(view))
}

func (h Contacts) find(r *http.Request) (customer.Customer, contact.Contact, error) {
	cu, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return cu, contact.Contact{}, err
	}
	id, err := pathID(r, "contact")
	if err != nil {
		return cu, contact.Contact{}, err
	}
	c, err := contact.ByID(r.Context(), h.Pool, cu.ID, id)
	return cu, c, err
}

func contactURL(number string, id int64, more ...string) string {
	return route.OfficeCustomer(number, append([]string{"contacts", strconv.FormatInt(id, 10)}, more...)...)
}

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
	return page.See(w, r, contactURL(cu.Number, id))
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
	if c, ok := errors.AsType[fault.Conflict](err); ok {
		return problem.Set{"": c.Words}
	}
	return nil
}

// way is how a contact gets in: by a link, or by a password that staff have set.
type way struct {
	mail           bool
	password, hash string
}

// way reads how access is given, and adds what is wrong with the password to
// what is wrong with the rest.
func (h Contacts) way(ctx context.Context, r *http.Request, v staff.Viewer, f officeview.ContactForm, checked error) (way, problem.Set, error) {
	problems, _ := errors.AsType[problem.Set](checked)
	got := way{mail: f.Mail}
	if !f.Give || !f.Set {
		return got, problems, nil
	}
	got.password = form.Secret(r, "password")
	wrong, err := h.Hasher.Check(ctx, got.password, f.Name, f.Email, v.Business)
	if err != nil {
		return got, nil, err
	}
	if wrong != "" || len(problems) > 0 {
		problems = maps.Clone(problems)
		if problems == nil {
			problems = problem.Set{}
		}
		// It is not shown again, so it has to be typed again.
		problems.Unless(wrong == "", "password", wrong)
		problems.Add("password", "Enter the password once more.")
		return got, problems, nil
	}
	got.hash, err = h.Hasher.Hash(ctx, got.password)
	return got, problems, err
}

// let lets a contact in, and tells everybody concerned. What it returns is for
// passing on by hand when no mail was wanted.
func (h Contacts) let(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, way way) (pass officeview.PassOn, err error) {
	welcome := notify.Welcome{Contact: id}
	if way.hash != "" {
		granted, err := invite.WithPassword(ctx, tx, by, id, way.hash)
		if err != nil {
			return pass, err
		}
		// Staff are shown the same for an address that is known already.
		pass.Password = way.password
		welcome.Link = granted.Link
		if granted.Password {
			welcome.Password = way.password
		}
	} else {
		if welcome.Link, err = invite.Contact(ctx, tx, by, id); err != nil {
			return pass, err
		}
		if !way.mail {
			token, err := invite.Token(ctx, tx, welcome.Link)
			if err != nil {
				return pass, err
			}
			pass.Link = h.BaseURL + route.Welcome(token)
		}
	}
	if way.mail {
		if err := h.Notify.Welcome(ctx, tx, welcome); err != nil {
			return pass, err
		}
	}
	return pass, h.Notify.ContactAccess(ctx, tx, id, "invited")
}

// passOn shows what is passed on by hand, in the answer itself: it is kept
// nowhere and stands in no address.
func (h Contacts) passOn(w http.ResponseWriter, r *http.Request, v staff.Viewer, cu customer.Customer, id int64, d contact.Details, pass officeview.PassOn) error {
	pass.Page = officeview.Page(v, "Pass on access", route.OfficeCustomers)
	pass.Number, pass.ID, pass.Name, pass.Email, pass.SignInURL = cu.Number, id, d.Name, d.Email, h.BaseURL+route.Login
	return page.Render(w, r, http.StatusOK, officeview.PassOnAccess(pass))
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
	if errors.Is(err, fault.Stale) {
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
	return page.See(w, r, contactURL(cu.Number, c.ID))
}

// follow does what an edit of somebody with access entails.
func (h Contacts) follow(ctx context.Context, tx postgres.Tx, by audit.Actor, before, after contact.Contact, done *string) error {
	if !strings.EqualFold(before.Email, after.Email) {
		link, err := invite.AddressChanged(ctx, tx, by, after.ID)
		if err != nil {
			return err
		}
		if link != 0 {
			*done = "Saved. " + after.Email + " gets an invitation of its own; access is back to Invited."
			if err := h.Notify.Welcome(ctx, tx, notify.Welcome{Contact: after.ID, Link: link}); err != nil {
				return err
			}
			if err := h.Notify.ContactAccess(ctx, tx, after.ID, "invited"); err != nil {
				return err
			}
		}
	}
	if after.Access == contact.NoAccess || before.Permissions.Equal(after.Permissions) {
		return nil
	}
	return h.Notify.ContactAccess(ctx, tx, after.ID, "changed")
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
	// A preset counts for more than the table, which only a script keeps in step.
	rights, ok := contact.PresetRights(form.Text(r, "preset"))
	if !ok {
		rights = contact.Permissions{
			JobsSee: contact.See(form.Text(r, "jobs_see")), JobsEdit: form.Check(r, "jobs_edit"), JobsCreate: form.Check(r, "jobs_create"),
			QuotesSee: contact.See(form.Text(r, "quotes_see")), QuotesEdit: form.Check(r, "quotes_edit"), QuotesCreate: form.Check(r, "quotes_create"),
			QuotesAccept: form.Check(r, "quotes_accept"),
			EquipmentSee: contact.See(form.Text(r, "equipment_see")), EquipmentEdit: form.Check(r, "equipment_edit"), EquipmentAdd: form.Check(r, "equipment_add"),
			CompanyEdit: form.Check(r, "company_edit"), ContactsManage: form.Check(r, "contacts_manage"),
		}
	}
	rights.AllSites = form.Text(r, "sites_scope") != "selected"
	if !rights.AllSites {
		rights.Sites = form.IDs(r, "sites")
	}
	f.Permissions = rights
	f.Preset = contact.Custom
	if ok {
		f.Preset = form.Text(r, "preset")
	}
	return f
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

// AskInvitation asks before an invitation is sent again.
func (h Contacts) AskInvitation(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Send the invitation again?", Text: c.Name + " gets a new link at " + c.Email + ", which works once, for 7 days. Links sent before stop working.",
			Points: []string{"If the address already signs in to the portal, its password stays as it is; the link adds this customer to what they see."},
			Action: contactURL(cu.Number, c.ID, "invitation"), Label: "Send again", Look: ui.Primary,
			Keys: []ui.Pair{{Name: "invited", Value: invitedKey(c.InvitedAt)}}, Extra: officeview.InvitationExtra(true),
		}
	})
}

// invitedKey names an invitation, so that a second press sends no second one.
func invitedKey(at *time.Time) string {
	if at == nil {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// Invite sends the invitation again.
func (h Contacts) Invite(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	mail := form.Check(r, "email_notification")
	var (
		pass officeview.PassOn
		sent bool
	)
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		now, err := contact.Lock(ctx, tx, cu.ID, c.ID)
		switch {
		case err != nil:
			return err
		case now.Access == contact.NoAccess:
			return fault.Refuse("%s has no access to the portal yet. Edit the contact to choose permissions first.", now.Name)
		case now.Access == contact.Invited && form.Text(r, "invited") != invitedKey(now.InvitedAt):
			return nil // sent by another press
		}
		sent = true
		pass, err = h.let(ctx, tx, v.Actor(), c.ID, way{mail: mail})
		return err
	})
	if err != nil {
		return err
	}
	if sent && !mail {
		return h.passOn(w, r, v, cu, c.ID, c.Details, pass)
	}
	words := "The invitation goes to " + c.Email + "."
	if !sent {
		words = "An invitation has just been made already."
	}
	session.Flash(ctx, words)
	return page.See(w, r, contactURL(cu.Number, c.ID))
}

// AskSuspension asks before access is suspended.
func (h Contacts) AskSuspension(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Suspend " + c.Name + "?", Text: c.Name + " is shut out of " + cu.Name + "'s portal from the next page on, also where signed in at this moment. Open invitations stop working.",
			Points: []string{"Permissions are kept. You can restore access at any time. What the same person may see of other customers is not touched."},
			Action: contactURL(cu.Number, c.ID, "suspension"), Label: "Suspend", Look: ui.Danger,
		}
	})
}

// Suspend takes access away.
func (h Contacts) Suspend(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		changed, err := contact.Suspend(ctx, tx, v.Actor(), cu.ID, c.ID)
		if err != nil || !changed {
			return c.Name + " is suspended.", err
		}
		if err := invite.End(ctx, tx, c.ID); err != nil {
			return "", err
		}
		return c.Name + " was suspended.", h.Notify.ContactAccess(ctx, tx, c.ID, "suspended")
	})
}

// AskRestoration asks before access is given back.
func (h Contacts) AskRestoration(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		text := c.Name + " can enter the portal again with the same permissions as before."
		if c.PersonID == 0 {
			text = c.Name + " had not come in yet: a new invitation goes to " + c.Email + "."
		}
		return officeview.Confirmation{Title: "Restore access of " + c.Name + "?", Text: text, Action: contactURL(cu.Number, c.ID, "restoration"), Label: "Restore access", Look: ui.Primary}
	})
}

// Reinstate gives suspended access back.
func (h Contacts) Reinstate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		access, changed, err := contact.Restore(ctx, tx, v.Actor(), cu.ID, c.ID)
		if err != nil || !changed {
			return c.Name + " is not suspended.", err
		}
		if access == contact.Invited && c.PersonID == 0 {
			link, err := invite.Contact(ctx, tx, v.Actor(), c.ID)
			if err != nil {
				return "", err
			}
			if err := h.Notify.Welcome(ctx, tx, notify.Welcome{Contact: c.ID, Link: link}); err != nil {
				return "", err
			}
		}
		return "Access of " + c.Name + " was restored.", h.Notify.ContactAccess(ctx, tx, c.ID, "restored")
	})
}

// AskArchive asks before a contact is put away.
func (h Contacts) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + c.Name + "?", Text: c.Name + " leaves the list, cannot enter the portal from the next page on, and gets no mail.",
			Points: []string{"Jobs and quotes keep the contact's name. You can restore the contact at any time."},
			Action: contactURL(cu.Number, c.ID, "archive"), Label: "Archive", Look: ui.Danger,
		}
	})
}

// Archive puts a contact away.
func (h Contacts) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		if err := contact.Archive(ctx, tx, v.Actor(), cu.ID, c.ID, true); err != nil {
			return "", err
		}
		if err := invite.End(ctx, tx, c.ID); err != nil {
			return "", err
		}
		if !c.Archived() && (c.Access == contact.Invited || c.Access == contact.Active) {
			return c.Name + " was archived.", h.Notify.ContactAccess(ctx, tx, c.ID, "changed")
		}
		return c.Name + " was archived.", nil
	})
}

// AskRestore asks before a contact is fetched back.
func (h Contacts) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		text := c.Name + " comes back to the list."
		switch c.Access {
		case contact.Active:
			text += " " + c.Name + " can enter the portal again, with the same permissions as before."
		case contact.Invited:
			text += " Send the invitation again afterwards: the old one has ended."
		case contact.NoAccess, contact.Suspended:
		}
		return officeview.Confirmation{Title: "Restore " + c.Name + "?", Text: text, Action: contactURL(cu.Number, c.ID, "restore"), Label: "Restore", Look: ui.Primary}
	})
}

// Restore fetches a contact back.
func (h Contacts) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		if err := contact.Archive(ctx, tx, v.Actor(), cu.ID, c.ID, false); err != nil {
			return "", err
		}
		if c.Archived() && c.Access == contact.Active {
			return c.Name + " was restored.", h.Notify.ContactAccess(ctx, tx, c.ID, "restored")
		}
		return c.Name + " was restored.", nil
	})
}

func (h Contacts) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, question func(customer.Customer, contact.Contact) officeview.Confirmation) error {
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	q := question(cu, c)
	q.Page = officeview.Page(v, q.Title, route.OfficeCustomers)
	q.BackURL, q.BackLabel = contactURL(cu.Number, c.ID), c.Name
	return page.Render(w, r, http.StatusOK, officeview.Confirm(q))
}

// change does something to a contact in one transaction and says what.
func (h Contacts) change(w http.ResponseWriter, r *http.Request, do func(context.Context, postgres.Tx, customer.Customer, contact.Contact) (words string, err error)) error {
	ctx := r.Context()
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	var words string
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		words, err = do(ctx, tx, cu, c)
		return err
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, words)
	return page.See(w, r, contactURL(cu.Number, c.ID))
}
