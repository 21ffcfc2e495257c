package queue

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
)

// watching is a program that looks after jobs and works none.
func watching(t *testing.T) (*alive, *pgx.Conn) {
	t.Helper()
	pool := dbtest.New(t)
	conn, err := pgx.ConnectConfig(t.Context(), pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return &alive{pool: pool, id: "this program", log: slog.New(slog.DiscardHandler)}, conn
}

// handed is a job that is marked as running in a program.
func handed(t *testing.T, conn *pgx.Conn, program string) (id int64) {
	t.Helper()
	err := conn.QueryRow(t.Context(), `insert into river_job (kind, queue, args, state, attempt, max_attempts, attempted_at, attempted_by) values ('x', 'x', '{}', 'running', 1, 25, now(), array[$1]) returning id`, program).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func look(t *testing.T, a *alive, conn *pgx.Conn, held time.Time, want ...string) {
	t.Helper()
	for range 3 {
		if err := a.watch(t.Context(), conn, held); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.Query(t.Context(), `select state::text from river_job order by id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("jobs are %v, want %v, %v", got, want, err)
	}
}

// The database has moved to another machine, where nobody's lock is yet: who
// comes first leaves the others time to take theirs.
func TestOnANewServerOthersHaveTimeToTakeTheirLocks(t *testing.T) {
	t.Parallel()
	a, conn := watching(t)
	handed(t, conn, "another program")
	a.settling, a.lost = time.Hour, true
	look(t, a, conn, time.Now(), "running")
	look(t, a, conn, time.Now().Add(-2*time.Hour), "available")
}

// A job handed out over a connection that broke is marked as running, and nobody runs it.
func TestJobsHandedOutIntoNothingRunAgain(t *testing.T) {
	t.Parallel()
	a, conn := watching(t)
	a.own.set(handed(t, conn, a.id), true)
	handed(t, conn, a.id)
	look(t, a, conn, time.Now(), "running", "available")
	a.own.idle, a.settling = nil, time.Hour
	handed(t, conn, a.id)
	look(t, a, conn, time.Now().Add(-2*time.Hour), "running", "available", "running") // it may be begun yet
}
