package officeweb

import (
	"net/http"

	"fieldgate/internal/contact"
	"fieldgate/internal/office"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
)

// readAdded reads the site and the contact that a customer gets with a job or a
// quote: when the form asks for one, or a name was typed for it. P is what was found
// wrong with the form before.
func readAdded(r *http.Request, p problem.Set) (a office.Added) {
	asked := func(choice, prefix string) bool {
		return form.Text(r, choice) == officeview.Another || form.Text(r, prefix+"name") != ""
	}
	if asked("site", office.AddedSite) {
		delete(p, "site") // none of those there are
		a.Site = &site.Details{Name: form.Text(r, office.AddedSite+"name"), Address: form.Address(r, office.AddedSite+"address")}
	}
	if asked("main_contact", office.AddedContact) {
		a.Contact = &contact.Details{Name: form.Text(r, office.AddedContact+"name"), Email: form.Text(r, office.AddedContact+"email"), Phone: form.Text(r, office.AddedContact+"phone")}
	}
	return a
}
