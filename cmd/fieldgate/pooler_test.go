package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
)

// TestPooler: pages come through PgBouncer in transaction mode, all else directly.
// Where there is no direct address, the start says what to set.
func TestPooler(t *testing.T) {
	t.Parallel()
	owner := dbtest.OwnerURL(t, dbtest.URL(t))
	direct := dbtest.ServingURL(t, owner)
	pooled := dbtest.Pooled(t, direct, "transaction", 2)
	f := newFleet(t, owner, 1, "http://portal.northwind.test", "DATABASE_URL="+pooled, "FIELDGATE_DATABASE_DIRECT_URL="+direct)
	for _, tt := range []struct {
		command, says string
		change        []string
	}{
		{"serve", "DATABASE_URL leads through a pooler in transaction mode", []string{"FIELDGATE_DATABASE_DIRECT_URL="}},
		{"serve", "set FIELDGATE_DATABASE_DIRECT_URL to PostgreSQL's own address", []string{"FIELDGATE_DATABASE_DIRECT_URL="}},
		{"serve", "FIELDGATE_DATABASE_DIRECT_URL leads through a pooler", []string{"FIELDGATE_DATABASE_DIRECT_URL=" + pooled}},
		{"serve", "lead to different databases", []string{"FIELDGATE_DATABASE_DIRECT_URL=" + dbtest.URL(t)}},
		{"serve", "FIELDGATE_MIGRATE_URL leads through a pooler", []string{"FIELDGATE_MIGRATE_URL=" + pooled}},
		{"migrate", "FIELDGATE_MIGRATE_URL leads through a pooler", []string{"FIELDGATE_MIGRATE_URL=" + pooled}},
		{"backup", "DATABASE_URL leads through a pooler", []string{"FIELDGATE_MIGRATE_URL=", "FIELDGATE_DATABASE_DIRECT_URL=", "FIELDGATE_BACKUP=file://" + t.TempDir()}},
		{"staff list", "DATABASE_URL leads through a pooler", []string{"FIELDGATE_DATABASE_DIRECT_URL="}},
	} {
		environ := append(f.environ[:len(f.environ):len(f.environ)], append(tt.change, "FIELDGATE_LISTEN=127.0.0.1:0")...)
		if out, status := fieldgate(t, environ, strings.Fields(tt.command)...); status != 1 || !strings.Contains(out, tt.says) {
			t.Errorf("%s with %q: %d\n%s", tt.command, tt.change, status, out)
		}
	}

	fillBusiness(t, f.pool)
	c := f.copies[0]
	f.start(c, "this")
	f.ready(c)
	lee, status := f.signIn(c.base, "/login", "lee@harbour.test", chaosPassword)
	if status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", status)
	}
	ada, _ := f.signIn(c.base, "/office/login", "ada@northwind.test", chaosPassword)
	status, _, job := f.ask(lee, c.base+"/jobs", url.Values{"nonce": {"pooler"}, "contact": {"1"}, "type": {"1"}, "description": {"It drips"}})
	if status != http.StatusSeeOther {
		t.Fatalf("a request: %d", status)
	}
	for range 3 { // on whichever connection
		for path, who := range map[string]*http.Client{"/": lee, "/jobs": lee, job: lee, "/jobs?q=drips": lee, "/quotes": lee, "/details": lee, "/office": ada, "/office" + job: ada, "/office/jobs": ada, "/office/search?q=drips": ada, "/office/customers": ada} {
			if status, _, _ := f.ask(who, c.base+path, nil); status != http.StatusOK {
				t.Errorf("%s: %d", path, status)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := f.mail.WaitTo(ctx, "dispatch@northwind.test"); err != nil {
		t.Errorf("the office is not told: %v", err)
	}
	f.end(c)
}
