package push

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/outbound"
	"fieldgate/internal/postgres"
)

// Limits of a person.
const (
	MostDevices = 10
	MostTurned  = 20 // on, in an hour
)

// maxEndpoint is how long a service's address may be; the longest known has 600.
const maxEndpoint = 1024

// life is how long a device is kept that neither its person nor a notification
// has used.
const life = 365 * 24 * time.Hour

// Device is a browser that shows notifications.
type Device struct {
	ID         int64
	Person     int64
	Endpoint   string // whoever knows it and has our key can send to it: it is never logged
	PublicKey  []byte
	AuthSecret []byte
	Browser    string // what it calls itself
	CreatedAt  time.Time
	SeenAt     time.Time
	UsedAt     *time.Time // when a notification was last taken for it
}

// Mark tells the device from the person's others, in its own browser, without
// its address.
func (d Device) Mark() string {
	sum := sha256.Sum256([]byte(d.Endpoint))
	return encoded(sum[:9])
}

// Service is the host of whoever brings notifications to it.
func (d Device) Service() string {
	if u, err := outbound.Check(d.Endpoint); err == nil {
		return u.Hostname()
	}
	return ""
}

// New is a browser that is to show notifications, and where it is.
type New struct {
	Person   int64
	Session  int64
	Known    string // the hash of the cookie that tells it from others; "" for none
	Browser  string
	Endpoint string
	Key      string // base64, as browsers say it
	Secret   string
}

// ErrSubscription says that what came is no subscription of a browser.
var ErrSubscription = apperr.Conflictf("This browser did not say where notifications are to go. Reload the page and try again.")

func (n New) device() (Device, error) {
	d := Device{Person: n.Person, Endpoint: n.Endpoint, Browser: n.Browser}
	if len(n.Endpoint) > maxEndpoint {
		return d, ErrSubscription
	}
	if _, err := outbound.Check(n.Endpoint); err != nil {
		return d, ErrSubscription
	}
	var err error
	if d.PublicKey, err = decoded(n.Key); err != nil {
		return d, ErrSubscription
	}
	if d.AuthSecret, err = decoded(n.Secret); err != nil {
		return d, ErrSubscription
	}
	if checkKeys(d.PublicKey, d.AuthSecret) != nil {
		return d, ErrSubscription
	}
	return d, nil
}

func decoded(s string) ([]byte, error) {
	if len(s) > 200 {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")) //nolint:wrapcheck // it is one of ours
}

// TurnOn lets a browser show the person's notifications; one that does already
// is the same device, fresh is then false. A browser is one person's: whoever had
// turned it on before has it no more.
func TurnOn(ctx context.Context, tx postgres.Tx, n New) (fresh bool, err error) {
	d, err := n.device()
	if err != nil {
		return false, err
	}
	// One at a time for each person, so that none is missed.
	if _, err := tx.Exec(ctx, `select from persons where id = $1 for no key update`, n.Person); err != nil {
		return false, fmt.Errorf("turn on notifications of person %d: %w", n.Person, err)
	}
	if err := lockSession(ctx, tx, n.Session); err != nil {
		return false, err
	}
	sum := sha256.Sum256([]byte(n.Endpoint))
	args := pgx.NamedArgs{
		"person": n.Person, "session": n.Session, "known": n.Known, "browser": n.Browser, "endpoint": n.Endpoint, "hash": sum[:], "key": d.PublicKey, "secret": d.AuthSecret,
	}
	tag, err := tx.Exec(ctx, `
		update push_devices set public_key = @key, auth_secret = @secret, browser = @browser, session_id = nullif(@session::bigint, 0), browser_hash = @known, seen_at = now()
		where endpoint_hash = @hash and person_id = @person`, args)
	if err != nil || tag.RowsAffected() == 1 {
		return false, wrap("turn on notifications", n.Person, err)
	}
	// What this browser had before: an address that it has given up, or somebody else's.
	if _, err := tx.Exec(ctx, ending+`ended_at is null and (endpoint_hash = @hash or (browser_hash = @known and @known <> ''))`, args); err != nil {
		return false, wrap("turn on notifications", n.Person, err)
	}
	if err := checkLimits(ctx, tx, n.Person); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		insert into push_devices (person_id, session_id, browser_hash, browser, endpoint, endpoint_hash, public_key, auth_secret)
		values (@person, nullif(@session::bigint, 0), @known, @browser, @endpoint, @hash, @key, @secret)`, args)
	return true, wrap("turn on notifications", n.Person, err)
}

// lockSession keeps a session from ending, 0 for none: before its devices, as
// whoever ends it does.
func lockSession(ctx context.Context, tx postgres.Tx, session int64) error {
	if session == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, `select from sessions where id = $1 for key share`, session)
	if err != nil {
		return fmt.Errorf("lock session %d: %w", session, err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Conflictf("You were signed out meanwhile. Log in again.")
	}
	return nil
}

func checkLimits(ctx context.Context, tx postgres.Tx, person int64) error {
	var open, turned int
	err := tx.QueryRow(ctx, `
		select count(*) filter (where ended_at is null), count(*) filter (where created_at > now() - interval '1 hour') from push_devices where person_id = $1`, person).Scan(&open, &turned)
	switch {
	case err != nil:
		return wrap("count the devices", person, err)
	case open >= MostDevices:
		return apperr.Conflictf("You have notifications on %d devices. Remove one that you no longer use, then try again.", MostDevices)
	case turned >= MostTurned:
		return apperr.Conflictf("Notifications were turned on too often. Try again in an hour.")
	}
	return nil
}

// ending ends devices and forgets where they were; the row stays for a while, to
// be counted.
const ending = `update push_devices set ended_at = now(), endpoint = '', endpoint_hash = null, public_key = '', auth_secret = '' where `

// TurnOff ends a device of the person, or returns apperr.NotFound; browser is what
// it called itself.
func TurnOff(ctx context.Context, tx postgres.Tx, person, device int64) (browser string, err error) {
	rows, err := tx.Query(ctx, ending+`id = @id and person_id = @person and ended_at is null returning browser`, pgx.NamedArgs{"id": device, "person": person})
	if err != nil {
		return "", wrap("turn off notifications", person, err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", wrap("turn off notifications", person, err)
	}
	if len(ended) == 0 {
		return "", apperr.NotFound
	}
	return ended[0], nil
}

// End ends a device that will never show anything again.
func End(ctx context.Context, tx postgres.Tx, device int64) error {
	_, err := tx.Exec(ctx, ending+`id = $1 and ended_at is null`, device)
	if err != nil {
		return fmt.Errorf("end device %d: %w", device, err)
	}
	return nil
}

// EndOthers ends every device of the person but those of the session whose token's
// hash is here; "" spares none. A device may have no session: its own has ended of
// itself.
func EndOthers(ctx context.Context, tx postgres.Tx, person int64, here string) error {
	_, err := tx.Exec(ctx, ending+`person_id = @person and ended_at is null and (session_id is null or session_id is distinct from (select id from sessions where token_hash = @here))`,
		pgx.NamedArgs{"person": person, "here": here})
	return wrap("end the devices", person, err)
}

// EndAll ends the devices of everybody.
func EndAll(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, ending+`ended_at is null`); err != nil {
		return fmt.Errorf("end all devices: %w", err)
	}
	return nil
}

// Used notes that a device has taken a notification.
func Used(ctx context.Context, tx postgres.Tx, device int64) error {
	if _, err := tx.Exec(ctx, `update push_devices set used_at = now() where id = $1`, device); err != nil {
		return fmt.Errorf("note a notification of device %d: %w", device, err)
	}
	return nil
}

const columns = `id, person_id as person, endpoint, public_key, auth_secret, browser, created_at, seen_at, used_at`

// Devices are those of a person, the newest first.
func Devices(ctx context.Context, db postgres.DB, person int64) ([]Device, error) {
	rows, err := db.Query(ctx, `select `+columns+` from push_devices where person_id = $1 and ended_at is null order by id desc`, person)
	if err != nil {
		return nil, wrap("list the devices", person, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Device])
	return all, wrap("list the devices", person, err)
}

// Find is a device, or apperr.NotFound when it has ended.
func Find(ctx context.Context, db postgres.DB, device int64) (Device, error) {
	var found []Device
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &found, `select `+columns+` from push_devices where id = @id and ended_at is null`, pgx.NamedArgs{"id": device})
	})
	if err != nil {
		return Device{}, fmt.Errorf("find device %d: %w", device, err)
	}
	if len(found) == 0 {
		return Device{}, apperr.NotFound
	}
	return found[0], nil
}

// Attach lets the devices of a browser go on in another session of their person:
// they end with that one. Of whoever else they were, they end now.
func Attach(ctx context.Context, tx postgres.Tx, known string, person int64, session string) error {
	args := pgx.NamedArgs{"known": known, "person": person, "session": session}
	if known != "" {
		if _, err := tx.Exec(ctx, ending+`browser_hash = @known and person_id <> @person and ended_at is null`, args); err != nil {
			return wrap("end the notifications of others", person, err)
		}
		_, err := tx.Exec(ctx, `update push_devices set session_id = (select id from sessions where token_hash = @session), seen_at = now()
			where browser_hash = @known and person_id = @person and ended_at is null`, args)
		return wrap("attach the devices", person, err)
	}
	return nil
}

// GoOn gives the devices of a session to the one that takes its place, in the same
// browser, if they are that person's: the others end with theirs.
func GoOn(ctx context.Context, tx postgres.Tx, before string, person int64, session string) error {
	_, err := tx.Exec(ctx, `update push_devices set session_id = (select id from sessions where token_hash = @session)
		where session_id = (select id from sessions where token_hash = @before) and person_id = @person and ended_at is null`,
		pgx.NamedArgs{"session": session, "before": before, "person": person})
	return wrap("give the devices to the next session", person, err)
}

// fruitless is on how many days a device may have taken nothing while others did.
const fruitless = 14

// Sweep forgets devices that nobody has used for a year, that have taken nothing
// of what was tried on many days, or that have ended.
func Sweep(ctx context.Context, tx postgres.Tx) error {
	for _, sql := range []string{
		ending + `ended_at is null and greatest(seen_at, used_at) < now() - @life::interval`,
		ending + `ended_at is null and exists (
			select from pushes p where p.device_id = push_devices.id and p.state = 'failed' and (push_devices.used_at is null or p.finished_at > push_devices.used_at)
				and exists (select from pushes o where o.state = 'sent' and o.finished_at >= date_trunc('day', p.finished_at) and o.finished_at < date_trunc('day', p.finished_at) + interval '1 day')
			having count(distinct date_trunc('day', p.finished_at)) >= @days)`,
		`delete from push_devices where ended_at < now() - interval '1 day'`,
	} {
		if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"life": life, "days": fruitless}); err != nil {
			return fmt.Errorf("sweep devices: %w", err)
		}
	}
	return nil
}

func wrap(what string, person int64, err error) error {
	if err != nil {
		return fmt.Errorf("%s of person %d: %w", what, person, err)
	}
	return nil
}
