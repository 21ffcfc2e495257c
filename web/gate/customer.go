package gate

import (
	"net/http"
	"strconv"

	"fieldgate/internal/fault"
	"fieldgate/internal/portal"
)

// ContactKey is the field of every form of the portal that names the contact it
// was shown for; ui.FormKeys writes it.
const ContactKey = "contact"

// otherCustomer refuses a form that was shown for another customer than the
// one the session looks at now: somebody with several customers has switched
// in another tab. Nothing is written. Forms with files are read by their
// screen, which asks CheckContact itself.
func otherCustomer(r *http.Request, v portal.Viewer) error {
	if r.Method != http.MethodPost || r.PostForm == nil {
		return nil
	}
	return CheckContact(r.PostForm.Get(ContactKey), v)
}

// CheckContact compares the contact a form was shown for with the viewer; a
// form that names none passes.
func CheckContact(shownFor string, v portal.Viewer) error {
	if shownFor == "" || shownFor == strconv.FormatInt(v.Contact, 10) {
		return nil
	}
	other := "another customer"
	if id, err := strconv.ParseInt(shownFor, 10, 64); err == nil && v.Customers[id] != "" {
		other = v.Customers[id]
	}
	return fault.Refuse("This form was opened for %s, and you are now looking at %s. Nothing was saved: switch back, or open the form again.", other, v.CustomerName)
}
