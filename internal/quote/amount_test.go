package quote_test

import (
	"testing"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed, currency string
		want            int64 // -1 for nothing, -2 for a problem
	}{
		{"", "AUD", -1},
		{"  ", "AUD", -1},
		{"1500", "AUD", 150000},
		{"1,500", "AUD", 150000},
		{"1 500.5", "AUD", 150050},
		{"$ 1,500.50", "AUD", 150050},
		{"AUD 12", "AUD", 1200},
		{"about 2k", "AUD", 200000},
		{"5 grand", "AUD", 500000},
		{"2.000", "AUD", -2},
		{"¥ 1200", "JPY", 1200},
		{"0", "AUD", 0},
		{"0.005", "AUD", -2},
		{"12.5", "JPY", -2},
		{"-1", "AUD", -2},
		{"1e9", "AUD", -2},
		{"1e-99999999", "AUD", -2},
		{"a lot", "AUD", -2},
		{"$", "AUD", -2},
		{"1.5.0", "AUD", -2},
		{"1000000000", "AUD", -2},
		{"99999999999999999999999999", "AUD", -2},
	} {
		p := problem.Set{}
		got := quote.ParseAmount(company.NewFormat(time.Time{}, "UTC", "en-AU", tt.currency), tt.typed, tt.currency, p, "price")
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
