package portal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// Reader is the only way to what customers see. Each look runs as a database
// role that can read the views of migrations/portal/views.sql and nothing
// else, in the name of one contact; the views hold the rule.
type Reader struct{ db postgres.DB }

// NewReader is a Reader on the program's pool.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{pool} }

// read runs the queries as v.
func (r *Reader) read(ctx context.Context, v Viewer, queries func(*postgres.Batch)) error {
	return r.look(ctx, v, views.Read, views.PlanEach, queries)
}

// readOne is read for one thing and what hangs on it.
func (r *Reader) readOne(ctx context.Context, v Viewer, queries func(*postgres.Batch)) error {
	return r.look(ctx, v, views.ReadKept, views.KeepPlans, queries)
}

// readInOrder is read for the beginning of lists, and counts, that are each held
// by an index.
func (r *Reader) readInOrder(ctx context.Context, v Viewer, queries func(*postgres.Batch)) error {
	return r.look(ctx, v, views.ReadInOrder, func(*postgres.Batch) {}, queries)
}

// look reads a page, and with it what the frame around it shows: that comes
// first, as it is held by indexes and plans change once at most.
func (r *Reader) look(ctx context.Context, v Viewer, read func(context.Context, postgres.DB, views.Contact, func(*postgres.Batch)) error, plan, page func(*postgres.Batch)) error {
	if v.News == nil || v.Linked() {
		return v.readError(read(ctx, r.db, v.eyes(), page))
	}
	return v.readError(views.ReadInOrder(ctx, r.db, v.eyes(), func(b *postgres.Batch) {
		queryNews(b, v)
		plan(b)
		page(b)
	}))
}

// fewOf is for queries of readInOrder that have an index of all customers beside
// that of each. It holds for every row, and the planner expects it of one in 200:
// else the plan made for the largest customer, every sixth row of all, would look
// for the three rows of the next one among everybody's.
func fewOf(table string) string { return table + ".id - " + table + ".id = 0" }

// readIn reads as the viewer inside the transaction that writes, so that what
// is changed is what is seen at that moment.
func readIn(ctx context.Context, tx postgres.Tx, v Viewer, queries func(*postgres.Batch)) error {
	return v.readError(views.ReadIn(ctx, tx, v.eyes(), queries))
}

// SeesByLink reports whether the contact of a record link sees its record now.
func (r *Reader) SeesByLink(ctx context.Context, l signin.RecordLink) (seen bool, err error) {
	v := Viewer{Contact: l.Contact, Customer: l.Customer, Link: Link{Job: l.Job, Quote: l.Quote}}
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.QueryValue(b, &seen, `select exists (select from portal.record)`, nil)
	})
	return seen, err
}

// eyes are those that the views are read with.
func (v Viewer) eyes() views.Contact {
	return views.Contact{ID: v.Contact, Customer: v.Customer, Preview: v.Previewing(), Job: v.Link.Job, Quote: v.Link.Quote}
}

func (v Viewer) readError(err error) error {
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return fmt.Errorf("read as contact %d: %w", v.Contact, err)
	}
	return err
}
