package attack_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/web/apptest"
)

// short are limits that a test can wait for.
var short = postgres.Limits{
	Connections: 8, Wait: 2 * time.Second, Statement: 2 * time.Second, Request: 4 * time.Second, Long: time.Minute, Lock: time.Second, Idle: time.Minute,
}

// A database that hangs costs nobody more than a page's time, and is used again
// as soon as it answers.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	line := dbtest.Hanging(t)
	app := apptest.NewOn(t, line.URL, short)
	lee, ada := app.As("lee"), app.As("ada")
	line.Hang(true)
	for range 2 { // as many as there are connections, and more
		answers := make(chan apptest.Page)
		for i := range 12 {
			who, path := lee, "/jobs"
			if i%2 == 1 {
				who, path = ada, "/office/customers"
			}
			go func() { answers <- who.Get(path) }()
		}
		for range 12 {
			p := <-answers
			if p.Status != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" || !p.Has("right back") {
				t.Errorf("%s: %d %s", p.URL, p.Status, p.Text("main"))
			}
		}
	}
	if p := lee.Get("/readyz"); p.Status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d", p.Status)
	}
	if p := lee.Get("/healthz"); p.Status != http.StatusOK {
		t.Errorf("healthz: %d", p.Status)
	}
	line.Hang(false)
	for path, who := range map[string]*apptest.Browser{"/jobs": lee, "/office/customers": ada, "/readyz": lee} {
		wait(t, path+" is not there again", func() bool { return who.Get(path).Status == http.StatusOK })
	}
}

// What one contact's locked row holds up is theirs: other customers and the
// office look and write as ever, the program is ready, and the contact is told
// what to do.
func TestOneCustomersLockIsTheirs(t *testing.T) {
	t.Parallel()
	patient := short // with whoever only has a busy machine to wait for
	patient.Wait, patient.Statement, patient.Request = 30*time.Second, 30*time.Second, time.Minute
	app := apptest.NewOn(t, dbtest.URL(t), patient)
	lee, ola, ada := app.As("lee"), app.As("ola"), app.As("ada")
	tx, err := app.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from contacts where name like 'Lee %' for update`); err != nil {
		t.Fatal(err)
	}
	const all = 12
	answers := make(chan apptest.Page, all)
	write := func() apptest.Page {
		return lee.Post("/jobs/J-1001/messages", url.Values{"text": {"When will you come?"}, "nonce": {"one"}})
	}
	for range all {
		go func() { answers <- write() }()
	}
	for range 10 {
		for path, who := range map[string]*apptest.Browser{"/jobs": ola, "/office/customers": ada, "/readyz": ola} {
			if p := who.Get(path); p.Status != http.StatusOK {
				t.Errorf("%s: %d %s", path, p.Status, p.Text("main"))
			}
		}
	}
	for range all {
		p := <-answers
		if p.Status != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" || !(p.Has("takes too long") || p.Has("right back")) {
			t.Errorf("a message of the one who waits: %d %s", p.Status, p.Text("main"))
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := write(); p.Status != http.StatusOK {
		t.Errorf("after the lock: %d %s", p.Status, p.Text("main"))
	}
}
