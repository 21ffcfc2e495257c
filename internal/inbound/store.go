package inbound

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// State is what became of an email.
type State string

// The states.
const (
	Waiting   State = "waiting" // for staff: it is not confirmed whose it is
	AsMessage State = "message"
	AsNote    State = "note"
	Ignored   State = "ignored"
	Reported  State = "report" // of a mail server, about an email of ours
)

// SenderBlocked is why an email of a blocked sender is ignored.
const SenderBlocked = "The sender is blocked."

// Way is how an email came.
type Way string

// The ways.
const (
	IMAP    Way = "imap"
	Webhook Way = "webhook"
	LMTP    Way = "lmtp"
)

// Source is where an email was found.
type Source struct {
	Way   Way
	Place string // in a mailbox: its validity and number; "" elsewhere
	// To are the addresses of the envelope, where they are known.
	To []string
	// Size is that of the whole email, when only its beginning was read.
	Size int64
}

// Kept is what is remembered of a file.
type Kept struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	Refused string `json:"refused"`
}

// New is an email to write down.
type New struct {
	Email
	Source
	Raw     string // its key in storage
	RawSize int64
	State   State
	Reason  string
	About
	Written  int64 // the message that it became
	Reported int64 // our email that it is about
}

// About is whom and what an email is about, as far as is known.
type About struct {
	Customer, Contact, Job, Quote int64
}

// Limits of what is written down, in characters. What is longer is in the email itself.
const (
	MaxMessage = 10_000
	maxKept    = 100_000
)

// Split is the text as a message takes it, and the rest with what was folded away.
func (e Email) Split() (text, quoted string) {
	text, quoted = e.Text, e.Quoted
	if r := []rune(text); len(r) > MaxMessage {
		text, quoted = string(r[:MaxMessage-2])+" …", "… "+string(r[MaxMessage-2:])+"\n\n"+quoted
	}
	return text, cut(strings.TrimSpace(quoted), maxKept)
}

// Known reports whether an email was taken before, whichever way it came.
func Known(ctx context.Context, db postgres.DB, e Email, s Source) (known bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from inbound_emails where digest = @digest) or exists (select from inbound_emails where place = nullif(@place, ''))`,
		pgx.NamedArgs{"digest": e.Digest, "place": s.Place}).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("ask whether an email is known: %w", err)
	}
	return known, nil
}

// Create writes an email down; created is false when it was taken before.
func Create(ctx context.Context, tx postgres.Tx, n New) (id int64, created bool, err error) {
	text, quoted := n.Split()
	files := make([]Kept, 0, len(n.Files))
	for _, f := range n.Files {
		files = append(files, Kept{Name: cut(f.Name, 200), Type: cut(f.Type, 100), Size: int64(len(f.Data)), Refused: f.Refused})
	}
	err = tx.QueryRow(ctx, `
		insert into inbound_emails (digest, place, came_by, message_id, from_name, from_address, subject, text, quoted, files, raw_key, raw_size, state, reason,
			customer_id, contact_id, job_id, quote_id, written_id, email_id, done_at)
		values (@digest, nullif(@place, ''), @way, @message_id, @from_name, @from, @subject, @text, @quoted, @files, @raw, @size, @state, @reason,
			nullif(@customer::bigint, 0), nullif(@contact::bigint, 0), nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@written::bigint, 0), nullif(@email::bigint, 0),
			case when @state <> 'waiting' then now() end)
		on conflict do nothing
		returning id`,
		pgx.NamedArgs{
			"digest": n.Digest, "place": n.Place, "way": string(n.Way), "message_id": n.ID, "from_name": n.From.Name, "from": n.From.Address, "subject": n.Subject,
			"text": text, "quoted": quoted, "files": files, "raw": n.Raw, "size": n.RawSize, "state": string(n.State), "reason": n.Reason,
			"customer": n.Customer, "contact": n.Contact, "job": n.Job, "quote": n.Quote, "written": n.Written, "email": n.Reported,
		}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("write down an email: %w", err)
	}
	return id, true, nil
}

// Entry is an email in the list.
type Entry struct {
	ID          int64
	At          time.Time
	FromName    string
	FromAddress string
	Subject     string
	Text        string
	Files       []Kept
	State       State
	Reason      string
	Record      string // number of the job or quote that it is about, or seems to be
	Customer    string
	DoneBy      string // the member of staff
}

// Sender is whom it comes from, by name or else address.
func (e Entry) Sender() string {
	switch {
	case e.FromName != "":
		return e.FromName
	case e.FromAddress != "":
		return e.FromAddress
	}
	return "Unknown sender"
}

// Title is its subject, or what stands for one.
func (e Entry) Title() string {
	if e.Subject != "" {
		return e.Subject
	}
	return "No subject"
}

const entryColumns = `i.id, i.at, i.from_name, i.from_address, i.subject, left(i.text, 400) as text, i.files, i.state, i.reason,
	coalesce(j.number, q.number, '') as record, coalesce(cu.name, '') as customer, coalesce(s.name, '') as done_by`

const entryTables = `inbound_emails i left join customers cu on cu.id = i.customer_id left join jobs j on j.id = i.job_id left join quotes q on q.id = i.quote_id left join staff s on s.id = i.done_by_id`

// Orders are the ways to sort them.
var Orders = list.Orders{{Key: "newest", Expr: "i.at", Type: "timestamptz", Desc: true}}

// Shows are the ways to narrow the list; "" is all.
var Shows = []State{Waiting, AsMessage, AsNote, Ignored, Reported, ""}

func source(q list.Query, show State) list.Source {
	s := list.Source{Columns: entryColumns, From: entryTables, ID: "i.id"}
	s.Where.Search("i.search", q.Search)
	if show != "" {
		s.Where.And(list.Is("i.state", show))
	}
	return s
}

// QueryList adds a page of the emails to a batch, and how many there are by each of Shows.
func QueryList(b *postgres.Batch, into *list.Page[Entry], q list.Query, show State) map[State]int {
	list.QueryPage(b, into, q, Orders, source(q, show))
	return list.QueryCounts(b, Shows, func(show State) list.Source {
		s := source(q, show)
		s.From = "inbound_emails i"
		return s
	})
}

// Detail is all that is known of one email.
type Detail struct {
	Entry
	Whole      string // its text
	Quoted     string
	RawKey     string
	RawSize    int64
	DoneAt     *time.Time
	CustomerID int64
	ContactID  int64
	IsJob      bool
	Blocked    bool // its sender is
}

// Find is the email with that id, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (d Detail, err error) {
	return find(ctx, db, id, "")
}

// Lock is Find for whoever deals with it.
func Lock(ctx context.Context, tx postgres.Tx, id int64) (Detail, error) {
	return find(ctx, tx, id, " for update of i")
}

func find(ctx context.Context, db postgres.DB, id int64, lock string) (d Detail, err error) {
	rows, err := db.Query(ctx, `
		select `+entryColumns+`, i.text as whole, i.quoted, i.raw_key, i.raw_size, i.done_at, coalesce(i.customer_id, 0) as customer_id, coalesce(i.contact_id, 0) as contact_id, i.job_id is not null as is_job,
			exists (select from blocked_senders b where b.address = lower(i.from_address)) as blocked
		from `+entryTables+` where i.id = $1`+lock, id)
	if err != nil {
		return d, fmt.Errorf("find email %d: %w", id, err)
	}
	d, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Detail])
	if errors.Is(err, pgx.ErrNoRows) {
		return d, apperr.NotFound
	}
	if err != nil {
		return d, fmt.Errorf("find email %d: %w", id, err)
	}
	return d, nil
}

// Done notes what staff did with an email.
type Done struct {
	State   State
	Reason  string
	Staff   int64
	Written int64
	About
}

// Close writes down what staff did with an email that waited, or was ignored.
func Close(ctx context.Context, tx postgres.Tx, id int64, d Done) error {
	_, err := tx.Exec(ctx, `
		update inbound_emails set state = @state, reason = @reason, done_at = case when @state <> 'waiting' then now() end, done_by_id = case when @state <> 'waiting' then @staff::bigint end,
			written_id = nullif(@written::bigint, 0), customer_id = coalesce(nullif(@customer::bigint, 0), customer_id), contact_id = case when @customer::bigint = 0 then contact_id else nullif(@contact::bigint, 0) end,
			job_id = case when @customer::bigint = 0 then job_id else nullif(@job::bigint, 0) end, quote_id = case when @customer::bigint = 0 then quote_id else nullif(@quote::bigint, 0) end
		where id = @id`, pgx.NamedArgs{
		"id": id, "state": string(d.State), "reason": d.Reason, "staff": d.Staff, "written": d.Written,
		"customer": d.Customer, "contact": d.Contact, "job": d.Job, "quote": d.Quote,
	})
	if err != nil {
		return fmt.Errorf("close email %d: %w", id, err)
	}
	return nil
}

// Block lets nobody see emails of a sender any more, until Unblock.
func Block(ctx context.Context, tx postgres.Tx, address string, staff int64) error {
	_, err := tx.Exec(ctx, `insert into blocked_senders (address, staff_id) values (lower(@address), @staff) on conflict do nothing`, pgx.NamedArgs{"address": address, "staff": staff, "reason": SenderBlocked})
	if err != nil {
		return fmt.Errorf("block a sender: %w", err)
	}
	return nil
}

// Unblock takes emails of a sender again.
func Unblock(ctx context.Context, tx postgres.Tx, address string) error {
	if _, err := tx.Exec(ctx, `delete from blocked_senders where address = lower($1)`, address); err != nil {
		return fmt.Errorf("unblock a sender: %w", err)
	}
	return nil
}

// Blocked reports whether emails of a sender are ignored.
func Blocked(ctx context.Context, db postgres.DB, address string) (blocked bool, err error) {
	if err = db.QueryRow(ctx, `select exists (select from blocked_senders where address = lower($1))`, address).Scan(&blocked); err != nil {
		return false, fmt.Errorf("ask whether a sender is blocked: %w", err)
	}
	return blocked, nil
}

// Guess finds what an email seems to be about: the record of our email that it
// answers, else the one customer who has a contact of its sender's address.
func Guess(ctx context.Context, db postgres.DB, e Email) (a About, err error) {
	var ours []string
	for _, id := range e.References {
		left, _, _ := strings.Cut(id, "@")
		ours = append(ours, left)
	}
	err = db.QueryRow(ctx, `
		select customer_id, coalesce(contact_id, 0), coalesce(job_id, 0), case when job_id is null then coalesce(quote_id, 0) else 0 end
		from emails where message_id = any(@ids) and customer_id is not null and num_nonnulls(job_id, quote_id) > 0
			and (contact_id is null or exists (select from contacts c where c.id = contact_id and c.customer_id = emails.customer_id))
		order by id desc limit 1`, pgx.NamedArgs{"ids": ours}).Scan(&a.Customer, &a.Contact, &a.Job, &a.Quote)
	if err == nil {
		return a, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return a, fmt.Errorf("find what an email answers: %w", err)
	}
	rows, err := db.Query(ctx, `select customer_id, id from contacts where lower(email) = lower($1) and email <> '' and archived_at is null order by id limit 2`, e.From.Address)
	if err != nil {
		return a, fmt.Errorf("find who writes: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a About, err error) { return a, row.Scan(&a.Customer, &a.Contact) })
	if err != nil {
		return a, fmt.Errorf("find who writes: %w", err)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return About{}, nil
}

// OwnMessage reports whether an email is one that we sent.
func OwnMessage(ctx context.Context, db postgres.DB, e Email) (ours bool, err error) {
	left, _, _ := strings.Cut(e.ID, "@")
	if err = db.QueryRow(ctx, `select exists (select from emails where message_id = $1)`, left).Scan(&ours); err != nil {
		return false, fmt.Errorf("ask whether an email is ours: %w", err)
	}
	return ours, nil
}

// Forget lets go of what is kept of old emails, as long as copies of those sent
// are: of those that nobody waits for, the email itself and its words.
func Forget(ctx context.Context, pool *pgxpool.Pool) (int64, error) {
	n, err := postgres.InBatches(ctx, func(ctx context.Context) (int64, error) {
		tag, err := pool.Exec(ctx, `
			update inbound_emails set raw_key = '', text = '', quoted = '', subject = '', from_name = '', from_address = '', files = '[]'
			where id = any(array(select id from inbound_emails
				where state <> 'waiting' and raw_key <> '' and at < (select now() - make_interval(days => email_copies) from retention) order by at limit 2000))`)
		return tag.RowsAffected(), err
	})
	if err != nil {
		return n, fmt.Errorf("forget emails that came long ago: %w", err)
	}
	return n, nil
}

// Erase takes a person out of the emails that came from them or their addresses.
// What became a message stays one.
func Erase(ctx context.Context, tx postgres.Tx, contact int64, addresses []string, former string) error {
	_, err := tx.Exec(ctx, `
		with theirs as (
			update inbound_emails set from_name = @former, from_address = '', subject = '', text = '', quoted = '', files = '[]', raw_key = '', message_id = '', reason = '',
				state = case when state = 'waiting' then 'ignored' else state end, done_at = coalesce(done_at, now())
			where contact_id = @contact or lower(from_address) = any(select lower(a) from unnest(@addresses::text[]) a))
		delete from blocked_senders where address = any(select lower(a) from unnest(@addresses::text[]) a)`,
		pgx.NamedArgs{"contact": contact, "addresses": addresses, "former": former})
	if err != nil {
		return fmt.Errorf("erase contact %d from emails that came: %w", contact, err)
	}
	return nil
}

// IgnoreFrom ignores what waits of a sender.
func IgnoreFrom(ctx context.Context, tx postgres.Tx, address string, staff int64) error {
	_, err := tx.Exec(ctx, `
		update inbound_emails set state = 'ignored', reason = @reason, done_at = now(), done_by_id = @staff
		where state = 'waiting' and lower(from_address) = lower(@address)`, pgx.NamedArgs{"address": address, "staff": staff, "reason": SenderBlocked})
	if err != nil {
		return fmt.Errorf("ignore what a blocked sender sent: %w", err)
	}
	return nil
}

// Author is a contact whose message an email may be.
type Author struct {
	ID    int64
	Name  string
	Email string
}

// QueryAuthors adds to a batch the contacts of a customer whose message an email may be.
func QueryAuthors(b *postgres.Batch, into *[]Author, customer int64) {
	postgres.Query(b, into, `select id, name, email from contacts where customer_id = @customer and archived_at is null order by is_default desc, name collate "und-x-icu", id limit 500`, pgx.NamedArgs{"customer": customer})
}

// QueryCustomer adds to a batch what a customer is called.
func QueryCustomer(b *postgres.Batch, into *string, customer int64) {
	postgres.QueryValue(b, into, `select name from customers where id = @customer`, pgx.NamedArgs{"customer": customer})
}
