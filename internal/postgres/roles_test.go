package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

func migrate(t *testing.T, url string, serving postgres.Role) error {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	return postgres.Migrate(t.Context(), pool, serving, slog.New(slog.DiscardHandler))
}

// TestServingRoleIsRefused: whoever takes over the program's connection can
// neither rewrite what happened nor change the schema.
func TestServingRoleIsRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), `insert into audit_entries (actor, actor_name, action, thing) values ('operator', 'somebody', 'created', 'customer')`); err != nil {
		t.Fatalf("adding to the trail: %v", err)
	}
	for _, sql := range []string{
		`update audit_entries set actor_name = 'nobody'`, `delete from audit_entries`, `truncate audit_entries`, `merge into audit_entries a using customers c on a.id = c.id when matched then delete`,
		`insert into audit_entries (actor, actor_name, action, thing) values ('operator', '', '', '') on conflict (id) do update set action = ''`, `select from audit_entries for update`,
		`drop trigger audit_entries_stay on audit_entries`, `drop trigger audit_entries_all_stay on audit_entries`, `alter table audit_entries disable trigger all`, `drop table audit_entries`,
		`set session_replication_role = replica`, `create or replace function audit_stays() returns trigger language plpgsql as 'begin return old; end'`, `alter table audit_entries rename to x`,
		`create rule x as on insert to audit_entries do instead nothing`, `create trigger x before insert on audit_entries for each row execute function audit_stays()`, `create policy x on audit_entries`,
		`create table x (a int)`, `create table public.x (a int)`, `create temporary table x (a int)`, `create schema x`, `create view x as select 1`, `create function x() returns int language sql as 'select 1'`,
		`create extension hstore`, `alter table jobs add column x int`, `alter table jobs disable trigger all`, `drop table jobs`, `drop schema portal cascade`, `drop view portal.jobs`, `drop index jobs_pkey`,
		`truncate jobs cascade`, `create index x on jobs (id)`, `create or replace view portal.jobs as select 1 as id`,
		`alter role current_user superuser`, `create role x`, `set role ` + "fieldgate_test_owner", `reassign owned by current_user to public`,
		`update goose_db_version set version_id = 0`, `delete from goose_db_version`, `insert into goose_db_version (version_id, is_applied) values (99, true)`, `delete from river_migration`,
		`copy customers to program 'id'`, `copy customers from '/etc/passwd'`, `select pg_read_file('/etc/passwd')`, `alter system set work_mem = '1GB'`,
	} {
		_, err := db.Exec(t.Context(), migrations.InPortal(sql))
		pg, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || (pg.Code != "42501" && pg.Code != "0A000" && pg.Code != "42704") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := postgres.Ready(t.Context(), db); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if one, err := postgres.OneRole(t.Context(), db); err != nil || one {
		t.Errorf("one role: %v, %v", one, err)
	}
	if one, err := postgres.OneRole(t.Context(), dbtest.Owner(t, db)); err != nil || !one {
		t.Errorf("the owner is one role for both: %v, %v", one, err)
	}
}

// TestNobodyLeavesTheTrailUnnoticed: names go from the trail with an entry that
// says so, for good, and for contacts and persons alone.
func TestNobodyLeavesTheTrailUnnoticed(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	own := dbtest.Owner(t, db)
	const erasing = `update contacts set name = 'Former contact', erased_at = now(), archived_at = now() where id = 1`
	const entry = `insert into audit_entries (actor, actor_name, action, thing, thing_id, thing_label, customer_id) values ('operator', 'somebody', 'erased', `
	run := func(sql string) error {
		_, err := db.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
		return err
	}
	if err := run(`
		insert into customers (name) values ('Harbour Dental');
		insert into contacts (customer_id, name) values (1, 'Lee Nakamura');
		insert into persons (email) values ('lee@demo.test');
		insert into audit_entries (actor, contact_id, person_id, actor_name, action, thing, thing_id, thing_label, customer_id) values
			('contact', 1, 1, 'Lee Nakamura', 'edited', 'contact', 1, 'Lee Nakamura', 1), ('contact', 1, 1, 'Lee Nakamura', 'signed in', 'person', 1, 'lee@demo.test', null);
		insert into audit_entries (at, actor, actor_name, action, thing, thing_id, thing_label, customer_id) values
			(now() - interval '1 second', 'operator', 'somebody', 'erased', 'contact', 1, 'x', 1), (now() - interval '1 second', 'operator', 'somebody', 'erased', 'person', 1, 'x', null)`); err != nil {
		t.Fatal(err)
	}
	for name, sql := range map[string]string{
		"a contact without an entry": erasing,
		"with another's entry":       entry + `'contact', 2, '', 1); ` + erasing,
		"a person without an entry":  `delete from persons`,
		"with a contact's entry":     entry + `'contact', 1, '', 1); delete from persons`,
	} {
		if err := run(sql); err == nil {
			t.Errorf("%s: it was done", name)
		}
	}
	named := func() (n int) {
		if err := db.QueryRow(t.Context(), `select count(*) from audit_entries where concat(actor_name, thing_label) ~* 'lee'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := named(); n != 2 {
		t.Errorf("%d entries name them", n)
	}
	if err := run(entry + `'contact', 1, 'Former contact', 1); ` + erasing + `; ` + entry + `'person', 1, 'Former contact', null); delete from persons`); err != nil {
		t.Errorf("with entries: %v", err)
	}
	if n := named(); n != 0 {
		t.Errorf("%d entries name them afterwards", n)
	}
	for _, sql := range []string{`update contacts set erased_at = null`, `update contacts set erased_at = null, name = 'Lee'`, `update contacts set erased_at = erased_at + interval '1 day'`} {
		if err := run(sql); err == nil {
			t.Errorf("%s: it was done", sql)
		}
	}
	// A table of somebody's own erases nobody.
	for _, f := range []string{"contact_leaves_trail", "person_leaves_trail"} {
		if _, err := own.Exec(t.Context(), `
			create table lookalike (id bigint, customer_id bigint, name text, email text, phone text, mobile text);
			insert into lookalike values (1, 1, 'Lee Nakamura', '', '', '');
			create trigger x after delete on lookalike for each row execute function `+f+`();
			`+entry+`'contact', 1, '', 1), ('operator', 'somebody', 'erased', 'person', 1, '', null); delete from lookalike`, pgx.QueryExecModeSimpleProtocol); err == nil || !strings.Contains(err.Error(), "erases nobody") {
			t.Errorf("%s on another table: %v", f, err)
		}
		var may bool
		if err := own.QueryRow(t.Context(), `select has_function_privilege('fieldgate_test_portal', '`+f+`()', 'execute') or has_function_privilege('fieldgate_test', '`+f+`()', 'execute')`).Scan(&may); err != nil || may {
			t.Errorf("others may make triggers of %s: %v", f, err)
		}
	}
}

// TestRightsAreMadeAtEveryStart: whoever took a right away, the next start
// gives it back; until then the program says that it is not ready.
func TestRightsAreMadeAtEveryStart(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"no rights at all, as after a plain pg_restore": `
			revoke all on all tables in schema public from fieldgate_test, fieldgate_test_portal; revoke all on all tables in schema portal from fieldgate_test_portal;
			revoke all on all sequences in schema public from fieldgate_test; revoke all on schema portal from fieldgate_test_portal`,
		"the views":         `revoke select on portal.jobs from fieldgate_test_portal`,
		"the schema":        `revoke usage on schema portal from fieldgate_test_portal`,
		"one table":         `revoke update on jobs from fieldgate_test`,
		"a sequence":        `revoke usage on sequence job_numbers from fieldgate_test`,
		"a function":        `revoke execute on function forget_activity(int) from fieldgate_test`,
		"what was migrated": `revoke select on goose_db_version from fieldgate_test`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			own := dbtest.Owner(t, db)
			if _, err := own.Exec(t.Context(), migrations.InPortal(sql), pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
			if err := postgres.Ready(t.Context(), db); !errors.Is(err, postgres.ErrRights) {
				t.Errorf("ready without rights: %v", err)
			}
			if err := postgres.Migrate(t.Context(), own, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			if err := postgres.Ready(t.Context(), db); err != nil {
				t.Errorf("after the next start: %v", err)
			}
		})
	}
}

// TestRightsTooManyAreTaken: rights that the serving role should not have go.
func TestRightsTooManyAreTaken(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	own := dbtest.Owner(t, db)
	if _, err := own.Exec(t.Context(), `grant all on audit_entries, jobs to fieldgate_test; grant select on customers to fieldgate_test_portal; grant execute on function forget_activity(int) to public`, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), own, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var left bool
	if err := db.QueryRow(t.Context(), `select has_table_privilege('audit_entries', 'update, delete, truncate, trigger') or has_table_privilege('jobs', 'truncate, trigger')
		or has_table_privilege('fieldgate_test_portal', 'customers', 'select') or has_function_privilege('fieldgate_test_portal', 'forget_activity(int)', 'execute')`).Scan(&left); err != nil || left {
		t.Errorf("rights are left: %v, %v", left, err)
	}
}

// TestOperatorsRolesKeepTheirWayIn: the first migration takes the right to
// connect from everybody, not from those who back up and watch; and what the
// operator gives later stays.
func TestOperatorsRolesKeepTheirWayIn(t *testing.T) {
	t.Parallel()
	id := strings.ToLower(rand.Text())
	backup, watch, reports, stranger := "backup_"+id, "watch_"+id, "reports_"+id, "stranger_"+id
	server := os.Getenv("DATABASE_URL")
	t.Cleanup(func() { // databases of other tests have let them in meanwhile, and go themselves
		c, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		roles := strings.Join([]string{backup, watch, reports, stranger}, ", ")
		for range 50 {
			if _, err = c.Exec(context.Background(), "drop owned by "+roles+"; drop role "+roles, pgx.QueryExecModeSimpleProtocol); err == nil {
				return
			}
		}
		t.Error(err)
	})
	address := dbtest.Empty(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Admin(t, address, "create role "+backup+" login in role pg_read_all_data", "create role "+watch+" login in role pg_monitor", "create role "+reports+" login", "create role "+stranger+" login",
		"create table of_the_operator (a int); grant select on of_the_operator to "+reports)
	if err := migrate(t, address, dbtest.Serving(t)); err != nil {
		t.Fatal(err)
	}
	enters := func(role string) (in bool) {
		pool, err := postgres.Open(t.Context(), dbtest.OwnerURL(t, address), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := pool.QueryRow(t.Context(), `select has_database_privilege($1, current_database(), 'connect')`, role).Scan(&in); err != nil {
			t.Fatal(err)
		}
		return in
	}
	for role, want := range map[string]bool{backup: true, watch: true, reports: true, stranger: false, "fieldgate_test": true, "fieldgate_test_portal": false} {
		if enters(role) != want {
			t.Errorf("%s may connect: %v", role, !want)
		}
	}
	dbtest.Admin(t, address, "grant connect on database "+u.Path[1:]+" to public", migrations.InPortal("drop schema portal cascade"))
	if err := migrate(t, address, dbtest.Serving(t)); err != nil {
		t.Fatal(err)
	}
	if !enters(stranger) {
		t.Error("what the operator gave was taken away at the next version")
	}
}

// TestPermissionsAreAskedFirst: before anything is changed, everything that a
// superuser has to do is said at once; when it is done, it works.
func TestPermissionsAreAskedFirst(t *testing.T) {
	t.Parallel()
	address := dbtest.Empty(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	database := u.Path[1:]
	role := "plain_" + strings.TrimPrefix(database, "fieldgate_test_")
	dbtest.Admin(t, address, "create role "+role+" login")
	t.Cleanup(func() {
		dbtest.Admin(t, address, "alter database "+database+" owner to current_user", "drop owned by "+role+" cascade", "drop role "+role, "drop owned by "+role+"_serves", "drop role "+role+"_serves, "+role+"_serves_portal")
	})
	plain := strings.Replace(address, u.User.Username()+"@", role+"@", 1)
	serving, err := postgres.RoleOf("postgres://" + role + "_serves:hunter2@db/x")
	if err != nil {
		t.Fatal(err)
	}
	err = migrate(t, plain, serving)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("a user without rights: %v", err)
	}
	_, sql, _ := strings.Cut(err.Error(), "\n\n")
	for _, want := range []string{"alter database", "create role \"" + role + "_serves\" login password '…'", "_serves_portal\" nologin", "grant \"" + role + "_serves_portal\" to \"" + role + "_serves\""} {
		if !strings.Contains(sql, want) {
			t.Errorf("nothing is said of %s:\n%v", want, err)
		}
	}
	if n := count(t, address, `select count(*) from pg_class where relnamespace = 'public'::regnamespace`); n != 0 {
		t.Errorf("%d things were made before", n)
	}
	dbtest.Admin(t, address, sql)
	if err := migrate(t, plain, serving); err != nil {
		t.Errorf("after doing what was said: %v", err)
	}
}

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestServingRoleDoesNotMigrate: it starts on a current database, and says who
// should migrate on another.
func TestServingRoleDoesNotMigrate(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	as := func(pool *pgxpool.Pool) error {
		return postgres.Migrate(context.Background(), pool, postgres.RoleOfPool(pool), slog.New(slog.DiscardHandler))
	}
	if err := as(db); err != nil {
		t.Errorf("on a current database: %v", err)
	}
	if _, err := dbtest.Owner(t, db).Exec(t.Context(), `delete from goose_db_version where version_id > 14`); err != nil {
		t.Fatal(err)
	}
	if err := as(db); err == nil || !strings.Contains(err.Error(), "FIELDGATE_MIGRATE_URL") {
		t.Errorf("on an old one: %v", err)
	}
}
