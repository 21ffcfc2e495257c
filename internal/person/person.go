// Package person holds who signs in to the portal: one address and one
// password, whichever customers the person is a contact of. What changes a
// person is part of signing in and stands in package signin.
package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Person is somebody who signs in to the portal.
type Person struct {
	ID           int64
	Email        string
	PasswordHash string
	Stamp        int64
	MustChange   bool // the password was set by staff and opens nothing but its own change
	Lapsed       bool // and nobody has changed it within a week, as long as a link would have worked
}

const columns = `id, email, password_hash, stamp, must_change_password as must_change,
	must_change_password and created_at < now() - interval '7 days' as lapsed`

// Find finds a person, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Person, error) {
	return one(ctx, db, `select `+columns+` from persons where id = @id`, pgx.NamedArgs{"id": id})
}

// FindByEmail finds the person who signs in with the address, whatever its case, or apperr.NotFound.
func FindByEmail(ctx context.Context, db postgres.DB, email string) (Person, error) {
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

// Choice is a customer whose records the person may look at, as one contact.
type Choice struct {
	Contact        int64
	Name           string // of the contact
	CustomerName   string
	Company        string // the customer's, "" of whoever has none: then CustomerName is somebody's
	CustomerNumber string
	LastSignInAt   *time.Time
}

// NotByCompanyAlone holds of a contact c who may come in by what a person has: not of
// one whose company has said that its own provider is the only way.
const NotByCompanyAlone = `not exists (select from company_logins l join company_login_domains d on d.login_id = l.id
			where l.customer_id = c.customer_id and l.active and l.only_way and d.domain = lower(substring(c.email from '@([^@]*)$')))`

// Choices lists where the person is an active contact: customers and contacts
// that are archived, access that was taken away, and those who come in by their
// company alone, are not among them.
func Choices(ctx context.Context, db postgres.DB, person int64) ([]Choice, error) {
	rows, err := db.Query(ctx, `
		select c.id as contact, c.name, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, coalesce(cu.company_name, '') as company, cu.number as customer_number, c.last_sign_in_at
		from contacts c join customers cu on cu.id = c.customer_id
		where c.person_id = @person and c.access = 'active' and c.archived_at is null and cu.archived_at is null and `+NotByCompanyAlone+`
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
			where c.person_id = @person and c.access in ('invited', 'active') and c.archived_at is null and cu.archived_at is null and `+NotByCompanyAlone+`)`,
		pgx.NamedArgs{"person": person}).Scan(&may)
	if err != nil {
		return false, fmt.Errorf("ask whether a person may enter: %w", err)
	}
	return may, nil
}
