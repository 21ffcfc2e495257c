package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// purpose is what a browser was asked to prove.
type purpose string

// The purposes.
const (
	toSignIn purpose = "passkey"     // that it has a passkey
	toAdd    purpose = "new-passkey" // that it has made one
)

// challengeLife is how long a browser has for its answer.
const challengeLife = 5 * time.Minute

// ErrLate says that a challenge was not put to this browser, was answered
// already, or too long ago.
var ErrLate = errors.New("the challenge is over")

// challenge is what a browser is asked to prove, for whom: an owner without an
// id is whoever it turns out to be.
type challenge struct {
	purpose purpose
	of      owner
	value   string
	browser string // the token of its cookie
}

// digest is what is kept of what only the browser knows.
func digest(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func (c challenge) args() pgx.NamedArgs {
	args := pgx.NamedArgs{
		"purpose": string(c.purpose), "side": string(c.of.side), "value": digest(c.value), "browser": digest(c.browser),
		"person": (*int64)(nil), "staff": (*int64)(nil), "life": challengeLife,
	}
	if c.of.id != 0 {
		args[map[Side]string{Portal: "person", Office: "staff"}[c.of.side]] = &c.of.id
	}
	return args
}

// put keeps a challenge until it is answered. Some that nobody has answered go
// with each new one, so that whoever asks for thousands fills no table.
func (s *Service) put(ctx context.Context, c challenge) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := sweepChallenges(ctx, tx, 100); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			insert into challenges (purpose, side, person_id, staff_id, value_hash, browser_hash)
			values (@purpose, @side, @person, @staff, @value, @browser)`, c.args())
		if err != nil {
			return fmt.Errorf("put a challenge: %w", err)
		}
		return nil
	})
}

// answered takes the challenge that this browser answers, whatever comes of the answer:
// ErrLate when there is none.
func (s *Service) answered(ctx context.Context, c challenge) error {
	if c.browser == "" { // it was never asked anything
		return ErrLate
	}
	var id int64
	err := s.pool.QueryRow(ctx, `
		delete from challenges where value_hash = @value and browser_hash = @browser and purpose = @purpose and side = @side
			and person_id is not distinct from @person::bigint and staff_id is not distinct from @staff::bigint and created_at > now() - @life::interval
		returning id`, c.args()).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrLate
	}
	if err != nil {
		return fmt.Errorf("take a challenge: %w", err)
	}
	return nil
}

func sweepChallenges(ctx context.Context, tx postgres.Tx, most int) error {
	_, err := tx.Exec(ctx, `delete from challenges where id in (select id from challenges where created_at < now() - $1::interval order by created_at limit $2 for update skip locked)`, challengeLife, most)
	if err != nil {
		return fmt.Errorf("sweep challenges: %w", err)
	}
	return nil
}
