// Package invite holds the links that let people in: invitations and resets of
// a password, for contacts and for staff.
//
// A link is one promise to one address. Each mail that carries it has a token
// of its own, of which only the hash is kept, so that a mail sent again does
// not spoil the first. Looking at a link changes nothing, because mail scanners
// open links; using it ends it together with all others of the same contact,
// person or member of staff.
package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Purpose is what a link is for.
type Purpose string

// The purposes.
const (
	Invitation      Purpose = "invitation"
	Reset           Purpose = "reset"
	NewAddress      Purpose = "email-change" // confirms the address that a person wants to sign in with
	StaffInvitation Purpose = "staff-invitation"
	StaffReset      Purpose = "staff-reset"
)

// Life is how long a token of the purpose works, from its making.
func (p Purpose) Life() time.Duration {
	switch p {
	case Reset, StaffReset:
		// Mailboxes are shared in small businesses.
		return 30 * time.Minute
	case NewAddress:
		return 24 * time.Hour
	}
	return 7 * 24 * time.Hour
}

// State says whether a link still works.
type State string

// The states. Ended is a link that another one has replaced, or whose contact,
// person or member of staff does not wait for it any more.
const (
	Ready   State = "ready"
	Expired State = "expired"
	Used    State = "used"
	Ended   State = "ended"
)

// ErrSpent says that the link was used, has ended or has expired.
var ErrSpent = errors.New("the link does not work any more")

// ErrKnown says that the address belongs to a person, who has to confirm the
// invitation with their own password instead of choosing one.
var ErrKnown = errors.New("the address belongs to a person")

// Contact makes an invitation for a contact, ends all earlier ones and sets the
// contact's access to invited. Who waits for it with a password set by staff
// gets the link instead. A contact who can sign in is refused.
func Contact(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64) (link int64, err error) {
	c, err := lockInvitable(ctx, tx, contact)
	if err != nil {
		return 0, err
	}
	return c.inviteByLink(ctx, tx, by)
}

// Granted says how a contact gets in: by the password that staff have set, or
// by a link, because the address already belongs to a person whose password
// nobody but that person sets. Whoever shows the outcome uses the same words for both.
type Granted struct {
	Link     int64 // 0 when the password applies
	Password bool
}

// WithPassword invites a contact with a password that staff have set, given as
// its hash. It has to be changed at the first sign-in.
func WithPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64, hash string) (Granted, error) {
	c, err := lockInvitable(ctx, tx, contact)
	if err != nil {
		return Granted{}, err
	}
	who, err := person.Create(ctx, tx, by, c.Email, hash, true)
	if errors.Is(err, person.ErrTaken) {
		link, err := c.inviteByLink(ctx, tx, by)
		return Granted{Link: link}, err
	}
	if err != nil {
		return Granted{}, err
	}
	if err := c.invited(ctx, tx, by, &who); err != nil {
		return Granted{}, err
	}
	return Granted{Password: true}, nil
}

// AddressChanged follows a change of a contact's email, in the same transaction
// and after it: the person stays as they are but is no longer this contact, and
// all links to the old address end. Who had access, or was invited, is invited
// at the new address; link is 0 for the others.
func AddressChanged(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64) (link int64, err error) {
	c, err := lock(ctx, tx, contact)
	if err != nil {
		return 0, err
	}
	if c.Access == "active" || c.Access == "invited" {
		if c.Email == "" {
			return 0, problem.Of("email", "An email address is needed for access to the portal.")
		}
		return c.inviteByLink(ctx, tx, by)
	}
	if _, err := tx.Exec(ctx, `update contacts set person_id = null where id = @id`, pgx.NamedArgs{"id": contact}); err != nil {
		return 0, fmt.Errorf("unlink person: %w", err)
	}
	return 0, End(ctx, tx, contact)
}

// End ends all open invitations of a contact, when access is taken away.
func End(ctx context.Context, tx postgres.Tx, contact int64) error {
	return endOthers(ctx, tx, `contact_id = @id`, contact)
}

func endOthers(ctx context.Context, tx postgres.Tx, of string, id int64) error {
	_, err := tx.Exec(ctx, `update links set ended_at = now() where `+of+` and used_at is null and ended_at is null`, pgx.NamedArgs{"id": id})
	if err != nil {
		return fmt.Errorf("end links: %w", err)
	}
	return nil
}

// ResetPerson makes a link with which the person chooses a new password, and
// ends all earlier ones.
func ResetPerson(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	// The row is locked so that of two askers one ends the other's link.
	var email string
	if err := tx.QueryRow(ctx, `select email from persons where id = @id for update`, pgx.NamedArgs{"id": id}).Scan(&email); err != nil {
		return 0, notFound("reset person", err)
	}
	if err := endOthers(ctx, tx, `person_id = @id and purpose = 'reset'`, id); err != nil {
		return 0, err
	}
	link, err = insert(ctx, tx, Reset, "person_id", id, email)
	if err != nil {
		return 0, err
	}
	return link, audit.Record(ctx, tx, by, audit.New{Action: audit.PersonAskedForANewPassword, ID: id, Label: email})
}

// StaffMember makes an invitation for a member of staff who has no password
// yet, and ends all earlier ones.
func StaffMember(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	s, err := lockStaff(ctx, tx, id)
	switch {
	case err != nil:
		return 0, err
	case s.Role == "field":
		return 0, apperr.Conflictf("Field staff do not sign in.")
	case s.State == "active":
		return 0, apperr.Conflictf("%s can sign in already.", s.Name)
	case s.State == "suspended":
		return 0, apperr.Conflictf("%s is suspended. Restore access first.", s.Name)
	}
	if _, err := tx.Exec(ctx, `update staff set invited_at = now() where id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return 0, fmt.Errorf("invite staff: %w", err)
	}
	return s.link(ctx, tx, by, StaffInvitation, audit.StaffInvited)
}

// ResetStaff makes a link with which a member of staff chooses a new password,
// and ends all earlier ones.
func ResetStaff(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	s, err := lockStaff(ctx, tx, id)
	switch {
	case err != nil:
		return 0, err
	case s.Role == "field" || s.State != "active":
		return 0, apperr.Conflictf("%s cannot sign in now.", s.Name)
	}
	return s.link(ctx, tx, by, StaffReset, audit.StaffAskedForANewPassword)
}

type member struct {
	ID                       int64
	Name, Email, Role, State string
}

func lockStaff(ctx context.Context, tx postgres.Tx, id int64) (member, error) {
	s := member{ID: id}
	err := tx.QueryRow(ctx, `select name, email, role, state from staff where id = @id and archived_at is null for update`, pgx.NamedArgs{"id": id}).
		Scan(&s.Name, &s.Email, &s.Role, &s.State)
	return s, notFound("lock staff", err)
}

func (s member) link(ctx context.Context, tx postgres.Tx, by audit.Actor, purpose Purpose, action audit.Action) (int64, error) {
	if err := endOthers(ctx, tx, `staff_id = @id`, s.ID); err != nil {
		return 0, err
	}
	link, err := insert(ctx, tx, purpose, "staff_id", s.ID, s.Email)
	if err != nil {
		return 0, err
	}
	return link, audit.Record(ctx, tx, by, audit.New{Action: action, ID: s.ID, Label: s.Name})
}

func insert(ctx context.Context, tx postgres.Tx, purpose Purpose, column string, id int64, email string) (link int64, err error) {
	err = tx.QueryRow(ctx, `insert into links (purpose, `+column+`, email) values (@purpose, @id, @email) returning id`,
		pgx.NamedArgs{"purpose": string(purpose), "id": id, "email": email}).Scan(&link)
	if err != nil {
		return 0, fmt.Errorf("make link: %w", err)
	}
	return link, nil
}

// Token adds a token to a link and returns it in plain, the only time that it
// can be seen: for the mail that is being sent, or for a page that shows it
// once. A link that was used or has ended gives ErrSpent: its mail may be dropped.
func Token(ctx context.Context, tx postgres.Tx, link int64) (plain string, err error) {
	var purpose Purpose
	err = tx.QueryRow(ctx, `select purpose from links where id = @link and used_at is null and ended_at is null for key share`, pgx.NamedArgs{"link": link}).Scan(&purpose)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrSpent
	}
	if err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	plain, hash := auth.NewToken()
	_, err = tx.Exec(ctx, `insert into link_tokens (token_hash, link_id, expires_at) values (@hash, @link, now() + @life::interval)`,
		pgx.NamedArgs{"hash": hash, "link": link, "life": purpose.Life()})
	if err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return plain, nil
}

// contact is a contact whose row this transaction has locked.
type contact struct {
	ID               int64
	Customer         int64
	Person           *int64
	Name             string
	Email            string
	Access           string
	Archived         bool
	CustomerName     string
	CustomerArchived bool
}

func lock(ctx context.Context, tx postgres.Tx, id int64) (contact, error) {
	c := contact{ID: id}
	err := tx.QueryRow(ctx, `
		select c.customer_id, c.person_id, c.name, c.email, c.access, c.archived_at is not null, cu.name, cu.archived_at is not null
		from contacts c join customers cu on cu.id = c.customer_id
		where c.id = @id
		for update of c`, pgx.NamedArgs{"id": id},
	).Scan(&c.Customer, &c.Person, &c.Name, &c.Email, &c.Access, &c.Archived, &c.CustomerName, &c.CustomerArchived)
	return c, notFound("lock contact", err)
}

func lockInvitable(ctx context.Context, tx postgres.Tx, id int64) (contact, error) {
	c, err := lock(ctx, tx, id)
	switch {
	case err != nil:
		return contact{}, err
	case c.Archived:
		return contact{}, apperr.Conflictf("%s is archived and cannot be invited.", c.Name)
	case c.CustomerArchived:
		return contact{}, apperr.Conflictf("%s is archived; its contacts cannot be invited.", c.CustomerName)
	case c.Email == "":
		return contact{}, problem.Of("email", "An email address is needed for access to the portal.")
	case c.Access == "active":
		return contact{}, apperr.Conflictf("%s can sign in already.", c.Name)
	case c.Access == "suspended" && c.Person != nil:
		return contact{}, apperr.Conflictf("%s is suspended. Restore access first.", c.Name)
	}
	return c, nil
}

func (c contact) inviteByLink(ctx context.Context, tx postgres.Tx, by audit.Actor) (link int64, err error) {
	if err := c.invited(ctx, tx, by, nil); err != nil {
		return 0, err
	}
	return insert(ctx, tx, Invitation, "contact_id", c.ID, c.Email)
}

// invited ends what was sent before and lets the contact wait for the person,
// whom only a password set by staff names already.
func (c contact) invited(ctx context.Context, tx postgres.Tx, by audit.Actor, person *int64) error {
	if err := End(ctx, tx, c.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update contacts set access = 'invited', invited_at = now(), person_id = @person where id = @id`,
		pgx.NamedArgs{"id": c.ID, "person": person})
	if err != nil {
		return fmt.Errorf("invite contact: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.ContactInvited, ID: c.ID, Label: c.Name, Customer: c.Customer,
		Before: map[string]any{"access": c.Access}, After: map[string]any{"access": "invited", "email": c.Email},
	})
}

func notFound(doing string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Sweep forgets tokens of links so old that not even their explanation is
// asked for any more.
func Sweep(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from link_tokens where expires_at < now() - interval '90 days'`); err != nil {
		return fmt.Errorf("sweep links: %w", err)
	}
	return nil
}
