package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Repeated finds by sql what an earlier sending of the form with that nonce has
// made; false for the first. One under way is waited for: numbers are drawn by
// inserting, and one that then meets the other's row is never given out.
func Repeated[T any](ctx context.Context, tx Tx, nonce, sql string, args pgx.NamedArgs) (made T, found bool, err error) {
	if nonce == "" {
		return made, false, nil
	}
	var rows []T
	err = Read(ctx, tx, func(b *Batch) {
		LockNonce(b, nonce)
		Query(b, &rows, sql, args)
	})
	if err != nil {
		return made, false, fmt.Errorf("look for what the form has made before: %w", err)
	}
	if len(rows) == 0 {
		return made, false, nil
	}
	return rows[0], true, nil
}

// LockNonce has the batch wait for an earlier sending of the form that is under
// way. What follows in the batch sees what that has made.
func LockNonce(b *Batch, nonce string) {
	if nonce != "" {
		b.Do(`select pg_advisory_xact_lock(hashtextextended(@nonce, 0))`, pgx.NamedArgs{"nonce": nonce})
	}
}

// InBatches does a piece of work again and again until it finds nothing more to
// do, and returns how much that was: what goes by its age goes some rows at a
// time, each time in a transaction of its own, so that nobody waits for it.
func InBatches(ctx context.Context, some func(context.Context) (int64, error)) (all int64, err error) {
	for {
		n, err := some(ctx)
		all += n
		if err != nil || n == 0 {
			return all, err
		}
	}
}
