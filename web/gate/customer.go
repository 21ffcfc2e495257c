package gate

import (
	"net/http"
	"strconv"

	"fieldgate/internal/fault"
	"fieldgate/internal/portal"
)

// ContactKey is the field of every form of the portal that names the contact it
// was shown for. The address carries it for forms with files, whose fields are
// only read by the screen.
const ContactKey = "as"

// otherCustomer refuses a form that was shown for another customer than the
// one the session looks at now: somebody with several customers has switched
// in another tab. Nothing is written.
func otherCustomer(r *http.Request, v portal.Viewer) error {
	if r.Method != http.MethodPost {
		return nil
	}
	return CheckContact(r.URL.Query().Get(ContactKey), v)
}

// CheckContact compares the contact a form was shown for with the viewer; a
// form that names none passes.
func CheckContact(shownFor string, v portal.Viewer) error {
	if shownFor == "" || shownFor == strconv.FormatInt(v.Contact, 10) {
		return nil
	}
	return fault.Refuse("This form was opened for another customer. You are now looking at %s; nothing was saved. Switch back, or open the form again.", v.CustomerName)
}
