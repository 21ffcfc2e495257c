package migrations_test

import (
	"context"
	"log/slog"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// TestCountries: a new installation is of no country; one that somebody works
// with keeps its own.
func TestCountries(t *testing.T) {
	t.Parallel()
	for staff, want := range map[string]string{
		"": "XXX UTC en  | No tax 0.000 t",
		`insert into staff (name, role) values ('Fay', 'field')`: "AUD Australia/Sydney en-AU ABN | GST 10.000 t, No tax 0.000 f",
	} {
		ctx := context.Background()
		db, err := postgres.Open(ctx, dbtest.Empty(t), 4)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbtest.UpTo(t, db, 15)
		if _, err := db.Exec(ctx, staff); err != nil {
			t.Fatal(err)
		}
		if err := postgres.Migrate(ctx, db, postgres.RoleOfPool(db), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := db.QueryRow(ctx, `
			select format('%s %s %s %s | %s', currency, time_zone, locale, registration_label, (select string_agg(format('%s %s %s', name, percent, standard), ', ' order by name) from tax_rates)) from company`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", staff, got, want)
		}
	}
}
