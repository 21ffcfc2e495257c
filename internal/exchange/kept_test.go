package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
)

// What a system keeps, only that system brings in: not an import, and not another
// system, nor can it be taken back by them. What is the same is no change.
func TestOnlyWhoKeepsItBringsItIn(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	for _, b := range business {
		s.want(exchange.New, b.kind, b.external, b.body)
	}
	if _, err := s.db.Exec(t.Context(), `update keepers set source = 'simpro', label = 'simPRO'`); err != nil {
		t.Fatal(err)
	}
	other := s
	other.by.Source, other.refs = "ascora", exchange.NewRefs("ascora")
	typed := s
	typed.by.Source, typed.refs = "", exchange.NewRefs("")
	for _, tt := range []struct {
		kind exchange.Kind
		body string
	}{
		{exchange.Customers, `{"number": "C-5000", "name": "Harbour Dental", "phone": "1"}`},
		{exchange.Sites, `{"customer": "C-5000", "name": "Wharf 2", "site_contact": "Rosa"}`},
		{exchange.Contacts, `{"customer": "C-5000", "name": "Lee Rivers", "email": "lee@harbour.example", "phone": "1"}`},
		{exchange.Equipment, `{"customer": "C-5000", "number": "E-7", "make": "Carrier"}`},
		{exchange.Quotes, `{"customer": "C-5000", "number": "Q-7000", "purchase_order": "1"}`},
		{exchange.Jobs, `{"customer": "C-5000", "number": "J-9000", "purchase_order": "1"}`},
		{exchange.Jobs, `{"customer": "C-5000", "description": "A new one", "type": "Service call"}`},
		{exchange.Tasks, `{"job": "J-9000", "subject": "Order it", "description": "Now"}`},
		{exchange.Time, `{"job": "J-9000", "worked_on": "2026-06-03", "staff": "Tom Fields", "hours": "1"}`},
	} {
		for name, from := range map[string]source{"another system": other, "nobody": typed} {
			for _, dry := range []bool{true, false} {
				out := from.put(tt.kind, "", tt.body, exchange.Choices{Overwrite: true, Dry: dry})
				if out.State != exchange.Refused || !strings.Contains(out.Problems[""], "from simPRO and can only be changed there") {
					t.Errorf("%s of %s (dry: %t): %s %v", tt.kind, name, dry, out.State, out.Problems)
				}
			}
		}
	}
	if out := other.put(exchange.JobTypes, "", `{"name": "Service call", "colour": "red"}`, exchange.Choices{}); out.State != exchange.Changed {
		t.Errorf("job types are always kept here: %s %v", out.State, out.Problems)
	}
	if out := typed.put(exchange.Sites, "", `{"customer": "C-5000", "name": "Wharf 2"}`, exchange.Choices{}); out.State != exchange.Same {
		t.Errorf("nothing changes: %s %v", out.State, out.Problems)
	}
	if out := s.put(exchange.Jobs, "j1", `{"purchase_order": "PO-1"}`, exchange.Choices{Overwrite: true}); out.State != exchange.Changed {
		t.Errorf("who keeps it: %s %v", out.State, out.Problems)
	}
	row := s.put(exchange.Sites, "si1", `{}`, exchange.Choices{})
	err := postgres.Transact(t.Context(), s.db, func(tx postgres.Tx) error {
		return exchange.Remove(t.Context(), tx, other.by, exchange.Sites, row.Row, row.Version)
	})
	if err == nil || errors.Is(err, exchange.ErrTouched) || !strings.Contains(err.Error(), "from simPRO") {
		t.Errorf("taken back by another: %v", err)
	}
}
