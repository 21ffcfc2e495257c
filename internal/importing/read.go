package importing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
)

// Mode says how a thing comes in.
type Mode string

// The modes.
const (
	Usually Mode = ""
	// Missing is added where it is not there, and left alone where it is: a site
	// that only a job speaks of.
	Missing Mode = "missing"
	// Blanks fills empty fields of what is there, and changes nothing else.
	Blanks Mode = "blanks"
)

// Thing is one thing that rows of the file make.
type Thing struct {
	Kind     Kind
	Sheet    int // -1 for what the mapping makes
	Line     int
	External string
	Body     map[string]any
	Mode     Mode
	Columns  map[string]int // the column of each field, among the heads
	Problems problem.Set    // what could not be read, by field
	Twin     string         // the contact of the same address that came before

	called string // by which it is told from others, where that is nothing but its name
}

func itoa(n int) string { return strconv.Itoa(n) }

// Reader makes things of rows.
type Reader struct {
	tables  []Table
	mapping Mapping
	choices Choices
	taxes   []company.TaxRate
	format  company.Format
	usual   Usual
	source  string

	orders map[[2]int]sheet.Order
	points map[[2]int]sheet.Point
	// sites are customers that are sites of another, by their name or id; "" for a
	// name of several.
	sites map[string]string
	// places are the names of sites by customer and first line of the address.
	places   map[string]string
	lines    map[string]*quoteLines // of quotes, by their number
	quotes   map[string]bool        // the numbers of quotes in the file
	stages   map[int]string         // the number of the quote whose sections a table is at
	seen     map[string]seen        // what was made already, by kind and name
	emails   map[string]twin
	here     map[string][]string // the names of contacts that are here, by customer and address
	cells    map[[2]int]*cells // of columns that name what can be made
	typeless bool              // a job has no type
	units    []unit
	shared   map[unit]bool // numbers that a customer's equipment has at several sites
	fields   [][]Field     // of the columns of each table
	makers   [][]int       // columns that name what can be made
}

type twin struct{ name, at string }

// seen is a thing that the file has said before.
type seen struct {
	sum   [sha256.Size]byte
	where string
	body  map[string]any
}

// quoteLines are the lines of a quote that stand in a table of their own, or the
// sections that it is made of.
type quoteLines struct {
	all      []map[string]any
	problems problem.Set
}

// sum is what the lines come to, without tax.
func (q quoteLines) sum() (all decimal.Decimal) {
	for _, l := range q.all {
		quantity, _ := decimal.NewFromString(text(l["quantity"]))
		price, _ := decimal.NewFromString(text(l["unit_price"]))
		all = all.Add(quantity.Mul(price).Round(2))
	}
	return all
}

// cells are the different values of a column, in order.
type cells struct {
	order []string
	known map[string]bool
}

// unit is a piece of equipment: its customer, and what it is called there.
type unit struct{ customer, site, number string }

// NewReader is a Reader of a file.
func NewReader(tables []Table, m Mapping, c Choices, taxes []company.TaxRate, f company.Format, source string) *Reader {
	r := &Reader{
		tables: tables, mapping: m, choices: c, taxes: taxes, format: f, usual: UsualOf(f.Locale), source: source, orders: map[[2]int]sheet.Order{}, points: map[[2]int]sheet.Point{},
		sites: map[string]string{}, places: map[string]string{}, lines: map[string]*quoteLines{}, quotes: map[string]bool{}, stages: map[int]string{}, seen: map[string]seen{},
		emails: map[string]twin{}, here: map[string][]string{}, cells: map[[2]int]*cells{},
		fields: make([][]Field, len(m.Sheets)), makers: make([][]int, len(m.Sheets)),
	}
	for i, s := range m.Sheets {
		r.fields[i] = make([]Field, len(s.Columns))
		for c, t := range s.Columns {
			f := byTarget[t]
			if r.fields[i][c] = f; t != "" && f.Makes() {
				r.makers[i] = append(r.makers[i], c)
			}
			r.orders[[2]int{i, c}], r.points[[2]int{i, c}] = s.orderOf(tables[i], r.usual, c), s.pointOf(tables[i], r.usual, c)
		}
	}
	return r
}

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

// knowPlace tells the reader of a site, so that jobs find it by its address.
func (r *Reader) knowPlace(customer, site, line1 string) {
	if line1 != "" {
		r.places[fold(customer)+"\n"+fold(line1)] = site
	}
}

// makes reports whether a table makes things of a kind.
func (r *Reader) makes(k Kind) bool {
	return slices.ContainsFunc(r.mapping.Sheets, func(s SheetMapping) bool { return slices.Contains(s.Makes(), k) })
}

// knowSite tells the reader of a site that was a customer of its own where the file
// comes from, and which files of there go on naming as one.
func (r *Reader) knowSite(customer, site string) {
	if r.source != foldsSites {
		return
	}
	if other, known := r.sites[fold(site)]; known && fold(other) != fold(customer) {
		customer = "" // of several
	}
	r.sites[fold(site)] = customer
}

// foldsSites is the source whose sites are customers with another who pays.
const foldsSites = "ascora"

// knowContact tells the reader of a contact that is here already, by a name that it
// has here or had when the source last spoke of it.
func (r *Reader) knowContact(customer, name, email string) {
	at := fold(customer) + "\n" + fold(email)
	r.here[at] = append(r.here[at], name)
}

// siteOf is whose site a customer of the file is.
func (r *Reader) siteOf(name string) (customer string, is bool) {
	customer = r.sites[fold(name)]
	for range 5 { // sites of sites
		next := r.sites[fold(customer)]
		if next == "" || fold(next) == fold(customer) {
			break
		}
		customer = next
	}
	return customer, customer != ""
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// row is a row that is being read.
type row struct {
	*Reader
	table int
	sheet SheetMapping
	sheet.Row
}

// row is a row as it is read: without the words that people and programs write
// where there is nothing.
func (r *Reader) row(table int, in sheet.Row) row {
	w := row{r, table, r.mapping.Sheets[table], in}
	own := false
	for column, f := range r.fields[table] {
		if c := w.at(column); c.Filled() && saysNothing(f, c.Text) {
			if !own {
				w.Cells, own = slices.Clone(w.Cells), true
			}
			w.Cells[column] = sheet.Cell{Kind: sheet.Empty}
		}
	}
	return w
}

// Look goes through a row before any is read: which customers are sites of
// another, where sites are, which lines quotes have, what is to be made.
func (r *Reader) Look(table int, in sheet.Row) {
	w := r.row(table, in)
	if w.sheet.Skip {
		return
	}
	if w.skipped() {
		w.lookAtSection()
		return
	}
	if s := w.site(); s != nil && s.Problems.Err() == nil {
		name, customer := text(s.Body["name"]), text(s.Body["customer"])
		if w.sheet.Kind == Customers && w.folded() {
			r.sites[fold(name)] = customer
			if id := w.customerID(); id != "" {
				r.sites[fold(id)] = customer
			}
		}
		if a, ok := s.Body["address"].(map[string]any); ok {
			r.knowPlace(customer, name, text(a["line1"]))
			r.knowPlace(w.said("customers.name"), name, text(a["line1"]))
		}
	}
	w.lookAtWords()
	switch w.sheet.Kind {
	case Customers:
		if !w.folded() {
			delete(r.sites, fold(w.customerName())) // somebody of their own by now
		}
	case Equipment:
		if number := w.said("equipment.number"); number != "" {
			r.units = append(r.units, unit{oneLine(w.said("equipment.customer")), oneLine(w.said("equipment.site")), number})
		}
	case QuoteLines:
		if number := tidyNumber(w.said("quote-lines.quote")); number != "" {
			w.addLine(number, w.line(r.linesOf(number)))
		}
	case Quotes:
		number := tidyNumber(w.said("quotes.number"))
		r.quotes[fold(number)], r.stages[w.table] = true, number
	case Jobs:
		r.typeless = r.typeless || w.typeless()
	case Staff, JobTypes, Sites, Contacts, Tasks, Time:
	}
}

// lookAtWords notes what the row names that can be made.
func (w row) lookAtWords() {
	for _, column := range w.makers[w.table] {
		c := w.at(column)
		if !c.Filled() || c.Kind == sheet.Error {
			continue
		}
		at := [2]int{w.table, column}
		if w.cells[at] == nil {
			w.cells[at] = &cells{known: map[string]bool{}}
		}
		if all := w.cells[at]; !all.known[fold(c.Text)] {
			all.known[fold(c.Text)] = true
			all.order = append(all.order, c.Text)
		}
	}
}

// typeless reports whether the row's job gets the type of those that have none.
func (w row) typeless() bool {
	word := w.said("jobs.type")
	return word == "" || w.mapping.Means(w.choices, byTarget["jobs.type"], word) == LeaveOut
}

// lookAtSection notes a section of a quote, with its price.
func (w row) lookAtSection() {
	if w.sheet.Kind != Quotes || w.stages[w.table] == "" {
		return
	}
	t := w.make(Quotes)
	if t == nil {
		return
	}
	if p, ok := w.price(t); ok {
		w.addLine(w.stages[w.table], w.priced(t, p))
	}
}

func (r *Reader) linesOf(quote string) *quoteLines {
	at := fold(quote)
	if r.lines[at] == nil {
		r.lines[at] = &quoteLines{problems: problem.Set{}}
	}
	return r.lines[at]
}

func (r *Reader) addLine(quote string, line map[string]any) {
	all := r.linesOf(quote)
	all.all = append(all.all, line)
}

// Made are the things that the mapping adds: job types and members of staff who
// are named and not there.
func (r *Reader) Made(k Kind) (all []Thing) {
	if k != JobTypes && k != Staff {
		return nil
	}
	seen := map[string]bool{}
	if k == JobTypes && r.typeless {
		name := r.mapping.TypeOfOthers()
		seen[fold(name)] = true
		if !slices.ContainsFunc(r.choices.JobTypes, func(t string) bool { return fold(t) == fold(name) }) {
			all = append(all, Thing{Kind: k, Sheet: -1, Body: map[string]any{"name": name}, Mode: Missing})
		}
	}
	for i, s := range r.mapping.Sheets {
		if s.Skip {
			continue
		}
		for c, t := range s.Columns {
			f, ok := FieldFor(t)
			if !ok || !f.Makes() || refersTo(f) != k {
				continue
			}
			named := r.cells[[2]int{i, c}]
			if named == nil {
				continue
			}
			for _, v := range named.order {
				for _, word := range words(f, v, r.alone(i, c)) {
					if r.mapping.Means(r.choices, f, word) == MakeIt && !seen[fold(word)] {
						seen[fold(word)] = true
						all = append(all, Thing{Kind: k, Sheet: -1, Body: map[string]any{"name": word}, Mode: Missing})
					}
				}
			}
		}
	}
	return all
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

// Things are the things of a kind that a row makes. What the same file has made
// already is not made again.
func (r *Reader) Things(k Kind, table int, in sheet.Row) (all []Thing) {
	w := r.row(table, in)
	if w.sheet.Skip || w.skipped() {
		return nil
	}
	switch k {
	case Customers:
		all = append(all, some(w.customer())...)
	case Sites:
		all = append(all, some(w.site(), w.siteOfWork())...)
	case Contacts:
		all = append(all, some(w.contact(), w.contactOfWork())...)
	case Equipment, JobTypes, Tasks, Time, Staff:
		all = append(all, some(w.plain(k))...)
	case Quotes, Jobs:
		all = append(all, some(w.work(k), w.strayLine(k))...)
	}
	return slices.DeleteFunc(all, func(t Thing) bool { return r.again(&t) })
}

func some(things ...*Thing) (all []Thing) {
	for _, t := range things {
		if t != nil {
			all = append(all, *t)
		}
	}
	return all
}

// again reports whether the file has said the same before.
func (r *Reader) again(t *Thing) bool {
	if t.Problems.Err() != nil || t.Kind == Time || t.Kind == Tasks {
		return false
	}
	name := cmp.Or(t.External, t.called)
	if name == "" {
		name = text(t.Body["customer"]) + "\n" + text(t.Body["number"]) + "\n" + text(t.Body["name"]) + "\n" + text(t.Body["email"])
	}
	at := string(t.Kind) + "\n" + fold(name)
	body, err := json.Marshal(t.Body)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(body)
	before, known := r.seen[at]
	switch {
	case !known:
		r.seen[at] = seen{sum, r.where(*t), t.Body}
		return false
	case t.Mode == Missing:
		return true
	case t.Kind == Equipment && t.called != "":
		t.Problems.Add("name", strings.ToUpper(before.where[:1])+before.where[1:]+" is called the same and stands at the same place. If this is another piece, say what tells them apart, such as the location or a number.")
		return false
	case before.sum == sum:
		return true
	case t.called != "" && apartFrom(before.body, t.Body):
		t.Problems.Add("name", strings.ToUpper(before.where[:1])+before.where[1:]+" has the same name and another address. If this is another "+t.Kind.One()+", give it a name of its own, such as with the suburb. If it is the same, make the two rows alike or delete one.")
	case t.called != "" && t.Kind == Customers:
		t.Mode = Blanks // what was said first stays
	}
	return false
}

// where says where a thing stands.
func (r *Reader) where(t Thing) string {
	if len(r.tables) == 1 {
		return "line " + itoa(t.Line)
	}
	return "line " + itoa(t.Line) + " of “" + r.tables[t.Sheet].Name + "”"
}

// apartFrom reports whether two things of one name are most likely two: they have
// other addresses.
func apartFrom(a, b map[string]any) bool {
	other := func(x, y any) bool { return text(x) != "" && text(y) != "" && fold(text(x)) != fold(text(y)) }
	if other(a["email"], b["email"]) {
		return true
	}
	for _, name := range []string{"street", "postal", "address"} {
		x, _ := a[name].(map[string]any)
		y, _ := b[name].(map[string]any)
		if other(x["line1"], y["line1"]) {
			return true
		}
	}
	return false
}

// skipped reports whether the row is left out: a stage of a job.
func (w row) skipped() bool {
	for _, t := range []Target{"jobs.skip", "quotes.skip"} {
		if yes, ok := sheet.ReadBool(w.said(t)); ok && yes {
			return true
		}
	}
	return false
}

func (w row) at(column int) sheet.Cell {
	if column < 0 || column >= len(w.Cells) {
		return sheet.Cell{Kind: sheet.Empty}
	}
	return w.Cells[column]
}

// said is what stands in the column of a field, "" for nothing.
func (w row) said(t Target) string {
	c := w.at(w.sheet.column(t))
	if c.Kind == sheet.Error {
		return ""
	}
	return c.Text
}

// make reads all fields of a kind into a thing; nil when nothing stands in them.
func (w row) make(k Kind) *Thing {
	t := &Thing{Kind: k, Sheet: w.table, Line: w.Line, Body: map[string]any{}, Columns: map[string]int{}, Problems: problem.Set{}}
	for column, target := range w.sheet.Columns {
		if target == "" || target.Kind() != k || !w.at(column).Filled() {
			continue
		}
		if f, ok := FieldFor(target); ok {
			w.read(t, f, column)
		}
	}
	if len(t.Columns) == 0 {
		return nil
	}
	for _, v := range t.Body {
		if a, ok := v.(map[string]any); ok {
			w.mendPostcode(a)
		}
	}
	return t
}

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
	if shortened.MatchString(c.Text) && (f.Sort == Words || f.Sort == Phone || f.Sort == Reference) {
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
		put(c.Text)
	case Phone:
		put(w.phone(c))
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
			t.Problems.Add(f.Name, "It is not known what “"+shorten(word)+"” means as "+strings.ToLower(f.Label)+". Choose it under Columns.")
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
	if n := len(rest); n > 1 && !strings.ContainsAny(rest[n-1], "0123456789") && townEnd.MatchString(rest[n-2]) {
		out["country"], rest = rest[n-1], rest[:n-1]
	}
	if n := len(rest); n > 0 {
		town := rest[n-1]
		rest = rest[:n-1]
		if m := townEnd.FindStringSubmatch(town); m != nil {
			out["city"], out["region"], out["postcode"] = strings.TrimSpace(m[1]), m[2], m[3]
			if n := len(rest); out["city"] == "" && out["region"] == "" && n > 1 && region.MatchString(rest[n-1]) {
				out["region"], rest = rest[n-1], rest[:n-1]
			}
			if out["city"] == "" && len(rest) > 0 {
				out["city"], rest = rest[len(rest)-1], rest[:len(rest)-1]
			}
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

var townEnd = regexp.MustCompile(`^(.*?)(?:(?:^| )([A-Z]{2,3}))? ?(\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$`)

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

func text(v any) string { s, _ := v.(string); return s }

// take removes a value that is no field of what comes in.
func (t *Thing) take(name string) string {
	v := t.Body[name]
	delete(t.Body, name)
	return text(v)
}

// external is an id at the source: its own, or else what it is called there.
func (w row) external(own string, called ...string) string {
	if own != "" {
		return cutID(own)
	}
	if w.source == "" || called[len(called)-1] == "" {
		return ""
	}
	return cutID(strings.Join(called, "/"))
}

// cutID keeps an id within what is kept.
func cutID(id string) string {
	if len([]rune(id)) <= 200 {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string([]rune(id)[:100]) + "/" + hex.EncodeToString(sum[:16])
}

// folded reports whether the row's customer is a site of another.
func (w row) folded() bool {
	if w.sheet.Kind != Customers {
		return false
	}
	billing := w.said("sites.customer")
	return billing != "" && fold(billing) != fold(w.customerName())
}

// payer is the customer of whom a folded row is a site.
func (w row) payer() string {
	named := oneLine(w.said("sites.customer"))
	if of, is := w.siteOf(named); is && fold(of) != fold(w.customerName()) {
		return of
	}
	return named
}

// customerName is what the row's customer is called.
func (w row) customerName() string {
	for _, t := range []Target{"customers.name", "customers.company_name"} {
		if s := w.said(t); s != "" {
			return oneLine(s)
		}
	}
	return w.personName()
}

func (w row) personName() string {
	if s := w.said("contacts.name"); s != "" {
		return oneLine(s)
	}
	return strings.TrimSpace(oneLine(w.said("contacts.first_name")) + " " + oneLine(w.said("contacts.last_name")))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// customerRef is by what things of the row name its customer.
func (w row) customerRef() string {
	if w.folded() {
		return w.payer()
	}
	if id := w.customerID(); id != "" && w.source != "" {
		return id
	}
	if s := w.said("customers.number"); s != "" {
		return s
	}
	return w.customerName()
}

func (w row) customerID() string {
	if id := w.said("customers.external_id"); id != "" {
		return cutID(id)
	}
	id, _, _ := strings.Cut(w.said("customers.jobber_id"), "_")
	return cutID(id)
}

func (w row) customer() *Thing {
	if w.sheet.Kind != Customers || w.folded() {
		return nil
	}
	t := w.make(Customers)
	if t == nil && w.personName() == "" {
		return nil
	}
	if t == nil {
		t = &Thing{Kind: Customers, Sheet: w.table, Line: w.Line, Body: map[string]any{}, Columns: map[string]int{}, Problems: problem.Set{}}
	}
	if name := w.customerName(); name != "" {
		t.Body["name"] = name
	}
	t.take("jobber_id")
	t.take("external_id")
	w.nameColumn(t, "customers.name", "customers.company_name", "contacts.name", "contacts.last_name", "contacts.first_name")
	if t.Body["company_name"] == t.Body["name"] {
		delete(t.Body, "company_name")
	}
	number, _ := t.Body["number"].(string)
	if number == "" && w.customerID() == "" {
		t.called = text(t.Body["name"])
	}
	called := number
	if called == "" {
		called = text(t.Body["name"])
	}
	t.External = w.external(w.customerID(), called)
	return t
}

// nameColumn says in which column a name was, for what is wrong with it.
func (w row) nameColumn(t *Thing, from ...Target) {
	if _, known := t.Columns["name"]; known {
		return
	}
	for _, f := range from {
		if c := w.sheet.column(f); c >= 0 {
			t.Columns["name"] = c
			return
		}
	}
}

func (w row) site() *Thing {
	if w.sheet.Kind != Customers && w.sheet.Kind != Sites {
		return nil
	}
	t := w.make(Sites)
	if w.folded() {
		t = w.foldedSite(t)
	}
	if t == nil {
		return nil
	}
	own := t.take("external_id")
	address, _ := t.Body["address"].(map[string]any)
	if w.sheet.Kind == Customers && !w.folded() {
		t.Body["customer"] = w.customerRef()
		if text(t.Body["name"]) == "" && len(address) == 0 {
			return nil
		}
		if own == "" {
			own = w.said("customers.jobber_id")
		}
	}
	if text(t.Body["name"]) == "" {
		for _, part := range []string{"line1", "city"} {
			if s := text(address[part]); s != "" && text(t.Body["name"]) == "" {
				t.Body["name"] = s
			}
		}
		w.nameColumn(t, "sites.name", "sites.address.line1", "sites.address.whole")
	}
	if own == "" {
		t.called = text(t.Body["customer"]) + "/" + text(t.Body["name"])
	}
	t.External = w.external(own, text(t.Body["customer"]), text(t.Body["name"]))
	return t
}

// foldedSite is the site that a customer with a billing customer is.
func (w row) foldedSite(t *Thing) *Thing {
	c := w.make(Customers)
	if t == nil {
		t = &Thing{Kind: Sites, Sheet: w.table, Line: w.Line, Body: map[string]any{}, Columns: map[string]int{}, Problems: problem.Set{}}
	}
	t.Body["customer"], t.Body["name"] = w.payer(), w.customerName()
	w.nameColumn(t, "customers.name", "customers.company_name")
	if c == nil {
		return t
	}
	if street, ok := c.Body["street"]; ok {
		t.Body["address"] = street
	}
	if notes := text(c.Body["notes"]); notes != "" {
		t.Body["access_instructions"] = notes
	}
	if who := strings.Trim(strings.Join([]string{w.personName(), text(c.Body["phone"])}, " "), " "); who != "" && w.personName() != "" {
		t.Body["site_contact"] = who
	}
	if id := w.customerID(); id != "" {
		t.Body["external_id"] = id
	}
	return t
}

func (w row) contact() *Thing {
	if w.sheet.Kind != Customers && w.sheet.Kind != Contacts {
		return nil
	}
	t := w.make(Contacts)
	if t == nil {
		return nil
	}
	own := t.take("external_id")
	t.take("first_name")
	t.take("last_name")
	if name := w.personName(); name != "" {
		t.Body["name"] = name
	}
	w.nameColumn(t, "contacts.name", "contacts.last_name", "contacts.first_name")
	email := text(t.Body["email"])
	if w.sheet.Kind == Customers {
		if text(t.Body["name"]) == "" && email == "" {
			return nil
		}
		t.Body["customer"] = w.customerRef()
		if text(t.Body["name"]) == "" {
			t.Body["name"] = w.customerName()
		}
		for own, of := range map[string]Target{"email": "customers.email", "phone": "customers.phone", "mobile": "customers.mobile"} {
			if s := w.said(of); s != "" && t.Body[own] == nil && !w.sheet.has(Target("contacts."+own)) {
				t.Body[own] = s
				if own != "email" {
					t.Body[own] = w.phone(w.at(w.sheet.column(of)))
				} else {
					t.Body[own] = firstEmail(s)
				}
				t.Columns[own] = w.sheet.column(of)
			}
		}
		email = text(t.Body["email"])
	} else if of, is := w.siteOf(text(t.Body["customer"])); is {
		t.Body["customer"] = of // somebody at a site
	}
	called := email
	if called == "" {
		called = text(t.Body["name"])
	}
	t.External = w.external(own, text(t.Body["customer"]), called)
	return w.judgeTwin(t, own)
}

// firstEmail is the first of several addresses in a cell, without what stands
// around it: "Tom Birch <tom@x.example>; ann@x.example". What has none stays as it
// is, to be refused.
func firstEmail(s string) string {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; |\n\t<>()[]", r) }) {
		if strings.Contains(word, "@") {
			return strings.Trim(strings.TrimPrefix(strings.TrimPrefix(word, "mailto:"), "Mailto:"), ".:'\"")
		}
	}
	return oneLine(s)
}

// judgeTwin looks whether another contact of the same customer in this file has
// the same address.
func (w row) judgeTwin(t *Thing, own string) *Thing {
	email, name := text(t.Body["email"]), text(t.Body["name"])
	if email == "" || t.Problems.Err() != nil {
		return t
	}
	at := fold(text(t.Body["customer"])) + "\n" + fold(email)
	first, known := w.emails[at]
	called := func(is string) bool { return givenName(is) == givenName(name) }
	if here := w.here[at]; !known && len(here) > 0 && own == "" && !slices.ContainsFunc(here, called) {
		first, known = twin{here[0], ", who is here already,"}, true
	}
	if !known {
		w.emails[at] = twin{name, " in " + w.where(*t)}
		return t
	}
	if fold(first.name) == fold(name) {
		return t
	}
	t.Twin = first.name
	switch w.mapping.Twins {
	case Merge:
		t.Mode, t.External = Blanks, ""
	case Apart:
		delete(t.Body, "email")
		t.External = w.external(own, text(t.Body["customer"]), name)
	case Undecided:
		t.Problems.Add("email", first.name+first.at+" has this address at the same customer, too. Correct it, or choose on the page of the import what becomes of the two.")
	}
	return t
}

// givenName is by what somebody is known again who has another surname by now.
func givenName(name string) string { return strings.SplitN(fold(name)+" ", " ", 2)[0] }

// plain is a thing of a kind that stands in tables of its own.
func (w row) plain(k Kind) *Thing {
	if w.sheet.Kind != k {
		return nil
	}
	t := w.make(k)
	if t == nil {
		return nil
	}
	own := t.take("external_id")
	switch k {
	case Equipment:
		w.equipment(t, own)
	case JobTypes:
		t.External = w.external(own, text(t.Body["name"]))
	case Tasks:
		done, finished := t.Body["done"].(bool)
		delete(t.Body, "done")
		if finished && done {
			t.Body["done_at"] = w.format.Now.Format(time.RFC3339)
			if at, ok := readDay(w.at(w.sheet.column("tasks.done")), w.orders[[2]int{w.table, w.sheet.column("tasks.done")}]); ok {
				t.Body["done_at"] = at.In(w.format.Zone()).Format(time.RFC3339)
			}
		}
		t.External = w.external(own, text(t.Body["job"]), text(t.Body["subject"]))
	case Time:
		if people, ok := t.Body["staff"].([]string); ok && len(people) > 0 {
			t.Body["staff"] = people[0]
		}
		t.External = w.external(own, text(t.Body["job"]), text(t.Body["worked_on"]), text(t.Body["staff"]), text(t.Body["start"])+"-"+text(t.Body["hours"]))
	case Staff, Customers, Sites, Contacts, Quotes, Jobs:
	}
	return t
}

func (w row) equipment(t *Thing, own string) {
	customer, site, number := text(t.Body["customer"]), text(t.Body["site"]), text(t.Body["number"])
	if of, is := w.siteOf(customer); is {
		customer, site = of, customer
		t.Body["site"], t.Body["customer"] = site, of
		t.Columns["site"] = t.Columns["customer"]
	}
	if text(t.Body["name"]) == "" {
		t.Body["name"] = oneLine(strings.Join([]string{text(t.Body["type"]), text(t.Body["make"]), text(t.Body["model"])}, " "))
		if text(t.Body["type"]) == "" {
			t.Body["name"] = oneLine(text(t.Body["name"]) + " " + number)
		}
		w.nameColumn(t, "equipment.name", "equipment.type", "equipment.number")
	}
	if text(t.Body["type"]) == "" {
		t.Body["type"] = t.Body["name"]
	}
	called := oneLine(number + " " + site) // each site counts for itself elsewhere
	switch {
	case number != "":
		if site != "" && w.sharedNumbers()[unit{customer: fold(text(t.Body["customer"])), number: fold(number)}] {
			t.Body["number"] = called
		}
	case text(t.Body["serial_number"]) != "":
		called = text(t.Body["serial_number"])
	default:
		called = oneLine(strings.Join([]string{text(t.Body["name"]), site, text(t.Body["location"]), text(t.Body["make"]), text(t.Body["model"])}, " "))
		if own == "" {
			t.called = text(t.Body["customer"]) + "/" + called
		}
	}
	t.External = w.external(own, text(t.Body["customer"]), called)
}

// knowUnit tells the reader of a customer's equipment that is here already.
func (r *Reader) knowUnit(customer, site, number string) {
	r.units = append(r.units, unit{customer, site, strings.TrimSuffix(number, " "+site)})
}

// sharedNumbers are the numbers that a customer's equipment has at several sites,
// as where each site counts for itself. With the site they are one again.
func (r *Reader) sharedNumbers() map[unit]bool {
	if r.shared != nil {
		return r.shared
	}
	r.shared = map[unit]bool{}
	first := map[unit]string{}
	for _, u := range r.units {
		if of, is := r.siteOf(u.customer); is {
			u.customer, u.site = of, u.customer
		}
		at := unit{customer: fold(u.customer), number: fold(u.number)}
		if site, known := first[at]; known && site != fold(u.site) {
			r.shared[at] = true
		}
		first[at] = fold(u.site)
	}
	return r.shared
}

// workOf are customer and site of a job or quote.
func (w row) workOf(k Kind) (customer, site string) {
	kind := string(k)
	customer, site = oneLine(w.said(Target(kind+".customer"))), oneLine(w.said(Target(kind+".site")))
	if of, is := w.siteOf(customer); is {
		if site == "" {
			site = customer
		}
		return of, site
	}
	switch {
	case customer == "":
		if of, is := w.siteOf(site); is {
			return of, site
		}
		return site, ""
	case fold(customer) == fold(site):
		site = ""
	}
	if site == "" {
		line1 := oneLine(w.said(Target(kind + ".site_address.line1")))
		if whole := w.said(Target(kind + ".site_address.whole")); whole != "" && line1 == "" {
			line1 = splitAddress(whole)["line1"]
		}
		if name, ok := w.places[fold(customer)+"\n"+fold(line1)]; ok && line1 != "" {
			site = name
		}
	}
	return customer, site
}

// ofWork is the kind of a table of jobs or quotes, "" for another.
func (w row) ofWork() Kind {
	if w.sheet.Kind == Jobs || w.sheet.Kind == Quotes {
		return w.sheet.Kind
	}
	return ""
}

// siteOfWork is the site that a job or quote names, in case it is not there.
func (w row) siteOfWork() *Thing {
	k := w.ofWork()
	if k == "" {
		return nil
	}
	customer, site := w.workOf(k)
	if customer == "" || site == "" {
		return nil
	}
	all := w.make(k)
	t := &Thing{
		Kind: Sites, Sheet: w.table, Line: w.Line, Body: map[string]any{"customer": customer, "name": site}, Mode: Missing, Problems: problem.Set{},
		Columns: map[string]int{"name": max(0, w.sheet.column(Target(string(k)+".site"))), "customer": max(0, w.sheet.column(Target(string(k)+".customer")))},
	}
	if a, ok := all.Body["site_address"]; ok {
		t.Body["address"] = a
	}
	return t
}

// contactOfWork is the contact that a job or quote names, in case they are not there.
func (w row) contactOfWork() *Thing {
	k := w.ofWork()
	if k == "" {
		return nil
	}
	customer, _ := w.workOf(k)
	name, email := oneLine(w.said(Target(string(k)+".main_contact"))), firstEmail(w.said(Target(string(k)+".main_contact_email")))
	if customer == "" || (name == "" && email == "") || strings.Contains(name, "@") {
		return nil
	}
	t := &Thing{Kind: Contacts, Sheet: w.table, Line: w.Line, Body: map[string]any{"customer": customer, "name": name}, Mode: Missing, Problems: problem.Set{}, Columns: map[string]int{}}
	if name == "" {
		t.Body["name"] = customer
	}
	if email != "" {
		t.Body["email"] = email
		t.Columns["email"] = w.sheet.column(Target(string(k) + ".main_contact_email"))
	}
	return t
}

// work is a job or a quote.
func (w row) work(k Kind) *Thing {
	if w.sheet.Kind != k {
		return nil
	}
	t := w.make(k)
	if t == nil {
		return nil
	}
	own := t.take("external_id")
	delete(t.Body, "site_address")
	delete(t.Body, "skip")
	customer, site := w.workOf(k)
	delete(t.Body, "site")
	if customer != "" {
		t.Body["customer"] = customer
	}
	if site != "" {
		t.Body["site"] = site
	}
	if email := firstEmail(t.take("main_contact_email")); email != "" {
		t.Body["main_contact"] = email
	}
	w.describe(t)
	if k == Quotes {
		w.quote(t)
	} else {
		w.job(t)
	}
	for name := range t.Body {
		if strings.HasPrefix(name, "~") {
			delete(t.Body, name)
		}
	}
	called := text(t.Body["number"])
	if called == "" && own == "" {
		called = customer + "/" + text(t.Body["description"])
	}
	t.External = w.external(own, called)
	return t
}

// describe gives a job or quote without a description another of its texts: the
// name, what was done, or else what sort of work it is.
func (w row) describe(t *Thing) {
	for _, name := range []string{"name", "work_undertaken", "type", "job_type"} {
		if text(t.Body["description"]) != "" {
			break
		}
		t.Body["description"] = t.Body[name]
	}
	if t.Body["name"] == t.Body["description"] {
		delete(t.Body, "name")
	}
}

// usualStart is when a job is booked for of which only the day is known.
const usualStart = 8

func (w row) job(t *Thing) {
	if text(t.Body["type"]) == "" && t.Problems["type"] == "" {
		t.Body["type"] = w.mapping.TypeOfOthers()
	}
	zone := w.format.Zone()
	if d, ok := t.Body["~day of booked_from"].(day.Day); ok {
		hour, minute := usualStart, 0
		if h, m, ok := sheet.ReadTime(text(t.Body["booked_time"])); ok {
			hour, minute = h, m
		}
		at, _ := d.At(hour, minute, zone)
		t.Body["booked_from"] = at.Format(time.RFC3339)
		if until, ok := t.Body["~day of booked_until"].(day.Day); ok {
			end, _ := until.At(max(hour, 17), minute, zone)
			t.Body["booked_until"] = end.Format(time.RFC3339)
		}
	}
	delete(t.Body, "booked_time")
	if d, ok := t.Body["~day of completed_at"].(day.Day); ok {
		at, _ := d.At(12, 0, zone)
		t.Body["completed_at"] = at.Format(time.RFC3339)
	}
	if e := text(t.Body["equipment"]); e != "" {
		t.Body["equipment"] = listed(e)
	}
	status := job.Status(text(t.Body["status"]))
	if status == job.Booked && t.Body["booked_from"] == nil {
		status = job.Unscheduled // without a date nothing is booked
		t.Body["status"] = string(status)
	}
	if status != "" && !status.Scheduled() { // has no date, whatever stands beside it
		delete(t.Body, "booked_from")
		delete(t.Body, "booked_until")
	}
	if status != "" && status != job.Completed && status != job.Closed {
		delete(t.Body, "completed_at")
	}
	if status != "" && status != job.Cancelled {
		delete(t.Body, "cancelled_why")
	}
}

func (w row) quote(t *Thing) {
	number := text(t.Body["number"])
	delete(t.Body, "accepted_at")
	p, known := w.price(t)
	if own, ok := w.lines[fold(number)]; ok && number != "" && (p.net.IsZero() || w.lineTable()) {
		t.Body["lines"] = own.all
		t.Columns["lines"] = w.priceColumn()
		t.Problems.Join(own.problems)
		if sum := own.sum(); known && !p.net.IsZero() && sum.Sub(p.net).Abs().GreaterThan(decimal.New(5, -2)) {
			t.Problems.Add("lines", "Its lines come to "+sum.StringFixed(2)+", but its total without tax is "+p.net.StringFixed(2)+". Correct one of them, or leave the sheet with the lines out under Columns.")
		}
		return
	}
	if known {
		t.Body["lines"] = []map[string]any{w.priced(t, p)}
	}
	t.Columns["lines"] = w.priceColumn()
	if s := text(t.Body["status"]); !known && (s == "sent" || s == "accepted" || s == "declined") {
		t.Problems.Add("lines", "A quote that was sent has a price. Write its total without tax here.")
	}
}

// lineTable reports whether lines of quotes stand in a table of their own.
func (r *Reader) lineTable() bool {
	return slices.ContainsFunc(r.mapping.Sheets, func(s SheetMapping) bool { return !s.Skip && s.Kind == QuoteLines })
}

func (w row) priceColumn() int {
	for _, t := range []Target{"quotes.total_ex_tax", "quotes.total_with_tax"} {
		if c := w.sheet.column(t); c >= 0 {
			return c
		}
	}
	return -1
}

// price is what a quote comes to.
type price struct {
	net, tax decimal.Decimal
	taxed    bool // the tax is known
}

// price takes the totals out of a quote: without tax, or with it, whichever the
// file has, less the discount.
func (w row) price(t *Thing) (p price, known bool) {
	read := func(name string) (decimal.Decimal, bool) {
		d, err := decimal.NewFromString(t.take(name))
		return d, err == nil
	}
	net, hasNet := read("total_ex_tax")
	tax, hasTax := read("total_tax")
	all, hasAll := read("total_with_tax")
	discount, _ := read("discount")
	switch {
	case hasNet:
		net = net.Sub(discount.Abs())
		if !hasTax && hasAll && all.GreaterThanOrEqual(net) {
			tax, hasTax = all.Sub(net), true
		}
	case hasAll && hasTax:
		net = all.Sub(tax)
	case hasAll:
		net = all
		if len(w.taxes) > 0 {
			net = all.Mul(hundred).DivRound(hundred.Add(w.taxes[0].Percent).Add(w.taxes[0].SecondPercent), 2)
			tax, hasTax = all.Sub(net), true
		}
	}
	return price{net.Round(2), tax.Round(2), hasTax}, hasNet || hasAll
}

var hundred = decimal.NewFromInt(100)

// priced is the one line of a quote of which only the price is known.
func (w row) priced(t *Thing, p price) map[string]any {
	l := map[string]any{"description": firstLine(text(t.Body["description"])), "quantity": "1", "unit_price": p.net.String()}
	if name := text(t.Body["name"]); name != "" {
		l["description"] = name
	}
	switch {
	case p.taxed && !p.net.IsZero():
		w.taxOf(l, p)
	case !p.taxed && len(w.taxes) > 0:
		taxed(l, w.taxes[0])
	}
	return l
}

// taxOf puts the tax of a price on its line. A cent or two that programs round
// differently do not make another rate of one that the business has.
func (w row) taxOf(l map[string]any, p price) {
	off := func(percent decimal.Decimal) decimal.Decimal {
		return p.net.Mul(percent).Shift(-2).Round(2).Sub(p.tax).Abs()
	}
	for _, rate := range w.taxes {
		if off(rate.Percent.Add(rate.SecondPercent)).LessThanOrEqual(decimal.New(2, -2)) && !p.tax.IsZero() {
			taxed(l, rate)
			return
		}
	}
	exact := p.tax.Mul(hundred).DivRound(p.net, 6)
	for digits := range int32(3) {
		if percent := exact.Round(digits); off(percent).IsZero() {
			w.tax(l, percent)
			return
		}
	}
	w.tax(l, exact.Round(3))
}

// taxed puts a tax of the business on a line, with the second one that goes with it.
func taxed(l map[string]any, rate company.TaxRate) {
	if !rate.Percent.IsZero() {
		l["tax_name"], l["tax_percent"] = rate.Name, rate.Percent.String()
	}
	if rate.SecondName != "" {
		l["second_tax_name"], l["second_tax_percent"] = rate.SecondName, rate.SecondPercent.String()
	}
}

// strayLine is a line whose quote does not stand in the file, which is refused.
func (w row) strayLine(k Kind) *Thing {
	number := tidyNumber(w.said("quote-lines.quote"))
	if k != Quotes || w.sheet.Kind != QuoteLines || number != "" && w.quotes[fold(number)] {
		return nil
	}
	t := w.make(QuoteLines)
	if t == nil {
		return nil
	}
	t.Kind, t.Columns["number"] = Quotes, w.sheet.column("quote-lines.quote")
	t.Problems.Add("number", "No quote in this file has the number “"+shorten(number)+"”. Lines come in with their quote: add it to the file, or delete the line.")
	return t
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 500 {
		s = string(r[:500])
	}
	return s
}

// tax puts a tax on a line, under the name that it has here.
func (w row) tax(l map[string]any, percent decimal.Decimal) {
	if percent.IsZero() {
		return
	}
	l["tax_percent"], l["tax_name"] = percent.String(), "Tax"
	for _, rate := range w.taxes {
		if rate.Percent.Equal(percent) {
			taxed(l, rate)
			return
		}
	}
	if len(w.taxes) > 0 {
		l["tax_name"] = w.taxes[0].Name
	}
}

// line is a line of a quote. What cannot be read of it is a problem of the quote.
func (w row) line(of *quoteLines) map[string]any {
	t := w.make(QuoteLines)
	if t == nil {
		return map[string]any{}
	}
	for _, say := range t.Problems {
		of.problems.Add("lines", strings.ToUpper(w.where(*t)[:1])+w.where(*t)[1:]+": "+say)
	}
	l := map[string]any{"quantity": "1"}
	for _, name := range []string{"section", "description", "quantity", "unit_price"} {
		if v := text(t.Body[name]); v != "" {
			l[name] = v
		}
	}
	for name, digits := range map[string]int32{"quantity": 3, "unit_price": 6} { // more are the spreadsheet's
		if n, err := decimal.NewFromString(text(l[name])); err == nil {
			l[name] = n.Round(digits).String()
		}
	}
	if percent, err := decimal.NewFromString(text(t.Body["tax_rate"])); err == nil {
		w.tax(l, percent)
	} else if !w.sheet.has("quote-lines.tax_rate") && len(w.taxes) > 0 {
		taxed(l, w.taxes[0])
	}
	return l
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
		for _, word := range []string{"-", "--", "---", "–", "—", "n/a", "n.a.", "#n/a", "null", "nil", "none", "(none)", "(blank)", "tba", "tbc", "tbd", "unknown", "undefined", "not applicable", "not available", "?"} {
			all[word] = true
		}
		return all
	}()
	nobody = []string{"unassigned", "notassigned", "nobody", "noone", "unallocated"}
	noDate = regexp.MustCompile(`^0+$|^0000|^0?0[-/.]0?0[-/.]|^0?1[-/.]0?1[-/.]0*1(?: |$)|^0001-|^1899-12-3|^1900-01-0[01]|^0?[01][-/.]0?1[-/.]1900`)
)
