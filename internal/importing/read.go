package importing

import (
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
	// sites are customers of the file that are sites of another, by their name.
	sites map[string]string
	// places are the names of sites by customer and first line of the address.
	places map[string]string
	lines  map[string][]map[string]any // of quotes, by their number
	seen   map[string]string           // what was made already, by kind and name
	emails map[string]twin
	// owns are the tables of an export of everything, by their place; nil for others.
	owns      []*own
	ownFormat company.Format
}

type twin struct{ name, at string }

// NewReader is a Reader of a file.
func NewReader(tables []Table, m Mapping, c Choices, taxes []company.TaxRate, f company.Format, source string) *Reader {
	r := &Reader{
		tables: tables, mapping: m, choices: c, taxes: taxes, format: f, usual: UsualOf(f.Locale), source: source, orders: map[[2]int]sheet.Order{}, points: map[[2]int]sheet.Point{},
		sites: map[string]string{}, places: map[string]string{}, lines: map[string][]map[string]any{}, seen: map[string]string{}, emails: map[string]twin{},
	}
	r.ownFormat, r.owns = ownFormat(f, m.Zone), make([]*own, len(m.Sheets))
	for i, s := range m.Sheets {
		if s.Own {
			if !s.Skip {
				r.owns[i] = newOwn(tables[i], s)
			}
			continue
		}
		for c := range s.Columns {
			r.orders[[2]int{i, c}], r.points[[2]int{i, c}] = r.orderOf(i, c), r.pointOf(i, c)
		}
	}
	return r
}

func (r *Reader) survey(table, column int) sheet.Column {
	if s := r.tables[table].Survey.Columns; column < len(s) {
		return s[column]
	}
	return sheet.Column{}
}

func (r *Reader) orderOf(table, column int) sheet.Order {
	if o := r.mapping.Sheets[table].Orders[column]; o != "" {
		return o
	}
	o, _, _ := r.survey(table, column).Order(r.usual.Order)
	return o
}

func (r *Reader) pointOf(table, column int) sheet.Point {
	if p := r.mapping.Sheets[table].Points[column]; p != "" {
		return p
	}
	p, _, _ := r.survey(table, column).Point(r.usual.Point)
	return p
}

// Know tells the reader of a site that is there already, so that jobs find it by
// its address.
func (r *Reader) Know(customer, site, line1 string) {
	if line1 != "" {
		r.places[fold(customer)+"\n"+fold(line1)] = site
	}
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// row is a row that is being read.
type row struct {
	*Reader
	table int
	sheet SheetMapping
	sheet.Row
}

// Look goes through a row before any is read: which customers are sites of
// another, where sites are, which lines quotes have.
func (r *Reader) Look(table int, in sheet.Row) {
	w := row{r, table, r.mapping.Sheets[table], in}
	if w.sheet.Skip {
		return
	}
	if o := r.owns[table]; o != nil {
		o.look(in)
		return
	}
	if s := w.site(); s != nil && s.Problems.Err() == nil {
		name, customer := text(s.Body["name"]), text(s.Body["customer"])
		if w.sheet.Kind == Customers && w.folded() {
			r.sites[fold(name)] = customer
		}
		if a, ok := s.Body["address"].(map[string]any); ok {
			r.Know(customer, name, text(a["line1"]))
			r.Know(w.said("customers.name"), name, text(a["line1"]))
		}
	}
	if w.sheet.Kind == QuoteLines {
		if number := w.said("quote-lines.quote"); number != "" {
			r.lines[fold(number)] = append(r.lines[fold(number)], w.line())
		}
	}
}

// Made are the things that the mapping adds: job types and members of staff who
// are named and not there.
func (r *Reader) Made(k Kind) (all []Thing) {
	if k != JobTypes && k != Staff {
		return nil
	}
	seen := map[string]bool{}
	if k == JobTypes && r.mapping.Typeless(r.tables) {
		name := r.mapping.TypeOfOthers()
		seen[fold(name)] = true
		if !slices.ContainsFunc(r.choices.JobTypes, func(t string) bool { return fold(t) == fold(name) }) {
			all = append(all, Thing{Kind: k, Sheet: -1, Body: map[string]any{"name": name}, Mode: Missing})
		}
	}
	for i, s := range r.mapping.Sheets {
		if s.Skip || s.Own {
			continue
		}
		for c, t := range s.Columns {
			f, ok := FieldFor(t)
			if !ok || !f.Makes() || refersTo(f) != k {
				continue
			}
			for _, v := range r.survey(i, c).Values {
				for _, word := range words(f, v.Text) {
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

// words are the single words of a value: several people may stand in one cell.
func words(f Field, value string) []string {
	if f.Sort != People {
		return []string{value}
	}
	var all []string
	for _, w := range several.Split(value, -1) {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

var several = regexp.MustCompile(`[,;/&\n]| and `)

// Things are the things of a kind that a row makes. What the same file has made
// already is not made again.
func (r *Reader) Things(k Kind, table int, in sheet.Row) (all []Thing) {
	w := row{r, table, r.mapping.Sheets[table], in}
	if w.sheet.Own || w.sheet.Skip || w.skipped() {
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
		all = append(all, some(w.work(k))...)
	}
	return slices.DeleteFunc(all, r.again)
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
func (r *Reader) again(t Thing) bool {
	if t.Problems.Err() != nil || t.Kind == Time || t.Kind == Tasks {
		return false
	}
	name := t.External
	if name == "" {
		name = text(t.Body["customer"]) + "\n" + text(t.Body["number"]) + "\n" + text(t.Body["name"]) + "\n" + text(t.Body["email"])
	}
	at := string(t.Kind) + "\n" + fold(name)
	body, err := json.Marshal(t.Body)
	if err != nil {
		return false
	}
	before, known := r.seen[at]
	if !known {
		sum := sha256.Sum256(body)
		r.seen[at] = string(sum[:])
		return false
	}
	sum := sha256.Sum256(body)
	return t.Mode == Missing || before == string(sum[:])
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
	put := func(v any) { set(t.Body, f.Name, v) }
	order, point := w.orders[[2]int{w.table, column}], w.points[[2]int{w.table, column}]
	switch f.Sort {
	case Words, Reference:
		put(strings.Join(strings.Fields(c.Text), " "))
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
		if n, ok := w.number(c, point); ok {
			put(n)
		} else {
			t.Problems.Add(f.Name, "“"+shorten(c.Text)+"” is not a number.")
		}
	case Truth:
		if yes, ok := sheet.ReadBool(c.Text); ok {
			put(yes)
		} else if _, ok := readDay(c, order); ok && f.Name != "skip" {
			put(true) // the day on which it was done, or archived
		} else {
			t.Problems.Add(f.Name, "“"+shorten(c.Text)+"” is neither Yes nor No.")
		}
	case Choice, People:
		w.choose(t, f, c.Text)
	}
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

// choose finds what words mean in a field.
func (w row) choose(t *Thing, f Field, value string) {
	var chosen []string
	for _, word := range words(f, value) {
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
// counts days by.
func readDay(c sheet.Cell, order sheet.Order) (sheet.When, bool) {
	if c.Kind == sheet.Number {
		if n, err := strconv.ParseFloat(c.Text, 64); err == nil && n > 20_000 && n < 80_000 {
			t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(n * 24 * float64(time.Hour))).Round(time.Minute)
			return sheet.When{Day: day.Of(t, time.UTC), Hour: t.Hour(), Minute: t.Minute(), Timed: n != float64(int(n))}, true
		}
	}
	return order.Read(c.Text)
}

// number reads a number; a time such as 1:30 is so many hours.
func (w row) number(c sheet.Cell, p sheet.Point) (string, bool) {
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
	return p.Read(c.Text)
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
		return oneLine(w.said("sites.customer"))
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
	t.External = w.external(own, text(t.Body["customer"]), text(t.Body["name"]))
	return t
}

// foldedSite is the site that a customer with a billing customer is.
func (w row) foldedSite(t *Thing) *Thing {
	c := w.make(Customers)
	if t == nil {
		t = &Thing{Kind: Sites, Sheet: w.table, Line: w.Line, Body: map[string]any{}, Columns: map[string]int{}, Problems: problem.Set{}}
	}
	t.Body["customer"], t.Body["name"] = oneLine(w.said("sites.customer")), w.customerName()
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
	email := firstEmail(text(t.Body["email"]))
	if t.Body["email"] != nil {
		t.Body["email"] = email
	}
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
	} else if of, ok := w.sites[fold(text(t.Body["customer"]))]; ok {
		t.Body["customer"] = of // somebody at a site
	}
	called := email
	if called == "" {
		called = text(t.Body["name"])
	}
	t.External = w.external(own, text(t.Body["customer"]), called)
	return w.judgeTwin(t, own)
}

// firstEmail is the first of several addresses in a cell.
func firstEmail(s string) string {
	first := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' })
	if len(first) == 0 {
		return ""
	}
	return first[0]
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
	if !known {
		w.emails[at] = twin{name, "in line " + itoa(w.Line) + " of “" + w.tables[w.table].Name + "”"}
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
		t.Problems.Add("email", first.name+" "+first.at+" has this address at the same customer, too. Choose above what becomes of the two.")
	}
	return t
}

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
	if of, ok := w.sites[fold(text(t.Body["customer"]))]; ok {
		t.Body["site"], t.Body["customer"] = t.Body["customer"], of
		t.Columns["site"] = t.Columns["customer"]
	}
	if text(t.Body["name"]) == "" {
		t.Body["name"] = strings.TrimSpace(strings.Join([]string{text(t.Body["type"]), text(t.Body["make"]), text(t.Body["model"])}, " "))
		t.Body["name"] = oneLine(text(t.Body["name"]))
		w.nameColumn(t, "equipment.name", "equipment.type")
	}
	if text(t.Body["type"]) == "" {
		t.Body["type"] = t.Body["name"]
	}
	called := text(t.Body["number"])
	if called == "" {
		called = text(t.Body["serial_number"])
	}
	if called == "" {
		called = text(t.Body["name"])
	}
	t.External = w.external(own, text(t.Body["customer"]), called)
}

// workOf are customer and site of a job or quote.
func (w row) workOf(k Kind) (customer, site string) {
	kind := string(k)
	customer, site = oneLine(w.said(Target(kind+".customer"))), oneLine(w.said(Target(kind+".site")))
	if of, ok := w.sites[fold(customer)]; ok && (site == "" || fold(site) == fold(customer)) {
		return of, customer
	}
	switch {
	case customer == "":
		if of, ok := w.sites[fold(site)]; ok {
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
	if text(t.Body["description"]) == "" {
		t.Body["description"] = t.Body["name"]
	}
	if t.Body["name"] == t.Body["description"] {
		delete(t.Body, "name")
	}
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
		t.Body["equipment"] = words(Field{Sort: People}, e)
	}
	if t.Body["status"] == "booked" && t.Body["booked_from"] == nil {
		t.Body["status"] = "unscheduled" // without a date nothing is booked
	}
}

func (w row) quote(t *Thing) {
	delete(t.Body, "accepted_at")
	total, tax := t.take("total_ex_tax"), t.take("total_tax")
	if lines, ok := w.lines[fold(text(t.Body["number"]))]; ok && text(t.Body["number"]) != "" {
		t.Body["lines"] = lines
		return
	}
	price, err := decimal.NewFromString(total)
	if err != nil {
		return
	}
	l := map[string]any{"description": firstLine(text(t.Body["description"])), "quantity": "1", "unit_price": price.String()}
	if name := text(t.Body["name"]); name != "" {
		l["description"] = name
	}
	if amount, err := decimal.NewFromString(tax); err == nil && !price.IsZero() {
		w.tax(l, amount.Mul(decimal.NewFromInt(100)).Div(price).Round(1))
	} else if len(w.taxes) > 0 {
		w.tax(l, w.taxes[0].Percent)
	}
	t.Body["lines"] = []map[string]any{l}
	t.Columns["lines"] = w.sheet.column("quotes.total_ex_tax")
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
			l["tax_name"] = rate.Name
			return
		}
	}
	if len(w.taxes) > 0 {
		l["tax_name"] = w.taxes[0].Name
	}
}

// line is a line of a quote.
func (w row) line() map[string]any {
	t := w.make(QuoteLines)
	if t == nil {
		return map[string]any{}
	}
	l := map[string]any{"quantity": "1"}
	for _, name := range []string{"section", "description", "quantity", "unit_price"} {
		if v := text(t.Body[name]); v != "" {
			l[name] = v
		}
	}
	if percent, err := decimal.NewFromString(text(t.Body["tax_rate"])); err == nil {
		w.tax(l, percent)
	} else if !w.sheet.has("quote-lines.tax_rate") && len(w.taxes) > 0 {
		w.tax(l, w.taxes[0].Percent)
	}
	return l
}

// WordsOf are the single words of a value of a field.
func WordsOf(f Field, value string) []string { return words(f, value) }
