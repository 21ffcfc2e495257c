package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenReading is OpenWithin for a server that may be a standby.
func OpenReading(ctx context.Context, url string, l Limits) (*pgxpool.Pool, error) {
	return open(ctx, url, l.Connections, l, way{})
}

// Spread reads from the primary, and for requests that prefer it from a standby:
// one that has everything the primary had when the request first asked. So what
// an export holds is never older than the wish for it. Where the standby has not
// come so far within two seconds, or fails, the primary answers.
type Spread struct {
	primary, standby *pgxpool.Pool
	away             atomic.Int64 // until when nobody asks the standby, in Unix nanoseconds
}

// NewSpread returns a Spread; without a standby it reads from the primary alone.
func NewSpread(primary, standby *pgxpool.Pool) *Spread {
	return &Spread{primary: primary, standby: standby}
}

const (
	// catchingUp is how long a standby may take to have what the primary has.
	catchingUp = 2 * time.Second
	// looks is the pause between two looks whether it has.
	looks = 25 * time.Millisecond
	// resting is how long nobody asks a standby that did not come so far.
	resting = 30 * time.Second
)

// PreferStandby lets a request read from a standby, where it reads through a
// Spread: for exports, whose rights have been asked on the primary before. Pages
// are read from the primary, since what was revoked is revoked on the next request.
func PreferStandby(ctx context.Context) {
	if s := shareOf(ctx); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.prefers = true
	}
}

// LeaveStandby reports whether what failed was read from a standby, and may be
// asked of the primary once more, from which the request reads from now on.
func LeaveStandby(ctx context.Context, err error) bool {
	s := shareOf(ctx)
	if err == nil || s == nil || ctx.Err() != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.standby == nil {
		return false
	}
	slog.WarnContext(ctx, "the standby failed; the export goes on from the primary", "error", err)
	s.standby = nil
	return true
}

// Within is where an export reads that belongs to a transaction: where from
// says, if there is a standby, else in the transaction, which needs no second
// connection of the same pool.
func Within(tx Tx, from DB) DB {
	if s, ok := from.(*Spread); ok && s.standby == nil {
		return tx
	}
	return from
}

// Query reads rows.
func (s *Spread) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return s.pick(ctx).Query(ctx, sql, args...)
}

// QueryRow reads one row.
func (s *Spread) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return s.pick(ctx).QueryRow(ctx, sql, args...)
}

// SendBatch reads what a batch asks for.
func (s *Spread) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return s.pick(ctx).SendBatch(ctx, b)
}

// pick decides once for each request.
func (s *Spread) pick(ctx context.Context) *pgxpool.Pool {
	share := shareOf(ctx)
	if s.standby == nil || share == nil {
		return s.primary
	}
	share.mu.Lock()
	prefers, from := share.prefers, share.standby
	share.prefers = false
	share.mu.Unlock()
	switch {
	case from != nil:
		return from
	case !prefers || time.Now().UnixNano() < s.away.Load():
		return s.primary
	}
	if err := s.caughtUp(ctx); err != nil {
		if ctx.Err() == nil {
			s.away.Store(time.Now().Add(resting).UnixNano())
			slog.WarnContext(ctx, "exports read from the primary for now", "error", err, "for", resting)
		}
		return s.primary
	}
	share.mu.Lock()
	defer share.mu.Unlock()
	share.standby = s.standby
	return s.standby
}

var (
	errBehind    = errors.New("the standby is behind")
	errNoStandby = errors.New("what is to be read from follows nobody, or another database")
)

// caughtUp waits until the standby has what the primary has now.
func (s *Spread) caughtUp(ctx context.Context) error {
	var system, position string
	if err := s.primary.QueryRow(ctx, `select system_identifier::text, pg_current_wal_flush_lsn()::text from pg_control_system()`).Scan(&system, &position); err != nil {
		return fmt.Errorf("ask the primary how far it is: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, catchingUp)
	defer cancel()
	for {
		var follows, there bool
		err := s.standby.QueryRow(ctx, `select system_identifier = $1::text::bigint and pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= $2::text::pg_lsn, false) from pg_control_system()`, system, position).Scan(&follows, &there)
		switch {
		case err != nil:
			return fmt.Errorf("ask the standby how far it is: %w", err)
		case !follows:
			return errNoStandby
		case there:
			return nil
		}
		select {
		case <-ctx.Done():
			return errBehind
		case <-time.After(looks):
		}
	}
}
