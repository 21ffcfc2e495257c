// Package message holds what customers and the office write to each other on a
// job or a quote, and the notes that only staff read. Nothing of it is ever
// changed or removed.
package message

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// On is the job or the quote that a message is about; exactly one is set.
type On struct {
	Customer int64
	Job      int64
	Quote    int64
	Number   string // the job's or quote's, for the audit trail
}

func (o On) thing() string {
	if o.Job != 0 {
		return "job"
	}
	return "quote"
}

func (o On) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{"job": o.Job, "quote": o.Quote, "customer": o.Customer}
	maps.Copy(a, more)
	return a
}

// where is the condition on messages m, with the arguments of On.args.
const where = `m.customer_id = @customer and (m.job_id = nullif(@job::bigint, 0) or m.quote_id = nullif(@quote::bigint, 0))`

// New is a message to write.
type New struct {
	On
	Text  string
	Nonce string // of the form; "" counts every time
	// StaffOnly makes it a note that only staff read. Contacts write none.
	StaffOnly bool
	// ByEmail says that it came as an email.
	ByEmail bool
	// For is the contact whose words staff keep here; 0 when they write themselves.
	For int64
}

// Field is the description of each field of a message: its name, its label and
// how long it may be.
var Field = struct{ Text problem.Field }{
	Text: problem.Field{Name: "text", Label: "Message", Max: problem.MaxText},
}

// Fields are the fields of a message.
var Fields = problem.Fields{Field.Text}

// Check says what is wrong with what was typed. Files may take the place of
// words nowhere: who reads the email should know what they are about.
func (n New) Check() problem.Set {
	p := problem.Set{}
	p.Unless(n.Text != "", Field.Text.Name, "Write something first.")
	p.Limit(Field.Text, n.Text)
	return p
}

// Ref names a message: in the database, and in addresses.
type Ref struct {
	ID       int64
	PublicID string
}

// Create writes a message by a member of staff, a token of the API or a contact. A form sent twice
// writes one; created is then false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return ref, false, err
	}
	if n.StaffOnly && !by.ForOffice() {
		return ref, false, apperr.Forbidden{}
	}
	author, token, contact := by.Staff, by.Token, n.For
	switch {
	case !by.ForOffice():
		contact = by.Contact
	case contact != 0:
		author, token = 0, 0
	}
	nonce := n.Nonce
	if nonce != "" {
		nonce = fmt.Sprintf("%d %d %d %d %s", by.Staff, contact, n.Job, n.Quote, nonce)
		if by.Token != 0 {
			nonce = fmt.Sprintf("token %d %s", by.Token, nonce)
		}
	}
	err = tx.QueryRow(ctx, `
		insert into messages (customer_id, job_id, quote_id, staff_only, text, by_email, staff_id, token_id, contact_id, nonce)
		values (@customer, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), @note, @text, @by_email, nullif(@staff::bigint, 0), nullif(@token::bigint, 0), nullif(@contact::bigint, 0), nullif(@nonce, ''))
		on conflict on constraint message_nonce_taken do nothing
		returning id, public_id`,
		n.args(pgx.NamedArgs{"note": n.StaffOnly, "text": n.Text, "by_email": n.ByEmail, "staff": author, "token": token, "contact": contact, "nonce": nonce})).Scan(&ref.ID, &ref.PublicID)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id, public_id from messages where nonce = $1`, nonce).Scan(&ref.ID, &ref.PublicID)
		if err != nil {
			return ref, false, fmt.Errorf("find the message written before: %w", err)
		}
		return ref, false, nil
	}
	if err != nil {
		return ref, false, fmt.Errorf("write message: %w", err)
	}
	action := audit.MessageWrote
	if n.StaffOnly {
		action = audit.MessageNoted
	}
	after := map[string]any{n.thing(): n.Number, "text": n.Text}
	if n.For != 0 {
		after["contact"] = n.For
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: action, ID: ref.ID, Label: n.Number, Customer: n.Customer, After: after})
}

// Message is one of a conversation, as the office sees it.
type Message struct {
	ID        int64
	PublicID  string
	Text      string
	StaffOnly bool
	FromStaff bool
	Author    string
	Mine      bool // written by the member of staff who looks
	At        time.Time
	Unread    bool     // a customer's that no staff had read before
	ReadBy    []string // names of the other side's readers, in order
	ByEmail   bool
	Email     int64    // the email that it came as, while that is kept; 0 for others
	Quoted    string   // what was folded away of it
	Refused   []string // why files of it were not taken, each with its name
}

// byToken is who wrote what a token of the API did.
const byToken = `(select 'API: ' || t.name from tokens t where t.id = m.token_id)`

// QueryConversation adds a query for all that was written on a job or quote,
// oldest first, as the member of staff sees it.
func QueryConversation(b *postgres.Batch, into *[]Message, on On, staff int64) {
	postgres.Query(b, into, `
		select m.id, m.public_id, m.text, m.staff_only, m.contact_id is null as from_staff, coalesce(s.name, c.name, `+byToken+`) as author,
			coalesce(m.staff_id = @staff, false) as mine, m.at,
			m.contact_id is not null and not exists (select from message_reads r where r.message_id = m.id and r.staff_id is not null) as unread,
			array(select coalesce(rc.name, rs.name) from message_reads r left join contacts rc on rc.id = r.contact_id left join staff rs on rs.id = r.staff_id
				where r.message_id = m.id and (r.contact_id is not null) = (m.contact_id is null) order by r.at, coalesce(rc.name, rs.name)) as read_by,
			m.by_email, coalesce(i.id, 0) as email, coalesce(i.quoted, '') as quoted,
			array(select f->>'refused' from jsonb_array_elements(i.files) f where f->>'refused' <> '') as refused
		from messages m left join inbound_emails i on i.written_id = m.id left join staff s on s.id = m.staff_id left join contacts c on c.id = m.contact_id
		where `+where+`
		order by m.at, m.id`, on.args(pgx.NamedArgs{"staff": staff}))
}

// Conversation is QueryConversation by itself.
func Conversation(ctx context.Context, db postgres.DB, on On, staff int64) (all []Message, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryConversation(b, &all, on, staff) }); err != nil {
		return nil, fmt.Errorf("read conversation: %w", err)
	}
	return all, nil
}

// IsNote reports whether a message is one that only staff read.
func IsNote(ctx context.Context, db postgres.DB, id int64) (note bool, err error) {
	if err = db.QueryRow(ctx, `select staff_only from messages where id = $1`, id).Scan(&note); err != nil {
		return true, fmt.Errorf("find a message: %w", err)
	}
	return note, nil
}

// Tally is what the tab of a conversation says: how much was written, and what
// of the customer's nobody of the staff has read.
type Tally struct {
	All    int `db:"all_messages"`
	Unread int
}

// QueryCount adds a query for the tally of a job's or quote's conversation,
// notes included.
func QueryCount(b *postgres.Batch, into *Tally, on On) {
	postgres.QueryOne(b, into, `
		select count(*) as all_messages, count(*) filter (where m.contact_id is not null and not exists (select from message_reads r where r.message_id = m.id and r.staff_id is not null)) as unread
		from messages m where `+where, on.args(nil))
}

// Count is QueryCount by itself.
func Count(ctx context.Context, db postgres.DB, on On) (t Tally, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryCount(b, &t, on) }); err != nil {
		return t, fmt.Errorf("count messages: %w", err)
	}
	return t, nil
}

// ReadByStaff notes that a member of staff has read what the customer wrote. What
// a token of the API reads, staff 0, nobody has read yet.
func ReadByStaff(ctx context.Context, tx postgres.Tx, on On, staff int64) error {
	if staff == 0 {
		return nil
	}
	return read(ctx, tx, `
		insert into message_reads (message_id, staff_id)
		select m.id, @reader from messages m where `+where+` and m.contact_id is not null
		on conflict do nothing`, on.args(pgx.NamedArgs{"reader": staff}))
}

// ReadByContact notes that a contact has read these messages, which the caller
// has seen through the contact's own eyes. The contact's own are left out.
func ReadByContact(ctx context.Context, tx postgres.Tx, contact int64, ids []int64) error {
	return read(ctx, tx, `
		insert into message_reads (message_id, contact_id)
		select m.id, @reader from messages m join contacts c on c.id = @reader and c.customer_id = m.customer_id
		where m.id = any(@ids) and not m.staff_only and m.contact_id is distinct from @reader
		on conflict do nothing`, pgx.NamedArgs{"reader": contact, "ids": ids})
}

func read(ctx context.Context, tx postgres.Tx, sql string, args pgx.NamedArgs) error {
	if _, err := tx.Exec(ctx, sql, args); err != nil {
		return fmt.Errorf("note what was read: %w", err)
	}
	return nil
}
