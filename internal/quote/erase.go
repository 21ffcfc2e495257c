package quote

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// EraseContact takes a contact's name from the histories of quotes. Whoever has
// accepted or declined one stays named there: that is what was agreed.
func EraseContact(ctx context.Context, tx postgres.Tx, contact int64) error {
	_, err := tx.Exec(ctx, `update quote_events set by_name = @former where contact_id = @contact`, pgx.NamedArgs{"contact": contact, "former": audit.FormerContact})
	if err != nil {
		return fmt.Errorf("erase contact %d from quotes: %w", contact, err)
	}
	return nil
}
