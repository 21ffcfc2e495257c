package web

import (
	"net/http"

	brandweb "fieldgate/web/brand"
	officeweb "fieldgate/web/office"
	portalweb "fieldgate/web/portal"

	"fieldgate/web/gate"
)

// Screens are the program's screens.
type Screens struct {
	Portal Portal
	Office Office
	Brand  brandweb.Brand
	Dev    http.Handler // the demo's mailbox and gallery; nil elsewhere
}

// Portal are the screens of contacts, one group a noun.
type Portal struct {
	SignIn          portalweb.SignIn
	Links           portalweb.Links
	Home            portalweb.Home
	Jobs            portalweb.Jobs
	Quotes          portalweb.Quotes
	Documents       portalweb.Documents
	Equipment       portalweb.Equipment
	Files           portalweb.Files
	Details         portalweb.Details
	Account         portalweb.Account
	ManagedContacts portalweb.ManagedContacts
	Mail            portalweb.Mail
	Keys            portalweb.Keys
	Everywhere      portalweb.Everywhere
	Calendar        portalweb.Calendar
}

// Office are the screens of staff, one group a noun.
type Office struct {
	SignIn        officeweb.SignIn
	Home          officeweb.Home
	Search        officeweb.Search
	Account       officeweb.Account
	Customers     officeweb.Customers
	Sites         officeweb.Sites
	Contacts      officeweb.Contacts
	CompanyLogin  officeweb.CompanyLogin
	Jobs          officeweb.Jobs
	Tasks         officeweb.Tasks
	Time          officeweb.Time
	Quotes        officeweb.Quotes
	Equipment     officeweb.Equipment
	Files         officeweb.Files
	Messages      officeweb.Messages
	Mail          officeweb.Mail
	Unconfirmed   officeweb.Unconfirmed
	Activity      officeweb.Activity
	Notifications officeweb.Notifications
	SignIns       officeweb.SignIns
	Imports       officeweb.Imports
	Health        officeweb.Health
	JobTypes      officeweb.JobTypes
	Tokens        officeweb.Tokens
	Documents     officeweb.Documents
	Templates     officeweb.QuoteTemplates
	Company       officeweb.Company
	Settings      officeweb.PortalSettings
	Retention     officeweb.Retention
	Webhooks      officeweb.Webhooks
	Keepers       officeweb.Keepers
	Exports       officeweb.Exports
	Staff         officeweb.Staff
	Calendar      officeweb.Calendar
	FileImports   officeweb.FileImports
	Numbers       officeweb.Numbers
}

// brand is the business's look, for everybody: sign-in pages need it.
func brand(t *table, b brandweb.Brand) {
	t.open("GET", "/brand/{version}/style.css", b.Style)
	t.open("GET", "/brand/{version}/logo", b.Logo)
	t.open("GET", "/brand/{version}/head", b.Head)
	t.open("GET", "/brand/{version}/banner", b.Banner)
	t.open("GET", "/brand/{version}/panel", b.Panel)
	t.open("GET", "/brand/{version}/icon", b.Icon)
	t.open("GET", "/brand/{version}/home-icon", b.HomeIcon)
	t.open("GET", "/brand/{version}/app-icon-192", b.AppIcon)
	t.open("GET", "/brand/{version}/app-icon-512", b.LargeAppIcon)
	t.open("GET", "/brand/{version}/app-icon-maskable", b.MaskableIcon)
	t.open("GET", "/brand/{version}/manifest.webmanifest", b.Manifest)
	t.open("GET", "/worker.js", b.Worker)
}

// calendars are the addresses that calendars read, which have no sessions.
func calendars(t *table, s Screens) {
	t.open("GET", "/calendar/{token}.ics", s.Portal.Calendar.Read)
	t.open("GET", "/office/calendar/{token}.ics", s.Office.Calendar.Read)
}

// portalSignIn are the screens of signing in to the portal.
func portalSignIn(t *table, p Portal) {
	s := p.SignIn
	t.open("GET", "/login", s.Login)
	t.open("POST", "/login", s.SignIn)
	t.open("POST", "/login/passkey", s.SignInWithPasskey)
	t.open("POST", "/login/passkey/challenge", s.PasskeyChallenge)
	t.open("GET", "/login/code", s.AskCode)
	t.open("POST", "/login/code", s.SendCode)
	t.open("GET", "/login/code/digits", s.Code)
	t.open("POST", "/login/code/digits", s.UseCode)
	t.open("GET", "/login/company", s.AskCompany)
	t.open("POST", "/login/company", s.ToCompany)
	t.open("GET", "/login/company/{number}/answer", s.FromCompany)
	t.open("POST", "/login/company/{number}/logout", s.CompanyLogout)
	t.open("GET", "/login/second-factor", s.Factor)
	t.open("POST", "/login/second-factor", s.GiveFactor)
	t.open("GET", "/login/second-factor/loss", s.Lost)
	t.open("POST", "/login/second-factor/loss", s.ReportLost)
	t.open("POST", "/logout", s.Logout)
	t.open("GET", "/forgot-password", s.Forgot)
	t.open("POST", "/forgot-password", s.SendReset)
	t.open("GET", "/welcome/{token}", s.Welcome)
	t.open("POST", "/welcome/{token}", s.Accept)
	t.open("POST", "/welcome/{token}/renewal", s.RenewInvitation)
	t.open("POST", "/welcome/{token}/strength", s.CheckWelcome)
	t.open("GET", "/reset/{token}", s.Reset)
	t.open("POST", "/reset/{token}", s.ChoosePassword)
	t.open("POST", "/reset/{token}/renewal", s.RenewReset)
	t.open("POST", "/reset/{token}/strength", s.CheckReset)
	t.open("GET", "/new-address/{token}", p.Account.NewAddress)
	t.open("POST", "/new-address/{token}", p.Account.ConfirmAddress)
	l := p.Links
	t.open("GET", "/r", l.Show)
	t.open("POST", "/r", l.Open)
	t.open("POST", "/r/leave", l.Leave)
	t.open("POST", "/r/renewal", l.Renew)
	t.open("GET", "/r/{token}", l.Arrive)
	t.person("GET", "/choose", s.Choose)
	t.person("POST", "/choose", s.Switch)
	t.person("GET", "/new-password", s.NewPassword)
	t.person("POST", "/new-password", s.ChangePassword)
	t.person("POST", "/new-password/strength", s.CheckNewPassword)
}

// portalScreens are what contacts see and do.
func portalScreens(t *table, p Portal) {
	t.contact("GET", "/", gate.SignedIn, p.Home.Show)
	portalJobs(t, p)
	portalQuotes(t, p)
	portalEquipment(t, p)
	portalDetails(t, p)
	portalManagedContacts(t, p)
	portalMail(t, p)
	portalFiles(t, p)
	portalPlaces(t, p)
}

// portalJobs are the screens of jobs in the portal.
func portalJobs(t *table, p Portal) {
	j := p.Jobs
	t.contact("GET", "/jobs", gate.SeesJobs, j.List)
	t.contactRequest("/jobs", gate.OpensJobs, j.AskCreate, j.Create)
	t.contact("GET", "/jobs/new", gate.OpensJobs, j.New)
	t.contact("GET", "/jobs/{number}/pdf", gate.SeesJobs.OrLink(), p.Documents.Job)
	t.contact("GET", "/jobs/{number}/calendar.ics", gate.SeesJobs.OrLink(), j.Calendar)
	t.contact("GET", "/jobs/{number}", gate.SeesJobs.OrLink(), j.Show)
	t.contact("GET", "/jobs/{number}/edit", gate.EditsJobs, j.Edit)
	t.contact("POST", "/jobs/{number}/edit", gate.EditsJobs, j.Save)
	t.contact("GET", "/jobs/{number}/visit", gate.SeesJobs.OrLink(), j.Visit)
	t.contact("POST", "/jobs/{number}/visit", gate.SeesJobs.OrLink(), j.AnswerVisit)
	t.contact("GET", "/jobs/{number}/withdrawal", gate.SeesJobs, j.AskWithdrawal)
	t.contact("POST", "/jobs/{number}/withdrawal", gate.SeesJobs, j.Withdraw)
	t.contact("GET", "/jobs/{number}/follow-up", gate.OpensJobs, j.NotRight)
	t.contactFiles("/jobs/{number}/follow-up", gate.OpensJobs, j.AskFollowUp, j.FollowUp)
	t.contactFiles("/jobs/{number}/files", gate.SeesJobs, j.AskFiles, j.AddFiles)
	t.contactFiles("/jobs/{number}/messages", gate.SeesJobs.OrLink(), j.AskWrite, j.Write)
}

// portalQuotes are the screens of quotes in the portal.
func portalQuotes(t *table, p Portal) {
	q := p.Quotes
	t.contact("GET", "/quotes", gate.SeesQuotes, q.List)
	t.contactRequest("/quotes", gate.RequestsQuotes, q.AskCreate, q.Create)
	t.contact("GET", "/quotes/new", gate.RequestsQuotes, q.New)
	t.contact("POST", "/quotes/estimate", gate.SeesQuotes, q.Estimate)
	t.contact("GET", "/quotes/{number}/pdf", gate.SeesQuotes.OrLink(), p.Documents.Quote)
	t.contact("GET", "/quotes/{number}", gate.SeesQuotes.OrLink(), q.Show)
	t.contact("GET", "/quotes/{number}/edit", gate.EditsQuotes, q.Edit)
	t.contact("POST", "/quotes/{number}/edit", gate.EditsQuotes, q.Save)
	t.contactFiles("/quotes/{number}/files", gate.SeesQuotes, q.AskFiles, q.AddFiles)
	t.contact("GET", "/quotes/{number}/acceptance", gate.AcceptsQuotes.OrLink(), q.Acceptance)
	t.contact("POST", "/quotes/{number}/acceptance", gate.AcceptsQuotes.OrLink(), q.Accept)
	t.contact("GET", "/quotes/{number}/refusal", gate.AcceptsQuotes.OrLink(), q.Refusal)
	t.contact("POST", "/quotes/{number}/refusal", gate.AcceptsQuotes.OrLink(), q.Decline)
	t.contact("GET", "/quotes/{number}/withdrawal", gate.SeesQuotes, q.AskWithdrawal)
	t.contact("POST", "/quotes/{number}/withdrawal", gate.SeesQuotes, q.Withdraw)
	t.contact("GET", "/quotes/{number}/signature", gate.SeesQuotes.OrLink(), q.Signature)
	t.contactFiles("/quotes/{number}/messages", gate.SeesQuotes.OrLink(), q.AskWrite, q.Write)
}

// portalEquipment are the screens of equipment in the portal.
func portalEquipment(t *table, p Portal) {
	e := p.Equipment
	t.contact("GET", "/equipment", gate.SeesEquipment, e.List)
	t.contactRequest("/equipment", gate.AddsEquipment, e.AskCreate, e.Create)
	t.contact("GET", "/equipment/new", gate.AddsEquipment, e.New)
	t.contact("GET", "/equipment/{id}", gate.SeesEquipment, e.Show)
	t.contact("GET", "/equipment/{id}/edit", gate.EditsEquipment, e.Edit)
	t.contact("POST", "/equipment/{id}/edit", gate.EditsEquipment, e.Save)
	t.contactFiles("/equipment/{id}/files", gate.SeesEquipment, e.AskFiles, e.AddFiles)
}

// portalDetails are My Details: the contact, the customer, its sites, where the person is signed in.
func portalDetails(t *table, p Portal) {
	d := p.Details
	t.contact("GET", "/details", gate.SignedIn, d.Show)
	t.contact("GET", "/details/edit", gate.SignedIn, d.EditOwn)
	t.contact("POST", "/details/edit", gate.SignedIn, d.SaveOwn)
	t.contact("GET", "/details/sign-in-address", gate.SignedIn, p.Account.Address)
	t.contact("POST", "/details/sign-in-address", gate.SignedIn, p.Account.AskAddress)
	t.contact("GET", "/details/passkeys", gate.SignedIn, p.Account.Passkeys)
	t.contact("POST", "/details/passkeys", gate.SignedIn, p.Account.AddPasskey)
	t.contact("POST", "/details/passkeys/challenge", gate.SignedIn, p.Account.PasskeyChallenge)
	t.contact("POST", "/details/passkeys/offer", gate.SignedIn, p.Account.AnswerPasskeyOffer)
	t.contact("POST", "/details/passkeys/{id}/name", gate.SignedIn, p.Account.RenamePasskey)
	t.contact("POST", "/details/passkeys/{id}/removal", gate.SignedIn, p.Account.RemovePasskey)
	t.contact("GET", "/details/second-factor", gate.SignedIn, p.Account.Factor)
	t.contact("POST", "/details/second-factor", gate.SignedIn, p.Account.ConfirmFactor)
	t.contact("POST", "/details/second-factor/setup", gate.SignedIn, p.Account.BeginFactor)
	t.contact("POST", "/details/second-factor/recovery-codes", gate.SignedIn, p.Account.RenewCodes)
	t.contact("POST", "/details/second-factor/removal", gate.SignedIn, p.Account.RemoveFactor)
	t.contact("GET", "/details/devices", gate.SignedIn, p.Account.Devices)
	t.contact("POST", "/details/devices/removal", gate.SignedIn, p.Account.EndOtherDevices)
	t.contact("POST", "/details/devices/{id}/removal", gate.SignedIn, p.Account.EndDevice)
	t.contact("GET", "/details/keys", gate.SignedIn, p.Keys.Show)
	t.contact("POST", "/details/keys", gate.SignedIn, p.Keys.Create)
	t.contact("POST", "/details/keys/{id}/end", gate.SignedIn, p.Keys.End)
	c := p.Calendar
	t.contact("GET", "/details/calendar", gate.SeesJobs, c.Show)
	t.contact("POST", "/details/calendar", gate.SeesJobs, c.Make)
	t.contact("POST", "/details/calendar/address", gate.SeesJobs, c.Reveal)
	t.contact("POST", "/details/calendar/renewal", gate.SeesJobs, c.Renew)
	t.contact("POST", "/details/calendar/removal", gate.SeesJobs, c.End)
	t.contact("GET", "/details/data", gate.SignedIn, p.Files.AskData)
	t.contact("POST", "/details/data", gate.SignedIn, p.Files.TakeData)
	t.contact("GET", "/details/company/edit", gate.EditsCompany, d.EditCompany)
	t.contact("POST", "/details/company/edit", gate.EditsCompany, d.SaveCompany)
	t.contact("GET", "/details/sites", gate.SignedIn, d.Sites)
	t.contact("POST", "/details/sites", gate.EditsCompany, d.AddSite)
	t.contact("GET", "/details/sites/new", gate.EditsCompany, d.NewSite)
	t.contact("GET", "/details/sites/{id}/edit", gate.EditsCompany, d.EditSite)
	t.contact("POST", "/details/sites/{id}/edit", gate.EditsCompany, d.SaveSite)
}

// portalPlaces are sites, documents, and what is seen of all customers of a person.
func portalPlaces(t *table, p Portal) {
	t.contact("GET", "/sites/find", gate.SignedIn, p.Details.FindSites)
	t.contact("GET", "/sites/{id}", gate.SignedIn, p.Details.Site)
	t.contact("GET", "/documents", gate.SeesDocuments, p.Documents.List)
	t.contact("GET", "/documents.csv", gate.SeesDocuments, p.Documents.Export)
	e := p.Everywhere
	t.person("GET", "/all", e.Home)
	t.person("GET", "/all/jobs", e.Jobs)
	t.person("GET", "/all/quotes", e.Quotes)
	t.person("GET", "/all/equipment", e.Equipment)
	t.person("GET", "/all/documents", e.Documents)
}

// portalManagedContacts are the contacts whom another contact looks after.
func portalManagedContacts(t *table, p Portal) {
	c := p.ManagedContacts
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

// portalMail are the emails that contacts choose; the links in them need no sign-in.
func portalMail(t *table, p Portal) {
	m := p.Mail
	t.contact("GET", "/details/emails", gate.SignedIn, m.Show)
	t.contact("POST", "/details/emails", gate.SignedIn, m.Save)
	t.contact("POST", "/details/emails/devices", gate.SignedIn, m.TurnOn)
	t.contact("POST", "/details/emails/devices/{id}/removal", gate.SignedIn, m.TurnOff)
	t.contact("GET", "/waiting", gate.SignedIn, m.Waiting)
	t.open("GET", "/emails/{token}", m.Ask)
	t.open("POST", "/emails/{token}", m.Stop)
}

// portalFiles are the files that contacts look at and take along.
func portalFiles(t *table, p Portal) {
	f := p.Files
	t.contact("GET", "/attachments/{id}", gate.SignedIn.OrLink(), f.Show)
	t.contact("GET", "/attachments/{id}/thumb", gate.SignedIn.OrLink(), f.Thumb)
	t.contact("POST", "/attachments/{id}/removal", gate.SignedIn, f.Remove)
	t.contact("GET", "/jobs/{number}/files/download", gate.SeesJobs.OrLink(), f.OfJob)
	t.contact("GET", "/quotes/{number}/files/download", gate.SeesQuotes.OrLink(), f.OfQuote)
	t.contact("GET", "/equipment/{id}/files/download", gate.SeesEquipment, f.OfEquipment)
	t.contact("GET", "/details/files/download", gate.SignedIn, f.OfCustomer)
}

// officeSignIn are the screens of signing in to the office.
func officeSignIn(t *table, o Office) {
	s := o.SignIn
	t.open("GET", "/office/login", s.Login)
	t.open("POST", "/office/login", s.SignIn)
	t.open("POST", "/office/login/passkey", s.SignInWithPasskey)
	t.open("POST", "/office/login/passkey/challenge", s.PasskeyChallenge)
	t.open("POST", "/office/login/provider", s.ToProvider)
	t.open("GET", "/office/login/provider/answer", s.FromProvider)
	t.open("GET", "/office/login/second-factor", s.Factor)
	t.open("POST", "/office/login/second-factor", s.GiveFactor)
	t.open("POST", "/office/logout", s.Logout)
	t.open("GET", "/office/forgot-password", s.Forgot)
	t.open("POST", "/office/forgot-password", s.SendReset)
	t.open("GET", "/office/welcome/{token}", s.Welcome().Show)
	t.open("POST", "/office/welcome/{token}", s.Welcome().Use)
	t.open("POST", "/office/welcome/{token}/renewal", s.Welcome().Renew)
	t.open("POST", "/office/welcome/{token}/strength", s.Welcome().Strength)
	t.open("GET", "/office/reset/{token}", s.Reset().Show)
	t.open("POST", "/office/reset/{token}", s.Reset().Use)
	t.open("POST", "/office/reset/{token}/renewal", s.Reset().Renew)
	t.open("POST", "/office/reset/{token}/strength", s.Reset().Strength)
	t.open("GET", "/office/new-address/{token}", s.NewAddress)
	t.open("POST", "/office/new-address/{token}", s.ConfirmAddress)
}

// officeScreens are what staff see and do.
func officeScreens(t *table, o Office) {
	officeHome(t, o)
	officeCustomers(t, o)
	officeSites(t, o)
	officeContacts(t, o)
	officeJobs(t, o)
	officeQuotes(t, o)
	officeEquipment(t, o)
	officeFiles(t, o)
	officeMessages(t, o)
	officeMail(t, o)
}

// officeHome are the first page, what finds things, and one's own account.
func officeHome(t *table, o Office) {
	t.staff("GET", "/office", gate.AnyStaff, o.Home.Show)
	t.staff("GET", "/office/waiting/{kind}/{thing}", gate.AnyStaff, o.Home.Waiting)
	t.staff("POST", "/office/waiting/{kind}/{thing}/taker", gate.AnyStaff, o.Home.Give)
	t.staff("POST", "/office/waiting/{kind}/{thing}/snooze", gate.AnyStaff, o.Home.Snooze)
	t.staff("GET", "/office/changes", gate.AnyStaff, o.Activity.Changes)
	t.staff("GET", "/office/search", gate.AnyStaff, o.Search.Show)
	t.staff("GET", "/office/requests", gate.AnyStaff, o.Keepers.Requests)
	t.staff("GET", "/office/requests/{id}", gate.AnyStaff, o.Keepers.Request)
	t.staff("POST", "/office/requests/{id}", gate.AnyStaff, o.Keepers.Answer)
	t.staff("GET", "/office/account", gate.AnyStaff, o.Account.Show)
	t.staff("POST", "/office/account", gate.AnyStaff, o.Account.Save)
	t.staff("POST", "/office/account/password", gate.AnyStaff, o.Account.ChangePassword)
	t.staff("POST", "/office/account/password/strength", gate.AnyStaff, o.Account.Strength)
	t.staff("GET", "/office/account/sign-in-address", gate.AnyStaff, o.Account.Address)
	t.staff("POST", "/office/account/sign-in-address", gate.AnyStaff, o.Account.AskAddress)
	t.staff("GET", "/office/account/passkeys", gate.AnyStaff, o.Account.Passkeys)
	t.staff("POST", "/office/account/passkeys", gate.AnyStaff, o.Account.AddPasskey)
	t.staff("POST", "/office/account/passkeys/challenge", gate.AnyStaff, o.Account.PasskeyChallenge)
	t.staff("POST", "/office/account/passkeys/offer", gate.AnyStaff, o.Account.AnswerPasskeyOffer)
	t.staff("POST", "/office/account/passkeys/{id}/name", gate.AnyStaff, o.Account.RenamePasskey)
	t.staff("POST", "/office/account/passkeys/{id}/removal", gate.AnyStaff, o.Account.RemovePasskey)
	t.staff("GET", "/office/account/second-factor", gate.SettingUp, o.Account.Factor)
	t.staff("POST", "/office/account/second-factor", gate.SettingUp, o.Account.ConfirmFactor)
	t.staff("POST", "/office/account/second-factor/setup", gate.SettingUp, o.Account.BeginFactor)
	t.staff("POST", "/office/account/second-factor/recovery-codes", gate.AnyStaff, o.Account.RenewCodes)
	t.staff("POST", "/office/account/second-factor/removal", gate.AnyStaff, o.Account.RemoveFactor)
	t.staff("GET", "/office/account/calendar", gate.AnyStaff, o.Calendar.Show)
	t.staff("POST", "/office/account/calendar", gate.AnyStaff, o.Calendar.Make)
	t.staff("POST", "/office/account/calendar/address", gate.AnyStaff, o.Calendar.Reveal)
	t.staff("POST", "/office/account/calendar/renewal", gate.AnyStaff, o.Calendar.Renew)
	t.staff("POST", "/office/account/calendar/removal", gate.AnyStaff, o.Calendar.End)
	t.staff("GET", "/office/account/devices", gate.AnyStaff, o.Account.Devices)
	t.staff("POST", "/office/account/devices/removal", gate.AnyStaff, o.Account.EndOtherDevices)
	t.staff("POST", "/office/account/devices/{id}/removal", gate.AnyStaff, o.Account.EndDevice)
}

// officeCustomers are the screens of customers; what is theirs stands under them.
func officeCustomers(t *table, o Office) {
	c := o.Customers
	t.staff("GET", "/office/customers", gate.AnyStaff, c.List)
	t.staff("POST", "/office/customers", gate.AnyStaff, c.Create)
	t.staff("GET", "/office/customers.csv", gate.AnyStaff, c.Export)
	t.staff("GET", "/office/customers/new", gate.AnyStaff, c.New)
	t.staff("GET", "/office/customers/{number}", gate.AnyStaff, c.Show)
	t.staff("GET", "/office/customers/{number}/edit", gate.AnyStaff, c.Edit)
	t.staff("POST", "/office/customers/{number}/edit", gate.AnyStaff, c.Update)
	t.staff("GET", "/office/customers/{number}/archive", gate.AnyStaff, c.AskArchive)
	t.staff("POST", "/office/customers/{number}/archive", gate.AnyStaff, c.Archive)
	t.staff("GET", "/office/customers/{number}/merge", gate.AnyStaff, c.AskMerge)
	t.staff("POST", "/office/customers/{number}/merge", gate.AnyStaff, c.Merge)
	t.staff("GET", "/office/customers/{number}/restore", gate.AnyStaff, c.AskRestore)
	t.staff("POST", "/office/customers/{number}/restore", gate.AnyStaff, c.Restore)
	t.staff("GET", "/office/customers/{number}/jobs", gate.AnyStaff, o.Jobs.OfCustomer)
	t.staff("GET", "/office/customers/{number}/quotes", gate.AnyStaff, o.Quotes.OfCustomer)
	t.staff("GET", "/office/customers/{number}/equipment", gate.AnyStaff, o.Equipment.OfCustomer)
}

// officeSites are the screens of customers' sites.
func officeSites(t *table, o Office) {
	s := o.Sites
	t.staff("GET", "/office/customers/{number}/sites", gate.AnyStaff, s.List)
	t.staff("POST", "/office/customers/{number}/sites", gate.AnyStaff, s.Create)
	t.staff("GET", "/office/customers/{number}/sites/new", gate.AnyStaff, s.New)
	t.staff("GET", "/office/customers/{number}/sites.csv", gate.AnyStaff, s.Export)
	t.staff("GET", "/office/customers/{number}/sites/{site}", gate.AnyStaff, s.Show)
	t.staff("GET", "/office/customers/{number}/sites/{site}/edit", gate.AnyStaff, s.Edit)
	t.staff("POST", "/office/customers/{number}/sites/{site}/edit", gate.AnyStaff, s.Update)
	t.staff("GET", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.AskArchive)
	t.staff("POST", "/office/customers/{number}/sites/{site}/archive", gate.AnyStaff, s.Archive)
	t.staff("GET", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.AskRestore)
	t.staff("POST", "/office/customers/{number}/sites/{site}/restore", gate.AnyStaff, s.Restore)
}

// officeContacts are the screens of contacts: of one customer, and of all.
func officeContacts(t *table, o Office) {
	c := o.Contacts
	t.staff("GET", "/office/customers/{number}/contacts", gate.AnyStaff, c.List)
	t.staff("POST", "/office/customers/{number}/contacts", gate.AnyStaff, c.Create)
	t.staff("GET", "/office/customers/{number}/company-login", gate.Administrators, o.CompanyLogin.Show)
	t.staff("POST", "/office/customers/{number}/company-login", gate.Administrators, o.CompanyLogin.Save)
	t.staff("POST", "/office/customers/{number}/company-login/trial", gate.Administrators, o.CompanyLogin.Try)
	t.staff("POST", "/office/customers/{number}/company-login/removal", gate.Administrators, o.CompanyLogin.Remove)
	t.staff("GET", "/office/customers/{number}/contacts/new", gate.AnyStaff, c.New)
	t.staff("POST", "/office/customers/{number}/contacts/permissions", gate.AnyStaff, c.Words)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}", gate.AnyStaff, c.Show)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/preview", gate.AnyStaff, c.Preview)
	t.staff("GET", "/office/contacts", gate.AnyStaff, c.All)
	t.staff("GET", "/office/contacts.csv", gate.AnyStaff, c.ExportAll)
	t.staff("GET", "/office/contacts/portal-use", gate.AnyStaff, c.Use)
	t.staff("GET", "/office/contacts/portal-use.csv", gate.AnyStaff, c.ExportUse)
	t.staff("GET", "/office/contacts/invitations", gate.AnyStaff, c.AskInvitations)
	t.staff("POST", "/office/contacts/invitations", gate.AnyStaff, c.InviteMany)
	t.staff("GET", "/office/customers/{number}/contacts.csv", gate.AnyStaff, c.Export)
	t.staff("POST", "/office/contacts/preview/end", gate.AnyStaff, c.EndPreview)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, c.Edit)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/edit", gate.AnyStaff, c.Update)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, c.AskInvitation)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/link", gate.AnyStaff, c.AskLink)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/invitation", gate.AnyStaff, c.Invite)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/links/removal", gate.AnyStaff, c.EndLinks)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, c.AskSuspension)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/suspension", gate.AnyStaff, c.Suspend)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, c.AskRestoration)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restoration", gate.AnyStaff, c.RestoreAccess)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/second-factor/removal", gate.AnyStaff, c.TakeFactor)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/company-account/removal", gate.Administrators, c.Disconnect)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/keys/{key}/end", gate.AnyStaff, c.EndKey)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, c.AskArchive)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/archive", gate.AnyStaff, c.Archive)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, c.AskRestore)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/restore", gate.AnyStaff, c.Restore)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/data", gate.Administrators, c.AskData)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/data", gate.Administrators, c.Data)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/erasure", gate.Administrators, c.AskErasure)
	t.staff("POST", "/office/customers/{number}/contacts/{contact}/erasure", gate.Administrators, c.Erase)
}

// officeJobs are the screens of jobs.
func officeJobs(t *table, o Office) {
	j := o.Jobs
	t.staff("GET", "/office/jobs", gate.AnyStaff, j.List)
	t.staff("POST", "/office/jobs", gate.AnyStaff, j.Create)
	t.staff("GET", "/office/jobs.csv", gate.AnyStaff, j.Export)
	t.staff("GET", "/office/jobs/customers", gate.AnyStaff, j.Customers)
	t.staff("GET", "/office/jobs/new", gate.AnyStaff, j.New)
	t.staff("GET", "/office/jobs/{number}/pdf", gate.AnyStaff, o.Jobs.PDF)
	t.staff("GET", "/office/jobs/{number}", gate.AnyStaff, j.Show)
	t.staff("POST", "/office/jobs/{number}/links/removal", gate.AnyStaff, j.EndLinks)
	t.staff("GET", "/office/jobs/{number}/edit", gate.AnyStaff, j.Edit)
	t.staff("POST", "/office/jobs/{number}/edit", gate.AnyStaff, j.Update)
	t.staff("GET", "/office/jobs/{number}/booking", gate.AnyStaff, j.Booking)
	t.staff("GET", "/office/jobs/{number}/completion", gate.AnyStaff, j.Completion)
	t.staff("GET", "/office/jobs/{number}/cancellation", gate.AnyStaff, j.Cancellation)
	t.staff("GET", "/office/jobs/{number}/deferral", gate.AnyStaff, j.Deferral)
	t.staff("GET", "/office/jobs/{number}/unscheduling", gate.AnyStaff, j.Unscheduling)
	t.staff("POST", "/office/jobs/{number}/status", gate.AnyStaff, j.Move)
	t.staff("GET", "/office/jobs/{number}/visit", gate.AnyStaff, j.Visit)
	t.staff("POST", "/office/jobs/{number}/visit", gate.AnyStaff, j.MoveVisit)
	t.staff("POST", "/office/jobs/{number}/visit/wish", gate.AnyStaff, j.AcceptWish)
	t.staff("GET", "/office/jobs/{number}/visit/keeping", gate.AnyStaff, j.Keeping)
	t.staff("POST", "/office/jobs/{number}/visit/keeping", gate.AnyStaff, j.Keep)
	t.staff("GET", "/office/jobs/{number}/tasks", gate.AnyStaff, o.Tasks.List)
	t.staff("POST", "/office/jobs/{number}/tasks", gate.AnyStaff, o.Tasks.Add)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}", gate.AnyStaff, o.Tasks.Edit)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}/completion", gate.AnyStaff, o.Tasks.Complete)
	t.staff("POST", "/office/jobs/{number}/tasks/{task}/removal", gate.AnyStaff, o.Tasks.Remove)
	t.staff("GET", "/office/jobs/{number}/time", gate.AnyStaff, o.Time.List)
	t.staff("POST", "/office/jobs/{number}/time", gate.AnyStaff, o.Time.Log)
	t.staff("POST", "/office/jobs/{number}/time/{entry}", gate.AnyStaff, o.Time.Edit)
	t.staff("POST", "/office/jobs/{number}/time/{entry}/removal", gate.AnyStaff, o.Time.Remove)
}

// officeQuotes are the screens of quotes in the office.
func officeQuotes(t *table, o Office) {
	q := o.Quotes
	t.staff("GET", "/office/quotes", gate.AnyStaff, q.List)
	t.staff("POST", "/office/quotes", gate.AnyStaff, q.Create)
	t.staff("GET", "/office/quotes/new", gate.AnyStaff, q.New)
	t.staff("GET", "/office/quotes.csv", gate.AnyStaff, q.Export)
	t.staff("POST", "/office/quotes/totals", gate.AnyStaff, q.Totals)
	t.staff("GET", "/office/quotes/{number}", gate.AnyStaff, q.Show)
	t.staff("POST", "/office/quotes/{number}/links/removal", gate.AnyStaff, q.EndLinks)
	t.staff("GET", "/office/quotes/{number}/edit", gate.AnyStaff, q.Edit)
	t.staff("POST", "/office/quotes/{number}/edit", gate.AnyStaff, q.Update)
	t.staff("GET", "/office/quotes/{number}/sending", gate.AnyStaff, q.AskSending)
	t.staff("POST", "/office/quotes/{number}/sending", gate.AnyStaff, q.Send)
	t.staff("GET", "/office/quotes/{number}/withdrawal", gate.AnyStaff, q.AskWithdrawal)
	t.staff("POST", "/office/quotes/{number}/withdrawal", gate.AnyStaff, q.Withdraw)
	t.staff("GET", "/office/quotes/{number}/revision", gate.AnyStaff, q.AskRevision)
	t.staff("POST", "/office/quotes/{number}/revision", gate.AnyStaff, q.Revise)
	t.staff("POST", "/office/quotes/{number}/totals", gate.AnyStaff, q.Totals)
	t.staff("GET", "/office/quotes/{number}/answer", gate.AnyStaff, q.AskAnswer)
	t.staffFiles("/office/quotes/{number}/answer", gate.AnyStaff, q.AskRecord, q.Record)
	t.staff("GET", "/office/quotes/{number}/job", gate.AnyStaff, q.AskJob)
	t.staff("POST", "/office/quotes/{number}/job", gate.AnyStaff, q.CreateJob)
	t.staff("GET", "/office/quotes/{number}/pdf", gate.AnyStaff, q.PDF)
	t.staff("GET", "/office/quotes/{number}/signature", gate.AnyStaff, q.Signature)
	t.staff("GET", "/office/quotes/{number}/versions/{version}", gate.AnyStaff, q.Version)
	t.staff("GET", "/office/quotes/{number}/versions/{version}/pdf", gate.AnyStaff, q.VersionPDF)
}

// officeEquipment are the screens of customers' plant in the office.
func officeEquipment(t *table, o Office) {
	e := o.Equipment
	t.staff("GET", "/office/equipment", gate.AnyStaff, e.List)
	t.staff("POST", "/office/equipment", gate.AnyStaff, e.Create)
	t.staff("GET", "/office/equipment.csv", gate.AnyStaff, e.Export)
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

// officeFiles are the files of jobs, quotes, equipment and customers in the office.
func officeFiles(t *table, o Office) {
	f := o.Files
	for _, k := range officeweb.Holders {
		tab := k.Pattern + "/attachments"
		t.staff("GET", tab, gate.AnyStaff, f.List(k))
		t.staffFiles(tab, gate.AnyStaff, f.AskUpload(k), f.Upload(k))
		t.staff("POST", tab+"/sharing", gate.AnyStaff, f.Share(k))
		t.staff("GET", tab+"/download", gate.AnyStaff, f.Download(k))
		t.staff("GET", tab+"/captions", gate.AnyStaff, f.Captions(k))
		t.staff("POST", tab+"/captions", gate.AnyStaff, f.Describe(k))
		t.staff("GET", tab+"/document", gate.AnyStaff, f.Document(k))
		t.staff("POST", tab+"/document", gate.AnyStaff, f.SetDocument(k))
		t.staff("GET", tab+"/removal", gate.AnyStaff, f.AskRemoval(k))
		t.staff("POST", tab+"/removal", gate.AnyStaff, f.Remove(k))
	}
	t.staff("GET", "/office/documents", gate.AnyStaff, o.Documents.List)
	t.staff("GET", "/office/documents.csv", gate.AnyStaff, o.Documents.Export)
	t.staff("GET", "/office/attachments/{id}", gate.AnyStaff, f.Original)
	t.staff("GET", "/office/attachments/{id}/web", gate.AnyStaff, f.Web)
	t.staff("GET", "/office/attachments/{id}/thumb", gate.AnyStaff, f.Thumb)
}

// officeMessages are the conversations with customers. What customers read and
// what only staff read is sent to two addresses.
func officeMessages(t *table, o Office) {
	m := o.Messages
	t.staff("GET", "/office/messages", gate.AnyStaff, m.Inbox)
	t.staff("GET", "/office/messages.csv", gate.AnyStaff, m.Export)
	u := o.Unconfirmed
	t.staff("GET", "/office/messages/unconfirmed", gate.AnyStaff, u.List)
	t.staff("GET", "/office/messages/unconfirmed/{id}", gate.AnyStaff, u.Show)
	t.staff("GET", "/office/messages/unconfirmed/{id}/email.eml", gate.Administrators, u.Raw)
	t.staff("POST", "/office/messages/unconfirmed/{id}/record", gate.AnyStaff, u.Keep)
	t.staff("POST", "/office/messages/unconfirmed/{id}/ignoring", gate.AnyStaff, u.Ignore())
	t.staff("POST", "/office/messages/unconfirmed/{id}/reopening", gate.AnyStaff, u.Reopen())
	t.staff("POST", "/office/messages/unconfirmed/{id}/blocking", gate.AnyStaff, u.Block())
	t.staff("POST", "/office/messages/unconfirmed/{id}/unblocking", gate.AnyStaff, u.Unblock())
	for _, of := range officeweb.Conversations {
		t.staff("GET", of.Pattern+"/messages", gate.AnyStaff, m.Show(of))
		t.staffFiles(of.Pattern+"/messages", gate.AnyStaff, m.AskSend(of), m.Send(of))
		t.staffFiles(of.Pattern+"/notes", gate.AnyStaff, m.AskNote(of), m.Note(of))
	}
}

// officeMail are the emails of the office, and what became of them.
func officeMail(t *table, o Office) {
	m := o.Mail
	t.staff("GET", "/office/email", gate.AnyStaff, m.List)
	t.staff("GET", "/office/email.csv", gate.AnyStaff, m.Export)
	t.staff("GET", "/office/email/test", gate.AnyStaff, m.AskTest)
	t.staff("POST", "/office/email/test", gate.AnyStaff, m.Test)
	t.staff("GET", "/office/email/{id}", gate.AnyStaff, m.Show)
	t.staff("GET", "/office/email/{id}/copy", gate.AnyStaff, m.Copy)
	t.staff("POST", "/office/email/{id}/again", gate.AnyStaff, m.Again)
	t.staff("GET", "/office/customers/{number}/contacts/{contact}/emails", gate.AnyStaff, m.OfContact)
}

// administration is for Administrators.
func administration(t *table, o Office) {
	t.staff("GET", "/office/admin/notifications", gate.Administrators, o.Notifications.Show)
	t.staff("GET", "/office/admin/activity", gate.Administrators, o.Activity.List)
	t.staff("GET", "/office/admin/activity.csv", gate.Administrators, o.Activity.Export)
	t.staff("GET", "/office/admin/sign-ins", gate.Administrators, o.SignIns.List)
	t.staff("GET", "/office/admin/sign-ins.csv", gate.Administrators, o.SignIns.Export)
	t.staff("GET", "/office/admin/health", gate.Administrators, o.Health.Show)
	t.staff("POST", "/office/admin/health", gate.Administrators, o.Health.Look)
	t.staff("GET", "/office/admin/portal", gate.Administrators, o.Settings.Show)
	t.staff("POST", "/office/admin/portal", gate.Administrators, o.Settings.Save)
	t.staff("POST", "/office/admin/portal/preview", gate.Administrators, o.Settings.Preview)
	f := o.FileImports
	t.staff("GET", "/office/admin/import-files", gate.Administrators, f.List)
	t.staff("POST", "/office/admin/import-files", gate.Administrators, f.Receive)
	t.staff("GET", "/office/admin/import-files/{id}", gate.Administrators, f.Show)
	t.staff("GET", "/office/admin/import-files/{id}/files.csv", gate.Administrators, f.Report)
	t.staff("POST", "/office/admin/import-files/{id}/start", gate.Administrators, f.Start)
	t.staff("POST", "/office/admin/import-files/{id}/undo", gate.Administrators, f.Undo)
	t.staff("POST", "/office/admin/import-files/{id}/removal", gate.Administrators, f.Remove)
	t.staff("GET", "/office/admin/numbers", gate.Administrators, o.Numbers.Show)
	t.staff("POST", "/office/admin/numbers/{kind}", gate.Administrators, o.Numbers.Set)
	t.staff("GET", "/office/admin/retention", gate.Administrators, o.Retention.Show)
	t.staff("POST", "/office/admin/retention", gate.Administrators, o.Retention.Save)
	adminTokens(t, o)
	adminImports(t, o)
	t.staff("GET", "/office/admin/export", gate.Administrators, o.Exports.Show)
	t.staff("POST", "/office/admin/export", gate.Administrators, o.Exports.Ask)
	t.staff("POST", "/office/admin/export/{export}/opening", gate.Administrators, o.Exports.Open)
	t.staff("GET", "/office/admin/export/{export}/archive.zip", gate.Administrators, o.Exports.Download)
	t.staff("POST", "/office/admin/export/{export}/removal", gate.Administrators, o.Exports.Remove)
	adminJobTypes(t, o)
	adminDocumentKinds(t, o)
	adminQuoteTemplates(t, o)
	adminCompany(t, o)
	adminStaff(t, o)
	adminWebhooks(t, o)
}

// adminWebhooks are the screens of Administration → Webhooks.
func adminWebhooks(t *table, o Office) {
	w := o.Webhooks
	t.staff("GET", "/office/admin/webhooks", gate.Administrators, w.List)
	t.staff("POST", "/office/admin/webhooks", gate.Administrators, w.Create)
	t.staff("GET", "/office/admin/webhooks/new", gate.Administrators, w.New)
	t.staff("GET", "/office/admin/webhooks/{webhook}", gate.Administrators, w.Show)
	t.staff("GET", "/office/admin/webhooks/{webhook}/edit", gate.Administrators, w.Edit)
	t.staff("POST", "/office/admin/webhooks/{webhook}/edit", gate.Administrators, w.Update)
	t.staff("GET", "/office/admin/webhooks/{webhook}/deliveries.csv", gate.Administrators, w.Export)
	t.staff("POST", "/office/admin/webhooks/{webhook}/secret", gate.Administrators, w.Rotate)
	t.staff("POST", "/office/admin/webhooks/{webhook}/old-secret/removal", gate.Administrators, w.EndOldSecret)
	t.staff("POST", "/office/admin/webhooks/{webhook}/test", gate.Administrators, w.Test)
	t.staff("POST", "/office/admin/webhooks/{webhook}/switch", gate.Administrators, w.Switch)
	t.staff("GET", "/office/admin/webhooks/{webhook}/removal", gate.Administrators, w.AskRemoval)
	t.staff("POST", "/office/admin/webhooks/{webhook}/removal", gate.Administrators, w.Remove)
	t.staff("GET", "/office/admin/webhooks/{webhook}/deliveries/{delivery}", gate.Administrators, w.Delivery)
	t.staff("POST", "/office/admin/webhooks/{webhook}/deliveries/{delivery}/again", gate.Administrators, w.Again)
}

// adminTokens are the screens of Administration → API.
func adminTokens(t *table, o Office) {
	k := o.Tokens
	t.staff("GET", "/office/admin/tokens", gate.Administrators, k.List)
	t.staff("POST", "/office/admin/tokens", gate.Administrators, k.Create)
	t.staff("GET", "/office/admin/tokens/new", gate.Administrators, k.New)
	t.staff("GET", "/office/admin/tokens/{token}", gate.Administrators, k.Show)
	t.staff("GET", "/office/admin/tokens/{token}/edit", gate.Administrators, k.Edit)
	t.staff("POST", "/office/admin/tokens/{token}/edit", gate.Administrators, k.Update)
	t.staff("GET", "/office/admin/tokens/{token}/end", gate.Administrators, k.AskEnd)
	t.staff("POST", "/office/admin/tokens/{token}/end", gate.Administrators, k.End)
}

// adminImports are the screens of Administration → Import.
func adminImports(t *table, o Office) {
	i := o.Imports
	t.staff("GET", "/office/admin/import", gate.Administrators, i.List)
	t.staff("POST", "/office/admin/import", gate.Administrators, i.Begin)
	t.staff("GET", "/office/admin/import/{import}", gate.Administrators, i.Show)
	t.staff("GET", "/office/admin/import/{import}/columns", gate.Administrators, i.Columns)
	t.staff("POST", "/office/admin/import/{import}/columns", gate.Administrators, i.Map)
	t.staff("POST", "/office/admin/import/{import}/contacts", gate.Administrators, i.AnswerTwins)
	t.staff("POST", "/office/admin/import/{import}/check", gate.Administrators, i.Check)
	t.staff("POST", "/office/admin/import/{import}/run", gate.Administrators, i.Run)
	t.staff("POST", "/office/admin/import/{import}/undo", gate.Administrators, i.Undo)
	t.staff("GET", "/office/admin/import/{import}/refused", gate.Administrators, i.Refused)
}

// adminJobTypes are the screens of Administration → Job Types.
func adminJobTypes(t *table, o Office) {
	y := o.JobTypes
	t.staff("GET", "/office/admin/job-types", gate.Administrators, y.List)
	t.staff("POST", "/office/admin/job-types", gate.Administrators, y.Create)
	t.staff("GET", "/office/admin/job-types/new", gate.Administrators, y.New)
	t.staff("GET", "/office/admin/job-types/{type}", gate.Administrators, y.Edit)
	t.staff("POST", "/office/admin/job-types/{type}", gate.Administrators, y.Update)
}

// adminDocumentKinds are the screens of Administration → Document Kinds.
func adminDocumentKinds(t *table, o Office) {
	d := o.Documents
	t.staff("GET", "/office/admin/document-kinds", gate.Administrators, d.Kinds)
	t.staff("POST", "/office/admin/document-kinds", gate.Administrators, d.CreateKind)
	t.staff("GET", "/office/admin/document-kinds/new", gate.Administrators, d.NewKind)
	t.staff("GET", "/office/admin/document-kinds/{kind}", gate.Administrators, d.EditKind)
	t.staff("POST", "/office/admin/document-kinds/{kind}", gate.Administrators, d.UpdateKind)
}

// adminQuoteTemplates are the screens of Administration → Quote Templates. All
// staff use what is kept there, in the form of a quote.
func adminQuoteTemplates(t *table, o Office) {
	y := o.Templates
	t.staff("GET", "/office/admin/quote-templates", gate.Administrators, y.List)
	t.staff("POST", "/office/admin/quote-templates", gate.Administrators, y.Create)
	t.staff("GET", "/office/admin/quote-templates/new", gate.Administrators, y.New)
	t.staff("GET", "/office/admin/quote-templates/{template}", gate.Administrators, y.Edit)
	t.staff("POST", "/office/admin/quote-templates/{template}", gate.Administrators, y.Update)
	t.staff("POST", "/office/admin/saved-lines", gate.Administrators, y.CreateLine)
	t.staff("GET", "/office/admin/saved-lines/new", gate.Administrators, y.NewLine)
	t.staff("GET", "/office/admin/saved-lines/{line}", gate.Administrators, y.EditLine)
	t.staff("POST", "/office/admin/saved-lines/{line}", gate.Administrators, y.UpdateLine)
}

// adminCompany are the screens of Administration → Company Details.
func adminCompany(t *table, o Office) {
	c := o.Company
	t.staff("GET", "/office/setup", gate.AnyStaff, c.AskSetUp)
	t.staff("POST", "/office/setup", gate.Administrators, c.SetUp)
	t.staff("POST", "/office/first-steps", gate.Administrators, o.Home.FinishFirstSteps)
	t.staff("GET", "/office/admin/keepers", gate.Administrators, o.Keepers.Show)
	t.staff("POST", "/office/admin/keepers", gate.Administrators, o.Keepers.Save)
	t.staff("GET", "/office/admin/company", gate.Administrators, c.Show)
	t.staff("POST", "/office/admin/company", gate.Administrators, c.Save)
	t.staff("POST", "/office/admin/company/tax-rates", gate.Administrators, c.AddTaxRate)
	t.staff("POST", "/office/admin/company/tax-rates/{rate}", gate.Administrators, c.ChangeTaxRate)
	t.staff("GET", "/office/admin/company/preview/pages", gate.Administrators, c.PreviewPages)
	t.staff("GET", "/office/admin/company/preview/sign-in", gate.Administrators, c.PreviewSignIn)
	t.staff("GET", "/office/admin/company/preview/style.css", gate.Administrators, c.PreviewStyle)
	t.staff("GET", "/office/admin/company/preview/colour", gate.Administrators, c.ColourWords)
}

// adminStaff are the screens of Administration → Staff.
func adminStaff(t *table, o Office) {
	m := o.Staff
	t.staff("GET", "/office/admin/staff", gate.Administrators, m.List)
	t.staff("POST", "/office/admin/staff", gate.Administrators, m.Create)
	t.staff("GET", "/office/admin/staff/new", gate.Administrators, m.New)
	t.staff("GET", "/office/admin/staff/second-factor", gate.Administrators, m.Rules)
	t.staff("POST", "/office/admin/staff/second-factor", gate.Administrators, m.SetRules)
	t.staff("POST", "/office/admin/staff/{id}/second-factor/removal", gate.Administrators, m.TakeFactor)
	t.staff("POST", "/office/admin/staff/{id}/provider/removal", gate.Administrators, m.Disconnect)
	t.staff("GET", "/office/admin/staff/{id}/calendar", gate.Administrators, o.Calendar.ShowOf)
	t.staff("POST", "/office/admin/staff/{id}/calendar", gate.Administrators, o.Calendar.MakeOf)
	t.staff("POST", "/office/admin/staff/{id}/calendar/address", gate.Administrators, o.Calendar.RevealOf)
	t.staff("POST", "/office/admin/staff/{id}/calendar/renewal", gate.Administrators, o.Calendar.RenewOf)
	t.staff("POST", "/office/admin/staff/{id}/calendar/removal", gate.Administrators, o.Calendar.EndOf)
	t.staff("GET", "/office/admin/staff/{id}", gate.Administrators, m.Show)
	t.staff("POST", "/office/admin/staff/{id}", gate.Administrators, m.Save)
	t.staff("POST", "/office/admin/staff/{id}/suspension", gate.Administrators, m.Suspend)
	t.staff("POST", "/office/admin/staff/{id}/restoration", gate.Administrators, m.Restore)
	t.staff("POST", "/office/admin/staff/{id}/invitation", gate.Administrators, m.Invite)
	t.staff("POST", "/office/admin/staff/{id}/archiving", gate.Administrators, m.Archive)
	t.staff("POST", "/office/admin/staff/{id}/unarchiving", gate.Administrators, m.Unarchive)
}
