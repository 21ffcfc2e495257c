package exchange

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Made is what a request has made before, when it comes once more: whoever asks
// may have died before the answer came. Others of the same nonce wait for it.
func Made(ctx context.Context, tx postgres.Tx, in Incoming) (out Outcome, made bool, err error) {
	if in.Nonce == "" {
		return out, false, nil
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 15))`, in.Nonce); err != nil {
		return out, false, fmt.Errorf("lock a request: %w", err)
	}
	err = tx.QueryRow(ctx, `select row_id from records_made where nonce = $1 and kind = $2`, in.Nonce, in.Kind).Scan(&out.Row)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, false, nil
	}
	if err != nil {
		return out, false, fmt.Errorf("find what a request has made: %w", err)
	}
	r, err := readRow(ctx, tx, in.Kind, out.Row)
	if errors.Is(err, apperr.NotFound) { // and it is gone since
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	return Outcome{State: New, Row: out.Row, Key: HeadOf(r).ID, Version: HeadOf(r).Version, Label: label(nouns[in.Kind], r)}, true, nil
}

// NoteMade notes what a request has made.
func NoteMade(ctx context.Context, tx postgres.Tx, in Incoming, out Outcome) error {
	if in.Nonce == "" || out.State != New {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into records_made (nonce, kind, row_id) values ($1, $2, $3)
		on conflict (nonce) do update set kind = excluded.kind, row_id = excluded.row_id, at = now()`, in.Nonce, in.Kind, out.Row)
	if err != nil {
		return fmt.Errorf("note what a request has made: %w", err)
	}
	return nil
}

// Sweep forgets which requests have made what, once nobody sends them again.
func Sweep(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from records_made where at < now() - interval '2 days'`); err != nil {
		return fmt.Errorf("sweep what requests have made: %w", err)
	}
	return nil
}
