package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
	"fieldgate/migrations"
)

// nextMigrations change what pages read and write, one table each.
var nextMigrations = []string{
	"alter table jobs add column crew text not null default 'one'", "alter table quotes add column crew text not null default 'one'", "alter table contacts add column crew text not null default ''",
	"alter table portal_settings add column hide_crew boolean not null default false", "alter table sessions add column crew text", "alter table staff add column crew text",
	"create table crews (id bigint generated always as identity primary key, customer_id bigint not null references customers, name text not null)", "alter table customers add column crew text; alter table customers add constraint customer_crew check (crew <> '')",
}

// beNext makes this program the next version: with more migrations, and views
// that show what they add.
func beNext() {
	more := fstest.MapFS{}
	for i, sql := range nextMigrations {
		more[fmt.Sprintf("%d_crews.sql", 9000+i)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql + ";\n")}
	}
	migrations.FS = both{migrations.FS, more}
	migrations.PortalViews = strings.Replace(migrations.PortalViews, "       j.cancelled_why,", "       j.crew, j.cancelled_why,", 1) +
		"create view portal.crews as select j.crew, q.crew as quoted from portal.jobs v join jobs j on j.id = v.id join quotes q on q.id = j.quote_id;\n"
}

// both is a folder with what another one holds beside its own.
type both struct {
	fs.FS
	more fstest.MapFS
}

func (o both) Open(name string) (fs.File, error) {
	if f, err := o.more.Open(name); err == nil && name != "." {
		return f, nil
	}
	return o.FS.Open(name)
}

func (o both) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return nil, err
	}
	more, err := o.more.ReadDir(name)
	return append(all, more...), err
}

// balancer sends visitors to copies in turn, as proxies do: to those that are
// ready, and to the next one when a request could not even be sent.
type balancer struct {
	copies []*instance
	ready  []atomic.Bool
	turn   atomic.Int64
	way    *http.Transport

	mu     sync.Mutex
	failed []string
}

func startBalancer(t *testing.T) (b *balancer, address string) {
	b = &balancer{way: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(b.way.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		Transport: b,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			b.fail(fmt.Sprintf("%s %s: %v", r.Method, r.URL.Path, err))
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return b, server.URL
}

func (b *balancer) fail(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = append(b.failed, what)
}

// watch asks copies whether they are ready, until ctx ends.
func (b *balancer) watch(ctx context.Context) {
	var all sync.WaitGroup
	for i, c := range b.copies {
		all.Go(func() {
			for ctx.Err() == nil {
				b.ready[i].Store(isReady(c.base))
				_ = pause(ctx, 30*time.Millisecond)
			}
		})
	}
	all.Wait()
}

var errNobody = errors.New("no copy is ready")

// RoundTrip sends the request to a copy that is ready.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var form []byte
	if r.Body != nil {
		var err error
		if form, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := int(b.turn.Add(1))
	for n := range b.copies {
		i := (first + n) % len(b.copies)
		if !b.ready[i].Load() {
			continue
		}
		r.URL.Host = strings.TrimPrefix(b.copies[i].base, "http://")
		if r.Body != nil {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
			r.Body, _ = r.GetBody()
		}
		answer, err := b.way.RoundTrip(r)
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
			continue
		}
		return answer, err
	}
	return nil, errNobody
}

// load is what visitors do all the while.
type load struct {
	f         *fleet
	base      string
	sent      atomic.Int64
	mu        sync.Mutex
	wrong     []string
	requested []string // the jobs that were answered with yes
}

func (l *load) begin(ctx context.Context, visitors int) (wait func()) {
	lee, status := l.f.signIn(l.base, "/login", "lee@harbour.test", chaosPassword)
	ada, office := l.f.signIn(l.base, "/office/login", "ada@northwind.test", chaosPassword)
	if status != http.StatusSeeOther || office != http.StatusSeeOther {
		l.f.t.Fatalf("signing in: %d, %d", status, office)
	}
	var all sync.WaitGroup
	for v := range visitors {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				for _, page := range []struct {
					who     *http.Client
					address string
				}{{lee, "/"}, {lee, "/jobs"}, {ada, "/office/customers/C-1001"}, {visitor(), "/login"}, {lee, "/quotes"}, {ada, "/office/jobs"}, {lee, "/details"}} {
					l.look(page.who, page.address, nil, http.StatusOK)
				}
				l.look(lee, "/jobs", url.Values{"nonce": {fmt.Sprintf("rolling-%d-%d", v, i)}, "contact": {"1"}, "type": {"1"}, "description": {fmt.Sprintf("Request %d of %d", i, v)}}, http.StatusSeeOther)
				l.f.exec(`update jobs set created_at = created_at - interval '2 hours' where created_at > now() - interval '1 hour'`)
			}
		})
	}
	return all.Wait
}

func (l *load) look(who *http.Client, address string, form url.Values, want int) {
	status, _, to := l.f.ask(who, l.base+address, form)
	l.sent.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if status != want {
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %d", address, status))
	}
	if form != nil && status == http.StatusSeeOther {
		l.requested = append(l.requested, strings.TrimPrefix(to, "/jobs/"))
	}
}

// TestRolling: three copies are started anew one after the other, then replaced
// by the next version, which migrates, while people work; nobody notices.
func TestRolling(t *testing.T) {
	t.Parallel()
	b, base := startBalancer(t)
	f := newFleet(t, dbtest.OwnerURL(t, dbtest.URL(t)), 3, base, "FIELDGATE_DRAIN=200ms")
	fillBusiness(t, f.pool)
	f.exec(`
		insert into sites (customer_id, name) values (1, 'Tower');
		insert into quotes (customer_id, name, description, currency, status, origin, created_by_contact_id, main_contact_id) values (1, 'Taps', 'Taps', 'AUD', 'requested', 'portal', 1, 1)`)
	for _, c := range f.copies {
		f.start(c, "this")
	}
	for _, c := range f.copies {
		f.ready(c)
	}
	ctx, over := context.WithCancel(t.Context())
	defer over()
	b.copies, b.ready = f.copies, make([]atomic.Bool, len(f.copies))
	for i := range b.ready {
		b.ready[i].Store(true)
	}
	var watching sync.WaitGroup
	watching.Go(func() { b.watch(ctx) })
	working, rest := context.WithCancel(ctx)
	l := &load{f: f, base: base}
	wait := l.begin(working, 4)
	const countSchemas = `select count(*) from pg_namespace where nspname ~ '^portal_[0-9a-f]{16}$'`
	roll := func(version string) {
		for i, c := range f.copies {
			f.end(c)
			f.start(c, version)
			f.ready(c)
			for !b.ready[i].Load() && pause(ctx, 5*time.Millisecond) == nil { // so that no moment has fewer than two
			}
			if n, want := value[int](f, countSchemas), map[string]int{"this": 1, "next": 2}[version]; n != want {
				t.Errorf("after copy %d of %s: %d schemas of views, want %d", i, version, n, want)
			}
		}
	}
	roll("this")
	restarted := l.sent.Load()
	roll("next")
	rest()
	wait()
	over()
	watching.Wait()

	if len(l.wrong) > 0 || len(b.failed) > 0 {
		t.Errorf("of %d requests %d failed: %.2000q, %.2000q", l.sent.Load(), len(l.wrong), l.wrong, b.failed)
	}
	if restarted == 0 || l.sent.Load() == restarted {
		t.Errorf("%d requests during the restart, %d in all", restarted, l.sent.Load())
	}
	var lost int
	if err := f.pool.QueryRow(t.Context(), `select count(*) from unnest($1::text[]) n where not exists (select from jobs where number = n)`, l.requested).Scan(&lost); err != nil || lost > 0 {
		t.Errorf("%d of %d jobs that were answered with yes are not there (%v)", lost, len(l.requested), err)
	}
	if n := value[int](f, `select count(*) from jobs`); n != len(l.requested) {
		t.Errorf("%d jobs, %d were answered with yes", n, len(l.requested))
	}
	t.Logf("%d requests during the restart, %d during the upgrade, %d jobs; none failed", restarted, l.sent.Load()-restarted, len(l.requested))

	// What nobody reads goes, when a program of the next version next looks.
	f.end(f.copies[0])
	f.pool.Close() // which is of this version
	f.start(f.copies[0], "next")
	f.ready(f.copies[0])
	c, err := pgx.Connect(t.Context(), f.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	var left int
	if err := c.QueryRow(t.Context(), countSchemas).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d schemas of views are left (%v)", left, err)
	}
}

// TestAMigrationGivesWay: while somebody reads a long report, a migration that
// waits for them holds nobody up.
func TestAMigrationGivesWay(t *testing.T) {
	t.Parallel()
	f := newFleet(t, dbtest.OwnerURL(t, dbtest.URL(t)), 1, "http://portal.northwind.test")
	report, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer report.Rollback(t.Context())
	if _, err := report.Exec(t.Context(), `select from jobs`); err != nil {
		t.Fatal(err)
	}
	f.start(f.copies[0], "next")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 3 {
		for !value[bool](f, `select exists (select from pg_locks where relation = 'jobs'::regclass and mode = 'AccessExclusiveLock')`) {
			if pause(ctx, time.Millisecond) != nil {
				t.Fatal("the migration does not begin")
			}
		}
		f.exec(`set lock_timeout = '3s'; select from jobs`) // as long as a page waits
	}
	if err := report.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.ready(f.copies[0])
	f.end(f.copies[0])
}
