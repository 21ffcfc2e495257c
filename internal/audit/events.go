package audit

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/event"
)

// events are the actions that become an event when a contact does them.
var events = map[Action]event.Kind{
	JobOpened: event.JobRequested, JobEdited: event.JobEdited, JobVisitAnswered: event.VisitAnswered,
	JobMoved:       event.JobWithdrawn, // the only move that contacts make
	QuoteRequested: event.QuoteRequested, QuoteEdited: event.QuoteEdited, QuoteWithdrawn: event.QuoteWithdrawn, QuoteAccepted: event.QuoteAccepted, QuoteDeclined: event.QuoteDeclined,
	QuoteYesRecorded: event.QuoteAccepted, QuoteNoRecorded: event.QuoteDeclined,
	MessageWrote:       event.MessageWritten,
	AttachmentUploaded: event.FileAdded, AttachmentRemoved: event.FileRemoved,
	EquipmentAdded: event.EquipmentAdded, EquipmentEdited: event.EquipmentEdited,
	CustomerEdited: event.CustomerEdited, SiteCreated: event.SiteCreated, SiteEdited: event.SiteEdited,
	ContactCreated: event.ContactCreated, ContactEdited: event.ContactEdited, ContactInvited: event.ContactInvited, ContactActivated: event.ContactActivated,
	ContactSuspended: event.ContactSuspended, ContactRestored: event.ContactRestored,
}

// Why an action is no event.
const (
	// ByStaffAlone are actions that no contact does: what the office does, a
	// system asks for by the API.
	ByStaffAlone = "contacts do not do it"
	ofSigningIn  = "it is about signing in, and concerns no system"
	ofChoices    = "it is a choice of emails and notifications"
	ofTheProgram = "the program does it"
	ofAnother    = "it goes with an action that is an event"
	ofLooking    = "it changes nothing"
)

// noEvents are the other actions, each with the reason.
var noEvents = map[string][]Action{
	ByStaffAlone: {
		JobCreated, JobLookedAt, JobLinksEnded, JobVisitKept, JobCreatedFromQuote, TaskCreated, TaskEdited, TaskDone, TaskReopened, TaskRemoved, TimeEntryLogged, TimeEntryEdited, TimeEntryRemoved,
		QuoteCreated, QuoteSent, QuoteRevised, QuoteLookedAt, QuoteLinksEnded, QuoteDuplicated, QuoteJobCreated,
		CustomerCreated, CustomerArchived, CustomerMerged, CustomerRestored, CustomerRestoredFromArchive, CompanyLoginSet, CompanyLoginRemoved, SiteArchived, SiteRestored,
		ContactArchived, ContactRestoredFromArchive, ContactLinksEnded, ContactErased, ContactDataDownloaded, ContactPreviewed, ContactDownloadedInPreview, ContactDisconnected,
		EquipmentRetired, EquipmentRestored, AttachmentShared, AttachmentHidden, AttachmentChanged, AttachmentCopied, AttachmentDocument, DocumentKindCreated, DocumentKindEdited,
		MessageNoted, EmailSentAgain, EmailSentTest, EmailKept, EmailIgnored, EmailReopened, SenderBlocked, SenderTakenOff,
		StaffCreated, StaffEdited, StaffSuspended, StaffRestored, StaffArchived, StaffRestoredFromArchive, StaffInvited, StaffChangedPassword, StaffConnected, StaffDisconnected, StaffSignedIn,
		StaffAddedPasskey, StaffRenamedPasskey, StaffRemovedPasskey, StaffPasskeyCopied, StaffSignedOutElsewhere, StaffAskedForANewSignInAddress, StaffChangedSignInAddress,
		StaffAddedFactor, StaffRemovedFactor, StaffLostFactor, StaffUsedRecoveryCode, StaffRenewedRecoveryCodes, SignInRulesEdited, StaffAskedForANewPassword,
		JobTypeCreated, JobTypeEdited, QuoteTemplateCreated, QuoteTemplateEdited, SavedLineCreated, SavedLineEdited, CompanyEdited, FirstStepsFinished, TaxRateCreated, TaxRateEdited,
		PortalSettingsEdited, RetentionEdited, WaitingGiven, WaitingSnoozed, WaitingPutAside, WaitingWoken, InstallationFilled,
		JobTakenBack, QuoteTakenBack, CustomerTakenBack, SiteTakenBack, ContactTakenBack, EquipmentTakenBack, StaffTakenBack, JobTypeTakenBack,
		WebhookCreated, WebhookEdited, WebhookRemoved, WebhookSecretRotated, WebhookSecretEnded, WebhookTested, WebhookSwitchedOff, WebhookSwitchedOn, WebhookSentAgain,
	},
	ofSigningIn: {
		ContactAskedForACode, ContactSignedIn, ContactConnected, ContactSignedOut, PersonCreated, PersonChangedPassword, PersonSignedIn, PersonAskedForANewPassword, PersonAskedForACode,
		PersonAskedForANewSignInAddress, PersonChangedSignInAddress, PersonSignedOutElsewhere, PersonAddedPasskey, PersonRenamedPasskey, PersonRemovedPasskey, PersonPasskeyCopied,
		PersonEndedSetPassword, PersonAddedFactor, PersonRemovedFactor, PersonLostFactor, PersonReportedFactorLost, PersonUsedRecoveryCode, PersonRenewedRecoveryCodes, PersonErased, SignInRefused,
	},
	ofChoices:    {ContactChoseEmails, ContactChoseNotifications, PersonTurnedOnNotifications, PersonTurnedOffNotifications},
	ofTheProgram: {AttachmentPrepared},
	ofAnother: {
		QuoteSaidWhy,    // the reason stands on the quote that is withdrawn
		ContactDetached, // by taking up an invitation
	},
	ofLooking: {ListExported},
}

// EventOf is the kind of event that an action of a contact becomes, or else why
// it becomes none. One of the two is set.
func EventOf(a Action) (kind event.Kind, why string) {
	if kind, ok := events[a]; ok {
		return kind, ""
	}
	for why, actions := range noEvents {
		if slices.Contains(actions, a) {
			return "", why
		}
	}
	return "", ""
}

// inTheirName are actions of staff that are events all the same: what a customer
// said by telephone, and a message that came by an email which waited for staff.
// A system that works on with accepted quotes wants every one of them.
var inTheirName = []Action{QuoteYesRecorded, QuoteNoRecorded, MessageWrote}

// eventBy is the event that an entry becomes, with the arguments of its insert;
// nil for none.
func eventBy(by Actor, n New, before, after map[string]any) pgx.NamedArgs {
	kind, ok := events[n.Action]
	contact := by.Contact
	if said, named := after["contact"].(float64); named && by.kind() != ByContact {
		contact = int64(said)
	}
	theirs := by.kind() == ByContact
	switch {
	case !ok, n.Customer == 0, n.ID == 0:
		return nil
	case !theirs && !slices.Contains(inTheirName, n.Action), !theirs && n.Action == MessageWrote && contact == 0:
		return nil
	case n.Action == AttachmentUploaded && after["message"] != float64(0):
		return nil // the message tells of it
	}
	if kind == event.QuoteAccepted || kind == event.QuoteDeclined {
		// An answer is told whole, also what is as it was before: its version, the order.
		before = nil
		if all, err := fields(n.After); err == nil {
			after = all
		}
	}
	was, is := event.Told(n.Action.thing, before), event.Told(n.Action.thing, after)
	if why, moved := after["cancelled_why"].(string); n.Action == JobMoved && moved {
		is["reason"] = strings.TrimSpace(strings.TrimPrefix(why, "Withdrawn by "+by.Name+"."))
	}
	if before != nil && after != nil && len(was) == 0 && len(is) == 0 {
		return nil // saved without a change
	}
	return pgx.NamedArgs{"event": string(kind), "event_contact": contact, "event_before": was, "event_after": is}
}

// insertEvent is the part of Record's statement that writes the event. Who
// takes up several invitations at once is a contact elsewhere, too: an event
// names its customer's.
const insertEvent = `event as (
			insert into events (kind, customer_id, contact_id, actor, thing, thing_id, before, after)
			select @event::text, @customer::bigint, (select c.id from contacts c where c.id = @event_contact::bigint and c.customer_id = @customer::bigint), @actor, @thing::text, @id::bigint, @event_before::jsonb, @event_after::jsonb)`
