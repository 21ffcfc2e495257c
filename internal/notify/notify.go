// Package notify decides who is told what, and sees it through.
//
// A Notifier writes each mail as a row, in the transaction of the change that
// it tells of: ids and facts, no rendered text. A Worker takes it from there. It
// looks again whether the mail should still go out, makes the link's token,
// renders, sends, and records what became of it.
package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/auth"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
)

// Kind is a sort of mail. Kinds are stored.
type Kind string

// The kinds of mail.
const (
	KindWelcome         Kind = "welcome"
	KindContactAccess   Kind = "contact-access"
	KindJobOpened       Kind = "job-opened"
	KindQuoteRequested  Kind = "quote-requested"
	KindQuoteSent       Kind = "quote-sent"
	KindEquipmentAdded  Kind = "equipment-added"
	KindDetailsChanged  Kind = "details-changed"
	KindPasswordReset   Kind = "password-reset"
	KindPasswordChanged Kind = "password-changed"
	KindStaffInvited    Kind = "staff-invited"
	KindStaffReset      Kind = "staff-reset"
)

// Rules say why somebody is told; they stand in the log of mails.
const (
	ruleThemselves = "Themselves"
	ruleMain       = "Main contact"
	ruleContacts   = "Contact Notifications"
	ruleJobType    = "Job Type Notifications"
	ruleJobs       = "Global Notification List"
	ruleQuotes     = "New quotes"
	ruleEquipment  = "New equipment"
	ruleDetails    = "Changed details"
)

// Notifier writes mails. Its methods belong inside the transaction of the
// change they tell of: a change that is rolled back is told to nobody.
type Notifier struct {
	queue *queue.Client
	box   *auth.SecretBox
}

// New returns a Notifier. The box seals what must wait in the database.
func New(q *queue.Client, box *auth.SecretBox) *Notifier { return &Notifier{queue: q, box: box} }

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

// Welcome tells a contact how to get in.
func (n *Notifier) Welcome(ctx context.Context, tx postgres.Tx, w Welcome) error {
	if (w.Link == 0) == (w.Password == "") {
		return fmt.Errorf("welcome contact %d: a link or a password is needed, not both", w.Contact)
	}
	e := email{Kind: KindWelcome, Rule: ruleThemselves, Contact: w.Contact, Link: w.Link}
	err := tx.QueryRow(ctx, `select customer_id, name, email from contacts where id = $1`, w.Contact).Scan(&e.Customer, &e.ToName, &e.To)
	if err != nil {
		return fmt.Errorf("welcome contact %d: %w", w.Contact, err)
	}
	e.MessageID = newMessageID()
	if w.Password != "" {
		e.Secret = n.box.Seal([]byte(w.Password), secretOf(e.MessageID))
	}
	return n.write(ctx, tx, e)
}

// ContactAccess tells the addresses of Contact Notifications that a contact was
// "invited", "suspended", "restored" or that access "changed".
func (n *Notifier) ContactAccess(ctx context.Context, tx postgres.Tx, contact int64, what string) error {
	e := email{Kind: KindContactAccess, Contact: contact, Payload: Payload{What: what}}
	if err := tx.QueryRow(ctx, `select customer_id from contacts where id = $1`, contact).Scan(&e.Customer); err != nil {
		return fmt.Errorf("tell of contact %d: %w", contact, err)
	}
	return n.listed(ctx, tx, e, `select contact_notifications from portal_settings`, ruleContacts)
}

// JobOpened tells the addresses of the job's type and of the Global
// Notification List about a new job, each once.
func (n *Notifier) JobOpened(ctx context.Context, tx postgres.Tx, job int64) error {
	e := email{Kind: KindJobOpened, Job: job}
	var ofType, all []string
	err := tx.QueryRow(ctx, `
		select j.customer_id, t.notification_addresses, s.job_notifications
		from jobs j join job_types t on t.id = j.job_type_id, portal_settings s where j.id = $1`, job).Scan(&e.Customer, &ofType, &all)
	if err != nil {
		return fmt.Errorf("tell of job %d: %w", job, err)
	}
	told := list{}
	told.add(ruleJobType, ofType)
	told.add(ruleJobs, all)
	return n.writeEach(ctx, tx, e, told)
}

// QuoteRequested tells the addresses for new quotes about one that was asked
// for in the portal.
func (n *Notifier) QuoteRequested(ctx context.Context, tx postgres.Tx, quote int64) error {
	e := email{Kind: KindQuoteRequested, Quote: quote}
	if err := tx.QueryRow(ctx, `select customer_id from quotes where id = $1`, quote).Scan(&e.Customer); err != nil {
		return fmt.Errorf("tell of quote %d: %w", quote, err)
	}
	return n.listed(ctx, tx, e, `select quote_notifications from portal_settings`, ruleQuotes)
}

// QuoteSent tells the quote's main contact that it has a price. Nobody is told
// when there is no main contact with an address.
func (n *Notifier) QuoteSent(ctx context.Context, tx postgres.Tx, quote int64) error {
	e := email{Kind: KindQuoteSent, Rule: ruleMain, Quote: quote}
	err := tx.QueryRow(ctx, `
		select q.customer_id, coalesce(q.sent_version, 0), coalesce(c.id, 0), coalesce(c.name, ''), coalesce(c.email, '')
		from quotes q left join contacts c on c.id = q.main_contact_id where q.id = $1`, quote,
	).Scan(&e.Customer, &e.Payload.Version, &e.Contact, &e.ToName, &e.To)
	if err != nil {
		return fmt.Errorf("tell of quote %d: %w", quote, err)
	}
	if e.To == "" {
		return nil
	}
	return n.write(ctx, tx, e)
}

// EquipmentAdded tells the addresses for new equipment.
func (n *Notifier) EquipmentAdded(ctx context.Context, tx postgres.Tx, equipment int64) error {
	e := email{Kind: KindEquipmentAdded, Payload: Payload{Equipment: equipment}}
	if err := tx.QueryRow(ctx, `select customer_id from equipment where id = $1`, equipment).Scan(&e.Customer); err != nil {
		return fmt.Errorf("tell of equipment %d: %w", equipment, err)
	}
	return n.listed(ctx, tx, e, `select equipment_notifications from portal_settings`, ruleEquipment)
}

// DetailsChanged tells the addresses for changed details what a contact has
// changed at the customer. Without changes nobody is told.
func (n *Notifier) DetailsChanged(ctx context.Context, tx postgres.Tx, customer, contact int64, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	e := email{Kind: KindDetailsChanged, Customer: customer, Contact: contact, Payload: Payload{Changes: changes}}
	return n.listed(ctx, tx, e, `select details_notifications from portal_settings`, ruleDetails)
}

// PasswordReset sends a person the link to choose a new password.
func (n *Notifier) PasswordReset(ctx context.Context, tx postgres.Tx, link int64) error {
	e := email{Kind: KindPasswordReset, Rule: ruleThemselves, Link: link}
	if err := tx.QueryRow(ctx, `select person_id, email from links where id = $1 and purpose = 'reset'`, link).Scan(&e.Person, &e.To); err != nil {
		return fmt.Errorf("mail link %d: %w", link, err)
	}
	return n.write(ctx, tx, e)
}

// PasswordChanged tells a person that their password is a new one.
func (n *Notifier) PasswordChanged(ctx context.Context, tx postgres.Tx, person int64) error {
	e := email{Kind: KindPasswordChanged, Rule: ruleThemselves, Person: person}
	if err := tx.QueryRow(ctx, `select email from persons where id = $1`, person).Scan(&e.To); err != nil {
		return fmt.Errorf("tell person %d: %w", person, err)
	}
	return n.write(ctx, tx, e)
}

// StaffInvited sends a new member of staff the link to choose a password.
func (n *Notifier) StaffInvited(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.staffLink(ctx, tx, KindStaffInvited, link)
}

// StaffReset sends a member of staff the link to choose a new password.
func (n *Notifier) StaffReset(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.staffLink(ctx, tx, KindStaffReset, link)
}

func (n *Notifier) staffLink(ctx context.Context, tx postgres.Tx, kind Kind, link int64) error {
	e := email{Kind: kind, Rule: ruleThemselves, Link: link}
	err := tx.QueryRow(ctx, `select s.id, s.name, l.email from links l join staff s on s.id = l.staff_id where l.id = $1`, link).Scan(&e.Staff, &e.ToName, &e.To)
	if err != nil {
		return fmt.Errorf("mail link %d: %w", link, err)
	}
	return n.write(ctx, tx, e)
}

// listed writes e to every address of the list that sql reads.
func (n *Notifier) listed(ctx context.Context, tx postgres.Tx, e email, sql, rule string) error {
	var addresses []string
	if err := tx.QueryRow(ctx, sql).Scan(&addresses); err != nil {
		return fmt.Errorf("read who is told (%s): %w", rule, err)
	}
	told := list{}
	told.add(rule, addresses)
	return n.writeEach(ctx, tx, e, told)
}

func (n *Notifier) writeEach(ctx context.Context, tx postgres.Tx, e email, told list) error {
	for _, r := range told {
		e.To, e.Rule, e.MessageID = r.address, r.rule, ""
		if err := n.write(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// list is who is told, each address once whatever its case.
type list []struct{ address, rule string }

func (l *list) add(rule string, addresses []string) {
	for _, a := range addresses {
		a = strings.TrimSpace(a)
		same := func(r struct{ address, rule string }) bool { return strings.EqualFold(r.address, a) }
		if a != "" && !slices.ContainsFunc(*l, same) {
			*l = append(*l, struct{ address, rule string }{a, rule})
		}
	}
}

// Payload is what a mail tells that no id leads to.
type Payload struct {
	What      string   `json:"what,omitempty"`
	Equipment int64    `json:"equipment,omitempty"`
	Version   int      `json:"version,omitempty"`
	Changes   []Change `json:"changes,omitempty"`
}

// email is a row of the table emails.
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
	CreatedAt time.Time
}

// deliver asks the Worker for one email.
type deliver struct {
	Email int64 `json:"email"`
}

// Kind is deliver_email.
func (deliver) Kind() string { return "deliver_email" }

// Lane is the mails' own.
func (deliver) Lane() queue.Lane { return queue.Mail }

func (n *Notifier) write(ctx context.Context, tx postgres.Tx, e email) error {
	e.MessageID = cmp.Or(e.MessageID, newMessageID())
	err := tx.QueryRow(ctx, `
		insert into emails (kind, rule, to_name, to_address, contact_id, person_id, staff_id, link_id, customer_id, job_id, quote_id, payload, secret, message_id)
		values (@kind, @rule, @name, @to, nullif(@contact, 0), nullif(@person, 0), nullif(@staff, 0), nullif(@link, 0), nullif(@customer, 0), nullif(@job, 0), nullif(@quote, 0),
			@payload, @secret, @message_id)
		returning id`,
		pgx.NamedArgs{
			"kind": string(e.Kind), "rule": e.Rule, "name": e.ToName, "to": e.To, "contact": e.Contact, "person": e.Person, "staff": e.Staff, "link": e.Link,
			"customer": e.Customer, "job": e.Job, "quote": e.Quote, "payload": e.Payload, "secret": e.Secret, "message_id": e.MessageID,
		}).Scan(&e.ID)
	if err != nil {
		return fmt.Errorf("write email %s: %w", e.Kind, err)
	}
	return n.queue.Insert(ctx, tx, deliver{Email: e.ID})
}

// newMessageID is the left part of a Message-ID; the sender's domain follows at
// sending. It is made once, so that repeats can be told to be the same mail.
func newMessageID() string { return strings.ToLower(rand.Text()) }

// secretOf binds a sealed secret to its mail.
func secretOf(messageID string) string { return "email " + messageID }
