// Package calendar keeps the secret addresses under which calendars read visits:
// one of a contact, and of a member of staff one for their own visits and one for
// all of the business.
//
// An address is found by its hash. It is kept sealed as well, and shown again
// after a fresh proof: the same address goes to a phone, a tablet and a desktop on
// different days, and whoever could only renew it would break the first calendar
// with the second. What is sealed opens with FIELDGATE_SECRET_KEY alone, so a
// copy of the database shows nobody's calendar.
//
// An address belongs to a person, or to a member of staff. Who has come by a
// company's login or by the link in an email has none: nobody could say whose it
// is once the company or the link lets them in no more. A new password does not
// end it, as it lets nobody in; its owner ends it, or what ends their access.
package calendar

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// Scope is whose visits an address shows.
type Scope string

// The scopes.
const (
	OfContact Scope = "contact"
	Own       Scope = "own"      // those that a member of staff is assigned to
	Business  Scope = "business" // all of them, for who works in the office
)

// Owner is whose address it is: a contact and the person behind, or a member of staff.
type Owner struct {
	Contact, Person int64
	Staff           int64
	Scope           Scope
}

// Feed is an address, without the address.
type Feed struct {
	Scope     Scope
	Version   int64 // grows when it is renewed
	CreatedAt time.Time
	ReadAt    *time.Time // when a calendar last asked
}

// Feeds makes and shows addresses.
type Feeds struct{ Box *secret.Box }

func (o Owner) args() pgx.NamedArgs {
	return pgx.NamedArgs{"contact": o.Contact, "person": o.Person, "staff": o.Staff, "scope": o.Scope}
}

// where finds the owner's row by an index.
func (o Owner) where() string {
	if o.Scope == OfContact {
		return `contact_id = @contact and person_id = @person`
	}
	return `staff_id = @staff and scope = @scope`
}

// QueryFeeds adds a query for the addresses that an owner has, of any scope.
func QueryFeeds(b *postgres.Batch, into *[]Feed, o Owner) {
	condition := `staff_id = @staff`
	if o.Scope == OfContact {
		condition = `contact_id = @contact and person_id = @person`
	}
	postgres.Query(b, into, `select scope, version, created_at, read_at from calendar_feeds where `+condition+` order by scope desc`, o.args())
}

// Make makes an address. One that is there already stays as it is, and is
// returned with fresh false: a form sent twice makes one.
func (f Feeds) Make(ctx context.Context, tx postgres.Tx, o Owner) (token string, fresh bool, err error) {
	token, hash := secret.NewToken()
	args := o.args()
	args["hash"], args["sealed"] = hash, f.Box.Seal([]byte(token), sealedFor(hash))
	tag, err := tx.Exec(ctx, `
		insert into calendar_feeds (token_hash, sealed, scope, contact_id, person_id, staff_id)
		values (@hash, @sealed, @scope, nullif(@contact::bigint, 0), nullif(@person::bigint, 0), nullif(@staff::bigint, 0))
		on conflict do nothing`, args)
	if err != nil {
		return "", false, fmt.Errorf("make a calendar address: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return token, true, nil
	}
	token, err = f.Token(ctx, tx, o)
	return token, false, err
}

// Token is the owner's address, or apperr.NotFound.
func (f Feeds) Token(ctx context.Context, db postgres.DB, o Owner) (string, error) {
	var row struct{ TokenHash, Sealed []byte }
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &row, `select token_hash, sealed from calendar_feeds where `+o.where(), o.args())
	})
	if err != nil {
		return "", err
	}
	plain, err := f.Box.Open(row.Sealed, sealedFor(row.TokenHash))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(plain), nil
}

// ErrUnreadable says that the secret key under which the address was sealed is
// gone: calendars go on reading it, but nobody can see it again.
var ErrUnreadable = errors.New("the calendar address was sealed with a key that is gone")

// Renew replaces the address that was shown as version by another one, and ends
// it so. One that was renewed since stays: a form sent twice renews once.
func (f Feeds) Renew(ctx context.Context, tx postgres.Tx, o Owner, version int64) (token string, fresh bool, err error) {
	token, hash := secret.NewToken()
	args := o.args()
	args["hash"], args["sealed"], args["version"] = hash, f.Box.Seal([]byte(token), sealedFor(hash)), version
	tag, err := tx.Exec(ctx, `
		update calendar_feeds set token_hash = @hash, sealed = @sealed, version = version + 1, created_at = now(), read_at = null
		where version = @version and `+o.where(), args)
	if err != nil {
		return "", false, fmt.Errorf("renew a calendar address: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return token, true, nil
	}
	token, err = f.Token(ctx, tx, o)
	return token, false, err
}

// End ends an address; it reports whether there was one.
func End(ctx context.Context, tx postgres.Tx, o Owner) (ended bool, err error) {
	tag, err := tx.Exec(ctx, `delete from calendar_feeds where `+o.where(), o.args())
	if err != nil {
		return false, fmt.Errorf("end a calendar address: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// EndOfStaff ends the addresses of a member of staff who has left, or is to see
// nothing any more.
func EndOfStaff(ctx context.Context, tx postgres.Tx, staff int64) error {
	if _, err := tx.Exec(ctx, `delete from calendar_feeds where staff_id = $1`, staff); err != nil {
		return fmt.Errorf("end the calendar addresses of staff %d: %w", staff, err)
	}
	return nil
}

// EndOfBusiness ends what a member of staff read of the whole business, who does
// not work in the office any more.
func EndOfBusiness(ctx context.Context, tx postgres.Tx, staff int64) error {
	if _, err := tx.Exec(ctx, `delete from calendar_feeds where staff_id = $1 and scope = 'business'`, staff); err != nil {
		return fmt.Errorf("end the calendar address of staff %d for the whole business: %w", staff, err)
	}
	return nil
}

// EndAll ends all of them, when a backup was put back: some of those in it were
// ended since.
func EndAll(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from calendar_feeds`); err != nil {
		return fmt.Errorf("end all calendar addresses: %w", err)
	}
	return nil
}

// Rotate seals with the present secret key what an earlier one has sealed.
func Rotate(ctx context.Context, tx postgres.Tx, box *secret.Box) (sealed, unreadable int, err error) {
	rows, err := tx.Query(ctx, `select id, token_hash, sealed from calendar_feeds order by id for update`)
	if err != nil {
		return 0, 0, fmt.Errorf("read the calendar addresses: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID                int64
		TokenHash, Sealed []byte
	}])
	if err != nil {
		return 0, 0, fmt.Errorf("read the calendar addresses: %w", err)
	}
	for _, f := range all {
		fresh, changed, err := box.Reseal(f.Sealed, sealedFor(f.TokenHash))
		switch {
		case err != nil:
			unreadable++
			continue
		case !changed:
			continue
		}
		if _, err := tx.Exec(ctx, `update calendar_feeds set sealed = $2 where id = $1`, f.ID, fresh); err != nil {
			return sealed, unreadable, fmt.Errorf("seal a calendar address again: %w", err)
		}
		sealed++
	}
	return sealed, unreadable, nil
}

// sealedFor binds what is sealed to its row.
func sealedFor(hash []byte) string { return "calendar " + hex.EncodeToString(hash) }
