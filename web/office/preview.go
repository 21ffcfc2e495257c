package officeweb

import (
	"net/http"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/staff"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// Preview opens the portal as the contact sees it, read-only and without a
// trace of a visit. The trail keeps who looked as whom.
func (h Contacts) Preview(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	c, err := contact.FindRow(r.Context(), h.DB, number, id)
	switch {
	case err != nil:
		return err
	case c.Archived():
		return apperr.Conflictf("%s is archived: there is nothing to preview. Restore the contact first.", c.Name)
	case c.CustomerArchived:
		return apperr.Conflictf("%s is archived, so none of its contacts can sign in to the portal.", c.CustomerName)
	}
	if err := h.Session.BeginPreview(r.Context(), w, v.Actor(), c.Contact); err != nil {
		return err
	}
	return page.Redirect(w, r, route.Home)
}

// EndPreview goes back from the portal to the contact in the office.
func (h Contacts) EndPreview(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	id, err := h.Session.EndPreview(r.Context(), w)
	if err != nil {
		return err
	}
	if id == 0 {
		return page.Redirect(w, r, route.OfficeCustomers)
	}
	number, err := contact.CustomerNumber(r.Context(), h.DB, id)
	if err != nil {
		return err
	}
	return page.Redirect(w, r, contactURL(number, id))
}
