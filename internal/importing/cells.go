package importing

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/day"
	"fieldgate/internal/sheet"
)

func (t Table) survey(column int) sheet.Column {
	if s := t.Survey.Columns; column < len(s) {
		return s[column]
	}
	return sheet.Column{}
}

// orderOf and pointOf are how dates and numbers of a column are read.
func (s SheetMapping) orderOf(t Table, u Usual, column int) sheet.Order {
	if o := s.Orders[column]; o != "" {
		return o
	}
	o, _, _ := t.survey(column).Order(u.Order)
	return o
}

func (s SheetMapping) pointOf(t Table, u Usual, column int) sheet.Point {
	if p := s.Points[column]; p != "" {
		return p
	}
	p, _, _ := t.survey(column).Point(u.Point)
	return p
}

// Plain are the cells of a row for a file of a few rows: dates and numbers that all
// rows together made certain are written so that they are certain alone.
func (s SheetMapping) Plain(t Table, u Usual, in sheet.Row) []sheet.Cell {
	out := slices.Clone(in.Cells)
	for column, target := range s.Columns {
		if column >= len(out) || out[column].Kind != sheet.Text {
			continue
		}
		c := out[column]
		//exhaustive:ignore
		switch byTarget[target].Sort {
		case Day, Moment:
			d, ok := readDay(c, s.orderOf(t, u, column))
			switch {
			case !ok || d.Zone != nil:
			case d.Timed:
				out[column] = sheet.Cell{Kind: sheet.Moment, Text: d.Day.String() + " " + twoDigits(d.Hour) + ":" + twoDigits(d.Minute)}
			default:
				out[column] = sheet.Cell{Kind: sheet.Date, Text: d.Day.String()}
			}
		case Amount, Quantity, Percent:
			if n, ok := readNumber(c, s.pointOf(t, u, column)); ok {
				if _, decimals, _ := strings.Cut(n, "."); len(decimals) == 3 { // 1.125 may be a thousand
					n += "0"
				}
				out[column] = sheet.Cell{Kind: sheet.Number, Text: n}
			}
		}
	}
	return out
}

// alone reports of a name whether somebody is called so: a member of staff, or
// whoever stands alone in a cell of the column.
func (r *Reader) alone(table, column int) func(string) bool {
	named := r.cells[[2]int{table, column}]
	return func(name string) bool { return r.choices.called(name) || named != nil && named.known[fold(name)] }
}

// words are the single words of a value: several people may stand in one cell.
// Alone reports of a name whether somebody is called so.
func words(f Field, value string, alone func(string) bool) (all []string) {
	if f.Sort != People {
		return []string{value}
	}
	for _, part := range apart.Split(value, -1) {
		if last, first, two := strings.Cut(part, ","); two && surnameFirst(last, first, alone) {
			all = append(all, oneLine(first+" "+last))
			continue
		}
		all = append(all, listed(part)...)
	}
	return all
}

// surnameFirst reports whether "Fields, Tom" is one person and not two.
func surnameFirst(last, first string, alone func(string) bool) bool {
	last, first = oneLine(last), oneLine(first)
	if last == "" || first == "" || strings.ContainsAny(first, ", ") {
		return false
	}
	particle := strings.ToLower(last[:1]) == last[:1] // van der Berg, de Souza
	return (particle || !strings.Contains(last, " ")) && !alone(last) && !alone(first)
}

// listed are the names of a cell in which several stand.
func listed(value string) (all []string) {
	for _, w := range several.Split(value, -1) {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

var (
	several = regexp.MustCompile(`[,;/&|\n]| and `)
	apart   = regexp.MustCompile(`[;/&|\n]| and `)
)

// read reads a cell as a field.
func (w row) read(t *Thing, f Field, column int) {
	c := w.at(column)
	t.Columns[f.Name] = column
	if c.Kind == sheet.Error {
		if c.Text == "" {
			t.Problems.Add(f.Name, "The formula in this cell was never worked out. Open the workbook in Excel, save it, and send it again.")
		} else {
			t.Problems.Add(f.Name, "The spreadsheet has an error in this cell ("+c.Text+").")
		}
		return
	}
	if shortened.MatchString(c.Text) && f.Sort == Phone { // people are reached in other ways, too
		t.Left.Add(f.Name, "A spreadsheet has shortened this number to “"+c.Text+"”, so it is left out. Enter it by hand after the import.")
		return
	}
	if shortened.MatchString(c.Text) && (f.Sort == Words || f.Sort == Reference) {
		t.Problems.Add(f.Name, "A spreadsheet has shortened this number to “"+c.Text+"”. Take it over from where the file comes from.")
		return
	}
	put := func(v any) { set(t.Body, f.Name, v) }
	order, point := w.orders[[2]int{w.table, column}], w.points[[2]int{w.table, column}]
	switch f.Sort {
	case Words, Reference:
		switch {
		case numbered[t.Kind][f.Name]:
			put(tidyNumber(c.Text))
		case f.Name == "email":
			put(firstEmail(c.Text))
		default:
			put(oneLine(c.Text))
		}
	case Long:
		put(plainText(c.Text))
	case Phone:
		for name, number := range w.phones(f, c) {
			set(t.Body, name, number)
		}
	case Whole:
		for part, v := range splitAddress(c.Text) {
			set(t.Body, strings.TrimSuffix(f.Name, "whole")+part, v)
		}
	case Day:
		if d, ok := readDay(c, order); ok {
			put(d.Day.String())
		} else {
			t.Problems.Add(f.Name, notADate(c.Text, order))
		}
	case Moment:
		if d, ok := readDay(c, order); ok {
			put(d.In(w.format.Zone()).Format(time.RFC3339))
			if !d.Timed {
				set(t.Body, "~day of "+f.Name, d.Day)
			}
		} else {
			t.Problems.Add(f.Name, notADate(c.Text, order))
		}
	case Clock:
		if hour, minute, ok := sheet.ReadTime(c.Text); ok {
			put(twoDigits(hour) + ":" + twoDigits(minute))
		} else {
			t.Problems.Add(f.Name, "“"+shorten(c.Text)+"” is not a time of day. Write it like 14:30.")
		}
	case Amount, Quantity, Percent:
		if n, ok := readNumber(c, point); ok {
			put(n)
		} else if percent, ok := w.rateNamed(c.Text); ok && f.Sort == Percent {
			put(percent)
		} else {
			t.Problems.Add(f.Name, "“"+shorten(c.Text)+"” is not a number. Write it like 1234.50.")
		}
	case Truth:
		if yes, ok := w.truth(f, column, c.Text); ok {
			put(yes)
		} else if _, ok := readDay(c, order); ok && f.Name != "skip" {
			put(true) // the day on which it was done, or archived
		} else {
			t.Problems.Add(f.Name, "“"+shorten(c.Text)+"” is neither Yes nor No.")
		}
	case Choice, People:
		w.choose(t, f, column, c.Text)
	}
}

// rateNamed is the tax in per cent that is called so: GST, or GST free.
func (w row) rateNamed(name string) (percent string, ok bool) {
	for _, rate := range w.taxes {
		if fold(rate.Name) == fold(name) {
			return rate.Percent.String(), true
		}
	}
	free := slices.ContainsFunc([]string{"free", "exempt", "notax", "zerorated", "nontaxable"}, func(word string) bool { return strings.Contains(compact(name), word) })
	return "0", free
}

// truth reads a yes or no. What is archived other programs call inactive, or they
// say of everything else that it is active.
func (w row) truth(f Field, column int, word string) (yes, ok bool) {
	if f.Name != "archived" {
		return sheet.ReadBool(word)
	}
	switch key := compact(word); {
	case slices.Contains(inUse, key):
		return false, true
	case slices.Contains(outOfUse, key):
		return true, true
	}
	yes, ok = sheet.ReadBool(word)
	if column < len(w.sheet.Heads) && slices.Contains([]string{"active", "isactive"}, compact(w.sheet.Heads[column])) {
		yes = !yes
	}
	return yes, ok
}

var (
	inUse    = []string{"active", "current", "live", "open", "enabled"}
	outOfUse = []string{"inactive", "archived", "closed", "former", "past", "deleted", "disabled", "retired"}
)

// shortened is what a spreadsheet makes of a long number when it saves CSV.
var shortened = regexp.MustCompile(`^\d[.,]\d+[Ee]\+\d{1,2}$`)

// numbered are the fields that hold the number of something, with which addresses
// are made.
var numbered = map[Kind]map[string]bool{
	Customers: {"number": true}, Quotes: {"number": true}, Jobs: {"number": true, "quote": true}, QuoteLines: {"quote": true}, Tasks: {"job": true}, Time: {"job": true},
}

// tidyNumber is a number without the sign for one, and with dashes where others
// have blanks and slashes: 2024/001 is 2024-001.
func tidyNumber(s string) string {
	return strings.Trim(between.ReplaceAllString(strings.TrimLeft(strings.TrimSpace(s), "# "), "-"), "-")
}

var between = regexp.MustCompile(`[ /\\]+`)

func twoDigits(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

// choose finds what words mean in a field.
func (w row) choose(t *Thing, f Field, column int, value string) {
	var chosen []string
	for _, word := range words(f, value, w.alone(w.table, column)) {
		switch means := w.mapping.Means(w.choices, f, word); means {
		case "":
			say := "“" + shorten(word) + "” is not a " + strings.ToLower(f.Label) + " here. Choose under Columns what it means."
			if f.Makes() { // it is not known which
				say = "More than one member of staff is called “" + shorten(word) + "”. Choose under Columns who it is."
			}
			t.Problems.Add(f.Name, say)
		case MakeIt:
			chosen = append(chosen, word)
		case LeaveOut:
		default:
			chosen = append(chosen, means)
		}
	}
	switch {
	case len(chosen) == 0:
	case f.Target() == "equipment.status":
		set(t.Body, "retired", chosen[0] == "yes")
	case f.Sort == People && manyOf(f):
		set(t.Body, f.Name, chosen)
	default:
		set(t.Body, f.Name, chosen[0])
	}
}

func notADate(text string, order sheet.Order) string {
	if _, ok := order.Other().Read(text); ok {
		return "“" + shorten(text) + "” is no date when it is read with the " + order.Label() + ". Correct it, or choose the other order under Columns."
	}
	return "“" + shorten(text) + "” is not a date. Write it like 2026-12-31."
}

func shorten(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}

// readDay reads a date or a moment; a bare number is one that a spreadsheet
// counts days by. Midnight is a date to which a program has put a time.
func readDay(c sheet.Cell, order sheet.Order) (sheet.When, bool) {
	if serial.MatchString(c.Text) {
		if n, err := strconv.ParseFloat(strings.Replace(c.Text, ",", ".", 1), 64); err == nil && n > 20_000 && n < 80_000 {
			t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(n * 24 * float64(time.Hour))).Round(time.Minute)
			return sheet.When{Day: day.Of(t, time.UTC), Hour: t.Hour(), Minute: t.Minute(), Timed: n != float64(int(n))}, true
		}
	}
	d, ok := order.Read(c.Text)
	if d.Timed && d.Hour == 0 && d.Minute == 0 && d.Zone == nil {
		d.Timed = false
	}
	return d, ok
}

var serial = regexp.MustCompile(`^\d{5}(?:[.,]\d+)?$`)

// readNumber reads a number; a time such as 1:30 is so many hours.
func readNumber(c sheet.Cell, p sheet.Point) (string, bool) {
	if c.Kind == sheet.Number {
		return c.Text, true
	}
	if c.Kind == sheet.Percent {
		return strings.TrimSuffix(c.Text, "%"), true
	}
	if h, m, ok := strings.Cut(c.Text, ":"); ok {
		hours, err1 := strconv.Atoi(strings.TrimSpace(h))
		minutes, err2 := strconv.Atoi(m[:min(2, len(m))])
		if err1 == nil && err2 == nil && minutes < 60 {
			return decimal.NewFromInt(int64(hours*60+minutes)).DivRound(decimal.NewFromInt(60), 4).String(), true
		}
	}
	if n, ok := p.Read(c.Text); ok {
		return n, true
	}
	return p.Other().Read(c.Text) // 12,50 can be nothing else, whatever the others are
}

// lost are numbers that a spreadsheet has taken the zero in front off, by country:
// so many digits, beginning so.
var lost = map[string]*regexp.Regexp{
	"AU": regexp.MustCompile(`^[23478]\d{8}$`), "NZ": regexp.MustCompile(`^[2-9]\d{7,9}$`), "GB": regexp.MustCompile(`^[1-37]\d{8,9}$`), "IE": regexp.MustCompile(`^[1-9]\d{6,8}$`),
	"ZA": regexp.MustCompile(`^[1-8]\d{8}$`), "DE": regexp.MustCompile(`^[1-9]\d{8,10}$`),
}

// phone is a telephone number as it was before a spreadsheet took it for a number.
func (w row) phone(c sheet.Cell) string {
	text := strings.Join(strings.Fields(c.Text), " ")
	if !allDigits.MatchString(text) {
		return text
	}
	_, country, _ := strings.Cut(w.format.Locale, "-")
	if re := lost[country]; re != nil && re.MatchString(text) {
		return "0" + text
	}
	if c.Kind == sheet.Number && len(text) >= 11 {
		return "+" + text
	}
	return text
}

// phones are the numbers of a cell, by field: one, unless it says of each what it is and
// there is no column for the other.
func (w row) phones(f Field, c sheet.Cell) map[string]string {
	named := w.phonesNamed(c.Text)
	if named == nil || f.Name != "phone" || w.sheet.has(Target(string(f.Kind)+".mobile")) {
		return map[string]string{f.Name: cmp.Or(named[f.Name], w.phone(c))}
	}
	delete(named, "fax")
	return named
}

// phonesNamed are the numbers of a cell that says of each what it is, by field, as
// QuickBooks writes them: "Phone:(02) 9555 0101  Mobile:0412 555 101".
func (w row) phonesNamed(text string) map[string]string {
	at := phoneNames.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 || strings.TrimSpace(text[:at[0][0]]) != "" {
		return nil
	}
	all := map[string]string{}
	for n, m := range at {
		end := len(text)
		if n+1 < len(at) {
			end = at[n+1][0]
		}
		field := map[string]string{"phone": "phone", "mobile": "mobile", "fax": "fax"}[strings.ToLower(text[m[2]:m[3]])]
		if field == "" || all[field] != "" { // there is no place for it, and it stays what it is
			return nil
		}
		all[field] = w.phone(sheet.Cell{Kind: sheet.Text, Text: strings.Trim(text[m[1]:end], " ,;\n")})
	}
	return all
}

var phoneNames = regexp.MustCompile(`(?i)\b(phone|mobile|fax|other|work|home): ?`)

var allDigits = regexp.MustCompile(`^\d+$`)

// postcodes are how many digits they have, by country, and how many of them stay
// where a spreadsheet takes the zeros in front off.
var postcodes = map[string]struct {
	digits, least int
	called        []string
}{
	"AU": {4, 3, []string{"australia", "au", "aus"}}, "NZ": {4, 3, []string{"newzealand", "nz"}}, "ZA": {4, 1, []string{"southafrica", "za", "rsa"}},
	"US": {5, 3, []string{"unitedstates", "unitedstatesofamerica", "us", "usa"}}, "DE": {5, 4, []string{"germany", "deutschland", "de"}},
}

// mendPostcode gives a postcode of the business's country the zeros back that a
// spreadsheet took off.
func (w row) mendPostcode(a map[string]any) {
	_, country, _ := strings.Cut(w.format.Locale, "-")
	usual, known := postcodes[country]
	code := text(a["postcode"])
	if in := compact(text(a["country"])); !known || !allDigits.MatchString(code) || len(code) < usual.least || len(code) >= usual.digits || in != "" && !slices.Contains(usual.called, in) {
		return
	}
	a["postcode"] = strings.Repeat("0", usual.digits-len(code)) + code
}

// splitAddress takes an address of one cell apart, as far as that can be done.
func splitAddress(text string) map[string]string {
	out := map[string]string{}
	var parts []string
	for _, p := range regexp.MustCompile(`\n|, *`).Split(text, -1) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return out
	}
	out["line1"] = parts[0]
	rest := parts[1:]
	if n := len(rest); n > 0 && !townEnd.MatchString(rest[n-1]) {
		if m := countryEnd.FindStringSubmatch(rest[n-1]); m != nil && townEnd.MatchString(m[1]) {
			out["country"], rest[n-1] = m[2], m[1]
		}
	}
	if n := len(rest); n > 1 && !strings.ContainsAny(rest[n-1], "0123456789") && townEnd.MatchString(rest[n-2]) {
		out["country"], rest = rest[n-1], rest[:n-1]
	}
	if n := len(rest); n > 0 {
		town := rest[n-1]
		rest = rest[:n-1]
		if m := townEnd.FindStringSubmatch(town); m != nil {
			out["city"], out["region"], out["postcode"] = strings.TrimSpace(m[1]), strings.ToUpper(m[2]), m[3]
			if n := len(rest); out["city"] == "" && out["region"] == "" && n > 1 && region.MatchString(rest[n-1]) {
				out["region"], rest = rest[n-1], rest[:n-1]
			}
			if out["city"] == "" && len(rest) > 0 {
				out["city"], rest = rest[len(rest)-1], rest[:len(rest)-1]
			}
		} else if strings.ContainsAny(town, "0123456789") { // a town has none
			rest = append(rest, town)
		} else {
			out["city"] = town
		}
	}
	if len(rest) > 0 {
		out["line2"] = strings.Join(rest, ", ")
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out
}

var region = regexp.MustCompile(`^[A-Z]{2,3}$`)

var countryEnd = regexp.MustCompile(`^(.*\d) +([A-Za-z][A-Za-z ]+)$`)

var townEnd = regexp.MustCompile(`^(.*?)(?:(?:^| )([A-Z]{2,3}|(?i:nsw|vic|qld|tas|act)))? ?(\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$`)

// set puts a value where its name says: "street.city".
func set(body map[string]any, name string, v any) {
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		body[name] = v
		return
	}
	in, ok := body[outer].(map[string]any)
	if !ok {
		in = map[string]any{}
		body[outer] = in
	}
	in[inner] = v
}

// firstEmail is the first of several addresses in a cell, without what stands
// around it: "Tom Birch <tom@x.example>; ann@x.example". What has none stays as it
// is, to be refused.
func firstEmail(s string) string {
	if all := emails(s); len(all) > 0 {
		return all[0]
	}
	return oneLine(s)
}

// emails are the addresses in a cell, each once.
func emails(s string) (all []string) {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; |\n\t<>()[]", r) }) {
		if !strings.Contains(word, "@") {
			continue
		}
		word = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(word, "mailto:"), "Mailto:"), ".:'\"")
		if !slices.ContainsFunc(all, func(e string) bool { return strings.EqualFold(e, word) }) {
			all = append(all, word)
		}
	}
	return all
}

// keepEmails keeps in the notes what stands in a cell besides the address that is
// taken: the office wants it, and a customer or contact has one.
func (w row) keepEmails(t *Thing, from Target) {
	all := emails(w.said(from))
	if len(all) < 2 || text(t.Body["email"]) != all[0] {
		return
	}
	notes := "Other email addresses: " + strings.Join(all[1:], ", ")
	if before := text(t.Body["notes"]); before != "" {
		notes = before + "\n" + notes
	}
	t.Body["notes"] = notes
}

// WordsOf are the single words of a value of a field, of which a column has those
// values.
func (c Choices) WordsOf(f Field, value string, all []sheet.Value) []string {
	return words(f, value, func(name string) bool {
		return c.called(name) || slices.ContainsFunc(all, func(v sheet.Value) bool { return fold(v.Text) == fold(name) })
	})
}

// saysNothing reports whether a word stands in a field only because a program or
// somebody had to write something.
func saysNothing(f Field, word string) bool {
	if f.Name == "" || f.Sort == Long || len(word) > 30 || strings.HasSuffix(f.Name, "name") || f.Name == "description" {
		return false
	}
	low := strings.ToLower(word)
	if nothings[low] {
		return true
	}
	//exhaustive:ignore
	switch f.Sort {
	case Day, Moment:
		return noDate.MatchString(low)
	case Amount, Quantity, Percent:
		return strings.Trim(low, "$€£ -–—") == ""
	case People:
		return slices.Contains(nobody, compact(low))
	}
	return false
}

var (
	nothings = func() map[string]bool {
		all := map[string]bool{}
		for _, word := range []string{"-", "--", "---", "–", "—", "n/a", "n.a.", "*none", "#n/a", "null", "nil", "none", "(none)", "(blank)", "tba", "tbc", "tbd", "unknown", "undefined", "not applicable", "not available", "?"} {
			all[word] = true
		}
		return all
	}()
	nobody = []string{"unassigned", "notassigned", "nobody", "noone", "unallocated"}
	noDate = regexp.MustCompile(`^0+$|^0000|^0?0[-/.]0?0[-/.]|^0?1[-/.]0?1[-/.]0*1(?: |$)|^0001-|^1899-12-3|^1900-01-0[01]|^0?[01][-/.]0?1[-/.]1900`)
)
