package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/auth"
	"fieldgate/internal/postgres"
)

// keepTokens is how long a link that has expired can still explain itself and
// offer a new one.
const keepTokens = 90 * 24 * time.Hour

// Sweep deletes every hour what has served: sessions that have ended, tokens of
// links that expired long ago, and attempts that no limit counts any more.
func Sweep(pool *pgxpool.Pool) Worker {
	return Periodic("sweep", time.Hour, func(ctx context.Context) error {
		return postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
			if _, err := tx.Exec(ctx, `delete from sessions where expires_at < now()`); err != nil {
				return fmt.Errorf("sweep sessions: %w", err)
			}
			if _, err := tx.Exec(ctx, `delete from link_tokens where expires_at < now() - $1::interval`, keepTokens); err != nil {
				return fmt.Errorf("sweep tokens: %w", err)
			}
			_, err := auth.SweepAttempts(ctx, tx)
			return err
		})
	})
}
