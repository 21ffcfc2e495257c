package queue_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
)

func start(t *testing.T, pool *pgxpool.Pool, workers ...queue.Worker) *queue.Queue {
	t.Helper()
	q, err := queue.New(pool, queue.Options{Test: true}, workers...)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return q
}

func insert(t *testing.T, pool *pgxpool.Pool, outcome error, args ...queue.Args) {
	t.Helper()
	c, err := queue.NewClient(pool)
	if err != nil {
		t.Fatal(err)
	}
	err = postgres.Transact(t.Context(), pool, func(tx postgres.Tx) error {
		for _, a := range args {
			if err := c.Insert(t.Context(), tx, a); err != nil {
				return err
			}
		}
		return outcome
	})
	if !errors.Is(err, outcome) {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestOnlyCommittedWorkIsDone(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	done := make(chan int64, 10)
	start(t, pool, queue.Register(time.Minute, func(_ context.Context, p queue.PreparePhoto) error { done <- p.Attachment; return nil }))
	insert(t, pool, errors.New("changed my mind"), queue.PreparePhoto{Attachment: 1})
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 2})
	if got := receive(t, done); got != 2 {
		t.Errorf("worked on %d, which was never committed", got)
	}
}

func TestLaterRunsAgain(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	tries := make(chan bool, 10)
	again := true
	start(t, pool, queue.Register(time.Minute, func(context.Context, queue.PreparePhoto) error {
		tries <- again
		if again {
			again = false
			return queue.Later(time.Millisecond)
		}
		return nil
	}))
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 1})
	if !receive(t, tries) || receive(t, tries) {
		t.Error("the second try did not follow the first")
	}
}

func TestPanicTakesOnlyItsJob(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	done := make(chan int64, 10)
	start(t, pool, queue.Register(time.Minute, func(_ context.Context, p queue.PreparePhoto) error {
		if p.Attachment == 1 {
			panic("broken photo")
		}
		done <- p.Attachment
		return nil
	}))
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 1}, queue.PreparePhoto{Attachment: 2})
	if got := receive(t, done); got != 2 {
		t.Errorf("got %d", got)
	}
}

func TestPeriodicRunsAtStartInOneProgram(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	turns := make(chan string, 10)
	every := queue.Periodic("look around", 24*time.Hour, func(context.Context) error { turns <- "look around"; return nil })
	first := start(t, pool, every)
	receive(t, turns)
	// Another program that leads later does not repeat what was done in this period.
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, pool, every, queue.Periodic("look on", 24*time.Hour, func(context.Context) error { turns <- "look on"; return nil }))
	if got := receive(t, turns); got != "look on" {
		t.Errorf("%q ran twice in its period", got)
	}
}

// A program that was killed leaves a job that nobody works.
func TestJobsOfAProgramThatIsGoneRunAgain(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 7})
	if _, err := pool.Exec(t.Context(), `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = '{a killed program}'`); err != nil {
		t.Fatal(err)
	}
	done := make(chan int64, 10)
	start(t, pool, queue.Register(time.Hour, func(_ context.Context, p queue.PreparePhoto) error { done <- p.Attachment; return nil }))
	if got := receive(t, done); got != 7 {
		t.Errorf("got %d", got)
	}
}

// A job of a program that lives is left alone, however long it takes.
func TestJobsOfAProgramThatLivesAreLeftAlone(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	begun, end := make(chan string, 10), make(chan struct{})
	work := func(name string) queue.Worker {
		return queue.Register(time.Hour, func(_ context.Context, p queue.PreparePhoto) error {
			if begun <- name; p.Attachment == 1 {
				<-end
			}
			return nil
		})
	}
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 1})
	start(t, pool, work("first"))
	receive(t, begun)
	start(t, pool, work("second"))
	for range 12 { // long enough for the second program to look several times
		insert(t, pool, nil, queue.PreparePhoto{Attachment: 2})
		if got := receive(t, begun); got != "second" {
			t.Fatalf("the job that takes long was begun again by the %s program", got)
		}
	}
	close(end)
}

// However many photos one customer has sent, another's waits for one of them.
func TestCustomersTakeTurns(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	photo := func(customer, n int64) queue.Args {
		return queue.PreparePhoto{Attachment: customer*1000 + n, Customer: customer}
	}
	begun, end := make(chan int64), make(chan error)
	start(t, pool, queue.Register(time.Hour, func(ctx context.Context, p queue.PreparePhoto) error {
		select {
		case begun <- p.Attachment:
			return <-end
		case <-ctx.Done():
			return ctx.Err()
		}
	}))
	var many []queue.Args
	for n := range int64(200) {
		many = append(many, photo(1, n))
	}
	insert(t, pool, nil, many...)
	var order []int64
	next := func(outcome error) {
		order = append(order, receive(t, begun))
		if len(order) == 2 { // while the first customer's second is worked, others send theirs
			insert(t, pool, nil, photo(2, 0), photo(2, 1), photo(2, 2))
			insert(t, pool, nil, photo(3, 0))
		}
		end <- outcome
	}
	for range 4 {
		next(nil)
	}
	next(errors.New("the store is away")) // a turn all the same
	for range 4 {
		// What failed waits for longer than a busy machine takes here.
		if _, err := pool.Exec(t.Context(), `update river_job set scheduled_at = now() + interval '1 hour' where errors is not null and scheduled_at > now()`); err != nil {
			t.Fatal(err)
		}
		next(nil)
	}
	if want := []int64{1000, 1001, 2000, 3000, 1002, 2001, 1003, 2002, 1004}; !slices.Equal(order, want) {
		t.Errorf("worked %v, want %v", order, want)
	}
}

// A job that failed waits as long as it would have alone.
func TestTurnsLeaveWhatFailedAlone(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 1000, Customer: 1}, queue.PreparePhoto{Attachment: 1001, Customer: 1}, queue.PreparePhoto{Attachment: 2000, Customer: 2})
	// The queue keeps what is to be tried again within seconds among what could start.
	if _, err := pool.Exec(t.Context(), `update river_job set scheduled_at = now() + interval '1 hour' where args->>'attachment' = '1001'`); err != nil {
		t.Fatal(err)
	}
	done := make(chan int64, 3)
	start(t, pool, queue.Register(time.Hour, func(_ context.Context, p queue.PreparePhoto) error {
		done <- p.Attachment
		return nil
	}))
	if first, second := receive(t, done), receive(t, done); first != 1000 || second != 2000 {
		t.Errorf("worked %d and %d", first, second)
	}
	var waits bool
	if err := pool.QueryRow(t.Context(), `select scheduled_at > now() + interval '30 minutes' from river_job where args->>'attachment' = '1001'`).Scan(&waits); err != nil || !waits {
		t.Errorf("what failed is tried at once: %v", err)
	}
}
