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
	Doors           portalweb.Doors
	Jobs            portalweb.Jobs
	Files           portalweb.Files
	Home            portalweb.Home
	Quotes          portalweb.Quotes
	Papers          portalweb.Papers
	Equipment       portalweb.Equipment
	Details         portalweb.Details
	Colleagues      portalweb.Colleagues
	Person          portalweb.Account
	OfficeDoors     officeweb.Doors
	OfficeQuotes    officeweb.Quotes
	OfficeEquipment officeweb.Equipment
	Staff           officeweb.Staff
	ContactMail     portalweb.Mail
	Mail            officeweb.Mail
	Notifications   officeweb.Notifications
	Brand           brandweb.Brand
	Customers       officeweb.Customers
	Sites           officeweb.Sites
	Contacts        officeweb.Contacts
	Company         officeweb.Company
	Settings        officeweb.PortalSettings
	OfficeHome      officeweb.Home
	OfficeJobs      officeweb.Jobs
	JobPDF          officeweb.JobPDF
	JobTasks        officeweb.Tasks
	JobTime         officeweb.Time
	OfficeFiles     officeweb.Files
	JobTypes        officeweb.JobTypes
	Activity        officeweb.Activity
	Search          officeweb.Search
	Messages        officeweb.Messages
	Account         officeweb.Account
	Dev             http.Handler // the demo's mailbox and gallery; nil elsewhere
}

// brand is the business's look, for everybody: sign-in pages need it.
func brand(t *table, s Screens) {
	t.open("GET", "/brand/{version}/style.css", s.Brand.Style)
	t.open("GET", "/brand/{version}/logo", s.Brand.Logo)
	t.open("GET", "/brand/{version}/banner", s.Brand.Banner)
	t.open("GET", "/brand/{version}/panel", s.Brand.Panel)
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
	t.open("POST", "/welcome/{token}/strength", d.JudgeWelcome)
	t.open("GET", "/reset/{token}", d.Reset)
	t.open("POST", "/reset/{token}", d.ChoosePassword)
	t.open("POST", "/reset/{token}/renewal", d.RenewReset)
	t.open("POST", "/reset/{token}/strength", d.JudgeReset)
	t.open("GET", "/new-address/{token}", s.Person.NewAddress)
	t.open("POST", "/new-address/{token}", s.Person.ConfirmAddress)
	t.person("GET", "/choose", d.Choose)
	t.person("POST", "/choose", d.Switch)
	t.person("GET", "/new-password", d.NewPassword)
	t.person("POST", "/new-password", d.ChangePassword)
	t.person("POST", "/new-password/strength", d.JudgeNewPassword)
}

// portalScreens are what contacts see and do.
func portalScreens(t *table, s Screens) {
	contactMail(t, s.ContactMail)
	t.contact("GET", "/", gate.SignedIn, s.Home.Show)
	j := s.Jobs
	t.contact("GET", "/jobs", gate.SeesJobs, j.List)
	t.contact("POST", "/jobs", gate.OpensJobs, j.Create)
	t.contact("GET", "/jobs/new", gate.OpensJobs, j.New)
	t.contact("GET", "/jobs/{number}/pdf", gate.SeesJobs, s.Papers.Job)
	t.contact("GET", "/jobs/{number}/calendar.ics", gate.SeesJobs, j.Calendar)
	t.contact("GET", "/jobs/{number}", gate.SeesJobs, j.Show)
	t.contact("GET", "/jobs/{number}/edit", gate.EditsJobs, j.Edit)
	t.contact("POST", "/jobs/{number}/edit", gate.EditsJobs, j.Save)
	t.contact("POST", "/jobs/{number}/files", gate.SeesJobs, j.AddFiles)
	t.contact("POST", "/jobs/{number}/messages", gate.SeesJobs, j.Write)
	q := s.Quotes
	t.contact("GET", "/quotes", gate.SeesQuotes, q.List)
	t.contact("POST", "/quotes", gate.RequestsQuotes, q.Create)
	t.contact("GET", "/quotes/new", gate.RequestsQuotes, q.New)
	t.contact("GET", "/quotes/{number}/pdf", gate.SeesQuotes, s.Papers.Quote)
	t.contact("GET", "/quotes/{number}", gate.SeesQuotes, q.Show)
	t.contact("GET", "/quotes/{number}/edit", gate.EditsQuotes, q.Edit)
	t.contact("POST", "/quotes/{number}/edit", gate.EditsQuotes, q.Save)
	t.contact("POST", "/quotes/{number}/files", gate.SeesQuotes, q.AddFiles)
	t.contact("GET", "/quotes/{number}/acceptance", gate.AcceptsQuotes, q.Acceptance)
	t.contact("POST", "/quotes/{number}/acceptance", gate.AcceptsQuotes, q.Accept)
	t.contact("GET", "/quotes/{number}/refusal", gate.AcceptsQuotes, q.Refusal)
	t.contact("POST", "/quotes/{number}/refusal", gate.AcceptsQuotes, q.Decline)
	t.contact("GET", "/quotes/{number}/signature", gate.SeesQuotes, q.Signature)
	t.contact("POST", "/quotes/{number}/messages", gate.SeesQuotes, q.Write)
	e := s.Equipment
	t.contact("GET", "/equipment", gate.SeesEquipment, e.List)
	t.contact("POST", "/equipment", gate.AddsEquipment, e.Create)
	t.contact("GET", "/equipment/new", gate.AddsEquipment, e.New)
	t.contact("GET", "/equipment/{id}", gate.SeesEquipment, e.Show)
	t.contact("GET", "/equipment/{id}/edit", gate.EditsEquipment, e.Edit)
	t.contact("POST", "/equipment/{id}/edit", gate.EditsEquipment, e.Save)
	t.contact("POST", "/equipment/{id}/files", gate.SeesEquipment, e.AddFiles)
	d := s.Details
	t.contact("GET", "/details", gate.SignedIn, d.Show)
	t.contact("GET", "/details/edit", gate.SignedIn, d.EditOwn)
	t.contact("POST", "/details/edit", gate.SignedIn, d.SaveOwn)
	t.contact("GET", "/details/sign-in-address", gate.SignedIn, s.Person.Address)
	t.contact("POST", "/details/sign-in-address", gate.SignedIn, s.Person.AskAddress)
	t.contact("GET", "/details/devices", gate.SignedIn, s.Person.Devices)
	t.contact("POST", "/details/devices/removal", gate.SignedIn, s.Person.EndOtherDevices)
	t.contact("POST", "/details/devices/{id}/removal", gate.SignedIn, s.Person.EndDevice)
	t.contact("GET", "/details/company/edit", gate.EditsCompany, d.EditCompany)
	t.contact("POST", "/details/company/edit", gate.EditsCompany, d.SaveCompany)
	t.contact("GET", "/details/sites", gate.SignedIn, d.Sites)
	t.contact("POST", "/details/sites", gate.EditsCompany, d.AddSite)
	t.contact("GET", "/details/sites/new", gate.EditsCompany, d.NewSite)
	t.contact("GET", "/details/sites/{id}/edit", gate.EditsCompany, d.EditSite)
	t.contact("POST", "/details/sites/{id}/edit", gate.EditsCompany, d.SaveSite)
	colleagues(t, s.Colleagues)
	t.contact("GET", "/attachments/{id}", gate.SignedIn, s.Files.Show)
	t.contact("GET", "/attachments/{id}/thumb", gate.SignedIn, s.Files.Thumb)
	t.contact("POST", "/attachments/{id}/removal", gate.SignedIn, s.Files.Remove)
	t.contact("GET", "/jobs/{number}/files/download", gate.SeesJobs, s.Files.OfJob)
	t.contact("GET", "/quotes/{number}/files/download", gate.SeesQuotes, s.Files.OfQuote)
	t.contact("GET", "/equipment/{id}/files/download", gate.SeesEquipment, s.Files.OfEquipment)
	t.contact("GET", "/details/files/download", gate.SignedIn, s.Files.OfCustomer)
}

// colleagues are the contacts whom another contact looks after.
func colleagues(t *table, c portalweb.Colleagues) {
	t.contact("GET", "/details/colleagues", gate.ManagesContacts, c.List)
	t.contact("POST", "/details/colleagues", gate.ManagesContacts, c.Create)
	t.contact("GET", "/details/colleagues/new", gate.ManagesContacts, c.New)
	t.contact("GET", "/details/colleagues/{id}", gate.ManagesContacts, c.Show)
	t.contact("GET", "/details/colleagues/{id}/edit", gate.ManagesContacts, c.Edit)
	t.contact("POST", "/details/colleagues/{id}/edit", gate.ManagesContacts, c.Save)
	t.contact("GET", "/details/colleagues/{id}/invitation", gate.ManagesContacts, c.AskInvitation)
	t.contact("POST", "/details/colleagues/{id}/invitation", gate.ManagesContacts, c.Invite)
	t.contact("GET", "/details/colleagues/{id}/suspension", gate.ManagesContacts, c.AskSuspension)
	t.contact("POST", "/details/colleagues/{id}/suspension", gate.ManagesContacts, c.Suspend)
	t.contact("GET", "/details/colleagues/{id}/restoration", gate.ManagesContacts, c.AskRestoration)
	t.contact("POST", "/details/colleagues/{id}/restoration", gate.ManagesContacts, c.Restore)
}

// contactMail are the emails that contacts choose; the links in them need no sign-in.
func contactMail(t *table, m portalweb.Mail) {
	t.contact("GET", "/details/emails", gate.SignedIn, m.Show)
	t.contact("POST", "/details/emails", gate.SignedIn, m.Save)
	t.open("GET", "/emails/{token}", m.Ask)
	t.open("POST", "/emails/{token}", m.Stop)
}

// officeMail are the emails of the office, and what became of them.
func officeMail(t *table, m officeweb.Mail) {
	t.staff("GET", "/office/email", gate.AnyStaff, m.List)
	t.staff("GET", "/office/email.csv", gate.AnyStaff, m.Export)
	t.staff("GET", "/office/email/test", gate.AnyStaff, m.AskTest)
	t.staff("POST", "/office/email/test", gate.AnyStaff, m.Test)
	t.staff("GET", "/office/email/{id}", gate.AnyStaff, m.Show)
	t.staff("GET", "/office/email/{id}/copy", gate.AnyStaff, m.Copy)
	t.staff("POST", "/office/email/{id}/again", gate.AnyStaff, m.Again)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/emails", gate.AnyStaff, m.OfContact)
}

// officeDoors are the ways into the office.
func officeDoors(t *table, s Screens) {
	d := s.OfficeDoors
	t.open("GET", "/office/login", d.Login)
	t.open("POST", "/office/login", d.SignIn)
	t.open("POST", "/office/logout", d.Logout)
	t.open("GET", "/office/forgot-password", d.Forgot)
	t.open("POST", "/office/forgot-password", d.SendReset)
	t.open("GET", "/office/welcome/{token}", d.Welcome().Show)
	t.open("POST", "/office/welcome/{token}", d.Welcome().Use)
	t.open("POST", "/office/welcome/{token}/renewal", d.Welcome().Renew)
	t.open("POST", "/office/welcome/{token}/strength", d.Welcome().Strength)
	t.open("GET", "/office/reset/{token}", d.Reset().Show)
	t.open("POST", "/office/reset/{token}", d.Reset().Use)
	t.open("POST", "/office/reset/{token}/renewal", d.Reset().Renew)
	t.open("POST", "/office/reset/{token}/strength", d.Reset().Strength)
}

// officeScreens are what staff see and do.
func officeScreens(t *table, s Screens) {
	officeMail(t, s.Mail)
	officeWork(t, s)
	c := s.Customers
	t.staff("GET", "/office/customers", gate.AnyStaff, c.List)
	t.staff("POST", "/office/customers", gate.AnyStaff, c.Create)
	t.staff("GET", "/office/customers.csv", gate.AnyStaff, c.Export)
	t.staff("GET", "/office/customers/new", gate.AnyStaff, c.New)
	t.staff("GET", "/office/customers/{number}", gate.AnyStaff, c.Show)
	t.staff("GET", "/office/customers/{number}/edit", gate.AnyStaff, c.Edit)
	t.staff("POST", "/office/customers/{number}/edit", gate.AnyStaff, c.Update)
	t.staff("GET", "/office/customers/{number}/archive", gate.AnyStaff, c.AskArchive)
	t.staff("POST", "/office/customers/{number}/archive", gate.AnyStaff, c.Archive)
	t.staff("GET", "/office/customers/{number}/restore", gate.AnyStaff, c.AskRestore)
	t.staff("POST", "/office/customers/{number}/restore", gate.AnyStaff, c.Restore)
	t.staff("GET", "/office/customers/{number}/jobs", gate.AnyStaff, s.OfficeJobs.OfCustomer)
	t.staff("GET", "/office/customers/{number}/quotes", gate.AnyStaff, s.OfficeQuotes.OfCustomer)
	t.staff("GET", "/office/customers/{number}/sites", gate.AnyStaff, s.Sites.List)
	t.staff("POST", "/office/customers/{number}/sites", gate.AnyStaff, s.Sites.Create)
	t.staff("GET", "/office/customers/{number}/sites/new", gate.AnyStaff, s.Sites.New)
	t.staff("GET", "/office/customers/{number}/sites.csv", gate.AnyStaff, s.Sites.Export)
	t.staff("GET", "/office/customers/{number}/sites/{site}", gate.AnyStaff, s.Sites.Show)
	t.staff("GET", "/office/customers/{number}/sites/{site}/edit", gate.AnyStaff, s.Sites.Edit)
	t.staff("POST", "/office/customers/{number}/sites/{site}/edit", gate.AnyStaff, s.Sites.Update)
	t.staff("GET", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.Sites.AskArchive)
	t.staff("POST", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.Sites.Archive)
	t.staff("GET", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.Sites.AskRestore)
	t.staff("POST", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.Sites.Restore)
	t.staff("GET", "/office/customers/{number}/contacts", gate.AnyStaff, s.Contacts.List)
	t.staff("POST", "/office/customers/{number}/contacts", gate.AnyStaff, s.Contacts.Create)
	t.staff("GET", "/office/customers/{number}/contacts/new", gate.AnyStaff, s.Contacts.New)
	t.staff("POST", "/office/customers/{number}/contacts/permissions", gate.AnyStaff, s.Contacts.Words)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}", gate.AnyStaff, s.Contacts.Show)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/preview", gate.AnyStaff, s.Contacts.Preview)
	t.staff("GET", "/office/contacts", gate.AnyStaff, s.Contacts.All)
	t.staff("GET", "/office/contacts.csv", gate.AnyStaff, s.Contacts.ExportAll)
	t.staff("GET", "/office/contacts/invitations", gate.AnyStaff, s.Contacts.AskInvitations)
	t.staff("POST", "/office/contacts/invitations", gate.AnyStaff, s.Contacts.InviteMany)
	t.staff("GET", "/office/customers/{number}/contacts.csv", gate.AnyStaff, s.Contacts.Export)
	t.staff("POST", "/office/contacts/preview/end", gate.AnyStaff, s.Contacts.EndPreview)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, s.Contacts.Edit)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, s.Contacts.Update)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, s.Contacts.AskInvitation)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/link", gate.AnyStaff, s.Contacts.AskLink)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, s.Contacts.Invite)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, s.Contacts.AskSuspension)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, s.Contacts.Suspend)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, s.Contacts.AskRestoration)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, s.Contacts.Reinstate)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, s.Contacts.AskArchive)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, s.Contacts.Archive)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, s.Contacts.AskRestore)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, s.Contacts.Restore)
	officeQuotes(t, s.OfficeQuotes)
	officeEquipment(t, s.OfficeEquipment)
	officeFiles(t, s.OfficeFiles)
	officeMessages(t, s.Messages)
}

// officeMessages are the conversations with customers. What customers read and
// what only staff read is sent to two addresses.
func officeMessages(t *table, m officeweb.Messages) {
	t.staff("GET", "/office/messages", gate.AnyStaff, m.Inbox)
	t.staff("GET", "/office/messages.csv", gate.AnyStaff, m.Export)
	for _, of := range officeweb.Talks {
		t.staff("GET", of.Pattern+"/messages", gate.AnyStaff, m.Show(of))
		t.staff("POST", of.Pattern+"/messages", gate.AnyStaff, m.Send(of))
		t.staff("POST", of.Pattern+"/notes", gate.AnyStaff, m.Note(of))
	}
}

// officeFiles are the files of jobs, quotes, equipment and customers in the office.
func officeFiles(t *table, f officeweb.Files) {
	for _, k := range officeweb.Holders {
		tab := k.Pattern + "/attachments"
		t.staff("GET", tab, gate.AnyStaff, f.List(k))
		t.staff("POST", tab, gate.AnyStaff, f.Upload(k))
		t.staff("POST", tab+"/sharing", gate.AnyStaff, f.Share(k))
		t.staff("GET", tab+"/download", gate.AnyStaff, f.Download(k))
		t.staff("GET", tab+"/captions", gate.AnyStaff, f.Captions(k))
		t.staff("POST", tab+"/captions", gate.AnyStaff, f.Describe(k))
		t.staff("GET", tab+"/removal", gate.AnyStaff, f.AskRemoval(k))
		t.staff("POST", tab+"/removal", gate.AnyStaff, f.Remove(k))
	}
	t.staff("GET", "/office/attachments/{id}", gate.AnyStaff, f.Original)
	t.staff("GET", "/office/attachments/{id}/web", gate.AnyStaff, f.Web)
	t.staff("GET", "/office/attachments/{id}/thumb", gate.AnyStaff, f.Thumb)
}

// officeQuotes are the screens of quotes in the office.
func officeQuotes(t *table, q officeweb.Quotes) {
	t.staff("GET", "/office/quotes", gate.AnyStaff, q.List)
	t.staff("POST", "/office/quotes", gate.AnyStaff, q.Create)
	t.staff("GET", "/office/quotes/new", gate.AnyStaff, q.New)
	t.staff("GET", "/office/quotes.csv", gate.AnyStaff, q.Export)
	t.staff("POST", "/office/quotes/totals", gate.AnyStaff, q.Totals)
	t.staff("GET", "/office/quotes/{number}", gate.AnyStaff, q.Show)
	t.staff("GET", "/office/quotes/{number}/edit", gate.AnyStaff, q.Edit)
	t.staff("POST", "/office/quotes/{number}/edit", gate.AnyStaff, q.Update)
	t.staff("GET", "/office/quotes/{number}/sending", gate.AnyStaff, q.AskSending)
	t.staff("POST", "/office/quotes/{number}/sending", gate.AnyStaff, q.Send)
	t.staff("GET", "/office/quotes/{number}/withdrawal", gate.AnyStaff, q.AskWithdrawal)
	t.staff("POST", "/office/quotes/{number}/withdrawal", gate.AnyStaff, q.Withdraw)
	t.staff("GET", "/office/quotes/{number}/revision", gate.AnyStaff, q.AskRevision)
	t.staff("POST", "/office/quotes/{number}/revision", gate.AnyStaff, q.Revise)
	t.staff("POST", "/office/quotes/{number}/totals", gate.AnyStaff, q.Totals)
	t.staff("GET", "/office/quotes/{number}/job", gate.AnyStaff, q.AskJob)
	t.staff("POST", "/office/quotes/{number}/job", gate.AnyStaff, q.CreateJob)
	t.staff("GET", "/office/quotes/{number}/pdf", gate.AnyStaff, q.PDF)
	t.staff("GET", "/office/quotes/{number}/signature", gate.AnyStaff, q.Signature)
	t.staff("GET", "/office/quotes/{number}/versions/{version}", gate.AnyStaff, q.Version)
	t.staff("GET", "/office/quotes/{number}/versions/{version}/pdf", gate.AnyStaff, q.VersionPDF)
}

// officeWork are the home of the office and the screens of jobs.
func officeWork(t *table, s Screens) {
	t.staff("GET", "/office", gate.AnyStaff, s.OfficeHome.Show)
	t.staff("GET", "/office/changes", gate.AnyStaff, s.Activity.Changes)
	t.staff("GET", "/office/search", gate.AnyStaff, s.Search.Show)
	t.staff("GET", "/office/account", gate.AnyStaff, s.Account.Show)
	t.staff("POST", "/office/account", gate.AnyStaff, s.Account.Save)
	t.staff("POST", "/office/account/password", gate.AnyStaff, s.Account.ChangePassword)
	t.staff("POST", "/office/account/password/strength", gate.AnyStaff, s.Account.Strength)
	j := s.OfficeJobs
	t.staff("GET", "/office/jobs", gate.AnyStaff, j.List)
	t.staff("POST", "/office/jobs", gate.AnyStaff, j.Create)
	t.staff("GET", "/office/jobs.csv", gate.AnyStaff, j.Export)
	t.staff("GET", "/office/jobs/customers", gate.AnyStaff, j.Customers)
	t.staff("GET", "/office/jobs/new", gate.AnyStaff, j.New)
	t.staff("GET", "/office/jobs/{number}/pdf", gate.AnyStaff, s.JobPDF.Show)
	t.staff("GET", "/office/jobs/{number}", gate.AnyStaff, j.Show)
	t.staff("GET", "/office/jobs/{number}/edit", gate.AnyStaff, j.Edit)
	t.staff("POST", "/office/jobs/{number}/edit", gate.AnyStaff, j.Update)
	t.staff("GET", "/office/jobs/{number}/booking", gate.AnyStaff, j.Booking)
	t.staff("GET", "/office/jobs/{number}/completion", gate.AnyStaff, j.Completion)
	t.staff("GET", "/office/jobs/{number}/cancellation", gate.AnyStaff, j.Cancellation)
	t.staff("POST", "/office/jobs/{number}/status", gate.AnyStaff, j.Move)
	t.staff("GET", "/office/jobs/{number}/tasks", gate.AnyStaff, s.JobTasks.List)
	t.staff("POST", "/office/jobs/{number}/tasks", gate.AnyStaff, s.JobTasks.Add)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}", gate.AnyStaff, s.JobTasks.Edit)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}/completion", gate.AnyStaff, s.JobTasks.Complete)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}/removal", gate.AnyStaff, s.JobTasks.Remove)
	t.staff("GET", "/office/jobs/{number}/time", gate.AnyStaff, s.JobTime.List)
	t.staff("POST", "/office/jobs/{number}/time", gate.AnyStaff, s.JobTime.Log)
	t.staff("POST", "/office/jobs/{number}/time/{entry}", gate.AnyStaff, s.JobTime.Edit)
	t.staff("POST", "/office/jobs/{number}/time/{entry}/removal", gate.AnyStaff, s.JobTime.Remove)
}

// jobTypes are the screens of Administration → Job Types.
func jobTypes(t *table, y officeweb.JobTypes) {
	t.staff("GET", "/office/admin/job-types", gate.Administrators, y.List)
	t.staff("POST", "/office/admin/job-types", gate.Administrators, y.Create)
	t.staff("GET", "/office/admin/job-types/new", gate.Administrators, y.New)
	t.staff("GET", "/office/admin/job-types/{type}", gate.Administrators, y.Edit)
	t.staff("POST", "/office/admin/job-types/{type}", gate.Administrators, y.Update)
}

// officeEquipment are the screens of customers' plant in the office.
func officeEquipment(t *table, e officeweb.Equipment) {
	t.staff("GET", "/office/equipment", gate.AnyStaff, e.List)
	t.staff("POST", "/office/equipment", gate.AnyStaff, e.Create)
	t.staff("GET", "/office/equipment.csv", gate.AnyStaff, e.Export)
	t.staff("GET", "/office/customers/{number}/equipment", gate.AnyStaff, e.OfCustomer)
	t.staff("GET", "/office/equipment/new", gate.AnyStaff, e.New)
	t.staff("POST", "/office/equipment/customer", gate.AnyStaff, e.Choose)
	t.staff("GET", "/office/equipment/{id}", gate.AnyStaff, e.Show)
	t.staff("GET", "/office/equipment/{id}/jobs", gate.AnyStaff, e.Jobs)
	t.staff("GET", "/office/equipment/{id}/edit", gate.AnyStaff, e.Edit)
	t.staff("POST", "/office/equipment/{id}/edit", gate.AnyStaff, e.Update)
	t.staff("GET", "/office/equipment/{id}/retirement", gate.AnyStaff, e.AskRetirement)
	t.staff("POST", "/office/equipment/{id}/retirement", gate.AnyStaff, e.Retire)
	t.staff("GET", "/office/equipment/{id}/restoration", gate.AnyStaff, e.AskRestoration)
	t.staff("POST", "/office/equipment/{id}/restoration", gate.AnyStaff, e.Restore)
}

// adminScreens are for Administrators.
func adminScreens(t *table, s Screens) {
	t.staff("GET", "/office/admin/notifications", gate.Administrators, s.Notifications.Show)
	jobTypes(t, s.JobTypes)
	t.staff("GET", "/office/admin/activity", gate.Administrators, s.Activity.List)
	t.staff("GET", "/office/admin/activity.csv", gate.Administrators, s.Activity.Export)
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
	t.staff("GET", "/office/admin/company/preview/colour", gate.Administrators, b.ColourWords)
	t.staff("GET", "/office/admin/portal", gate.Administrators, s.Settings.Show)
	t.staff("POST", "/office/admin/portal", gate.Administrators, s.Settings.Save)
	t.staff("POST", "/office/admin/portal/preview", gate.Administrators, s.Settings.Preview)
	t.staff("GET", "/office/admin/staff", gate.Administrators, s.Staff.List)
	t.staff("POST", "/office/admin/staff", gate.Administrators, s.Staff.Create)
	t.staff("GET", "/office/admin/staff/new", gate.Administrators, s.Staff.New)
	t.staff("GET", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Show)
	t.staff("POST", "/office/admin/staff/{id}", gate.Administrators, s.Staff.Save)
	t.staff("POST", "/office/admin/staff/{id}/suspension", gate.Administrators, s.Staff.Suspend)
	t.staff("POST", "/office/admin/staff/{id}/restoration", gate.Administrators, s.Staff.Restore)
	t.staff("POST", "/office/admin/staff/{id}/invitation", gate.Administrators, s.Staff.Invite)
	t.staff("POST", "/office/admin/staff/{id}/archiving", gate.Administrators, s.Staff.Archive)
	t.staff("POST", "/office/admin/staff/{id}/unarchiving", gate.Administrators, s.Staff.Unarchive)
}
