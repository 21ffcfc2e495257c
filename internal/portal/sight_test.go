package portal

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

// TestSettingsOfSight: what the views compare with is what portal.sight fills,
// and who looks.
func TestSettingsOfSight(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	var read, filled []string
	err := db.QueryRow(t.Context(), `
		select array_agg(distinct m[1] order by m[1]), (select array_agg(column_name::text) from information_schema.columns where table_schema = $1 and table_name = 'sight')
		from pg_proc p, regexp_matches(pg_get_functiondef(p.oid), 'portal\.(\w+)''', 'g') m where p.pronamespace = $1::text::regnamespace`, migrations.PortalSchema()).Scan(&read, &filled)
	if own := slices.Sorted(slices.Values(views.Sight)); !slices.Equal(slices.Sorted(slices.Values(filled)), own) {
		t.Errorf("portal.sight has %q, kept are %q", filled, own)
	}
	filled = append(filled, "as_contact", "as_customer", "as_job", "as_quote", "preview", "record_site", "record_type")
	slices.Sort(filled)
	if err != nil || !slices.Equal(read, filled) {
		t.Errorf("functions read %q, filled are %q (%v)", read, filled, err)
	}
}

// TestNothingStays: after a look, its connection and its transaction are as before.
func TestNothingStays(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	const left = `
		select coalesce(string_agg(key || '=' || set, ' '), '') from portal.sight s, jsonb_each_text(to_jsonb(s)), current_setting('portal.' || key, true) set
		where set <> ''
		union all select name from portal.jobs union all select name from portal.equipment union all select name from portal.quotes union all select name from portal.sites
		union all select name from portal.customer union all select name from portal.job_types union all select name from portal.attachments`
	check := func(when string, db postgres.DB) {
		t.Helper()
		rows, err := views.In(db).Query(t.Context(), left)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || !slices.Equal(got, []string{""}) {
			t.Errorf("%s there is left %q, %v", when, got, err)
		}
		var role, plans string
		err = db.QueryRow(t.Context(), `select current_setting('role'), current_setting('plan_cache_mode')`).Scan(&role, &plans)
		if err != nil || role != "none" || plans != "auto" {
			t.Errorf("%s the role is %s and plans are %s, %v", when, role, plans, err)
		}
	}
	for range 8 { // whichever connection is at hand
		if len(look(t, r, personas["Lee"], "select name from portal.jobs")) == 0 {
			t.Fatal("Lee sees nothing")
		}
		check("after a look", db)
	}
	err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
		who := []string{"Kim", "Max", "Lee", "nobody", "Ola"}
		contacts, seen := make([]views.Contact, len(who)), make([][]string, len(who))
		for i, name := range who {
			contacts[i] = personas[name].eyes()
		}
		err := views.ReadEach(context.WithoutCancel(t.Context()), tx, contacts, func(b *postgres.Batch, i int) {
			postgres.QueryValues(b, &seen[i], `select name from portal.jobs order by id`, nil)
		})
		if err != nil {
			return err
		}
		want := [][]string{{"kim's", "kim's old"}, nil, {"lee's", "kim's", "no site", "kim's old"}, nil, {"orchard"}}
		for i := range who {
			if !slices.Equal(seen[i], want[i]) {
				t.Errorf("%s, one after the other, sees %q, want %q", who[i], seen[i], want[i])
			}
		}
		check("in the transaction", tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What a contact does is planned by ids from its beginning to its end, and nothing
// of that stays either.
func TestDeedsKeepTheirPlans(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	plans := func(db postgres.DB) (mode string) {
		if err := db.QueryRow(t.Context(), `select current_setting('plan_cache_mode')`).Scan(&mode); err != nil {
			t.Fatal(err)
		}
		return mode
	}
	for range 3 {
		err := postgres.TransactByIDs(t.Context(), db, func(tx postgres.Tx) error {
			before := plans(tx)
			err := views.ReadIn(t.Context(), tx, personas["Kim"].eyes(), func(b *postgres.Batch) { b.Do(`select from portal.jobs`, nil) })
			if after := plans(tx); before != "force_generic_plan" || after != before {
				t.Errorf("plans are %s before a look and %s after it", before, after)
			}
			return err
		})
		if err != nil || plans(db) != "auto" {
			t.Errorf("afterwards plans are %s, %v", plans(db), err)
		}
		err = postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
			err := views.ReadIn(t.Context(), tx, personas["Kim"].eyes(), func(b *postgres.Batch) { b.Do(`select from portal.jobs`, nil) })
			if mode := plans(tx); mode != "auto" {
				t.Errorf("after a look of another transaction plans are %s", mode)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestWithoutNamedStatements: behind a pooler in transaction mode a connection
// keeps no statements.
func TestWithoutNamedStatements(t *testing.T) {
	t.Parallel()
	_, named := newTown(t)
	url := named.Config().ConnString()
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	db, err := postgres.Open(t.Context(), url+separator+"default_query_exec_mode=cache_describe", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		if got := look(t, NewReader(db), personas["Kim"], "select name from portal.jobs order by id"); !slices.Equal(got, []string{"kim's", "kim's old"}) {
			t.Errorf("Kim sees %q", got)
		}
	}
	var kept int
	if err := db.QueryRow(t.Context(), `select count(*) from pg_prepared_statements where name <> ''`).Scan(&kept); err != nil || kept > 0 {
		t.Errorf("the connection keeps %d statements, %v", kept, err)
	}
}
