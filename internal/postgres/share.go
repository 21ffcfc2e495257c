package postgres

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/turns"
)

// Share is one request's part of the pool: who it is for, and what it has had.
type Share struct {
	mu    sync.Mutex
	owner string
	long  bool
	spent time.Duration
	held  int

	prefers bool          // a standby, once it is asked
	standby *pgxpool.Pool // which it reads from
}

type shareKey struct{}

// WithShare makes what is done with ctx one request's, so that all its
// statements together have the time of one.
func WithShare(ctx context.Context) context.Context {
	return context.WithValue(ctx, shareKey{}, &Share{})
}

// Own says who the request is for. One owner has a quarter of the pool's
// connections at most, however many requests wait; everybody else has the rest.
func Own(ctx context.Context, owner string) {
	if s := shareOf(ctx); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.owner = owner
	}
}

// TakeTime lets the request's statements take long, and as many of them as there
// are: for exports, which nobody expects at once.
func TakeTime(ctx context.Context) {
	if s := shareOf(ctx); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.long = true
	}
}

func shareOf(ctx context.Context) *Share {
	s, _ := ctx.Value(shareKey{}).(*Share)
	return s
}

// limit is how long the next statement may take.
func (s *Share) limit(l Limits, sql string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.long:
		return l.Long
	case l.Request == 0 || ending(sql):
		return l.Statement
	}
	return min(l.Statement, l.Request-s.spent)
}

func (s *Share) spend(d time.Duration) {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.spent += d
	}
}

func (s *Share) hold(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += n
}

// shares is how a pool's connections are divided.
type shares struct {
	turns   *turns.Turns
	crowd   int // who may wait, altogether
	waiting atomic.Int64
	shed    atomic.Int64
	held    sync.Map // *pgx.Conn: *acquiring
}

func newShares(connections int) *shares {
	crowd := 64 * connections
	return &shares{turns: turns.New(max(2, connections/4), crowd/4), crowd: crowd}
}

// acquiring is a connection that somebody waits for, or has.
type acquiring struct {
	cancel context.CancelFunc
	of     *Share
	owner  string // whose place it has; "" without one
}

// TraceAcquireStart waits until the owner of the request may have one more
// connection, and bounds the waiting. Its answer, when that is no, is a context
// that has ended: the pool then gives up at once.
func (w *watch) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	a := &acquiring{of: shareOf(ctx)}
	wait := w.Wait
	if w.share.waiting.Add(1) > int64(w.share.crowd) {
		w.share.shed.Add(1)
		wait = 0
	}
	asked := ctx
	ctx, a.cancel = context.WithTimeout(ctx, wait)
	if a.of != nil && !w.share.enter(ctx, a) {
		a.cancel()
		if asked.Err() == nil { // else nobody waits any more: that is no word about the database
			w.share.shed.Add(1)
			ctx, a.cancel = context.WithTimeout(context.WithoutCancel(ctx), 0)
		}
	}
	return context.WithValue(ctx, acquiringKey{}, a)
}

// TraceAcquireEnd remembers who has the connection.
func (w *watch) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, got pgxpool.TraceAcquireEndData) {
	a, ok := ctx.Value(acquiringKey{}).(*acquiring)
	if !ok {
		return
	}
	a.cancel()
	w.share.waiting.Add(-1)
	switch {
	case got.Err != nil:
		w.share.leave(a.owner)
	case a.of != nil:
		a.of.hold(1)
		w.share.held.Store(got.Conn, a)
	}
}

// TraceRelease lets the owner's next request have its turn.
func (w *watch) TraceRelease(_ *pgxpool.Pool, given pgxpool.TraceReleaseData) {
	if a, ok := w.share.held.LoadAndDelete(given.Conn); ok {
		a.(*acquiring).of.hold(-1)
		w.share.leave(a.(*acquiring).owner)
	}
}

// enter takes a turn of the owner's, and reports false when there was none in
// time. A request that has a connection and needs another does not wait for itself.
func (s *shares) enter(ctx context.Context, a *acquiring) bool {
	a.of.mu.Lock()
	name, held := a.of.owner, a.of.held
	a.of.mu.Unlock()
	if name == "" || held > 0 {
		return true
	}
	if !s.turns.Take(ctx, name) {
		return false
	}
	a.owner = name
	return true
}

func (s *shares) leave(name string) {
	if name != "" {
		s.turns.Give(name)
	}
}

// Shed is how many requests a pool has sent away because too many waited, or
// because one owner's waited for each other.
func Shed(pool *pgxpool.Pool) int64 {
	if w, ok := pool.Config().ConnConfig.Tracer.(*watch); ok {
		return w.share.shed.Load()
	}
	return 0
}

var (
	_ pgx.QueryTracer       = (*watch)(nil)
	_ pgx.BatchTracer       = (*watch)(nil)
	_ pgx.CopyFromTracer    = (*watch)(nil)
	_ pgxpool.AcquireTracer = (*watch)(nil)
	_ pgxpool.ReleaseTracer = (*watch)(nil)
)
