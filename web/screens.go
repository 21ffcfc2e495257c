package web

import (
	"net/http"

	brandweb "fieldgate/web/brand"
	officeweb "fieldgate/web/office"
	portalweb "fieldgate/web/portal"

	"fieldgate/web/gate"
)

// Screens are the program's screens, one group a noun.
type Screens struct {
	Doors       portalweb.Doors
	Jobs        portalweb.Jobs
	Files       portalweb.Files
	OfficeDoors officeweb.Doors
	Staff       officeweb.Staff
	Brand       brandweb.Brand
	Customers   officeweb.Customers
	Sites       officeweb.Sites
	Contacts    officeweb.Contacts
	Company     officeweb.Company
	Settings    officeweb.PortalSettings
	Dev         http.Handler // the demo's mailbox and gallery; nil elsewhere
}

// brand is the business's look, for everybody: sign-in pages need it.
func brand(t *table, s Screens) {
	t.open("GET", "/brand/{version}/style.css", s.Brand.Style)
	t.open("GET", "/brand/{version}/logo", s.Brand.Logo)
	t.open("GET", "/brand/{version}/banner", s.Brand.Banner)
	t.open("GET", "/brand/{version}/icon", s.Brand.Icon)
}

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
func portalScreens(t *table, s Screens) {
	j := s.Jobs
	t.contact("GET", "/jobs", gate.SeesJobs, j.List)
	t.contact("POST", "/jobs", gate.OpensJobs, j.Create)
	t.contact("GET", "/jobs/new", gate.OpensJobs, j.New)
	t.contact("GET", "/jobs/{number}", gate.SeesJobs, j.Show)
	t.contact("GET", "/jobs/{number}/edit", gate.EditsJobs, j.Edit)
	t.contact("POST", "/jobs/{number}/edit", gate.EditsJobs, j.Save)
	t.contact("POST", "/jobs/{number}/files", gate.SeesJobs, j.AddFiles)
	t.contact("GET", "/attachments/{id}", gate.SignedIn, s.Files.Show)
	t.contact("GET", "/attachments/{id}/thumb", gate.SignedIn, s.Files.Thumb)
	t.contact("POST", "/attachments/{id}/removal", gate.SignedIn, s.Files.Remove)
}

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
func officeScreens(t *table, s Screens) {
	c := s.Customers
	t.staff("GET", "/office/customers", gate.AnyStaff, c.List)
	t.staff("POST", "/office/customers", gate.AnyStaff, c.Create)
	t.staff("GET", "/office/customers/new", gate.AnyStaff, c.New)
	t.staff("GET", "/office/customers/{number}", gate.AnyStaff, c.Show)
	t.staff("GET", "/office/customers/{number}/edit", gate.AnyStaff, c.Edit)
	t.staff("POST", "/office/customers/{number}/edit", gate.AnyStaff, c.Update)
	t.staff("GET", "/office/customers/{number}/archive", gate.AnyStaff, c.AskArchive)
	t.staff("POST", "/office/customers/{number}/archive", gate.AnyStaff, c.Archive)
	t.staff("GET", "/office/customers/{number}/restore", gate.AnyStaff, c.AskRestore)
	t.staff("POST", "/office/customers/{number}/restore", gate.AnyStaff, c.Restore)
	t.staff("GET", "/office/customers/{number}/sites", gate.AnyStaff, s.Sites.List)
	t.staff("POST", "/office/customers/{number}/sites", gate.AnyStaff, s.Sites.Create)
	t.staff("GET", "/office/customers/{number}/sites/new", gate.AnyStaff, s.Sites.New)
	t.staff("GET", "/office/customers/{number}/sites/{site}", gate.AnyStaff, s.Sites.Edit)
	t.staff("POST", "/office/customers/{number}/sites/{site}", gate.AnyStaff, s.Sites.Update)
	t.staff("GET", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.Sites.AskArchive)
	t.staff("POST", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.Sites.Archive)
	t.staff("GET", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.Sites.AskRestore)
	t.staff("POST", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.Sites.Restore)
	t.staff("GET", "/office/customers/{number}/contacts", gate.AnyStaff, s.Contacts.List)
	t.staff("POST", "/office/customers/{number}/contacts", gate.AnyStaff, s.Contacts.Create)
	t.staff("GET", "/office/customers/{number}/contacts/new", gate.AnyStaff, s.Contacts.New)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}", gate.AnyStaff, s.Contacts.Show)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, s.Contacts.Edit)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, s.Contacts.Update)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, s.Contacts.AskInvitation)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, s.Contacts.Invite)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, s.Contacts.AskSuspension)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, s.Contacts.Suspend)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, s.Contacts.AskRestoration)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, s.Contacts.Reinstate)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, s.Contacts.AskArchive)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, s.Contacts.Archive)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, s.Contacts.AskRestore)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, s.Contacts.Restore)
}

// adminScreens are for Administrators.
func adminScreens(t *table, s Screens) {
	b := s.Company
	t.staff("GET", "/office/admin/company", gate.Administrators, b.Show)
	t.staff("POST", "/office/admin/company", gate.Administrators, b.Save)
	t.staff("POST", "/office/admin/company/logo", gate.Administrators, b.UploadLogo)
	t.staff("POST", "/office/admin/company/logo/removal", gate.Administrators, b.RemoveLogo)
	t.staff("POST", "/office/admin/company/banner", gate.Administrators, b.UploadBanner)
	t.staff("POST", "/office/admin/company/banner/removal", gate.Administrators, b.RemoveBanner)
	t.staff("POST", "/office/admin/company/tax-rates", gate.Administrators, b.AddTaxRate)
	t.staff("POST", "/office/admin/company/tax-rates/{rate}", gate.Administrators, b.ChangeTaxRate)
	t.staff("GET", "/office/admin/company/preview/pages", gate.Administrators, b.PreviewPages)
	t.staff("GET", "/office/admin/company/preview/sign-in", gate.Administrators, b.PreviewSignIn)
	t.staff("GET", "/office/admin/company/preview/style.css", gate.Administrators, b.PreviewStyle)
	t.staff("GET", "/office/admin/portal", gate.Administrators, s.Settings.Show)
	t.staff("POST", "/office/admin/portal", gate.Administrators, s.Settings.Save)
	t.staff("GET", "/office/admin/staff", gate.Administrators, s.Staff.List)
	t.staff("POST", "/office/admin/staff", gate.Administrators, s.Staff.Create)
	t.staff("GET", "/office/admin/staff/new", gate.Administrators, s.Staff.New)
	t.staff("GET", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Show)
	t.staff("POST", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Save)
	t.staff("POST", "/office/admin/staff/{id}/suspension", gate.Administrators, s.Staff.Suspend)
	t.staff("POST", "/office/admin/staff/{id}/restoration", gate.Administrators, s.Staff.Restore)
	t.staff("POST", "/office/admin/staff/{id}/invitation", gate.Administrators, s.Staff.Invite)
}
