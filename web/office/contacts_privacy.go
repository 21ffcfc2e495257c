package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/privacy"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskData says what the file about a contact holds.
func (h Contacts) AskData(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(c contact.Row) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Download the data of " + c.Name, Text: "One file with everything stored about " + c.Name + ": details, permissions, sign-ins and devices, emails, messages, what was asked for and accepted, files by name, and activity.",
			Points: []string{"It is for the contact. Your notes about them are in it, too. That it was downloaded is recorded."},
			Action: contactURL(c.CustomerNumber, c.ID, "data"), Label: "Download", Look: ui.Primary,
		}
	})
}

// Data sends what is stored about a contact.
func (h Contacts) Data(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	postgres.PreferStandby(r.Context())
	c, file, err := h.Office.ContactData(r.Context(), h.DB, v, number, id)
	if err != nil {
		return err
	}
	return download.Text(w, "contact-"+c.CustomerNumber+"-"+strconv.FormatInt(id, 10)+".json", "application/json", file)
}

// AskErasure asks before a contact is erased.
func (h Contacts) AskErasure(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.erasure(w, r, v, "", nil)
}

// Erase erases a contact for good.
func (h Contacts) Erase(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	typed := form.Text(r, "name")
	_, err = h.Office.EraseContact(r.Context(), v, number, id, typed)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.erasure(w, r, v, typed, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "The contact was erased.")
	return page.Redirect(w, r, contactURL(number, id))
}

func (h Contacts) erasure(w http.ResponseWriter, r *http.Request, v staff.Viewer, typed string, problems problem.Set) error {
	c, err := h.find(r)
	switch {
	case err != nil:
		return err
	case c.Erased():
		return apperr.Conflictf("This contact has already been erased.")
	}
	title := "Erase " + c.Name + "?"
	return page.Render(w, r, formStatus(problems, officeview.EditConflict{}), officeview.Confirm(officeview.Confirmation{
		Page: officeview.Page(v, title, route.OfficeCustomers), Title: title,
		Text: c.Name + " can no longer sign in to the portal, and becomes “" + audit.FormerContact + "” on every record, in emails and in activity. Their name, addresses, telephone numbers, notes about them, " +
			"sign-ins and devices, and copies of emails that name them are deleted. This cannot be undone.",
		Points: privacy.Stays,
		Action: contactURL(c.CustomerNumber, c.ID, "erasure"), Label: "Erase for good", Look: ui.Danger, BackURL: contactURL(c.CustomerNumber, c.ID), BackLabel: c.Name,
		Extra: ui.Text(ui.Field{Name: "name", Label: "Type the name to confirm: " + c.Name, Value: typed, Problem: problems["name"], Required: true, Autocomplete: "off"}),
	}))
}
