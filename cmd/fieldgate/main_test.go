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
	if os.Getenv("FIELDGATE_TEST_MAIN") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fieldgate runs the program to its end.
func fieldgate(t *testing.T, environ []string, args ...string) (output string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
		{"serve -x", 2, "Usage: fieldgate serve"},
		{"dance", 2, `no command "dance"`},
		{"serve", 1, "DATABASE_URL is missing"},
		{"demo", 1, "DATABASE_URL is missing"},
		{"migrate", 1, "DATABASE_URL is missing"},
		{"rotate", 1, "FIELDGATE_SECRET_KEY is missing"},
		{"files check", 1, "FIELDGATE_STORAGE is missing"},
		{"files sweep --dry-run", 1, "FIELDGATE_STORAGE is missing"},
		{"files sweep --now", 2, "Usage: fieldgate files sweep [--dry-run]"},
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

// TestDemoAndRealityStayApart: serve refuses what the demo has filled, and the
// demo what belongs to a real business.
func TestDemoAndRealityStayApart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ sql, command, says string }{
		"serve on a demo":           {`update installation set demo = true`, "serve", "holds the demo business"},
		"demo on a real business":   {`insert into customers (name) values ('Harbour Dental')`, "demo", "needs one of its own"},
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
