package company

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Number is what a field for a number takes, and how the business writes it.
type Number struct {
	format   Format
	currency string // "" for what is no money
	minor    int    // decimals of the currency
	places   int    // decimals at most
	most     decimal.Decimal
	units    []string // words that may stand behind it: "%"
	example  string
}

// most is what no field for money takes: a billion, in most currencies.
var (
	mostMoney    = decimal.NewFromInt(1_000_000_000)
	mostQuantity = decimal.NewFromInt(999_999)
	mostPercent  = decimal.NewFromInt(100)
	mostHours    = decimal.NewFromInt(24)
)

// PricePlaces is how many decimals a unit price may have.
const PricePlaces = 4

// Amount is an amount of money, to the currency's smallest coin.
func (f Format) Amount(code string) Number {
	minor := MinorUnits(code)
	return Number{format: f, currency: code, minor: minor, places: minor, most: mostMoney}
}

// Price is a unit price, which may be finer than the smallest coin.
func (f Format) Price(code string) Number {
	n := f.Amount(code)
	n.places = max(PricePlaces, n.minor)
	return n
}

// Quantity is how many there are of something.
func (f Format) Quantity() Number {
	return Number{format: f, places: 3, most: mostQuantity, example: "2 or " + f.sign("1.5")}
}

// percent is a rate of up to a hundred per cent. Those are never in doubt, and
// read the same in every locale.
var percent = Number{places: 3, most: mostPercent, units: []string{"%", "per cent", "percent", "pct"}}

// hours are those of a day: 1.5 and 1,5 are the same everywhere.
var hours = Number{places: 4, most: mostHours, units: []string{"h", "hr", "hrs", "hour", "hours"}}

// Meant is what somebody may have meant by a number.
type Meant struct {
	Typed string // which can be read in this one way
	Label string // as the business writes it
}

// Typed is what somebody typed as a number: a Value, or else why there is none.
type Typed struct {
	Value   decimal.Decimal
	Choices []Meant // what it may mean, when it is read in more than one way
	Problem string  // the sentence at the field; "" when there is a Value
}

// Minor is an amount of money in the currency's minor units.
func (n Number) Minor(t Typed) decimal.Decimal { return t.Value.Shift(int32(n.minor)) }

// Major is an amount of minor units as it is written and typed.
func (n Number) Major(minor decimal.Decimal) decimal.Decimal { return minor.Shift(-int32(n.minor)) }

// Read reads a number as people type it: "1,234.5", "R1 234,50", "2k", "about
// $5 grand". What can be read in two ways is asked, never guessed.
func (n Number) Read(typed string) Typed {
	if utf8.RuneCountInString(typed) > 100 {
		return Typed{Problem: n.sentence()}
	}
	p, other := n.parts(typed)
	switch {
	case other:
		return Typed{Problem: "Enter the amount in " + n.currency + "."}
	case p.numeral == "":
		return Typed{Problem: n.sentence()}
	}
	grouped, plain, sep := n.format.readings(p.numeral)
	times := func(d *decimal.Decimal) *decimal.Decimal {
		if d == nil {
			return nil
		}
		m := d.Mul(decimal.NewFromInt(p.times))
		if p.negative {
			m = m.Neg()
		}
		return &m
	}
	if grouped, plain = times(grouped), times(plain); grouped != nil && plain != nil && grouped.Abs().GreaterThan(n.most) {
		grouped = nil // 1,500 hours, 9.975 %
	}
	fine := func(d *decimal.Decimal) bool { return d.Equal(d.Round(int32(n.places))) }
	switch {
	case grouped == nil && plain == nil:
		return Typed{Problem: n.sentence()}
	case plain == nil:
		return Typed{Value: *grouped}
	case grouped == nil && !fine(plain):
		return Typed{Problem: n.tooFine()}
	case grouped == nil, grouped.Equal(*plain):
		return Typed{Value: *plain}
	case sep == n.format.group():
		return Typed{Value: *grouped}
	case n.minor == 3 && sep == n.format.point():
		return Typed{Value: *plain} // as it is always written
	case fine(plain):
		return n.ask(*grouped, *plain)
	}
	t := n.ask(*grouped)
	t.Problem += " If not, " + strings.ToLower(n.tooFine()[:1]) + n.tooFine()[1:]
	return t
}

func (n Number) ask(meant ...decimal.Decimal) Typed {
	var t Typed
	labels := make([]string, len(meant))
	for i, d := range meant {
		if n.currency == "" {
			d = trimmed(d)
		}
		m := Meant{Typed: n.Write(d), Label: n.format.digits(d, n.scale(d))}
		t.Choices, labels[i] = append(t.Choices, m), m.Label
	}
	t.Problem = "Did you mean " + strings.Join(labels, " or ") + "?"
	return t
}

// sentence says what is understood.
func (n Number) sentence() string {
	if n.currency == "" {
		return "Enter a number, such as " + n.example + "."
	}
	f := n.format
	return "Enter an amount, such as " + f.digits(decimal.NewFromInt(1500), 0) + ", " + f.digits(decimal.RequireFromString("1250.5"), n.minor) + " or 2k."
}

func (n Number) tooFine() string {
	switch {
	case n.currency != "" && n.places == 0:
		return "Enter a whole amount, without decimals."
	case n.currency != "" && n.places == n.minor:
		return "Enter whole cents."
	}
	return "Use at most " + [...]string{"no", "one", "two", "three", "four"}[n.places] + " decimals."
}

// scale is how many decimals d is written with: prices as many as the currency
// has, or four. Three would read like thousands.
func (n Number) scale(d decimal.Decimal) int {
	switch {
	case n.currency == "" && thousandish(d):
		return 4
	case n.currency == "":
		return max(0, -int(d.Exponent()))
	case d.Equal(d.Round(int32(n.minor))):
		return n.minor
	}
	return n.places
}

// thousandish reports whether d without grouping looks like thousands: 1.234.
func thousandish(d decimal.Decimal) bool {
	whole := d.Abs().Truncate(0)
	return d.Exponent() == -3 && !whole.IsZero() && whole.LessThan(decimal.NewFromInt(1000))
}

// Write writes a number the way its field holds it: "1234.50", which Read takes
// for what it is.
func (n Number) Write(d decimal.Decimal) string {
	if n.currency == "" {
		d = trimmed(d)
	}
	return n.format.sign(d.StringFixed(int32(n.scale(d))))
}

// trimmed is d without zeros at the end of its decimals.
func trimmed(d decimal.Decimal) decimal.Decimal { return decimal.RequireFromString(d.String()) }

// ReadPercent reads a rate: "10", "12.5 %", "9,975".
func ReadPercent(typed string) (decimal.Decimal, bool) {
	t := percent.Read(typed)
	return t.Value, t.Problem == "" && !t.Value.IsNegative() && t.Value.LessThanOrEqual(mostPercent)
}

// ReadHours reads hours of a day as a number: "2.5", "2,5", "1½ h".
func ReadHours(typed string) (decimal.Decimal, bool) {
	t := hours.Read(typed)
	return t.Value, t.Problem == "" && !t.Value.IsNegative()
}

// parts are the number in what was typed, and what the words around it do to it.
type parts struct {
	numeral  string
	negative bool
	times    int64
}

var (
	// abouts may stand in front of an amount of money.
	abouts = []string{"about", "around", "approximately", "approx.", "approx", "roughly", "circa", "ca.", "c.", "up to", "max.", "max", "maximum", "~", "≈"}
	// multiples may stand behind it. "m" is a length when it counts things.
	multiples = map[string]int64{
		"k": 1000, "thousand": 1000, "grand": 1000, "hundred": 100, "m": 1_000_000, "mil": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
		"lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "crore": 10_000_000, "crores": 10_000_000, "cr": 10_000_000,
	}
	// round ends an amount without cents: "1250.–", "1250/-".
	round = []string{".-", ",-", ".--", ",--", "/-", ".", ","}
	tidy  = strings.NewReplacer("−", "-", "–", "-", "—", "-", "’", "'", "‘", "'", "´", "'", "＄", "$", "½", ".5", "¼", ".25", "¾", ".75")
)

// parts takes apart what was typed; without a numeral it is not understood.
// Other reports that it names another currency.
func (n Number) parts(typed string) (p parts, other bool) {
	typed = strings.ToLower(tidy.Replace(strings.Join(strings.Fields(typed), " ")))
	first, last := strings.IndexAny(typed, "0123456789"), strings.LastIndexAny(typed, "0123456789")
	if first < 0 {
		return parts{}, false
	}
	before, numeral, after := typed[:first], typed[first:last+1], strings.TrimSpace(typed[last+1:])
	signs := n.signs()
	p = parts{times: 1}
	for before = strings.TrimLeft(before, " "); before != ""; before = strings.TrimLeft(before, " ") {
		switch rest, found := cut(before, signs); {
		case found:
			before, signs = rest, nil
		case before[0] == '-' && !p.negative:
			before, p.negative = before[1:], true
		case before == "." || before == ",":
			before, numeral = "", "0"+before+numeral
		default:
			var about bool
			if before, about = cut(before, abouts); !about || n.currency == "" {
				return parts{}, n.otherCurrency(before)
			}
		}
	}
	if rest, found := cut(after, round); found && n.currency != "" {
		after = strings.TrimSpace(rest)
	}
	for after != "" {
		word := leading(after)
		by, many := multiples[word]
		if n.currency == "" {
			many = word == "k" && n.units == nil
		}
		rest, found := cut(after, slices.Concat(signs, n.units))
		switch {
		case many && p.times == 1:
			after, p.times = after[len(word):], by
		case found:
			after, signs = rest, nil
		default:
			return parts{}, n.otherCurrency(after)
		}
		after = strings.TrimSpace(after)
	}
	p.numeral = numeral
	return p, false
}

// cut takes the longest of some words off the beginning of s.
func cut(s string, words []string) (rest string, found bool) {
	rest = s
	for _, w := range words {
		if r, ok := strings.CutPrefix(s, w); ok && len(r) < len(rest) && (!letters(w) || leading(r) == "") {
			rest, found = r, true
		}
	}
	return rest, found
}

// letters reports whether a word ends in a letter, so that another one would make it another word.
func letters(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return unicode.IsLetter(last)
}

// leading are the letters that s begins with.
func leading(s string) string {
	return s[:len(s)-len(strings.TrimLeftFunc(s, unicode.IsLetter))]
}

// otherCurrency reports whether the words around an amount name another currency than the field's.
func (n Number) otherCurrency(words string) bool {
	if _, own := cut(words, n.signs()); own || n.currency == "" {
		return false
	}
	if strings.ContainsFunc(words, func(c rune) bool { return unicode.Is(unicode.Sc, c) }) {
		return true
	}
	_, err := currency.ParseISO(strings.Trim(words, " ."))
	return err == nil
}

// called are the words for currencies, beside their codes and signs.
var called = map[string][]string{
	"EUR": {"euro", "euros"},
	"GBP": {"pound", "pounds", "quid"},
	"ZAR": {"rand", "rands"},
	"INR": {"rupee", "rupees", "rs", "rs."},
	"CHF": {"franc", "francs", "franken", "fr", "fr.", "sfr", "sfr."},
	"JPY": {"yen", "円"},
}

// signs are what may stand for the field's currency, in small letters.
func (n Number) signs() []string {
	unit, err := currency.ParseISO(n.currency)
	if n.currency == "" || err != nil {
		return nil
	}
	p := message.NewPrinter(n.format.tag())
	narrow := p.Sprint(currency.NarrowSymbol(unit))
	all := append([]string{n.currency, narrow, p.Sprint(currency.Symbol(unit))}, called[n.currency]...)
	if narrow == "$" {
		all = append(all, n.currency[:1]+"$", n.currency[:2]+"$", "dollar", "dollars", "buck", "bucks")
	}
	for i, s := range all {
		all[i] = strings.ToLower(strings.Join(strings.Fields(s), " "))
	}
	return all
}

// readings are what a numeral may come to: its groups taken for thousands, and
// what stands behind its last sign taken for decimals. Sep is that sign.
func (f Format) readings(numeral string) (grouped, plain *decimal.Decimal, sep rune) {
	runs := strings.FieldsFunc(numeral, func(c rune) bool { return c < '0' || c > '9' })
	seps := []rune(strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, numeral))
	if len(numeral) > 30 || len(seps) != len(runs)-1 { // two signs in a row
		return nil, nil, 0
	}
	value := func(whole []string, decimals string) *decimal.Decimal {
		d, err := decimal.NewFromString(strings.Join(whole, "") + "." + cmp.Or(decimals, "0"))
		if err != nil {
			return nil
		}
		return &d
	}
	if len(seps) == 0 {
		return nil, value(runs, ""), 0
	}
	last := len(runs) - 1
	sep = seps[last-1]
	if f.groups(runs, seps) {
		grouped = value(runs, "")
	}
	if (sep == '.' || sep == ',') && !slices.Contains(seps[:last-1], sep) && (last == 1 || f.groups(runs[:last], seps[:last-1])) {
		plain = value(runs[:last], runs[last])
	}
	return grouped, plain, sep
}

// groups reports whether runs of digits are thousands set apart, all by one
// sign. In India what stands in front of the last three comes in twos.
func (f Format) groups(runs []string, seps []rune) bool {
	if !strings.ContainsRune(" ,.'", seps[0]) || slices.ContainsFunc(seps, func(c rune) bool { return c != seps[0] }) {
		return false
	}
	first, last := runs[0], len(runs)-1
	if len(first) > 3 || first[0] == '0' || len(runs[last]) != 3 {
		return false
	}
	each := func(n int) bool {
		return !slices.ContainsFunc(runs[1:last], func(r string) bool { return len(r) != n })
	}
	return each(3) || (strings.HasSuffix(f.Locale, "-IN") && seps[0] == ',' && len(first) < 3 && each(2))
}

// digits writes d with the locale's signs: "1,234.50".
func (f Format) digits(d decimal.Decimal, scale int) string {
	return message.NewPrinter(f.tag()).Sprint(number.Decimal(d.InexactFloat64(), number.Scale(scale)))
}

// point is the sign in front of decimals, group the one that sets thousands
// apart; a space is any space.
func (f Format) point() rune { return f.probe()[1] }
func (f Format) group() rune { return f.probe()[0] }

func (f Format) probe() [2]rune {
	if known, ok := signs.Load(f.Locale); ok {
		return known.([2]rune) //nolint:forcetypeassert // nothing else is kept
	}
	found := f.probeAfresh()
	signs.Store(f.Locale, found)
	return found
}

// signs are those of the locales that were asked for: each number of a list asks.
var signs sync.Map

func (f Format) probeAfresh() (signs [2]rune) {
	signs = [2]rune{',', '.'}
	at := 0
	for _, c := range f.digits(decimal.RequireFromString("1234567.5"), 1) {
		if c < '0' || c > '9' {
			if at = min(at+1, 3); at == 1 {
				signs[0] = c
			} else {
				signs[1] = c
			}
		}
	}
	for i, c := range signs {
		switch {
		case unicode.IsSpace(c):
			signs[i] = ' '
		case c == '’':
			signs[i] = '\''
		}
	}
	return signs
}

// sign writes the locale's sign in front of decimals into a plain number.
func (f Format) sign(plain string) string { return strings.Replace(plain, ".", string(f.point()), 1) }
