package postgres_test

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

// TestViewsOfOtherVersions: the views of an earlier version go when nobody reads
// them any more, however its programs ended; those of a later version stay.
func TestViewsOfOtherVersions(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	own := dbtest.Owner(t, db)
	const earlier, read, later = "portal_00000000000000e1", "portal_00000000000000e2", "portal_00000000000000f1"
	exec := func(sql string) {
		t.Helper()
		if _, err := own.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	for name, made := range map[string]string{earlier: "1700000000.000000", read: "1700000001.000000", later: "9700000000.000000", "portal": "0123456789abcdef", "portal_before_xyz": ""} {
		exec(`create schema ` + name + `; comment on schema ` + name + ` is '` + made + `'; create view ` + name + `.jobs as select id from jobs`)
	}
	exec(`create schema portal_of_somebody`)
	reader, err := pgx.Connect(t.Context(), db.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(t.Context())
	if _, err := reader.Exec(t.Context(), `select pg_advisory_lock_shared(hashtextextended('fieldgate views `+read+`', 0))`); err != nil {
		t.Fatal(err)
	}
	left := func(want ...string) {
		t.Helper()
		if err := postgres.Migrate(t.Context(), own, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		var have []string
		if err := own.QueryRow(t.Context(), `select array_agg(nspname::text) from pg_namespace where starts_with(nspname, 'portal')`).Scan(&have); err != nil {
			t.Fatal(err)
		}
		want = append(want, migrations.PortalSchema(), later, "portal_of_somebody")
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("there are %q, want %q", have, want)
		}
	}
	left(read, "portal", "portal_before_xyz")
	// Programs of before 0.5.0 lock nothing; none of them is there a day later.
	exec(migrations.InPortal(`comment on schema portal is '`) + "1700000002.000000'")
	left(read)
	if err := reader.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for busy := true; busy; { // the server notices a moment later
		if err := own.QueryRow(t.Context(), `select exists (select from pg_stat_activity where pid = $1)`, reader.PgConn().PID()).Scan(&busy); err != nil {
			t.Fatal(err)
		}
	}
	left()
}

// TestAnEarlierProgramOnANewerDatabase: a program goes on, and starts again,
// after a later one has migrated; it takes no right that the later one gave, and
// asks for none that it does not know.
func TestAnEarlierProgramOnANewerDatabase(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	own := dbtest.Owner(t, db)
	if _, err := own.Exec(t.Context(), migrations.InPortal(`
		insert into goose_db_version (version_id, is_applied) values (9000, true);
		create table ledger (id int); grant select, insert on ledger to fieldgate_test;
		drop schema portal cascade`), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Ready(t.Context(), db); err == nil {
		t.Error("ready without views")
	}
	if err := postgres.Migrate(t.Context(), own, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Ready(t.Context(), db); err != nil {
		t.Errorf("not ready: %v", err)
	}
	var more bool
	if err := db.QueryRow(t.Context(), `select has_table_privilege('ledger', 'update, delete')`).Scan(&more); err != nil || more {
		t.Errorf("the earlier program gave rights on a table of the later one: %v, %v", more, err)
	}
}
