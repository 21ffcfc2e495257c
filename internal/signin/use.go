package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// Link is what its holder may learn of a link.
type Link struct {
	ID       int64
	Purpose  Purpose
	State    State
	Email    string // the address it was sent to
	Contact  int64  // of an invitation
	Person   int64  // whose password a reset changes, or who has the invitation's address already
	Staff    int64
	Name     string // of the contact or the member of staff
	Customer string // what the contact's customer is called

	// Known means that the invitation's address belongs to a person with a
	// password of their own choice. One set by staff does not count: whoever
	// reads the mailbox replaces it.
	Known bool
	// Settled means that what the link was for is done: the contact or the
	// member of staff can sign in.
	Settled bool
}

// Find looks a link up by the token in its address, or returns apperr.NotFound.
// It changes nothing.
func Find(ctx context.Context, db postgres.DB, token string) (Link, error) {
	// A link whose contact has another address now, or no longer waits for it, has ended.
	rows, err := db.Query(ctx, `
		select l.id, l.purpose, l.email,
			case when l.used_at is not null then 'used'
				when l.ended_at is not null or not coalesce(case l.purpose
					when 'invitation' then c.access = 'invited' and lower(c.email) = lower(l.email) and c.archived_at is null and cu.archived_at is null
					when 'reset' then lower(p.email) = lower(l.email)
					when 'email-change' then true
					when 'staff-invitation' then s.state = 'invited' and s.role <> 'field' and lower(s.email) = lower(l.email) and s.archived_at is null
					else s.state = 'active' and s.role <> 'field' and lower(s.email) = lower(l.email) and s.archived_at is null end, false) then 'ended'
				when t.expires_at <= now() then 'expired'
				else 'ready' end as state,
			coalesce(c.id, 0) as contact, coalesce(p.id, known.id, 0) as person, coalesce(s.id, 0) as staff,
			coalesce(c.name, s.name, '') as name, coalesce(nullif(cu.company_name, ''), cu.name, '') as customer,
			known.id is not null and not known.must_change_password as known,
			coalesce(c.access = 'active' and c.archived_at is null and cu.archived_at is null, s.state = 'active', false) as settled
		from link_tokens t
		join links l on l.id = t.link_id
		left join contacts c on c.id = l.contact_id
		left join customers cu on cu.id = c.customer_id
		left join persons p on p.id = l.person_id
		left join persons known on l.purpose = 'invitation' and lower(known.email) = lower(l.email)
		left join staff s on s.id = l.staff_id
		where t.token_hash = @hash`, pgx.NamedArgs{"hash": auth.HashToken(token)})
	if err != nil {
		return Link{}, fmt.Errorf("find link: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Link])
	return l, notFound("find link", err)
}

// Accept uses an invitation for the person who has its address and has proved
// it, by being signed in or with their password. It returns the contact that
// the person now is as well.
func Accept(ctx context.Context, tx postgres.Tx, by audit.Actor, token string, who int64) (contact int64, err error) {
	l, err := claim(ctx, tx, token, Invitation)
	if err != nil {
		return 0, err
	}
	if l.Person != who || !l.Known {
		return 0, apperr.NotFound
	}
	return l.Contact, l.attach(ctx, tx, by, who)
}

// AcceptNew uses an invitation whose address is new, with the password that
// was chosen, as a hash. When the address belongs to somebody it returns
// ErrKnown and the transaction must not be committed.
func AcceptNew(ctx context.Context, tx postgres.Tx, by audit.Actor, token, hash string) (who, contact int64, err error) {
	l, err := claim(ctx, tx, token, Invitation)
	if err != nil {
		return 0, 0, err
	}
	by.Name = l.Name
	who, err = person.Create(ctx, tx, by, l.Email, hash, false)
	if errors.Is(err, person.ErrTaken) {
		who, err = replace(ctx, tx, by, l.Email, hash)
	}
	if err != nil {
		return 0, 0, err
	}
	return who, l.Contact, l.attach(ctx, tx, by, who)
}

// replace sets the password of a person who never chose one themselves.
func replace(ctx context.Context, tx postgres.Tx, by audit.Actor, email, hash string) (who int64, err error) {
	p, err := person.ByEmail(ctx, tx, email)
	if err != nil {
		return 0, err
	}
	if !p.MustChange {
		return 0, ErrKnown
	}
	return p.ID, person.SetPassword(ctx, tx, by, p.ID, hash)
}

// attach makes the contact the person's.
func (l Link) attach(ctx context.Context, tx postgres.Tx, by audit.Actor, who int64) error {
	if err := l.giveUp(ctx, tx, by, who); err != nil {
		return err
	}
	var customer int64
	err := tx.QueryRow(ctx, `update contacts set person_id = @person, access = 'active' where id = @contact returning customer_id`,
		pgx.NamedArgs{"contact": l.Contact, "person": who}).Scan(&customer)
	if postgres.Constraint(err) == "contact_person_taken" {
		return apperr.Conflictf("You can already look at %s with this address.", l.Customer)
	}
	if err != nil {
		return fmt.Errorf("attach contact: %w", err)
	}
	by.Contact, by.Person, by.Name = l.Contact, who, l.Name
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.ContactActivated, ID: l.Contact, Label: l.Name, Customer: customer,
		Before: map[string]any{"access": "invited"}, After: map[string]any{"access": "active", "person": who},
	})
}

// giveUp takes the person from archived and suspended contacts of the same
// customer: a customer has a person once.
func (l Link) giveUp(ctx context.Context, tx postgres.Tx, by audit.Actor, who int64) error {
	rows, err := tx.Query(ctx, `
		update contacts o set person_id = null, access = case when o.access = 'active' then 'none' else o.access end
		from contacts c
		where c.id = @contact and o.customer_id = c.customer_id and o.id <> c.id and o.person_id = @person
			and (o.archived_at is not null or o.access <> 'active')
		returning o.id, o.name, o.customer_id, o.access`,
		pgx.NamedArgs{"contact": l.Contact, "person": who})
	if err != nil {
		return fmt.Errorf("detach contacts: %w", err)
	}
	type contact struct {
		ID         int64
		Name       string
		CustomerID int64
		Access     string
	}
	others, err := pgx.CollectRows(rows, pgx.RowToStructByName[contact])
	if err != nil {
		return fmt.Errorf("detach contacts: %w", err)
	}
	by.Contact, by.Person, by.Name = l.Contact, who, l.Name
	for _, o := range others {
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactDetached, ID: o.ID, Label: o.Name, Customer: o.CustomerID,
			Before: map[string]any{"person": who}, After: map[string]any{"access": o.Access, "person": nil},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ChooseAnew uses a reset with the password that was chosen, as a hash.
func ChooseAnew(ctx context.Context, tx postgres.Tx, by audit.Actor, token, hash string) (who int64, err error) {
	l, err := claim(ctx, tx, token, Reset)
	if err != nil {
		return 0, err
	}
	by.Name = l.Email
	return l.Person, person.SetPassword(ctx, tx, by, l.Person, hash)
}

// StaffPassword uses a staff invitation or reset with the password that was
// chosen, as a hash.
func StaffPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, token string, purpose Purpose, hash string) (id int64, err error) {
	l, err := claim(ctx, tx, token, purpose)
	if err != nil {
		return 0, err
	}
	by.Staff, by.Name = l.Staff, l.Name
	return l.Staff, staff.SetPassword(ctx, tx, by, l.Staff, hash)
}

// claim marks a link as used, for one of several who try, and ends all others
// of the same contact, person or member of staff.
func claim(ctx context.Context, tx postgres.Tx, token string, purpose Purpose) (Link, error) {
	l, err := Find(ctx, tx, token)
	if err != nil {
		return Link{}, err
	}
	if l.Purpose != purpose {
		return Link{}, apperr.NotFound
	}
	// Who a link is for is locked before its links, here as when they are made.
	table, of, id := "contacts", "contact_id = @id", l.Contact
	switch purpose {
	case Reset:
		table, of, id = "persons", "person_id = @id and purpose = 'reset'", l.Person
	case NewAddress:
		table, of, id = "persons", "person_id = @id and purpose = 'email-change'", l.Person
	case StaffInvitation, StaffReset:
		table, of, id = "staff", "staff_id = @id", l.Staff
	}
	if _, err := tx.Exec(ctx, `select from `+table+` where id = @id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return Link{}, fmt.Errorf("use link: %w", err)
	}
	if l, err = Find(ctx, tx, token); err != nil {
		return Link{}, err
	}
	if l.State != Ready {
		return Link{}, ErrSpent
	}
	if _, err := tx.Exec(ctx, `update links set used_at = now() where id = @id`, pgx.NamedArgs{"id": l.ID}); err != nil {
		return Link{}, fmt.Errorf("use link: %w", err)
	}
	return l, endOthers(ctx, tx, of, id)
}

// Administrator adds an administrator by the server's command line and returns
// the token of the one-time link with which they choose a password.
func Administrator(ctx context.Context, tx postgres.Tx, by audit.Actor, name, email string) (token string, err error) {
	id, _, err := staff.Add(ctx, tx, by, staff.Details{Name: name, Email: email, Role: staff.Administrator}, "")
	if err != nil {
		return "", err
	}
	link, err := StaffMember(ctx, tx, by, id)
	if err != nil {
		return "", err
	}
	return Token(ctx, tx, link)
}
