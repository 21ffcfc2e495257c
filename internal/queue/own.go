package queue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
)

// running are the jobs that this program works on. A connection that breaks
// while jobs are handed out, as when the database moves to another machine,
// leaves some marked as running here that nobody has begun, and whose end nobody
// will note. River gives them back when the longest job would have ended.
type running struct {
	mu   sync.Mutex
	jobs map[int64]bool
	// idle are jobs marked as running here that were not, and since when.
	idle map[int64]time.Time
}

// work notes that a job is worked.
func (r *running) work(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) error {
	r.set(job.ID, true)
	defer r.set(job.ID, false)
	return do(ctx)
}

func (r *running) set(id int64, works bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs == nil {
		r.jobs = map[int64]bool{}
	}
	if delete(r.idle, id); works {
		r.jobs[id] = true
	} else {
		delete(r.jobs, id)
	}
}

// forgotten are those of the jobs marked as running here that have not been for
// longer than a job waits to be begun, or its end to be written down.
func (r *running) forgotten(marked []int64, patience time.Duration) (ids []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	idle := map[int64]time.Time{}
	for _, id := range marked {
		if r.jobs[id] {
			continue
		}
		idle[id] = time.Now()
		if since, known := r.idle[id]; known {
			idle[id] = since
		}
		if time.Since(idle[id]) > patience {
			ids = append(ids, id)
		}
	}
	r.idle = maps.Clone(idle)
	slices.Sort(ids)
	return ids
}

// giveBackOwn gives back jobs that this program has been handed and knows nothing of.
func (a *alive) giveBackOwn(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `select id from river_job where state = 'running' and attempted_by[array_length(attempted_by, 1)] = @self`, pgx.NamedArgs{"self": a.id})
	if err != nil {
		return fmt.Errorf("look for our jobs: %w", err)
	}
	marked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for our jobs: %w", err)
	}
	ids := a.own.forgotten(marked, 2*a.settling)
	if len(ids) == 0 {
		return nil
	}
	tag, err := conn.Exec(ctx, `
		update river_job set state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
		where id = any(@ids) and state = 'running' and attempted_by[array_length(attempted_by, 1)] = @self`, pgx.NamedArgs{"ids": ids, "self": a.id})
	if err != nil {
		return fmt.Errorf("give back our jobs: %w", err)
	}
	a.log.WarnContext(ctx, "the database lost word of jobs; they run again", "jobs", tag.RowsAffected())
	return nil
}
