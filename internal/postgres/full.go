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
// has noticed. Once a transaction found none, a megabyte that is written and
// taken back tells whether there is room again.
func Room(ctx context.Context, pool *pgxpool.Pool) error {
	if _, noticed := full.Load(pool); !noticed {
		return nil
	}
	_, err := pool.Exec(ctx, `create temporary table room on commit drop as select repeat(md5(n::text), 200) as filling from generate_series(1, 160) n`)
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	full.Delete(pool)
	return nil
}
