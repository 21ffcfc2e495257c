package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
)

// ErrTaken says that the address belongs to a person already.
var ErrTaken = errors.New("the address belongs to a person already")

// createPerson adds a person with a hashed password, or returns ErrTaken and
// leaves the transaction usable. A password set by staff must be changed.
func createPerson(ctx context.Context, tx postgres.Tx, by audit.Actor, email, hash string, mustChange bool) (id int64, err error) {
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

// setPassword stores the password that the person chose, as a hash. Contacts
// that waited for the person to replace a password set by staff become active.
func setPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, hash string) error {
	var email string
	err := tx.QueryRow(ctx, `
		update persons set password_hash = @hash, must_change_password = false where id = @id returning email`,
		pgx.NamedArgs{"id": id, "hash": hash},
	).Scan(&email)
	if err != nil {
		return notFound("set password", err)
	}
	by.Person = id
	if err := audit.Record(ctx, tx, by, audit.New{Action: audit.PersonChangedPassword, ID: id, Label: email}); err != nil {
		return err
	}
	return contact.Activate(ctx, tx, by, id)
}

// setAddress gives the person another sign-in address, one that they have shown
// to be theirs. It returns the old one, or ErrTaken when the address is
// somebody else's; the transaction must not be committed then.
func setAddress(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, email string) (old string, err error) {
	err = tx.QueryRow(ctx, `
		update persons p set email = @email from (select id, email from persons where id = @id for update) was
		where p.id = was.id returning was.email`, pgx.NamedArgs{"id": id, "email": email}).Scan(&old)
	if postgres.Constraint(err) == "person_email_taken" {
		return "", ErrTaken
	}
	if err != nil {
		return "", notFound("change sign-in address", err)
	}
	by.Person = id
	return old, audit.Record(ctx, tx, by, audit.New{
		Action: audit.PersonChangedSignInAddress, ID: id, Label: email, Before: map[string]any{"email": old}, After: map[string]any{"email": email},
	})
}

// recordSignIn notes that the person has signed in.
func recordSignIn(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, way Way) error {
	var email string
	if err := tx.QueryRow(ctx, `update persons set last_sign_in_at = now() where id = @id returning email`, pgx.NamedArgs{"id": id}).Scan(&email); err != nil {
		return fmt.Errorf("note sign-in: %w", err)
	}
	by.Person = id
	return audit.Record(ctx, tx, by, audit.New{Action: audit.PersonSignedIn, ID: id, Label: email, After: way.with()})
}

// lockPerson returns the address of a person whose row is locked now, so that
// of two who ask for a link one ends the other's.
func lockPerson(ctx context.Context, tx postgres.Tx, id int64) (email string, err error) {
	err = tx.QueryRow(ctx, `select email from persons where id = @id for update`, pgx.NamedArgs{"id": id}).Scan(&email)
	return email, notFound("lock person", err)
}

func notFound(doing string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
