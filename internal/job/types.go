package job

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Colours are the twelve that a job type may have.
var Colours = []string{"red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "pink"}

// Type is a kind of job.
type Type struct {
	ID                    int64    `json:"-"`
	Name                  string   `json:"name"`
	Colour                string   `json:"colour"`
	Active                bool     `json:"active"`
	DefaultDescription    string   `json:"default_description"`
	NotificationAddresses []string `json:"notification_addresses"` // told about new jobs of this kind from the portal
	Version               int64    `json:"-"`
	Jobs                  int      `json:"-"` // how many there are, up to list.MaxCount+1
}

func (t Type) check() error {
	p := problem.Set{}
	p.Unless(t.Name != "", "name", "Enter a name, such as Maintenance.")
	p.Name(t.Name, "name", "name")
	p.Unless(slices.Contains(Colours, t.Colour), "colour", "Choose a colour.")
	p.Text(t.DefaultDescription, "default_description", "description")
	p.Emails(t.NotificationAddresses, "notification_addresses")
	return p.Err()
}

const typeColumns = `t.id, t.name, t.colour, t.active, t.default_description, t.notification_addresses, t.version,
	(select count(*) from (select from jobs j where j.job_type_id = t.id limit 1001) counted) as jobs`

// Types are all kinds of jobs, those in use first.
func Types(ctx context.Context, db postgres.DB) ([]Type, error) {
	rows, err := db.Query(ctx, `select `+typeColumns+` from job_types t order by not t.active, t.name collate "und-x-icu", t.id`)
	return collect[Type](rows, err, "list job types")
}

// FindType is one kind of job; fault.NotFound when there is none.
func FindType(ctx context.Context, db postgres.DB, id int64) (Type, error) {
	rows, err := db.Query(ctx, `select `+typeColumns+` from job_types t where t.id = $1`, id)
	if err != nil {
		return Type{}, fmt.Errorf("find job type: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Type])
	if errors.Is(err, pgx.ErrNoRows) {
		return Type{}, fault.NotFound
	}
	if err != nil {
		return Type{}, fmt.Errorf("find job type: %w", err)
	}
	return t, nil
}

// AddType adds a kind of job. A form sent twice adds one.
func AddType(ctx context.Context, tx postgres.Tx, by audit.Actor, nonce string, t Type) error {
	if err := t.check(); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRow(ctx, `
		insert into job_types (name, colour, active, default_description, notification_addresses, nonce) values (@name, @colour, @active, @description, @addresses, nullif(@nonce, ''))
		on conflict on constraint job_type_nonce_taken do nothing returning id`, t.args(pgx.NamedArgs{"nonce": nonce})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return typeTold(err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "added", Thing: "job type", ID: id, Label: t.Name, After: t})
}

// EditType changes a kind of job; fault.Stale when it was changed since t.Version.
func EditType(ctx context.Context, tx postgres.Tx, by audit.Actor, t Type) error {
	if err := t.check(); err != nil {
		return err
	}
	before, err := FindType(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update job_types set name = @name, colour = @colour, active = @active, default_description = @description, notification_addresses = @addresses, version = version + 1
		where id = @id and version = @version`, t.args(pgx.NamedArgs{"id": t.ID, "version": t.Version}))
	if err != nil {
		return typeTold(err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "edited", Thing: "job type", ID: t.ID, Label: t.Name, Before: before, After: t})
}

// Notify sets who is told about new jobs of a type.
func Notify(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, addresses []string) error {
	t, err := FindType(ctx, tx, id)
	if err != nil || slices.Equal(t.NotificationAddresses, addresses) {
		return err
	}
	t.NotificationAddresses = addresses
	return EditType(ctx, tx, by, t)
}

func (t Type) args(more pgx.NamedArgs) pgx.NamedArgs {
	addresses := t.NotificationAddresses
	if addresses == nil {
		addresses = []string{}
	}
	a := pgx.NamedArgs{"name": t.Name, "colour": t.Colour, "active": t.Active, "description": t.DefaultDescription, "addresses": addresses}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func typeTold(err error) error {
	if postgres.Constraint(err) == "job_type_name_taken" {
		return problem.Of("name", "There is a job type with this name already.")
	}
	return fmt.Errorf("save job type: %w", err)
}
