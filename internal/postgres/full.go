package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Full reports whether err says that the database has no room left on its disk.
func Full(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "53100"
}

// full holds the pools whose database had no room at the last try.
var full sync.Map

func noteFull(pool *pgxpool.Pool, err error) {
	if Full(err) {
		full.Store(pool, true)
	}
}

// Room reports nil while the database has room on its disk, as far as anybody
// has noticed. Once a transaction found none, sorting a few megabytes on the
// disk tells whether there is room again: any user of the database may do that.
func Room(ctx context.Context, pool *pgxpool.Pool) error {
	if _, noticed := full.Load(pool); !noticed {
		return nil
	}
	err := Transact(ctx, pool, func(tx Tx) error {
		if _, err := tx.Exec(ctx, `set local work_mem = '64kB'`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `select count(*) from (select from generate_series(1, 600) n order by repeat(md5(n::text), 200) offset 0) sorted`)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	full.Delete(pool)
	return nil
}
