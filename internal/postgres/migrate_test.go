package postgres_test

import (
	"context"
	"log/slog"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, dbtest.Empty(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Ready(ctx, pool); err == nil {
		t.Error("an empty database is not ready")
	}
	for range 2 {
		if err := postgres.Migrate(ctx, pool, postgres.RoleOfPool(pool), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	if err := postgres.Ready(ctx, pool); err != nil {
		t.Errorf("ready after migrating: %v", err)
	}
	for _, right := range []string{"connect", "create", "temporary"} {
		var has bool
		if err := pool.QueryRow(ctx, `select has_database_privilege(current_user || '_portal', current_database(), $1)`, right).Scan(&has); err != nil || has {
			t.Errorf("the portal's role has the right to %s on the database: %v, %v", right, has, err)
		}
	}
}

// An index that could not be finished is no index, though it has its name.
func TestUnfinishedIndexesGo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, dbtest.Empty(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `create table twice as select 1 as n from generate_series(1, 2)`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `create unique index concurrently twice_once on twice (n)`); err == nil {
		t.Fatal("the index could be made")
	}
	if err := postgres.Migrate(ctx, pool, postgres.RoleOfPool(pool), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var invalid int
	if err := pool.QueryRow(ctx, `select count(*) from pg_index where not indisvalid`).Scan(&invalid); err != nil || invalid != 0 {
		t.Errorf("%d indexes are not finished, %v", invalid, err)
	}
}

func TestPortalRoleReadsViewsOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := dbtest.New(t)
	var role string
	if err := pool.QueryRow(ctx, `select current_user || '_portal'`).Scan(&role); err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query(ctx, `
		select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p', 'S') and n.nspname in ('public', $2)
		  and case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'usage') else has_table_privilege($1, c.oid, 'select, insert, update, delete, truncate') end
		  and not (c.relkind = 'v' and n.nspname = $2)`, role, migrations.PortalSchema())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		_ = rows.Scan(&name)
		t.Errorf("the portal's role may touch %s", name)
	}
	var views, writable int
	if err := pool.QueryRow(ctx, `
		select count(*), count(*) filter (where has_table_privilege($1, c.oid, 'insert, update, delete'))
		from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $2 and c.relkind = 'v'`, role, migrations.PortalSchema()).Scan(&views, &writable); err != nil {
		t.Fatal(err)
	}
	if views < 10 || writable > 0 {
		t.Errorf("%d views, %d of them writable", views, writable)
	}
}
