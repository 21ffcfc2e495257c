package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// LockBoth keeps two customers as they are until tx ends: nothing more is added to
// them. They are locked in one order, so that two merges do not wait for each other.
func LockBoth(ctx context.Context, tx postgres.Tx, one, other string) error {
	_, err := tx.Exec(ctx, `select from customers where number = any(@numbers) order by id for update`, pgx.NamedArgs{"numbers": []string{one, other}})
	if err != nil {
		return fmt.Errorf("lock customers: %w", err)
	}
	return nil
}

// Merged is what a merge leaves for others to do something about.
type Merged struct {
	Into Ref
	// Archived are contacts who were there twice; Twins are those who stay of
	// them, Suspended those whose twin was.
	Archived, Twins, Suspended []int64
}

// Merge makes one customer of two: all that hangs on the one with the number
// gone goes over to the one with the number stays, and the first is archived for
// good. Done is false when another press has done it. How contacts, sites and
// equipment that are there twice are told apart stands in the database, at
// merge_customers. Who comes over sees, by their own permissions, what is the
// other's: the caller says whether they may.
func Merge(ctx context.Context, tx postgres.Tx, by audit.Actor, gone, stays string) (m Merged, done bool, err error) {
	if gone == stays {
		return m, false, apperr.Conflictf("Choose another customer: this is the same one.")
	}
	before, err := FindByNumber(ctx, tx, gone)
	if err != nil {
		return m, false, err
	}
	other, err := FindByNumber(ctx, tx, stays)
	if err != nil {
		return m, false, err
	}
	m.Into = Ref{ID: other.ID, Number: other.Number}
	switch {
	case before.MergedInto == stays:
		return m, false, nil
	case before.MergedInto != "":
		return m, false, apperr.Conflictf("%s has already been merged into %s.", before.Name, before.MergedInto)
	case other.Archived():
		return m, false, apperr.Conflictf("%s is archived. Restore the customer first.", other.Name)
	}
	err = tx.QueryRow(ctx, `select archived, twins, suspended from merge_customers(@gone, @stays)`, pgx.NamedArgs{"gone": before.ID, "stays": other.ID}).Scan(&m.Archived, &m.Twins, &m.Suspended)
	if err != nil {
		return m, false, fmt.Errorf("merge customer %s into %s: %w", gone, stays, err)
	}
	after, err := Find(ctx, tx, before.ID)
	if err != nil {
		return m, false, err
	}
	return m, true, record(ctx, tx, by, audit.CustomerMerged, before, after)
}
