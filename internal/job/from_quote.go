package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// FromQuote links a new job to the quote it came of. One that is linked already
// stays as it is; linked is then false.
func FromQuote(ctx context.Context, tx postgres.Tx, by audit.Actor, ref Ref, quote int64, number string) (linked bool, err error) {
	var customer int64
	err = tx.QueryRow(ctx, `update jobs set quote_id = $2 where id = $1 and quote_id is null returning customer_id`, ref.ID, quote).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("link job to quote: %w", err)
	}
	return true, audit.Record(ctx, tx, by, audit.New{Action: audit.JobCreatedFromQuote, ID: ref.ID, Label: ref.Number, Customer: customer, After: map[string]any{"quote": number}})
}
