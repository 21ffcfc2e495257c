package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A pooler in transaction mode, such as PgBouncer, gives a connection of the
// server to a client for one transaction, then to another. Pages get on with
// that: each of their batches is one. What a session keeps does not: locks,
// listening, named statements, settings.

// Pooled reports whether an address leads through a pooler in transaction mode.
// One in session mode is as good as none.
func Pooled(ctx context.Context, url string) (pooled bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	first, err := connect(ctx, url)
	if err != nil {
		return false, err
	}
	defer closeQuietly(ctx, first)
	before, err := backend(ctx, first)
	if err != nil || before == first.PgConn().PID() {
		return false, err // nobody is in between, who would have made a number up
	}
	// In transaction mode, the one that was just used is given to the next who
	// comes; or else the first gets another one later.
	for range 3 {
		next, err := connect(ctx, url)
		if err != nil {
			return false, err
		}
		defer closeQuietly(ctx, next)
		if _, err := next.Exec(ctx, "begin"); err != nil {
			pg, answered := errors.AsType[*pgconn.PgError](err)
			if answered && pg.Code != "08P01" {
				return false, fmt.Errorf("look for a pooler: %w", err)
			}
			return true, nil // not even a transaction keeps it: statement mode
		}
		taken, err := backend(ctx, next)
		if err != nil {
			return false, err
		}
		if taken == before {
			return true, nil
		}
		if again, err := backend(ctx, first); err != nil || again != before {
			return err == nil, err
		}
	}
	return false, nil
}

// Same reports whether two addresses lead to one database, by the same user.
func Same(ctx context.Context, one, other string) (bool, error) {
	var is [2]string
	for i, url := range []string{one, other} {
		c, err := connect(ctx, url)
		if err != nil {
			return false, err
		}
		err = c.QueryRow(ctx, `select concat_ws(' ', pg_postmaster_start_time(), current_database(), current_user)`).Scan(&is[i])
		closeQuietly(ctx, c)
		if err != nil {
			return false, fmt.Errorf("ask which database it is: %w", err)
		}
	}
	return is[0] == is[1], nil
}

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := configOf(url)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.ConnConfig.ConnectTimeout = connectTime
	c, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return c, nil
}

func closeQuietly(ctx context.Context, c *pgx.Conn) {
	_ = c.Close(context.WithoutCancel(ctx))
}

// backend is the number of the server's process that answers.
func backend(ctx context.Context, c *pgx.Conn) (pid uint32, err error) {
	if err := c.QueryRow(ctx, `select pg_backend_pid()`).Scan(&pid); err != nil {
		return 0, fmt.Errorf("look for a pooler: %w", err)
	}
	return pid, nil
}
