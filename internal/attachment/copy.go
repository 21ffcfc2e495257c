package attachment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
)

// Copy hangs the files of one thing on another of the same customer as well.
// The copies are rows of their own on the same stored bytes: who shares, hides
// or removes one leaves the other as it is. They keep who sent them, when, and
// whether the customer sees them.
func Copy(ctx context.Context, tx postgres.Tx, by audit.Actor, q *queue.Client, from, to On) (copied int, err error) {
	condition, on := from.where()
	rows, err := tx.Query(ctx, `
		insert into attachments (customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, caption, taken_at, blob_key, web_key, thumb_key, width, height, state, broken_because,
			customer_view, shared_at, shared_by_id, uploaded_at, uploaded_by_staff_id, uploaded_by_token_id, uploaded_by_contact_id)
		select a.customer_id, nullif(@to_job::bigint, 0), nullif(@to_quote::bigint, 0), nullif(@to_equipment::bigint, 0), a.name, a.kind, a.media_type, a.size, a.caption, a.taken_at,
			a.blob_key, a.web_key, a.thumb_key, a.width, a.height, a.state, a.broken_because, a.customer_view, a.shared_at, a.shared_by_id, a.uploaded_at, a.uploaded_by_staff_id, a.uploaded_by_token_id, a.uploaded_by_contact_id
		from attachments a where `+condition+` and a.customer_id = @customer and a.removed_at is null order by a.id
		returning id, name, state, customer_view`,
		pgx.NamedArgs{"on": on, "customer": from.Customer, "to_job": to.Job, "to_quote": to.Quote, "to_equipment": to.Equipment})
	if err != nil {
		return 0, fmt.Errorf("copy attachments: %w", err)
	}
	type row struct {
		ID           int64
		Name, State  string
		CustomerView bool
	}
	made, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, fmt.Errorf("copy attachments: %w", err)
	}
	for _, f := range made {
		if f.State == "preparing" { // its renditions are its own, as it cannot wait for another row's
			if err := q.Insert(ctx, tx, queue.PreparePhoto{Attachment: f.ID, Customer: from.Customer}); err != nil {
				return 0, err
			}
		}
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.AttachmentCopied, ID: f.ID, Label: f.Name, Customer: from.Customer,
			After: map[string]any{"job": to.Job, "quote": to.Quote, "equipment": to.Equipment, "customer_view": f.CustomerView},
		})
		if err != nil {
			return 0, err
		}
	}
	return len(made), nil
}
