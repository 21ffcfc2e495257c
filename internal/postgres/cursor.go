package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fetched is how many rows of a cursor come at a time.
const fetched = 2000

// ByCursor reads what a statement gives some rows at a time, however many there
// are: each of them is a statement of its own, so that none takes long. Fetch runs
// the statement that it gets and says how many rows there were. The name is the
// cursor's, one for each kind of rows. A statement that is planned for all of them
// takes no shortcuts for the first.
func ByCursor(ctx context.Context, tx Tx, name, sql string, fetch func(sql string) (int, error)) error {
	if _, err := tx.Exec(ctx, `set local cursor_tuple_fraction = 1`, pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("prepare to read %s: %w", name, err)
	}
	if _, err := tx.Exec(ctx, `declare `+name+` no scroll cursor for `+sql, pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("begin to read %s: %w", name, err)
	}
	for {
		n, err := fetch(fmt.Sprintf(`fetch %d from %s`, fetched, name))
		if err != nil {
			return err
		}
		if n < fetched {
			break
		}
	}
	if _, err := tx.Exec(ctx, `close `+name, pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("end reading %s: %w", name, err)
	}
	return nil
}
