package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/list"
	"fieldgate/internal/mail"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/signin"
)

// State is what became of a mail.
type State string

// The states.
const (
	Waiting  State = "waiting"
	Sent     State = "sent"
	Retrying State = "retrying"
	Failed   State = "failed"
	Dropped  State = "dropped"
)

// States are all of them, as filters offer them.
func States() []State { return []State{Waiting, Retrying, Sent, Failed, Dropped} }

// Entry is a mail in the log.
type Entry struct {
	ID          int64
	Kind        Kind
	Rule        string
	ToName      string
	ToAddress   string
	Subject     string
	State       State
	Attempts    int
	ServerWords string
	Reason      Reason // why it was dropped, where that is one of those
	NextTryAt   *time.Time
	CreatedAt   time.Time
	FinishedAt  *time.Time
	OpenedAt    *time.Time // when somebody pressed the button behind its link
	LinkOpen    bool       // its link works, as far as the link itself says
}

// Title is the subject, or what the mail will be about as long as it has none.
func (e Entry) Title() string {
	if e.Subject != "" {
		return e.Subject
	}
	return e.Kind.Label()
}

const entryColumns = `e.id, e.kind, e.rule, e.to_name, e.to_address, e.subject, e.state, e.attempts, e.server_words, e.reason, e.next_try_at, e.created_at, e.finished_at,
	(select min(l.opened_at) from record_links l where l.email_id = e.id) as opened_at,
	exists (select from record_links l where l.email_id = e.id and l.ended_at is null and l.expires_at > now()) as link_open`

// Filter narrows the log; zero values do not.
type Filter struct {
	State   State
	Kind    Kind
	From    time.Time
	Until   time.Time // exclusive
	Contact int64
}

// LogOrders are the ways to sort the log.
var LogOrders = list.Orders{{Key: "at", Expr: "e.created_at", Type: "timestamptz", Desc: true}}

// Source is the log as a list reads it.
func (f Filter) Source(search string) list.Source {
	var w list.Where
	w.Search("e.search", search)
	switch f.State {
	case "":
	case Undelivered:
		w.And(UndeliveredSQL("e"))
	default:
		w.And("e.state = @state", "state", string(f.State))
	}
	if f.Kind != "" {
		w.And("e.kind = @kind", "kind", string(f.Kind))
	}
	if !f.From.IsZero() {
		w.And("e.created_at >= @from", "from", f.From)
	}
	if !f.Until.IsZero() {
		w.And("e.created_at < @until", "until", f.Until)
	}
	if f.Contact != 0 {
		w.And("e.contact_id = @contact", "contact", f.Contact)
	}
	return list.Source{Columns: entryColumns, From: "emails e", ID: "e.id", Where: w}
}

// QueryLog adds the queries for a page of the mails, and how many there are.
func QueryLog(b *postgres.Batch, into *list.Page[Entry], count *int, q list.Query, f Filter) {
	s := f.Source(q.Search)
	list.QueryPage(b, into, q, LogOrders, s)
	list.QueryCount(b, count, s)
}

// Log is a page of the mails.
func Log(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Entry], error) {
	return list.Fetch[Entry](ctx, db, q, LogOrders, f.Source(q.Search))
}

// Detail is all that is known of one mail.
type Detail struct {
	Entry
	FirstTryAt     *time.Time
	MessageID      string
	Contact        int64
	ContactName    string
	Customer       string
	CustomerNumber string
	Job, Quote     string // numbers
	AgainOf        int64
	Again          int64 // the mail that was sent instead of this one
	HTML, Text     string
	CopyAt         *time.Time
}

// Line is the row of the table that caused the mail; false for mails of another version.
func (d Detail) Line() (Line, bool) { return lineOf(d.Kind) }

// Find is the mail with that id, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Detail, error) {
	rows, err := db.Query(ctx, `
		select `+entryColumns+`, e.first_try_at, e.message_id, coalesce(e.contact_id, 0) as contact, coalesce(c.name, '') as contact_name,
			coalesce(cu.name, '') as customer, coalesce(cu.number, '') as customer_number, coalesce(j.number, '') as job, coalesce(q.number, '') as quote,
			coalesce(e.again_of, 0) as again_of, coalesce((select max(o.id) from emails o where o.again_of = e.id), 0) as again,
			coalesce(k.html, '') as html, coalesce(k.text, '') as text, k.at as copy_at
		from emails e
		left join contacts c on c.id = e.contact_id
		left join customers cu on cu.id = e.customer_id
		left join jobs j on j.id = e.job_id
		left join quotes q on q.id = e.quote_id
		left join email_copies k on k.email_id = e.id
		where e.id = $1`, id)
	if err != nil {
		return Detail{}, fmt.Errorf("find email %d: %w", id, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Detail])
	if errors.Is(err, pgx.ErrNoRows) {
		return Detail{}, apperr.NotFound
	}
	if err != nil {
		return Detail{}, fmt.Errorf("find email %d: %w", id, err)
	}
	return d, nil
}

// SendAgain sends a mail once more, as a new one with a Message-ID of its own,
// and returns its id. A link in it is a new one, which ends all earlier ones. A
// mail that still waits is tried at once instead. What is checked before each
// sending is checked for it too.
func (n *Notifier) SendAgain(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (again int64, err error) {
	var (
		e       email
		state   State
		subject string
	)
	err = tx.QueryRow(ctx, `
		select kind, rule, to_name, to_address, coalesce(contact_id, 0), coalesce(person_id, 0), coalesce(staff_id, 0), coalesce(link_id, 0), coalesce(customer_id, 0),
			coalesce(job_id, 0), coalesce(quote_id, 0), payload, state, subject from emails where id = $1 for update`, id,
	).Scan(&e.Kind, &e.Rule, &e.ToName, &e.To, &e.Contact, &e.Person, &e.Staff, &e.Link, &e.Customer, &e.Job, &e.Quote, &e.Payload, &state, &subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, apperr.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("send email %d again: %w", id, err)
	}
	if subject == "" {
		subject = e.Kind.Label()
	}
	entry := audit.New{Action: audit.EmailSentAgain, ID: id, Label: subject, Customer: e.Customer, After: map[string]any{"to": e.To}}
	if state == Waiting || state == Retrying {
		if err := queue.Hurry(ctx, tx, deliver{}.Kind(), `args->'email' = to_jsonb(@email::bigint)`, pgx.NamedArgs{"email": id}); err != nil {
			return 0, err
		}
		return id, audit.Record(ctx, tx, by, entry)
	}
	// Pressed twice: once is enough.
	err = tx.QueryRow(ctx, `select id from emails where again_of = $1 and created_at > now() - interval '1 minute' order by id desc limit 1`, id).Scan(&again)
	if !errors.Is(err, pgx.ErrNoRows) {
		return again, err
	}
	l, known := lineOf(e.Kind)
	if !known {
		return 0, apperr.Conflictf("Emails of this kind are no longer sent.")
	}
	e.AgainOf = id
	err = n.renewLink(ctx, tx, by, &e)
	if errors.Is(err, apperr.NotFound) {
		err = apperr.Conflictf("This email cannot be sent again: the person it was for is no longer here.")
	}
	if err != nil {
		return 0, err
	}
	if err := l.readdress(ctx, tx, &e); err != nil {
		return 0, err
	}
	if err := n.write(ctx, tx, e); err != nil {
		return 0, err
	}
	if err := audit.Record(ctx, tx, by, entry); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `select id from emails where again_of = $1 order by id desc limit 1`, id).Scan(&again)
	if err != nil {
		return 0, fmt.Errorf("send %s again: %w", l.Name, err)
	}
	return again, nil
}

// WhyNotAgain is why an email would not go out if it were sent again now, or
// nothing. It asks what is asked before each sending.
func (w Worker) WhyNotAgain(ctx context.Context, id int64) (string, error) {
	var open bool
	err := w.Pool.QueryRow(ctx, `select state in ('waiting', 'retrying') from emails where id = $1`, id).Scan(&open)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", apperr.NotFound
	}
	if err != nil {
		return "", fmt.Errorf("find email %d: %w", id, err)
	}
	if open { // it is looked at when it is tried
		return "", nil
	}
	e, _, err := w.load(ctx, id)
	if err != nil {
		return "", err
	}
	l, known := lineOf(e.Kind)
	if !known {
		return "", nil
	}
	if err := l.readdress(ctx, w.Pool, &e); err != nil {
		return "", err
	}
	_, _, err = w.contentOfFirst(ctx, e)
	if why, ok := errors.AsType[dropped](err); ok {
		return string(why), nil
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return "the person it was for is no longer here", nil
	}
	return "", err
}

// renewLink gives the mail a link of its own.
func (n *Notifier) renewLink(ctx context.Context, tx postgres.Tx, by audit.Actor, e *email) (err error) {
	switch e.Kind {
	case KindWelcome:
		e.Payload.About = cmp.Or(e.Payload.About, e.Contact)
		e.Contact = e.Payload.About
		e.Link, err = signin.Contact(ctx, tx, by, e.Contact)
	case KindPasswordReset:
		e.Link, err = signin.ResetPerson(ctx, tx, by, e.Person)
	case KindStaffInvited:
		e.Link, err = signin.StaffMember(ctx, tx, by, e.Staff)
	case KindStaffReset:
		e.Link, err = signin.ResetStaff(ctx, tx, by, e.Staff)
	case KindCode:
		err = apperr.Conflictf("Only they can ask for a code, where they need it.")
	case KindEmailConfirm:
		err = apperr.Conflictf("Only the person can ask for this email again, under My Details.")
	case KindStaffEmailConfirm:
		err = apperr.Conflictf("Enter the new address once more, and a new link goes there.")
	}
	if err != nil || e.Link == 0 {
		return err
	}
	// A link may lead to another address than the old mail did.
	var to string
	if err := tx.QueryRow(ctx, `select email from links where id = $1`, e.Link).Scan(&to); err != nil {
		return fmt.Errorf("read the new link: %w", err)
	}
	e.To = to
	return nil
}

// readdress lets a mail about a record go to where its contact reads emails now.
func (l Line) readdress(ctx context.Context, db postgres.DB, e *email) error {
	if l.Audience != Customer || e.Contact == 0 {
		return nil
	}
	if err := db.QueryRow(ctx, `select name, email from contacts where id = $1`, e.Contact).Scan(&e.ToName, &e.To); err != nil {
		return fmt.Errorf("read the contact’s address: %w", err)
	}
	if e.To == "" {
		return apperr.Conflictf("%s has no email address.", e.ToName)
	}
	return nil
}

// Recipients are the addresses of a rule as they are now, for the page of the
// notifications. Label names a part of them: a job type, a person.
type Recipients struct {
	Label     string
	Addresses []string
}

// Now reads whom the rules of a line reach; rules that depend on the record have none.
func Now(ctx context.Context, db postgres.DB) (map[string][]Recipients, error) {
	var batch pgx.Batch
	found := map[string][]Recipients{}
	for _, l := range table {
		for _, r := range l.Rules {
			if _, asked := found[r.Name]; asked || r.shown == "" {
				continue
			}
			found[r.Name] = nil
			batch.Queue(r.shown).Query(func(rows pgx.Rows) (err error) {
				found[r.Name], err = pgx.CollectRows(rows, pgx.RowToStructByName[Recipients])
				return err
			})
		}
	}
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	return found, nil
}

// Health is how the mail server does.
type Health struct {
	FailingSince *time.Time
	Failing      time.Duration // since then
	Words        string
	Open         int // mails that wait for it
}

// ReadHealth is how the mail server does now.
func ReadHealth(ctx context.Context, db postgres.DB) (h Health, err error) {
	err = db.QueryRow(ctx, `
		select failing_since, coalesce(now() - failing_since, interval '0'), words, (select count(*) from (select from emails where state in ('waiting', 'retrying') limit 1001) open) from mail_server`).Scan(&h.FailingSince, &h.Failing, &h.Words, &h.Open)
	if err != nil {
		return Health{}, fmt.Errorf("read the mail server’s health: %w", err)
	}
	return h, nil
}

// SendTest sends a mail to that address now, waits for the outcome and explains
// it; err is one of Mailer.Deliver's. It is no promise: it is neither kept nor repeated.
func (w Worker) SendTest(ctx context.Context, to string) error {
	business, err := w.business(ctx)
	if err != nil {
		return err
	}
	m := Mail{To: mail.Address{Address: to}, Business: business, Content: TestMail{At: business.Format.Now}}
	r, err := w.render(ctx, m)
	if err != nil {
		return err
	}
	err = w.Mailer.Test(ctx, mail.Message{
		ID: newMessageID(), FromName: business.TradingName, To: m.To, ReplyTo: mail.Address{Name: business.TradingName, Address: business.Email},
		Subject: r.Subject, Text: r.Text, HTML: r.HTML, Inline: r.Inline,
	})
	failure, _ := errors.AsType[*mail.Failure](err)
	noted := postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error {
		var recovered []bool
		if err := postgres.Read(ctx, tx, func(b *postgres.Batch) { noteServer(b, &recovered, err == nil, failure) }); err != nil {
			return fmt.Errorf("note how the mail server does: %w", err)
		}
		if len(recovered) == 0 {
			return nil
		}
		return hurry(ctx, tx)
	})
	if noted != nil && err == nil {
		return noted
	}
	return err
}

// TestMail tries the way to the mail server.
type TestMail struct{ At time.Time }
