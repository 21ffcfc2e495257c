package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// Between the first factor and the second there is no session: only a browser
// with a token, ten minutes and five tries.

const (
	// PendingLife is how long somebody has to give the second factor.
	PendingLife  = 10 * time.Minute
	pendingTries = 5
)

// ErrNotPending says that the first factor was given too long ago, in another
// browser, was tried too often after, or has changed since: it is given anew.
var ErrNotPending = errors.New("the first factor is to be given again")

// pending is somebody who has given the first factor.
type pending struct {
	id      int64
	of      owner
	contact int64
	stamp   int64
	way     Way // how the first was given
}

// wait lets an account with a second factor wait for it, and returns the token
// of the browser; "" for accounts without one.
func (s *Service) waitForFactor(ctx context.Context, tx postgres.Tx, p pending) (browser string, err error) {
	on, err := factorOn(ctx, tx, p.of)
	if err != nil || !on {
		return "", err
	}
	browser, hash := secret.NewToken()
	_, err = tx.Exec(ctx, `
		insert into pending_sign_ins (browser_hash, `+p.of.column()+`, contact_id, stamp, openid, expires_at)
		values (@browser, @owner, nullif(@contact::bigint, 0), @stamp, @openid, now() + @life::interval)`,
		pgx.NamedArgs{"browser": hash, "owner": p.of.id, "contact": p.contact, "stamp": p.stamp, "openid": p.way == ByOpenID, "life": PendingLife})
	if err != nil {
		return "", fmt.Errorf("wait for a second factor: %w", err)
	}
	return browser, nil
}

// findPending finds who waits in the browser with the token, or ErrNotPending.
func findPending(ctx context.Context, db postgres.DB, side Side, browser, lock string) (p pending, err error) {
	p.of = owner{side: side}
	var openID bool
	err = db.QueryRow(ctx, `
		select w.id, w.`+p.of.column()+`, coalesce(w.contact_id, 0), w.stamp, w.openid
		from pending_sign_ins w join `+p.of.accounts()+` a on a.id = w.`+p.of.column()+` and a.stamp = w.stamp
		where w.browser_hash = @browser and w.ended_at is null and w.expires_at > now() `+lock,
		pgx.NamedArgs{"browser": secret.HashToken(browser)}).Scan(&p.id, &p.of.id, &p.contact, &p.stamp, &openID)
	if openID {
		p.way = ByOpenID
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrNotPending
	}
	if err != nil {
		return p, fmt.Errorf("find who waits for a second factor: %w", err)
	}
	return p, nil
}

// Waits reports whether somebody waits for their second factor in the browser.
func (s *Service) Waits(ctx context.Context, side Side, browser string) (bool, error) {
	_, err := findPending(ctx, s.pool, side, browser, "")
	if errors.Is(err, ErrNotPending) {
		return false, nil
	}
	return err == nil, err
}

// giveFactor takes the second factor of who waits in the browser. Five wrong
// ones, and the first is to be given again.
func (s *Service) giveFactor(ctx context.Context, from audit.Actor, side Side, browser, typed string, then func(postgres.Tx, pending) error) error {
	p, err := findPending(ctx, s.pool, side, browser, "")
	if err != nil {
		return err
	}
	err = s.proveFactor(ctx, from, p.of, typed, func(tx postgres.Tx) (err error) {
		p, err = findPending(ctx, tx, side, browser, "for update of w")
		return err
	}, func(tx postgres.Tx) error {
		if err := endPending(ctx, tx, p.id); err != nil {
			return err
		}
		return then(tx, p)
	})
	if errors.Is(err, ErrWrong) {
		_, wrong := s.pool.Exec(context.WithoutCancel(ctx), `
			update pending_sign_ins set tries = tries + 1, ended_at = case when tries + 1 >= @most::integer then now() end where id = @id and tries < @most::integer`,
			pgx.NamedArgs{"id": p.id, "most": pendingTries})
		if wrong != nil {
			return fmt.Errorf("count a wrong second factor: %w", wrong)
		}
	}
	return err
}

func endPending(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `update pending_sign_ins set ended_at = now() where id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("end the wait for a second factor: %w", err)
	}
	return nil
}

// GiveFactor lets a person in who waits in the browser with the token: a
// problem.Set for "code", ErrWrong, Limited or ErrNotPending.
func (s *Service) GiveFactor(ctx context.Context, from audit.Actor, browser, typed string) (e Entry, err error) {
	err = s.giveFactor(ctx, from, Portal, browser, typed, func(tx postgres.Tx, p pending) (err error) {
		if e, err = entryOf(ctx, tx, p.of.id); err != nil {
			return err
		}
		if p.contact != 0 { // by the link of an invitation
			e.Choices = []person.Choice{{Contact: p.contact}}
		}
		if len(e.Choices) == 0 && !e.MustChange {
			return nil
		}
		return s.arrived(ctx, tx, from, &e, p.stamp, p.way)
	})
	return e, err
}

// GiveStaffFactor is GiveFactor for a member of staff.
func (s *Service) GiveStaffFactor(ctx context.Context, from audit.Actor, browser, typed string) (e StaffEntry, err error) {
	err = s.giveFactor(ctx, from, Office, browser, typed, func(tx postgres.Tx, p pending) error {
		e = StaffEntry{Staff: p.of.id}
		return s.staffArrived(ctx, tx, from, &e, p.stamp, p.way)
	})
	return e, err
}

// AskLost sends the person who waits in the browser a code to their address, as
// proof that it is theirs: the second factor is lost. Code is the token of the
// browser for that code.
func (s *Service) AskLost(ctx context.Context, from audit.Actor, browser string) (code string, err error) {
	p, err := findPending(ctx, s.pool, Portal, browser, "")
	if err != nil {
		return "", err
	}
	return s.AskCode(ctx, from, CodeFor{Person: p.of.id}, ProofCode, "")
}

// ReportLost notes that the person who waits in the browser has lost the second
// factor: password and address are shown to be theirs, and staff may remove it
// when they know that it is them. Errors as of UseCode, and ErrNotPending.
func (s *Service) ReportLost(ctx context.Context, from audit.Actor, browser, code, digits string) error {
	p, err := findPending(ctx, s.pool, Portal, browser, "")
	if err != nil {
		return err
	}
	_, err = s.useCode(ctx, from, code, digits, ProofCode, func(tx postgres.Tx, is Proven) error {
		if is.Person != p.of.id {
			return ErrCodeSpent
		}
		tag, err := tx.Exec(ctx, `update second_factors set lost_at = now() where person_id = @person and on_since is not null`, pgx.NamedArgs{"person": p.of.id})
		if err != nil {
			return fmt.Errorf("note a lost factor: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return apperr.NotFound
		}
		return recordFactor(ctx, tx, p.of, from, factorDeeds{person: audit.PersonReportedFactorLost}, nil)
	})
	return err
}

// sweepPending forgets who came no further.
func sweepPending(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from pending_sign_ins where created_at < now() - interval '1 day'`); err != nil {
		return fmt.Errorf("sweep who waits for a second factor: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from second_factors where on_since is null and created_at < now() - interval '2 days'`); err != nil {
		return fmt.Errorf("sweep second factors never confirmed: %w", err)
	}
	return nil
}
