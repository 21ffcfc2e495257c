// Package queue runs work outside of requests: mails, renditions of photos,
// sweeping. A job is a row, written in the transaction of the change that asks
// for it, so that it is neither lost nor run for a change that did not happen.
package queue

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/postgres"
)

// Args are what a job needs to know: a struct that becomes JSON. Keep to ids;
// the row may be read by others and lives for a day after the work.
type Args interface {
	// Kind names the sort of work; it is stored, so it never changes.
	Kind() string
}

// Lane is a line of jobs that wait for each other and for nobody else.
type Lane string

// The lanes. Their names are stored.
const (
	Mail   Lane = "mail"
	Push   Lane = "push"
	Photos Lane = "photos"
	Upkeep Lane = "upkeep"

	LongUpkeep Lane = "long_upkeep"
	// Files is for imports of photos and documents, which take minutes.
	Files Lane = "files"
	// Companies is for what waits for the logins of customers.
	Companies Lane = "companies"
	// Imports is for files that are brought in.
	Imports Lane = "imports"
	// Exports is for what takes all that there is along, one at a time.
	Exports Lane = "exports"
)

// parallel says how many jobs of a lane one program works at once. Photos take
// much memory, hence one. Of photos and notifications customers take turns.
var parallel = map[Lane]int{Mail: 4, Push: 4, Photos: 1, Upkeep: 1, LongUpkeep: 1, Files: 1, Companies: 1, Imports: 1, Exports: 1}

// PreparePhoto asks for the renditions of an uploaded photo.
type PreparePhoto struct {
	Attachment int64 `json:"attachment"`
	Customer   int64 `json:"customer"` // whose file it is: customers take turns
}

// Kind is prepare_photo.
func (PreparePhoto) Kind() string { return "prepare_photo" }

// Lane is Photos.
func (PreparePhoto) Lane() Lane { return Photos }

// TurnOf is the customer.
func (p PreparePhoto) TurnOf() int64 { return p.Customer }

// laneOf is the lane that args name by a method Lane, else Upkeep.
func laneOf(args Args) Lane {
	if a, ok := args.(interface{ Lane() Lane }); ok {
		return a.Lane()
	}
	return Upkeep
}

// Client writes jobs. It works none, so every program may have one.
type Client struct {
	river *river.Client[pgx.Tx]
}

// NewClient returns a Client. It does not connect.
func NewClient(pool *pgxpool.Pool) (*Client, error) {
	c, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("prepare the queue: %w", err)
	}
	return &Client{river: c}, nil
}

// Insert adds a job that runs once tx has been committed.
func (c *Client) Insert(ctx context.Context, tx postgres.Tx, args Args) error {
	return c.InsertAll(ctx, tx, []Job{{Args: args}})
}

// Job is work to add: it runs at a time, or once its transaction has been
// committed if that is later.
type Job struct {
	Args Args
	At   time.Time
}

// InsertAll adds jobs, in as many round trips as for one.
func (c *Client) InsertAll(ctx context.Context, tx postgres.Tx, jobs []Job) error {
	if len(jobs) == 0 {
		return nil
	}
	t, ok := tx.(pgx.Tx)
	if !ok {
		return fmt.Errorf("queue %s: %T is not a transaction of the pool", jobs[0].Args.Kind(), tx)
	}
	all := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		all[i] = river.InsertManyParams{Args: j.Args, InsertOpts: &river.InsertOpts{Queue: string(laneOf(j.Args)), ScheduledAt: j.At}}
	}
	if _, err := c.river.InsertManyFastTx(ctx, t, all); err != nil {
		return fmt.Errorf("queue %s: %w", jobs[0].Args.Kind(), err)
	}
	return nil
}

// Worker is work that New takes; Register and Periodic make them.
type Worker struct {
	name    string
	timeout time.Duration
	add     func(*river.Workers, *pgxpool.Pool, *watch) error // nil for periodic work
	every   time.Duration
	lane    Lane
	chore   func(context.Context) error
}

// Register says what is done for jobs with args of type A. The context ends
// after timeout. An error makes the job run again, with pauses that grow to four
// minutes, up to 25 times; Later makes it run again without counting.
func Register[A Args](timeout time.Duration, work func(context.Context, A) error) Worker {
	var zero A
	return Worker{name: zero.Kind(), timeout: timeout, add: func(ws *river.Workers, pool *pgxpool.Pool, seen *watch) error {
		return river.AddWorkerSafely(ws, &worker[A]{timeout: timeout, work: work, pool: pool, seen: seen})
	}}
}

// Later is returned by work that should run again after the pause; it counts
// neither as a failure nor as a try.
func Later(pause time.Duration) error { return river.JobSnooze(pause) }

// PauseOf is the pause that err, one of Later's, asks for.
func PauseOf(err error) (pause time.Duration, later bool) {
	snooze, later := errors.AsType[*rivertype.JobSnoozeError](err)
	if !later {
		return 0, false
	}
	return snooze.Duration, true
}

// Again is a job for a part of another one's work, which ended with err: it runs
// when the other would have run again.
func Again(args Args, err error) Job {
	pause, later := PauseOf(err)
	if !later {
		pause = waits(1)
	}
	return Job{Args: args, At: time.Now().Add(pause)}
}

type worker[A Args] struct {
	river.WorkerDefaults[A]
	timeout time.Duration
	work    func(context.Context, A) error
	pool    *pgxpool.Pool
	seen    *watch
}

func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	if args, ok := any(job.Args).(inTurns); ok {
		defer func() {
			if err := passTurn(ctx, w.pool, args); err != nil {
				w.seen.log.WarnContext(ctx, "the queue is less fair than it should be", "error", err)
			}
		}()
	}
	return w.seen.work(ctx, job.JobRow, job.Kind, func(ctx context.Context) error { return w.work(ctx, job.Args) })
}

func (w *worker[A]) Timeout(*river.Job[A]) time.Duration   { return w.timeout }
func (w *worker[A]) NextRetry(job *river.Job[A]) time.Time { return time.Now().Add(waits(job.Attempt)) }

// Periodic is work that one of the running programs does when it starts and
// then again and again, each time for at most five minutes. The name is stored,
// so it never changes. A failure waits for the next time.
func Periodic(name string, every time.Duration, work func(context.Context) error) Worker {
	return Worker{name: name, timeout: 5 * time.Minute, every: every, lane: Upkeep, chore: work}
}

// PeriodicFor is Periodic for work that takes long. It goes in a lane of its own.
func PeriodicFor(longest time.Duration, name string, every time.Duration, work func(context.Context) error) Worker {
	return Worker{name: name, timeout: longest, every: every, lane: LongUpkeep, chore: work}
}

// PeriodicIn is Periodic in another lane.
func PeriodicIn(lane Lane, name string, every time.Duration, work func(context.Context) error) Worker {
	w := Periodic(name, every, work)
	w.lane = lane
	return w
}

// chore is a turn of periodic work.
type chore struct {
	Name string `json:"name"`
}

func (chore) Kind() string { return "chore" }

// chores work periodic work, by name.
type chores struct {
	river.WorkerDefaults[chore]
	named map[string]Worker
	seen  *watch
}

func (c chores) Work(ctx context.Context, job *river.Job[chore]) error {
	if w, known := c.named[job.Args.Name]; known {
		return c.seen.work(ctx, job.JobRow, w.name, w.chore)
	}
	return nil // of a version that is gone
}

func (c chores) Timeout(job *river.Job[chore]) time.Duration { return c.named[job.Args.Name].timeout }

// periodic is the schedule of w: once in a period, however many programs start.
func (w Worker) periodic() *river.PeriodicJob {
	args := func() (river.JobArgs, *river.InsertOpts) {
		return chore{Name: w.name}, &river.InsertOpts{
			Queue: string(w.lane), MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: w.every},
		}
	}
	return river.NewPeriodicJob(river.PeriodicInterval(w.every), args, &river.PeriodicJobOpts{RunOnStart: true})
}

// Options of a Queue; the zero value serves.
type Options struct {
	Log     *slog.Logger
	Metrics prometheus.Registerer // none when nil
	Tracer  trace.Tracer          // nil traces nothing
	// Poll is the pause between two looks for jobs that nobody announced; a
	// second when zero.
	Poll time.Duration
	// Test starts, looks and stops faster, and is for nothing else.
	Test bool
}

// Queue works jobs.
type Queue struct {
	river *river.Client[pgx.Tx]
	alive *alive
	rest  func() // ends alive, once started
}

// New returns a Queue that knows workers. The pool must reach the database
// directly: a pooler in transaction mode would swallow its announcements.
func New(pool *pgxpool.Pool, o Options, workers ...Worker) (*Queue, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var longest time.Duration
	known := river.NewWorkers()
	var periodic []*river.PeriodicJob
	seen := newWatch(o, log)
	chores := chores{named: map[string]Worker{}, seen: seen}
	for _, w := range workers {
		longest = max(longest, w.timeout)
		if w.chore != nil {
			chores.named[w.name] = w
			periodic = append(periodic, w.periodic())
			continue
		}
		if err := w.add(known, pool, seen); err != nil {
			return nil, fmt.Errorf("register %s: %w", w.name, err)
		}
	}
	if err := river.AddWorkerSafely(known, chores); err != nil {
		return nil, fmt.Errorf("register periodic work: %w", err)
	}
	queues := map[string]river.QueueConfig{}
	for lane, n := range parallel {
		queues[string(lane)] = river.QueueConfig{MaxWorkers: n}
	}
	id := "fieldgate-" + strings.ToLower(rand.Text())
	alive := &alive{pool: pool, id: id, log: log, look: 2 * time.Second, settling: 15 * time.Second}
	if o.Test {
		alive.look, alive.settling = 50*time.Millisecond, time.Second
	}
	config := &river.Config{
		ID:                   id,
		Logger:               slog.New(quiet{log.Handler()}),
		ErrorHandler:         failures{log},
		Workers:              known,
		Queues:               queues,
		PeriodicJobs:         periodic,
		RescueStuckJobsAfter: longest + 2*time.Minute, // a job beyond its timeout was lost with its program
		SoftStopTimeout:      10 * time.Second,
		FetchPollInterval:    o.Poll,
		ReindexerSchedule:    river.NeverSchedule(), // for owners of the tables; rows leave after a day, and their places are used again
		Middleware:           []rivertype.Middleware{river.WorkerMiddlewareFunc(alive.own.work)},
		TestOnly:             o.Test,
	}
	if o.Test {
		config.FetchCooldown, config.FetchPollInterval = 10*time.Millisecond, cmp.Or(o.Poll, 20*time.Millisecond)
	}
	c, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, fmt.Errorf("prepare the queue: %w", err)
	}
	return &Queue{river: c, alive: alive, rest: func() {}}, nil
}

// Start begins to work. It fails when the database cannot be reached; try
// again later. The context's end stops the work as Stop does.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.river.Start(ctx); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	// The lock is held until the last job has ended, however that ends.
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); q.alive.run(living) }()
	q.rest = func() { end(); <-done }
	return nil
}

// Stop takes no new jobs, lets the running ones end for ten seconds and then
// cancels them; what was cancelled runs again at the next start.
func (q *Queue) Stop(ctx context.Context) error {
	defer func() { q.rest() }()
	if err := q.river.Stop(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}

// failures logs what a job returned, with the job's kind and id.
type failures struct{ log *slog.Logger }

func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		f.log.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	}
	return nil
}

func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}

// quiet keeps the queue's own log to what needs somebody's attention.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}
