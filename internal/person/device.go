package person

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/postgres"
)

// Device is the browser that somebody comes with: the token of its cookie, what
// it calls itself, and from where.
type Device struct {
	Token   string // "" for one that has none yet
	Browser string
	Address netip.Addr
}

// Recognise notes that the person signs in with the device and reports whether
// that is news: neither the device is known, nor one of the same browser at the
// same address. The first of a person never is. It returns the token that the
// device keeps, a fresh one when it had none.
func Recognise(ctx context.Context, tx postgres.Tx, person int64, d Device) (token string, news bool, err error) {
	if auth.HashToken(d.Token) == nil {
		d.Token, _ = auth.NewToken()
	}
	args := pgx.NamedArgs{"person": person, "token": fmt.Sprintf("%x", auth.HashToken(d.Token)), "browser": d.Browser, "address": addressOf(d.Address)}
	err = tx.QueryRow(ctx, `
		select coalesce(not bool_or(token_hash = @token or (browser = @browser and browser <> '' and address = @address::inet)), false)
		from devices where person_id = @person`, args).Scan(&news)
	if err != nil {
		return "", false, fmt.Errorf("recognise device: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into devices (person_id, token_hash, browser, address) values (@person, @token, @browser, @address)
		on conflict on constraint device_of_person do update set seen_at = now(), browser = excluded.browser, address = excluded.address`, args)
	if err != nil {
		return "", false, fmt.Errorf("remember device: %w", err)
	}
	return d.Token, news, nil
}

// deviceLife is longer than any browser keeps a cookie (400 days).
const deviceLife = 400 * 24 * time.Hour

// SweepDevices forgets devices that have lost their cookie.
func SweepDevices(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from devices where seen_at < now() - $1::interval`, deviceLife); err != nil {
		return fmt.Errorf("sweep devices: %w", err)
	}
	return nil
}

func addressOf(a netip.Addr) *netip.Addr {
	if !a.IsValid() {
		return nil
	}
	return &a
}

// SignedInOn is a place where the person is signed in now.
type SignedInOn struct {
	ID        int64
	Browser   string // what the browser calls itself
	Address   *netip.Addr
	Remember  bool
	CreatedAt time.Time
	SeenAt    time.Time
	Here      bool // the request's own
}

// idle is how long a session without "stay signed in" lives unused.
const idle = 24 * time.Hour

// Sessions lists where the person is signed in, the request's own session
// first; here is the hash of its token.
func Sessions(ctx context.Context, db postgres.DB, person int64, here string) ([]SignedInOn, error) {
	rows, err := db.Query(ctx, `
		select id, browser, address, remember, created_at, seen_at, token_hash = @here as here from sessions
		where side = 'portal' and person_id = @person and expires_at > now() and (remember or seen_at > now() - @idle::interval)
		order by token_hash = @here desc, seen_at desc, id desc limit 100`, pgx.NamedArgs{"person": person, "here": here, "idle": idle})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[SignedInOn])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// EndSession signs the person out at one place, or returns apperr.NotFound.
func EndSession(ctx context.Context, tx postgres.Tx, by audit.Actor, person, id int64) error {
	var browser string
	err := tx.QueryRow(ctx, `delete from sessions where id = @id and side = 'portal' and person_id = @person returning browser`,
		pgx.NamedArgs{"id": id, "person": person}).Scan(&browser)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return signedOut(ctx, tx, by, person, map[string]any{"browser": browser})
}

// EndOtherSessions signs the person out everywhere but where the hash of the
// token is here, and returns at how many places.
func EndOtherSessions(ctx context.Context, tx postgres.Tx, by audit.Actor, person int64, here string) (ended int64, err error) {
	tag, err := tx.Exec(ctx, `delete from sessions where side = 'portal' and person_id = @person and token_hash <> @here`,
		pgx.NamedArgs{"person": person, "here": here})
	if err != nil {
		return 0, fmt.Errorf("end other sessions: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return 0, nil
	}
	return tag.RowsAffected(), signedOut(ctx, tx, by, person, map[string]any{"devices": tag.RowsAffected()})
}

func signedOut(ctx context.Context, tx postgres.Tx, by audit.Actor, person int64, what map[string]any) error {
	p, err := ByID(ctx, tx, person)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.PersonSignedOutElsewhere, ID: person, Label: p.Email, Before: what})
}

// execer is a transaction, or the pool for what stands alone.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// betweenVisits is how long nothing was opened before a visit counts as a new
// one: lunch is not, the next morning is.
const betweenVisits = 4 * time.Hour

// Visit notes that a contact looks at the portal now. What was shared since the
// visit before is shown as new until the next begins.
func Visit(ctx context.Context, db execer, contact int64) error {
	_, err := db.Exec(ctx, `
		insert into visits as t (contact_id) values (@contact)
		on conflict (contact_id) do update set seen_at = now(),
			before_at = case when t.seen_at < now() - @gap::interval then t.seen_at else t.before_at end`,
		pgx.NamedArgs{"contact": contact, "gap": betweenVisits})
	if err != nil {
		return fmt.Errorf("note visit: %w", err)
	}
	return nil
}
