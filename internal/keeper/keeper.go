// Package keeper says who keeps which kind of things: this program, or another
// system of the business, whose word then counts. What that system keeps is read
// here and changed there, and what customers ask of it waits until it answers.
package keeper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Kind is a kind of thing that somebody keeps. Jobs are kept with their tasks and
// time, quotes with their versions.
type Kind string

// The kinds.
const (
	Customers Kind = "customers"
	Sites     Kind = "sites"
	Contacts  Kind = "contacts"
	Equipment Kind = "equipment"
	Jobs      Kind = "jobs"
	Quotes    Kind = "quotes"
)

// Kinds are all of them, in the order of the setting.
var Kinds = []Kind{Customers, Sites, Contacts, Equipment, Jobs, Quotes}

// words are how screens call a kind, and one of it.
var words = map[Kind]struct{ many, one string }{
	Customers: {"Customers", "customer"}, Sites: {"Sites", "site"}, Contacts: {"Contacts", "contact"}, Equipment: {"Equipment", "piece of equipment"}, Jobs: {"Jobs", "job"}, Quotes: {"Quotes", "quote"},
}

// Label is the kind as screens write it.
func (k Kind) Label() string { return words[k].many }

// One is one of the kind in a sentence.
func (k Kind) One() string { return words[k].one }

// Keeper is who keeps a kind of things. Without a Source it is this program.
type Keeper struct {
	Source string `json:"source"` // under which external ids are kept
	Label  string `json:"label"`  // what people call it: simPRO
}

// Elsewhere reports whether another system keeps them.
func (k Keeper) Elsewhere() bool { return k.Source != "" }

// Keepers are those of the kinds that other systems keep.
type Keepers map[Kind]Keeper

// Keeps is who keeps a kind, the zero Keeper for this program.
func (k Keepers) Keeps(kind Kind) Keeper { return k[kind] }

// SQL is an expression of the Keepers, for queries with which pages begin.
const SQL = `(select coalesce(jsonb_object_agg(kind, jsonb_build_object('source', source, 'label', label)), '{}') from keepers where source <> '')`

// Load reads who keeps what.
func Load(ctx context.Context, db postgres.DB) (k Keepers, err error) {
	if err := db.QueryRow(ctx, `select `+SQL).Scan(&k); err != nil {
		return nil, fmt.Errorf("who keeps what: %w", err)
	}
	return k, nil
}

// Refusal is what whoever would change something here is told of it.
func (k Keeper) Refusal(kind Kind) string {
	return fmt.Sprintf("%s from %s and can only be changed there.", comes(kind), k.Label)
}

// comes is a sentence's beginning: "Jobs come".
func comes(kind Kind) string {
	if kind == Equipment {
		return "Equipment comes"
	}
	return kind.Label() + " come"
}

// Check refuses a change of things of these kinds when another system keeps one of
// them. Source is the system for which somebody acts, "" for the office itself: who
// keeps a kind changes it. Every deed of the office that changes such a thing asks
// it in its transaction.
func Check(ctx context.Context, tx postgres.Tx, source string, kinds ...Kind) error {
	keepers, err := Load(ctx, tx)
	if err != nil {
		return err
	}
	return keepers.Check(source, kinds...)
}

// Check is Check with Keepers that were loaded before.
func (k Keepers) Check(source string, kinds ...Kind) error {
	for _, kind := range kinds {
		if by := k[kind]; by.Elsewhere() && by.Source != source {
			return apperr.Conflict{Words: by.Refusal(kind)}
		}
	}
	return nil
}

// Sources are the systems that keep something, each once, in the order of Kinds.
func (k Keepers) Sources() (all []Keeper) {
	for _, kind := range Kinds {
		if by := k[kind]; by.Elsewhere() && !slices.Contains(all, by) {
			all = append(all, by)
		}
	}
	return all
}

// Said are kinds in a sentence: customers, sites and jobs.
func Said(kinds []Kind) string {
	var names []string
	for _, k := range kinds {
		names = append(names, strings.ToLower(k.Label()))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
