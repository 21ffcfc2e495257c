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
)

// evenTime is what asking for a mail takes at least, so that the time does not
// tell whether there is anybody to write to.
const evenTime = 250 * time.Millisecond

// Forgot sends a link to choose a new password, if the address belongs to a
// person who may enter, and every invitation that waits at the address once
// more: one of them may never have been passed on. The answer and its time are
// the same for every address, also beyond the limit.
func (d Service) Forgot(ctx context.Context, from audit.Actor, email string) error {
	if err := checkAddress(email); err != nil {
		return err
	}
	return d.quietly(ctx, auth.Portal, from, email, func(tx postgres.Tx) error {
		resets, err := d.resetAt(ctx, tx, from, email)
		if err != nil {
			return err
		}
		contacts, err := waiting(ctx, tx, email)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if resets != 0 && c.Person == resets {
				continue // waits for the new password, not for a link
			}
			if err := d.sendInvitation(ctx, tx, from, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// resetAt sends a reset to the person with the address, if they may enter: who
// is 0 when there was nobody to send it to.
func (d Service) resetAt(ctx context.Context, tx postgres.Tx, from audit.Actor, email string) (who int64, err error) {
	p, err := person.ByEmail(ctx, tx, email)
	if errors.Is(err, apperr.NotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	may, err := person.MayEnter(ctx, tx, p.ID)
	if err != nil || !may {
		return 0, err
	}
	return p.ID, d.sendReset(ctx, tx, from, p.ID)
}

// guest is a contact with an invitation; Person is who they wait for to
// replace a password set by staff, 0 for those who wait with a link.
type guest struct{ ID, Person int64 }

// waiting lists the contacts with an invitation at the address.
func waiting(ctx context.Context, db postgres.DB, email string) ([]guest, error) {
	rows, err := db.Query(ctx, `
		select c.id, coalesce(c.person_id, 0) as person from contacts c join customers cu on cu.id = c.customer_id
		where lower(c.email) = lower(@email) and c.access = 'invited' and c.archived_at is null and cu.archived_at is null
		order by c.id limit 5`, pgx.NamedArgs{"email": email})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[guest])
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return contacts, nil
}

func (d Service) sendReset(ctx context.Context, tx postgres.Tx, from audit.Actor, who int64) error {
	link, err := ResetPerson(ctx, tx, from, who)
	if err != nil {
		return err
	}
	return d.Mail.PasswordReset(ctx, tx, link)
}

func (d Service) sendInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, contact int64) error {
	link, err := Contact(ctx, tx, from, contact)
	if err != nil {
		return err
	}
	return d.Mail.Invited(ctx, tx, contact, link)
}

// quietly does what an address is entitled to, within the limit on mails, and
// tells nobody whether there was anything to do.
func (d Service) quietly(ctx context.Context, side auth.Side, from audit.Actor, account string, do func(tx postgres.Tx) error) error {
	even := time.NewTimer(evenTime)
	defer even.Stop()
	err := d.take(ctx, auth.Reset, side, from, account)
	if err == nil {
		err = postgres.Transact(ctx, d.Pool, do)
	}
	select {
	case <-even.C:
	case <-ctx.Done():
	}
	if _, limited := errors.AsType[Limited](err); limited {
		return nil
	}
	if _, refused := errors.AsType[apperr.Conflict](err); refused || errors.Is(err, apperr.NotFound) {
		return nil
	}
	return err
}

// Look finds a link of that purpose, or returns apperr.NotFound.
func (d Service) Look(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := Find(ctx, d.Pool, token)
	if err == nil && l.Purpose != purpose {
		err = apperr.NotFound
	}
	return l, err
}

// ready finds a link of that purpose that still works, or returns
// apperr.NotFound or ErrSpent.
func (d Service) ready(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := d.Look(ctx, token, purpose)
	if err == nil && l.State != Ready {
		err = ErrSpent
	}
	return l, err
}

// SendFresh sends a link of the same kind to the same address, if somebody
// there still waits for it; whoever can sign in already gets a reset of the
// password. The answer is always the same.
func (d Service) SendFresh(ctx context.Context, from audit.Actor, token string, purpose Purpose) error {
	l, err := d.Look(ctx, token, purpose)
	if err != nil {
		return err
	}
	side := auth.Portal
	if l.Staff != 0 {
		side = auth.Office
	}
	return d.quietly(ctx, side, from, l.Email, func(tx postgres.Tx) error {
		if l, err = Find(ctx, tx, token); err != nil {
			return err
		}
		switch {
		case l.Purpose == Invitation && !l.Settled:
			return d.freshInvitation(ctx, tx, from, l)
		case l.Purpose == Invitation || l.Purpose == Reset:
			return d.freshReset(ctx, tx, from, l)
		default:
			return d.freshStaff(ctx, tx, from, l)
		}
	})
}

func (d Service) freshInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	contacts, err := waiting(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if c.ID == l.Contact {
			return d.sendInvitation(ctx, tx, from, c.ID)
		}
	}
	return nil
}

func (d Service) freshReset(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	p, err := person.ByEmail(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	may, err := person.MayEnter(ctx, tx, p.ID)
	if err != nil || !may || p.ID != l.Person {
		return err
	}
	return d.sendReset(ctx, tx, from, p.ID)
}

// Welcome uses an invitation whose address is new, with a password chosen now:
// a problem.Set for "password", ErrSpent, or ErrKnown when the address turned
// out to belong to a person.
func (d Service) Welcome(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Invitation)
	if err == nil && l.Known {
		err = ErrKnown
	}
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.chooseAt(ctx, l, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		who, contact, err := AcceptNew(ctx, tx, from, token, hash)
		if err != nil {
			return err
		}
		// Whoever had a password set by staff may be looking already; the mailbox decides.
		if err := d.EndForPerson(ctx, tx, who, false); err != nil {
			return err
		}
		e, err = d.arrive(ctx, tx, from, who, contact, l.Email)
		e.Proof = hash
		return err
	})
	return e, err
}

// Join uses an invitation for the person who is signed in and has its address.
func (d Service) Join(ctx context.Context, from audit.Actor, token string, who int64) (Entry, error) {
	var e Entry
	err := postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		contact, err := Accept(ctx, tx, from, token, who)
		if err != nil {
			return err
		}
		e = Entry{Person: who, Choices: []person.Choice{{Contact: contact}}}
		return person.Enter(ctx, tx, who, contact)
	})
	return e, err
}

// JoinWithPassword uses an invitation for the person who has its address and
// proves it with their own password: ErrWrong and Limited as in SignIn.
func (d Service) JoinWithPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Invitation)
	if err == nil && !l.Known {
		err = ErrSpent
	}
	if err != nil {
		return Entry{}, err
	}
	p, err := d.prove(ctx, from, persons, l.Email, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		contact, err := Accept(ctx, tx, from, token, p.id)
		if err != nil {
			return err
		}
		e, err = d.arrive(ctx, tx, from, p.id, contact, p.email)
		e.Proof = p.hash
		return err
	})
	return e, err
}

// arrive notes the sign-in that the use of a link is, as the one contact it was for.
func (d Service) arrive(ctx context.Context, tx postgres.Tx, from audit.Actor, who, contact int64, email string) (Entry, error) {
	from.Name = email
	if err := person.SignedIn(ctx, tx, from, who); err != nil {
		return Entry{}, err
	}
	if err := auth.Clear(ctx, tx, auth.SignIn, auth.Portal, email); err != nil {
		return Entry{}, err
	}
	return Entry{Person: who, Choices: []person.Choice{{Contact: contact}}}, person.Enter(ctx, tx, who, contact)
}
