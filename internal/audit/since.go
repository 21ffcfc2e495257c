package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Change is one field that somebody has changed. Values are JSON as recorded.
type Change struct {
	Field  string
	Before json.RawMessage
	After  json.RawMessage
	By     string
	At     time.Time
}

// Since lists which fields of a thing have changed since a version of it, the
// latest change of each, for the notice of an edit conflict. It knows what was
// recorded with the thing's "version", until Sweep forgets it.
func Since(ctx context.Context, db postgres.DB, thing string, id, version int64) ([]Change, error) {
	rows, err := db.Query(ctx, `
		select distinct on (f.key) f.key as field, f.value as before, coalesce(e.after->f.key, 'null') as after, e.by_name as by, e.at
		from edits e cross join lateral jsonb_each(e.before) f
		where e.thing = @thing and e.thing_id = @id and e.version > @version and f.key <> 'version'
		order by f.key, e.id desc`, pgx.NamedArgs{"thing": thing, "id": id, "version": version})
	if err != nil {
		return nil, fmt.Errorf("changes of %s since: %w", thing, err)
	}
	changes, err := pgx.CollectRows(rows, pgx.RowToStructByName[Change])
	if err != nil {
		return nil, fmt.Errorf("changes of %s since: %w", thing, err)
	}
	return changes, nil
}

// Sweep forgets edits and changed details that nobody asks about any more. A form
// older than that is told only that somebody has changed the thing.
func Sweep(ctx context.Context, tx postgres.Tx) error {
	for _, table := range []string{"edits", "detail_changes"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where at < now() - interval '30 days'`); err != nil {
			return fmt.Errorf("sweep %s: %w", table, err)
		}
	}
	return nil
}
