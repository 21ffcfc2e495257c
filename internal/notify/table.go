package notify

// Event is something that happens, as staff read it.
type Event string

// The events.
const (
	contactInvited       Event = "A contact is invited, or the invitation is sent again"
	contactAccess        Event = "A contact is invited, suspended or restored, or their access changes"
	codeAsked            Event = "A contact asks for a code to sign in, or to answer from an email"
	passwordAsked        Event = "A contact asks for a new password"
	passwordChanged      Event = "A contact’s password is changed"
	emailChangeAsked     Event = "A contact asks for another sign-in address"
	emailChanged         Event = "A contact’s sign-in address is changed"
	newSignIn            Event = "Somebody signs in to the portal with a device not used before"
	jobOpened            Event = "A contact creates a job in the portal"
	jobBooked            Event = "A job is booked, or moved to another time"
	jobCompleted         Event = "A job is completed"
	visitCalledOff       Event = "A visit is called off: the job is cancelled, unscheduled or deferred"
	visitTomorrow        Event = "A visit is tomorrow"
	visitAnswered        Event = "A contact asks for another time of a visit"
	jobReceived          Event = "A contact creates a job in the portal: their receipt"
	quoteReceived        Event = "A contact asks for a quote: their receipt"
	jobWithdrawn         Event = "A contact withdraws a job that they asked for"
	quoteWithdrawn       Event = "A contact withdraws a quote that they asked for"
	filesShared          Event = "Photos or documents become visible to the customer"
	quoteRequested       Event = "A contact asks for a quote"
	quoteSent            Event = "A quote is sent"
	quoteExpires         Event = "A quote is about to expire"
	quoteAnswered        Event = "A quote is accepted or declined"
	messageWritten       Event = "A message is written on a job or quote"
	equipmentAdded       Event = "A contact adds equipment"
	detailsChanged       Event = "A contact changes details"
	factorChanged        Event = "A contact’s second factor is turned on or off, or a recovery code is used"
	staffFactorChanged   Event = "The second factor of a member of staff is turned on or off, or a recovery code is used"
	staffInvited         Event = "A member of staff is invited"
	staffPasswordAsked   Event = "A member of staff asks for a new password"
	staffPasswordChanged Event = "The password of a member of staff is changed"
	staffEmailAsked      Event = "Another sign-in address is asked for, for a member of staff"
	staffEmailChanged    Event = "The sign-in address of a member of staff is changed"
	staffRoleChanged     Event = "A member of staff gets another role"
	staffNewSignIn       Event = "A member of staff signs in with a device not used before"
	passkeyChanged       Event = "A contact’s passkey is added, removed or perhaps copied"
	staffPasskeyChanged  Event = "A passkey of a member of staff is added, removed or perhaps copied"
	contactEmailChanged  Event = "A contact’s email address is changed by somebody else"
	signInsFail          Event = "Somebody is trying many passwords"
	webhookOff           Event = "A webhook is switched off, because its system takes nothing any more"
	fileDropped          Event = "A file from the drop folder is dealt with"
	recordLinkAsked      Event = "A contact asks for a fresh link to a job or quote"
	documentEnds         Event = "A document is about to expire"
)

// Audience is the side that a mail goes to.
type Audience string

// The audiences. Mails to oneself are about one's own access, and nobody can
// turn them off. Those to the customer go only to contacts who may see what the
// mail tells of, and who want it.
const (
	Oneself  Audience = "Themselves"
	Customer Audience = "The customer"
	Office   Audience = "The office"
)

// Rule names recipients. Its name stands in the log of every mail it causes.
type Rule struct {
	Name string
	// Who and Why are for staff.
	Who, Why string
	// Otherwise says that the rule counts only if those before it found nobody.
	Otherwise bool
	// Setting is the part of Administration where the recipients are chosen.
	Setting Setting

	find  string               // SQL of recipients: address, and name, contact, person, staff where there is one
	takes func(candidate) bool // instead of find, for rules of the customer's side
	shown string               // SQL for the page: label and addresses
}

// Setting is where Administration keeps the recipients of a rule.
type Setting string

// The settings.
const (
	PortalSettings Setting = "Customer Portal"
	JobTypes       Setting = "Job Types"
	Customers      Setting = "Customers"
)

// Line is a row of the table: an event, one kind of mail, and whom it goes to.
type Line struct {
	Event    Event
	Kind     Kind
	Audience Audience
	Rules    []Rule
	// Name is how lists call the mail; Says is what it tells.
	Name, Says string
	// Choice is what contacts read where they choose; it is empty for mails
	// that are always sent.
	Choice string
	// Phone says that whoever has chosen nothing gets a notification as well: it
	// asks for an answer, or the day depends on it.
	Phone bool
	// Note is a restriction that staff should know of.
	Note string

	facts   facts
	visible string // SQL, as the contact: the ids of what the mail tells of, of those that the contact may see
}

// The names of rules that letters speak of.
const (
	MainContact    = "Main contact"
	EverythingSeen = "Everything they can see"
	AssignedStaff  = "Assigned staff"
	AccountManager = "Account manager"
	Asker          = "Who asked"
)

// The rules. Who is somebody's assigned staff comes before the customer's
// account manager, who comes before the list in the settings.
var (
	toContact = Rule{
		Name: "Themselves", Who: "The contact", Why: "They need it to sign in.",
		find: `select id as contact, name, email as address from contacts where id = @about and email <> ''`,
	}
	toPerson = Rule{
		Name: "Themselves", Who: "Whose password or sign-in it is", Why: "They must know if it was not them.",
		find: `select id as person, email as address from persons where id = @person`,
	}
	toLink = Rule{
		Name: "Themselves", Who: "The address that the link is for", Why: "Only they can open the link.",
		find: `select coalesce(l.person_id, 0) as person, coalesce(l.staff_id, 0) as staff, coalesce(s.name, '') as name, l.email as address from links l left join staff s on s.id = l.staff_id where l.id = @link`,
	}
	toCode = Rule{
		Name: "Themselves", Who: "The address that the code is for", Why: "Only they can read the code.",
		find: `select coalesce(d.person_id, 0) as person, coalesce(d.contact_id, 0) as contact, coalesce(c.name, '') as name, d.email as address from codes d left join contacts c on c.id = d.contact_id where d.id = @code`,
	}
	toOldAddress = Rule{
		Name: "Old address", Who: "The old address", Why: "They must know if it was not them.",
		find: `select id as person, @old::text as address from persons where id = @person`,
	}
	toMember = Rule{
		Name: "Themselves", Who: "The member of staff", Why: "They must know if it was not them.",
		find: `select id as staff, name, email as address from staff where id = @staff and email <> ''`,
	}
	toOldStaffAddress = Rule{
		Name: toOldAddress.Name, Who: toOldAddress.Who, Why: toOldAddress.Why,
		find: `select id as staff, name, @old::text as address from staff where id = @staff`,
	}
	toOldContactAddress = Rule{
		Name: toOldAddress.Name, Who: toOldAddress.Who, Why: "They must know that emails and invitations now go elsewhere.",
		find: `select id as contact, name, @old::text as address from contacts where id = @about`,
	}
	toAdministrators = Rule{
		Name: "Administrators", Who: "All Administrators", Why: "They can look into it.", Setting: PortalSettings,
		find: `select s.id as staff, s.name, s.email as address from staff s, portal_settings p
			where p.tell_of_guessing and s.role = 'administrator' and s.state = 'active' and s.archived_at is null order by s.id`,
		shown: `select case when p.tell_of_guessing then '' else 'Switched off' end as label,
			case when p.tell_of_guessing then array(select email from staff where role = 'administrator' and state = 'active' and archived_at is null and email <> '' order by id) else '{}' end as addresses
			from portal_settings p`,
	}
	toWhoeverAdministers = Rule{
		Name: "Administrators", Who: "All Administrators", Why: "They can put it right.",
		find: `select id as staff, name, email as address from staff where role = 'administrator' and state = 'active' and archived_at is null and email <> '' order by id`,
		shown: `select '' as label, coalesce(array_agg(email order by id), '{}') as addresses from staff
			where role = 'administrator' and state = 'active' and archived_at is null and email <> ''`,
	}
	toMainContact = Rule{
		Name: MainContact, Who: "The main contact of the job or quote", Why: "It is about their job or quote.",
		takes: func(c candidate) bool { return c.Main },
	}
	toAsker = Rule{
		Name: Asker, Who: "The contact who asked", Why: "So that they know it has arrived.",
		takes: func(c candidate) bool { return c.Asked },
	}
	toWatchers = Rule{
		Name: EverythingSeen, Who: "Contacts who chose “everything I can see”", Why: "They want to follow all work.",
		takes: func(c candidate) bool { return c.Everything },
	}
	toLinkAsker = Rule{
		Name: "Who had the link", Who: "The contact who had the link before", Why: "It has ended, and they ask for a new one.",
		takes: func(candidate) bool { return true },
	}
	toEverybodyWhoSees = Rule{
		Name: "Contacts who see it", Who: "Contacts who see the document", Why: "They look after the place.",
		takes: func(candidate) bool { return true },
	}
	toAssigned = Rule{
		Name: AssignedStaff, Who: "The staff assigned to the job or quote", Why: "They work on it.",
		find: `select s.id as staff, s.name, s.email as address from staff s
			where s.id in (select staff_id from job_staff where job_id = @job union all select staff_id from quote_staff where quote_id = @quote)
				and s.role <> 'field' and s.state = 'active' and s.archived_at is null order by s.id`,
	}
	toAccountManager = Rule{
		Name: AccountManager, Who: "The customer’s account manager", Why: "They know the customer.", Otherwise: true, Setting: Customers,
		find: `select s.id as staff, s.name, s.email as address from customers cu join staff s on s.id = cu.account_manager_id
			where cu.id = @customer and s.role <> 'field' and s.state = 'active' and s.archived_at is null`,
		shown: `select s.name || ', ' || count(*) || case count(*) when 1 then ' customer' else ' customers' end as label, array[s.email] as addresses
			from customers cu join staff s on s.id = cu.account_manager_id
			where cu.archived_at is null and s.role <> 'field' and s.state = 'active' and s.archived_at is null
			group by s.id, s.name, s.email order by s.name`,
	}
	toJobType = Rule{
		Name: "Job Type Notifications", Who: "The addresses of the job’s type", Why: "They look after this type of work.", Setting: JobTypes,
		find:  `select unnest(t.notification_addresses) as address from jobs j join job_types t on t.id = j.job_type_id where j.id = @job`,
		shown: `select name as label, notification_addresses as addresses from job_types where active or notification_addresses <> '{}' order by lower(name)`,
	}
)

// listed is a rule of one list in the settings.
func listed(name, column string) Rule {
	return Rule{
		Name: name, Who: "The list “" + name + "”", Why: "They are named in the settings.", Setting: PortalSettings,
		find:  `select unnest(` + column + `) as address from portal_settings`,
		shown: `select '' as label, ` + column + ` as addresses from portal_settings`,
	}
}

// otherwise is the rule for when those before it have found nobody.
func otherwise(r Rule) Rule {
	r.Otherwise = true
	return r
}

var (
	contactList   = listed("Contact Notifications", "contact_notifications")
	globalList    = listed("Global Notification List", "job_notifications")
	quoteList     = otherwise(listed("New quotes", "quote_notifications"))
	equipmentList = otherwise(listed("New equipment", "equipment_notifications"))
	detailsList   = otherwise(listed("Changed details", "details_notifications"))
	messageList   = otherwise(listed("Messages", "message_notifications"))
	documentList  = listed("Documents about to expire", "document_notifications")
)

// endingNote says when documents are reminded of.
const endingNote = "60, 30 and 7 days before the last day, once each. None for a document that was replaced, hidden or removed."

const (
	visibleJob      = `select id from portal.seen_jobs where id = @job and portal.one(id, @job)`
	visibleQuote    = `select id from portal.seen_quotes where id = @quote and portal.one(id, @quote)`
	visibleRecord   = visibleJob + ` union all ` + visibleQuote
	visibleMessage  = `select id from portal.messages where id = @message and portal.one(id, @message)`
	visibleFiles    = `select id from portal.attachments where id = any(@files) order by id`
	visibleDocument = `select d.id from portal.documents d where ` + endingDocument
	// What is replaced by one that the contact sees is nothing to remind of. The place
	// tells the kind, too; by kind and day an index has them.
	endingDocument = `d.id = any(@files)
		and not exists (select from portal.documents n where n.kind_id = d.kind_id and n.place = d.place and (n.valid_until, n.id) > (d.valid_until, d.id))`
)

const visitNote = "Changes to a visit within five minutes go out in one email. Staff can choose to send none."

// table is who is told what. Everything that is sent is sent by one of its
// lines, and the page of the notifications shows them as they stand here.
var table []Line

func init() { //nolint:gochecknoinits // the facts refer back to the lines' kinds
	customer := []Rule{toMainContact, toWatchers}
	table = []Line{
		{
			Event: contactInvited, Kind: KindWelcome, Audience: Oneself, Rules: []Rule{toContact}, Name: "Welcome",
			Says: "A link to choose a password, or the password that staff have set.", facts: welcomeFacts,
			Note: "Not sent if Email Notification is not ticked.",
		},
		{
			Event: contactAccess, Kind: KindContactAccess, Audience: Office, Rules: []Rule{contactList}, Name: "Access of a contact",
			Says: "Who was invited, suspended or restored, or whose permissions changed.", facts: accessFacts,
		},
		{
			Event: jobOpened, Kind: KindJobOpened, Audience: Office, Rules: []Rule{toJobType, globalList}, Name: "New job",
			Says: "What the contact wrote, for which site, and how to reach them.", facts: jobFacts,
			Note: "Only for jobs created in the portal. An address on both lists gets one email.",
		},
		{
			Event: quoteRequested, Kind: KindQuoteRequested, Audience: Office, Rules: []Rule{toAssigned, toAccountManager, quoteList}, Name: "New quote",
			Says: "What the contact wants a price for, and how to reach them.", facts: quoteFacts,
		},
		{
			Event: quoteAnswered, Kind: KindQuoteDecision, Audience: Office, Rules: []Rule{toAssigned, toAccountManager, quoteList}, Name: "Answer to a quote",
			Says: "Accepted or declined, by whom, with purchase order or reason.", facts: decisionFacts,
		},
		{
			Event: messageWritten, Kind: KindMessageToOffice, Audience: Office, Rules: []Rule{toAssigned, toAccountManager, messageList}, Name: "Message from a contact",
			Says: "The message, and where to answer it.", facts: officeMessageFacts, Note: "Messages from contacts. No email is sent about staff notes.",
		},
		{
			Event: equipmentAdded, Kind: KindEquipmentAdded, Audience: Office, Rules: []Rule{toAccountManager, equipmentList}, Name: "New equipment",
			Says: "What was added, and where it is.", facts: equipmentFacts,
		},
		{
			Event: detailsChanged, Kind: KindDetailsChanged, Audience: Office, Rules: []Rule{toAccountManager, detailsList}, Name: "Changed details",
			Says: "Each field before and after.", facts: detailsFacts,
		},
		{
			Event: signInsFail, Kind: KindSignInsFail, Audience: Office, Rules: []Rule{toAdministrators}, Name: "Failed sign-ins",
			Says: "How many tries, at how many accounts, and from where.", facts: failedSignInsFacts, Note: "Once an hour at most.",
		},
		{
			Event: webhookOff, Kind: KindWebhookOff, Audience: Office, Rules: []Rule{toWhoeverAdministers}, Name: "Webhook switched off",
			Says: "Which webhook, why, and what to do.", facts: webhookOffFacts, Note: "Once each time. Not when a member of staff switches it off.",
		},
		{
			Event: fileDropped, Kind: KindFileDropped, Audience: Office, Rules: []Rule{toWhoeverAdministers}, Name: "File from the drop folder",
			Says: "How much was imported, and the first rows that were refused.", facts: fileDroppedFacts, Note: "Once for each file.",
		},
		{
			Event: jobBooked, Kind: KindJobBooked, Audience: Customer, Rules: customer, Name: "Job booked", Choice: "A job is booked or moved", Phone: true,
			Says: "Date and time, the site and who comes, with a calendar entry.", facts: bookedFacts, visible: visibleJob, Note: visitNote,
		},
		{
			Event: visitCalledOff, Kind: KindVisitCalledOff, Audience: Customer, Rules: customer, Name: "Visit called off", Choice: "A visit is called off", Phone: true,
			Says: "That nobody comes, and why. The calendar entry is removed.", facts: calledOffFacts, visible: visibleJob, Note: visitNote,
		},
		{
			Event: visitTomorrow, Kind: KindVisitReminder, Audience: Customer, Rules: customer, Name: "Visit tomorrow", Choice: "A visit is tomorrow", Phone: true,
			Says: "When, and who comes.", facts: reminderFacts, visible: visibleJob, Note: "At the hour set under Customer Portal, unless the visit is booked or moved after that.",
		},
		{
			Event: jobReceived, Kind: KindJobReceived, Audience: Customer, Rules: []Rule{toAsker}, Name: "Receipt for a job", Choice: "You ask for a job",
			Says: "What was asked for, what happens next, and how to change it.", facts: jobReceivedFacts, visible: visibleJob,
		},
		{
			Event: quoteReceived, Kind: KindQuoteReceived, Audience: Customer, Rules: []Rule{toAsker}, Name: "Receipt for a quote", Choice: "You ask for a quote",
			Says: "What was asked for, what happens next, and how to change it.", facts: quoteReceivedFacts, visible: visibleQuote,
		},
		{
			Event: visitAnswered, Kind: KindVisitAnswered, Audience: Office, Rules: []Rule{toAssigned, toAccountManager, messageList}, Name: "Another time wanted",
			Says: "Which times would suit, and why.", facts: visitAnsweredFacts, Note: "No email is sent when a visit suits.",
		},
		{
			Event: jobWithdrawn, Kind: KindJobWithdrawn, Audience: Office, Rules: []Rule{toJobType, globalList}, Name: "Job withdrawn",
			Says: "Who no longer needs it, and why.", facts: withdrawnFacts,
		},
		{
			Event: quoteWithdrawn, Kind: KindQuoteWithdrawn, Audience: Office, Rules: []Rule{toAssigned, toAccountManager, quoteList}, Name: "Quote withdrawn",
			Says: "Who no longer needs it, and why.", facts: withdrawnFacts,
		},
		{
			Event: jobCompleted, Kind: KindJobCompleted, Audience: Customer, Rules: customer, Name: "Job completed", Choice: "A job is completed",
			Says: "The work undertaken and the time logged.", facts: completedFacts, visible: visibleJob, Note: visitNote,
		},
		{
			Event: filesShared, Kind: KindFilesShared, Audience: Customer, Rules: customer, Name: "Photos shared", Choice: "Photos or documents are shared",
			Says: "Which files, and where to see them.", facts: sharedFacts, visible: visibleFiles,
			Note: "Files shared within ten minutes go out in one email. Files hidden again by then are left out.",
		},
		{
			Event: quoteSent, Kind: KindQuoteSent, Audience: Customer, Rules: customer, Name: "Quote sent", Choice: "A quote is ready", Phone: true,
			Says: "The total, and how long it is valid.", facts: pricedFacts, visible: visibleQuote,
		},
		{
			Event: quoteExpires, Kind: KindQuoteExpiring, Audience: Customer, Rules: customer, Name: "Quote about to expire", Choice: "A quote is about to expire", Phone: true,
			Says: "The last day of the quote.", facts: expiringFacts, visible: visibleQuote, Note: "Three days before, once for each version that was sent.",
		},
		{
			Event: quoteAnswered, Kind: KindQuoteAnswered, Audience: Customer, Rules: customer, Name: "Quote answered", Choice: "A quote is accepted or declined",
			Says: "Who accepted or declined, and when.", facts: answeredFacts, visible: visibleQuote,
		},
		{
			Event: messageWritten, Kind: KindMessage, Audience: Customer, Rules: customer, Name: "Message", Choice: "Somebody writes a message", Phone: true,
			Says: "The message, and where to answer it.", facts: messageFacts, visible: visibleMessage, Note: "Not to the person who wrote it.",
		},
		{
			Event: recordLinkAsked, Kind: KindRecordLink, Audience: Customer, Rules: []Rule{toLinkAsker}, Name: "Fresh link",
			Says: "A link that opens the job or quote.", facts: linkFacts, visible: visibleRecord, Note: "To the address that the link before went to, if it is the contact’s still.",
		},
		{
			Event: documentEnds, Kind: KindDocumentsEnding, Audience: Office, Rules: []Rule{documentList, toAccountManager}, Name: "Document about to expire",
			Says: "What expires when, and for which site or equipment.", facts: officeDocumentFacts, Note: endingNote,
		},
		{
			Event: documentEnds, Kind: KindDocumentEnding, Audience: Customer, Rules: []Rule{toEverybodyWhoSees}, Name: "Document about to expire", Choice: "A certificate or other document is about to expire",
			Says: "What expires when, and for which site or equipment.", facts: documentFacts, visible: visibleDocument, Note: endingNote,
		},
		{
			Event: codeAsked, Kind: KindCode, Audience: Oneself, Rules: []Rule{toCode}, Name: "Code",
			Says: "Eight digits to type where they were asked for.", facts: codeFacts, Note: "The code works for ten minutes. The office does not see it, and cannot send it.",
		},
		{
			Event: passwordAsked, Kind: KindPasswordReset, Audience: Oneself, Rules: []Rule{toLink}, Name: "New password",
			Says: "The link to choose a new password.", facts: resetFacts,
		},
		{
			Event: passwordChanged, Kind: KindPasswordChanged, Audience: Oneself, Rules: []Rule{toPerson}, Name: "Password changed",
			Says: "When, and what to do if it was somebody else.", facts: passwordFacts,
		},
		{
			Event: emailChangeAsked, Kind: KindEmailConfirm, Audience: Oneself, Rules: []Rule{toLink}, Name: "Confirm an address",
			Says: "The link that confirms the new address.", facts: confirmFacts,
		},
		{
			Event: emailChanged, Kind: KindEmailChanged, Audience: Oneself, Rules: []Rule{toOldAddress, toPerson}, Name: "Address changed",
			Says: "The old and the new address.", facts: addressFacts,
		},
		{
			Event: newSignIn, Kind: KindNewSignIn, Audience: Oneself, Rules: []Rule{toPerson}, Name: "New sign-in",
			Says: "When, and with which browser.", facts: signInFacts,
		},
		{
			Event: factorChanged, Kind: KindFactor, Audience: Oneself, Rules: []Rule{toPerson}, Name: "Second factor",
			Says: "What has changed, when, and what to do if it was somebody else.", facts: factorFacts,
		},
		{
			Event: staffFactorChanged, Kind: KindStaffFactor, Audience: Oneself, Rules: []Rule{toMember}, Name: "Second factor, staff",
			Says: "What has changed, when, and what to do if it was somebody else.", facts: staffFactorFacts,
		},
		{
			Event: staffInvited, Kind: KindStaffInvited, Audience: Oneself, Rules: []Rule{toLink}, Name: "Welcome, staff",
			Says: "The link to choose a password.", facts: staffFacts,
		},
		{
			Event: staffPasswordAsked, Kind: KindStaffReset, Audience: Oneself, Rules: []Rule{toLink}, Name: "New password, staff",
			Says: "The link to choose a new password.", facts: staffFacts,
		},
		{
			Event: staffPasswordChanged, Kind: KindStaffPasswordChanged, Audience: Oneself, Rules: []Rule{toMember}, Name: "Password changed, staff",
			Says: "When, and what to do if it was somebody else.", facts: staffPasswordFacts,
		},
		{
			Event: staffEmailAsked, Kind: KindStaffEmailConfirm, Audience: Oneself, Rules: []Rule{toLink}, Name: "Confirm an address, staff",
			Says: "The link that confirms the new address.", facts: confirmStaffFacts,
		},
		{
			Event: staffEmailChanged, Kind: KindStaffEmailChanged, Audience: Oneself, Rules: []Rule{toOldStaffAddress, toMember}, Name: "Address changed, staff",
			Says: "The old and the new address.", facts: staffAddressFacts,
		},
		{
			Event: staffRoleChanged, Kind: KindStaffRoleChanged, Audience: Oneself, Rules: []Rule{toMember}, Name: "Role changed, staff",
			Says: "The new role, and who changed it.", facts: staffRoleFacts,
		},
		{
			Event: staffNewSignIn, Kind: KindStaffNewSignIn, Audience: Oneself, Rules: []Rule{toMember}, Name: "New sign-in, staff",
			Says: "When, and with which browser.", facts: staffSignInFacts,
		},
		{
			Event: passkeyChanged, Kind: KindPasskeyChanged, Audience: Oneself, Rules: []Rule{toPerson}, Name: "Passkey changed",
			Says: "Which one, when, and what to do if it was somebody else.", facts: passkeyFacts,
		},
		{
			Event: staffPasskeyChanged, Kind: KindStaffPasskeyChanged, Audience: Oneself, Rules: []Rule{toMember}, Name: "Passkey changed, staff",
			Says: "Which one, when, and what to do if it was somebody else.", facts: staffPasskeyFacts,
		},
		{
			Event: contactEmailChanged, Kind: KindContactEmailChanged, Audience: Oneself, Rules: []Rule{toOldContactAddress}, Name: "Address of a contact changed",
			Says: "That emails now go to another address, and who to call.", facts: contactAddressFacts,
			Note: "Not to contacts without access. The new address is not named.",
		},
	}
}

// Lines are the rows of the table.
func Lines() []Line { return table }

// lineOf is the row of a kind; false for kinds of another version.
func lineOf(k Kind) (Line, bool) {
	for _, l := range table {
		if l.Kind == k {
			return l, true
		}
	}
	return Line{}, false
}

// LetsStaffIn reports whether mails of the kind carry a link into the office:
// giving those out is for Administrators.
func (k Kind) LetsStaffIn() bool {
	return k == KindStaffInvited || k == KindStaffReset || k == KindStaffEmailConfirm
}

// Label is what lists call the kind.
func (k Kind) Label() string {
	if l, ok := lineOf(k); ok {
		return l.Name
	}
	return string(k)
}
