package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/tracing"
)

// Limits say how many connections a pool has and how long anything on them may
// take. With them a database that hangs, or a row that somebody has locked,
// costs whoever needs it an answer within seconds, and others nothing.
//
// The limits of statements hold twice. The program cuts a statement off, with
// its connection, even when the server no longer answers; the server ends one
// even when the program is gone.
type Limits struct {
	Connections int32
	Wait        time.Duration // for a connection
	Statement   time.Duration // for one statement, or one batch of them
	Request     time.Duration // for all statements of one request
	Long        time.Duration // for one statement of a request that takes its time, by TakeTime
	Lock        time.Duration // for a row that somebody else holds
	Idle        time.Duration // in a transaction, between statements
}

// Pages are the limits of what people wait for: with Wait before the first
// statement, a page has its answer from the database within ten seconds.
func Pages(connections int32) Limits {
	return Limits{
		Connections: connections, Wait: 3 * time.Second, Statement: 5 * time.Second, Request: 8 * time.Second, Long: time.Minute,
		Lock: 3 * time.Second, Idle: time.Minute,
	}
}

// Work are the limits of what nobody waits for: mails, photos, sweeping.
func Work(connections int32) Limits {
	return Limits{Connections: connections, Wait: 30 * time.Second, Statement: time.Minute, Long: time.Minute, Lock: 10 * time.Second, Idle: 5 * time.Minute}
}

// Probe are the limits of the question whether the database is there: one
// connection that nothing else uses, so that a busy pool is not taken for a
// database that is away.
func Probe() Limits {
	return Limits{Connections: 1, Wait: 2 * time.Second, Statement: 2 * time.Second, Long: 2 * time.Second, Lock: time.Second, Idle: 5 * time.Second}
}

// connectTime is how long a new connection may take to come about.
const connectTime = 3 * time.Second

// The server's limit lies above the program's, for when that one fails.
const slack = 5 * time.Second

// settings are those of a new connection. As statements, since poolers refuse
// what they do not know when it comes with the connection.
func (l Limits) settings() string {
	if l == (Limits{}) {
		return ""
	}
	return fmt.Sprintf("; set lock_timeout = %d; set statement_timeout = %d; set idle_in_transaction_session_timeout = %d",
		l.Lock.Milliseconds(), (max(l.Statement, l.Long) + slack).Milliseconds(), l.Idle.Milliseconds())
}

// watch holds a pool to its limits: pgx tells it of whatever begins and ends.
type watch struct {
	Limits
	share  *shares
	astray astray
}

type (
	acquiringKey struct{}
	statementKey struct{}
)

// statement is one at work.
type statement struct {
	cancel context.CancelFunc
	begun  time.Time
	of     *Share
	span   trace.Span
}

func (w *watch) begin(ctx context.Context, name, sql string) context.Context {
	s := &statement{begun: time.Now(), of: shareOf(ctx)}
	ctx, s.span = traced(ctx, name, sql)
	limit := w.Statement
	if s.of != nil {
		limit = s.of.limit(w.Limits, sql)
	}
	ctx, s.cancel = context.WithTimeout(ctx, limit)
	return context.WithValue(ctx, statementKey{}, s)
}

func (w *watch) end(ctx context.Context, err error) {
	if s, ok := ctx.Value(statementKey{}).(*statement); ok {
		s.cancel()
		s.of.spend(time.Since(s.begun))
		tracing.Failed(s.span, err)
		s.span.End()
	}
}

// TraceQueryStart gives a statement its time.
func (w *watch) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return w.begin(ctx, "", q.SQL)
}

// TraceQueryEnd ends it.
func (w *watch) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	w.end(ctx, q.Err)
	w.astray.note(q.Err)
}

// TraceBatchStart gives a batch its time.
func (w *watch) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return w.begin(ctx, "batch", "")
}

// TraceBatchQuery sees what became of one of its statements.
func (w *watch) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	w.astray.note(q.Err)
	tracedInBatch(ctx, q)
}

// TraceBatchEnd ends it.
func (w *watch) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchEndData) {
	w.end(ctx, b.Err)
}

// TraceCopyFromStart gives copying its time.
func (w *watch) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return w.begin(ctx, "copy", "")
}

// TraceCopyFromEnd ends it.
func (w *watch) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, c pgx.TraceCopyFromEndData) {
	w.end(ctx, c.Err)
}

// ending reports whether the statement ends a transaction. It always gets its
// time: a commit that is cut off leaves nobody knowing what became of it.
func ending(sql string) bool {
	return strings.EqualFold(sql, "commit") || strings.EqualFold(sql, "rollback")
}
