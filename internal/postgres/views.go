package postgres

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/migrations"
)

// Each version of the portal's views is in a schema of its own. Who serves has
// a lock on the name of theirs, shared with others of that version, on each
// connection: it goes with the connection, however that ends. A schema that
// nobody has a lock on is dropped by a program of a later version.

// viewsLock is the lock's key, as SQL.
func viewsLock(schema string) string {
	return `hashtextextended('fieldgate views ` + schema + `', 0)`
}

// holdViews keeps this version's views as long as a connection lives.
func holdViews() string {
	return `select pg_advisory_lock_shared(` + viewsLock(migrations.PortalSchema()) + `)`
}

// madeAt is when a schema n was made, in seconds: its comment, which a dump keeps.
const madeAt = `coalesce(obj_description(n.oid, 'pg_namespace'), '')`

// Releases before 0.5.0 had one schema, whose programs have no lock on it. A day
// after a later version was there none of them runs.
const findUnusedViews = `
	with ours as (select ` + madeAt + ` as made_at from pg_namespace n where n.nspname = @ours)
	select n.nspname::text
	from pg_namespace n
	where n.nspname ~ '^` + migrations.PortalPrefix + `[0-9a-f]{16}$' and n.nspname <> @ours and not exists (select from ours where made_at < ` + madeAt + `)
		or (n.nspname = 'portal' or starts_with(n.nspname, 'portal_before_')) and exists (select from ours where made_at < (extract(epoch from now()) - 86400)::text)`

// DropUnusedViews drops the views of earlier versions that no program reads any
// more. The pool is that of the role that owns them.
func DropUnusedViews(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	rows, err := pool.Query(ctx, findUnusedViews, pgx.NamedArgs{"ours": migrations.PortalSchema()})
	if err != nil {
		return fmt.Errorf("look for earlier views: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for earlier views: %w", err)
	}
	for _, name := range names {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			var unused bool
			if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(`+viewsLock(name)+`)`).Scan(&unused); err != nil || !unused {
				return err
			}
			_, err := tx.Exec(ctx, fmt.Sprintf(`set local lock_timeout = %d; drop schema if exists %s cascade`, migrationWait.Milliseconds(), identifier(name)), pgx.QueryExecModeSimpleProtocol)
			return err
		})
		if err != nil {
			log.WarnContext(ctx, "the views of an earlier version are still read; they are dropped later", "schema", name, "error", err)
		}
	}
	return nil
}

// applyViews makes this version's views if they are not there, and gives the
// rights where they are not as they should be. What newer tables need, a newer
// program knows.
func applyViews(ctx context.Context, pool *pgxpool.Pool, serving Role, newer bool) error {
	schema := migrations.PortalSchema()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `select to_regnamespace($1) is not null`, schema).Scan(&there); err != nil {
			return fmt.Errorf("read the portal's schema: %w", err)
		}
		if !there {
			script := migrations.InPortal(migrations.PortalViews) + `
				do $$ begin execute format('comment on schema ` + schema + ` is %L', extract(epoch from clock_timestamp())); end $$`
			if _, err := tx.Exec(ctx, script, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("make the portal's views: %w", err)
			}
		}
		has, err := readRights(ctx, tx, serving.Name, newer)
		if err != nil {
			return err
		}
		if there && len(has.Missing) == 0 && (newer || !has.Excess && !has.Open) {
			return nil
		}
		grants := ViewGrants
		if !newer {
			grants += Grants
		}
		if _, err := tx.Exec(ctx, serving.fill(grants), pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("give the database role %q its rights: %w", serving.Name, err)
		}
		return nil
	})
}
