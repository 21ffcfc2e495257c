package portal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
)

// KeptRequest is what a contact asked of the system that keeps a thing, as those
// who see the thing see it.
type KeptRequest struct {
	ID      int64
	What    keeper.What
	Thing   string
	Label   string // of the system
	By      string
	Changes []keeper.Change
	At      time.Time
	State   keeper.State
	Answer  string
}

// Waits reports whether the system has yet to answer.
func (r KeptRequest) Waits() bool { return r.State == keeper.Waiting }

// queryKept adds what was asked about a thing to a batch; of is SQL of its row.
func queryKept(b *postgres.Batch, into *[]KeptRequest, k keeper.Kind, of string, args pgx.NamedArgs) {
	postgres.Query(b, into, `
		select id, what, thing, label, coalesce(by, '') as by, changes, at, state, answer from portal.kept_requests
		where kind = '`+string(k)+`' and row_id = `+of+` order by at desc, id desc limit 10`, args)
}

// change does what a contact wants of a thing of this kind. When another system
// keeps it, nothing of it changes: what would, is found out and taken back, and
// that system is asked for it. The deed's own rules hold for both. Do returns the
// row of the thing, which it may have made; more is what the record does not show.
func (d *Service) change(ctx context.Context, tx postgres.Tx, now Viewer, k keeper.Kind, what keeper.What, row int64, do func(postgres.Tx) (int64, error), more ...keeper.Change) error {
	by := now.Keepers.Keeps(k)
	if !by.Elsewhere() {
		_, err := do(tx)
		return err
	}
	var (
		was exchange.Record
		err error
	)
	if row != 0 {
		if was, err = exchange.ReadRow(ctx, tx, exchange.Kind(k), row); err != nil {
			return err
		}
	}
	point, err := tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("look what a contact would change: %w", err)
	}
	is, err := tried(ctx, point, k, do)
	if back := point.Rollback(ctx); err == nil && back != nil {
		err = fmt.Errorf("take back what a contact would change: %w", back)
	}
	if err != nil || is == nil {
		return err
	}
	r := keeper.Request{Kind: k, What: what, Row: row, Thing: exchange.Name(is), CustomerID: now.Customer, Changes: exchange.Changes(now.Business.Format, exchange.Kind(k), was, is)}
	if was != nil {
		r.Thing, r.Key = exchange.Name(was), exchange.HeadOf(was).ID
	}
	if len(r.Changes) == 0 {
		return nil
	}
	for _, c := range more {
		if c.After != "" {
			r.Changes = append(r.Changes, c)
		}
	}
	_, err = keeper.Ask(ctx, tx, now.Actor(), by, r)
	return err
}

// tried is a thing as a deed leaves it; nil when there is none.
func tried(ctx context.Context, point postgres.Tx, k keeper.Kind, do func(postgres.Tx) (int64, error)) (exchange.Record, error) {
	row, err := do(point)
	if err != nil || row == 0 {
		return nil, err
	}
	return exchange.ReadRow(ctx, point, exchange.Kind(k), row)
}

// request asks the system that keeps things of this kind to take up one that was
// recorded as what a contact asks for. Without such a system it does nothing.
func (d *Service) request(ctx context.Context, tx postgres.Tx, now Viewer, k keeper.Kind, row int64) error {
	by := now.Keepers.Keeps(k)
	if !by.Elsewhere() {
		return nil
	}
	is, err := exchange.ReadRow(ctx, tx, exchange.Kind(k), row)
	if err != nil {
		return err
	}
	_, err = keeper.Ask(ctx, tx, now.Actor(), by, keeper.Request{
		Kind: k, What: keeper.New, Row: row, Thing: exchange.Name(is), Key: exchange.HeadOf(is).ID, CustomerID: now.Customer, Changes: exchange.Changes(now.Business.Format, exchange.Kind(k), nil, is),
	})
	return err
}
