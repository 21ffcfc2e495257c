package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/staff"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// EndLinks ends the links in emails to a contact.
func (h Contacts) EndLinks(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	ended, err := h.Office.EndLinksOfContact(r.Context(), v, number, id)
	return linksEnded(w, r, ended, err, contactURL(number, id))
}

// EndLinks ends the links in emails to a job.
func (h Jobs) EndLinks(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	ended, err := h.Office.EndLinksOfJob(r.Context(), v, number)
	return linksEnded(w, r, ended, err, route.OfficeJob(number))
}

// EndLinks ends the links in emails to a quote.
func (h Quotes) EndLinks(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	ended, err := h.Office.EndLinksOfQuote(r.Context(), v, number)
	return linksEnded(w, r, ended, err, route.OfficeQuote(number))
}

func linksEnded(w http.ResponseWriter, r *http.Request, ended int64, err error, back string) error {
	if err != nil {
		return err
	}
	words := "No link was open any more."
	if ended > 0 {
		words = "Ended: " + ui.Plural(int(ended), "link", "links") + ". Emails that go out from now on carry new ones."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, back)
}
