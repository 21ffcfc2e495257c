package postgres

import (
	"context"
	"fmt"
	"time"
)

// needed are the extensions that the schema uses.
const needed = `array['unaccent', 'btree_gin']`

// Server is what the database's server says of itself.
type Server struct {
	Version int       // PostgreSQL's major version
	Clock   time.Time // its own, now
	Lacking []string  // extensions of the schema that are not there
}

// ReadServer asks the server, whether the database was migrated or not.
func ReadServer(ctx context.Context, db DB) (s Server, err error) {
	err = db.QueryRow(ctx, `
		select current_setting('server_version_num')::int / 10000, clock_timestamp(), array(select e from unnest(`+needed+`) e where e not in (select extname from pg_extension))`).
		Scan(&s.Version, &s.Clock, &s.Lacking)
	if err != nil {
		return s, fmt.Errorf("ask the database's server: %w", err)
	}
	return s, nil
}
