package retention_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/retention"
)

const fixtures = `
insert into emails (kind, rule, to_address, message_id) select 'test', '', 'a@example.com', n::text from generate_series(1, 4500) n;
insert into email_copies (email_id, html, text, at) select id, '', '', now() - interval '731 days' from emails;
update email_copies set at = now() - interval '729 days' where email_id in (select max(id) from emails);
insert into audit_entries (actor, actor_name, action, thing, at) select 'operator', 'somebody', 'created', 'customer', now() - make_interval(days => d) from unnest(array[1, 364, 366, 800, 4000]) d;`

func TestSweepingByWhatIsSet(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), fixtures, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	left := func(what string, copies, emails, entries int) {
		t.Helper()
		if err := retention.Sweep(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var c, m, e int
		if err := db.QueryRow(t.Context(), `select (select count(*) from email_copies), (select count(*) from emails), (select count(*) from audit_entries where thing = 'customer')`).Scan(&c, &m, &e); err != nil {
			t.Fatal(err)
		}
		if c != copies || m != emails || e != entries {
			t.Errorf("%s: %d copies, %d emails, %d entries", what, c, m, e)
		}
	}
	edit := func(version int64, s retention.Settings) error {
		return postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
			return retention.Edit(t.Context(), tx, audit.Actor{Operator: true}, version, s)
		})
	}
	left("as it is at first", 1, 4500, 5)
	usual := retention.Settings{EmailCopies: 0, Attempts: 90, RemovedFiles: 30, Events: 90, Activity: 365}
	for name, wrong := range map[string]retention.Settings{
		"no attempts": {EmailCopies: 1, RemovedFiles: 30, Events: 90}, "attempts of hours": {Attempts: 6, RemovedFiles: 30, Events: 90}, "no removed files": {Attempts: 90},
		"half a year of activity": {Attempts: 90, RemovedFiles: 30, Events: 90, Activity: 180}, "for ever and a day": {Attempts: 3651, RemovedFiles: 30, Events: 90}, "events of a day": {Attempts: 90, RemovedFiles: 30, Events: 1}, "less than nothing": {Attempts: 90, RemovedFiles: 30, Events: 90, EmailCopies: -1},
	} {
		if _, ok := errors.AsType[problem.Set](edit(1, wrong)); !ok {
			t.Errorf("%s: not refused", name)
		}
	}
	if err := edit(1, usual); err != nil {
		t.Fatal(err)
	}
	if err := edit(1, retention.Settings{Attempts: 7, RemovedFiles: 1, Events: 90}); !errors.Is(err, apperr.Stale) {
		t.Errorf("an old form: %v", err)
	}
	left("activity for a year", 1, 4500, 2)
}

// TestOnlyWhatIsOldLeavesTheTrail: neither who serves nor who owns deletes or
// changes an entry otherwise.
func TestOnlyWhatIsOldLeavesTheTrail(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	own := dbtest.Owner(t, db)
	if _, err := db.Exec(t.Context(), fixtures, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	code := func(by postgres.DB, sql string) string {
		rows, err := by.Query(t.Context(), sql)
		if err == nil {
			rows.Close()
			err = rows.Err()
		}
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
			return pg.Code
		}
		return ""
	}
	const anything, refused, raised = `delete from audit_entries where at < now() - interval '500 days'`, "42501", "P0001"
	if got := code(db, anything); got != refused {
		t.Errorf("who serves deletes: %q", got)
	}
	if got := code(own, anything); got != raised {
		t.Errorf("who owns deletes while all is kept: %q", got)
	}
	// Whoever has the program's connection cannot set less than a year.
	if got := code(db, `update retention set activity = 30`); got != "23514" {
		t.Errorf("a month: %q", got)
	}
	if got := code(db, `update retention set activity = 365`); got != "" {
		t.Fatal(got)
	}
	for sql, want := range map[string]string{
		`delete from audit_entries where at > now() - interval '365 days'`: raised, `truncate audit_entries`: raised, `update audit_entries set action = 'x'`: raised,
		`update audit_entries set actor_name = 'Former contact'`: raised,
	} {
		if got := code(own, sql); got != want {
			t.Errorf("who owns: %s: %q", sql, got)
		}
	}
	if got := code(db, `select forget_activity(100)`); got != "" {
		t.Errorf("who serves may not sweep: %q", got)
	}
	var n int
	if err := db.QueryRow(t.Context(), `select count(*) from audit_entries`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d entries are left, %v", n, err)
	}
	var may bool
	if err := db.QueryRow(t.Context(), `select has_function_privilege('fieldgate_test_portal', 'forget_activity(int)', 'execute') or has_function_privilege('public', 'forget_activity(int)', 'execute')`).Scan(&may); err != nil || may {
		t.Errorf("others may sweep: %v, %v", may, err)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), fixtures, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	var s retention.Sizes
	if err := postgres.Read(t.Context(), db, func(b *postgres.Batch) { retention.QuerySizes(b, &s) }); err != nil {
		t.Fatal(err)
	}
	if s.EmailCopies.Rows != 4500 || s.EmailCopies.About || s.EmailCopies.Oldest == nil || s.EmailCopies.Bytes < 100_000 || s.Emails.Rows != 4500 || s.Activity.Rows != 5 || s.Files.Rows != 0 || s.Database < 1_000_000 {
		t.Errorf("%+v", s)
	}
}
