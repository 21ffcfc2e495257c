package queue

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// A program that is killed leaves its jobs marked as running. River gives such
// jobs back once they are older than the longest job may take, which for mails
// is half a day. So each program holds a lock in the database as long
// as it lives, on a connection of its own: the lock goes with the program, and
// another one (or the next) gives its jobs back within seconds.
type alive struct {
	pool *pgxpool.Pool
	id   string // the program, as River writes it on the jobs it works
	log  *slog.Logger
	look time.Duration

	// settling is how long other programs have to take their locks on a server
	// that has just begun: their locks were lost with the one before.
	settling time.Duration
	lost     bool // this program's own lock was

	own running

	// missed are programs whose lock was free at the last look. Only the second
	// time counts: a connection may break and be made again.
	missed map[string]bool
}

const lockOf = `hashtextextended('fieldgate program ' || @program, 0)`

// run holds the program's lock and looks after the others until ctx ends.
func (a *alive) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := a.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		a.lost = true
		a.log.WarnContext(ctx, "the queue's lock is lost and will be taken again", "error", err)
		pause(ctx, a.look/4)
	}
}

func (a *alive) hold(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, a.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the lock goes with it
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(`+lockOf+`)`, pgx.NamedArgs{"program": a.id}); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	held := time.Now()
	for pause(ctx, a.look) {
		if err := a.watch(ctx, conn, held); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// noticing is how soon a server that no longer answers is noticed, so that all
// programs have their locks on the next one at about the same time.
const noticing = 3 * time.Second

// watch is one look after the jobs of others, and after our own.
func (a *alive) watch(ctx context.Context, conn *pgx.Conn, held time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, noticing)
	defer cancel()
	if err := a.giveBackOwn(ctx, conn); err != nil {
		return err
	}
	if time.Since(held) < a.settling {
		begun := a.lost
		if !begun {
			err := conn.QueryRow(ctx, `select clock_timestamp() - pg_postmaster_start_time() < @settling::interval`, pgx.NamedArgs{"settling": a.settling}).Scan(&begun)
			if err != nil {
				return fmt.Errorf("ask how long the server runs: %w", err)
			}
		}
		if begun {
			return nil
		}
	}
	return a.rescue(ctx, conn)
}

// rescue gives back the jobs of programs that are gone.
func (a *alive) rescue(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `
		select distinct program from (
			select attempted_by[array_length(attempted_by, 1)] as program from river_job where state = 'running'
			union all select leader_id from river_leader
		) programs where program is not null and program <> @self`, pgx.NamedArgs{"self": a.id})
	if err != nil {
		return fmt.Errorf("look for programs: %w", err)
	}
	programs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for programs: %w", err)
	}
	missed := map[string]bool{}
	for _, program := range programs {
		gone, err := a.giveBack(ctx, conn, program, a.missed[program])
		if err != nil {
			return err
		}
		if gone {
			missed[program] = true
		}
	}
	a.missed = missed
	return nil
}

// giveBack reports whether nobody holds the program's lock, and gives its jobs
// back if it was so before.
func (a *alive) giveBack(ctx context.Context, conn *pgx.Conn, program string, again bool) (gone bool, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"program": program}
		if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(`+lockOf+`)`, args).Scan(&gone); err != nil || !gone || !again {
			return err
		}
		tag, err := tx.Exec(ctx, `
			update river_job set state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
			where state = 'running' and attempted_by[array_length(attempted_by, 1)] = @program`, args)
		if err != nil {
			return err
		}
		// Who leads looks after the jobs that wait for a later time.
		if _, err := tx.Exec(ctx, `delete from river_leader where leader_id = @program`, args); err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			a.log.WarnContext(ctx, "a program has gone; its jobs run again", "program", program, "jobs", tag.RowsAffected())
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("give back the jobs of %s: %w", program, err)
	}
	return gone, nil
}

// pause reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Hurry runs jobs now that wait for a later time: those of the kind that pick
// selects, a condition on "args", the jobs' arguments as jsonb.
func Hurry(ctx context.Context, tx postgres.Tx, kind, pick string, args pgx.NamedArgs) error {
	named := pgx.NamedArgs{"kind": kind}
	maps.Copy(named, args)
	_, err := tx.Exec(ctx, `update river_job set state = 'available', scheduled_at = now() where kind = @kind and state in ('scheduled', 'retryable', 'available') and scheduled_at > now() and `+pick, named)
	if err != nil {
		return fmt.Errorf("hurry %s: %w", kind, err)
	}
	return nil
}

// waits is how long a job that failed waits: longer each time, four minutes at most.
func waits(tries int) time.Duration {
	return min(time.Duration(tries*tries)*time.Second+time.Second, 4*time.Minute)
}
