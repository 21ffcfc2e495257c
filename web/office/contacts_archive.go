package officeweb

import (
	"net/http"

	"fieldgate/internal/contact"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskArchive asks before a contact is archived.
func (h Contacts) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + c.Name + "?", Text: c.Name + " leaves the list, can no longer sign in to the portal, and gets no emails.",
			Points: []string{"Jobs and quotes keep the contact's name. You can restore the contact at any time."},
			Action: contactURL(c.CustomerNumber, c.ID, "archive"), Label: "Archive", Look: ui.Danger,
		}
	})
}

// Archive archives a contact.
func (h Contacts) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(number string, id int64) (string, error) {
		c, err := h.Office.ArchiveContact(r.Context(), v, number, id)
		return c.Name + " was archived.", err
	})
}

// AskRestore asks before a contact is restored from the archive.
func (h Contacts) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		text := c.Name + " comes back to the list."
		switch c.Access {
		case contact.Active:
			text += " " + c.Name + " can sign in to the portal again, with the same permissions as before."
		case contact.Invited:
			text += " Send the invitation again afterwards: the old one has ended."
		case contact.NoAccess, contact.Suspended:
		}
		return officeview.Confirmation{Title: "Restore " + c.Name + "?", Text: text, Action: contactURL(c.CustomerNumber, c.ID, "restore"), Label: "Restore", Look: ui.Primary}
	})
}

// Restore takes a contact back from the archive.
func (h Contacts) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(number string, id int64) (string, error) {
		c, err := h.Office.RestoreContact(r.Context(), v, number, id)
		return c.Name + " was restored.", err
	})
}

// ask shows the question before something is done to the contact of the address.
func (h Contacts) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, question func(contact.Row) officeview.Confirmation) error {
	c, err := h.find(r)
	if err != nil {
		return err
	}
	q := question(c)
	q.Page = officeview.Page(v, q.Title, route.OfficeCustomers)
	q.BackURL, q.BackLabel = contactURL(c.CustomerNumber, c.ID), c.Name
	return page.Render(w, r, http.StatusOK, officeview.Confirm(q))
}

// change does something to the contact of the address and goes back to its page.
func (h Contacts) change(w http.ResponseWriter, r *http.Request, do func(number string, id int64) (words string, err error)) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	words, err := do(number, id)
	if err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, contactURL(number, id))
}
