package dbtest

import (
	"context"
	"encoding/json"
	"testing"

	"fieldgate/internal/postgres"
)

// Plan is how a statement ran.
type Plan struct {
	Rows    int
	Buffers int    // of 8 kB that it read, from wherever
	Text    string // for whoever wonders why
}

// Kept is how a statement ran by the plan that a connection makes once and keeps,
// whoever it is asked for. Its arguments are $1 and so on, of the types given; the
// values are SQL. Look runs the text it is given, as often as it likes and as whoever
// it likes, and returns the last answer; the first makes the plan. Without it, the
// statement is run once.
func Kept(t testing.TB, tx postgres.Tx, types, statement, values string, look func(explain string) ([]byte, error)) Plan {
	t.Helper()
	ctx := context.Background()
	exec := func(sql string) {
		t.Helper()
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	if look == nil {
		look = func(explain string) (text []byte, err error) {
			err = tx.QueryRow(ctx, explain).Scan(&text)
			return text, err
		}
	}
	exec("set local plan_cache_mode = force_generic_plan")
	exec("prepare kept (" + types + ") as " + statement)
	text, err := look("explain (analyze, buffers, format json) execute kept(" + values + ")")
	if err != nil {
		t.Fatal(err)
	}
	exec("deallocate kept")
	var plans []struct {
		Plan struct {
			Rows int `json:"Actual Rows"`
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatal(err)
	}
	p := plans[0].Plan
	return Plan{Rows: p.Rows, Buffers: p.Hit + p.Read, Text: string(text)}
}
