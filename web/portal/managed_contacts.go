package portalweb

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/permissions"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// ManagedContacts are the screens of a contact who looks after others.
type ManagedContacts struct {
	Reader *portal.Reader
	Portal *portal.Service
}

// List shows whom the contact looks after.
func (h ManagedContacts) List(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.ManagedContactOrders.Read(r.URL.Query())
	all, err := h.Reader.ManagedContacts(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.ManagedContacts(portalview.ManagedContactsPage{
		Viewer: v, ManagedContacts: all, Listing: portalview.Listing{URL: route.ManagedContacts, Orders: portal.ManagedContactOrders, Query: q},
	}))
}

// find is the managed contact of the address, as the viewer sees them.
func (h ManagedContacts) find(r *http.Request, v portal.Viewer) (portal.ManagedContact, []portal.Place, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return portal.ManagedContact{}, nil, apperr.NotFound
	}
	return h.Reader.ManagedContact(r.Context(), v, id)
}

// Show shows one of them.
func (h ManagedContacts) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	c, places, err := h.find(r, v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.ManagedContact(portalview.ManagedContactPage{Viewer: v, ManagedContact: c, Places: places}))
}

// suggest fills in the usual permissions, as far as the viewer has them.
func suggest(v portal.Viewer, to *portal.ManagedContactChange) (preset string) {
	own := v.Permissions
	preset = permissions.Presets(own)[0].Value
	to.Permissions, _ = contact.PresetPermissions(preset)
	if preset == contact.Custom {
		to.Permissions = contact.Permissions{JobsSee: contact.None, QuotesSee: contact.None, EquipmentSee: contact.None}
	}
	to.AllSites, to.Sites = own.AllSites, own.Sites
	return preset
}

// New shows the form of a new managed contact.
func (h ManagedContacts) New(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	places, err := h.Reader.Places(r.Context(), v)
	if err != nil {
		return err
	}
	f := portalview.ManagedContactForm{Viewer: v, Places: places, Change: portal.ManagedContactChange{Nonce: form.NewNonce()}}
	f.Preset = suggest(v, &f.Change)
	return page.Render(w, r, http.StatusOK, portalview.EditManagedContact(f))
}

func typedManagedContact(r *http.Request) (to portal.ManagedContactChange, preset string) {
	to = portal.ManagedContactChange{
		Name: form.Text(r, "name"), Email: form.Text(r, "email"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Role: form.Text(r, "role"),
		Invite: form.Check(r, "invite"), Version: form.Version(r), Nonce: form.Nonce(r),
	}
	to.Permissions, preset = form.Permissions(r)
	return to, preset
}

// Create adds a managed contact and sends the invitation.
func (h ManagedContacts) Create(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	to, preset := typedManagedContact(r)
	id, err := h.Portal.AddManagedContact(r.Context(), v, to)
	if status, problems := again(err); status != 0 {
		places, err := h.Reader.Places(r.Context(), v)
		if err != nil {
			return err
		}
		return page.Render(w, r, status, portalview.EditManagedContact(portalview.ManagedContactForm{Viewer: v, Places: places, Change: to, Preset: preset, Problems: spoken(problems)}))
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), to.Name+" was added. The invitation goes to "+to.Email+".")
	return page.Redirect(w, r, route.ManagedContact(id))
}

// spoken names the field of problems about permissions that have no field here.
func spoken(p problem.Set) problem.Set {
	if why := p["company_edit"]; why != "" {
		p.Add("contacts_manage", why)
	}
	return p
}

// Edit shows the form of a managed contact.
func (h ManagedContacts) Edit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	c, places, err := h.find(r, v)
	if err != nil {
		return err
	}
	f := portalview.ManagedContactForm{Viewer: v, ID: c.ID, Access: c.Access, Entered: c.HasEntered, Places: places, Preset: contact.PresetOf(c.Permissions), Change: savedManagedContact(c)}
	if c.Access == contact.NoAccess {
		f.Preset = suggest(v, &f.Change)
	}
	return page.Render(w, r, http.StatusOK, portalview.EditManagedContact(f))
}

func savedManagedContact(c portal.ManagedContact) portal.ManagedContactChange {
	return portal.ManagedContactChange{Name: c.Name, Email: c.Email, Phone: c.Phone, Mobile: c.Mobile, Role: c.Role, Permissions: c.Permissions, Version: c.Version}
}

// Save saves a managed contact.
func (h ManagedContacts) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	c, places, err := h.find(r, v)
	if err != nil {
		return err
	}
	to, preset := typedManagedContact(r)
	err = h.Portal.EditManagedContact(r.Context(), v, c.ID, to)
	status, problems := again(err)
	if err != nil && status == 0 {
		return err
	}
	if err == nil {
		session.Flash(r.Context(), savedWords(v, c, to))
		return page.Redirect(w, r, route.ManagedContact(c.ID))
	}
	f := portalview.ManagedContactForm{Viewer: v, ID: c.ID, Access: c.Access, Entered: c.HasEntered, Places: places, Preset: preset, Change: to, Problems: spoken(problems)}
	if status == http.StatusConflict {
		if c, places, err = h.find(r, v); err != nil {
			return err
		}
		f.EditConflict, f.Change.Version, f.Access, f.Entered = managedContactConflict(to, c, places), c.Version, c.Access, c.HasEntered
	}
	return page.Render(w, r, status, portalview.EditManagedContact(f))
}

func savedWords(v portal.Viewer, before portal.ManagedContact, to portal.ManagedContactChange) string {
	if v.Keepers.Keeps(keeper.Contacts).Elsewhere() && (before.Name != to.Name || before.Email != to.Email || before.Phone != to.Phone || before.Mobile != to.Mobile || before.Role != to.Role) {
		return sentOr(v, keeper.Contacts, "")
	}
	switch {
	case before.Access == contact.NoAccess && to.Invite:
		return "Saved. The invitation goes to " + to.Email + "."
	case (before.Access == contact.Active || before.Access == contact.Invited) && !strings.EqualFold(before.Email, to.Email):
		return "Saved. " + to.Email + " gets an invitation. The old address can no longer sign in."
	}
	return "Saved."
}

func managedContactConflict(to portal.ManagedContactChange, c portal.ManagedContact, places []portal.Place) *portalview.EditConflict {
	o := &portalview.EditConflict{Thing: "contact"}
	o.Differ(contact.LabelName, to.Name, c.Name)
	o.Differ(contact.LabelEmail, to.Email, c.Email)
	o.Differ(contact.LabelPhone, to.Phone, c.Phone)
	o.Differ(contact.LabelMobile, to.Mobile, c.Mobile)
	o.Differ(contact.LabelRole, to.Role, c.Role)
	typed := portal.ManagedContact{Permissions: to.Permissions}
	o.Differ(contact.LabelPermissions, strings.Join(to.Words(typed.SiteNames(places)), " "), strings.Join(c.Words(c.SiteNames(places)), " "))
	return o
}

// ask shows the question before a deed about a managed contact.
func (h ManagedContacts) ask(w http.ResponseWriter, r *http.Request, v portal.Viewer, question func(portal.ManagedContact) portalview.Question) error {
	c, _, err := h.find(r, v)
	if err != nil {
		return err
	}
	q := question(c)
	q.Viewer, q.BackURL, q.BackLabel = v, route.ManagedContact(c.ID), c.Name
	return page.Render(w, r, http.StatusOK, portalview.Ask(q))
}

// do does it to the managed contact of the address and goes back to their page.
func (h ManagedContacts) do(w http.ResponseWriter, r *http.Request, v portal.Viewer, deed func(portal.ManagedContact) (words string, err error)) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	c, _, err := h.find(r, v)
	if err != nil {
		return err
	}
	words, err := deed(c)
	if err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.ManagedContact(c.ID))
}

// AskInvitation asks before an invitation is sent again.
func (h ManagedContacts) AskInvitation(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.ask(w, r, v, func(c portal.ManagedContact) portalview.Question {
		return portalview.Question{
			Title: "Send the invitation again?", Text: c.Name + " gets the welcome email with a new link at " + c.Email + ". The link works once, for " + signin.Invitation.Lasts() + ". Earlier links stop working.",
			Detail: "If the address already signs in here, its password stays as it is.",
			Action: route.ManagedContactInvitation(c.ID), Label: "Send again", Look: ui.Primary, Keys: []ui.Pair{{Name: "invited", Value: contact.InvitationKey(c.InvitedAt)}},
		}
	})
}

// Invite sends the invitation again.
func (h ManagedContacts) Invite(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.do(w, r, v, func(c portal.ManagedContact) (string, error) {
		sent, err := h.Portal.InviteManagedContact(r.Context(), v, c.ID, form.Text(r, "invited"))
		if !sent {
			return "An invitation was sent a moment ago.", err
		}
		return "The invitation goes to " + c.Email + ".", err
	})
}

// AskSuspension asks before access is suspended.
func (h ManagedContacts) AskSuspension(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.ask(w, r, v, func(c portal.ManagedContact) portalview.Question {
		return portalview.Question{
			Title: "Suspend " + c.Name + "?", Text: c.Name + " can no longer see anything of " + v.CustomerName + " here, even where they are signed in now. Open invitations stop working.",
			Detail: "Permissions are kept, and you can restore access at any time. " + cmp.Or(v.Business.Name, "The office") + " is told.",
			Action: route.ManagedContactSuspension(c.ID), Label: "Suspend", Look: ui.Danger,
		}
	})
}

// Suspend takes access away.
func (h ManagedContacts) Suspend(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.do(w, r, v, func(c portal.ManagedContact) (string, error) {
		return c.Name + " is suspended.", h.Portal.SuspendManagedContact(r.Context(), v, c.ID)
	})
}

// AskRestoration asks before access is given back.
func (h ManagedContacts) AskRestoration(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.ask(w, r, v, func(c portal.ManagedContact) portalview.Question {
		text := c.Name + " can sign in again with the same permissions as before."
		if !c.HasEntered {
			text = c.Name + " had not come in yet: a new invitation goes to " + c.Email + "."
		}
		return portalview.Question{
			Title: "Restore access of " + c.Name + "?", Text: text, Detail: cmp.Or(v.Business.Name, "The office") + " is told.",
			Action: route.ManagedContactRestoration(c.ID), Label: "Restore access", Look: ui.Primary,
		}
	})
}

// Restore gives suspended access back.
func (h ManagedContacts) Restore(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.do(w, r, v, func(c portal.ManagedContact) (string, error) {
		return "Access of " + c.Name + " was restored.", h.Portal.RestoreManagedContact(r.Context(), v, c.ID)
	})
}
