package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
)

// Batch gathers the queries of one page. They travel together: one round trip
// and, for the database, one transaction.
type Batch struct {
	batch pgx.Batch
	reads []func(pgx.Rows) error
}

// Add adds a query; read gets its rows and need not close them.
func (b *Batch) Add(sql string, args pgx.NamedArgs, read func(pgx.Rows) error) {
	b.batch.Queue(sql, named(args))
	b.reads = append(b.reads, read)
}

// Do adds a statement whose rows nobody reads.
func (b *Batch) Do(sql string, args pgx.NamedArgs) {
	b.Add(sql, args, func(rows pgx.Rows) error {
		rows.Close()
		return rows.Err()
	})
}

// KeepPlans lets what follows in the batch be planned once on a connection,
// whatever it is asked for: for statements whose best plan does not depend on it.
func (b *Batch) KeepPlans() {
	b.Do("select set_config('plan_cache_mode', 'force_generic_plan', true)", nil)
}

// Query adds a query whose rows are kept in into, by column name.
func Query[T any](b *Batch, into *[]T, sql string, args pgx.NamedArgs) {
	b.Add(sql, args, func(rows pgx.Rows) error {
		all := []T{}
		err := EachByName(rows, func(row T) { all = append(all, row) })
		*into = all
		return err
	})
}

// QueryOne adds a query for exactly one row; none is apperr.NotFound.
func QueryOne[T any](b *Batch, into *T, sql string, args pgx.NamedArgs) {
	b.Add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		return err
	})
}

// QueryValue adds a query for one value; no row is apperr.NotFound.
func QueryValue[T any](b *Batch, into *T, sql string, args pgx.NamedArgs) {
	b.Add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
		return err
	})
}

// QueryValues adds a query for the values of one column.
func QueryValues[T any](b *Batch, into *[]T, sql string, args pgx.NamedArgs) {
	b.Add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[T])
		return err
	})
}

// sender is a pool or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Read sends what queries gathers and reads the answers, in one round trip. A
// page that needs one thing before it can ask for the rest reads twice.
func Read(ctx context.Context, db sender, queries func(*Batch)) (err error) {
	var b Batch
	queries(&b)
	if len(b.reads) == 0 {
		return nil
	}
	results := db.SendBatch(ctx, &b.batch)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	for _, read := range b.reads {
		rows, err := results.Query()
		if err == nil {
			err = read(rows)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return apperr.NotFound
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Note writes what may be lost, such as who was last seen when, in one round
// trip. Nobody waits until it lies on a disk or a standby has it, so pages that
// only read go on while the standby is away.
func Note(ctx context.Context, db DB, statements func(*Batch)) error {
	return Read(ctx, db, func(b *Batch) {
		b.Do(`select set_config('synchronous_commit', 'off', true)`, nil)
		statements(b)
	})
}
