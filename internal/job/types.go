package job

import (
	"context"
	"errors"
	"fmt"
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

func (d TypeDetails) check() error {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name, such as Maintenance.")
	p.Name(d.Name, "name", "name")
	p.Unless(slices.Contains(Colours, d.Colour), "colour", "Choose a colour.")
	p.Text(d.DefaultDescription, "default_description", "description")
	p.Emails(d.Addresses, "notification_addresses")
	return p.Err()
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

// TypeByID is a job type; apperr.NotFound when there is none.
func TypeByID(ctx context.Context, db postgres.DB, id int64) (Type, error) {
	rows, err := db.Query(ctx, `select `+typeColumns+` where t.id = $1`, id)
	if err != nil {
		return Type{}, fmt.Errorf("find job type: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Type])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, apperr.NotFound
	}
	if err != nil {
		return t, fmt.Errorf("find job type: %w", err)
	}
	return t, nil
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
	for k, v := range more {
		a[k] = v
	}
	return a
}

// CreateType adds a job type. A form sent twice adds one.
func CreateType(ctx context.Context, tx postgres.Tx, by audit.Actor, nonce string, d TypeDetails) (id int64, err error) {
	if err := d.check(); err != nil {
		return 0, err
	}
	if nonce != "" {
		err = tx.QueryRow(ctx, `select id from job_types where nonce = $1`, nonce).Scan(&id)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return id, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into job_types (name, colour, active, default_description, notification_addresses, nonce)
		values (@name, @colour, @active, @description, @addresses, nullif(@nonce, '')) returning id`, d.args(pgx.NamedArgs{"nonce": nonce})).Scan(&id)
	if err != nil {
		return 0, typeTold(err)
	}
	return id, audit.Record(ctx, tx, by, audit.New{Action: audit.JobTypeCreated, ID: id, Label: d.Name, After: d})
}

// EditType changes a job type. It fails with apperr.Stale when somebody else has
// since version.
func EditType(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d TypeDetails) error {
	if err := d.check(); err != nil {
		return err
	}
	before, err := TypeByID(ctx, tx, id)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update job_types set name = @name, colour = @colour, active = @active, default_description = @description, notification_addresses = @addresses, version = version + 1
		where id = @id and version = @version`, d.args(pgx.NamedArgs{"id": id, "version": version}))
	if err != nil {
		return typeTold(err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Stale
	}
	type kept struct {
		TypeDetails
		Version int64 `json:"version"`
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.JobTypeEdited, ID: id, Label: d.Name, Before: kept{before.Details(), before.Version}, After: kept{d, before.Version + 1},
	})
}

func typeTold(err error) error {
	switch postgres.Constraint(err) {
	case "job_type_name_taken":
		return problem.Of("name", "There is a job type of this name already.")
	case "job_type_colour":
		return problem.Of("colour", "Choose a colour.")
	}
	return fmt.Errorf("save job type: %w", err)
}
