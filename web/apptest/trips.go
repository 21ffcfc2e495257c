package apptest

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"fieldgate/web/page"
)

// trips counts how often requests went to the database: a query is a round
// trip, and so is a whole batch. Work behind requests does not count.
type trips struct{ n, statements atomic.Int64 }

func (t *trips) count(ctx context.Context, statements int) {
	if page.RequestIDOf(ctx) != "" {
		t.n.Add(1)
		t.statements.Add(int64(statements))
	}
}

// TraceQueryStart counts a query. A new connection's settings are no part of
// the request that happens to need it.
func (t *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if !strings.HasPrefix(q.SQL, "set ") {
		t.count(ctx, 1)
	}
	return ctx
}

// TraceQueryEnd completes the interface.
func (*trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a batch.
func (t *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	t.count(ctx, b.Batch.Len())
	return ctx
}

// TraceBatchQuery completes the interface.
func (*trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd completes the interface.
func (*trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// Trips is how often requests went to the database so far.
func (a *App) Trips() int64 { return a.trips.n.Load() }

// RoundTrips is how often a page went to the database; it has to be there.
func (b *Browser) RoundTrips(path string) int64 {
	b.app.t.Helper()
	before := b.app.trips.n.Load()
	if p := b.Get(path); p.Status != 200 {
		b.app.t.Fatalf("%s: %d", path, p.Status)
	}
	return b.app.trips.n.Load() - before
}

// PressTrips is what a form is answered with, and how often it went to the database.
func (b *Browser) PressTrips(path string, fields url.Values) (status int, trips int64) {
	b.app.t.Helper()
	before := b.app.trips.n.Load()
	status = b.Press(path, fields).StatusCode
	return status, b.app.trips.n.Load() - before
}

// Trips is what a bare request is answered with, and how often it went to the database.
func (b *Browser) Trips(path string) (status int, trips int64) {
	b.app.t.Helper()
	before := b.app.trips.n.Load()
	status = b.Knock("GET", path).StatusCode
	return status, b.app.trips.n.Load() - before
}

// Asks is what a bare request is answered with, and how many statements it asked
// the database.
func (b *Browser) Asks(path string) (status int, statements int64) {
	b.app.t.Helper()
	before := b.app.trips.statements.Load()
	status = b.Knock("GET", path).StatusCode
	return status, b.app.trips.statements.Load() - before
}
