package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Limited says that there were too many tries, and how long to wait.
type Limited struct{ Wait time.Duration }

// Error names the wait, for logs and tests.
func (l Limited) Error() string { return "too many tries, wait " + l.Wait.String() }

// Minutes is the wait, rounded up.
func (l Limited) Minutes() int { return int((l.Wait + time.Minute - 1) / time.Minute) }

// attemptKind is what is being tried. Each kind has limits of its own.
type attemptKind string

// The kinds of attempts.
const (
	passwordAttempt attemptKind = "sign-in" // a password is tried
	mailAttempt     attemptKind = "reset"   // a mail with a link is asked for
)

// attempt is one try of one visitor.
type attempt struct {
	Kind    attemptKind
	Side    Side
	Account string     // the email address as typed, whether or not it is known
	Address netip.Addr // the visitor's; the zero Addr is not counted
}

type limit struct {
	account       int
	accountWindow time.Duration
	address       int
	addressWindow time.Duration
}

var limits = map[attemptKind]limit{
	passwordAttempt: {account: 10, accountWindow: 15 * time.Minute, address: 100, addressWindow: time.Hour},
	mailAttempt:     {account: 5, accountWindow: time.Hour, address: 100, addressWindow: time.Hour},
}

// keepAttempts is longer than every window.
const keepAttempts = 24 * time.Hour

// count counts a try, in a transaction of its own: it stays counted whatever
// comes after. Limited when there were too many.
func (s *Service) count(ctx context.Context, kind attemptKind, side Side, from audit.Actor, account string) error {
	var (
		wait time.Duration
		ok   bool
	)
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		wait, ok, err = takeAttempt(ctx, tx, attempt{Kind: kind, Side: side, Account: account, Address: from.Address})
		return err
	})
	if err == nil && !ok {
		err = Limited{Wait: wait}
	}
	return err
}

// takeAttempt counts the attempt, if it is still within the limits; else it tells when
// to come back. Call it in a transaction of its own that is committed before the
// password is looked at: an attempt counts as wrong until clearAttempts says otherwise,
// so that hundreds at the same moment get no more tries than one after another.
// Refused attempts are not counted, or an impatient owner would never get in.
func takeAttempt(ctx context.Context, tx postgres.Tx, a attempt) (retryAfter time.Duration, ok bool, err error) {
	l, known := limits[a.Kind]
	if !known {
		return 0, false, fmt.Errorf("take attempt: no limits for %q", a.Kind)
	}
	args := pgx.NamedArgs{
		"kind": string(a.Kind), "side": string(a.Side), "account": accountKey(a.Account), "address": addressKey(a.Address),
		"account_skip": l.account - 1, "account_window": l.accountWindow,
		"address_skip": l.address - 1, "address_window": l.addressWindow,
	}
	// Account before address, always: two attempts never wait for each other. A
	// statement of its own, because the next one must see what others committed
	// while this one waited.
	if _, err := tx.Exec(ctx, `
		select pg_advisory_xact_lock(hashtext('attempts of an account'), hashtext(@kind || @side || @account)),
			pg_advisory_xact_lock(hashtext('attempts of an address'), hashtext(@kind || @address::text))`, args,
	); err != nil {
		return 0, false, fmt.Errorf("take attempt: %w", err)
	}
	// The attempt that used up the limit says when the next one is free.
	var wait *time.Duration
	if err := tx.QueryRow(ctx, `
		with full_until as (
			select greatest(
				(select at from attempts
				where kind = @kind and side = @side and account = @account and at > now() - @account_window::interval
				order by at desc offset @account_skip limit 1) + @account_window::interval,
				(select at from attempts
				where kind = @kind and address = @address::inet and at > now() - @address_window::interval
				order by at desc offset @address_skip limit 1) + @address_window::interval
			) as moment
		), taken as (
			insert into attempts (kind, side, account, address)
			select @kind, @side, @account, @address::inet from full_until where moment is null
		)
		select moment - clock_timestamp() from full_until`, args, // others have begun later than this transaction
	).Scan(&wait); err != nil {
		return 0, false, fmt.Errorf("take attempt: %w", err)
	}
	if wait != nil {
		return *wait, false, nil
	}
	return 0, true, nil
}

// clearAttempts forgets the wrong passwords of an account: the right one was
// given, or a new one has been chosen.
func clearAttempts(ctx context.Context, tx postgres.Tx, side Side, account string) error {
	_, err := tx.Exec(ctx, `delete from attempts where kind = @kind and side = @side and account = @account`,
		pgx.NamedArgs{"kind": string(passwordAttempt), "side": string(side), "account": accountKey(account)})
	if err != nil {
		return fmt.Errorf("clear attempts: %w", err)
	}
	return nil
}

// sweepAttempts deletes what no limit counts any more.
func sweepAttempts(ctx context.Context, tx postgres.Tx) (deleted int64, err error) {
	tag, err := tx.Exec(ctx, `delete from attempts where at < now() - @keep::interval`, pgx.NamedArgs{"keep": keepAttempts})
	if err != nil {
		return 0, fmt.Errorf("sweep attempts: %w", err)
	}
	return tag.RowsAffected(), nil
}

// accountKey is a hash: people type passwords into the wrong field, and those
// must not lie in a table. It also fits any text, however long or broken.
func accountKey(account string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(account))))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// addressKey is the visitor's address; of IPv6 the network, since a visitor has
// all addresses of a /64 to choose from.
func addressKey(address netip.Addr) *string {
	if !address.IsValid() {
		return nil
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		network, err := address.Prefix(64)
		if err != nil {
			return nil
		}
		address = network.Addr()
	}
	key := address.String()
	return &key
}
