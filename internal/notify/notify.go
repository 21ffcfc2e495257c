// Package notify decides who is told what, and sees it through.
//
// The table says which event is told to whom, by which rule, in which mail; it
// drives the sending, and staff read it under Administration → Notifications. A
// Notifier writes each mail as a row, in the transaction of the change that it
// tells of: ids and facts, no rendered text. A Worker takes it from there. It
// looks again whether the mail should still go out, makes the link's token,
// renders, sends, and records what became of it.
package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
)

// Kind is a sort of mail. Kinds are stored.
type Kind string

// The kinds of mail. What each is, and who gets it, stands in the table.
const (
	KindWelcome              Kind = "welcome"
	KindContactAccess        Kind = "contact-access"
	KindJobOpened            Kind = "job-opened"
	KindJobBooked            Kind = "job-booked"
	KindJobCompleted         Kind = "job-completed"
	KindVisitCalledOff       Kind = "visit-called-off"
	KindVisitReminder        Kind = "visit-reminder"
	KindVisitAnswered        Kind = "visit-answered"
	KindJobReceived          Kind = "job-received"
	KindQuoteReceived        Kind = "quote-received"
	KindJobWithdrawn         Kind = "job-withdrawn"
	KindQuoteWithdrawn       Kind = "quote-withdrawn"
	KindFilesShared          Kind = "files-shared"
	KindQuoteRequested       Kind = "quote-requested"
	KindQuoteSent            Kind = "quote-sent"
	KindQuoteExpiring        Kind = "quote-expiring"
	KindQuoteAnswered        Kind = "quote-answered"
	KindQuoteDecision        Kind = "quote-decision"
	KindMessage              Kind = "message"
	KindMessageToOffice      Kind = "message-to-office"
	KindEquipmentAdded       Kind = "equipment-added"
	KindDetailsChanged       Kind = "details-changed"
	KindCode                 Kind = "code"
	KindPasswordReset        Kind = "password-reset"
	KindPasswordChanged      Kind = "password-changed"
	KindEmailConfirm         Kind = "email-confirm"
	KindEmailChanged         Kind = "email-changed"
	KindNewSignIn            Kind = "new-sign-in"
	KindFactor               Kind = "second-factor"
	KindStaffFactor          Kind = "staff-second-factor"
	KindStaffInvited         Kind = "staff-invited"
	KindStaffReset           Kind = "staff-reset"
	KindStaffPasswordChanged Kind = "staff-password-changed"
	KindStaffEmailConfirm    Kind = "staff-email-confirm"
	KindStaffEmailChanged    Kind = "staff-email-changed"
	KindStaffRoleChanged     Kind = "staff-role-changed"
	KindStaffNewSignIn       Kind = "staff-new-sign-in"
	KindPasskeyChanged       Kind = "passkey-changed"
	KindStaffPasskeyChanged  Kind = "staff-passkey-changed"
	KindContactEmailChanged  Kind = "contact-email-changed"
	KindSignInsFail          Kind = "sign-ins-fail"
	KindWebhookOff           Kind = "webhook-off"
	KindFileDropped          Kind = "file-dropped"
	KindRecordLink           Kind = "record-link"
	KindDocumentEnding       Kind = "document-ending"
	KindDocumentsEnding      Kind = "documents-ending" // to the office
)

// Notifier writes mails. Its methods belong inside the transaction of the
// change they tell of: a change that is rolled back is told to nobody.
type Notifier struct {
	// VisitGathering is how long what becomes of a visit gathers into one mail.
	VisitGathering time.Duration

	queue *queue.Client
	box   *secret.Box
}

// New returns a Notifier. The box seals what must wait in the database.
func New(q *queue.Client, box *secret.Box) *Notifier {
	return &Notifier{VisitGathering: visitGathering, queue: q, box: box}
}

// Welcome is the mail that lets a contact in: with a link, or with a password
// that staff have set. Exactly one of the two is given.
type Welcome struct {
	Contact  int64
	Link     int64
	Password string
}

// Change is one field of a customer's details, as labelled on screens, before
// and after.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Payload is what a mail tells that no column of its row leads to.
type Payload struct {
	What      string     `json:"what,omitempty"`
	About     int64      `json:"about,omitempty"` // the contact it tells of
	Code      int64      `json:"code,omitempty"`
	ByStaff   int64      `json:"by_staff,omitempty"`
	ByContact int64      `json:"by_contact,omitempty"` // who did it, if that is told
	Equipment int64      `json:"equipment,omitempty"`
	Message   int64      `json:"message,omitempty"`
	Files     []int64    `json:"files,omitempty"`
	Version   int        `json:"version,omitempty"`
	Booked    *time.Time `json:"booked,omitempty"`
	Day       string     `json:"day,omitempty"` // until which a document holds
	Changes   []Change   `json:"changes,omitempty"`
	Old       string     `json:"old,omitempty"` // an address that was changed
	Name      string     `json:"name,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Where     string     `json:"where,omitempty"`
	Was       *stand     `json:"was,omitempty"`      // how a visit stood before what the mail has gathered
	Gathered  []occasion `json:"gathered,omitempty"` // what the mail tells of, this first, when a burst is told in one
}

// email is a row of the table emails. Contact, Person and Staff are whom it goes to.
type email struct {
	ID        int64
	Kind      Kind
	Rule      string
	ToName    string
	To        string
	Contact   int64
	Person    int64
	Staff     int64
	Link      int64
	Customer  int64
	Job       int64
	Quote     int64
	Payload   Payload
	Secret    []byte
	MessageID string
	Tries     int
	AgainOf   int64
	CreatedAt time.Time

	loaded  time.Time     // by the database's clock, when a worker read it
	handed  bool          // some program is handing it over
	gathers string        // what it gathers for, see FilesShared
	wait    time.Duration // how long it gathers
	visit   bool          // it tells of a visit: the last that has gathered counts
	by      int64         // the contact who did it
	except  int64         // the contact who did it, and need not be told
	draft   *Draft        // what a form has of the record, which is not saved yet
	phone   bool          // it is a notification, and no mail
	dropped string        // why it will not be sent, known from the start, in words
	reason  Reason        // and as what it is
}

// args name what the mail is about, for the SQL of rules and facts.
func (e email) args() pgx.NamedArgs {
	l, _ := lineOf(e.Kind)
	return pgx.NamedArgs{
		"phone": l.Phone, "kind": string(e.Kind), "customer": e.Customer, "job": e.Job, "quote": e.Quote, "link": e.Link, "contact": e.Contact, "person": e.Person, "staff": e.Staff,
		"what": e.Payload.What, "about": e.Payload.About, "equipment": e.Payload.Equipment, "message": e.Payload.Message, "files": e.Payload.Files, "version": e.Payload.Version,
		"by_staff": e.Payload.ByStaff, "by_contact": e.Payload.ByContact, "old": e.Payload.Old, "code": e.Payload.Code, "drafted": e.draft != nil, "draft_contact": cmp.Or(e.draft, &Draft{}).MainContact, "draft_site": cmp.Or(e.draft, &Draft{}).Site,
	}
}

// deliver asks the Worker for an email, and for those that the same deed has
// written With it. What has to be tried again gets a job of its own.
type deliver struct {
	Email int64   `json:"email"`
	With  []int64 `json:"with,omitempty"`
}

// mostTogether is how many emails one job asks for at most.
const mostTogether = 8

// Kind is deliver_email.
func (deliver) Kind() string { return "deliver_email" }

// Lane is the mails' own.
func (deliver) Lane() queue.Lane { return queue.Mail }

// write keeps mails and queues them, in as few round trips for many as for one.
// A mail that gathers takes what an earlier one, still gathering for the same,
// has come to tell.
func (n *Notifier) write(ctx context.Context, tx postgres.Tx, mails ...email) error {
	mails, phones := apart(mails)
	if err := n.writePushes(ctx, tx, phones); err != nil {
		return err
	}
	if err := calm(ctx, tx, mails); err != nil {
		return err
	}
	var plain []email
	var now []int64
	gathering := make([][]keptMail, len(mails))
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		for i := range mails {
			mails[i].MessageID = cmp.Or(mails[i].MessageID, newMessageID())
			if mails[i].gathers == "" {
				plain = append(plain, mails[i])
			} else {
				mails[i].keep(b, &gathering[i])
			}
		}
		if len(plain) > 0 {
			keepAll(b, &now, plain)
		}
	})
	if err != nil {
		return fmt.Errorf("write emails: %w", err)
	}
	var jobs []queue.Job
	for i, kept := range gathering {
		switch {
		case kept == nil || mails[i].dropped != "" || !kept[0].Fresh:
		case kept[0].NextTryAt != nil && mails[i].wait > 0:
			jobs = append(jobs, queue.Job{Args: deliver{Email: kept[0].ID}, At: *kept[0].NextTryAt})
		default:
			now = append(now, kept[0].ID)
		}
	}
	for some := range slices.Chunk(now, mostTogether) {
		jobs = append(jobs, queue.Job{Args: deliver{Email: some[0], With: some[1:]}})
	}
	return n.queue.InsertAll(ctx, tx, jobs)
}

// keepAll keeps mails that gather nothing, and answers with those that wait to be
// sent. It is one statement for all: making ready to write a row, with all that is
// checked and indexed of it, costs as much as writing it.
func keepAll(b *postgres.Batch, waiting *[]int64, mails []email) {
	type row struct {
		Kind, Rule, Name, Address, Words string
		Contact, Person, Staff, Link     int64
		Customer, Job, Quote             int64
		Payload                          Payload
		Secret                           []byte
		Message                          string
		Reason                           Reason
		Again, By                        int64
	}
	rows := make([]row, len(mails))
	for i, e := range mails {
		rows[i] = row{
			string(e.Kind), e.Rule, e.ToName, e.To, e.dropped, e.Contact, e.Person, e.Staff, e.Link, e.Customer, e.Job, e.Quote,
			e.Payload, e.Secret, e.MessageID, e.reason, e.AgainOf, e.by,
		}
	}
	postgres.QueryValues(b, waiting, `
		with kept as (
			insert into emails (kind, rule, to_name, to_address, contact_id, person_id, staff_id, link_id, customer_id, job_id, quote_id, payload, secret, message_id,
				state, server_words, reason, finished_at, again_of, by_contact_id)
			select "Kind", "Rule", "Name", "Address", nullif("Contact", 0), nullif("Person", 0), nullif("Staff", 0), nullif("Link", 0), nullif("Customer", 0), nullif("Job", 0), nullif("Quote", 0),
				"Payload", decode("Secret", 'base64'), "Message", case when "Words" <> '' then 'dropped' else 'waiting' end, "Words", "Reason", case when "Words" <> '' then now() end, nullif("Again", 0), nullif("By", 0)
			from jsonb_to_recordset(@mails::jsonb) as m ("Kind" text, "Rule" text, "Name" text, "Address" text, "Words" text, "Contact" bigint, "Person" bigint, "Staff" bigint, "Link" bigint,
				"Customer" bigint, "Job" bigint, "Quote" bigint, "Payload" jsonb, "Secret" text, "Message" text, "Reason" text, "Again" bigint, "By" bigint)
			returning id, state)
		select id from kept where state = 'waiting' order by id`, pgx.NamedArgs{"mails": rows})
}

// keptMail is a mail as it was kept; it is not fresh when an earlier one has taken it up.
type keptMail struct {
	ID        int64
	NextTryAt *time.Time
	Fresh     bool
}

func (e email) keep(b *postgres.Batch, into *[]keptMail) {
	state := "waiting"
	if e.dropped != "" {
		state = "dropped"
	}
	args := e.args()
	maps.Copy(args, pgx.NamedArgs{
		"rule": e.Rule, "name": e.ToName, "to": e.To, "payload": e.Payload, "secret": e.Secret, "message_id": e.MessageID, "state": state, "words": e.dropped, "reason": string(e.reason),
		"again_of": e.AgainOf, "by": e.by, "gathers": e.gathers, "wait": e.wait, "visit": e.visit,
	})
	postgres.Query(b, into, `
		insert into emails (kind, rule, to_name, to_address, contact_id, person_id, staff_id, link_id, customer_id, job_id, quote_id, payload, secret, message_id,
			state, server_words, reason, finished_at, again_of, by_contact_id, gathers, next_try_at)
		values (@kind, @rule, @name, @to, nullif(@contact, 0), nullif(@person, 0), nullif(@staff, 0), nullif(@link, 0), nullif(@customer, 0), nullif(@job, 0), nullif(@quote, 0),
			@payload, @secret, @message_id, @state, @words, @reason, case when @state = 'dropped' then now() end, nullif(@again_of, 0), nullif(@by, 0), nullif(@gathers, ''),
			case when @gathers <> '' then now() + @wait::interval end)
		on conflict (gathers) where gathers is not null do update
			set kind = excluded.kind, payload = emails.payload || case when @visit then excluded.payload - 'was' else '{}' end || jsonb_strip_nulls(jsonb_build_object(
				'files', (emails.payload->'files') || (excluded.payload->'files'),
				'changes', (emails.payload->'changes') || (excluded.payload->'changes'),
				'gathered', (emails.payload->'gathered') || (excluded.payload->'gathered')))
		returning id, next_try_at, message_id = @message_id as fresh`, args)
}

// newMessageID is the left part of a Message-ID; the sender's domain follows at
// sending. It is made once, so that repeats can be told to be the same mail.
func newMessageID() string { return strings.ToLower(rand.Text()) }

// secretOf binds a sealed secret to its mail.
func secretOf(messageID string) string { return "email " + messageID }
