package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Rules are of whom a second factor is demanded.
type Rules struct {
	Administrators, Office bool
	From                   day.Day // from when on nothing else can be done without one; zero for nobody
	Version                int64
}

// Demanded reports whether one is demanded of anybody.
func (r Rules) Demanded() bool { return r.Administrators || r.Office }

// MostGrace is how many days staff may be given to set up a second factor.
const MostGrace = 60

// QueryRules adds the query for the rules.
func QueryRules(b *postgres.Batch, into *Rules) {
	postgres.QueryOne(b, into, `
		select 'administrator' = any(factor_roles) as administrators, 'office' = any(factor_roles) as office, factor_from as "from", version from sign_in_rules`, nil)
}

// ReadRules reads the rules.
func ReadRules(ctx context.Context, db postgres.DB) (r Rules, err error) {
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { QueryRules(b, &r) }); err != nil {
		return Rules{}, fmt.Errorf("read the rules of signing in: %w", err)
	}
	return r, nil
}

// SetRules demands a second factor of those roles in so many days, unless
// somebody else has changed that since r.Version. Whoever has none by then, the
// last Administrator too, is led to set one up, and can do nothing else.
func SetRules(ctx context.Context, tx postgres.Tx, by audit.Actor, r Rules, days int) error {
	p := problem.Set{}
	p.Unless(!r.Demanded() || (days >= 0 && days <= MostGrace), "days", fmt.Sprintf("Enter a number of days from 0 to %d.", MostGrace))
	if err := p.Err(); err != nil {
		return err
	}
	roles := []string{}
	if r.Administrators {
		roles = append(roles, "administrator")
	}
	if r.Office {
		roles = append(roles, "office")
	}
	var before, after struct {
		Roles []string
		From  *string
	}
	args := pgx.NamedArgs{"roles": roles, "days": days, "demanded": r.Demanded(), "version": r.Version}
	if err := tx.QueryRow(ctx, `select factor_roles, factor_from::text from sign_in_rules for update`).Scan(&before.Roles, &before.From); err != nil {
		return fmt.Errorf("lock the rules of signing in: %w", err)
	}
	err := tx.QueryRow(ctx, `
		update sign_in_rules set factor_roles = @roles, factor_from = case when @demanded then business_day() + @days::integer end, version = version + 1
		where version = @version returning factor_roles, factor_from::text`, args).Scan(&after.Roles, &after.From)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.Stale
	}
	if err != nil {
		return fmt.Errorf("set the rules of signing in: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.SignInRulesEdited, Label: "Second factor",
		Before: map[string]any{"roles": before.Roles, "from": before.From}, After: map[string]any{"roles": after.Roles, "from": after.From},
	})
}

// QueryStaffFactor adds the query for since when a member of staff has a second
// factor; nothing is set for one without.
func QueryStaffFactor(b *postgres.Batch, into *[]Factor, id int64) {
	postgres.Query(b, into, `
		select true as "on", on_since as since, 0 as "left", short_password as short from second_factors where staff_id = @id and on_since is not null`, pgx.NamedArgs{"id": id})
}
