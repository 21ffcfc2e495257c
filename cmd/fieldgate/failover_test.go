package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/cmd/devpg/cluster"
	"fieldgate/internal/config"
	"fieldgate/internal/doctor"
	"fieldgate/internal/postgres"
)

// TestFailover takes the primary away from two copies of the program while they
// are at work, and promotes its standby, with the script that operators have:
// whatever was answered with yes is there, each mail goes out once, and neither
// copy is started again. Then the new primary waits in vain for a standby; and
// the former primary comes back and believes to be the primary still.
func TestFailover(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	p := newPair(ctx, t)
	first := newChaosOn(t, p.url)
	first.env = append(first.env, "FIELDGATE_DATABASE_READ_URL="+p.readURL)
	second := first.another()
	first.start()
	second.start()
	p.exports(ctx, first.pool)
	p.well(ctx, "What is saved is on a second machine before anybody is told so (db2).", "Exports read from the standby")

	copies := []*chaos{first, second}
	var done atomic.Int64
	third := make(chan bool)
	var all sync.WaitGroup
	for w := range 6 {
		all.Go(func() {
			for i := w; i < *changes; i += 6 {
				c := copies[i%2]
				c.change(ctx, i)
				first.anHourLater(ctx)
				if done.Add(1) == int64(*changes)/3 {
					close(third)
				}
			}
		})
	}
	<-third
	if err := p.primary.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	p.script(ctx, p.standby, "promote")
	promoted := time.Since(killed)
	for _, c := range copies {
		c.backAgain(ctx)
		t.Logf("promoted %v after the primary was killed; %s answers after %v", promoted.Round(time.Millisecond), c.base, time.Since(killed).Round(time.Millisecond))
	}
	all.Wait()
	if status := answered(t, first.office, http.MethodGet, first.base+"/office/jobs.csv", nil); status != http.StatusOK {
		t.Errorf("without a standby an export answers %d", status)
	}
	p.well(ctx, p.primary.Sockets()+":5432 does not answer", "No standby answers at FIELDGATE_DATABASE_READ_URL")

	// Commits wait for a standby that is not there.
	if _, err := first.pool.Exec(ctx, `update sessions set seen_at = seen_at - interval '20 minutes'`); err != nil { // so that pages note that somebody is there
		t.Fatal(err)
	}
	p.sql(ctx, p.standby, `alter system set synchronous_standby_names = 'gone'`, `select pg_reload_conf()`)
	form := url.Values{"nonce": {"while the standby is away"}, "contact": {"1"}, "type": {"1"}, "description": {"The tap drips"}}
	p.well(ctx, "changes wait for a standby (gone), and none follows")
	for _, path := range []string{"/jobs", "/"} { // what only reads goes on
		if status := answered(t, first.portal, http.MethodGet, first.base+path, nil); status != http.StatusOK {
			t.Errorf("%s answers %d while the standby is away", path, status)
		}
	}
	if status := answered(t, first.portal, http.MethodPost, first.base+"/jobs", form); status != http.StatusServiceUnavailable {
		t.Errorf("a job that no standby has was answered with %d", status)
	}
	p.script(ctx, p.standby, "alone")
	if status := answered(t, first.portal, http.MethodPost, first.base+"/jobs", form); status != http.StatusSeeOther {
		t.Errorf("sent again, it was answered with %d", status)
	}

	// Who comes back is not believed, though its address is named first and it takes changes.
	p.restart(ctx)
	p.sql(ctx, p.standby, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fieldgate' and pid <> pg_backend_pid()`)
	p.well(ctx, "More than one database server takes changes")
	first.change(ctx, 10*(*changes))
	second.change(ctx, 10*(*changes)+1)
	first.settle(ctx)
	first.compare(ctx, *changes-*changes/10+3)
}

// another is a second copy of the program, on the same database.
func (c *chaos) another() *chaos {
	other := &chaos{t: c.t, pool: c.pool, server: c.server, env: c.env, files: c.files}
	other.listens()
	c.t.Cleanup(other.kill)
	return other
}

// backAgain waits until the copy is ready.
func (c *chaos) backAgain(ctx context.Context) {
	for ctx.Err() == nil {
		if answered(c.t, http.DefaultClient, http.MethodGet, c.base+"/readyz", nil) == http.StatusOK {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Error("the copy never came back")
}

func answered(t *testing.T, client *http.Client, method, address string, form url.Values) int {
	t.Helper()
	q, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	patient := *client
	patient.Timeout = 30 * time.Second
	r, err := patient.Do(q)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode
}

// pair is a primary with a database of ours, and its synchronous standby.
type pair struct {
	t                *testing.T
	dir              string
	primary, standby *cluster.Cluster
	url              string // of the database, at whichever of them is the primary
	readURL          string // of the database, rather at the standby
}

func newPair(ctx context.Context, t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, dir: t.TempDir()}
	bin, err := cluster.Find(ctx, filepath.Join(p.dir, "primary"))
	if errors.Is(err, cluster.ErrNoPrograms) && os.Getenv("DATABASE_URL") != "" {
		t.Skip("no PostgreSQL is installed here: the other tests use the one that DATABASE_URL names")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"pg_basebackup", "psql"} {
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			t.Skipf("this PostgreSQL has no %s", program)
		}
	}
	p.primary = p.start(ctx, cluster.Options{Dir: filepath.Join(p.dir, "primary")})
	p.sql(ctx, p.primary, `create role fieldgate_owner login`, `create role fieldgate login`, `create role fieldgate_portal nologin noinherit`, `grant fieldgate_portal to fieldgate`, `create database fieldgate owner fieldgate_owner template template0`)
	owner, err := postgres.Open(ctx, "postgres://fieldgate_owner@/fieldgate?port=5432&host="+p.primary.Sockets(), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := postgres.Migrate(ctx, owner, postgres.Role{Name: "fieldgate"}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(ctx, `update company set time_zone = 'Australia/Sydney', currency = 'AUD', locale = 'en-AU', first_steps_done_at = now()`); err != nil {
		t.Fatal(err)
	}
	p.script(ctx, p.primary, "primary", "db2", "/run/db2")
	p.standby = p.start(ctx, cluster.Options{Dir: filepath.Join(p.dir, "standby"), Initialise: func(command func(string, ...string) *exec.Cmd) error {
		p.run(command("sh", "-s", "copy", "db2", p.primary.Sockets()))
		return nil
	}})
	for follows := false; !follows; time.Sleep(20 * time.Millisecond) {
		if err := p.read(ctx, p.primary, `select count(*) = 1 from pg_stat_replication where state = 'streaming'`, &follows); err != nil {
			t.Fatal(err)
		}
	}
	p.script(ctx, p.primary, "synchronous", "db2")
	p.url = "postgres://fieldgate@/fieldgate?port=5432&target_session_attrs=read-write&host=" + p.primary.Sockets() + "," + p.standby.Sockets()
	p.readURL = "postgres://fieldgate@/fieldgate?port=5432&target_session_attrs=prefer-standby&host=" + p.standby.Sockets()
	return p
}

// well looks whether the doctor says all that of the servers.
func (p *pair) well(ctx context.Context, says ...string) {
	p.t.Helper()
	pool, err := postgres.OpenWithin(ctx, p.url, postgres.Work(2))
	if err != nil {
		p.t.Fatal(err)
	}
	defer pool.Close()
	said := ""
	for _, f := range doctor.New(doctor.Installation{Config: config.Config{DatabaseURL: p.url, ReadURL: p.readURL}, Pool: pool}).FullCheck(ctx).Findings {
		if f.Check == "Second database server" || f.Check == "Only one primary" {
			said += f.String() + "\n"
		}
	}
	for _, words := range says {
		if !strings.Contains(said, words) {
			p.t.Errorf("the doctor does not say %q:\n%s", words, said)
		}
	}
}

// exports reads as pages and as exports do: an export comes from the standby and
// holds whatever was saved before; one that is behind is not asked.
func (p *pair) exports(ctx context.Context, primary *pgxpool.Pool) {
	p.t.Helper()
	standby, err := postgres.OpenReading(ctx, p.readURL, postgres.Pages(2))
	if err != nil {
		p.t.Fatal(err)
	}
	defer standby.Close()
	read := func(what string, ctx context.Context, fromStandby bool) {
		p.t.Helper()
		var name string
		if err := primary.QueryRow(ctx, `update customers set name = name || '.' returning name`).Scan(&name); err != nil {
			p.t.Fatal(err)
		}
		db := postgres.NewSpread(primary, standby)
		for range 2 {
			var got string
			var from bool
			if err := db.QueryRow(ctx, `select name, pg_is_in_recovery() from customers`).Scan(&got, &from); err != nil || got != name || from != fromStandby {
				p.t.Errorf("%s: %q from a standby: %v, %v; want %q, %v", what, got, from, err, name, fromStandby)
			}
		}
	}
	preferring := func() context.Context {
		ctx := postgres.WithShare(ctx)
		postgres.PreferStandby(ctx)
		return ctx
	}
	read("a page", postgres.WithShare(ctx), false)
	read("an export", preferring(), true)
	p.sql(ctx, p.standby, `select pg_wal_replay_pause()`)
	read("an export while the standby is behind", preferring(), false)
	p.sql(ctx, p.standby, `select pg_wal_replay_resume()`)

	export := preferring()
	read("an export that goes on", export, true)
	if postgres.LeaveStandby(postgres.WithShare(ctx), errors.New("broken")) || !postgres.LeaveStandby(export, errors.New("broken")) {
		p.t.Error("a failure of the standby is one of the primary's, or the other way round")
	}
	read("an export whose standby failed", export, false)
	if _, err := primary.Exec(ctx, `update customers set name = 'Harbour Towers'`); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) start(ctx context.Context, o cluster.Options) *cluster.Cluster {
	o.Fast, o.Replicates = true, true
	c, err := cluster.Start(ctx, o)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = c.Close() // it may have been closed
		if err := cluster.Remove(context.WithoutCancel(ctx), o.Dir); err != nil {
			p.t.Error(err)
		}
	})
	return c
}

// restart starts the killed primary as it was.
func (p *pair) restart(ctx context.Context) {
	if err := p.primary.Close(); err != nil {
		p.t.Error(err)
	}
	p.primary = p.start(ctx, cluster.Options{Dir: filepath.Join(p.dir, "primary")})
}

// script runs the operators' script where the server of c is.
func (p *pair) script(ctx context.Context, c *cluster.Cluster, args ...string) {
	p.run(c.Command(ctx, "sh", append([]string{"-s"}, args...)...))
}

func (p *pair) run(cmd *exec.Cmd) {
	p.t.Helper()
	script, err := os.Open("../../docs/replication/standby.sh")
	if err != nil {
		p.t.Fatal(err)
	}
	defer script.Close()
	cmd.Stdin = script
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("standby.sh %q: %v\n%s", cmd.Args[2:], err, out)
	}
}

func (p *pair) sql(ctx context.Context, c *cluster.Cluster, statements ...string) {
	p.t.Helper()
	conn, err := pgx.Connect(ctx, c.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			p.t.Fatalf("%s: %v", sql, err)
		}
	}
}

func (p *pair) read(ctx context.Context, c *cluster.Cluster, sql string, into ...any) error {
	conn, err := pgx.Connect(ctx, c.URL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.QueryRow(ctx, sql).Scan(into...)
}
