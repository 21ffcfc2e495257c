// Package company holds the business itself: its name, address, logo, colour
// and the ways it writes dates and money.
package company

import (
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"fieldgate/internal/day"
)

// Format writes moments, days and money the way the business does: in its time
// zone and locale. It also knows what time it is, by the database's clock: it is
// read afresh for each request and each mail. The zero Format writes UTC and
// Australian English.
type Format struct {
	Now      time.Time // when it was read
	Locale   string    // BCP 47, English of some country
	Currency string    // ISO 4217, what new quotes are in
	zone     *time.Location
}

// NewFormat is the format at a moment for a time zone name and a locale; names
// that are not known fall back to UTC and Australian English.
func NewFormat(now time.Time, zone, locale, currency string) Format {
	return Format{Now: now, Locale: locale, Currency: currency, zone: location(zone)}
}

// zones are those that were asked for: each page asks, and reading one takes
// longer than all else of a Format.
var zones sync.Map

func location(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location) //nolint:forcetypeassert // nothing else is kept
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loc)
	return loc
}

// Zone is the business's time zone.
func (f Format) Zone() *time.Location {
	if f.zone == nil {
		return time.UTC
	}
	return f.zone
}

func (f Format) american() bool { return strings.HasSuffix(f.Locale, "-US") }

// Today is the business's calendar day.
func (f Format) Today() day.Day { return f.DayOf(f.Now) }

// DayOf is the calendar day of a moment where the business is.
func (f Format) DayOf(t time.Time) day.Day { return day.Of(t, f.Zone()) }

// Local is t in the business's time zone.
func (f Format) Local(t time.Time) time.Time { return t.In(f.Zone()) }

// Day is "24 Nov 2026", or "" for none.
func (f Format) Day(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(f.dayLayout())
}

// WeekDay is "Tue 24 Nov 2026", or "" for none.
func (f Format) WeekDay(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Format("Mon " + f.dayLayout())
}

// NearDay is "Tue 24 Nov", of a day that is not far off, or "" for none.
func (f Format) NearDay(d day.Day) string {
	switch {
	case d.IsZero():
		return ""
	case f.american():
		return d.Format("Mon Jan 2")
	}
	return d.Format("Mon 2 Jan")
}

func (f Format) dayLayout() string {
	if f.american() {
		return "Jan 2, 2006"
	}
	return "2 Jan 2006"
}

// Date is the day of a moment: "Tue 24 Nov 2026".
func (f Format) Date(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return f.WeekDay(f.DayOf(*t))
}

// Moment is "24 Nov 2026, 8:30 am".
func (f Format) Moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return f.Day(f.DayOf(*t)) + ", " + f.Clock(*t)
}

// Clock is "8:30 am" with a narrow no-break space, which never wraps.
func (f Format) Clock(t time.Time) string {
	return strings.ReplaceAll(t.In(f.Zone()).Format("3:04 pm"), " ", "\u202f")
}

// Window is when somebody comes: "Tue 24 Nov 2026, 8:00–10:00 am".
func (f Format) Window(from, until *time.Time) string {
	if from == nil || from.IsZero() {
		return ""
	}
	start := f.Date(from) + ", " + f.Clock(*from)
	if until == nil || until.IsZero() || until.Equal(*from) {
		return start
	}
	if f.DayOf(*from) != f.DayOf(*until) {
		return start + " – " + f.Date(until) + ", " + f.Clock(*until)
	}
	first, last := from.In(f.Zone()).Format("3:04 pm"), until.In(f.Zone()).Format("3:04 pm")
	if first[len(first)-2:] == last[len(last)-2:] {
		first = first[:len(first)-3]
	}
	return f.Date(from) + ", " + strings.ReplaceAll(first, " ", "\u202f") + "–" + strings.ReplaceAll(last, " ", "\u202f")
}

// Hours is "2.5 h".
func (f Format) Hours(h decimal.Decimal) string { return f.sign(h.String()) + "\u202fh" }

// Money is an amount of minor units of a currency: "$1,234.50". A currency
// that is not the business's own carries its code.
func (f Format) Money(minor int64, code string) string {
	return f.UnitPrice(decimal.NewFromInt(minor), code)
}

// UnitPrice is Money of minor units and parts of them: "$0.1234".
func (f Format) UnitPrice(minor decimal.Decimal, code string) string {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return minor.Shift(-2).StringFixed(2) + " " + code
	}
	n := f.Price(code)
	amount := n.Major(minor)
	digits := f.digits(amount.Abs(), n.scale(amount))
	sign := ""
	if minor.IsNegative() {
		sign = "−"
	}
	if code != f.Currency {
		return sign + code + "\u00a0" + digits
	}
	return sign + message.NewPrinter(f.tag()).Sprint(currency.NarrowSymbol(unit)) + digits
}

// MinorUnits is how many digits the currency has behind the point.
func MinorUnits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale
}

func (f Format) tag() language.Tag {
	tag, err := language.Parse(f.Locale)
	if err != nil {
		return language.MustParse("en-AU")
	}
	return tag
}
