package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// ErrKnown says that the address belongs to a person, who has to sign in
// with what is theirs to confirm the invitation, instead of choosing a password.
var ErrKnown = errors.New("the address belongs to a person")

// Contact makes an invitation for a contact, ends all earlier ones and sets the
// contact's access to invited. Who waits for it with a password set by staff
// gets the link instead. A contact who can sign in is refused.
func Contact(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	c, err := contact.LockInvitable(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	return inviteByLink(ctx, tx, by, c)
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
func WithPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, hash string) (Granted, error) {
	c, err := contact.LockInvitable(ctx, tx, id)
	if err != nil {
		return Granted{}, err
	}
	who, err := createPerson(ctx, tx, by, c.Email, hash, true)
	if errors.Is(err, ErrTaken) {
		link, err := inviteByLink(ctx, tx, by, c)
		return Granted{Link: link}, err
	}
	if err != nil {
		return Granted{}, err
	}
	if err := End(ctx, tx, c.ID); err != nil {
		return Granted{}, err
	}
	if err := contact.Invite(ctx, tx, by, c, who); err != nil {
		return Granted{}, err
	}
	return Granted{Password: true}, nil
}

// AddressChanged follows a change of a contact's email, in the same transaction
// and after it: the person stays as they are but is no longer this contact, and
// all links to the old address end. Who had access, or was invited, is invited
// at the new address; link is 0 for the others.
func AddressChanged(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	c, err := contact.LockByID(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if c.Access == contact.Active || c.Access == contact.Invited {
		if c.Email == "" {
			return 0, problem.Of("email", "An email address is needed for access to the portal.")
		}
		return inviteByLink(ctx, tx, by, c)
	}
	if err := contact.Detach(ctx, tx, c); err != nil {
		return 0, err
	}
	return 0, End(ctx, tx, id)
}

// End ends all open invitations of a contact, when access is taken away.
func End(ctx context.Context, tx postgres.Tx, id int64) error {
	return endLinks(ctx, tx, `contact_id = @id`, id)
}

// inviteByLink ends what was sent before and makes another link.
func inviteByLink(ctx context.Context, tx postgres.Tx, by audit.Actor, c contact.Contact) (link int64, err error) {
	if err := End(ctx, tx, c.ID); err != nil {
		return 0, err
	}
	if err := contact.Invite(ctx, tx, by, c, 0); err != nil {
		return 0, err
	}
	return insertLink(ctx, tx, Invitation, "contact_id", c.ID, c.Email)
}

// invited is a contact with an invitation; Person is who they wait for to
// replace a password set by staff, 0 for those who wait with a link.
type invited struct{ ID, Person int64 }

// waiting lists the contacts with an invitation at the address.
func waiting(ctx context.Context, db postgres.DB, email string) ([]invited, error) {
	rows, err := db.Query(ctx, `
		select c.id, coalesce(c.person_id, 0) as person from contacts c join customers cu on cu.id = c.customer_id
		where lower(c.email) = lower(@email) and c.access = 'invited' and c.archived_at is null and cu.archived_at is null
		order by c.id limit 5`, pgx.NamedArgs{"email": email})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[invited])
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return contacts, nil
}

func (s *Service) sendInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, id int64) error {
	link, err := Contact(ctx, tx, from, id)
	if err != nil {
		return err
	}
	return s.mail.Invited(ctx, tx, id, link)
}

// AcceptInvitation uses an invitation whose address is new, with a password
// chosen now: a problem.Set for "password", ErrSpent, or ErrKnown when the
// address turned out to belong to a person.
func (s *Service) AcceptInvitation(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := s.findReady(ctx, token, Invitation)
	if err == nil && l.Known {
		err = ErrKnown
	}
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.hashForLink(ctx, l, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		who, id, err := acceptNew(ctx, tx, from, token, hash)
		if err != nil {
			return err
		}
		// Whoever had a password set by staff may be looking already; the mailbox decides.
		if err := endSessionsOfPerson(ctx, tx, who, ""); err != nil {
			return err
		}
		stamp, err := stampOf(ctx, tx, owner{Portal, who})
		if err != nil {
			return err
		}
		e, err = s.enterByLink(ctx, tx, from, account{id: who, email: l.Email, stamp: stamp}, id)
		return err
	})
	return e, err
}

// AcceptInvitationAs uses an invitation for the person who is signed in and has
// its address.
func (s *Service) AcceptInvitationAs(ctx context.Context, from audit.Actor, token string, who int64) (Entry, error) {
	var e Entry
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, err := accept(ctx, tx, from, token, who)
		if err != nil {
			return err
		}
		e = Entry{Person: who, Choices: []person.Choice{{Contact: id}}}
		return e.enter(ctx, tx)
	})
	return e, err
}

// AcceptInvitationWithPassword uses an invitation for the person who has its
// address and proves it with their own password: ErrWrong and Limited as in SignIn.
func (s *Service) AcceptInvitationWithPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := s.findReady(ctx, token, Invitation)
	if err == nil && !l.Known {
		err = ErrSpent
	}
	if err != nil {
		return Entry{}, err
	}
	a, err := s.authenticate(ctx, from, Portal, l.Email, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, err := accept(ctx, tx, from, token, a.id)
		if err != nil {
			return err
		}
		e, err = s.enterByLink(ctx, tx, from, a, id)
		return err
	})
	return e, err
}

// enterByLink notes the sign-in that the use of a link is, as the one contact it was for.
func (s *Service) enterByLink(ctx context.Context, tx postgres.Tx, from audit.Actor, a account, id int64) (Entry, error) {
	from.Name = a.email
	if err := clearAttempts(ctx, tx, Portal, a.email); err != nil {
		return Entry{}, err
	}
	e := Entry{Person: a.id, Choices: []person.Choice{{Contact: id}}}
	err := s.letIn(ctx, tx, from, &e, id, a.stamp, ByPassword)
	return e, err
}

// accept uses an invitation for the person who has its address and has proved
// it, by being signed in or with their password. It returns the contact that
// the person now is as well.
func accept(ctx context.Context, tx postgres.Tx, by audit.Actor, token string, who int64) (id int64, err error) {
	l, err := claim(ctx, tx, token, Invitation)
	if err != nil {
		return 0, err
	}
	if l.Person != who || !l.Known {
		return 0, apperr.NotFound
	}
	return l.Contact, l.attach(ctx, tx, by, who)
}

// acceptNew uses an invitation whose address is new, with the password that
// was chosen, as a hash. When the address belongs to somebody it returns
// ErrKnown and the transaction must not be committed.
func acceptNew(ctx context.Context, tx postgres.Tx, by audit.Actor, token, hash string) (who, id int64, err error) {
	l, err := claim(ctx, tx, token, Invitation)
	if err != nil {
		return 0, 0, err
	}
	by.Name = l.Name
	who, err = createPerson(ctx, tx, by, l.Email, hash, false)
	if errors.Is(err, ErrTaken) {
		who, err = replacePassword(ctx, tx, by, l.Email, hash)
	}
	if err != nil {
		return 0, 0, err
	}
	return who, l.Contact, l.attach(ctx, tx, by, who)
}

// replacePassword replaces a password that staff have set. Who has none is not
// given one by it: they may be other customers' too, and staff can see the link.
func replacePassword(ctx context.Context, tx postgres.Tx, by audit.Actor, email, hash string) (who int64, err error) {
	p, err := person.FindByEmail(ctx, tx, email)
	if err != nil {
		return 0, err
	}
	if !p.MustChange {
		return 0, ErrKnown
	}
	return p.ID, setPassword(ctx, tx, by, p.ID, hash)
}

// attach makes the contact of an invitation the person's.
func (l Link) attach(ctx context.Context, tx postgres.Tx, by audit.Actor, who int64) error {
	err := contact.Accept(ctx, tx, by, l.Contact, who)
	if errors.Is(err, contact.ErrPersonTaken) {
		return apperr.Conflictf("You can already see %s with this address.", l.Customer)
	}
	return err
}

// InvitationOpenSQL is true of a contact c who is invited and can come in: by a
// link that works or is on its way, or with a password that staff have set and
// that has not lapsed.
func InvitationOpenSQL(c string) string {
	return strings.ReplaceAll(`(exists (
		select from links l where l.contact_id = c.id and l.purpose = 'invitation' and l.used_at is null and l.ended_at is null and lower(l.email) = lower(c.email)
			and (exists (select from link_tokens t where t.link_id = l.id and t.expires_at > now())
				or l.created_at > now() - interval '1 day' and not exists (select from link_tokens t where t.link_id = l.id)))
		or exists (select from persons p where p.id = c.person_id and p.must_change_password and p.created_at > now() - interval '7 days'))`, "c.", c+".")
}
