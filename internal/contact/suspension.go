package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// KeepSuspendedBy keeps who has suspended a contact, in the transaction that
// does: what the office suspends, managers of contacts cannot restore.
func KeepSuspendedBy(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	_, err := tx.Exec(ctx, `update contacts set suspended_by_contact_id = nullif(@by::bigint, 0) where id = @id`, pgx.NamedArgs{"id": id, "by": by.Contact})
	if err != nil {
		return fmt.Errorf("keep who suspended contact %d: %w", id, err)
	}
	return nil
}
