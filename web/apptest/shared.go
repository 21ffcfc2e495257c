package apptest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the program of all tests of a package that only look.
var shared struct {
	once sync.Once
	app  *App
	life life
	rows map[string]string
}

// Shared is a program that other tests use at the same time: it is for looking
// alone. A package whose tests use it has a TestMain that calls Main.
func Shared(t testing.TB) *App {
	t.Helper()
	shared.once.Do(func() {
		shared.life.TB = t
		app := New(&shared.life)
		// Opening what came from the portal for the first time is noted.
		app.Exec(`update quotes set looked_at = now(), looked_by_id = 1 where origin = 'portal'`)
		shared.rows = app.Rows()
		shared.app = app
	})
	if shared.app == nil {
		t.Fatal("the shared program did not start; the first test says why")
	}
	app := *shared.app
	app.t = t
	return &app
}

// Main runs a package's tests, ends the shared program, and fails if a test
// has changed its rows.
func Main(m *testing.M) {
	status := m.Run()
	if shared.app != nil {
		for table, rows := range shared.app.Rows() {
			if rows != shared.rows[table] {
				fmt.Fprintf(os.Stderr, "A test has changed %s in the shared program: give that test a program of its own with New.\n", table)
				status = 1
			}
		}
		shared.life.end()
	}
	os.Exit(status)
}

// Rows is a fingerprint of each table of the business, but for the sessions
// and the trail.
func (a *App) Rows() map[string]string {
	a.t.Helper()
	all := map[string]string{}
	for _, table := range Value[[]string](a, `select array_agg(tablename::text) from pg_tables where schemaname = 'public' and tablename not like 'river%' and tablename not in ('sessions', 'audit_entries', 'attempts', 'push_keys')`) {
		all[table] = Value[string](a, `select coalesce(md5(string_agg(x::text, '|' order by x::text)), '') from `+table+` x`)
	}
	return all
}

// life is a test's that lasts as long as the package's tests.
type life struct {
	testing.TB
	atEnd []func()
}

func (l *life) Cleanup(do func()) { l.atEnd = append(l.atEnd, do) }

func (l *life) TempDir() string {
	dir, err := os.MkdirTemp("", "fieldgate-test-") // it outlives the test
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (l *life) end() {
	for i := len(l.atEnd) - 1; i >= 0; i-- {
		l.atEnd[i]()
	}
}
