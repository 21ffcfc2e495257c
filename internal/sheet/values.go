package sheet

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

// Order is which of day and month a column of typed dates begins with.
type Order string

// The orders.
const (
	DayFirst   Order = "dmy" // 31/12/2026
	MonthFirst Order = "mdy" // 12/31/2026
)

// Other is the other order.
func (o Order) Other() Order {
	if o == DayFirst {
		return MonthFirst
	}
	return DayFirst
}

// Label is the order in words, with an example.
func (o Order) Label() string {
	if o == MonthFirst {
		return "month first (12/31/2026)"
	}
	return "day first (31/12/2026)"
}

// When is a day, or a moment on it.
type When struct {
	Day          day.Day
	Hour, Minute int
	Timed        bool
	// Zone is set when the text says how far from UTC its clock is, in minutes.
	Zone *int
}

// In is the moment in a zone, unless the text names its own.
func (w When) In(zone *time.Location) time.Time {
	if w.Zone != nil {
		zone = time.FixedZone("", *w.Zone*60)
	}
	t, _ := w.Day.At(w.Hour, w.Minute, zone)
	return t
}

// Read reads a date as people and programs write it: 31/12/2026, 31 Dec 2026
// 8:30 am, 2026-12-31T08:30:00Z. Where day and month could be either, the order
// decides.
func (o Order) Read(text string) (When, bool) {
	dayFirst, monthFirst, _, ok := readWhen(text)
	w := dayFirst
	if o == MonthFirst {
		w = monthFirst
	}
	return w, ok && !w.Day.IsZero()
}

var (
	yearFirst = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})[-/.](\d{1,2})`)
	packed    = regexp.MustCompile(`^(19|20)(\d\d)(\d\d)(\d\d)(?:T|$)`)
	numeric   = regexp.MustCompile(`^(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})(?:\D|$)`)
	dayName   = regexp.MustCompile(`(?i)^(\d{1,2})(?:st|nd|rd|th)?[-/. ]*(?:of )?([a-z]{3,9})\.?[-/., ]*(\d{4}|'?\d{2})(?:\D|$)`)
	nameDay   = regexp.MustCompile(`(?i)^([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?(?:, ?|[-/. ]+)(\d{4})`)
	weekday   = regexp.MustCompile(`(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]? +`)
	timeOfDay = regexp.MustCompile(`(?i)^[T, ]*(?:at )?(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)? ?([ap]\.?m\.?)? ?(z|utc|gmt|[+-]\d{2}:?\d{2})?$`)
)

// readDay is readWhen for whoever asks only whether it is one.
func readDay(text string) (dayFirst, monthFirst day.Day, timed, ok bool) {
	d, m, _, ok := readWhen(text)
	return d.Day, m.Day, d.Timed || m.Timed, ok
}

// readWhen reads a date in both orders; a zero day is one that there is not in
// this order. Certain says that the order does not matter.
func readWhen(text string) (dayFirst, monthFirst When, certain, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) < 6 || len(text) > 60 {
		return
	}
	text = weekday.ReplaceAllString(strings.Join(strings.Fields(strings.ReplaceAll(text, "\u2011", "-")), " "), "")
	var year, a, b, rest string // a and b are day and month
	named := time.Month(0)
	switch {
	case yearFirst.MatchString(text):
		m := yearFirst.FindStringSubmatch(text)
		year, a, b, rest, certain = m[1], m[4], m[3], text[len(m[0]):], true
	case packed.MatchString(text):
		m := packed.FindStringSubmatch(text)
		year, a, b, rest, certain = m[1]+m[2], m[4], m[3], text[8:], true
	case numeric.MatchString(text):
		m := numeric.FindStringSubmatchIndex(text)
		a, b, year, rest = text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]], text[m[7]:]
	case dayName.MatchString(text):
		m := dayName.FindStringSubmatchIndex(text)
		a, year, rest, certain = text[m[2]:m[3]], strings.TrimPrefix(text[m[6]:m[7]], "'"), text[m[7]:], true
		named = month(text[m[4]:m[5]])
	case nameDay.MatchString(text):
		m := nameDay.FindStringSubmatchIndex(text)
		a, year, rest, certain = text[m[4]:m[5]], text[m[6]:m[7]], text[m[7]:], true
		named = month(text[m[2]:m[3]])
	default:
		return
	}
	if certain && b == "" && named == 0 {
		return dayFirst, monthFirst, false, false
	}
	w := When{}
	if rest = strings.TrimSpace(rest); rest != "" && !w.clock(rest) {
		return dayFirst, monthFirst, false, false
	}
	y, _ := strconv.Atoi(year)
	if len(year) == 2 {
		if y += 1900; y < 1970 {
			y += 100
		}
	}
	first, _ := strconv.Atoi(a)
	second, _ := strconv.Atoi(b)
	if named != 0 {
		second = int(named)
	}
	dayFirst, monthFirst = w, w
	dayFirst.Day = date(y, second, first)
	monthFirst.Day = dayFirst.Day
	if !certain {
		monthFirst.Day = date(y, first, second)
		certain = dayFirst.Day == monthFirst.Day
	}
	return dayFirst, monthFirst, certain, !dayFirst.Day.IsZero() || !monthFirst.Day.IsZero()
}

func date(year, month, dayOfMonth int) day.Day {
	if month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 || year < 1900 || year > 2200 {
		return day.Day{}
	}
	d := day.New(year, time.Month(month), dayOfMonth)
	if d.Format("1") != strconv.Itoa(month) {
		return day.Day{} // the 31st of a shorter month
	}
	return d
}

func month(name string) time.Month {
	name = strings.ToLower(name)
	for m := time.January; m <= time.December; m++ {
		if full := strings.ToLower(m.String()); strings.HasPrefix(full, name) || (name == "sept" && m == time.September) {
			return m
		}
	}
	return 0
}

// clock reads the time of day behind a date.
func (w *When) clock(text string) bool {
	m := timeOfDay.FindStringSubmatch(text)
	if m == nil || (m[2] == "" && m[4] == "") {
		return false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	if half := strings.ToLower(m[4]); half != "" {
		if hour < 1 || hour > 12 {
			return false
		}
		if hour %= 12; half[0] == 'p' {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 {
		return false
	}
	w.Hour, w.Minute, w.Timed = hour, minute, true
	if zone := strings.ToLower(m[5]); zone != "" {
		offset := 0
		if zone[0] == '+' || zone[0] == '-' {
			digits := strings.ReplaceAll(zone[1:], ":", "")
			h, _ := strconv.Atoi(digits[:2])
			mm, _ := strconv.Atoi(digits[2:])
			if offset = h*60 + mm; zone[0] == '-' {
				offset = -offset
			}
		}
		w.Zone = &offset
	}
	return true
}

// ReadTime reads a time of day: 8:30, 0830, 8.30 am.
func ReadTime(text string) (hour, minute int, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) == 4 && digits.MatchString(text) {
		text = text[:2] + ":" + text[2:]
	}
	var w When
	if !w.clock(text) {
		return 0, 0, false
	}
	return w.Hour, w.Minute, true
}

// Point is the sign in front of decimals.
type Point string

// The signs.
const (
	Dot   Point = "."
	Comma Point = ","
)

// Other is the other sign.
func (p Point) Other() Point {
	if p == Dot {
		return Comma
	}
	return Dot
}

// Label is the sign in words, with an example.
func (p Point) Label() string {
	if p == Comma {
		return "a comma (1.234,50)"
	}
	return "a point (1,234.50)"
}

// Read reads a number with or without its currency: "$1,234.50", "1 234,5",
// "(12.00)". It returns it as "1234.50".
func (p Point) Read(text string) (string, bool) {
	dot, comma, _ := readNumber(text)
	if p == Comma {
		return comma, comma != ""
	}
	return dot, dot != ""
}

var (
	around   = regexp.MustCompile(`(?i)^(?:(?:aud|nzd|usd|gbp|eur|zar|cad|sgd|chf|inr|r|rs\.?|[a-z]{0,3}[$€£¥₹]) ?)|(?: ?(?:aud|nzd|usd|gbp|eur|zar|cad|sgd|chf|inr|[$€£¥₹%]|h|hr|hrs|hours?))$`)
	wholeNum = regexp.MustCompile(`^\d+$`)
	grouping = map[Point]*regexp.Regexp{
		Dot:   regexp.MustCompile(`^\d{1,3}(?:[, ']\d{2,3})*[, ']\d{3}(?:\.\d+)?$|^\d*\.\d+$|^\d+\.$`),
		Comma: regexp.MustCompile(`^\d{1,3}(?:[. ']\d{3})*[. ']\d{3}(?:,\d+)?$|^\d*,\d+$|^\d+,$`),
	}
)

// readNumber reads a number with both signs; "" is where it is none. Certain says
// that both are the same.
func readNumber(text string) (dot, comma string, certain bool) {
	text = strings.NewReplacer("−", "-", "–", "-", "’", "'", "\u00a0", " ").Replace(strings.TrimSpace(text))
	if text == "" || len(text) > 40 {
		return "", "", false
	}
	sign := ""
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		sign, text = "-", text[1:len(text)-1]
	}
	if strings.HasPrefix(text, "-") || strings.HasSuffix(text, "-") {
		sign, text = "-", strings.TrimSpace(strings.Trim(text, "-"))
	}
	text = strings.TrimSpace(around.ReplaceAllString(text, ""))
	if strings.HasPrefix(text, "-") {
		sign, text = "-", strings.TrimSpace(text[1:])
	}
	if wholeNum.MatchString(text) {
		return sign + text, sign + text, true
	}
	read := func(p Point) string {
		if !grouping[p].MatchString(text) {
			return ""
		}
		var out strings.Builder
		for i := range len(text) {
			switch c := text[i]; {
			case c >= '0' && c <= '9':
				out.WriteByte(c)
			case string(c) == string(p):
				out.WriteByte('.')
			}
		}
		n := strings.TrimSuffix(out.String(), ".")
		if strings.HasPrefix(n, ".") {
			n = "0" + n
		}
		if len(n) > 1 && n[0] == '0' && n[1] != '.' {
			return "" // 0,125 is no group of thousands
		}
		return sign + n
	}
	dot, comma = read(Dot), read(Comma)
	return dot, comma, dot == comma && dot != ""
}

func isNumber(text string) bool {
	dot, comma, _ := readNumber(text)
	return dot != "" || comma != ""
}

var truths = map[bool][]string{
	true:  {"yes", "y", "true", "t", "1", "x", "on", "ja", "oui", "✓", "✔", "active", "ticked"},
	false: {"no", "n", "false", "f", "0", "off", "nein", "non", "-", "–", "✗", "✘", "inactive"},
}

// ReadBool reads a yes or no.
func ReadBool(text string) (value, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for v, words := range truths {
		if slices.Contains(words, text) {
			return v, true
		}
	}
	return false, false
}
