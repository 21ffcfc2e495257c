package web

import (
	"net/http"

	officeweb "fieldgate/web/office"
	portalweb "fieldgate/web/portal"

	"fieldgate/web/gate"
)

// Screens are the program's screens, one group a noun.
type Screens struct {
	Doors       portalweb.Doors
	OfficeDoors officeweb.Doors
	Staff       officeweb.Staff
	Dev         http.Handler // the demo's mailbox and gallery; nil elsewhere
}

// brand is the business's look, for everybody: sign-in pages need it.
func brand(t *table, s Screens) {}

// portalDoors are the ways into the portal.
func portalDoors(t *table, s Screens) {
	d := s.Doors
	t.open("GET", "/login", d.Login)
	t.open("POST", "/login", d.SignIn)
	t.open("POST", "/logout", d.Logout)
	t.open("GET", "/forgot-password", d.Forgot)
	t.open("POST", "/forgot-password", d.SendReset)
	t.open("GET", "/welcome/{token}", d.Welcome)
	t.open("POST", "/welcome/{token}", d.Accept)
	t.open("POST", "/welcome/{token}/renewal", d.RenewInvitation)
	t.open("GET", "/reset/{token}", d.Reset)
	t.open("POST", "/reset/{token}", d.ChoosePassword)
	t.open("POST", "/reset/{token}/renewal", d.RenewReset)
	t.person("GET", "/choose", d.Choose)
	t.person("POST", "/choose", d.Switch)
	t.person("GET", "/new-password", d.NewPassword)
	t.person("POST", "/new-password", d.ChangePassword)
}

// portalScreens are what contacts see and do.
func portalScreens(t *table, s Screens) {}

// officeDoors are the ways into the office.
func officeDoors(t *table, s Screens) {
	d := s.OfficeDoors
	t.open("GET", "/office/login", d.Login)
	t.open("POST", "/office/login", d.SignIn)
	t.open("POST", "/office/logout", d.Logout)
	t.open("GET", "/office/forgot-password", d.Forgot)
	t.open("POST", "/office/forgot-password", d.SendReset)
	t.open("GET", "/office/welcome/{token}", d.Welcome)
	t.open("POST", "/office/welcome/{token}", d.Accept)
	t.open("POST", "/office/welcome/{token}/renewal", d.RenewInvitation)
	t.open("GET", "/office/reset/{token}", d.Reset)
	t.open("POST", "/office/reset/{token}", d.ChoosePassword)
	t.open("POST", "/office/reset/{token}/renewal", d.RenewReset)
}

// officeScreens are what staff see and do.
func officeScreens(t *table, s Screens) {}

// adminScreens are for Administrators.
func adminScreens(t *table, s Screens) {
	t.staff("GET", "/office/admin/staff", gate.Administrators, s.Staff.List)
	t.staff("POST", "/office/admin/staff", gate.Administrators, s.Staff.Create)
	t.staff("GET", "/office/admin/staff/new", gate.Administrators, s.Staff.New)
	t.staff("GET", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Show)
	t.staff("POST", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Save)
	t.staff("POST", "/office/admin/staff/{id}/suspension", gate.Administrators, s.Staff.Suspend)
	t.staff("POST", "/office/admin/staff/{id}/restoration", gate.Administrators, s.Staff.Restore)
	t.staff("POST", "/office/admin/staff/{id}/invitation", gate.Administrators, s.Staff.Invite)
}
