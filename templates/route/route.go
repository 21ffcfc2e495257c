// Package route writes the addresses of the program's pages, so that no
// template or handler spells one out.
package route

import (
	"net/url"
	"strconv"
	"strings"

	"fieldgate/internal/branding"
)

// The portal.
const (
	Home              = "/"
	Login             = "/login"
	Logout            = "/logout"
	ForgotPassword    = "/forgot-password"
	NewPassword       = "/new-password" // the forced change after a password set by staff
	Choose            = "/choose"       // which customer to look at
	Details           = "/details"
	DetailsEdit       = "/details/edit"         // own name and phones
	CompanyEdit       = "/details/company/edit" // the customer's details
	SignInAddress     = "/details/sign-in-address"
	Devices           = "/details/devices" // where the person is signed in
	Passkeys          = "/details/passkeys"
	PasskeyLogin      = "/login/passkey"
	SecondFactor      = "/details/second-factor"
	LoginCode         = "/login/code"        // asks for a code by email
	LoginCompany      = "/login/company"     // finds a company's own login
	LoginCodeDigits   = "/login/code/digits" // takes it
	LoginFactor       = "/login/second-factor"
	LoginFactorLost   = "/login/second-factor/loss"
	DetailsCalendar   = "/details/calendar" // the contact's visits, in calendars
	DetailsSites      = "/details/sites"
	ManagedContacts   = "/details/colleagues" // other contacts whom the contact looks after
	NewManagedContact = "/details/colleagues/new"
	DetailsData       = "/details/data"  // what the contact sees, to take along
	DetailsFiles      = "/details/files" // what hangs on the customer itself
	NewSite           = "/details/sites/new"
	API               = "/api" // how programs are spoken to, in words
	OpenAPI           = "/api/openapi.yaml"
	DetailsKeys       = "/details/keys"
	DetailsEmails     = "/details/emails" // which emails and notifications the contact gets
	PushDevices       = "/details/emails/devices"
	Waiting           = "/waiting"   // how much waits for the person, for the app's icon
	Worker            = "/worker.js" // the service worker
	Jobs              = "/jobs"
	NewJob            = "/jobs/new"
	Quotes            = "/quotes"
	NewQuote          = "/quotes/new"
	Equipment         = "/equipment"
	AddEquipment      = "/equipment/new"
	Documents         = "/documents"
	DocumentsCSV      = "/documents.csv"
	Sites             = "/sites"
	FindSites         = "/sites/find" // by what is typed into a form

	// Over all customers of a person.
	Everywhere          = "/all"
	EverywhereJobs      = "/all/jobs"
	EverywhereQuotes    = "/all/quotes"
	EverywhereEquipment = "/all/equipment"
	EverywhereDocuments = "/all/documents"
)

// The office.
const (
	Office               = "/office"
	OfficeLogin          = "/office/login"
	OfficeLogout         = "/office/logout"
	OfficeForgotPassword = "/office/forgot-password"
	OfficeCustomers      = "/office/customers"
	OfficeNewCustomer    = "/office/customers/new"
	OfficeCustomersCSV   = "/office/customers.csv"
	OfficeEquipmentCSV   = "/office/equipment.csv"

	OfficeEquipmentCustomer = "/office/equipment/customer" // shows the form again with another customer's sites
	OfficeContacts          = "/office/contacts"           // of all customers
	OfficeContactsCSV       = "/office/contacts.csv"
	OfficePortalUse         = "/office/contacts/portal-use"
	OfficePortalUseCSV      = "/office/contacts/portal-use.csv"
	OfficeInvitations       = "/office/contacts/invitations" // inviting many at once
	OfficePreviewEnd        = "/office/contacts/preview/end" // ends a preview as a contact
	OfficeJobs              = "/office/jobs"
	OfficeNewJob            = "/office/jobs/new"
	OfficeJobsCSV           = "/office/jobs.csv"
	OfficeJobCustomers      = "/office/jobs/customers"
	OfficeQuotes            = "/office/quotes"
	OfficeNewQuote          = "/office/quotes/new"
	OfficeQuotesCSV         = "/office/quotes.csv"
	OfficeQuoteTotals       = "/office/quotes/totals"
	OfficeEquipment         = "/office/equipment"
	OfficeNewEquipment      = "/office/equipment/new"
	OfficeAdmin             = "/office/admin"
	AdminCompany            = "/office/admin/company"
	AdminPortal             = "/office/admin/portal"
	AdminDocumentKinds      = "/office/admin/document-kinds"
	OfficeDocuments         = "/office/documents"
	OfficeDocumentsCSV      = "/office/documents.csv"
	AdminTokens             = "/office/admin/tokens"
	AdminJobTypes           = "/office/admin/job-types"
	AdminQuoteTemplates     = "/office/admin/quote-templates"
	AdminSavedLines         = "/office/admin/saved-lines"
	AdminStaff              = "/office/admin/staff"
	AdminFileImports        = "/office/admin/import-files" // photos and documents out of a zip
	AdminNumbers            = "/office/admin/numbers"      // the next numbers of customers, quotes and jobs
	AdminNotifications      = "/office/admin/notifications"
	AdminKeepers            = "/office/admin/keepers"        // which system keeps what
	OfficeRequests          = "/office/requests"             // of contacts, to those systems
	OfficeMessages          = "/office/messages"             // conversations with all customers
	OfficeUnconfirmed       = "/office/messages/unconfirmed" // emails that wait for staff, and all others that came
	OfficeMessagesCSV       = "/office/messages.csv"
	OfficeEmails            = "/office/email"
	OfficeTestEmail         = "/office/email/test"
	OfficeEmailsCSV         = "/office/email.csv"
	AdminNewStaff           = "/office/admin/staff/new"
	AdminActivity           = "/office/admin/activity"
	AdminActivityCSV        = "/office/admin/activity.csv"
	AdminSignIns            = "/office/admin/sign-ins"
	AdminRetention          = "/office/admin/retention"
	AdminImport             = "/office/admin/import"
	AdminExport             = "/office/admin/export"
	OfficeSetUp             = "/office/setup"        // in which country the business is
	OfficeFirstSteps        = "/office/first-steps"  // takes the list of them off the home
	AdminHealth             = "/office/admin/health" // whether the installation is well
	AdminWebhooks           = "/office/admin/webhooks"
	AdminNewWebhook         = "/office/admin/webhooks/new"
	AdminSignInsCSV         = "/office/admin/sign-ins.csv"
	OfficeChanges           = "/office/changes" // what customers changed of their details
	OfficeSearch            = "/office/search"
	OfficeAccount           = "/office/account" // one's own name and password
	OfficeAccountSecret     = "/office/account/password"
	OfficeSignInAddress     = "/office/account/sign-in-address"
	OfficeDevices           = "/office/account/devices"
	OfficeCalendar          = "/office/account/calendar" // one's visits, and all of the business, in calendars
	OfficePasskeys          = "/office/account/passkeys"
	OfficePasskeyLogin      = "/office/login/passkey"
	OfficeSecondFactor      = "/office/account/second-factor"
	OfficeLoginFactor       = "/office/login/second-factor"
	OfficeProvider          = "/office/login/provider"            // leads to the business's own provider
	AdminSecondFactor       = "/office/admin/staff/second-factor" // of whom one is demanded
)

// Join appends path segments to an address, each escaped.
func Join(base string, segments ...string) string {
	for _, s := range segments {
		base += "/" + url.PathEscape(s)
	}
	return base
}

// Welcome is where an invitation's link leads.
func Welcome(token string) string { return Join("/welcome", token) }

// Reset is where the link of a forgotten password leads.
func Reset(token string) string { return Join("/reset", token) }

// OtherDevicesRemoval signs out everywhere but here.
const OtherDevicesRemoval = Devices + "/removal"

// OfficeOtherDevicesRemoval signs a member of staff out everywhere but here.
const OfficeOtherDevicesRemoval = OfficeDevices + "/removal"

// OfficeDeviceRemoval signs a member of staff out at one place.
func OfficeDeviceRemoval(id int64) string {
	return Join(OfficeDevices, strconv.FormatInt(id, 10), "removal")
}

// PushDeviceRemoval turns notifications off on a device.
func PushDeviceRemoval(id int64) string {
	return Join(PushDevices, strconv.FormatInt(id, 10), "removal")
}

// DeviceRemoval signs out at one place.
func DeviceRemoval(id int64) string { return Join(Devices, strconv.FormatInt(id, 10), "removal") }

// Job is a job in the portal.
func Job(number string) string { return Join(Jobs, number) }

// JobEdit is the form to edit a job in the portal.
func JobEdit(number string) string { return Join(Jobs, number, "edit") }

// JobFiles takes files for a job in the portal.
func JobFiles(number string) string { return Join(Jobs, number, "files") }

// JobVisit takes the answer to a job's visit in the portal.
func JobVisit(number string) string { return Join(Jobs, number, "visit") }

// JobWithdrawal takes back a job that was asked for in the portal.
func JobWithdrawal(number string) string { return Join(Jobs, number, "withdrawal") }

// JobFollowUp says that a finished job is not right yet.
func JobFollowUp(number string) string { return Join(Jobs, number, "follow-up") }

// NewJobLike is the form for a new job, filled in like another one.
func NewJobLike(number string) string { return NewJob + "?like=" + url.QueryEscape(number) }

// QuoteWithdrawal takes back a quote that was asked for in the portal.
func QuoteWithdrawal(number string) string { return Join(Quotes, number, "withdrawal") }

// JobMessages takes messages on a job in the portal.
func JobMessages(number string) string { return Join(Jobs, number, "messages") }

// QuoteMessages takes messages on a quote in the portal.
func QuoteMessages(number string) string { return Join(Quotes, number, "messages") }

// Quote is a quote in the portal.
func Quote(number string) string { return Join(Quotes, number) }

// QuoteEdit is the form to edit a quote in the portal.
func QuoteEdit(number string) string { return Join(Quotes, number, "edit") }

// QuoteEstimate says how an estimate is understood.
func QuoteEstimate(currency string) string {
	return Quotes + "/estimate?" + url.Values{"currency": {currency}}.Encode()
}

// QuoteFiles takes files for a quote in the portal.
func QuoteFiles(number string) string { return Join(Quotes, number, "files") }

// QuoteAcceptance is where a quote is accepted in the portal, and afterwards what was accepted.
func QuoteAcceptance(number string) string { return Join(Quotes, number, "acceptance") }

// QuoteRefusal is where a quote is declined in the portal.
func QuoteRefusal(number string) string { return Join(Quotes, number, "refusal") }

// QuoteSignature is the drawn signature under a quote's answer.
func QuoteSignature(number string) string { return Join(Quotes, number, "signature") }

// Calendar is where calendars read a contact's visits.
func Calendar(token string) string { return Join("/calendar", token+".ics") }

// OfficeCalendarOf is where calendars read visits of staff.
func OfficeCalendarOf(token string) string { return Join("/office/calendar", token+".ics") }

// JobCalendar is a job's visit as an entry for calendars.
func JobCalendar(number string) string { return Join(Jobs, number, "calendar.ics") }

// NewJobFor is the form for a new job about a piece of equipment.
func NewJobFor(equipment string) string { return NewJob + "?equipment=" + url.QueryEscape(equipment) }

// EquipmentItem is a piece of equipment in the portal, by its opaque id.
func EquipmentItem(id string) string { return Join(Equipment, id) }

// EquipmentEdit is the form to edit a piece of equipment in the portal.
func EquipmentEdit(id string) string { return Join(Equipment, id, "edit") }

// EquipmentFiles takes files for a piece of equipment in the portal.
func EquipmentFiles(id string) string { return Join(Equipment, id, "files") }

// Site is one of the customer's sites in the portal.
func Site(id int64) string { return Join(Sites, strconv.FormatInt(id, 10)) }

// DocumentsNamed are the customer's documents of a name.
func DocumentsNamed(name string) string { return Documents + "?q=" + url.QueryEscape(name) }

// SiteEdit is the form to edit one of the customer's sites in the portal.
func SiteEdit(id int64) string { return Join(DetailsSites, strconv.FormatInt(id, 10), "edit") }

// ManagedContact is a contact whom the viewer looks after.
func ManagedContact(id int64) string { return Join(ManagedContacts, strconv.FormatInt(id, 10)) }

// ManagedContactEdit is the form of a managed contact.
func ManagedContactEdit(id int64) string { return Join(ManagedContact(id), "edit") }

// ManagedContactInvitation sends a managed contact's invitation again.
func ManagedContactInvitation(id int64) string { return Join(ManagedContact(id), "invitation") }

// ManagedContactSuspension takes a managed contact's access away.
func ManagedContactSuspension(id int64) string { return Join(ManagedContact(id), "suspension") }

// ManagedContactRestoration gives it back.
func ManagedContactRestoration(id int64) string { return Join(ManagedContact(id), "restoration") }

// Attachment is a file in the portal: the web rendition of a photo, or a document.
func Attachment(id string) string { return Join("/attachments", id) }

// AttachmentThumb is the small rendition of a photo.
func AttachmentThumb(id string) string { return Join("/attachments", id, "thumb") }

// AttachmentRemoval takes back a file that the contact sent.
func AttachmentRemoval(id string) string { return Join("/attachments", id, "removal") }

// OfficeWelcome is where the invitation of a member of staff leads.
func OfficeWelcome(token string) string { return Join("/office/welcome", token) }

// OfficeReset is where the link of a forgotten password leads, for staff.
func OfficeReset(token string) string { return Join("/office/reset", token) }

// OfficeCustomer is a customer's page; tab is "", "contacts", "sites" and so on.
func OfficeCustomer(number string, tab ...string) string {
	return Join(Join(OfficeCustomers, number), tab...)
}

// OfficeRequest is a contact's request to a system that keeps something.
func OfficeRequest(id int64, more ...string) string {
	return Join(Join(OfficeRequests, strconv.FormatInt(id, 10)), more...)
}

// OfficeJob is a job's page; tab is "", "tasks", "time", "attachments".
func OfficeJob(number string, tab ...string) string { return Join(Join(OfficeJobs, number), tab...) }

// OfficeQuoteVersion is a version of a quote, as it was sent.
func OfficeQuoteVersion(number string, version int) string {
	return OfficeQuote(number, "versions", strconv.Itoa(version))
}

// ForCustomer is the address of something new, for the customer with a number;
// without one it asks for the customer first.
func ForCustomer(address, number string) string {
	if number == "" {
		return address
	}
	return address + "?" + url.Values{"customer": {number}}.Encode()
}

// OfficeQuoteCopy is the form of a new quote that begins as a copy of another
// one; without a customer it asks for which one.
func OfficeQuoteCopy(number, customer string) string {
	q := url.Values{"copy": {number}}
	if customer != "" {
		q.Set("customer", customer)
	}
	return OfficeNewQuote + "?" + q.Encode()
}

// QuotePDF is the document of a quote in the portal.
func QuotePDF(number string) string { return Join(Quotes, number, "pdf") }

// JobPDF is the work report of a finished job in the portal.
func JobPDF(number string) string { return Join(Jobs, number, "pdf") }

// OfficeQuote is a quote's page.
func OfficeQuote(number string, tab ...string) string {
	return Join(Join(OfficeQuotes, number), tab...)
}

// OfficeEquipmentItem is a piece of equipment in the office, by its opaque id.
func OfficeEquipmentItem(id string, tab ...string) string {
	return Join(Join(OfficeEquipment, id), tab...)
}

// OfficeAttachment is a file in the office: "" the original, "web" or "thumb" a rendition.
func OfficeAttachment(id string, rendition ...string) string {
	return Join(Join("/office/attachments", id), rendition...)
}

// BrandStyle is the stylesheet of the portal's pages with the business's colour,
// at an address that its content makes.
func BrandStyle(hash string) string { return Join("/brand", hash, "style.css") }

// BrandLogo is the business's logo. version changes with the business's looks.
func BrandLogo(version int64) string { return brand(version, "logo") }

// BrandBanner is the picture beside the sign-in form.
func BrandBanner(version int64) string { return brand(version, "banner") }

// BrandHead is the logo as it stands at the head of pages: smaller.
func BrandHead(version int64) string { return drawn(version, "head") }

// BrandPanel is the banner as it stands beside the sign-in form: its middle,
// of a size that fits.
func BrandPanel(version int64) string { return drawn(version, "panel") }

// BrandManifest says what the portal is as an app on phones.
func BrandManifest(version int64) string { return drawn(version, "manifest.webmanifest") }

// BrandAppIcon is the icon of the app: "192", "512", or "maskable", which phones
// cut to their own shape.
func BrandAppIcon(version int64, of string) string { return drawn(version, "app-icon-"+of) }

// BrandIcon is the little picture in the browser's tab.
func BrandIcon(version int64) string { return drawn(version, "icon") }

// BrandHomeIcon is that picture as phones show it among their programs: larger.
func BrandHomeIcon(version int64) string { return drawn(version, "home-icon") }

func brand(version int64, name string) string {
	return Join("/brand", strconv.FormatInt(version, 10), name)
}

// drawn is the address of what the program makes of a picture, another one when it makes something else.
func drawn(version int64, name string) string {
	return Join("/brand", strconv.FormatInt(version, 10)+"-"+branding.Drawing, name)
}

// AdminWebhook is the page of a webhook, with its deliveries; tail is what is
// below it.
func AdminWebhook(id int64, tail ...string) string {
	return Join(Join(AdminWebhooks, strconv.FormatInt(id, 10)), tail...)
}

// AdminDelivery is a delivery of a webhook; tail is "" or "again".
func AdminDelivery(webhook, id int64, tail ...string) string {
	return Join(AdminWebhook(webhook, "deliveries", strconv.FormatInt(id, 10)), tail...)
}

// AdminStaffMember is the page of a member of staff; tail is "", "suspension",
// "restoration" or "invitation".
func AdminStaffMember(id int64, tail ...string) string {
	return Join(Join(AdminStaff, strconv.FormatInt(id, 10)), tail...)
}

// AdminToken is a token of the API; tail is "", "edit" or "end".
func AdminToken(id int64, tail ...string) string {
	return Join(Join(AdminTokens, strconv.FormatInt(id, 10)), tail...)
}

// AdminFileImport is an import of files; tail is "", "start", "undo", "removal" or
// "files.csv".
func AdminFileImport(id int64, tail ...string) string {
	return Join(Join(AdminFileImports, strconv.FormatInt(id, 10)), tail...)
}

// OfficeEmail is an email in the office's log; tail is "", "copy" or "again".
func OfficeEmail(id int64, tail ...string) string {
	return Join(Join(OfficeEmails, strconv.FormatInt(id, 10)), tail...)
}

// OfficeWaiting is something that waits for somebody; tail is "taker" or "snooze".
func OfficeWaiting(kind string, thing int64, tail ...string) string {
	return Join(Join(Office+"/waiting", kind, strconv.FormatInt(thing, 10)), tail...)
}

// OfficeInboundEmail is an email that came.
func OfficeInboundEmail(id int64, tail ...string) string {
	return Join(Join(OfficeUnconfirmed, strconv.FormatInt(id, 10)), tail...)
}

// OfficeEmailsTo are the emails to an address.
func OfficeEmailsTo(address string) string { return OfficeEmails + "?q=" + url.QueryEscape(address) }

// OfficeContactEmails are the emails to a contact.
func OfficeContactEmails(customer string, contact int64) string {
	return OfficeCustomer(customer, "contacts", strconv.FormatInt(contact, 10), "emails")
}

// StopEmails is where a contact ends a kind of email, without signing in.
func StopEmails(token string) string { return Join("/emails", token) }

// OfficeNewAddress is where the link to a new sign-in address of a member of staff leads.
func OfficeNewAddress(token string) string { return Join("/office/new-address", token) }

// NewAddress is where the link to a new sign-in address leads.
func NewAddress(token string) string { return Join("/new-address", token) }

// DevMails shows every email the program writes, in every state.
const DevMails = "/dev/mails"

// DevMailSample is one of them; part is "body" or "text".
func DevMailSample(name string, part ...string) string { return Join(Join(DevMails, name), part...) }

// DevMail is the demo's mailbox.
const DevMail = "/dev/mail"

// DevMailMessage is a mail there; part is "", "text", "headers" or "body".
func DevMailMessage(number int, part ...string) string {
	return Join(Join(DevMail, strconv.Itoa(number)), part...)
}

// Unsent is a form that came when the session had ended, and waits.
func Unsent(token string) string { return unsent + url.PathEscape(token) }

// OfficeUnsent is such a form of the office.
func OfficeUnsent(token string) string { return Office + Unsent(token) }

// IsUnsent reports whether an address is that of a form that waits.
func IsUnsent(address string) bool {
	return strings.HasPrefix(strings.TrimPrefix(address, Office), unsent)
}

const unsent = "/unsent/"

// The addresses of record links: of the button, of leaving and of a fresh one.
const (
	OpenRecord  = "/r"
	LeaveRecord = OpenRecord + "/leave"
	RenewRecord = OpenRecord + "/renewal"
)

// RecordLink is where the link of an email leads that opens a job or quote.
func RecordLink(token string) string { return Join(OpenRecord, token) }

// As is the parameter by which the link of an email names its contact, and with
// it the customer.
const As = "as"

// LinkAs is the address for whoever is written to as that contact.
func LinkAs(address string, contact int64) string {
	if contact == 0 {
		return address
	}
	path, part, _ := strings.Cut(address, "#")
	path += "?" + url.Values{As: {strconv.FormatInt(contact, 10)}}.Encode()
	if part != "" {
		path += "#" + part
	}
	return path
}
