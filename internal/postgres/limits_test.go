package postgres_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// patient are limits that no test waits for.
var patient = postgres.Limits{
	Connections: 4, Wait: time.Minute, Statement: time.Minute, Request: time.Minute, Long: time.Minute, Lock: time.Minute, Idle: time.Minute,
}

func within(t *testing.T, url string, l postgres.Limits) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.OpenWithin(t.Context(), url, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// lock holds the company's row until the test ends or the function is called.
func lock(t *testing.T, url string) (free func()) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	for _, sql := range []string{"begin", "select from company for update"} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if _, err := c.Exec(context.Background(), "rollback"); err != nil {
			t.Error(err)
		}
	}
}

func write(ctx context.Context, pool *pgxpool.Pool) error {
	return postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "select from company for update")
		return err
	})
}

func as(ctx context.Context, owner string) context.Context {
	ctx = postgres.WithShare(ctx)
	postgres.Own(ctx, owner)
	return ctx
}

// One customer's requests wait for a row that somebody holds, more of them than
// there are connections; everybody else has theirs.
func TestOneOwnersWaitingIsNobodyElses(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	pool := within(t, url, patient)
	free := lock(t, url)
	const all = 8
	done := make(chan error, all)
	for range all {
		go func() { done <- write(as(context.Background(), "customer 1"), pool) }()
	}
	for waiting := 0; waiting < 2; { // as many as one owner may have
		if err := pool.QueryRow(as(t.Context(), "customer 2"), `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		var one int
		if err := pool.QueryRow(as(t.Context(), "customer 2"), `select 1`).Scan(&one); err != nil {
			t.Fatal("another customer:", err)
		}
	}
	if n := pool.Stat().AcquiredConns(); n > 2 {
		t.Errorf("one owner has %d of 4 connections", n)
	}
	free()
	for range all {
		if err := <-done; err != nil {
			t.Error("after the lock:", err)
		}
	}
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are still held", n)
	}
}

func TestLocksAreNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	limits := patient
	limits.Lock = 50 * time.Millisecond
	pool := within(t, url, limits)
	free := lock(t, url)
	if err := write(t.Context(), pool); !postgres.Held(err) {
		t.Errorf("got %v", err)
	}
	free()
	if err := write(t.Context(), pool); err != nil {
		t.Error("after the lock:", err)
	}
}

// A request that needs a connection while it has one does not wait for itself.
func TestAnOwnerDoesNotWaitForItself(t *testing.T) {
	t.Parallel()
	pool := within(t, dbtest.URL(t), patient)
	ctx := as(t.Context(), "customer 1")
	var held []*pgxpool.Conn
	for range 4 { // twice an owner's part
		c, err := pool.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}
}

// Whoever goes away while they wait for their turn says nothing about the database.
func TestWhoHasGoneIsNotSentAway(t *testing.T) {
	t.Parallel()
	pool := within(t, dbtest.URL(t), patient)
	for range 2 { // an owner's part
		c, err := pool.Acquire(as(t.Context(), "customer 1"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Release()
	}
	gone, leave := context.WithCancel(as(t.Context(), "customer 1"))
	leave()
	if _, err := pool.Acquire(gone); !errors.Is(err, context.Canceled) || postgres.Away(err) || postgres.Shed(pool) != 0 {
		t.Errorf("got %v, %d sent away", err, postgres.Shed(pool))
	}
}

func TestCrowdsAreSentAway(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	limits := patient
	limits.Connections = 1
	pool := within(t, url, limits)
	free := lock(t, url)
	const all = 80
	done := make(chan error, all)
	for range all {
		go func() { done <- write(as(context.Background(), "customer 1"), pool) }()
	}
	for range all - 16 { // as many may stay
		if err := <-done; !postgres.Away(err) {
			t.Fatalf("got %v", err)
		}
	}
	free()
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := postgres.Shed(pool); n != all-16 {
		t.Errorf("%d counted as sent away", n)
	}
}

// A database that hangs costs a limit, not for ever; when it is back, so is
// everything, without the connections that hung.
func TestAHangingDatabaseIsCutOff(t *testing.T) {
	t.Parallel()
	line := dbtest.Hanging(t)
	limits := patient
	limits.Wait, limits.Statement, limits.Request = 2*time.Second, 300*time.Millisecond, time.Minute
	pool := within(t, line.URL, limits)
	ask := func() error {
		var one int
		return pool.QueryRow(as(t.Context(), "customer 1"), "select 1").Scan(&one)
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	line.Hang(true)
	if err := ask(); !postgres.Away(err) {
		t.Errorf("a query: %v", err)
	}
	if err := tx.Commit(t.Context()); !postgres.Away(err) {
		t.Errorf("a commit: %v", err)
	}
	line.Hang(false)
	if err := ask(); err != nil {
		t.Errorf("the database is back: %v", err)
	}
	for pool.Stat().AcquiredConns() != 0 { // those that hung are closed in the background
		runtime.Gosched()
	}
}

// Many statements of one request share one time; an export takes its own, and a
// commit is never cut off for what was spent before it.
func TestARequestHasOneTime(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Request = 30 * time.Millisecond
	pool := within(t, dbtest.URL(t), limits)
	slow := `select pg_sleep(0.02)`
	exec := func(ctx context.Context, times int) (err error) {
		for range times {
			if _, e := pool.Exec(ctx, slow); e != nil {
				err = e
			}
		}
		return err
	}
	if err := exec(as(t.Context(), "a"), 5); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("five slow statements in one request: %v", err)
	}
	long := as(t.Context(), "a")
	postgres.TakeTime(long)
	if err := exec(long, 5); err != nil {
		t.Errorf("an export: %v", err)
	}
	limits.Request = time.Nanosecond
	pool = within(t, pool.Config().ConnString(), limits)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(as(t.Context(), "a")); err != nil {
		t.Errorf("a commit: %v", err)
	}
}
