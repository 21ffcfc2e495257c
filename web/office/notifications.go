package officeweb

import (
	"net/http"

	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// Notifications is Administration → Notifications: who is told what.
type Notifications struct{ DB postgres.DB }

// Show is the table that drives the sending, with the addresses of now.
func (h Notifications) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	now, err := notify.Now(r.Context(), h.DB)
	if err != nil {
		return err
	}
	groups := []officeview.NotificationGroup{
		{Title: "The office", Words: "Each address gets one email, even if several rules name it. Field staff do not sign in and get none. After ten emails in an hour about one contact, an address gets the rest gathered into one email of each kind every ten minutes."},
		{Title: "The customer", Words: "Only contacts who can see what the email is about. They choose under My Details which emails they want."},
		{Title: "Themselves", Words: "About somebody’s own access. These cannot be turned off."},
	}
	for i, audience := range []notify.Audience{notify.Office, notify.Customer, notify.Oneself} {
		groups[i].Now = now
		for _, l := range notify.Lines() {
			if l.Audience == audience {
				groups[i].Lines = append(groups[i].Lines, l)
			}
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.Notifications(officeview.NotificationsPage{Page: officeview.Page(v, "Notifications", route.AdminNotifications), Groups: groups}))
}
