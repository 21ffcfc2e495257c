package attachment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// MarkSeen notes that a contact has seen the files of a job, quote or piece of
// equipment, which the caller has looked at through the contact's own eyes.
func MarkSeen(ctx context.Context, tx postgres.Tx, contact int64, on On) error {
	_, err := tx.Exec(ctx, `
		insert into seen_files (customer_id, contact_id, job_id, quote_id, equipment_id)
		values (@customer, @contact, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@equipment::bigint, 0))
		on conflict on constraint seen_once do update set at = now()`,
		pgx.NamedArgs{"customer": on.Customer, "contact": contact, "job": on.Job, "quote": on.Quote, "equipment": on.Equipment})
	if err != nil {
		return fmt.Errorf("note which files were seen: %w", err)
	}
	return nil
}
