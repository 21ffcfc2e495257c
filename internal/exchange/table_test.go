package exchange_test

import (
	"testing"

	"fieldgate/internal/exchange"
)

// Every column of an export has a head of its own, by which an import knows it.
func TestTablesHaveHeads(t *testing.T) {
	t.Parallel()
	kinds := map[exchange.Kind]bool{}
	for _, table := range exchange.Tables() {
		if table.Name == "" || kinds[table.Kind] {
			t.Errorf("table %q of %s", table.Name, table.Kind)
		}
		kinds[table.Kind] = true
		heads := map[string]bool{exchange.IDHead: table.IDs}
		for _, h := range table.First {
			heads[h] = true
		}
		for _, f := range table.Fields {
			if f.Label == "" || heads[f.Label] {
				t.Errorf("%s: the head of %s is %q", table.Name, f.Name, f.Label)
			}
			heads[f.Label] = true
		}
		if table.Of != "" && !kinds[table.Of] {
			t.Errorf("%s come before what they are lines of", table.Name)
		}
	}
}
