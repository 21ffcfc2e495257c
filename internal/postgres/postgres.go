// Package postgres connects to the database, runs transactions and keeps the
// schema current.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is what functions that only read take: a pool or a transaction.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Tx is what functions that write take, so that nothing is written outside a
// transaction. Every pgx.Tx is one.
type Tx interface {
	DB
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
	// Begin opens a savepoint, for work that may fail alone.
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Open returns a pool for url without connecting yet, so that the program can
// start while the database is away. Nothing on it is limited in time: it is for
// commands that somebody watches. What serves people is opened by OpenWithin.
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	return open(ctx, url, maxConns, Limits{}, way{writes: writes(url)})
}

// OpenWithin is Open with limits.
func OpenWithin(ctx context.Context, url string, l Limits) (*pgxpool.Pool, error) {
	return open(ctx, url, l.Connections, l, way{writes: writes(url)})
}

// OpenPooled is OpenWithin by way of a pooler in transaction mode. Nothing is
// left on its connections, which are somebody else's a moment later: statements
// have no names, and settings are the pooler's to make.
func OpenPooled(ctx context.Context, url string, l Limits) (*pgxpool.Pool, error) {
	return open(ctx, url, l.Connections, l, way{writes: writes(url), pooled: true})
}

// way is how a pool reaches the database.
type way struct {
	writes bool // to one server that takes writes
	pooled bool // through a pooler in transaction mode
}

func configOf(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL is not a PostgreSQL address") // the driver's own words could show the password
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "fieldgate"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	return cfg, nil
}

// statements are how many a connection keeps prepared, with their plans: more than
// all pages and deeds have. With fewer, each page that comes round plans anew what
// it asks, which takes longer than the page.
const statements = 2048

func open(ctx context.Context, url string, maxConns int32, l Limits, by way) (*pgxpool.Pool, error) {
	cfg, err := configOf(url)
	if err != nil {
		return nil, err
	}
	if by.pooled {
		if cfg.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement && !strings.Contains(url, "default_query_exec_mode=") {
			cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		}
	} else {
		// Statements are named and prepared once on a connection. Compiling a query
		// takes a second, running any of ours milliseconds. A setting at connecting
		// would be refused by poolers that do not know it.
		cfg.ConnConfig.StatementCacheCapacity = statements
		settings := "set jit = off" + l.settings() + "; " + holdViews()
		cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
			readDecimals(c)
			_, err := c.Exec(ctx, settings)
			return err
		}
	}
	if maxConns > 0 {
		cfg.MaxConns = maxConns
	}
	follow(cfg.ConnConfig, by.writes)
	w := &watch{Limits: l}
	if l != (Limits{}) {
		cfg.ConnConfig.ConnectTimeout = connectTime
		cfg.PingTimeout = time.Second // a connection that hangs is thrown away, and another one taken
		w.share = newShares(int(cfg.MaxConns))
		cfg.ConnConfig.Tracer = w
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	w.astray.pool.Store(pool)
	return pool, nil
}

// ErrUnknown says that nobody knows whether a transaction was committed: the
// connection broke while the database was asked to. What depends on the answer
// is looked up later.
var ErrUnknown = errors.New("it is not known whether this was saved")

// commitPatience is how long a commit may take. It is not the request's time: a
// commit that is cancelled half-way may have happened all the same.
const commitPatience = 10 * time.Second

type refusedKey struct{}

// Refuse is a context in which nothing is written: no transaction begins, and
// each answers err. What takes a form can then show it again, and do nothing.
func Refuse(ctx context.Context, err error) context.Context {
	return context.WithValue(ctx, refusedKey{}, err)
}

// Refused is why nothing is written in the context; nil where it is.
func Refused(ctx context.Context) error {
	err, _ := ctx.Value(refusedKey{}).(error)
	return err
}

// Refuses reports whether nothing is written in the context: what only marks
// something as seen is then left out.
func Refuses(ctx context.Context) bool { return Refused(ctx) != nil }

// Transact runs do in a transaction and commits unless it returns an error. When
// do has succeeded, the end of ctx no longer matters. Any error says that nothing
// was written, but for ErrUnknown.
func Transact(ctx context.Context, pool *pgxpool.Pool, do func(Tx) error) error {
	return transact(ctx, pool, pgx.TxOptions{}, do)
}

// TransactByIDs is Transact for a deed that finds all by ids and numbers: one plan
// of each statement does for everybody. By itself PostgreSQL plans each of them
// anew the first five times on a connection.
func TransactByIDs(ctx context.Context, pool *pgxpool.Pool, do func(Tx) error) error {
	return transact(ctx, pool, pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_generic_plan; set local fieldgate.plans = force_generic_plan"}, do)
}

// PlansOfTransaction is, in SQL, how statements of the transaction are planned
// when nothing else is asked for.
const PlansOfTransaction = `coalesce(nullif(current_setting('fieldgate.plans', true), ''), 'auto')`

func transact(ctx context.Context, pool *pgxpool.Pool, how pgx.TxOptions, do func(Tx) error) error {
	if err := Refused(ctx); err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, how)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // it has ended already, or goes with its connection
	if err := do(tx); err != nil {
		noteFull(pool, err)
		return err
	}
	if tx.Conn().IsClosed() {
		return errLost
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitPatience)
	defer cancel()
	err = outcome(tx.Commit(last))
	noteFull(pool, err)
	return err
}

// TransactWhenBack is Transact for what must be written down though the database
// may be away, and which may be written twice: while nothing is known to be
// wrong but that, it tries again until ctx ends.
func TransactWhenBack(ctx context.Context, pool *pgxpool.Pool, do func(Tx) error) error {
	return whenBack(ctx, func() error { return Transact(ctx, pool, do) })
}

// WriteWhenBack is TransactWhenBack for what one batch writes: it is a transaction
// of its own, in one round trip instead of three.
func WriteWhenBack(ctx context.Context, pool *pgxpool.Pool, statements func(*Batch)) error {
	if err := Refused(ctx); err != nil {
		return err
	}
	return whenBack(ctx, func() error {
		err := Read(ctx, pool, statements)
		noteFull(pool, err)
		return err
	})
}

func whenBack(ctx context.Context, try func() error) error {
	for {
		err := try()
		if ctx.Err() != nil || (!Away(err) && !errors.Is(err, ErrUnknown)) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second / 2):
		}
	}
}

// errLost says that the connection broke before the commit was asked for.
var errLost = fmt.Errorf("transaction: %w", pgconn.ErrConnClosed)

// outcome keeps a commit's error when it says that nothing was committed. A
// server that was interrupted (class 57) may have committed before it said so,
// and pgconn.SafeToRetry is no witness: the driver says "conn closed", as if
// nothing had been sent, when the connection breaks before the answer.
func outcome(err error) error {
	if err == nil || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.SeverityUnlocalized == "ERROR" && pg.Code[:2] != "57" {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

// Constraint is the name of the constraint that err says was broken, or "".
func Constraint(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.ConstraintName
	}
	return ""
}

// Held reports whether err says that the server gave up waiting: for a row that
// somebody else holds, or for a statement's end. What the transaction did is undone.
func Held(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	// 55P03: lock_timeout; 57014: statement_timeout; 25P03: idle in a transaction for too long.
	return ok && (pg.Code == "55P03" || pg.Code == "57014" || pg.Code == "25P03")
}

// Unfit reports whether err says that the database does not take what it was
// given: class 22, such as text that is none, or more than fits (class 54).
func Unfit(err error) bool {
	pg, answered := errors.AsType[*pgconn.PgError](err)
	return answered && (pg.Code[:2] == "22" || pg.Code[:2] == "54")
}

// Away reports whether err says that the database cannot be reached now, as
// opposed to having answered.
func Away(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	pg, answered := errors.AsType[*pgconn.PgError](err)
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		// Class 28: not this user or password; 3D000: no such database. Those stay wrong until somebody puts them right.
		return !answered || (pg.Code[:2] != "28" && pg.Code != "3D000")
	}
	if answered {
		// Class 08: connection lost; class 57: shutting down, starting up; 53300: too many clients; 25006: it follows another server.
		return pg.Code[:2] == "08" || pg.Code == "25006" || pg.Code == "53300" || pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03"
	}
	return pgconn.SafeToRetry(err) || errors.Is(err, context.DeadlineExceeded) || lost(err)
}

// IDs is an empty array instead of null: nothing is part of null, and nothing
// is not part of it either.
func IDs(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}
