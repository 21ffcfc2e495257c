package job

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Colours are what a job type may be marked with.
var Colours = []string{"red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "pink"}

// TypeDetails is what Administration enters of a job type. Active ones can be
// chosen for new jobs.
type TypeDetails struct {
	Name               string   `json:"name"`
	Colour             string   `json:"colour"`
	Active             bool     `json:"active"`
	DefaultDescription string   `json:"default_description"`
	Addresses          []string `json:"notification_addresses"` // told of new jobs from the portal
}

// Check says what is wrong with the details of a type.
func (d TypeDetails) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name, such as Maintenance.")
	p.Limit(TypeField.Name, d.Name)
	p.Unless(slices.Contains(Colours, d.Colour), "colour", "Choose a colour.")
	p.Limit(TypeField.DefaultDescription, d.DefaultDescription)
	p.Emails(d.Addresses, TypeField.Addresses.Name)
	return p
}

// Type is a sort of job.
type Type struct {
	ID                 int64
	Name               string
	Colour             string
	Active             bool
	DefaultDescription string
	Addresses          []string
	Jobs               int // how many there are, up to 1,001
	Version            int64
}

// Details are the type's, as its form shows them.
func (t Type) Details() TypeDetails {
	return TypeDetails{Name: t.Name, Colour: t.Colour, Active: t.Active, DefaultDescription: t.DefaultDescription, Addresses: t.Addresses}
}

const typeColumns = `t.id, t.name, t.colour, t.active, t.default_description, t.notification_addresses as addresses, t.version,
	(select count(*) from (select from jobs j where j.job_type_id = t.id limit 1001) n) as jobs
	from job_types t`

// Types are all job types by name, those in use first.
func Types(ctx context.Context, db postgres.DB) ([]Type, error) {
	rows, err := db.Query(ctx, `select `+typeColumns+` order by not t.active, t.name collate "und-x-icu", t.id`)
	if err != nil {
		return nil, fmt.Errorf("job types: %w", err)
	}
	types, err := pgx.CollectRows(rows, pgx.RowToStructByName[Type])
	if err != nil {
		return nil, fmt.Errorf("job types: %w", err)
	}
	return types, nil
}

// FindType is a job type; apperr.NotFound when there is none.
func FindType(ctx context.Context, db postgres.DB, id int64) (Type, error) {
	return findType(ctx, db, `select `+typeColumns+` where t.id = @id`, id)
}

func lockType(ctx context.Context, tx postgres.Tx, id int64) (Type, error) {
	return findType(ctx, tx, `select `+typeColumns+` where t.id = @id for update of t`, id)
}

func findType(ctx context.Context, db postgres.DB, sql string, id int64) (t Type, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &t, sql, pgx.NamedArgs{"id": id}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return t, fmt.Errorf("find job type: %w", err)
	}
	return t, err
}

// Choice is a job type to choose in a form.
type Choice struct {
	ID                 int64
	Name               string
	Colour             string
	DefaultDescription string
}

// QueryChoices adds a query for the types a job can have: those in use, and the
// one it has.
func QueryChoices(b *postgres.Batch, into *[]Choice, current int64) {
	postgres.Query(b, into, `select id, name, colour, default_description from job_types where active or id = @current order by name collate "und-x-icu", id`, pgx.NamedArgs{"current": current})
}

// Choices is QueryChoices by itself.
func Choices(ctx context.Context, db postgres.DB, current int64) (choices []Choice, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryChoices(b, &choices, current) }); err != nil {
		return nil, fmt.Errorf("job types to choose: %w", err)
	}
	return choices, nil
}

func (d TypeDetails) args(more pgx.NamedArgs) pgx.NamedArgs {
	addresses := d.Addresses
	if addresses == nil {
		addresses = []string{}
	}
	a := pgx.NamedArgs{"name": d.Name, "colour": d.Colour, "active": d.Active, "description": d.DefaultDescription, "addresses": addresses}
	maps.Copy(a, more)
	return a
}

// NewType is a job type to add.
type NewType struct {
	TypeDetails
	Nonce string
}

// CreateType adds a job type. A form sent twice adds one; created is then false.
func CreateType(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewType) (id int64, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	if n.Nonce != "" {
		err = tx.QueryRow(ctx, `select id from job_types where nonce = $1`, n.Nonce).Scan(&id)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return id, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into job_types (name, colour, active, default_description, notification_addresses, nonce)
		values (@name, @colour, @active, @description, @addresses, nullif(@nonce, '')) returning id`, n.args(pgx.NamedArgs{"nonce": n.Nonce})).Scan(&id)
	if err != nil {
		return 0, false, typeConstraintError(err)
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.JobTypeCreated, ID: id, Label: n.Name, After: n.TypeDetails})
}

// typeSnapshot is a job type as the audit trail records it.
type typeSnapshot struct {
	TypeDetails
	Version int64 `json:"version"`
}

// EditType changes a job type. It fails with apperr.Stale when somebody else has
// since version.
func EditType(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d TypeDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := lockType(ctx, tx, id)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `
		update job_types set name = @name, colour = @colour, active = @active, default_description = @description, notification_addresses = @addresses, version = version + 1
		where id = @id`, d.args(pgx.NamedArgs{"id": id}))
	if err != nil {
		return typeConstraintError(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.JobTypeEdited, ID: id, Label: d.Name, Before: typeSnapshot{before.Details(), before.Version}, After: typeSnapshot{d, version + 1},
	})
}

// typeConstraintError turns a broken constraint into a sentence at its field.
func typeConstraintError(err error) error {
	switch postgres.Constraint(err) {
	case "job_type_name_taken":
		return problem.Of("name", "There is a job type of this name already.")
	case "job_type_colour":
		return problem.Of("colour", "Choose a colour.")
	}
	return fmt.Errorf("save job type: %w", err)
}
