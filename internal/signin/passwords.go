package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	passwords "fieldgate/internal/password"
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
		if err := noteLength(ctx, tx, owner{Portal, l.Person}, password); err != nil {
			return err
		}
		if err := s.passwordChanged(ctx, tx, l.Person, l.Email, ""); err != nil {
			return err
		}
		if e, err = entryOf(ctx, tx, l.Person); err != nil || len(e.Choices) == 0 {
			return err
		}
		stamp, err := stampOf(ctx, tx, owner{Portal, l.Person})
		if err != nil {
			return err
		}
		return s.letIn(ctx, tx, from, &e, 0, stamp, ByPassword)
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
// is replaced without being asked for again; who has none, and comes by codes,
// has proved who they are lately (proved). Problems come for "current" and
// "password"; Limited as in SignIn.
func (s *Service) ChangePassword(ctx context.Context, from audit.Actor, who int64, current, password, here string, proved bool) (Entry, error) {
	p, err := person.Find(ctx, s.pool, who)
	if err != nil {
		return Entry{}, err
	}
	switch {
	case p.MustChange:
	case p.PasswordHash == "" && !proved:
		return Entry{}, apperr.ProofNeeded
	case p.PasswordHash != "":
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
	hash, err := s.hashAnother(ctx, owner{Portal, who}, p.PasswordHash, password, guessable...)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		from.Name = p.Email
		if err := setPassword(ctx, tx, from, who, hash); err != nil {
			return err
		}
		if err := noteLength(ctx, tx, owner{Portal, who}, password); err != nil {
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
func (s *Service) hash(ctx context.Context, of owner, password string, guessable ...string) (hash string, err error) {
	wrong, err := s.check(ctx, of, password, guessable...)
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
	return s.hash(ctx, l.accountOf(), password, guessable...)
}

// hashAnother is hash for somebody whose password has a hash already: the same
// one again will not do.
func (s *Service) hashAnother(ctx context.Context, of owner, present, password string, guessable ...string) (hash string, err error) {
	if hash, err = s.hash(ctx, of, password, guessable...); err != nil {
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

// accountOf is whose password a link lets choose; nobody's yet at an invitation.
func (l Link) accountOf() owner {
	switch l.Purpose {
	case Reset:
		return owner{Portal, l.Person}
	case StaffReset:
		return owner{Office, l.Staff}
	case Invitation, StaffInvitation, NewAddress, StaffNewAddress:
	}
	return owner{}
}

// ShortestPassword is how many characters a new password needs of the one a link is for.
func (s *Service) ShortestPassword(ctx context.Context, l Link) (int, error) {
	return s.shortest(ctx, l.accountOf())
}

// ShortestOwnPassword is ShortestPassword of somebody signed in.
func (s *Service) ShortestOwnPassword(ctx context.Context, by audit.Actor) (int, error) {
	return s.shortest(ctx, ownerOf(by))
}

// QueryShortestStaffPassword is ShortestOwnPassword of a member of staff as part of a batch.
func QueryShortestStaffPassword(b *postgres.Batch, into *int, id int64) {
	queryShortest(b, into, owner{Office, id})
}

// queryShortest asks for less where a second factor is on: the password does not stand alone.
func queryShortest(b *postgres.Batch, into *int, of owner) {
	postgres.QueryValue(b, into, `select case when `+factorOnSQL(of)+` then @beside::integer else @alone::integer end`,
		pgx.NamedArgs{"owner": of.id, "beside": passwords.MinLengthOfTwo, "alone": passwords.MinLength})
}

func (s *Service) shortest(ctx context.Context, of owner) (n int, err error) {
	if of.id == 0 {
		return passwords.MinLength, nil
	}
	if err = postgres.Read(ctx, s.pool, func(b *postgres.Batch) { queryShortest(b, &n, of) }); err != nil {
		return 0, fmt.Errorf("ask how long a password has to be: %w", err)
	}
	return n, nil
}

// noteLength keeps whether a password just chosen could stand alone: while it
// cannot, its second factor stays. A problem.Set when that has gone meanwhile.
func noteLength(ctx context.Context, tx postgres.Tx, of owner, chosen string) error {
	short := passwords.TooShort(chosen)
	tag, err := tx.Exec(ctx, `update second_factors set short_password = @short where `+of.column()+` = @owner and on_since is not null`, pgx.NamedArgs{"owner": of.id, "short": short})
	if err != nil {
		return fmt.Errorf("note the length of a password: %w", err)
	}
	if short && tag.RowsAffected() == 0 {
		return problem.Of("password", fmt.Sprintf("Use at least %d characters.", passwords.MinLength))
	}
	return nil
}

// check tells what is wrong with a new password, "" when it may be used.
func (s *Service) check(ctx context.Context, of owner, typed string, guessable ...string) (wrong string, err error) {
	shortest, err := s.shortest(ctx, of)
	if err != nil {
		return "", err
	}
	var business string
	if err := s.pool.QueryRow(ctx, `select trading_name from company`).Scan(&business); err != nil {
		return "", fmt.Errorf("read the business's name: %w", err)
	}
	return s.hasher.CheckFrom(ctx, shortest, typed, append(guessable, business)...)
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
	return s.check(ctx, l.accountOf(), password, guessable...)
}

// CheckPassword is CheckPasswordAtLink for somebody signed in to the portal.
func (s *Service) CheckPassword(ctx context.Context, who int64, password string) (wrong string, err error) {
	guessable, err := guessableOf(ctx, s.pool, who)
	if err != nil {
		return "", err
	}
	return s.check(ctx, owner{Portal, who}, password, guessable...)
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
