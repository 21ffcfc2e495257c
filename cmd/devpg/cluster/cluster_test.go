package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// start starts the cluster of dir and lets the end of the test take it away.
func start(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Dir: dir, Fast: true})
	if err != nil {
		t.Fatalf("start a cluster: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() }) // The test may have closed it.
	return c
}

// folder is for one cluster, and nothing of it outlives the test.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := Find(t.Context(), dir); errors.Is(err, ErrNoPrograms) && os.Getenv("DATABASE_URL") != "" {
		t.Skip("no PostgreSQL is installed here: the other tests use the one that DATABASE_URL names")
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := Remove(ctx, dir); err != nil {
			t.Error(err)
		}
		for _, fast := range []bool{true, false} {
			c, err := plan(ctx, Options{Dir: dir, Fast: fast})
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{c.dir, c.sockets} {
				if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is left behind", path)
				}
			}
		}
	})
	return dir
}

func closed(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// vanish does to a cluster's user what a kill -9 does: its files are closed.
func vanish(c *Cluster) {
	c.users.close()
	c.startStop.close()
}

// running tells whether any process of the server lives.
func running(t *testing.T, c *Cluster) bool {
	t.Helper()
	server, err := openLock(c.serverLock())
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer server.close()
	// On a busy machine the server's last process is gone a moment after the
	// server has said that it has stopped.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return server.exclusive(ctx) != nil
}

// do runs a statement on a connection of its own.
func do(t *testing.T, c *Cluster, sql string) {
	t.Helper()
	conn := connect(t, c)
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// ask is do for a query with one answer.
func ask(t *testing.T, c *Cluster, sql string) (answer string) {
	t.Helper()
	conn := connect(t, c)
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func connect(t *testing.T, c *Cluster) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return conn
}

func pid(t *testing.T, c *Cluster) int {
	t.Helper()
	pid, ready := c.status()
	if !ready {
		t.Fatal("the server is not ready")
	}
	return pid
}

func TestDataIsKept(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, dir)
	if got := ask(t, first, "select lower('ÉÅ')"); got != "éå" {
		t.Errorf("lower('ÉÅ') is %q: letters beyond ASCII must be known", got)
	}
	do(t, first, "create table kept as select 'still here' as word")
	closed(t, first)
	if running(t, first) {
		t.Fatal("the server runs on after its only user's Close")
	}

	second := start(t, dir)
	if got := ask(t, second, "select word from kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
}

func TestTheLastUserStopsTheServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	users := make([]*Cluster, 4)
	failed := make(chan error, len(users))
	for i := range users { // all at once, in a folder where there is nothing yet
		go func() {
			var err error
			users[i], err = Start(t.Context(), Options{Dir: dir, Fast: true})
			failed <- err
		}()
	}
	for range users {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range users {
		ask(t, c, "select 'at hand'")
		closed(t, c)
		if last := i == len(users)-1; running(t, c) == last {
			t.Errorf("after %d of %d users the server is running: %t", i+1, len(users), !last)
		}
	}
}

func TestKilledUserLeavesItsServerToTheNext(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	killed := start(t, dir)
	before := pid(t, killed)
	vanish(killed)

	next := start(t, dir)
	if after := pid(t, next); after != before {
		t.Errorf("the next user has server %d, not %d that ran already", after, before)
	}
	closed(t, next)
	if running(t, next) {
		t.Error("the next user's Close did not stop the server")
	}
}

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c, err := Start(t.Context(), Options{Dir: dir}) // Fast makes no promise here.
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, "create table kept as select 'still here' as word")
	server := pid(t, c)
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for syscall.Kill(server, 0) == nil { // a busy machine takes its time even with this
		if sleep(t.Context()) != nil {
			t.Fatal("the server outlives its end")
		}
	}
	vanish(c)

	next, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	if got := ask(t, next, "select word from kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
}

// After a restart of the machine the pid of an old file may be anybody's.
func TestPidOfAnotherProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, dir)
	text, err := os.ReadFile(c.pidFile())
	if err != nil {
		t.Fatal(err)
	}
	closed(t, c)
	_, rest, _ := strings.Cut(string(text), "\n")
	stale := fmt.Sprintf("%d\n%s", os.Getpid(), rest) // A signal to this pid would end the tests.
	if err := os.WriteFile(c.pidFile(), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}

	next := start(t, dir)
	ask(t, next, "select 'at hand'")
}

func TestRemoveSparesWhatIsInUse(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, dir)
	if err := Remove(t.Context(), dir); err == nil {
		t.Error("a cluster in use was removed")
	}
	ask(t, c, "select 'at hand'")
}

func TestHalfMadeDataIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c, err := plan(t.Context(), Options{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(c.data+".new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if c.account.dropped {
		if err := os.Chown(c.dir, int(c.account.uid), int(c.account.gid)); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, start(t, dir), "select 'at hand'")
}

func TestFailureToStartShowsTheLog(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, dir)
	closed(t, c)
	if err := os.WriteFile(filepath.Join(c.data, "postgresql.auto.conf"), []byte("no_such_setting = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir, Fast: true})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the error does not show the reason: %v", err)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dir := folder(t)
	c, err := plan(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	log := writerFunc(func() { cancel() }) // The log's first line comes as initdb starts.
	if _, err := Start(ctx, Options{Dir: dir, Log: log}); err == nil {
		t.Fatal("the start went on")
	}
	if running(t, c) || initialised(c.data) {
		t.Error("something of the cluster is left")
	}
}

type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// Whoever may write to /tmp can put something where the socket shall lie.
func TestSocketFolderOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c, err := plan(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, c.sockets); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(c.sockets) })
	_, err = Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "not a folder of ours") {
		t.Errorf("got %v", err)
	}
	if target, err := os.Readlink(c.sockets); err != nil || target != elsewhere {
		t.Errorf("what lay there is gone: %v", err)
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, says, want string }{
		{"a current version", "postgres (PostgreSQL) 17.2 (Debian 17.2-1)", ""},
		{"a version before its release", "postgres (PostgreSQL) 19beta1", ""},
		{"one too old", "postgres (PostgreSQL) 14.9", "its version is 14, and 15 or later is needed"},
		{"something else", "hello", "names no version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", c.says)
			if err := os.WriteFile(filepath.Join(bin, "postgres"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			_, err := inspect(t.Context(), bin, account{})
			if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if _, err := inspect(t.Context(), t.TempDir(), account{}); err == nil {
		t.Error("an empty folder passes")
	}
}

func TestProgramsFitTheData(t *testing.T) {
	t.Parallel()
	found := installed{{"/17", 17}, {"/16", 16}, {"/15", 15}}
	dir := folder(t)
	if got := found.forDataIn(dir).major; got != 17 {
		t.Errorf("without data: %d, want the newest", got)
	}
	data := dataFolder(dir, 15)
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := found.forDataIn(dir).major; got != 15 {
		t.Errorf("with data of 15: %d", got)
	}
}
