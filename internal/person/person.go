// Package person holds who signs in to the portal: one address and one
// password, whichever customers the person is a contact of.
package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Person is somebody who signs in to the portal.
type Person struct {
	ID           int64
	Email        string
	PasswordHash string
	MustChange   bool // the password was set by staff and opens nothing but its own change
}

// ErrTaken says that the address belongs to a person already.
var ErrTaken = errors.New("the address belongs to a person already")

const columns = `id, email, password_hash, must_change_password as must_change`

// ByID finds a person, or apperr.NotFound.
func ByID(ctx context.Context, db postgres.DB, id int64) (Person, error) {
	return one(ctx, db, `select `+columns+` from persons where id = @id`, pgx.NamedArgs{"id": id})
}

// ByEmail finds the person who signs in with the address, whatever its case, or apperr.NotFound.
func ByEmail(ctx context.Context, db postgres.DB, email string) (Person, error) {
	return one(ctx, db, `select `+columns+` from persons where lower(email) = lower(@email)`, pgx.NamedArgs{"email": email})
}

func one(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs) (Person, error) {
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return Person{}, fmt.Errorf("find person: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Person])
	if errors.Is(err, pgx.ErrNoRows) {
		return Person{}, apperr.NotFound
	}
	if err != nil {
		return Person{}, fmt.Errorf("find person: %w", err)
	}
	return p, nil
}

// Create adds a person with a hashed password, or returns ErrTaken and leaves
// the transaction usable. A password set by staff must be changed.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, email, hash string, mustChange bool) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		insert into persons (email, password_hash, must_change_password) values (@email, @hash, @must)
		on conflict (lower(email)) do nothing
		returning id`,
		pgx.NamedArgs{"email": email, "hash": hash, "must": mustChange},
	).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrTaken
	}
	if err != nil {
		return 0, fmt.Errorf("create person: %w", err)
	}
	if by.Staff == 0 && !by.Operator {
		by.Person = id
	}
	return id, audit.Record(ctx, tx, by, audit.New{
		Action: audit.PersonCreated, ID: id, Label: email, After: map[string]any{"email": email, "must_change_password": mustChange},
	})
}

// SetPassword stores the password that the person chose, as a hash. Contacts
// that waited for the person to replace a password set by staff become active.
func SetPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, hash string) error {
	var email string
	err := tx.QueryRow(ctx, `
		update persons set password_hash = @hash, must_change_password = false where id = @id returning email`,
		pgx.NamedArgs{"id": id, "hash": hash},
	).Scan(&email)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	by.Person = id
	if err := audit.Record(ctx, tx, by, audit.New{Action: audit.PersonChangedPassword, ID: id, Label: email}); err != nil {
		return err
	}
	return activate(ctx, tx, by, id)
}

func activate(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	rows, err := tx.Query(ctx, `
		update contacts set access = 'active' where person_id = @id and access = 'invited' returning id, name, customer_id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return fmt.Errorf("activate contacts: %w", err)
	}
	type contact struct {
		ID         int64
		Name       string
		CustomerID int64
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[contact])
	if err != nil {
		return fmt.Errorf("activate contacts: %w", err)
	}
	for _, c := range contacts {
		if err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactActivated, ID: c.ID, Label: c.Name, Customer: c.CustomerID,
			Before: map[string]any{"access": "invited"}, After: map[string]any{"access": "active"},
		}); err != nil {
			return err
		}
	}
	return nil
}

// Rehash replaces the hash of the same password by one of today's cost.
func Rehash(ctx context.Context, tx postgres.Tx, id int64, old, hash string) error {
	_, err := tx.Exec(ctx, `update persons set password_hash = @hash where id = @id and password_hash = @old`,
		pgx.NamedArgs{"id": id, "old": old, "hash": hash})
	if err != nil {
		return fmt.Errorf("rehash password: %w", err)
	}
	return nil
}

// SignedIn notes that the person has signed in.
func SignedIn(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	var email string
	if err := tx.QueryRow(ctx, `update persons set last_sign_in_at = now() where id = @id returning email`, pgx.NamedArgs{"id": id}).Scan(&email); err != nil {
		return fmt.Errorf("note sign-in: %w", err)
	}
	by.Person = id
	return audit.Record(ctx, tx, by, audit.New{Action: audit.PersonSignedIn, ID: id, Label: email})
}

// Choice is a customer whose records the person may look at, as one contact.
type Choice struct {
	Contact        int64
	Name           string // of the contact
	CustomerName   string
	CustomerNumber string
	LastSignInAt   *time.Time
}

// Choices lists where the person is an active contact: customers and contacts
// that are archived, and access that was taken away, are not among them.
func Choices(ctx context.Context, db postgres.DB, person int64) ([]Choice, error) {
	rows, err := db.Query(ctx, `
		select c.id as contact, c.name, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, cu.number as customer_number, c.last_sign_in_at
		from contacts c join customers cu on cu.id = c.customer_id
		where c.person_id = @person and c.access = 'active' and c.archived_at is null and cu.archived_at is null
		order by coalesce(nullif(cu.company_name, ''), cu.name) collate "und-x-icu", c.id`, pgx.NamedArgs{"person": person})
	if err != nil {
		return nil, fmt.Errorf("list choices: %w", err)
	}
	choices, err := pgx.CollectRows(rows, pgx.RowToStructByName[Choice])
	if err != nil {
		return nil, fmt.Errorf("list choices: %w", err)
	}
	return choices, nil
}

// MayEnter reports whether any contact lets the person in: an active one, or
// one that waits for the person to replace a password set by staff.
func MayEnter(ctx context.Context, db postgres.DB, person int64) (may bool, err error) {
	err = db.QueryRow(ctx, `
		select exists (select from contacts c join customers cu on cu.id = c.customer_id
			where c.person_id = @person and c.access in ('invited', 'active') and c.archived_at is null and cu.archived_at is null)`,
		pgx.NamedArgs{"person": person}).Scan(&may)
	if err != nil {
		return false, fmt.Errorf("ask whether a person may enter: %w", err)
	}
	return may, nil
}

// Enter notes that the person now looks at the portal as that contact, or
// returns apperr.NotFound when it is not among the person's choices.
func Enter(ctx context.Context, tx postgres.Tx, person, contact int64) error {
	tag, err := tx.Exec(ctx, `
		update contacts c set last_sign_in_at = now()
		from customers cu
		where cu.id = c.customer_id and c.id = @contact and c.person_id = @person
			and c.access = 'active' and c.archived_at is null and cu.archived_at is null`,
		pgx.NamedArgs{"person": person, "contact": contact})
	if err != nil {
		return fmt.Errorf("enter as contact: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.NotFound
	}
	return Visit(ctx, tx, contact)
}

// SetEmail gives the person another sign-in address, one that they have shown
// to be theirs. It returns the old one, or ErrTaken when the address is
// somebody else's; the transaction must not be committed then.
func SetEmail(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, email string) (old string, err error) {
	err = tx.QueryRow(ctx, `
		update persons p set email = @email from (select id, email from persons where id = @id for update) was
		where p.id = was.id returning was.email`, pgx.NamedArgs{"id": id, "email": email}).Scan(&old)
	switch {
	case postgres.Constraint(err) == "person_email_taken":
		return "", ErrTaken
	case errors.Is(err, pgx.ErrNoRows):
		return "", apperr.NotFound
	case err != nil:
		return "", fmt.Errorf("change sign-in address: %w", err)
	}
	by.Person = id
	return old, audit.Record(ctx, tx, by, audit.New{
		Action: audit.PersonChangedSignInAddress, ID: id, Label: email, Before: map[string]any{"email": old}, After: map[string]any{"email": email},
	})
}

// Words are what somebody would try first when guessing the person's password:
// the address, the names of the person and of the business.
func Words(ctx context.Context, db postgres.DB, person int64) ([]string, error) {
	rows, err := db.Query(ctx, `
		select email from persons where id = @person
		union select name from contacts where person_id = @person
		union select trading_name from company
		union select legal_name from company where legal_name <> ''`, pgx.NamedArgs{"person": person})
	if err != nil {
		return nil, fmt.Errorf("list known words: %w", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list known words: %w", err)
	}
	return words, nil
}
