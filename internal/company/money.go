package company

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// written is how people write a number: with thousands set apart or not.
var written = regexp.MustCompile(`^-?([0-9]{1,15}|[0-9]{1,3}([, \x{00a0}\x{202f}][0-9]{3}){1,4})?(\.[0-9]{0,6})?$`)

// ReadNumber reads a number as people type it: "1,234.5", "1234.50", "-2".
// More decimals than places are refused, trailing zeros apart.
func ReadNumber(typed string, places int) (decimal.Decimal, bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), "−", "-")
	if !strings.ContainsAny(typed, "0123456789") || !written.MatchString(typed) {
		return decimal.Decimal{}, false
	}
	plain := strings.TrimSuffix(strings.NewReplacer(",", "", " ", "", "\u00a0", "", "\u202f", "").Replace(typed), ".")
	d, err := decimal.NewFromString(plain)
	if err != nil || !d.Equal(d.Round(int32(places))) {
		return decimal.Decimal{}, false
	}
	return d, true
}

// ReadMoney reads an amount of a currency into its minor units: "1,234.50" or
// "$1234.5" is 123450 in dollars.
func ReadMoney(typed, currency string) (minor int64, ok bool) {
	typed = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(typed), currency))
	if sign, rest, found := strings.Cut(typed, "$"); found && (sign == "" || sign == "-" || sign == "−") {
		typed = sign + rest
	}
	for _, symbol := range []string{"€", "£", "¥"} {
		typed = strings.TrimPrefix(typed, symbol)
	}
	places := MinorUnits(currency)
	d, ok := ReadNumber(typed, places)
	if !ok {
		return 0, false
	}
	return d.Shift(int32(places)).IntPart(), true
}

// PlainMoney writes an amount the way a form's field holds it: "1234.50".
func PlainMoney(minor int64, currency string) string {
	places := int32(MinorUnits(currency))
	return decimal.New(minor, -places).StringFixed(places)
}
