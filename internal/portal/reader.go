package portal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/fault"
	"fieldgate/internal/list"
)

// Reader is the only door to what customers see. Each look runs as a database
// role that can read the views of migrations/portal/views.sql and nothing
// else, in the name of one contact; the views hold the rule.
type Reader struct{ pool sender }

// sender is a pool, or a transaction of the Desk.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// NewReader is a Reader on the program's pool.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{pool} }

// glimpse gathers the queries of one page. They travel together: one round
// trip and, for the database, one transaction.
type glimpse struct {
	batch pgx.Batch
	reads []func(pgx.Rows) error
}

// want adds a query whose rows are kept in into, by column name.
func want[T any](g *glimpse, into *[]T, sql string, args pgx.NamedArgs) {
	g.add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	})
}

// wantOne adds a query for exactly one row; none is fault.NotFound.
func wantOne[T any](g *glimpse, into *T, sql string, args pgx.NamedArgs) {
	g.add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		return err
	})
}

// wantValue adds a query for one value.
func wantValue[T any](g *glimpse, into *T, sql string, args pgx.NamedArgs) {
	g.add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
		return err
	})
}

// wantPage adds a list.
func wantPage[T any](g *glimpse, into *list.Page[T], q list.Query, orders list.Orders, s list.Source) {
	sql, args := list.Statement(q, orders, s)
	g.add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = list.Collect[T](q, rows)
		return err
	})
}

// wantCount adds a count of rows, exact up to list.MaxCount.
func wantCount(g *glimpse, into *int, s list.Source) {
	sql, args := list.CountStatement(s)
	wantValue(g, into, sql, args)
}

func (g *glimpse) add(sql string, args pgx.NamedArgs, read func(pgx.Rows) error) {
	if args == nil {
		args = pgx.NamedArgs{}
	}
	g.batch.Queue(sql, args)
	g.reads = append(g.reads, read)
}

// look runs what ask asks for as v.
func (r *Reader) look(ctx context.Context, v Viewer, ask func(*glimpse)) (err error) {
	var g glimpse
	// Everything set here ends with the batch: it is one implicit transaction.
	g.add(`
		select set_config('role', current_user || '_portal', true), set_config('plan_cache_mode', 'force_custom_plan', true),
			set_config('portal.contact_id', @contact, true), set_config('portal.customer_id', @customer, true), set_config('portal.cutoff', '', true),
			set_config('portal.preview', @preview, true)`,
		pgx.NamedArgs{"contact": strconv.FormatInt(v.Contact, 10), "customer": strconv.FormatInt(v.Customer, 10), "preview": v.Preview.setting()}, drain)
	g.add(`select set_config('portal.cutoff', cutoff::text, true) from portal.settings`, nil, drain)
	ask(&g)
	if v.News != nil {
		wantNews(&g, v.News)
	}

	results := r.pool.SendBatch(ctx, &g.batch)
	defer func() {
		if e := results.Close(); err == nil && e != nil {
			err = fmt.Errorf("look as contact %d: %w", v.Contact, e)
		}
	}()
	for _, read := range g.reads {
		rows, err := results.Query()
		if err == nil {
			err = read(rows)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		if err != nil {
			return fmt.Errorf("look as contact %d: %w", v.Contact, err)
		}
	}
	return nil
}

func drain(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}
