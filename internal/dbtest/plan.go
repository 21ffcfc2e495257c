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

// Kept runs a statement by the plan that a connection makes once and keeps,
// whoever it is asked for; meanwhile is what happens between the first time, when the
// plan is made, and the time that is told of. The statement's arguments are $1 and so
// on, of the types given; the values are SQL.
func Kept(t testing.TB, tx postgres.Tx, types, statement, values string, meanwhile ...string) Plan {
	t.Helper()
	ctx := context.Background()
	begin := []string{"set local plan_cache_mode = force_generic_plan", "prepare kept (" + types + ") as " + statement, "execute kept(" + values + ")"}
	for _, sql := range append(begin, meanwhile...) {
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	var text []byte
	if err := tx.QueryRow(ctx, "explain (analyze, buffers, format json) execute kept("+values+")").Scan(&text); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "deallocate kept"); err != nil {
		t.Fatal(err)
	}
	return ParsePlan(t, text)
}

// ParsePlan reads what explain (analyze, buffers, format json) has answered.
func ParsePlan(t testing.TB, text []byte) Plan {
	t.Helper()
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
