package quote

import (
	"math/big"
	"slices"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
)

// A discount is a line that takes something off the lines above it: those of
// its section, or all of them where it stands outside of one.

const (
	// OffPercent is a discount of some per cent of what it covers.
	OffPercent = "percent"
	// OffAmount is a discount of an amount.
	OffAmount = "amount"
)

// DiscountWords is how a discount is described unless somebody says otherwise.
const DiscountWords = "Discount"

var minusOne, hundred = decimal.NewFromInt(-1), decimal.NewFromInt(100)

// Words are the line's quantity, price and tax as people read them. A discount
// has neither quantity nor tax, and a price only in per cent.
func (l Line) Words(f company.Format, currency string) (quantity, price, tax string) {
	switch {
	case !l.Discount:
		return f.Quantity().Write(l.Quantity), f.UnitPrice(l.UnitPrice, currency), l.Rate().Words()
	case l.DiscountPercent.IsZero():
		return "", "", ""
	}
	return "", f.Quantity().Write(l.DiscountPercent) + "%", ""
}

// Row is the row of the form that the line was read from, counted from 0.
func (l Line) Row() int { return l.row - 1 }

// covered is where the lines begin that a discount at place i takes something off.
func covered(lines []Line, i int) int {
	if lines[i].Section == "" {
		return 0
	}
	start := i
	for start > 0 && lines[start-1].Section == lines[i].Section {
		start--
	}
	return start
}

// above is what a discount at place i takes something off, discounts before it taken off.
func above(lines []Line, i int) (net int64) {
	for _, l := range lines[covered(lines, i):i] {
		net += l.Total()
	}
	return net
}

// Settle works out what discounts in per cent come to, rounded half up.
func Settle(lines []Line) []Line {
	settled := slices.Clone(lines)
	for i := range settled {
		l := &settled[i]
		if !l.Discount {
			continue
		}
		l.Quantity = minusOne
		if !l.DiscountPercent.IsZero() {
			l.UnitPrice = decimal.NewFromInt(above(settled, i)).Mul(l.DiscountPercent).Shift(-2).Round(0)
		}
	}
	return settled
}

// checkDiscount records what is wrong with the discount at place i of settled lines.
func checkDiscount(p problem.Set, lines []Line, i int) {
	l, at := lines[i], lines[i].field(i, "price")
	switch {
	case p[at] != "":
	case l.DiscountPercent.IsNegative() || l.DiscountPercent.GreaterThan(hundred):
		p.Add(at, "Enter at most 100 per cent.")
	case !l.DiscountPercent.Equal(l.DiscountPercent.Round(3)):
		p.Add(at, "Use at most three decimals.")
	case above(lines, i) <= 0:
		p.Add(at, "There is nothing above this discount to take it off.")
	case !l.UnitPrice.IsPositive() && l.DiscountPercent.IsZero():
		p.Add(at, "Enter a quantity other than 0.")
	case -l.Total() > above(lines, i):
		p.Add(at, "This is more than the lines above come to.")
	}
}

// share is what a line adds to the lines of a rate.
type share struct {
	rate Rate
	net  int64
}

// shares are what each line adds to which rates. A discount is spread over the
// rates that it covers.
func shares(lines []Line) [][]share {
	all := make([][]share, len(lines))
	for i, l := range lines {
		if l.Discount {
			all[i] = spread(l.Total(), slices.Concat(all[covered(lines, i):i]...))
		} else {
			all[i] = []share{{l.Rate(), l.Total()}}
		}
	}
	return all
}

// spread divides an amount over rates in proportion to what is on them. What is
// left by rounding down goes, a smallest coin each, to those that lost most by
// it, and of two alike to the one that came first.
func spread(amount int64, over []share) []share {
	var parts []share
	base := int64(0)
	for _, s := range over {
		i := slices.IndexFunc(parts, func(p share) bool { return p.rate.Key() == s.rate.Key() })
		if i < 0 {
			i = len(parts)
			parts = append(parts, share{rate: s.rate})
		}
		parts[i].net += s.net
		base += s.net
	}
	if base <= 0 {
		return nil // nothing to take it off; refused where it is typed
	}
	// Rounding down, as for what is added; a discount is turned round twice.
	left, lost, order := -amount, make([]*big.Int, len(parts)), make([]int, len(parts))
	for i, p := range parts {
		product := new(big.Int).Mul(big.NewInt(-amount), big.NewInt(p.net))
		floor, rest := new(big.Int).DivMod(product, big.NewInt(base), new(big.Int))
		parts[i].net, lost[i], order[i] = -floor.Int64(), rest, i
		left -= floor.Int64()
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Cmp(lost[a]) })
	for _, i := range order[:left] {
		parts[i].net--
	}
	return parts
}
