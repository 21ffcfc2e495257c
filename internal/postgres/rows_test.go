package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// Nothing of one row is left in the next, though they are read into one place.
func TestRowsAreApart(t *testing.T) {
	t.Parallel()
	type row struct {
		Name   string
		At     *time.Time
		IDs    []int64
		Fields map[string]string
	}
	db := dbtest.New(t)
	rows, err := db.Query(t.Context(), `
		select * from (values ('a', timestamptz '2026-01-01', '{1,2}'::bigint[], '{"x": "1"}'::jsonb, 7), ('', timestamptz '2026-01-02', '{3,4}', '{"y": "2"}', 8), ('c', null, null, null, 9)) v (name, at, ids, fields, last)`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		all   []row
		last  int
		lasts []int
	)
	err = postgres.EachByName(rows, func(r row) { all, lasts = append(all, r), append(lasts, last) }, &last)
	if err != nil || len(all) != 3 || lasts[0] != 7 || lasts[2] != 9 {
		t.Fatalf("%+v, %v, %v", all, lasts, err)
	}
	a, b, c := all[0], all[1], all[2]
	if a.At.Day() != 1 || b.At.Day() != 2 || a.IDs[0] != 1 || b.IDs[0] != 3 || len(b.Fields) != 1 || a.Fields["x"] != "1" {
		t.Errorf("%+v, then %+v", a, b)
	}
	if c.Name != "c" || c.At != nil || c.IDs != nil || c.Fields != nil {
		t.Errorf("the third row has %+v", c)
	}
	for _, wrong := range []string{`select 'a' as name`, `select 'a' as name, now() as at, null::bigint[] as ids, null::jsonb as fields, 1 as more`} {
		rows, err := db.Query(t.Context(), wrong)
		if err == nil {
			err = postgres.EachByName(rows, func(row) {})
		}
		if err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

// Amounts are read as they are written, each with its places.
func TestAmounts(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, text := range []string{"0", "0.00", "12.50", "-0.005", "100", "99999999999999.99", "1234567890123456789012.3456", "10000", "0.0001"} {
		want := decimal.RequireFromString(text)
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
			var got decimal.Decimal
			var may *decimal.Decimal
			err := db.QueryRow(t.Context(), `select `+text+`::numeric, `+text+`::numeric`, mode).Scan(&got, &may)
			if err != nil || !got.Equal(want) || got.String() != want.String() || may == nil || !may.Equal(want) || max(0, -got.Exponent()) != max(0, -want.Exponent()) {
				t.Errorf("%s is read as %s with exponent %d, %v", text, got, got.Exponent(), err)
			}
		}
	}
	var none *decimal.Decimal
	if err := db.QueryRow(t.Context(), `select null::numeric`).Scan(&none); err != nil || none != nil {
		t.Errorf("null is read as %v, %v", none, err)
	}
	var amount decimal.Decimal
	for _, sql := range []string{`select null::numeric`, `select 'NaN'::numeric`} {
		if err := db.QueryRow(t.Context(), sql).Scan(&amount); err == nil {
			t.Errorf("%s is read as %s", sql, amount)
		}
	}
}

// Arguments take their places by name, also where the text is known already.
func TestArgumentsTakeTheirPlaces(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	const sql = `select @a::text || coalesce(@b::text, '-') || @a::text || '@a' -- @c`
	for _, tt := range []struct {
		args pgx.NamedArgs
		want string
	}{{pgx.NamedArgs{"a": "1"}, "1-1@a"}, {pgx.NamedArgs{"a": "1", "b": "2"}, "121@a"}, {pgx.NamedArgs{"b": "x", "a": "y"}, "yxy@a"}} {
		var got string
		err := postgres.Read(t.Context(), db, func(b *postgres.Batch) { postgres.QueryValue(b, &got, sql, tt.args) })
		if err != nil || got != tt.want {
			t.Errorf("%v: %q, %v", tt.args, got, err)
		}
	}
}
