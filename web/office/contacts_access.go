package officeweb

import (
	"net/http"

	"fieldgate/internal/access"
	"fieldgate/internal/contact"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// passOn shows what is passed on by hand, in the answer itself: it is kept
// nowhere and stands in no address.
func (h Contacts) passOn(w http.ResponseWriter, r *http.Request, v staff.Viewer, number string, c contact.Contact, pass access.PassOn) error {
	view := officeview.PassOn{
		Page: officeview.Page(v, "Pass on access", route.OfficeCustomers), Number: number, ID: c.ID, Name: c.Name, Email: c.Email,
		Password: pass.Password, SignInURL: h.BaseURL + route.Login,
	}
	if pass.Token != "" {
		view.Link = h.BaseURL + route.Welcome(pass.Token)
	}
	return page.Render(w, r, http.StatusOK, officeview.PassOnAccess(view))
}

// AskInvitation asks before an invitation is sent again.
func (h Contacts) AskInvitation(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Send the invitation again?", Text: c.Name + " gets the welcome email with a new link at " + c.Email + ". The link works once, for " + signin.Invitation.Lasts() + ". Earlier links stop working.",
			Points: []string{knownWords},
			Action: contactURL(c.CustomerNumber, c.ID, "invitation"), Label: "Send again", Look: ui.Primary,
			Keys: []ui.Pair{{Name: "invited", Value: contact.InvitationKey(c.InvitedAt)}, {Name: "email_notification", Value: "on"}},
		}
	})
}

// knownWords stand wherever an invitation is made: they are the same whether or
// not the address belongs to a person.
const knownWords = "If the address already signs in to the portal, its password stays as it is; the link adds this customer to what they see."

// AskLink asks before a link is made that staff pass on by hand.
func (h Contacts) AskLink(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Make a link for " + c.Name + "?", Text: "The next page shows a new link once, for you to copy and pass on. It works once, for " + signin.Invitation.Lasts() + ". No email is sent, and earlier links stop working.",
			Points: []string{"Anybody with the link can sign in as " + c.Name + ". Give it to nobody else.", knownWords},
			Action: contactURL(c.CustomerNumber, c.ID, "invitation"), Label: "Show the link", Look: ui.Primary,
			Keys: []ui.Pair{{Name: "invited", Value: contact.InvitationKey(c.InvitedAt)}},
		}
	})
}

// Invite sends the invitation again.
func (h Contacts) Invite(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	mail := form.Check(r, "email_notification")
	c, pass, sent, err := h.Office.InviteAgain(r.Context(), v, number, id, form.Text(r, "invited"), mail)
	if err != nil {
		return err
	}
	if sent && !mail {
		return h.passOn(w, r, v, number, c.Contact, pass)
	}
	words := "The invitation goes to " + c.Email + "."
	if !sent {
		words = "An invitation was made a moment ago."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, contactURL(number, id))
}

// AskSuspension asks before access is suspended.
func (h Contacts) AskSuspension(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Suspend " + c.Name + "?", Text: c.Name + " can no longer see anything of " + c.CustomerName + " in the portal, even where they are signed in now. Open invitations stop working.",
			Points: []string{"Permissions are kept. You can restore access at any time. What the same person may see of other customers is not touched."},
			Action: contactURL(c.CustomerNumber, c.ID, "suspension"), Label: "Suspend", Look: ui.Danger,
		}
	})
}

// Suspend takes access away.
func (h Contacts) Suspend(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(number string, id int64) (string, error) {
		c, changed, err := h.Office.SuspendContact(r.Context(), v, number, id)
		if !changed {
			return c.Name + " is suspended.", err
		}
		return c.Name + " was suspended.", err
	})
}

// AskRestoration asks before access is given back.
func (h Contacts) AskRestoration(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		text := c.Name + " can sign in to the portal again with the same permissions as before."
		if c.PersonID == 0 {
			text = c.Name + " had not come in yet: a new invitation goes to " + c.Email + "."
		}
		return officeview.Confirmation{Title: "Restore access of " + c.Name + "?", Text: text, Action: contactURL(c.CustomerNumber, c.ID, "restoration"), Label: "Restore access", Look: ui.Primary}
	})
}

// RestoreAccess gives suspended access back.
func (h Contacts) RestoreAccess(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(number string, id int64) (string, error) {
		c, changed, err := h.Office.RestoreAccess(r.Context(), v, number, id)
		if !changed {
			return c.Name + " is not suspended.", err
		}
		return "Access of " + c.Name + " was restored.", err
	})
}
