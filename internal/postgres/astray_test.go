package postgres_test

import (
	neturl "net/url"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// A server that has become a standby while the pool was connected to it takes no
// changes. That costs one request, which is told that the database is away; then
// the primary is looked for.
func TestAServerThatOnlyReadsIsLeft(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	const sql = `update company set version = version`
	for name, change := range map[string]func(*pgxpool.Pool) error{
		"a transaction": func(pool *pgxpool.Pool) error {
			return postgres.Transact(t.Context(), pool, func(tx postgres.Tx) error {
				_, err := tx.Exec(t.Context(), sql)
				return err
			})
		},
		"a batch": func(pool *pgxpool.Pool) error {
			return postgres.Note(t.Context(), pool, func(b *postgres.Batch) { b.Do(sql, nil) })
		},
	} {
		pool := within(t, url, patient)
		var conns []*pgxpool.Conn
		for range 3 {
			c, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Exec(t.Context(), `set session characteristics as transaction read only`); err != nil {
				t.Fatal(err)
			}
			conns = append(conns, c)
		}
		for _, c := range conns {
			c.Release()
		}
		if err := change(pool); !postgres.ReadsOnly(err) || !postgres.Away(err) {
			t.Errorf("%s: %v", name, err)
		}
		for range 3 {
			if err := change(pool); err != nil {
				t.Errorf("%s, again: %v", name, err)
			}
		}
	}
}

// A server that takes no changes at connecting is no database to serve from.
func TestAServerThatOnlyReadsIsNotTaken(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	dbtest.Admin(t, url, `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`)
	if err := postgres.Ready(t.Context(), within(t, url, patient)); !postgres.Away(err) {
		t.Errorf("%v", err)
	}
	if err := postgres.Ready(t.Context(), within(t, with(t, url, "target_session_attrs", "any"), patient)); err != nil {
		t.Errorf("asked for by name: %v", err)
	}
}

// with is an address with one more parameter.
func with(t *testing.T, url, name, value string) string {
	t.Helper()
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}
