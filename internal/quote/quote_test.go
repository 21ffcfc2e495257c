package quote_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"fieldgate/internal/quote"
)

func line(quantity string, price int64, tax string) quote.Line {
	return quote.Line{Description: "x", Quantity: decimal.RequireFromString(quantity), UnitPrice: price, TaxName: "T" + tax, TaxPercent: decimal.RequireFromString(tax)}
}

func TestSum(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		lines           []quote.Line
		net, tax, gross int64
	}{
		{"nothing", nil, 0, 0, 0},
		{"half a cent goes up", []quote.Line{line("0.5", 3, "0")}, 2, 0, 2},
		{"below half a cent goes down", []quote.Line{line("0.333", 100, "0")}, 33, 0, 33},
		{"tax on the sum of a rate, not line by line", []quote.Line{line("1", 4, "10"), line("1", 4, "10")}, 8, 1, 9},
		{"each rate for itself", []quote.Line{line("1", 5, "10"), line("1", 5, "20")}, 10, 2, 12},
		{"credit", []quote.Line{line("1", 1000, "10"), line("-1", 250, "10")}, 750, 75, 825},
		{"hours", []quote.Line{line("7.25", 9550, "10")}, 69238, 6924, 76162},
	} {
		got := quote.Sum(tt.lines)
		if got.Net != tt.net || got.Tax != tt.tax || got.Gross != tt.gross {
			t.Errorf("%s: %d + %d = %d; want %d + %d = %d", tt.name, got.Net, got.Tax, got.Gross, tt.net, tt.tax, tt.gross)
		}
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	all := []quote.Status{quote.Requested, quote.Draft, quote.Sent, quote.Accepted, quote.Declined, quote.Withdrawn, quote.Expired}
	want := map[quote.Status]string{
		quote.Requested: "draft withdrawn", quote.Draft: "sent withdrawn", quote.Sent: "draft accepted declined withdrawn", quote.Declined: "draft",
	}
	for _, from := range all {
		var got string
		for _, to := range all {
			if from.May(to) {
				if got != "" {
					got += " "
				}
				got += string(to)
			}
		}
		if got != want[from] {
			t.Errorf("from %s: %q, want %q", from, got, want[from])
		}
	}
}
