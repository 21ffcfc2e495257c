package portal

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// TestBehindAPooler: contacts of two customers, and somebody who is nobody, share
// two connections of the server; each sees their own, and leaves nothing behind.
func TestBehindAPooler(t *testing.T) {
	t.Parallel()
	direct, db := newTown(t)
	pool, err := postgres.OpenPooled(t.Context(), dbtest.Pooled(t, db.Config().ConnString(), "transaction", 2), postgres.Pages(16))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	r := NewReader(pool)
	const sql = `select name from portal.jobs union all select name from portal.quotes union all select name from portal.attachments order by 1`
	var all sync.WaitGroup
	for _, name := range []string{"Lee", "Kim", "Ola", "nobody"} {
		want := look(t, direct, personas[name], sql)
		if (len(want) == 0) != (name == "nobody") {
			t.Fatalf("%s sees %q", name, want)
		}
		for range 2 {
			all.Go(func() {
				for range 8 {
					if got := look(t, r, personas[name], sql); !slices.Equal(got, want) {
						t.Errorf("%s sees %q, want %q", name, got, want)
					}
					err := postgres.Transact(t.Context(), pool, func(tx postgres.Tx) error {
						var seen []string
						err := views.ReadIn(context.WithoutCancel(t.Context()), tx, personas[name].eyes(), func(b *postgres.Batch) { postgres.QueryValues(b, &seen, sql, nil) })
						if err == nil && !slices.Equal(seen, want) {
							t.Errorf("%s sees %q in a transaction, want %q", name, seen, want)
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Go(func() {
		for range 50 {
			var left string
			err := views.In(pool).QueryRow(t.Context(), `
				select concat_ws(' ', nullif(current_setting('role'), 'none'), nullif(current_setting('plan_cache_mode'), 'auto'), nullif(current_setting('jit'), 'off'), current_setting('portal.contact_id', true), current_setting('portal.as_contact', true),
					(select max(name) from pg_prepared_statements), (select max(name) from portal.jobs), (select 'locks' from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() limit 1))`).Scan(&left)
			if err != nil || strings.TrimSpace(left) != "" {
				t.Errorf("a connection of the server keeps %q (%v)", left, err)
			}
		}
	})
	all.Wait()
}
