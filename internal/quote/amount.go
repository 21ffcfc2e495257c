package quote

import (
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"fieldgate/internal/problem"
)

// ParseAmount reads an amount as people type it ("1,500", "$ 1500.50") into
// minor units of a currency that has so many decimals. Nothing typed is nil.
// What is no amount is a problem at field.
func ParseAmount(typed string, decimals int, p problem.Set, field string) *int64 {
	bare := strings.TrimFunc(typed, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Sc, c) || unicode.IsLetter(c) })
	bare = strings.Map(func(c rune) rune {
		if c == ',' || c == '’' || unicode.IsSpace(c) { // thousands are grouped in several ways
			return -1
		}
		return c
	}, bare)
	if bare == "" && strings.TrimSpace(typed) == "" {
		return nil
	}
	// Digits only: an exponent would cost the server more than its typist.
	amount, err := decimal.NewFromString(bare)
	if err != nil || len(bare) > 20 || strings.ContainsAny(bare, "eE_") {
		p.Add(field, "Enter an amount such as 1,500.")
		return nil
	}
	minor := amount.Shift(int32(decimals))
	p.Unless(minor.IsInteger(), field, "Enter whole cents.")
	p.Unless(!amount.IsNegative(), field, "Enter an amount of zero or more.")
	p.Unless(minor.LessThan(decimal.NewFromInt(maxAmount)), field, "Enter a smaller amount.")
	if p[field] != "" {
		return nil
	}
	n := minor.IntPart()
	return &n
}
