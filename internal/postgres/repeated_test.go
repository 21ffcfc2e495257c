package postgres_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/customer"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// TestRepeatedFormsDrawNoNumbers: whatever has a number of its own draws one for
// a form, however often and however fast that is sent.
func TestRepeatedFormsDrawNoNumbers(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	_, err := db.Exec(t.Context(), `
		insert into staff (name, email, role, state) values ('Ben', 'ben@demo.test', 'office', 'active');
		insert into job_types (name) values ('Maintenance');
		insert into customers (name) values ('Harbour Dental');
		insert into contacts (customer_id, name) values (1, 'Lee')`)
	if err != nil {
		t.Fatal(err)
	}
	ben, lee := audit.Actor{Staff: 1, Name: "Ben"}, audit.Actor{Contact: 1, Name: "Lee"}
	creating := map[string][]func(context.Context, postgres.Tx, string) (number string, created bool, err error){
		"customer_numbers": {func(ctx context.Context, tx postgres.Tx, nonce string) (string, bool, error) {
			ref, created, err := customer.Create(ctx, tx, ben, customer.New{Details: customer.Details{Name: "Pelican Point"}, Nonce: nonce})
			return ref.Number, created, err
		}},
		"job_numbers": {func(ctx context.Context, tx postgres.Tx, nonce string) (string, bool, error) {
			ref, created, err := job.Create(ctx, tx, ben, job.New{Customer: 1, Details: job.Details{Type: 1, Description: "Tap", Priority: job.Normal}, Nonce: nonce})
			return ref.Number, created, err
		}, func(ctx context.Context, tx postgres.Tx, nonce string) (string, bool, error) {
			ref, created, err := job.Create(ctx, tx, lee, job.New{Customer: 1, Contact: 1, Details: job.Details{Type: 1, Description: "Tap"}, Nonce: nonce})
			return ref.Number, created, err
		}},
		"quote_numbers": {func(ctx context.Context, tx postgres.Tx, nonce string) (string, bool, error) {
			ref, created, err := quote.Create(ctx, tx, ben, quote.New{Customer: 1, Currency: "AUD", Details: quote.Details{Name: "Tap", Description: "Tap"}, Nonce: nonce})
			return ref.Number, created, err
		}, func(ctx context.Context, tx postgres.Tx, nonce string) (string, bool, error) {
			ref, created, err := quote.Create(ctx, tx, lee, quote.New{Customer: 1, Contact: 1, Currency: "AUD", Details: quote.Details{Description: "Tap"}, Nonce: nonce})
			return ref.Number, created, err
		}},
	}
	rows, err := db.Query(t.Context(), `select sequencename from pg_sequences where sequencename like '%\_numbers'`)
	if err != nil {
		t.Fatal(err)
	}
	sequences, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(sequences) != len(creating) {
		t.Fatalf("numbers are drawn from %v, %v", sequences, err)
	}
	for _, sequence := range sequences {
		for i, create := range creating[sequence] {
			var before, after int64
			drawn := `select last_value from ` + pgx.Identifier{sequence}.Sanitize()
			if err := db.QueryRow(t.Context(), drawn).Scan(&before); err != nil {
				t.Fatal(err)
			}
			numbers, made := make([]string, 6), make([]bool, 6)
			var sent sync.WaitGroup
			for n := range numbers {
				sent.Go(func() {
					err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) (err error) {
						numbers[n], made[n], err = create(t.Context(), tx, "nonce "+string(rune('a'+i)))
						return err
					})
					if err != nil {
						t.Errorf("%s: %v", sequence, err)
					}
				})
			}
			sent.Wait()
			if err := db.QueryRow(t.Context(), drawn).Scan(&after); err != nil {
				t.Fatal(err)
			}
			if first := slices.Index(made, true); first < 0 || slices.Contains(made[first+1:], true) || len(slices.Compact(numbers)) != 1 || after-before > 1 {
				t.Errorf("%s: %d drawn, for %v", sequence, after-before, numbers)
			}
		}
	}
}
