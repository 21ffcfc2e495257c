package gate

import (
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
)

// CheckContact refuses a form that was shown for another contact than the one
// who sends it: somebody with several customers has switched in another tab.
// Every form of the portal names its contact (ui.FormKeys), and every screen
// that takes one asks this before anything else; nothing is written.
func CheckContact(shownFor string, v portal.Viewer) error {
	if shownFor == strconv.FormatInt(v.Contact, 10) {
		return nil
	}
	if shownFor == "" {
		return apperr.Conflictf("This form did not arrive whole. Nothing was saved: open it again and send it once more.")
	}
	other := "another customer"
	if id, err := strconv.ParseInt(shownFor, 10, 64); err == nil && v.Customers[id] != "" {
		other = v.Customers[id]
	}
	return apperr.Conflictf("This form was opened for %s, and you are now looking at %s. Nothing was saved: switch back, or open the form again.", other, v.CustomerName)
}
