package postgres_test

import (
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// A note waits for no disk and no standby, and what is saved next on the same connection does.
func TestNotesWaitForNobody(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	dbtest.Admin(t, url, `do $$ begin execute format('alter database %I set synchronous_commit = on', current_database()); end $$`)
	limits := patient
	limits.Connections = 1
	pool := within(t, url, limits)
	var during, after string
	err := postgres.Note(t.Context(), pool, func(b *postgres.Batch) {
		postgres.QueryValue(b, &during, `select current_setting('synchronous_commit')`, nil)
	})
	if err == nil {
		err = pool.QueryRow(t.Context(), `show synchronous_commit`).Scan(&after)
	}
	if err != nil || during != "off" || after != "on" {
		t.Errorf("%q, then %q, %v", during, after, err)
	}
}
