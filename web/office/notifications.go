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
		{Title: "The office", Words: "Each address gets one email, also if several rules name it. Field staff do not sign in and get none. Of what one contact does, ten emails an hour go to an address one by one; what follows is gathered, by kind, into one every ten minutes."},
		{Title: "The customer", Words: "Only contacts who may see what the email is about, and who want it: they choose under My Details."},
		{Title: "Themselves", Words: "About somebody’s own access. Nobody can turn these off."},
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
