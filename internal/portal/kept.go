package portal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
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

// AskedThings are things of a list, by their number or id, of which something was asked
// of the system that keeps them and is not answered.
type AskedThings []string

// Waits reports whether one is among them.
func (a AskedThings) Waits(thing string) bool { return slices.Contains(a, thing) }

// queryWaiting adds which things of a kind wait for the system that keeps them to a
// batch. Name is the column by which the list knows them.
func queryWaiting(b *postgres.Batch, into *AskedThings, v Viewer, k keeper.Kind, name string) {
	if v.Keepers.Keeps(k).Elsewhere() {
		postgres.QueryValues(b, (*[]string)(into), `
			select distinct t.`+name+` from portal.kept_requests r join portal.`+string(k)+` t on t.id = r.row_id where r.kind = '`+string(k)+`' and r.state = 'waiting'`, nil)
	}
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
	return request(ctx, tx, now.Keepers.Keeps(k), now.Actor(), now.Business.Format, k, row)
}

func request(ctx context.Context, tx postgres.Tx, of keeper.Keeper, by audit.Actor, f company.Format, k keeper.Kind, row int64) error {
	if !of.Elsewhere() {
		return nil
	}
	is, err := exchange.ReadRow(ctx, tx, exchange.Kind(k), row)
	if err != nil {
		return err
	}
	_, err = keeper.Ask(ctx, tx, by, of, keeper.Request{
		Kind: k, What: keeper.New, Row: row, Thing: exchange.Name(is), Key: exchange.HeadOf(is).ID, CustomerID: exchange.HeadOf(is).CustomerRow, Changes: exchange.Changes(f, exchange.Kind(k), nil, is),
	})
	return err
}

// RequestJoined is request for a contact whom their company's login has made, who
// asks for themselves.
func (d *Service) RequestJoined(ctx context.Context, tx postgres.Tx, joined int64) error {
	keepers, err := keeper.Load(ctx, tx)
	if err != nil || !keepers.Keeps(keeper.Contacts).Elsewhere() {
		return err
	}
	c, err := company.Read(ctx, tx)
	if err != nil {
		return err //nolint:wrapcheck // says what
	}
	return request(ctx, tx, keepers.Keeps(keeper.Contacts), audit.Actor{Contact: joined}, c.Format(), keeper.Contacts, joined)
}
