package audit

import (
	"iter"
	"maps"
	"slices"
)

// Action is something that somebody does to one kind of thing. All that
// there are stand below, each with its sentence for the Activity pages.
type Action struct{ thing, name, sentence string }

// Thing is the kind of thing it is done to: job, quote, contact…
func (a Action) Thing() string { return a.thing }

// Name is the action in an entry: created, edited, archived…
func (a Action) Name() string { return a.name }

// Sentence says it behind a name, with % for the thing's own name.
func (a Action) Sentence() string { return a.sentence }

// ChangesDetails reports whether a contact who does it changes what the office
// knows of the company, a site or a contact. DetailsChanged is the same in SQL.
func (a Action) ChangesDetails() bool {
	return slices.Contains([]string{"customer", "site", "contact"}, a.thing) && slices.Contains([]string{"created", "edited", "archived"}, a.name)
}

// tokenThings are the kinds of things that a token of the API may do something
// to. Staff, settings and who comes in are for people; of contacts a token writes
// who they are, and lets nobody in or out.
var (
	tokenThings   = []string{"job", "task", "time entry", "quote", "customer", "site", "contact", "equipment", "attachment", "message", "job type"}
	tokenContacts = []string{"created", "edited", "archived", "fetched back", "request answered"}
)

// ByTokens reports whether a token may do it.
func (a Action) ByTokens() bool {
	return slices.Contains(tokenThings, a.thing) && (a.thing != "contact" || slices.Contains(tokenContacts, a.name))
}

// What is recorded, by kind of thing.
var (
	JobCreated          = action("job", "created", "created job %")
	JobOpened           = action("job", "opened", "asked for job %")
	JobEdited           = action("job", "edited", "changed job %")
	JobMoved            = action("job", "moved", "moved job %")
	JobLookedAt         = action("job", "looked at", "opened job % for the first time")
	JobLinksEnded       = action("job", "links ended", "ended the links in emails to job %")
	JobVisitAnswered    = action("job", "visit answered", "answered the visit of job %")
	JobVisitKept        = action("job", "visit kept", "let the visit of job % stand")
	JobCreatedFromQuote = action("job", "created from quote", "created job % from a quote")
	JobHistoryBrought   = action("job", "history brought", "imported the history of job %")
	JobTakenBack        = action("job", "taken back", "took back job %, which had been imported")

	JobChangeAsked     = action("job", "change asked", "asked for a change of job %")
	JobWithdrawalAsked = action("job", "withdrawal asked", "asked to withdraw job %")
	JobRequestAnswered = action("job", "request answered", "answered what was asked of job %")

	TaskCreated  = action("task", "created", "added the task %")
	TaskEdited   = action("task", "edited", "changed the task %")
	TaskDone     = action("task", "done", "finished the task %")
	TaskReopened = action("task", "reopened", "reopened the task %")
	TaskRemoved  = action("task", "removed", "removed the task %")

	TimeEntryLogged  = action("time entry", "logged", "logged time on job %")
	TimeEntryEdited  = action("time entry", "edited", "changed a time entry of job %")
	TimeEntryRemoved = action("time entry", "removed", "removed a time entry of job %")

	QuoteCreated        = action("quote", "created", "created quote %")
	QuoteRequested      = action("quote", "requested", "asked for quote %")
	QuoteEdited         = action("quote", "edited", "changed quote %")
	QuoteSent           = action("quote", "sent", "sent quote %")
	QuoteWithdrawn      = action("quote", "withdrawn", "withdrew quote %")
	QuoteRevised        = action("quote", "revised", "began a new version of quote %")
	QuoteLookedAt       = action("quote", "looked at", "opened quote % for the first time")
	QuoteLinksEnded     = action("quote", "links ended", "ended the links in emails to quote %")
	QuoteAccepted       = action("quote", "accepted", "accepted quote %")
	QuoteDeclined       = action("quote", "declined", "declined quote %")
	QuoteYesRecorded    = action("quote", "acceptance recorded", "recorded the customer’s acceptance of quote %")
	QuoteNoRecorded     = action("quote", "refusal recorded", "recorded the customer’s refusal of quote %")
	QuoteDuplicated     = action("quote", "duplicated", "duplicated quote %")
	QuoteJobCreated     = action("quote", "job created", "created a job from quote %")
	QuoteSaidWhy        = action("quote", "said why", "gave a reason on quote %")
	QuoteHistoryBrought = action("quote", "history brought", "imported the earlier versions of quote %")
	QuoteAnswerBrought  = action("quote", "answer brought in", "imported the answer to quote %, which was given elsewhere")
	QuoteTakenBack      = action("quote", "taken back", "took back quote %, which had been imported")

	QuoteChangeAsked     = action("quote", "change asked", "asked for a change of quote %")
	QuoteWithdrawalAsked = action("quote", "withdrawal asked", "asked to withdraw quote %")
	QuoteRequestAnswered = action("quote", "request answered", "answered what was asked of quote %")

	CustomerCreated             = action("customer", "created", "created customer %")
	CustomerEdited              = action("customer", "edited", "changed customer %")
	CustomerArchived            = action("customer", "archived", "archived customer %")
	CustomerMerged              = action("customer", "merged", "merged customer % into another")
	CustomerRestored            = action("customer", "restored", "restored customer %")
	CustomerRestoredFromArchive = action("customer", "fetched back", "restored customer %")
	CustomerTakenBack           = action("customer", "taken back", "took back customer %, which had been imported")

	CustomerChangeAsked     = action("customer", "change asked", "asked for a change of the details of %")
	CustomerRequestAnswered = action("customer", "request answered", "answered what was asked of the details of %")

	CompanyLoginSet     = action("customer", "company login set", "set up the company login of %")
	CompanyLoginRemoved = action("customer", "company login removed", "removed the company login of %")

	SiteCreated   = action("site", "created", "added the site %")
	SiteEdited    = action("site", "edited", "changed the site %")
	SiteArchived  = action("site", "archived", "archived the site %")
	SiteRestored  = action("site", "restored", "restored the site %")
	SiteTakenBack = action("site", "taken back", "took back the site %, which had been imported")

	SiteAsked           = action("site", "asked", "asked for the site %")
	SiteChangeAsked     = action("site", "change asked", "asked for a change of the site %")
	SiteRequestAnswered = action("site", "request answered", "answered what was asked of the site %")

	ContactCreated             = action("contact", "created", "added the contact %")
	ContactEdited              = action("contact", "edited", "changed the contact %")
	ContactArchived            = action("contact", "archived", "archived the contact %")
	ContactRestoredFromArchive = action("contact", "fetched back", "restored the contact %")
	ContactInvited             = action("contact", "invited", "invited % to the portal")
	ContactActivated           = action("contact", "activated", "took up the invitation of %")
	ContactLinksEnded          = action("contact", "links ended", "ended the links in emails to %")
	ContactSuspended           = action("contact", "suspended", "suspended %")
	ContactRestored            = action("contact", "restored", "gave % access again")
	ContactDetached            = action("contact", "detached", "took the sign-in address from the contact %")
	ContactErased              = action("contact", "erased", "erased a contact: %")
	ContactDataDownloaded      = action("contact", "data downloaded", "downloaded what is stored about %")
	ContactPreviewed           = action("contact", "previewed", "looked at the portal as %")
	ContactDownloadedInPreview = action("contact", "downloaded in preview", "downloaded a file while looking at the portal as %")
	ContactAskedForACode       = action("contact", "asked for a code", "asked for a code by email for %")
	ContactSignedIn            = action("contact", "signed in", "came by their company’s login as %")
	ContactConnected           = action("contact", "connected", "came by their company’s login for the first time as %")
	ContactDisconnected        = action("contact", "disconnected", "took away the company account of %")
	ContactSignedOut           = action("contact", "signed out", "signed % out: their company’s login has ended")
	ContactChoseEmails         = action("contact", "chose emails", "chose the emails to %")
	ContactChoseNotifications  = action("contact", "chose notifications", "chose the notifications to %")
	ContactCalendarMade        = action("contact", "calendar made", "made a calendar address for %")
	ContactCalendarRenewed     = action("contact", "calendar renewed", "renewed the calendar address of %")
	ContactCalendarEnded       = action("contact", "calendar ended", "ended the calendar address of %")
	ContactTakenBack           = action("contact", "taken back", "took back the contact %, which had been imported")

	ContactChangeAsked     = action("contact", "change asked", "asked for a change of the contact %")
	ContactRequestAnswered = action("contact", "request answered", "answered what was asked of the contact %")

	EquipmentAdded     = action("equipment", "added", "added the equipment %")
	EquipmentEdited    = action("equipment", "edited", "changed the equipment %")
	EquipmentRetired   = action("equipment", "retired", "retired the equipment %")
	EquipmentRestored  = action("equipment", "restored", "put the equipment % back into use")
	EquipmentTakenBack = action("equipment", "taken back", "took back the equipment %, which had been imported")

	EquipmentChangeAsked     = action("equipment", "change asked", "asked for a change of the equipment %")
	EquipmentRequestAnswered = action("equipment", "request answered", "answered what was asked of the equipment %")

	AttachmentUploaded = action("attachment", "uploaded", "uploaded the file %")
	AttachmentShared   = action("attachment", "shared", "made the file % viewable in the customer portal")
	AttachmentHidden   = action("attachment", "hidden", "hid the file % from the customer portal")
	AttachmentRemoved  = action("attachment", "removed", "removed the file %")
	AttachmentPrepared = action("attachment", "prepared", "prepared the photo %")
	AttachmentChanged  = action("attachment", "changed", "changed the caption of the file %")
	AttachmentCopied   = action("attachment", "copied", "took over the file %")
	AttachmentDocument = action("attachment", "document", "said what document the file % is")

	DocumentKindCreated = action("document kind", "created", "added the document kind %")
	DocumentKindEdited  = action("document kind", "edited", "changed the document kind %")

	PersonCreated                   = action("person", "created", "made the sign-in %")
	PersonChangedPassword           = action("person", "changed password", "changed the password of %")
	PersonSignedIn                  = action("person", "signed in", "signed in to the portal as %")
	PersonAskedForANewPassword      = action("person", "asked for a new password", "asked for a new password for %")
	PersonAskedForACode             = action("person", "asked for a code", "asked for a code by email for %")
	PersonAskedForANewSignInAddress = action("person", "asked for a new sign-in address", "asked for another sign-in address than %")
	PersonChangedSignInAddress      = action("person", "changed sign-in address", "changed the sign-in address to %")
	PersonSignedOutElsewhere        = action("person", "signed out elsewhere", "signed out other devices of %")
	PersonTurnedOnNotifications     = action("person", "turned on notifications", "turned on notifications for %")
	PersonTurnedOffNotifications    = action("person", "turned off notifications", "turned off notifications for %")
	PersonAddedPasskey              = action("person", "added passkey", "added a passkey of %")
	PersonRenamedPasskey            = action("person", "renamed passkey", "renamed a passkey of %")
	PersonRemovedPasskey            = action("person", "removed passkey", "removed a passkey of %")
	PersonPasskeyCopied             = action("person", "passkey copied", "used a passkey of % that may have been copied")
	PersonEndedSetPassword          = action("person", "ended set password", "came by a code, which ended the password that staff had set for %")
	PersonAddedFactor               = action("person", "added second factor", "turned on a second factor for %")
	PersonRemovedFactor             = action("person", "removed second factor", "turned off the second factor of %")
	PersonLostFactor                = action("person", "second factor removed", "removed the lost second factor of %")
	PersonReportedFactorLost        = action("person", "reported second factor lost", "reported the second factor of % as lost")
	PersonUsedRecoveryCode          = action("person", "used recovery code", "used a recovery code of %")
	PersonRenewedRecoveryCodes      = action("person", "renewed recovery codes", "made new recovery codes for %")
	PersonErased                    = action("person", "erased", "erased a sign-in: %")

	MessageBrought = action("message", "brought", "imported a message on %")
	MessageWrote   = action("message", "wrote", "wrote a message on %")
	MessageNoted   = action("message", "noted", "wrote a staff note on %")

	EmailSentAgain = action("email", "sent again", "sent the email “%” again")
	EmailSentTest  = action("email", "sent test", "sent a test email to %")

	EmailKept      = action("email", "kept", "kept an email that came in, on %")
	EmailIgnored   = action("email", "ignored", "ignored an email that came in (%)")
	EmailReopened  = action("email", "reopened", "brought back an email that came in (%)")
	SenderBlocked  = action("email", "sender blocked", "blocked the sender of an email (%)")
	SenderTakenOff = action("email", "sender unblocked", "unblocked the sender of an email (%)")

	StaffCreated                   = action("staff", "created", "added % to the staff")
	StaffTakenBack                 = action("staff", "taken back", "took back the staff member %, which had been imported")
	StaffEdited                    = action("staff", "edited", "changed % on the staff")
	StaffSuspended                 = action("staff", "suspended", "suspended % on the staff")
	StaffRestored                  = action("staff", "restored", "gave % access to the office again")
	StaffArchived                  = action("staff", "archived", "archived % on the staff")
	StaffRestoredFromArchive       = action("staff", "fetched back", "restored % on the staff")
	StaffInvited                   = action("staff", "invited", "invited % to the office")
	StaffChangedPassword           = action("staff", "changed password", "changed the office password of %")
	StaffConnected                 = action("staff", "connected", "came by the provider for the first time as %")
	StaffDisconnected              = action("staff", "disconnected", "took away the login by the provider of %")
	StaffSignedIn                  = action("staff", "signed in", "signed in to the office as %")
	StaffAddedPasskey              = action("staff", "added passkey", "added a passkey of %")
	StaffRenamedPasskey            = action("staff", "renamed passkey", "renamed a passkey of %")
	StaffRemovedPasskey            = action("staff", "removed passkey", "removed a passkey of %")
	StaffPasskeyCopied             = action("staff", "passkey copied", "used a passkey of % that may have been copied")
	StaffSignedOutElsewhere        = action("staff", "signed out elsewhere", "signed out other devices of %")
	StaffAskedForANewSignInAddress = action("staff", "asked for a new sign-in address", "asked for another sign-in address for %")
	StaffChangedSignInAddress      = action("staff", "changed sign-in address", "changed the sign-in address of %")
	StaffAddedFactor               = action("staff", "added second factor", "turned on a second factor for %")
	StaffRemovedFactor             = action("staff", "removed second factor", "turned off the second factor of %")
	StaffLostFactor                = action("staff", "second factor removed", "removed the lost second factor of %")
	StaffUsedRecoveryCode          = action("staff", "used recovery code", "used a recovery code of %")
	StaffRenewedRecoveryCodes      = action("staff", "renewed recovery codes", "made new recovery codes for %")
	StaffCalendarMade              = action("staff", "calendar made", "made a calendar address for %")
	StaffCalendarRenewed           = action("staff", "calendar renewed", "renewed a calendar address of %")
	StaffCalendarEnded             = action("staff", "calendar ended", "ended a calendar address of %")
	SignInRulesEdited              = action("sign-in rules", "edited", "changed who needs a second factor")
	StaffAskedForANewPassword      = action("staff", "asked for a new password", "asked for a new office password for %")

	JobTypeCreated   = action("job type", "created", "added the job type %")
	JobTypeEdited    = action("job type", "edited", "changed the job type %")
	JobTypeTakenBack = action("job type", "taken back", "took back the job type %, which had been imported")

	QuoteTemplateCreated = action("quote template", "created", "added the quote template %")
	QuoteTemplateEdited  = action("quote template", "edited", "changed the quote template %")
	SavedLineCreated     = action("saved line", "created", "added the saved line %")
	SavedLineEdited      = action("saved line", "edited", "changed the saved line %")

	CompanyEdited      = action("company", "edited", "changed Company Details")
	FirstStepsFinished = action("company", "finished first steps", "finished the first steps")

	TaxRateCreated = action("tax rate", "created", "added the tax rate %")
	TaxRateEdited  = action("tax rate", "edited", "changed the tax rate %")

	PortalSettingsEdited = action("portal settings", "edited", "changed the settings of the Customer Portal")

	TokenCreated = action("token", "created", "made the API token %")
	TokenEdited  = action("token", "edited", "changed the API token %")
	TokenEnded   = action("token", "ended", "ended the API token %")

	ContactKeyCreated = action("contact key", "created", "made the API key %")
	ContactKeyEnded   = action("contact key", "ended", "ended the API key %")
	FilesImported     = action("file import", "started", "imported the files of %")
	FileImportUndone  = action("file import", "undone", "took back the files of %")

	NumbersSet   = action("numbers", "set", "set the next number of %")
	ImportBegun  = action("import", "begun", "sent the file % to be imported")
	ImportRun    = action("import", "run", "imported the file %")
	ImportUndone = action("import", "undone", "undid the import of %")
	KeeperSet    = action("keeper", "set", "changed who keeps %")

	RetentionEdited = action("retention", "edited", "changed how long things are kept")

	WebhookCreated       = action("webhook", "created", "added the webhook %")
	WebhookEdited        = action("webhook", "edited", "changed the webhook %")
	WebhookRemoved       = action("webhook", "removed", "removed the webhook %")
	WebhookSecretRotated = action("webhook", "secret rotated", "made a new secret for the webhook %")
	WebhookSecretEnded   = action("webhook", "secret ended", "ended the old secret of the webhook %")
	WebhookTested        = action("webhook", "tested", "sent a test to the webhook %")
	WebhookSwitchedOff   = action("webhook", "switched off", "switched off the webhook %")
	WebhookSwitchedOn    = action("webhook", "switched on", "switched on the webhook %")
	WebhookSentAgain     = action("webhook", "sent again", "sent an event to the webhook % again")

	WaitingGiven    = action("waiting", "given", "said who deals with %")
	WaitingSnoozed  = action("waiting", "snoozed", "put off %")
	WaitingPutAside = action("waiting", "put aside", "put % aside")
	WaitingWoken    = action("waiting", "woken", "brought % back")

	SignInRefused    = action("sign-in", "refused", "was refused after too many tries to sign in as %")
	AllExported      = action("export", "exported everything", "asked for an export of everything")
	ExportDownloaded = action("export", "downloaded", "downloaded the export of everything of %")
	ExportRemoved    = action("export", "removed", "removed an export of everything")
	DataTaken        = action("export", "taken along", "downloaded what they see in the portal")
	ListExported     = action("export", "exported", "saved the list “%” as a file")

	InstallationFilled = action("installation", "filled", "set up the demo business %")
)

// actions finds them by thing and name.
var actions = map[[2]string]Action{}

func action(thing, name, sentence string) Action {
	a := Action{thing, name, sentence}
	actions[[2]string{thing, name}] = a
	return a
}

// ActionOf is the action that an entry names. An entry of an action that the
// program no longer knows is told by its bare words.
func ActionOf(thing, name string) Action {
	if a, known := actions[[2]string{thing, name}]; known {
		return a
	}
	return Action{thing, name, name + ": " + thing + " %"}
}

// Actions are all that there are, in no order.
func Actions() iter.Seq[Action] { return maps.Values(actions) }
