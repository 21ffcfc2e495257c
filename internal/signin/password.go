package signin

import (
	"context"
	"errors"
	"fmt"

	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// ResetPassword uses a reset with a password chosen now, and ends all sessions
// of the person: a problem.Set for "password", or ErrSpent.
func (d Service) ResetPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Reset)
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.chooseAt(ctx, l, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		who, err := ChooseAnew(ctx, tx, from, token, hash)
		if err != nil {
			return err
		}
		if err := d.changed(ctx, tx, who, l.Email, false); err != nil {
			return err
		}
		if e, err = enter(ctx, tx, who); err != nil || len(e.Choices) == 0 {
			return err
		}
		from.Name, e.Proof = l.Email, hash
		if err := person.SignedIn(ctx, tx, from, who); err != nil {
			return err
		}
		return e.note(ctx, tx)
	})
	return e, err
}

// changed follows a new password: other sessions end, wrong tries are
// forgotten, open resets end, the person is told.
func (d Service) changed(ctx context.Context, tx postgres.Tx, who int64, email string, keepCurrent bool) error {
	if err := d.EndForPerson(ctx, tx, who, keepCurrent); err != nil {
		return err
	}
	if err := endOthers(ctx, tx, `person_id = @id and purpose = 'reset'`, who); err != nil {
		return err
	}
	if err := auth.Clear(ctx, tx, auth.SignIn, auth.Portal, email); err != nil {
		return err
	}
	return d.Mail.PasswordChanged(ctx, tx, who)
}

// ChangePassword replaces the password of somebody signed in; all their other
// sessions end. One set by staff is replaced without being asked for again.
// Problems come for "current" and "password"; Limited as in SignIn.
func (d Service) ChangePassword(ctx context.Context, from audit.Actor, who int64, current, password string) (Entry, error) {
	p, err := person.ByID(ctx, d.Pool, who)
	if err != nil {
		return Entry{}, err
	}
	if !p.MustChange {
		if _, err := d.prove(ctx, from, persons, p.Email, current); errors.Is(err, ErrWrong) {
			return Entry{}, problem.Of("current", "This is not your present password.")
		} else if err != nil {
			return Entry{}, err
		}
	}
	words, err := person.Words(ctx, d.Pool, who)
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.chooseAnother(ctx, p.PasswordHash, password, words...)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		from.Name = p.Email
		if err := person.SetPassword(ctx, tx, from, who, hash); err != nil {
			return err
		}
		if err := d.changed(ctx, tx, who, p.Email, true); err != nil {
			return err
		}
		if e, err = enter(ctx, tx, who); err != nil || !p.MustChange {
			return err
		}
		return e.note(ctx, tx)
	})
	return e, err
}

// chooseAt is choose for the one a link is for.
func (d Service) chooseAt(ctx context.Context, l Link, password string) (hash string, err error) {
	known, err := d.known(ctx, l)
	if err != nil {
		return "", err
	}
	return d.choose(ctx, password, known...)
}

// choose hashes a new password, unless something is wrong with it.
func (d Service) choose(ctx context.Context, password string, known ...string) (hash string, err error) {
	wrong, err := d.judge(ctx, password, known...)
	if err != nil {
		return "", err
	}
	if wrong != "" {
		return "", problem.Of("password", wrong)
	}
	return d.Hasher.Hash(ctx, password)
}

// chooseAnother is choose for somebody whose password has a hash already: the
// same one again will not do.
func (d Service) chooseAnother(ctx context.Context, present, password string, known ...string) (hash string, err error) {
	if hash, err = d.choose(ctx, password, known...); err != nil {
		return "", err
	}
	switch err := d.verify(ctx, present, password); {
	case err == nil:
		return "", problem.Of("password", "This is the password you have now. Choose another one.")
	case !errors.Is(err, ErrWrong):
		return "", err
	}
	return hash, nil
}

func (d Service) judge(ctx context.Context, password string, known ...string) (wrong string, err error) {
	var business string
	if err := d.Pool.QueryRow(ctx, `select trading_name from company`).Scan(&business); err != nil {
		return "", fmt.Errorf("read the business's name: %w", err)
	}
	return d.Hasher.Check(ctx, password, append(known, business)...)
}

// JudgeForLink tells what is wrong with a password while it is typed at a link
// that lets choose one, by the very rule that decides when it is sent; "" when
// it may be used. It looks at nothing but what was typed and the link.
func (d Service) JudgeForLink(ctx context.Context, token string, purpose Purpose, password string) (wrong string, err error) {
	l, err := d.ready(ctx, token, purpose)
	if err != nil {
		return "", err
	}
	known, err := d.known(ctx, l)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, known...)
}

// JudgeFor is JudgeForLink for somebody signed in to the portal.
func (d Service) JudgeFor(ctx context.Context, who int64, password string) (wrong string, err error) {
	known, err := person.Words(ctx, d.Pool, who)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, known...)
}

// known are the words that somebody would guess first of the one a link is for.
func (d Service) known(ctx context.Context, l Link) ([]string, error) {
	if l.Purpose == Reset {
		return person.Words(ctx, d.Pool, l.Person)
	}
	return []string{l.Email, l.Name, l.Customer}, nil
}
