package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"fieldgate/migrations"
)

// ErrBehind says that the database has not been migrated to this program's version.
var ErrBehind = errors.New("the database is not migrated: run fieldgate migrate")

// Migrate brings the schema, the queue's tables and the portal's views to this
// program's version, and gives the serving role its rights, whoever took them
// away: a restored dump has the views but not the rights. The pool is that of
// the role that owns the schema, which may be the serving one; a pool that may
// change nothing only sees that nothing needs changing. Several programs may
// call it at once: one works, the others wait. It needs a direct connection,
// not one through a pooler.
func Migrate(ctx context.Context, pool *pgxpool.Pool, serving Role, log *slog.Logger) error {
	if err := Permit(ctx, pool, serving); err != nil {
		if Ready(ctx, pool) == nil {
			return nil
		}
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	// One lock around all of it: goose's own covers its migrations only.
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migration lock: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close()
	if err := locker.SessionLock(ctx, conn); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer func() {
		if err := locker.SessionUnlock(context.WithoutCancel(ctx), conn); err != nil {
			log.Warn("migration lock not released", "error", err)
		}
	}()

	if err := dropFormerViews(ctx, pool, log); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range done {
		log.Info("migrated", "migration", m.Source.Path, "took", m.Duration)
	}
	queue, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("queue migrations: %w", err)
	}
	if _, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	ours, err := Newest()
	if err != nil {
		return err
	}
	if current > ours {
		log.Warn("the database is newer than this program; its portal views stay as they are", "database", current)
		return nil
	}
	return applyViews(ctx, pool, serving)
}

// former is how the names of schemas begin that held the views of an earlier
// version. Dropping views that are being read ends in deadlocks, so they are
// renamed, and dropped at a later start.
const former = "portal_before_"

func dropFormerViews(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	rows, err := pool.Query(ctx, `select nspname::text from pg_namespace where starts_with(nspname, $1)`, former)
	if err != nil {
		return fmt.Errorf("look for earlier views: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for earlier views: %w", err)
	}
	for _, name := range names {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			// Shorter than PostgreSQL waits before it ends one side of a deadlock: a reader is never that side.
			_, err := tx.Exec(ctx, `set local lock_timeout = '200ms'; drop schema `+identifier(name)+` cascade`, pgx.QueryExecModeSimpleProtocol)
			return err
		})
		if err != nil {
			log.WarnContext(ctx, "the views of an earlier version are still read; the next start drops them", "schema", name, "error", err)
		}
	}
	return nil
}

// applyViews replaces the schema portal when its text has changed, and gives
// the rights where they are not as they should be.
func applyViews(ctx context.Context, pool *pgxpool.Pool, serving Role) error {
	sum := sha256.Sum256([]byte(migrations.PortalViews + Grants))
	mark := hex.EncodeToString(sum[:8])
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var present string
		var there bool
		err := tx.QueryRow(ctx, `select coalesce(obj_description(to_regnamespace('portal')::oid, 'pg_namespace'), ''), to_regnamespace('portal') is not null`).Scan(&present, &there)
		if err != nil {
			return fmt.Errorf("read the portal's schema: %w", err)
		}
		if present != mark {
			script := migrations.PortalViews + fmt.Sprintf(`comment on schema portal is '%s';`, mark)
			if there {
				script = `alter schema portal rename to ` + former + strings.ToLower(rand.Text()) + `;` + script
			}
			if _, err := tx.Exec(ctx, script, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("make the portal's views: %w", err)
			}
		}
		has, err := readRights(ctx, tx, serving.Name)
		if err != nil {
			return err
		}
		if present == mark && len(has.Missing) == 0 && !has.Excess && !has.Open {
			return nil
		}
		if _, err := tx.Exec(ctx, grantsTo(serving), pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("give the database role %q its rights: %w", serving.Name, err)
		}
		return nil
	})
}

// Newest is the version of the last migration this program carries.
func Newest() (version int64, err error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	for _, file := range files {
		v, err := goose.NumericComponent(file)
		if err != nil {
			return 0, fmt.Errorf("read migrations: %w", err)
		}
		version = max(version, v)
	}
	return version, nil
}

// ErrRights says that the user of the database lacks rights, as after a plain
// pg_restore.
var ErrRights = errors.New("the database user lacks rights: run fieldgate migrate")

// Ready reports nil when the database answers, carries the schema of this
// program or a newer one, and gives the user of the pool what serving needs.
func Ready(ctx context.Context, pool *pgxpool.Pool) error {
	want, err := Newest()
	if err != nil {
		return err
	}
	var have int64
	err = pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied and to_regnamespace('portal') is not null`).Scan(&have)
	switch pg, _ := errors.AsType[*pgconn.PgError](err); {
	case pg != nil && pg.Code == "42P01": // no such table: nothing was migrated yet
		return ErrBehind
	case pg != nil && pg.Code == "42501":
		return fmt.Errorf("%w (%s)", ErrRights, pg.Message)
	case err != nil:
		return fmt.Errorf("read schema version: %w", err)
	case have < want:
		return ErrBehind
	}
	has, err := readRights(ctx, pool, RoleOfPool(pool).Name)
	if err != nil {
		return err
	}
	if n := len(has.Missing); n > 0 {
		return fmt.Errorf("%w (missing: %s, and %d more)", ErrRights, has.Missing[0], n-1)
	}
	return nil
}
