package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

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
// program's version. Several programs may call it at once: one works, the
// others wait. It needs a direct connection, not one through a pooler.
func Migrate(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
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
	ours, err := newest()
	if err != nil {
		return err
	}
	if current > ours {
		log.Warn("the database is newer than this program; its portal views stay as they are", "database", current)
		return nil
	}
	return applyViews(ctx, pool)
}

// applyViews replaces the schema portal when its text has changed.
func applyViews(ctx context.Context, pool *pgxpool.Pool) error {
	sum := sha256.Sum256([]byte(migrations.PortalViews + grants))
	mark := hex.EncodeToString(sum[:8])
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var present sql.NullString
		err := tx.QueryRow(ctx, `select obj_description(to_regnamespace('portal')::oid, 'pg_namespace')`).Scan(&present)
		if err != nil {
			return fmt.Errorf("read the portal's schema: %w", err)
		}
		if err := ensureRole(ctx, tx); err != nil {
			return err
		}
		if present.String == mark {
			return nil
		}
		script := `drop schema if exists portal cascade;` + migrations.PortalViews + grants + fmt.Sprintf(`comment on schema portal is '%s';`, mark)
		if _, err := tx.Exec(ctx, script, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("make the portal's views: %w", err)
		}
		return nil
	})
}

// Roles belong to the cluster: test databases share one, installations with
// owners of their own do not. Two databases may create it at the same moment.
func ensureRole(ctx context.Context, tx pgx.Tx) error {
	const script = `
		do $$
		declare
			portal_role text := current_user || '_portal';
			may boolean;
		begin
			if not exists (select from pg_roles where rolname = portal_role) then
				begin
					execute format('create role %I nologin noinherit', portal_role);
				exception when duplicate_object or unique_violation then null;
				end;
			end if;
			may := pg_has_role(current_user, portal_role, 'member');
			if may and current_setting('server_version_num')::int >= 160000 then
				may := pg_has_role(current_user, portal_role, 'set'); -- who creates a role there is a member that may not become it
			end if;
			if not may then
				execute format('grant %I to current_user', portal_role);
			end if;
		end $$`
	if _, err := tx.Exec(ctx, script, pgx.QueryExecModeSimpleProtocol); err != nil {
		var owner string
		if e := tx.Conn().Config(); e != nil {
			owner = e.User
		}
		return fmt.Errorf("the database user %[1]q may not create the role the portal reads with. As a superuser run:\n"+
			"  create role \"%[1]s_portal\" nologin; grant \"%[1]s_portal\" to \"%[1]s\";\n(%[2]w)", owner, err)
	}
	return nil
}

// grants gives the role the views and nothing else.
const grants = `
	do $$
	declare
		portal_role text := current_user || '_portal';
	begin
		execute format('revoke all on all tables in schema public from %I', portal_role);
		execute format('grant usage on schema portal to %I', portal_role);
		execute format('grant select on all tables in schema portal to %I', portal_role);
		execute format('grant execute on all functions in schema portal to %I', portal_role);
		execute format('revoke connect, temporary on database %I from public', current_database());
	end $$;`

// newest is the version of the last migration this program carries.
func newest() (version int64, err error) {
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

// Ready reports nil when the database answers and carries the schema of this
// program or a newer one.
func Ready(ctx context.Context, pool *pgxpool.Pool) error {
	want, err := newest()
	if err != nil {
		return err
	}
	var have int64
	err = pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied and to_regnamespace('portal') is not null`).Scan(&have)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "42P01" { // no such table: nothing was migrated yet
		return ErrBehind
	}
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have < want {
		return ErrBehind
	}
	return nil
}
