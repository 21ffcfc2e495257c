package quote

import (
	"strings"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
)

// ParseAmount reads what somebody thinks a quote will come to, as people type
// it ("1,500", "about $1500.50", "2k"), into minor units of the currency.
// Nothing typed is nil. What is no amount, or in doubt, is a problem at field.
func ParseAmount(f company.Format, typed, currency string, p problem.Set, field string) *int64 {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	n := f.Amount(currency)
	t := n.Read(typed)
	minor := n.Minor(t)
	p.Unless(t.Problem == "", field, t.Problem)
	p.Unless(!minor.IsNegative(), field, "Enter an amount of zero or more.")
	p.Unless(minor.LessThan(decimal.NewFromInt(maxAmount)), field, "Enter a smaller amount.")
	if p[field] != "" {
		return nil
	}
	amount := minor.IntPart()
	return &amount
}
