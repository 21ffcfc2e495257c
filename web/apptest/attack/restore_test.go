package attack_test

import (
	"log/slog"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

	"fieldgate/internal/backup"
	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/postgres/programs"
	"fieldgate/web/apptest"
)

// restoredPages are opened before and after.
var restoredPages = []string{
	"/", "/jobs", "/jobs/J-1001", "/quotes", "/quotes/Q-1002", "/equipment", "/equipment/equipmentofharbour0000000000001",
	"/details", "/details/sites", "/details/colleagues", "/attachments/" + apptest.SharedFile,
}

// openRestored opens the portal's pages as a contact, and asks for what the
// contact must not see, in the program on a restored database.
func openRestored(t *testing.T, before, after *apptest.App) {
	t.Helper()
	if p := after.Nobody().Get("/readyz"); p.Status != http.StatusOK {
		t.Errorf("readyz: %d %s", p.Status, p.Body)
	}
	then, now := before.As("lee"), after.As("lee")
	for _, path := range restoredPages {
		a, b := then.Get(path), now.Get(path)
		if b.Status != http.StatusOK || a.Text("main") != b.Text("main") {
			t.Errorf("%s: %d then, %d now\n%s\n%s", path, a.Status, b.Status, a.Text("main"), b.Text("main"))
		}
	}
	for _, path := range []string{"/jobs/J-1003", "/attachments/" + apptest.HiddenFile} {
		if p := now.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s, which Lee must not see: %d", path, p.Status)
		}
	}
	if p := after.As("max").Get("/jobs"); p.URL.Path == "/jobs" {
		t.Errorf("suspended Max: %d", p.Status)
	}
}

// TestRestoredBackupServes: a backup of the running program, restored elsewhere
// under users of its own, opens every page of the portal.
func TestRestoredBackupServes(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	target, store := newStore(t), newStore(t)
	m, err := backup.Make(t.Context(), backup.Source{URL: app.Pool.Config().ConnString(), Store: app.Store, Program: "test"}, target, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	url := dbtest.Empty(t)
	err = backup.Restore(t.Context(), target, m, backup.Into{URL: url, Serving: dbtest.Serving(t), Store: store, Log: slog.New(slog.DiscardHandler)}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	openRestored(t, app, apptest.On(t, dbtest.Open(t, url), store))
}

// TestPlainRestoreServes: a dump restored with PostgreSQL's own programs lacks
// the rights; the program says so, and the next start gives them.
func TestPlainRestoreServes(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	dump := filepath.Join(t.TempDir(), "dump")
	run := func(name, url string, args ...string) {
		t.Helper()
		path, err := programs.Client(t.Context(), name, apptest.Value[int](app, `select current_setting('server_version_num')::int / 10000`))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(path, append(args, "--dbname="+url)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("pg_dump", app.Pool.Config().ConnString(), "--format=custom", "--file="+dump)
	url := dbtest.Empty(t)
	run("pg_restore", url, "--no-owner", "--no-acl", "--exit-on-error", dump)
	restored := apptest.On(t, dbtest.Open(t, url), app.Store)
	if p := restored.Nobody().Get("/readyz"); p.Status != http.StatusServiceUnavailable {
		t.Errorf("without rights the program calls itself ready: %d %s", p.Status, p.Body)
	}
	owner := dbtest.Owner(t, restored.Pool)
	if err := postgres.Migrate(t.Context(), owner, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	openRestored(t, app, restored)
}

func newStore(t *testing.T) blob.Store {
	t.Helper()
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return store
}
