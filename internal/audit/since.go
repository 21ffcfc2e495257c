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
// latest change of each, for the notice of a form that was overtaken. It knows
// the entries whose Before and After carry the thing's "version".
func Since(ctx context.Context, db postgres.DB, thing string, id, version int64) ([]Change, error) {
	rows, err := db.Query(ctx, `
		select distinct on (f.key) f.key as field, f.value as before, coalesce(e.after->f.key, 'null') as after, e.actor_name as by, e.at
		from audit_entries e cross join lateral jsonb_each(e.before) f
		where e.thing = @thing and e.thing_id = @id and jsonb_typeof(e.before) = 'object' and (e.after->>'version')::bigint > @version and f.key <> 'version'
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
