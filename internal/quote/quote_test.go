package quote_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"fieldgate/internal/quote"
)

func line(quantity string, price int64, tax string) quote.Line {
	return quote.Line{Description: "x", Quantity: decimal.RequireFromString(quantity), UnitPrice: decimal.NewFromInt(price), TaxName: "T" + tax, TaxPercent: decimal.RequireFromString(tax)}
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

// taxed carries two taxes at once.
func taxed(quantity, price, first, second string) quote.Line {
	l := line(quantity, 0, first)
	l.UnitPrice, l.SecondTaxName, l.SecondTaxPercent = decimal.RequireFromString(price), "S"+second, decimal.RequireFromString(second)
	return l
}

// Each of a line's two taxes is on the price alone, and on the sum of all lines that carry it, alone or with another.
func TestTwoTaxesAndFinePrices(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines []quote.Line
		net   int64
		taxes map[string]int64
	}{
		{"GST and QST", []quote.Line{taxed("1", "10000", "5", "9.975")}, 10000, map[string]int64{"T5 5%": 500, "S9.975 9.975%": 998}},
		{"rounded once for all lines of a rate", []quote.Line{taxed("1", "33", "5", "7"), taxed("1", "33", "5", "7"), line("1", 33, "5")}, 99, map[string]int64{"T5 5%": 5, "S7 7%": 5}},
		{"0.1234 each", []quote.Line{taxed("1000", "12.34", "5", "7")}, 12340, map[string]int64{"T5 5%": 617, "S7 7%": 864}},
		{"half of a cent goes up", []quote.Line{taxed("2", "0.25", "5", "7")}, 1, map[string]int64{"T5 5%": 0, "S7 7%": 0}},
		{"and down for a credit", []quote.Line{taxed("-2", "0.25", "5", "7")}, -1, map[string]int64{"T5 5%": 0, "S7 7%": 0}},
	} {
		sum := quote.Sum(tt.lines)
		tax := int64(0)
		for _, s := range sum.Taxes {
			if want, ok := tt.taxes[s.Words()]; !ok || s.Tax != want {
				t.Errorf("%s: %s is %d, want %d", tt.name, s.Words(), s.Tax, want)
			}
			tax += s.Tax
		}
		if sum.Net != tt.net || len(sum.Taxes) != len(tt.taxes) || sum.Tax != tax || sum.Gross != tt.net+tax {
			t.Errorf("%s: %+v", tt.name, sum)
		}
	}
}
