package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

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
// call it at once: one works, the others wait. Programs of the version before go
// on serving meanwhile. It needs a direct connection, not one through a pooler.
func Migrate(ctx context.Context, pool *pgxpool.Pool, serving Role, log *slog.Logger) error {
	if err := Permit(ctx, pool, serving); err != nil {
		if Ready(ctx, pool) == nil {
			return nil
		}
		return err
	}
	pool, err := openPatient(ctx, pool)
	if err != nil {
		return err
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	// One lock around all of it: goose's own covers its migrations only.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
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

	if err := DropUnusedViews(ctx, pool, log); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	err = patiently(ctx, log, func() error {
		if err := dropUnfinishedIndexes(ctx, pool); err != nil {
			return err
		}
		done, err := provider.Up(ctx)
		if partial, ok := errors.AsType[*goose.PartialError](err); ok {
			done = partial.Applied
		}
		for _, m := range done {
			log.Info("migrated", "migration", m.Source.Path, "took", m.Duration)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	queue, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("queue migrations: %w", err)
	}
	err = patiently(ctx, log, func() error {
		_, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
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
		log.Warn("the database is newer than this program, which serves with its own views", "database", current)
	}
	return applyViews(ctx, pool, serving, current > ours)
}

// A migration locks a table that pages read. While it waits, others wait behind
// it; so it waits a moment only, and tries again, for as long as a report may
// take. Migrations from 0057 on lock one table each, so that none of them waits
// for one while it holds another that somebody needs: a page would be ended then.
const (
	migrationWait     = 200 * time.Millisecond
	migrationPause    = 300 * time.Millisecond
	migrationPatience = 10 * time.Minute
)

// dropUnfinishedIndexes drops what an index that was made concurrently leaves behind
// when it could not be finished: nobody reads by it, and the migration that wanted it
// would take it for the index. One that somebody makes at the moment stays.
func dropUnfinishedIndexes(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, `
		select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
		where not i.indisvalid and c.relnamespace = current_schema()::regnamespace and c.relkind = 'i' and pg_has_role(c.relowner, 'usage')
			and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)`)
	if err != nil {
		return fmt.Errorf("look for unfinished indexes: %w", err)
	}
	unfinished, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for unfinished indexes: %w", err)
	}
	for _, name := range unfinished {
		if _, err := pool.Exec(ctx, `drop index concurrently if exists `+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("drop the unfinished index %s: %w", name, err)
		}
	}
	return nil
}

// openPatient is a pool like another, which waits for locks as migrations may.
func openPatient(ctx context.Context, like *pgxpool.Pool) (*pgxpool.Pool, error) {
	cfg := like.Config()
	begin := cfg.AfterConnect
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		if begin != nil {
			if err := begin(ctx, c); err != nil {
				return err
			}
		}
		_, err := c.Exec(ctx, fmt.Sprintf(`set lock_timeout = %d`, migrationWait.Milliseconds()))
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return pool, nil
}

// patiently does again what could not get its locks.
func patiently(ctx context.Context, log *slog.Logger, do func() error) error {
	patience, end := context.WithTimeout(ctx, migrationPatience)
	defer end()
	for told := false; ; {
		err := do()
		pg, _ := errors.AsType[*pgconn.PgError](err)
		if pg == nil || (pg.Code != "55P03" && pg.Code != "40P01") {
			return err
		}
		if !told {
			log.InfoContext(ctx, "the migration waits until nobody holds what it changes", "error", err)
			told = true
		}
		select {
		case <-patience.Done():
			return err
		case <-time.After(migrationPause):
		}
	}
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
// program or a newer one and the views of this program, and gives the user of
// the pool what serving needs.
func Ready(ctx context.Context, pool *pgxpool.Pool) error {
	want, err := Newest()
	if err != nil {
		return err
	}
	var have int64
	err = pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied and to_regnamespace($1) is not null`, migrations.PortalSchema()).Scan(&have)
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
	has, err := readRights(ctx, pool, RoleOfPool(pool).Name, have > want)
	if err != nil {
		return err
	}
	if n := len(has.Missing); n > 0 {
		return fmt.Errorf("%w (missing: %s, and %d more)", ErrRights, has.Missing[0], n-1)
	}
	return nil
}
