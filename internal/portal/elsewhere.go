package portal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// Record names one thing of a customer as its address does: the area, and the
// number or the opaque id.
type Record struct{ Area, Key string }

// recordsAt finds the record of each area.
var recordsAt = map[string]string{
	"jobs":        `select exists (select from portal.seen_jobs where key = @key)`,
	"quotes":      `select exists (select from portal.seen_quotes where key = @key)`,
	"equipment":   `select exists (select from portal.equipment where public_id = @key)`,
	"attachments": `select exists (select from portal.attachments where public_id = @key)`,
}

// Elsewhere is the contact as whom the same person may see the record, looking
// at another of their customers; 0 for none. It takes the same steps whether the
// record is not there or is not for them to see.
func (r *Reader) Elsewhere(ctx context.Context, v Viewer, of Record) (contact int64, err error) {
	sql := recordsAt[of.Area]
	if sql == "" || v.Previewing() || v.Linked() || v.Choices() < 2 {
		return 0, nil
	}
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(v.Customers)), func(id int64) bool { return id == v.Contact })
	rows, err := r.db.Query(ctx, `select id, customer_id as customer, false as preview, 0::bigint as job, 0::bigint as quote from contacts where id = any(@others) order by id`, pgx.NamedArgs{"others": others})
	if err != nil {
		return 0, fmt.Errorf("look elsewhere: %w", err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[views.Contact])
	if err != nil {
		return 0, fmt.Errorf("look elsewhere: %w", err)
	}
	found := make([]bool, len(contacts))
	err = views.ReadEach(ctx, r.db, contacts, func(b *postgres.Batch, i int) {
		postgres.QueryValue(b, &found[i], sql, pgx.NamedArgs{"key": of.Key})
	})
	if err != nil {
		return 0, fmt.Errorf("look elsewhere: %w", err)
	}
	if i := slices.Index(found, true); i >= 0 {
		return contacts[i].ID, nil
	}
	return 0, nil
}
