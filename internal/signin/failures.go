package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Outcome is what became of a try.
type Outcome string

// The outcomes.
const (
	Right   Outcome = "right"
	Wrong   Outcome = "wrong"
	Refused Outcome = "refused" // by a limit: nobody looked at the password
	Asked   Outcome = "asked"   // for a mail with a link or a code
)

// Outcomes are all of them, as filters offer them.
func Outcomes() []Outcome { return []Outcome{Wrong, Refused, Right, Asked} }

// Reason is why a try failed.
type Reason string

// The reasons.
const (
	WrongPassword  Reason = "wrong-password"
	WrongPasskey   Reason = "wrong-passkey"
	UnknownAddress Reason = "unknown-address"
	WrongDigits    Reason = "wrong-code"    // of a code by email
	WrongFactor    Reason = "wrong-factor"  // after the right password or code
	AccountLimit   Reason = "account-limit" // too many wrong passwords of an account
	NetworkLimit   Reason = "network-limit" // of an account, from one address
	AddressLimit   Reason = "address-limit" // from one address, at any accounts
	DeviceLimit    Reason = "device-limit"  // of an account, on a device of its own
)

// failed notes that what was tried was wrong, or that nobody has the address.
func (s *Service) failed(ctx context.Context, from audit.Actor, t attempt, id int64, reason Reason) error {
	if t.Email == "" && reason != WrongPasskey && !strings.HasPrefix(string(reason), "provider-") {
		reason = UnknownAddress
	}
	s.tries.WithLabelValues(string(t.Side), string(Wrong), string(reason)).Inc()
	audit.Log(ctx, from, audit.Incident{Event: "sign-in-failed", Side: string(t.Side), Account: t.Email, Reason: string(reason), Warns: true})
	ctx = context.WithoutCancel(ctx)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := settle(ctx, tx, id, Wrong, reason); err != nil {
			return err
		}
		return s.watch(ctx, tx)
	})
}

// limited writes the line of a try that a limit has refused.
func (s *Service) limited(ctx context.Context, from audit.Actor, t attempt, err error) {
	limited, ok := errors.AsType[Limited](err)
	if !ok {
		return
	}
	s.tries.WithLabelValues(string(t.Side), string(Refused), string(limited.by)).Inc()
	event := "sign-in-refused"
	if t.Kind == mailAttempt {
		event = "reset-refused"
	}
	audit.Log(ctx, from, audit.Incident{Event: event, Side: string(t.Side), Account: t.Email, Reason: string(limited.by), Warns: true})
}

// refused notes a try that a limit has refused: one row for all of an hour at
// the same account, or from the same address at any, so that a flood of them
// fills no table. The first of an account that is somebody's stands in the trail.
func (s *Service) refused(ctx context.Context, t attempt, by Reason) error {
	args := pgx.NamedArgs{
		"kind": string(t.Kind), "side": string(t.Side), "account": t.of(), "address": nullAddress(t.Address.Unmap().WithZone("")), "network": t.network(),
		"email": t.Email, "device": t.Device, "browser": t.Browser, "reason": string(by), "burst": t.at(by),
	}
	ctx = context.WithoutCancel(ctx)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var first bool
		err := tx.QueryRow(ctx, `
			insert into attempts as a (kind, side, account, address, network, outcome, counts, email, device, browser, reason, burst)
			values (@kind, @side, @account, @address, @network::inet, 'refused', false, @email, @device, @browser, @reason, @burst || to_char(now(), ' YYYY-MM-DD HH24'))
			on conflict (burst) where burst is not null do update
				set times = a.times + 1, last_at = now(), address = excluded.address, email = case when a.email = excluded.email then a.email else '' end
			returning times = 1`, args).Scan(&first)
		if err != nil {
			return fmt.Errorf("note a refusal: %w", err)
		}
		if first && t.Email != "" && t.Kind != mailAttempt {
			visitor := audit.Actor{Address: t.Address, Name: "Somebody"}
			if err := audit.Record(ctx, tx, visitor, audit.New{Action: audit.SignInRefused, Label: t.Email, After: map[string]any{"reason": string(by), "side": string(t.Side)}}); err != nil {
				return err
			}
		}
		return s.watch(ctx, tx)
	})
}

// A burst of failures is told to Administrators.
const (
	burstOf     = 30
	burstWithin = 10 * time.Minute
)

// watch tells of a burst, when the latest try has made one.
func (s *Service) watch(ctx context.Context, tx postgres.Tx) error {
	var tries int
	err := tx.QueryRow(ctx, `
		select coalesce(sum(times), 0) from (
			select times from attempts where outcome in ('wrong', 'refused') and kind <> 'reset' and last_at > now() - @within::interval
			order by last_at desc, id desc limit @enough) latest`,
		pgx.NamedArgs{"within": burstWithin, "enough": burstOf}).Scan(&tries)
	if err != nil {
		return fmt.Errorf("count failed sign-ins: %w", err)
	}
	if tries < burstOf {
		return nil
	}
	return s.mail.SignInsFail(ctx, tx)
}

// LogDeadRecordLink does so for a record link. Whether it is known is not told.
func (s *Service) LogDeadRecordLink(ctx context.Context, from audit.Actor) {
	s.tries.WithLabelValues(string(Portal), "dead-link", "record-link").Inc()
	audit.Log(ctx, from, audit.Incident{Event: "link-refused", Side: string(Portal), Reason: "record-link"})
}

// LogDeadLink writes the line of a link that somebody has opened and that does
// not work: of one that is not known, whoever guesses writes hundreds.
func (s *Service) LogDeadLink(ctx context.Context, from audit.Actor, purpose Purpose, l Link) {
	i := audit.Incident{Event: "link-refused", Side: string(Portal), Account: l.Email, Reason: string(l.State)}
	if purpose == StaffInvitation || purpose == StaffReset {
		i.Side = string(Office)
	}
	if l.ID == 0 {
		i.Reason, i.Warns = "unknown-link", true
	}
	s.tries.WithLabelValues(i.Side, "dead-link", i.Reason).Inc()
	audit.Log(ctx, from, i)
}
