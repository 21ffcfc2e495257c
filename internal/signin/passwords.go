package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// RequestReset sends a link to choose a new password, if the address belongs to
// a person who may enter, and every invitation that waits at the address once
// more: one of them may never have been passed on. The answer and its time are
// the same for every address, also beyond the limit.
func (s *Service) RequestReset(ctx context.Context, from audit.Actor, email string) error {
	if err := checkAddress(email); err != nil {
		return err
	}
	return s.quietly(ctx, Portal, from, email, func(tx postgres.Tx) error {
		reset, err := s.sendResetTo(ctx, tx, from, email)
		if err != nil {
			return err
		}
		contacts, err := waiting(ctx, tx, email)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if reset != 0 && c.Person == reset {
				continue // waits for the new password, not for a link
			}
			if err := s.sendInvitation(ctx, tx, from, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendResetTo sends a reset to the person with the address, if they may enter: who
// is 0 when there was nobody to send it to.
func (s *Service) sendResetTo(ctx context.Context, tx postgres.Tx, from audit.Actor, email string) (who int64, err error) {
	p, err := person.FindByEmail(ctx, tx, email)
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
	return p.ID, s.sendReset(ctx, tx, from, p.ID)
}

func (s *Service) sendReset(ctx context.Context, tx postgres.Tx, from audit.Actor, who int64) error {
	link, err := ResetPerson(ctx, tx, from, who)
	if err != nil {
		return err
	}
	return s.mail.PasswordReset(ctx, tx, link)
}

// ResetPerson makes a link with which the person chooses a new password, and
// ends all earlier ones.
func ResetPerson(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	email, err := lockPerson(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if err := endResets(ctx, tx, id); err != nil {
		return 0, err
	}
	link, err = insertLink(ctx, tx, Reset, "person_id", id, email)
	if err != nil {
		return 0, err
	}
	return link, audit.Record(ctx, tx, by, audit.New{Action: audit.PersonAskedForANewPassword, ID: id, Label: email})
}

// ResetPassword uses a reset with a password chosen now, and ends all sessions
// of the person: a problem.Set for "password", or ErrSpent.
func (s *Service) ResetPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := s.findReady(ctx, token, Reset)
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.hashForLink(ctx, l, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		l, err := claim(ctx, tx, token, Reset)
		if err != nil {
			return err
		}
		from.Name = l.Email
		if err := setPassword(ctx, tx, from, l.Person, hash); err != nil {
			return err
		}
		if err := s.passwordChanged(ctx, tx, l.Person, l.Email, ""); err != nil {
			return err
		}
		if e, err = entryOf(ctx, tx, l.Person); err != nil || len(e.Choices) == 0 {
			return err
		}
		e.Proof = hash
		if err := recordSignIn(ctx, tx, from, l.Person); err != nil {
			return err
		}
		return e.enter(ctx, tx)
	})
	return e, err
}

// passwordChanged follows a new password: other sessions end, wrong tries are
// forgotten, open resets end, the person is told. Here is the hash of the token
// of the session that goes on, or "".
func (s *Service) passwordChanged(ctx context.Context, tx postgres.Tx, who int64, email, here string) error {
	if err := endSessionsOfPerson(ctx, tx, who, here); err != nil {
		return err
	}
	if err := endResets(ctx, tx, who); err != nil {
		return err
	}
	if err := endCodes(ctx, tx, who); err != nil {
		return err
	}
	if err := clearAttempts(ctx, tx, Portal, email); err != nil {
		return err
	}
	return s.mail.PasswordChanged(ctx, tx, who)
}

// ChangePassword replaces the password of somebody signed in; all their
// sessions end but the one whose token's hash is here. A password set by staff
// is replaced without being asked for again. Problems come for "current" and
// "password"; Limited as in SignIn.
func (s *Service) ChangePassword(ctx context.Context, from audit.Actor, who int64, current, password, here string) (Entry, error) {
	p, err := person.Find(ctx, s.pool, who)
	if err != nil {
		return Entry{}, err
	}
	if !p.MustChange {
		if _, err := s.authenticate(ctx, from, Portal, p.Email, current); errors.Is(err, ErrWrong) {
			return Entry{}, problem.Of("current", "This is not your current password.")
		} else if err != nil {
			return Entry{}, err
		}
	}
	guessable, err := guessableOf(ctx, s.pool, who)
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.hashAnother(ctx, p.PasswordHash, password, guessable...)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		from.Name = p.Email
		if err := setPassword(ctx, tx, from, who, hash); err != nil {
			return err
		}
		if err := s.passwordChanged(ctx, tx, who, p.Email, here); err != nil {
			return err
		}
		if e, err = entryOf(ctx, tx, who); err != nil || !p.MustChange {
			return err
		}
		return e.enter(ctx, tx)
	})
	return e, err
}

// rehash replaces the hash of the same password by one of today's cost.
func rehash(ctx context.Context, tx postgres.Tx, side Side, id int64, old, hash string) error {
	sql := `update persons set password_hash = @hash where id = @id and password_hash = @old`
	if side == Office {
		sql = `update staff set password_hash = @hash where id = @id and password_hash = @old`
	}
	if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"id": id, "old": old, "hash": hash}); err != nil {
		return fmt.Errorf("rehash a password of the %s: %w", side, err)
	}
	return nil
}

// verify takes as long for nobody's password as for somebody's.
func (s *Service) verify(ctx context.Context, hash, password string) error {
	const longest = 4 * 1024 // normalising more than that would cost the server, not the guesser
	if len(password) > longest {
		hash, password = "", ""
	}
	if hash == "" {
		if err := s.hasher.VerifyNobody(ctx, password); err != nil {
			return err
		}
		return ErrWrong
	}
	ok, err := s.hasher.Verify(ctx, hash, password)
	if err == nil && !ok {
		err = ErrWrong
	}
	return err
}

// hash hashes a new password, unless something is wrong with it.
func (s *Service) hash(ctx context.Context, password string, guessable ...string) (hash string, err error) {
	wrong, err := s.check(ctx, password, guessable...)
	if err != nil {
		return "", err
	}
	if wrong != "" {
		return "", problem.Of("password", wrong)
	}
	return s.hasher.Hash(ctx, password)
}

// hashForLink is hash for the one a link is for.
func (s *Service) hashForLink(ctx context.Context, l Link, password string) (hash string, err error) {
	guessable, err := s.guessableAt(ctx, l)
	if err != nil {
		return "", err
	}
	return s.hash(ctx, password, guessable...)
}

// hashAnother is hash for somebody whose password has a hash already: the same
// one again will not do.
func (s *Service) hashAnother(ctx context.Context, present, password string, guessable ...string) (hash string, err error) {
	if hash, err = s.hash(ctx, password, guessable...); err != nil {
		return "", err
	}
	switch err := s.verify(ctx, present, password); {
	case err == nil:
		return "", problem.Of("password", "This is the password you have now. Choose another one.")
	case !errors.Is(err, ErrWrong):
		return "", err
	}
	return hash, nil
}

// check tells what is wrong with a new password, "" when it may be used.
func (s *Service) check(ctx context.Context, password string, guessable ...string) (wrong string, err error) {
	var business string
	if err := s.pool.QueryRow(ctx, `select trading_name from company`).Scan(&business); err != nil {
		return "", fmt.Errorf("read the business's name: %w", err)
	}
	return s.hasher.Check(ctx, password, append(guessable, business)...)
}

// CheckPasswordAtLink tells what is wrong with a password while it is typed at a
// link that lets choose one, by the very rule that decides when it is sent; ""
// when it may be used. It looks at nothing but what was typed and the link.
func (s *Service) CheckPasswordAtLink(ctx context.Context, token string, purpose Purpose, password string) (wrong string, err error) {
	l, err := s.findReady(ctx, token, purpose)
	if err != nil {
		return "", err
	}
	guessable, err := s.guessableAt(ctx, l)
	if err != nil {
		return "", err
	}
	return s.check(ctx, password, guessable...)
}

// CheckPassword is CheckPasswordAtLink for somebody signed in to the portal.
func (s *Service) CheckPassword(ctx context.Context, who int64, password string) (wrong string, err error) {
	guessable, err := guessableOf(ctx, s.pool, who)
	if err != nil {
		return "", err
	}
	return s.check(ctx, password, guessable...)
}

// guessableAt are the words that somebody would try first when guessing the
// password of the one a link is for.
func (s *Service) guessableAt(ctx context.Context, l Link) ([]string, error) {
	if l.Purpose == Reset {
		return guessableOf(ctx, s.pool, l.Person)
	}
	return []string{l.Email, l.Name, l.Customer}, nil
}

// guessableOf are those of a person: the address, the names of the person and
// of the business.
func guessableOf(ctx context.Context, db postgres.DB, who int64) ([]string, error) {
	rows, err := db.Query(ctx, `
		select email from persons where id = @person
		union select name from contacts where person_id = @person
		union select trading_name from company
		union select legal_name from company where legal_name <> ''`, pgx.NamedArgs{"person": who})
	if err != nil {
		return nil, fmt.Errorf("list guessable words: %w", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list guessable words: %w", err)
	}
	return words, nil
}
