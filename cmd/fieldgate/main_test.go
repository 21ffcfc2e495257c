package main

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// The test's own program is the program when asked.
func TestMain(m *testing.M) {
	if as := os.Getenv("FIELDGATE_TEST_MAIN"); as != "" {
		if as == "next" {
			beNext()
		}
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fieldgate runs the program to its end.
func fieldgate(t *testing.T, environ []string, args ...string) (output string, status int) {
	t.Helper()
	return within(t, time.Minute, environ, args...)
}

// within is fieldgate for what may take so long.
func within(t *testing.T, most time.Duration, environ []string, args ...string) (output string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(environ, "FIELDGATE_TEST_MAIN=1")
	b, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args   string
		status int
		says   string
	}{
		{"", 0, "staff add EMAIL NAME"},
		{"help", 0, "customer portal"},
		{"version", 0, "fieldgate " + version},
		{"licences", 0, "github.com/jackc/pgx/v5"},
		{"serve -h", 0, "FIELDGATE_MIGRATE=false"},
		{"staff add --help", 0, "prints a link that works once"},
		{"staff add only@example.com", 2, "Usage: fieldgate staff add EMAIL NAME"},
		{"demo now", 2, "Usage: fieldgate demo"},
		{"backup now", 2, "Usage: fieldgate backup"},
		{"backup -keep many", 2, "Usage: fieldgate backup"},
		{"backup check -h", 0, "Usage: fieldgate backup check [BACKUP]"},
		{"restore one another", 2, "Usage: fieldgate restore"},
		{"backup", 1, "FIELDGATE_BACKUP is missing"},
		{"backup list", 1, "FIELDGATE_BACKUP is missing"},
		{"restore", 1, "FIELDGATE_BACKUP is missing"},
		{"serve -x", 2, "Usage: fieldgate serve"},
		{"dance", 2, `no command "dance"`},
		{"serve", 1, "DATABASE_URL is missing"},
		{"demo", 1, "DATABASE_URL is missing"},
		{"migrate", 1, "DATABASE_URL is missing"},
		{"rotate", 1, "FIELDGATE_SECRET_KEY is missing"},
		{"files check", 1, "FIELDGATE_STORAGE is missing"},
		{"files sweep --dry-run", 1, "FIELDGATE_STORAGE is missing"},
		{"import file.csv another.csv", 2, "Usage: fieldgate import FILE"},
		{"import file.csv --dry", 2, "Usage: fieldgate import FILE"},
		{"export", 2, "Usage: fieldgate export FILE"},
		{"files sweep --now", 2, "Usage: fieldgate files sweep [--adopt] [--dry-run]"},
	} {
		out, status := fieldgate(t, nil, strings.Fields(tt.args)...)
		if status != tt.status || !strings.Contains(out, tt.says) {
			t.Errorf("fieldgate %s: %d\n%s", tt.args, status, out)
		}
	}
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	environ := []string{"DATABASE_URL=" + dbtest.Empty(t), "FIELDGATE_BASE_URL=https://portal.example.com"}
	if out, status := fieldgate(t, environ, "staff", "add", "ada@example.com", "Ada", "Lovelace"); status == 0 || !strings.Contains(out, "fieldgate migrate") {
		t.Errorf("before migrating: %d\n%s", status, out)
	}
	if out, status := fieldgate(t, environ, "migrate"); status != 0 {
		t.Fatalf("migrate: %d\n%s", status, out)
	}
	out, status := fieldgate(t, environ, "staff", "add", "ada@example.com", "Ada", "Lovelace")
	if status != 0 || !regexp.MustCompile(`https://portal\.example\.com/office/welcome/[A-Za-z0-9_-]{43}`).MatchString(out) {
		t.Errorf("staff add: %d\n%s", status, out)
	}
	if out, status := fieldgate(t, environ, "staff", "add", "nonsense", "Nobody"); status == 0 {
		t.Errorf("nonsense address: %s", out)
	}
}

func TestRotatingTheSecretKey(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	pool, err := postgres.Open(t.Context(), url, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const old, present = "the key that was used before this one", "another key of at least 32 characters"
	box, err := secret.NewBox(old)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(t.Context(), `insert into emails (kind, rule, to_address, message_id, secret) values ('welcome', '', 'lee@demo.test', 'm', $1)`, box.Seal([]byte("a password"), "email m"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ earlier, says string }{
		{"", "present key: 0. Everything that waits in the database opens with it, but for 1"},
		{"FIELDGATE_SECRET_KEY_OLD=" + old, "present key: 1. Everything that waits in the database opens with it."},
		{"", "present key: 0. Everything that waits in the database opens with it."},
	} {
		if out, status := fieldgate(t, []string{"DATABASE_URL=" + url, "FIELDGATE_SECRET_KEY=" + present, step.earlier}, "rotate"); status != 0 || !strings.Contains(out, step.says) {
			t.Errorf("%q: %d %s", step.earlier, status, out)
		}
	}
}

// TestBackupAndRestore is the operator's way: back up, look, restore elsewhere.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	url, backups := dbtest.URL(t), t.TempDir()
	if _, err := dbtest.Open(t, url).Exec(t.Context(), `insert into customers (name) values ('Harbour Dental')`); err != nil {
		t.Fatal(err)
	}
	at := func(url string, more ...string) []string {
		return append([]string{
			"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "DATABASE_URL=" + dbtest.ServingURL(t, url), "FIELDGATE_MIGRATE_URL=" + dbtest.OwnerURL(t, url),
			"FIELDGATE_STORAGE=file://" + t.TempDir(), "FIELDGATE_BACKUP=file://" + backups,
		}, more...)
	}
	here, there := at(url), at(dbtest.Empty(t))
	for _, step := range []struct {
		environ []string
		args    string
		status  int
		says    string
	}{
		{here, "backup list", 0, "There is no backup there"},
		{there, "restore", 1, "there is no backup there"},
		{at(url, "PGBIN=/nowhere"), "backup", 1, "pg_dump is not installed here"},
		{at(url, "FIELDGATE_STORAGE=file://"+backups+"/"), "backup", 1, "cannot be its own backup"},
		{here, "backup", 0, "is whole"},
		{here, "backup --keep 1", 0, "Old backups removed: 1."},
		{here, "backup list", 0, "0 files  fieldgate " + version},
		{here, "backup check", 0, "read to the last byte"},
		{here, "restore", 1, "the database is not empty"},
		{there, "restore 20010101-000000", 1, "there is no backup \"20010101-000000\""},
		{there, "restore", 0, "is restored"},
	} {
		if out, status := fieldgate(t, step.environ, strings.Fields(step.args)...); status != step.status || !strings.Contains(out, step.says) {
			t.Errorf("fieldgate %s: %d\n%s", step.args, status, out)
		}
	}
	restored := dbtest.Open(t, there[2][len("DATABASE_URL="):])
	var name string
	if err := restored.QueryRow(t.Context(), `select name from customers`).Scan(&name); err != nil || name != "Harbour Dental" {
		t.Errorf("restored: %q, %v", name, err)
	}
	if err := postgres.Ready(t.Context(), restored); err != nil {
		t.Errorf("ready: %v", err)
	}
}

// TestTwoRoles: who owns the schema migrates, for another who serves and can
// change neither the schema nor the trail.
func TestTwoRoles(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	environ := []string{"DATABASE_URL=" + dbtest.ServingURL(t, url)}
	if out, status := fieldgate(t, environ, "migrate"); status != 1 || !strings.Contains(out, "As a superuser") {
		t.Errorf("as the role that serves: %d\n%s", status, out)
	}
	environ = append(environ, "FIELDGATE_MIGRATE_URL="+url)
	if out, status := fieldgate(t, environ, "migrate"); status != 0 {
		t.Fatalf("as the owner: %d\n%s", status, out)
	}
	pool := dbtest.Open(t, url)
	if err := postgres.Ready(t.Context(), pool); err != nil {
		t.Error(err)
	}
	if _, err := pool.Exec(t.Context(), `drop trigger audit_entries_stay on audit_entries`); err == nil {
		t.Error("the serving role may drop the trigger")
	}
}

// TestDemoAndRealityStayApart: serve refuses what the demo has filled, and the
// demo what belongs to a real business.
func TestDemoAndRealityStayApart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ sql, command, says string }{
		"serve on a demo":           {`update installation set demo = true`, "serve", "holds the demo business"},
		"demo on a real business":   {`insert into customers (name) values ('Harbour Dental')`, "demo", "needs one of its own"},
		"generate on a business":    {`insert into customers (name) values ('Harbour Dental')`, "generate", "already holds customers"},
		"demo on a business set up": {`insert into staff (name, role) values ('Fay', 'field')`, "demo", "needs one of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.URL(t)
			pool, err := postgres.Open(t.Context(), url, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.Exec(t.Context(), tt.sql); err != nil {
				t.Fatal(err)
			}
			environ := []string{
				"DATABASE_URL=" + url, "FIELDGATE_STORAGE=file://" + t.TempDir(), "FIELDGATE_LISTEN=127.0.0.1:0", "FIELDGATE_BASE_URL=http://localhost",
				"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=smtp://127.0.0.1:1", "FIELDGATE_MAIL_FROM=a@example.com",
			}
			out, status := fieldgate(t, environ, tt.command)
			if status != 1 || !strings.Contains(out, tt.says) {
				t.Errorf("%d\n%s", status, out)
			}
		})
	}
}
