package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// RequestNewAddress sends a link to the address that somebody signed in wants to
// sign in with from now on. They prove who they are with their password; the
// address proves itself when its link is used. Nothing changes before, and the
// answer does not tell whether somebody else has the address. Problems come for
// "email" and "current"; Limited as in SignIn, and for too many links.
func (s *Service) RequestNewAddress(ctx context.Context, from audit.Actor, who int64, current, email string) error {
	p, err := person.Find(ctx, s.pool, who)
	if err != nil {
		return err
	}
	if err := checkAddress(email); err != nil {
		return err
	}
	if strings.EqualFold(p.Email, email) {
		return problem.Of("email", "This is the address that you sign in with now.")
	}
	if _, err := s.authenticate(ctx, from, Portal, p.Email, current); errors.Is(err, ErrWrong) {
		return problem.Of("current", "This is not your password.")
	} else if err != nil {
		return err
	}
	// Once for the person, who is told of the limit, and once for the address,
	// whose owner may be a stranger to be spared.
	if err := s.count(ctx, Portal, from, fmt.Sprintf("new address of person %d", who)); err != nil {
		return err
	}
	return s.quietly(ctx, Portal, from, email, func(tx postgres.Tx) error {
		link, err := insertNewAddress(ctx, tx, from, who, email)
		if err != nil {
			return err
		}
		return s.mail.EmailChangeAsked(ctx, tx, link)
	})
}

// insertNewAddress makes the link to a new sign-in address, and ends all earlier ones.
func insertNewAddress(ctx context.Context, tx postgres.Tx, by audit.Actor, who int64, email string) (link int64, err error) {
	old, err := lockPerson(ctx, tx, who)
	if err != nil {
		return 0, err
	}
	if err := endLinks(ctx, tx, ofNewAddresses, who); err != nil {
		return 0, err
	}
	link, err = insertLink(ctx, tx, NewAddress, "person_id", who, email)
	if err != nil {
		return 0, err
	}
	by.Name = old
	return link, audit.Record(ctx, tx, by, audit.New{
		Action: audit.PersonAskedForANewSignInAddress, ID: who, Label: old, Before: map[string]any{"email": old}, After: map[string]any{"email": email},
	})
}

// PendingAddress is the address that a link was sent to lately and that has not
// been confirmed yet, or "".
func (s *Service) PendingAddress(ctx context.Context, who int64) (email string, err error) {
	err = s.pool.QueryRow(ctx, `
		select coalesce((select email from links where person_id = @id and purpose = 'email-change' and used_at is null and ended_at is null
			and created_at > now() - @life::interval order by id desc limit 1), '')`,
		pgx.NamedArgs{"id": who, "life": NewAddress.Life() + time.Hour}).Scan(&email)
	if err != nil {
		return "", fmt.Errorf("find the pending address: %w", err)
	}
	return email, nil
}

// ConfirmAddress makes the link's address the one that its person signs in
// with. They are signed in already, or prove who they are with their password:
// whoever happens to read the new mailbox is not enough, since the address may
// have been mistyped. ErrSpent, ErrTaken, and for a password ErrWrong and Limited.
func (s *Service) ConfirmAddress(ctx context.Context, from audit.Actor, token string, signedIn int64, password string) error {
	l, err := s.FindLink(ctx, token, NewAddress)
	if err != nil {
		return err
	}
	if l.State != Ready {
		return ErrSpent
	}
	if signedIn != l.Person {
		p, err := person.Find(ctx, s.pool, l.Person)
		if err != nil {
			return err
		}
		if _, err := s.authenticate(ctx, from, Portal, p.Email, password); err != nil {
			return err
		}
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		l, err := claim(ctx, tx, token, NewAddress)
		if err != nil {
			return err
		}
		from.Person, from.Name = l.Person, l.Email
		old, err := setAddress(ctx, tx, from, l.Person, l.Email)
		if err != nil {
			return err
		}
		// A link to choose a new password that went to the old address ends with it.
		if err := endResets(ctx, tx, l.Person); err != nil {
			return err
		}
		return s.mail.EmailChanged(ctx, tx, l.Person, old)
	})
}
