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

// Merge makes one customer of two: all that hangs on the one with the number
// gone goes over to the one with the number stays, and the first is archived for
// good. Merged is false when another press has done it. How contacts, sites and
// equipment that are there twice are told apart stands in the database, at
// merge_customers. Who comes over sees, by their own permissions, what is the
// other's: the caller says whether they may.
func Merge(ctx context.Context, tx postgres.Tx, by audit.Actor, gone, stays string) (into Ref, merged bool, err error) {
	if gone == stays {
		return into, false, apperr.Conflictf("Choose another customer: this is the same one.")
	}
	before, err := FindByNumber(ctx, tx, gone)
	if err != nil {
		return into, false, err
	}
	other, err := FindByNumber(ctx, tx, stays)
	if err != nil {
		return into, false, err
	}
	into = Ref{ID: other.ID, Number: other.Number}
	switch {
	case before.MergedInto == stays:
		return into, false, nil
	case before.MergedInto != "":
		return into, false, apperr.Conflictf("%s has already been merged into %s.", before.Name, before.MergedInto)
	case other.Archived():
		return into, false, apperr.Conflictf("%s is archived. Restore the customer first.", other.Name)
	}
	if _, err := tx.Exec(ctx, `select merge_customers(@gone, @stays)`, pgx.NamedArgs{"gone": before.ID, "stays": other.ID}); err != nil {
		return into, false, fmt.Errorf("merge customer %s into %s: %w", gone, stays, err)
	}
	after, err := Find(ctx, tx, before.ID)
	if err != nil {
		return into, false, err
	}
	return into, true, record(ctx, tx, by, audit.CustomerMerged, before, after)
}
