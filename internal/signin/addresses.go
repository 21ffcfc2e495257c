package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// RequestNewAddress sends a link to the address that somebody signed in wants to
// sign in with from now on. They prove who they are with their password, or, who
// has none, have done so lately (proved); the
// address proves itself when its link is used. Nothing changes before, and the
// answer does not tell whether somebody else has the address. Problems come for
// "email" and "current"; Limited as in SignIn, and for too many links.
func (s *Service) RequestNewAddress(ctx context.Context, from audit.Actor, who int64, current, email string, proved bool) error {
	return s.requestNewAddress(ctx, from, owner{Portal, who}, current, email, proved, func(tx postgres.Tx) error {
		link, err := insertNewAddress(ctx, tx, from, who, email)
		if err != nil {
			return err
		}
		return s.mail.EmailChangeAsked(ctx, tx, link)
	})
}

// RequestNewStaffAddress is RequestNewAddress for a member of staff.
func (s *Service) RequestNewStaffAddress(ctx context.Context, by audit.Actor, current, email string, proved bool) error {
	return s.requestNewAddress(ctx, by, ownerOf(by), current, email, proved, func(tx postgres.Tx) error {
		link, err := NewStaffAddress(ctx, tx, by, by.Staff, email)
		if err != nil {
			return err
		}
		return s.mail.StaffEmailChangeAsked(ctx, tx, link)
	})
}

func (s *Service) requestNewAddress(ctx context.Context, from audit.Actor, of owner, current, email string, proved bool, send func(postgres.Tx) error) error {
	present, err := of.address(ctx, s.pool)
	if err != nil {
		return err
	}
	if err := checkAddress(email); err != nil {
		return err
	}
	if strings.EqualFold(present, email) {
		return problem.Of("email", "You already sign in with this address.")
	}
	if err := s.proveAgain(ctx, from, of, present, current, proved); err != nil {
		return err
	}
	// Once for the one who asks, who is told of the limit, and once for the
	// address, whose owner may be a stranger to be spared.
	if err := s.count(ctx, of.side, from, fmt.Sprintf("new address of %s %d", of.column(), of.id)); err != nil {
		return err
	}
	return s.quietly(ctx, of.side, from, email, send)
}

// proveAgain takes the password of somebody signed in; of who has none, and comes
// by codes or a provider, a fresh proof is enough, which proved says that there is.
func (s *Service) proveAgain(ctx context.Context, from audit.Actor, of owner, email, current string, proved bool) error {
	switch ways, err := proofsOf(ctx, s.pool, of); {
	case err != nil:
		return err
	case !ways.Password && !proved:
		return apperr.ProofNeeded
	case !ways.Password:
		return nil
	}
	_, err := s.authenticate(ctx, from, of.side, email, current)
	if errors.Is(err, ErrWrong) {
		return problem.Of("current", "This is not your password.")
	}
	return err
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

// NewStaffAddress makes the link to a new sign-in address of a member of staff,
// for themselves or for an Administrator, and ends all earlier ones. Nothing
// changes before it is used.
func NewStaffAddress(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, email string) (link int64, err error) {
	m, err := lockStaff(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if m.State != string(staff.Active) {
		return 0, problem.Of("email", m.Name+" cannot sign in, so the address cannot be confirmed. Restore access first.")
	}
	if err := endLinks(ctx, tx, ofNewStaffAddresses, id); err != nil {
		return 0, err
	}
	if link, err = insertLink(ctx, tx, StaffNewAddress, "staff_id", id, email); err != nil {
		return 0, err
	}
	return link, audit.Record(ctx, tx, by, audit.New{
		Action: audit.StaffAskedForANewSignInAddress, ID: id, Label: m.Name, Before: map[string]any{"email": m.Email}, After: map[string]any{"email": email},
	})
}

// PendingAddress is the address that a link was sent to lately and that has not
// been confirmed yet, or "".
func (s *Service) PendingAddress(ctx context.Context, who int64) (email string, err error) {
	return pendingAddress(ctx, s.pool, ofNewAddresses, who)
}

// PendingStaffAddress is PendingAddress of a member of staff.
func PendingStaffAddress(ctx context.Context, db postgres.DB, id int64) (email string, err error) {
	return pendingAddress(ctx, db, ofNewStaffAddresses, id)
}

func pendingAddress(ctx context.Context, db postgres.DB, of string, id int64) (email string, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { queryPendingAddress(b, &email, of, id) }); err != nil {
		return "", fmt.Errorf("find the pending address: %w", err)
	}
	return email, nil
}

// QueryPendingStaffAddress is PendingStaffAddress as part of a batch.
func QueryPendingStaffAddress(b *postgres.Batch, into *string, id int64) {
	queryPendingAddress(b, into, ofNewStaffAddresses, id)
}

func queryPendingAddress(b *postgres.Batch, into *string, of string, id int64) {
	postgres.QueryValue(b, into, `
		select coalesce((select email from links where `+of+` and used_at is null and ended_at is null
			and created_at > now() - @life::interval order by id desc limit 1), '')`,
		pgx.NamedArgs{"id": id, "life": NewAddress.Life() + time.Hour})
}

// ConfirmAddress makes the link's address the one that its person signs in
// with, and signs them out on all other devices; here is the hash of the token
// of the session at hand, or "". They are signed in already, or prove who they
// are with their password: whoever happens to read the new mailbox is not
// enough, since the address may have been mistyped. ErrSpent, ErrTaken, and for
// a password ErrWrong and Limited.
func (s *Service) ConfirmAddress(ctx context.Context, from audit.Actor, token string, signedIn int64, password, here string) error {
	return s.confirmAddress(ctx, from, token, NewAddress, owner{Portal, signedIn}, password, func(tx postgres.Tx, l Link) error {
		from.Person, from.Name = l.Person, l.Email
		old, err := setAddress(ctx, tx, from, l.Person, l.Email)
		if err != nil {
			return err
		}
		// A link to choose a new password that went to the old address ends with it.
		if err := endResets(ctx, tx, l.Person); err != nil {
			return err
		}
		if err := endCodes(ctx, tx, l.Person); err != nil {
			return err
		}
		if err := endSessionsOfPerson(ctx, tx, l.Person, here); err != nil {
			return err
		}
		return s.mail.EmailChanged(ctx, tx, l.Person, old)
	})
}

// ConfirmStaffAddress is ConfirmAddress for a member of staff, whoever asked for
// the link: an Administrator alone moves nobody's address.
func (s *Service) ConfirmStaffAddress(ctx context.Context, from audit.Actor, token string, signedIn int64, password, here string) error {
	return s.confirmAddress(ctx, from, token, StaffNewAddress, owner{Office, signedIn}, password, func(tx postgres.Tx, l Link) error {
		from.Staff, from.Name = l.Staff, l.Name
		old, err := staff.SetEmail(ctx, tx, from, l.Staff, l.Email)
		if isTaken(err) {
			return ErrTaken
		}
		if err != nil {
			return err
		}
		if err := endLinks(ctx, tx, ofStaffPasswords, l.Staff); err != nil {
			return err
		}
		if err := EndSessionsOfStaff(ctx, tx, l.Staff, here); err != nil {
			return err
		}
		return s.mail.StaffEmailChanged(ctx, tx, l.Staff, old)
	})
}

// isTaken reports whether a write was refused because of the address.
func isTaken(err error) bool {
	p, ok := errors.AsType[problem.Set](err)
	return ok && p["email"] != ""
}

func (s *Service) confirmAddress(ctx context.Context, from audit.Actor, token string, purpose Purpose, signedIn owner, password string, change func(postgres.Tx, Link) error) error {
	l, err := s.findReady(ctx, token, purpose)
	if err != nil {
		return err
	}
	if of := l.owner(); of != signedIn {
		present, err := of.address(ctx, s.pool)
		if err != nil {
			return err
		}
		if _, err := s.authenticate(ctx, from, of.side, present, password); err != nil {
			return err
		}
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		l, err := claim(ctx, tx, token, purpose)
		if err != nil {
			return err
		}
		return change(tx, l)
	})
}

// owner is whose address a link changes.
func (l Link) owner() owner {
	if l.Staff != 0 {
		return owner{Office, l.Staff}
	}
	return owner{Portal, l.Person}
}
