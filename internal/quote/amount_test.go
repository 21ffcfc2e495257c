package quote_test

import (
	"testing"

	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed    string
		decimals int
		want     int64 // -1 for nothing, -2 for a problem
	}{
		{"", 2, -1},
		{"  ", 2, -1},
		{"1500", 2, 150000},
		{"1,500", 2, 150000},
		{"1 500.5", 2, 150050},
		{"$ 1,500.50", 2, 150050},
		{"AUD 12", 2, 1200},
		{"¥ 1200", 0, 1200},
		{"0", 2, 0},
		{"0.005", 2, -2},
		{"12.5", 0, -2},
		{"-1", 2, -2},
		{"1e9", 2, -2},
		{"1e-99999999", 2, -2},
		{"a lot", 2, -2},
		{"$", 2, -2},
		{"1.5.0", 2, -2},
		{"1000000000", 2, -2},
		{"99999999999999999999999999", 2, -2},
	} {
		p := problem.Set{}
		got := quote.ParseAmount(tt.typed, tt.decimals, p, "price")
		switch {
		case tt.want == -2:
			if p["price"] == "" || got != nil {
				t.Errorf("%q is an amount", tt.typed)
			}
		case p["price"] != "":
			t.Errorf("%q: %s", tt.typed, p["price"])
		case tt.want == -1:
			if got != nil {
				t.Errorf("%q: %d", tt.typed, *got)
			}
		case got == nil || *got != tt.want:
			t.Errorf("%q: %v, want %d", tt.typed, got, tt.want)
		}
	}
}
