package signin

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// Device is the browser that somebody comes with: the token of its cookie, what
// it calls itself, and from where.
type Device struct {
	Token   string // "" for one that has none yet
	Browser string
	Address netip.Addr
}

// RememberDevice notes the device that somebody has just signed in with, and
// tells the person when it is a new one; where describes it for that mail. It
// returns the token that the device keeps.
func (s *Service) RememberDevice(ctx context.Context, who int64, d Device, where string) (token string, err error) {
	return s.remember(ctx, owner{Portal, who}, d, func(tx postgres.Tx) error { return s.mail.NewSignIn(ctx, tx, who, where) })
}

// RememberStaffDevice is RememberDevice for a member of staff.
func (s *Service) RememberStaffDevice(ctx context.Context, id int64, d Device, where string) (token string, err error) {
	return s.remember(ctx, owner{Office, id}, d, func(tx postgres.Tx) error { return s.mail.StaffNewSignIn(ctx, tx, id, where) })
}

func (s *Service) remember(ctx context.Context, of owner, d Device, tell func(postgres.Tx) error) (token string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var unknown bool
		if token, unknown, err = rememberDevice(ctx, tx, of, d); err != nil || !unknown {
			return err
		}
		return tell(tx)
	})
	return token, err
}

// rememberDevice reports whether the device is unknown: neither it nor one of
// the same browser at the same address was there before. The first of somebody
// never is. The token is a fresh one when the device had none.
func rememberDevice(ctx context.Context, tx postgres.Tx, of owner, d Device) (token string, unknown bool, err error) {
	if secret.HashToken(d.Token) == nil {
		d.Token, _ = secret.NewToken()
	}
	args := pgx.NamedArgs{"owner": of.id, "token": hashOf(d.Token), "browser": d.Browser, "address": nullAddress(d.Address)}
	err = tx.QueryRow(ctx, `
		select coalesce(not bool_or(token_hash = @token or (browser = @browser and browser <> '' and address = @address::inet)), false)
		from devices where `+of.column()+` = @owner`, args).Scan(&unknown)
	if err != nil {
		return "", false, fmt.Errorf("recognise device: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into devices (`+of.column()+`, token_hash, browser, address) values (@owner, @token, @browser, @address)
		on conflict (`+of.column()+`, token_hash) do update set seen_at = now(), browser = excluded.browser, address = excluded.address`, args)
	if err != nil {
		return "", false, fmt.Errorf("remember device: %w", err)
	}
	return d.Token, unknown, nil
}

// deviceLife is longer than any browser keeps a cookie (400 days).
const deviceLife = 400 * 24 * time.Hour

// sweepDevices forgets devices that have lost their cookie.
func sweepDevices(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from devices where seen_at < now() - $1::interval`, deviceLife); err != nil {
		return fmt.Errorf("sweep devices: %w", err)
	}
	return nil
}

func nullAddress(a netip.Addr) *netip.Addr {
	if !a.IsValid() {
		return nil
	}
	return &a
}
