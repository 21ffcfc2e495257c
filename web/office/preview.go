package officeweb

import (
	"net/http"

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
	token, err := h.Office.PreviewContact(r.Context(), v, number, id, h.Session.BeginPreview)
	if err != nil {
		return err
	}
	h.Session.CarryPreview(w, token)
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
