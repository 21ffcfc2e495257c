package quote

import (
	"strings"
	"unicode"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
)

// ParseAmount reads what somebody thinks a quote will come to, as people type
// it ("1,500", "about $1500.50"), into minor units of the currency. Nothing
// typed is nil. What is no amount is a problem at field.
func ParseAmount(typed, currency string, p problem.Set, field string) *int64 {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	bare := strings.TrimFunc(typed, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Sc, c) || unicode.IsLetter(c) })
	minor, ok := company.ReadMoney(bare, currency)
	_, finer := company.ReadNumber(bare, 6)
	p.Unless(ok || !finer, field, "Enter whole cents.")
	p.Unless(ok, field, "Enter an amount such as 1,500.")
	p.Unless(minor >= 0, field, "Enter an amount of zero or more.")
	p.Unless(minor < maxAmount, field, "Enter a smaller amount.")
	if p[field] != "" {
		return nil
	}
	return &minor
}
