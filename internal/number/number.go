// Package number holds the sequences of which customers, quotes and jobs get
// their numbers. A number is never given twice: what an import has kept is passed
// over when it is drawn, by the defaults of the tables.
package number

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Kind is what a sequence numbers.
type Kind string

// The kinds.
const (
	Customer Kind = "customer"
	Quote    Kind = "quote"
	Job      Kind = "job"
)

// Kinds are all of them, as Administration shows them.
var Kinds = []Kind{Customer, Quote, Job}

var about = map[Kind]struct{ label, prefix string }{Customer: {"Customers", "C-"}, Quote: {"Quotes", "Q-"}, Job: {"Jobs", "J-"}}

// Label is what is numbered, on screens.
func (k Kind) Label() string { return about[k].label }

// Prefix is what the kind's numbers begin with.
func (k Kind) Prefix() string { return about[k].prefix }

// Of is the number with a figure.
func (k Kind) Of(figure int64) string { return k.Prefix() + strconv.FormatInt(figure, 10) }

// Max is the highest figure that can be set.
const Max = 999_999_999

// Sequence is where a sequence is.
type Sequence struct {
	Kind    Kind
	Draws   int64 // what it draws next, unless that is in use
	Highest int64 // in use; 0 for none
}

// Next is the lowest figure that can be set. Below Highest there may be some that
// are free, and are drawn until it is set past them.
func (s Sequence) Next() int64 { return max(s.Draws, s.Highest+1) }

// Query adds a query for all sequences, in the order of Kinds.
func Query(b *postgres.Batch, into *[]Sequence) {
	postgres.Query(b, into, `select k.kind, n.draws, n.highest from unnest(@kinds::text[]) with ordinality k(kind, place) cross join lateral number_state(k.kind) n order by k.place`,
		pgx.NamedArgs{"kinds": Kinds})
}

// Read is where the sequence of a kind is.
func Read(ctx context.Context, db postgres.DB, k Kind) (Sequence, error) {
	var all []Sequence
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { Query(b, &all) }); err != nil {
		return Sequence{}, fmt.Errorf("read the sequences of numbers: %w", err)
	}
	for _, s := range all {
		if s.Kind == k {
			return s, nil
		}
	}
	return Sequence{}, apperr.NotFound
}

// Parse reads what somebody types as the next number: the figure, with the prefix
// or without; problems are at the field next.
func (k Kind) Parse(typed string) (int64, error) {
	digits := strings.TrimSpace(typed)
	if len(digits) >= len(k.Prefix()) && strings.EqualFold(digits[:len(k.Prefix())], k.Prefix()) {
		digits = digits[len(k.Prefix()):]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || strings.HasPrefix(digits, "+") {
		return 0, problem.Set{"next": "Enter a whole number, such as " + k.Of(2001) + "."}
	}
	if n > Max {
		return 0, problem.Set{"next": "Enter a number of at most nine digits."}
	}
	return n, nil
}

// Set lets the sequence go on with next: never backwards, and never with a number
// that is in use or below one. It reports whether that was another one than before.
func Set(ctx context.Context, tx postgres.Tx, by audit.Actor, k Kind, next int64) (changed bool, err error) {
	before, err := Read(ctx, tx, k)
	if err != nil {
		return false, err
	}
	done, least, err := set(ctx, tx, k, next)
	switch {
	case err != nil:
		return false, err
	case !done:
		return false, problem.Set{"next": fmt.Sprintf("Enter %s or a higher number: numbers before it may be in use, and none is given twice.", k.Of(least))}
	case before.Draws == next:
		return false, nil
	}
	return true, audit.Record(ctx, tx, by, audit.New{Action: audit.NumbersSet, Label: k.Label(), Before: map[string]any{"next": k.Of(before.Draws)}, After: map[string]any{"next": k.Of(next)}})
}

func set(ctx context.Context, tx postgres.Tx, k Kind, next int64) (done bool, least int64, err error) {
	if err := tx.QueryRow(ctx, `select done, lowest from set_next_number(@kind, @next)`, pgx.NamedArgs{"kind": k, "next": next}).Scan(&done, &least); err != nil {
		return false, 0, fmt.Errorf("set the next number of %s: %w", k, err)
	}
	return done, least, nil
}
