package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// inTurns are args whose customers take turns, so that two hundred photos of one
// hold back another's for as long as one of them takes. The method names the
// customer that stands in the job's args as "customer".
type inTurns interface {
	Args
	TurnOf() int64
}

// passTurn puts the customer's waiting jobs behind everybody else's, now that one
// of them has been worked: of jobs that could start, the queue takes the one that
// could have for longest. While nobody else waits, they stay as they are; so do
// those that have failed and are not to be tried again yet.
func passTurn(ctx context.Context, pool *pgxpool.Pool, args inTurns) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second) // the turn is over however the work ended
	defer cancel()
	_, err := pool.Exec(ctx, `
		with waiting as (select id, coalesce(args->'customer', '0') = to_jsonb(@customer::bigint) as own from river_job where kind = @kind and queue = @lane and state = 'available' and scheduled_at <= now())
		update river_job set scheduled_at = now() where id in (
			select id from river_job where id in (select id from waiting where own) and state = 'available' for update skip locked
		) and exists (select from waiting where not own)`,
		pgx.NamedArgs{"customer": args.TurnOf(), "kind": args.Kind(), "lane": string(laneOf(args))})
	if err != nil {
		return fmt.Errorf("pass the turn of customer %d: %w", args.TurnOf(), err)
	}
	return nil
}
