package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/signin"
)

// Welcome tells a contact how to get in.
func (n *Notifier) Welcome(ctx context.Context, tx postgres.Tx, w Welcome) error {
	if (w.Link == 0) == (w.Password == "") {
		return fmt.Errorf("welcome contact %d: a link or a password is needed, not both", w.Contact)
	}
	e := email{Link: w.Link, Payload: Payload{About: w.Contact}}
	if err := read(ctx, tx, &e, `select customer_id from contacts where id = @about`, &e.Customer); err != nil {
		return err
	}
	e.MessageID = newMessageID()
	if w.Password != "" {
		e.Secret = n.box.Seal([]byte(w.Password), secretOf(e.MessageID))
	}
	return n.writeAll(ctx, tx, contactInvited, e)
}

// ContactAccess tells the addresses of Contact Notifications that a contact was
// "invited", "suspended", "restored" or that access "changed", and by whom.
func (n *Notifier) ContactAccess(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64, what string) error {
	e := email{Payload: Payload{About: contact, What: what, ByStaff: by.Staff, ByContact: by.Contact}}
	if err := read(ctx, tx, &e, `select customer_id from contacts where id = @about`, &e.Customer); err != nil {
		return err
	}
	return n.writeAll(ctx, tx, contactAccess, e)
}

// ContactEdited tells of an edit of somebody with access: the new address gets
// its link (0 when the edit made none), and the office hears of the invitation
// and of changed permissions. Whose address was changed is told at the old one.
func (n *Notifier) ContactEdited(ctx context.Context, tx postgres.Tx, by audit.Actor, before, after contact.Contact, link int64) error {
	if before.Access != contact.NoAccess && !same(before.Email, after.Email) {
		e := email{Customer: after.CustomerID, Payload: Payload{About: after.ID, Old: before.Email}}
		if err := n.writeAll(ctx, tx, contactEmailChanged, e); err != nil {
			return err
		}
	}
	if link != 0 {
		if err := n.Welcome(ctx, tx, Welcome{Contact: after.ID, Link: link}); err != nil {
			return err
		}
		if err := n.ContactAccess(ctx, tx, by, after.ID, "invited"); err != nil {
			return err
		}
	}
	if after.Access == contact.NoAccess || before.Permissions.Equal(after.Permissions) {
		return nil
	}
	return n.ContactAccess(ctx, tx, by, after.ID, "changed")
}

// JobOpened tells the addresses of the job's type and of the Global
// Notification List about a job that was created in the portal, and gives whoever
// asked a receipt. Nobody is told of jobs that the office itself creates.
func (n *Notifier) JobOpened(ctx context.Context, tx postgres.Tx, job int64) error {
	e := email{Job: job}
	var origin string
	if err := read(ctx, tx, &e, `select customer_id, origin, coalesce(created_by_contact_id, 0) from jobs where id = @job`, &e.Customer, &origin, &e.by); err != nil || origin != "portal" {
		return err
	}
	return n.writeRequest(ctx, tx, jobOpened, jobReceived, e)
}

// writeRequest writes the office's mails of a request, and its receipt.
func (n *Notifier) writeRequest(ctx context.Context, tx postgres.Tx, event, receipt Event, e email) error {
	mails, err := mailsOf(ctx, tx, event, e)
	if err != nil {
		return err
	}
	e.by = 0
	receipts, err := mailsOf(ctx, tx, receipt, e)
	if err != nil {
		return err
	}
	return n.write(ctx, tx, append(mails, receipts...)...)
}

// gathering is how long shared files gather into one mail.
const gathering = 10 * time.Minute

// FilesShared tells the customer's side of files that it can see from now on.
// What is shared on one record within ten minutes of the first is told in one
// mail; each contact has one of their own.
func (n *Notifier) FilesShared(ctx context.Context, tx postgres.Tx, files []int64) error {
	rows, err := tx.Query(ctx, `
		select a.customer_id as customer, coalesce(a.job_id, m.job_id, 0) as job, coalesce(a.quote_id, m.quote_id, 0) as quote, coalesce(a.equipment_id, 0) as equipment, array_agg(a.id order by a.id) as files
		from attachments a left join messages m on m.id = a.message_id
		where a.id = any(@files) and a.customer_view and a.removed_at is null and a.uploaded_by_contact_id is null
		group by 1, 2, 3, 4 order by 1, 2, 3, 4`, pgx.NamedArgs{"files": files})
	if err != nil {
		return fmt.Errorf("tell of files: %w", err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		Customer, Job, Quote, Equipment int64
		Files                           []int64
	}])
	if err != nil {
		return fmt.Errorf("tell of files: %w", err)
	}
	for _, r := range records {
		e := email{
			Customer: r.Customer, Job: r.Job, Quote: r.Quote, Payload: Payload{Equipment: r.Equipment, Files: r.Files},
			gathers: fmt.Sprintf("files customer %d job %d quote %d equipment %d", r.Customer, r.Job, r.Quote, r.Equipment), wait: gathering,
		}
		if err := n.writeAll(ctx, tx, filesShared, e); err != nil {
			return err
		}
	}
	return nil
}

// QuoteRequested is JobOpened for a quote.
func (n *Notifier) QuoteRequested(ctx context.Context, tx postgres.Tx, id int64) error {
	e := email{Quote: id}
	if err := read(ctx, tx, &e, `select customer_id, coalesce(created_by_contact_id, 0) from quotes where id = @quote`, &e.Customer, &e.by); err != nil {
		return err
	}
	return n.writeRequest(ctx, tx, quoteRequested, quoteReceived, e)
}

// QuoteSent tells the customer's side that a quote has its price.
func (n *Notifier) QuoteSent(ctx context.Context, tx postgres.Tx, id int64) error {
	return n.ofQuote(ctx, tx, quoteSent, id)
}

// QuoteAnswered tells both sides that a quote was accepted or declined.
func (n *Notifier) QuoteAnswered(ctx context.Context, tx postgres.Tx, id int64) error {
	e := email{Quote: id}
	err := read(ctx, tx, &e, `
		select q.customer_id, v.number, a.decision, a.full_name, a.reason
		from quotes q join quote_versions v on v.quote_id = q.id and v.number = q.sent_version join acceptances a on a.version_id = v.id
		where q.id = @quote`, &e.Customer, &e.Payload.Version, &e.Payload.What, &e.Payload.Name, &e.Payload.Reason)
	if err != nil {
		return err
	}
	return n.writeAll(ctx, tx, quoteAnswered, e)
}

func (n *Notifier) ofQuote(ctx context.Context, tx postgres.Tx, event Event, id int64) error {
	e := email{Quote: id}
	if err := read(ctx, tx, &e, `select customer_id, coalesce(sent_version, 0) from quotes where id = @quote`, &e.Customer, &e.Payload.Version); err != nil {
		return err
	}
	return n.writeAll(ctx, tx, event, e)
}

// expiryNotice is how many days before a quote's last day its contacts are reminded.
const expiryNotice = 3

// quotesExpire reminds of the quotes whose last day is near, once for each
// version. Whoever got the quote yesterday needs no reminder. A sent quote is
// valid as long as its version says, and by its own day an index has it.
func (n *Notifier) quotesExpire(ctx context.Context, pool *pgxpool.Pool) error {
	const due = `
		select q.id from quotes q
		join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
		join customers cu on cu.id = q.customer_id
		where q.status = @sent and cu.archived_at is null and v.sent_at < now() - interval '36 hours'
			and coalesce(q.valid_until, 'infinity') between (select business_day()) and (select business_day()) + @days::integer
			and not exists (select from emails e where e.quote_id = q.id and e.kind = 'quote-expiring' and (e.payload->>'version')::integer = v.number)
			and not exists (select from pushes p where p.quote_id = q.id and p.kind = 'quote-expiring' and (p.payload->>'version')::integer = v.number)`
	args := pgx.NamedArgs{"days": expiryNotice, "sent": quote.Sent}
	return forEach(ctx, pool, due+` order by q.id`, args, func(tx postgres.Tx, id int64) error {
		if mine, err := takeThing(ctx, tx, "quotes", id); err != nil || !mine {
			return err
		}
		tag, err := tx.Exec(ctx, due+` and q.id = @id`, pgx.NamedArgs{"days": expiryNotice, "sent": quote.Sent, "id": id})
		if err != nil {
			return fmt.Errorf("look whether a quote expires: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return n.ofQuote(ctx, tx, quoteExpires, id)
	})
}

// MessageWritten tells everybody else on the record of a message: contacts in
// any case, the office of those that a contact has written. Nobody is told of a
// staff note.
func (n *Notifier) MessageWritten(ctx context.Context, tx postgres.Tx, message int64) error {
	e := email{Payload: Payload{Message: message}}
	var note, fromOffice bool
	err := read(ctx, tx, &e, `
		select customer_id, coalesce(job_id, 0), coalesce(quote_id, 0), coalesce(contact_id, 0), staff_only, staff_id is not null from messages where id = @message`,
		&e.Customer, &e.Job, &e.Quote, &e.except, &note, &fromOffice)
	if err != nil || note {
		return err
	}
	e.Payload.What = "contact"
	if fromOffice {
		e.Payload.What = "office"
	}
	e.by = e.except
	return n.writeAll(ctx, tx, messageWritten, e)
}

// EquipmentAdded tells the office about new equipment.
func (n *Notifier) EquipmentAdded(ctx context.Context, tx postgres.Tx, equipment int64) error {
	e := email{Payload: Payload{Equipment: equipment}}
	if err := read(ctx, tx, &e, `select customer_id, coalesce(created_by_contact_id, 0) from equipment where id = @equipment`, &e.Customer, &e.by); err != nil {
		return err
	}
	return n.writeAll(ctx, tx, equipmentAdded, e)
}

// DetailsChanged tells the office what a contact has changed at the customer.
// Without changes nobody is told.
func (n *Notifier) DetailsChanged(ctx context.Context, tx postgres.Tx, customer, contact int64, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	return n.writeAll(ctx, tx, detailsChanged, email{Customer: customer, by: contact, Payload: Payload{About: contact, Changes: changes}})
}

// Code sends somebody the digits of a code that they have asked for.
func (n *Notifier) Code(ctx context.Context, tx postgres.Tx, code int64, digits string) error {
	e := email{MessageID: newMessageID(), Payload: Payload{Code: code}}
	e.Secret = n.box.Seal([]byte(digits), secretOf(e.MessageID))
	if err := read(ctx, tx, &e, `select coalesce((select customer_id from contacts where id = contact_id), 0) from codes where id = @code`, &e.Customer); err != nil {
		return err
	}
	return n.writeAll(ctx, tx, codeAsked, e)
}

// PasswordReset sends a person the link to choose a new password.
func (n *Notifier) PasswordReset(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.writeAll(ctx, tx, passwordAsked, email{Link: link})
}

// PasswordChanged tells a person that their password is a new one.
func (n *Notifier) PasswordChanged(ctx context.Context, tx postgres.Tx, person int64) error {
	return n.writeAll(ctx, tx, passwordChanged, email{Person: person})
}

// EmailChangeAsked sends the link that confirms a new sign-in address to that address.
func (n *Notifier) EmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.writeAll(ctx, tx, emailChangeAsked, email{Link: link})
}

// EmailChanged tells the old and the new sign-in address of the change.
func (n *Notifier) EmailChanged(ctx context.Context, tx postgres.Tx, person int64, old string) error {
	return n.writeAll(ctx, tx, emailChanged, email{Person: person, Payload: Payload{Old: old}})
}

// NewSignIn tells a person that somebody signed in from a device they have not
// used before. Where describes it: browser and place, as far as known.
func (n *Notifier) NewSignIn(ctx context.Context, tx postgres.Tx, person int64, where string) error {
	return n.writeAll(ctx, tx, newSignIn, email{Person: person, Payload: Payload{Where: where}})
}

// PasskeyChanged tells a person what became of one of their passkeys.
func (n *Notifier) PasskeyChanged(ctx context.Context, tx postgres.Tx, person int64, did signin.PasskeyChange, name string) error {
	return n.writeAll(ctx, tx, passkeyChanged, email{Person: person, Payload: Payload{What: string(did), Name: name}})
}

// StaffPasskeyChanged is PasskeyChanged for a member of staff.
func (n *Notifier) StaffPasskeyChanged(ctx context.Context, tx postgres.Tx, staff int64, did signin.PasskeyChange, name string) error {
	return n.writeAll(ctx, tx, staffPasskeyChanged, email{Staff: staff, Payload: Payload{What: string(did), Name: name}})
}

// FactorChanged tells a person, or a member of staff, what has become of their
// second factor; left is how many recovery codes there still are.
func (n *Notifier) FactorChanged(ctx context.Context, tx postgres.Tx, person, staff int64, what signin.FactorEvent, left int) error {
	event := factorChanged
	if staff != 0 {
		event = staffFactorChanged
	}
	return n.writeAll(ctx, tx, event, email{Person: person, Staff: staff, Payload: Payload{What: string(what), Version: left}})
}

// StaffInvited sends a new member of staff the link to choose a password.
func (n *Notifier) StaffInvited(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.writeAll(ctx, tx, staffInvited, email{Link: link})
}

// StaffReset sends a member of staff the link to choose a new password.
func (n *Notifier) StaffReset(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.writeAll(ctx, tx, staffPasswordAsked, email{Link: link})
}

// StaffPasswordChanged tells a member of staff that their password is a new one.
func (n *Notifier) StaffPasswordChanged(ctx context.Context, tx postgres.Tx, staff int64) error {
	return n.writeAll(ctx, tx, staffPasswordChanged, email{Staff: staff})
}

// StaffEmailChangeAsked sends the link that confirms a new sign-in address of a
// member of staff to that address.
func (n *Notifier) StaffEmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error {
	return n.writeAll(ctx, tx, staffEmailAsked, email{Link: link})
}

// StaffEmailChanged tells the old and the new sign-in address of a member of
// staff of the change.
func (n *Notifier) StaffEmailChanged(ctx context.Context, tx postgres.Tx, staff int64, old string) error {
	return n.writeAll(ctx, tx, staffEmailChanged, email{Staff: staff, Payload: Payload{Old: old}})
}

// StaffRoleChanged tells a member of staff of the role that somebody has given them.
func (n *Notifier) StaffRoleChanged(ctx context.Context, tx postgres.Tx, staff int64, role, by string) error {
	return n.writeAll(ctx, tx, staffRoleChanged, email{Staff: staff, Payload: Payload{What: role, Name: by}})
}

// StaffNewSignIn is NewSignIn for a member of staff.
func (n *Notifier) StaffNewSignIn(ctx context.Context, tx postgres.Tx, staff int64, where string) error {
	return n.writeAll(ctx, tx, staffNewSignIn, email{Staff: staff, Payload: Payload{Where: where}})
}

// read completes what is known of an event.
func read(ctx context.Context, db postgres.DB, e *email, sql string, into ...any) error {
	if err := db.QueryRow(ctx, sql, e.args()).Scan(into...); err != nil {
		return fmt.Errorf("read what there is to tell: %w", err)
	}
	return nil
}
