package token

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// MaxKeys is how many keys a contact can have that work.
const MaxKeys = 5

// Key is a contact's own: it reads what the contact sees, and nothing else.
type Key struct {
	ID        int64
	Name      string
	Hint      string
	CreatedAt time.Time
	ExpiresAt *time.Time
	UsedAt    *time.Time
	UsedFrom  *netip.Addr
}

// NewKey is a key to make.
type NewKey struct {
	Name  string
	Days  int
	Nonce string
}

// Check says what is wrong with what was typed.
func (n NewKey) Check() problem.Set {
	p := problem.Set{}
	p.Unless(n.Name != "", "name", "Enter a name, such as the program that will use it.")
	p.Unless(utf8.RuneCountInString(n.Name) <= maxName, "name", "Keep the name under 80 characters.")
	p.Unless(slices.Contains(Lives, n.Days), "days", "Choose until when it works.")
	return p
}

// CreateKey makes a key of the contact and person that act, who belong to the
// customer. The secret is returned this once; of a form sent twice the second
// gets none.
func CreateKey(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, n NewKey) (secret string, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return "", false, err
	}
	if by.Person == 0 || by.Contact == 0 {
		return "", false, apperr.Forbidden{}
	}
	// One at a time, so that two forms do not make one too many.
	if _, err := tx.Exec(ctx, `select from contacts where id = $1 for no key update`, by.Contact); err != nil {
		return "", false, fmt.Errorf("lock the contact of a key: %w", err)
	}
	var keys int
	var again bool
	err = tx.QueryRow(ctx, `
		select count(*) filter (where `+works+`), coalesce(bool_or(k.nonce = nullif(@nonce, '')), false) from contact_keys k where k.contact_id = @contact and k.person_id = @person`,
		pgx.NamedArgs{"contact": by.Contact, "person": by.Person, "nonce": n.Nonce}).Scan(&keys, &again)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("keys of a contact: %w", err)
	case again:
		return "", false, nil
	case keys >= MaxKeys:
		return "", false, apperr.Conflictf("You have %d keys already. End one that is no longer used first.", MaxKeys)
	}
	secret = newSecret(Contact)
	var id int64
	err = tx.QueryRow(ctx, `
		insert into contact_keys (contact_id, person_id, hash, hint, name, expires_at, nonce)
		values (@contact, @person, @hash, @hint, @name, case when @days::integer > 0 then now() + make_interval(days => @days) end, nullif(@nonce, ''))
		returning id`,
		pgx.NamedArgs{"contact": by.Contact, "person": by.Person, "hash": Hash(secret), "hint": hint(secret), "name": n.Name, "days": n.Days, "nonce": n.Nonce}).Scan(&id)
	if err != nil {
		return "", false, fmt.Errorf("make a key: %w", err)
	}
	return secret, true, audit.Record(ctx, tx, by, audit.New{Action: audit.ContactKeyCreated, ID: id, Label: n.Name, Customer: customer})
}

// works is the condition that a key lets anybody in, as far as the key goes.
const works = `k.ended_at is null and (k.expires_at is null or k.expires_at > now())`

// QueryKeys adds a query for the keys of a contact that work, the newest first;
// person 0 is for staff, who see all.
func QueryKeys(b *postgres.Batch, into *[]Key, contact, person int64) {
	postgres.Query(b, into, `
		select k.id, k.name, k.hint, k.created_at, k.expires_at, k.used_at, k.used_from from contact_keys k
		where k.contact_id = @contact and (@person::bigint = 0 or k.person_id = @person) and `+works+`
		order by k.created_at desc, k.id desc`, pgx.NamedArgs{"contact": contact, "person": person})
}

// FindKey is a key of a contact that works, or apperr.NotFound.
func FindKey(ctx context.Context, db postgres.DB, contact, person, id int64) (Key, error) {
	var keys []Key
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { QueryKeys(b, &keys, contact, person) }); err != nil {
		return Key{}, fmt.Errorf("find a key: %w", err)
	}
	if at := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id }); at >= 0 {
		return keys[at], nil
	}
	return Key{}, apperr.NotFound
}

// EndKey lets nobody in with a key of the contact any more. One that has ended is
// apperr.NotFound.
func EndKey(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, contact, id int64) error {
	who := "contact"
	if by.Staff != 0 {
		who = "staff"
	}
	var name string
	err := tx.QueryRow(ctx, `
		update contact_keys k set ended_at = now(), ended_by = @who
		where k.id = @id and k.contact_id = @contact and k.ended_at is null and (@who = 'staff' or k.person_id = @person) returning k.name`,
		pgx.NamedArgs{"id": id, "contact": contact, "who": who, "person": by.Person}).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("end a key: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.ContactKeyEnded, ID: id, Label: name, Customer: customer})
}

// EraseKeys deletes the keys of a contact who is erased.
func EraseKeys(ctx context.Context, tx postgres.Tx, contact int64) error {
	if _, err := tx.Exec(ctx, `delete from contact_keys where contact_id = $1`, contact); err != nil {
		return fmt.Errorf("erase the keys of a contact: %w", err)
	}
	return nil
}

// TouchKey notes that a key was used.
func TouchKey(ctx context.Context, db postgres.DB, id int64, from netip.Addr) error {
	return touch(ctx, db, "contact_keys", id, from)
}

// touch notes that a token or key was used, once a minute and when it comes from
// elsewhere: calls would else write as much as they read.
func touch(ctx context.Context, db postgres.DB, table string, id int64, from netip.Addr) error {
	sql := `update tokens set used_at = now(), used_from = @from where id = @id`
	if table == "contact_keys" {
		sql = `update contact_keys set used_at = now(), used_from = @from where id = @id`
	}
	var address *netip.Addr
	if from.IsValid() {
		address = &from
	}
	err := postgres.Note(ctx, db, func(b *postgres.Batch) { b.Do(sql, pgx.NamedArgs{"id": id, "from": address}) })
	if err != nil {
		return fmt.Errorf("note the use of a token: %w", err)
	}
	return nil
}
