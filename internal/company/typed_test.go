package company_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"fieldgate/internal/company"
)

func format(locale, currency string) company.Format {
	return company.NewFormat(time.Time{}, "UTC", locale, currency)
}

// outcome is a reading in one line: the value, the question, or the refusal.
func outcome(t company.Typed) string {
	if t.Problem != "" {
		return t.Problem
	}
	return t.Value.String()
}

func TestAmountsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	const nonsense = "Enter an amount, such as"
	for _, tt := range []struct{ locale, currency, typed, want string }{
		{"en-AU", "AUD", "1250", "1250"},
		{"en-AU", "AUD", "2k", "2000"},
		{"en-AU", "AUD", "10K", "10000"},
		{"en-AU", "AUD", "2.5k", "2500"},
		{"en-AU", "AUD", "5 grand", "5000"},
		{"en-AU", "AUD", "about $5 grand", "5000"},
		{"en-AU", "AUD", "~1.2 million dollars", "1200000"},
		{"en-AU", "AUD", "5 thousand AUD", "5000"},
		{"en-AU", "AUD", "up to 3 hundred bucks", "300"},
		{"en-AU", "AUD", "$1,250", "1250"},
		{"en-AU", "AUD", "A$ 1,250.50", "1250.5"},
		{"en-AU", "AUD", "1.250,00", "1250"},
		{"en-AU", "AUD", "1 234,56", "1234.56"},
		{"en-AU", "AUD", "1\u00a0234\u202f567", "1234567"},
		{"en-AU", "AUD", "1'234.50", "1234.5"},
		{"en-AU", "AUD", "1.234.567", "1234567"},
		{"en-AU", "AUD", "1,5", "1.5"},
		{"en-AU", "AUD", "1234,56", "1234.56"},
		{"en-AU", "AUD", " $1 234.5 ", "1234.5"},
		{"en-AU", "AUD", ".5", "0.5"},
		{"en-AU", "AUD", "$.50", "0.5"},
		{"en-AU", "AUD", "5.", "5"},
		{"en-AU", "AUD", "0.500", "0.5"},
		{"en-AU", "AUD", "−$250", "-250"},
		{"en-AU", "AUD", "$-250", "-250"},
		{"en-AU", "AUD", "2.000", "Did you mean 2,000.00 or 2.00?"},
		{"en-AU", "AUD", "12.500", "Did you mean 12,500.00 or 12.50?"},
		{"en-AU", "AUD", "$ 2.000", "Did you mean 2,000.00 or 2.00?"},
		{"en-AU", "AUD", "2.000k", "Did you mean 2,000,000.00 or 2,000.00?"},
		{"en-AU", "AUD", "12.345", "Did you mean 12,345.00? If not, enter whole cents."},
		{"en-AU", "AUD", "0.005", "Enter whole cents."},
		{"en-AU", "AUD", "€500", "Enter the amount in AUD."},
		{"en-AU", "AUD", "500 NZD", "Enter the amount in AUD."},
		{"en-AU", "AUD", "12,34.50", nonsense},
		{"en-AU", "AUD", "ten", nonsense},
		{"en-AU", "AUD", "", nonsense},
		{"en-AU", "AUD", "-", nonsense},
		{"en-AU", "AUD", ".", nonsense},
		{"en-AU", "AUD", "1e9", nonsense},
		{"en-AU", "AUD", "2-3k", nonsense},
		{"en-AU", "AUD", "1500 or 2000", nonsense},
		{"en-AU", "AUD", "5 apples", nonsense},
		{"en-AU", "AUD", "5kg", nonsense},
		{"en-AU", "AUD", "2k2", nonsense},
		{"en-AU", "AUD", "$$5", nonsense},
		{"en-AU", "AUD", "1..5", nonsense},
		{"en-AU", "AUD", "0x10", nonsense},
		{"en-AU", "AUD", "٣", nonsense},
		{"en-ZA", "ZAR", "R1 234,56", "1234.56"},
		{"en-ZA", "ZAR", "R1\u00a0234,56", "1234.56"},
		{"en-ZA", "ZAR", "1234,56", "1234.56"},
		{"en-ZA", "ZAR", "1234.56", "1234.56"},
		{"en-ZA", "ZAR", "1,234.56", "1234.56"},
		{"en-ZA", "ZAR", "5 rand", "5"},
		{"en-ZA", "ZAR", "2,000", "Did you mean 2\u00a0000,00 or 2,00?"},
		{"en-ZA", "ZAR", "2.000", "Did you mean 2\u00a0000,00 or 2,00?"},
		{"en-IN", "INR", "₹1,00,000", "100000"},
		{"en-IN", "INR", "2.5 lakh", "250000"},
		{"en-IN", "INR", "Rs. 1,250/-", "1250"},
		{"en-IN", "INR", "1 crore", "10000000"},
		{"en-CH", "CHF", "CHF 1'234.50", "1234.5"},
		{"en-CH", "CHF", "Fr. 1’250.–", "1250"},
		{"en-GB", "GBP", "£1,250", "1250"},
		{"en-GB", "GBP", "200 quid", "200"},
		{"en-IE", "EUR", "1.250,50 €", "1250.5"},
		{"en-IE", "EUR", "2,000 euro", "2000"},
		{"en-US", "USD", "US$1,250.00", "1250"},
		{"en-AU", "JPY", "1500", "1500"},
		{"en-AU", "JPY", "1.5", "Enter a whole amount, without decimals."},
		{"en-AU", "KWD", "1.234", "1.234"},
		{"en-AU", "KWD", "1,234", "1234"},
	} {
		if got := outcome(format(tt.locale, tt.currency).Amount(tt.currency).Read(tt.typed)); got != tt.want && (tt.want != nonsense || !strings.HasPrefix(got, nonsense)) {
			t.Errorf("%s %s %q: %s, want %s", tt.locale, tt.currency, tt.typed, got, tt.want)
		}
	}
}

func TestQuantitiesHoursAndRatesAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	quantity := func(locale string) func(string) string {
		return func(typed string) string { return outcome(format(locale, "AUD").Quantity().Read(typed)) }
	}
	plain := func(read func(string) (decimal.Decimal, bool)) func(string) string {
		return func(typed string) string {
			if d, ok := read(typed); ok {
				return d.String()
			}
			return "no"
		}
	}
	for name, kind := range map[string]struct {
		read func(string) string
		want map[string]string
	}{
		"quantity": {quantity("en-AU"), map[string]string{
			"2": "2", "1.5": "1.5", "1,5": "1.5", "1½": "1.5", "2k": "2000", "1,250": "1250", "-3": "-3", "1.2340": "1.234", "0.125": "0.125",
			"2.500":  "Did you mean 2,500 or 2.5?",
			"1.2345": "Use at most three decimals.", "5m": "Enter a number, such as 2 or 1.5.", "$5": "Enter a number, such as 2 or 1.5.", "a few": "Enter a number, such as 2 or 1.5.",
		}},
		"quantity with a comma": {quantity("en-ZA"), map[string]string{"1,5": "1.5", "1.5": "1.5", "1 250": "1250", "2,500": "Did you mean 2\u00a0500 or 2,5?", "x": "Enter a number, such as 2 or 1,5."}},
		"hours":                 {plain(company.ReadHours), map[string]string{"1.5": "1.5", "1,5": "1.5", "1,500": "1.5", "2 h": "2", "1.25hrs": "1.25", "½": "0.5", "2k": "no", "-1": "no", "": "no", "lots": "no"}},
		"per cent":              {plain(company.ReadPercent), map[string]string{"10": "10", "12.5 %": "12.5", "12,5%": "12.5", "9.975": "9.975", "9,975": "9.975", "10 per cent": "10", "101": "no", "-1": "no", "1.2345": "no", "10k": "no", "": "no"}},
		"unit price": {func(typed string) string { return outcome(format("en-CA", "CAD").Price("CAD").Read(typed)) }, map[string]string{
			"0.1234": "0.1234", "$0.1234": "0.1234", "12.5": "12.5", "1.2340": "1.234", "12.345": "Did you mean 12,345.00 or 12.3450?", "0.12345": "Use at most four decimals.",
		}},
	} {
		for typed, want := range kind.want {
			if got := kind.read(typed); got != want {
				t.Errorf("%s %q: %s, want %s", name, typed, got, want)
			}
		}
	}
}

// What the program writes is read as the same number, in every locale that is
// offered, in every currency, on pages and in fields; and so is each choice.
func TestNumbersSurviveBeingTypedAgain(t *testing.T) {
	t.Parallel()
	var codes []string
	for it := currency.Query(); it.Next(); {
		if code := it.Unit().String(); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if len(codes) < 100 {
		t.Fatalf("%d currencies", len(codes))
	}
	minors := []string{"0", "1", "99", "100", "1200", "123450", "100000", "1234567", "123456789", "99999999999", "-123450"}
	parts := []string{"12.34", "123.4", "0.01", "1234.5", "-12.34"}
	locales := append([]company.Locale{{Tag: "en-CH"}, {Tag: "en-DE"}}, company.Locales...)
	for _, locale := range locales {
		for i, code := range codes {
			owns := []string{code, "XTS"}
			for _, own := range owns[:1+i%2] {
				f := format(locale.Tag, own)
				price := f.Price(code)
				again := func(n company.Number, text string, want decimal.Decimal) {
					t.Helper()
					got := n.Read(text)
					if got.Problem != "" || !n.Minor(got).Equal(want) {
						t.Errorf("%s %s: %q is read as %s, want %s", locale.Tag, code, text, outcome(got), want)
					}
				}
				for _, m := range slices.Concat(minors, parts) {
					minor := decimal.RequireFromString(m)
					if company.MinorUnits(code) == 0 && minor.Abs().GreaterThan(decimal.NewFromInt(999_999_999)) {
						continue
					}
					kinds := []company.Number{price}
					if minor.IsInteger() {
						kinds = append(kinds, f.Amount(code))
						again(price, f.Money(minor.IntPart(), code), minor)
					} else if minor.Shift(-int32(company.MinorUnits(code))).Exponent() < -4 {
						continue // finer than a price can be
					}
					for _, n := range kinds {
						again(n, f.UnitPrice(minor, code), minor)
						again(n, n.Write(minor.Shift(-int32(company.MinorUnits(code)))), minor)
					}
				}
				for _, typed := range []string{"2.000", "2,000", "12.500", "1.234"} {
					for _, c := range price.Read(typed).Choices {
						if got := price.Read(c.Typed); got.Problem != "" {
							t.Errorf("%s %s: the choice %q of %q is asked about again: %s", locale.Tag, code, c.Typed, typed, got.Problem)
						}
						if got := price.Read(c.Label); got.Problem != "" {
							t.Errorf("%s %s: the choice %q of %q cannot be typed: %s", locale.Tag, code, c.Label, typed, got.Problem)
						}
					}
				}
			}
		}
		f := format(locale.Tag, "AUD")
		for _, q := range []string{"1", "2.5", "0.125", "1.234", "12.345", "999.999", "1234.5", "999999", "-3", "1250"} {
			want := decimal.RequireFromString(q)
			if got := f.Quantity().Read(f.Quantity().Write(want)); got.Problem != "" || !got.Value.Equal(want) {
				t.Errorf("%s: the quantity %s, written %s, is read as %s", locale.Tag, q, f.Quantity().Write(want), outcome(got))
			}
			if want.IsPositive() && want.LessThan(decimal.NewFromInt(24)) {
				if got, ok := company.ReadHours(f.Hours(want)); !ok || !got.Equal(want) {
					t.Errorf("%s: %s, are read as %s", locale.Tag, f.Hours(want), got)
				}
				for _, text := range []string{q + "%", strings.Replace(q, ".", ",", 1) + " %"} {
					if got, ok := company.ReadPercent(text); !ok || !got.Equal(want) {
						t.Errorf("%q is read as %s", text, got)
					}
				}
			}
		}
	}
}
