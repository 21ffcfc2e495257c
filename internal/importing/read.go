package importing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/company"
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
	Left     problem.Set    // what stays out although all else comes in, by field
	Twin     string         // the contact of the same address that came before

	// Beside says that it is a customer, or stands in the row of its own.
	Beside bool
	// Doubt says that another thing of its kind has its name in the file, and is most
	// likely another: what names it may mean either.
	Doubt bool
	// Twin of another row, when the file was sent first: the field in which the two are
	// alike, "" for none.
	TwinOf string

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
	// places are the names of sites by customer and first line of the address; "" is
	// where the customer is.
	places   map[string]string
	lines    map[string]*quoteLines // of quotes, by their number
	quotes   map[string]bool        // the numbers of quotes in the file
	stages   map[int]string         // the number of the quote whose sections a table is at
	seen     map[string]seen        // what was made already, by kind and name
	emails   map[string]twin
	problems map[RowAt]string    // what was wrong with rows when they were sent before
	here     map[string][]string // the names of contacts that are here, by customer and address
	cells    map[[2]int]*cells   // of columns that name what can be made
	typeless bool                // a job has no type
	units    []unit
	shared   map[unit]bool // numbers that a customer's equipment has at several sites
	fields   [][]Field     // of the columns of each table
	makers   [][]int       // columns that name what can be made
	// owns are the tables of an export of everything, by their place; nil for others.
	owns      []*own
	ownFormat company.Format
}

type twin struct{ name, at string }

// seen is a thing that the file has said before.
type seen struct {
	sum   [sha256.Size]byte
	where string
	body  map[string]any
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
		emails: map[string]twin{}, problems: map[RowAt]string{}, here: map[string][]string{}, cells: map[[2]int]*cells{},
		fields: make([][]Field, len(m.Sheets)), makers: make([][]int, len(m.Sheets)),
	}
	r.ownFormat, r.owns = ownFormat(f, m.Zone), make([]*own, len(m.Sheets))
	for i, s := range m.Sheets {
		if s.Own {
			if !s.Skip {
				r.owns[i] = newOwn(tables[i], s)
			}
			continue
		}
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

// knowPlace tells the reader of a site, so that jobs find it by its address.
func (r *Reader) knowPlace(customer, site, line1 string) {
	if line1 != "" {
		r.places[fold(customer)+"\n"+fold(line1)] = site
	}
}

// knowHome tells the reader where a customer is, so that work there is at no site.
func (r *Reader) knowHome(customer, line1 string) {
	if at := fold(customer) + "\n" + fold(line1); line1 != "" && r.places[at] == "" {
		r.places[at] = ""
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
	if o := r.owns[table]; o != nil {
		o.look(in)
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
			w.lookAtHome()
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

// lookAtHome notes where the row's customer is.
func (w row) lookAtHome() {
	t := w.make(Customers)
	if t == nil {
		return
	}
	if a, ok := t.Body["street"].(map[string]any); ok {
		w.knowHome(w.customerRef(), text(a["line1"]))
		w.knowHome(w.customerName(), text(a["line1"]))
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
		if s.Skip || s.Own {
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

// Things are the things of a kind that a row makes. What the same file has made
// already is not made again.
func (r *Reader) Things(k Kind, table int, in sheet.Row) (all []Thing) {
	w := r.row(table, in)
	if w.sheet.Own || w.sheet.Skip || w.skipped() {
		return nil
	}
	if column := slices.Index(w.sheet.Heads, ProblemHead); column >= 0 && w.at(column).Filled() {
		r.problems[RowAt{table, in.Line}] = w.at(column).Text
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
	fresh := all[:0]
	for i := range all {
		if !r.again(&all[i]) {
			fresh = append(fresh, all[i])
		}
	}
	return fresh
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
	if t.Kind == Time || t.Kind == Tasks {
		return false
	}
	t.TwinOf = r.wasTwin(*t)
	number, field := "", "number"
	switch t.Kind {
	case Jobs, Quotes:
		number = text(t.Body["number"])
	case Equipment:
		if _, own := t.Columns["external_id"]; text(t.Body["number"]) == "" && !own {
			field = "serial_number"
		}
		if n := text(t.Body[field]); n != "" {
			number = text(t.Body["customer"]) + "\n" + field + "\n" + n
		}
	default:
	}
	if t.Problems.Err() != nil && number == "" {
		return false
	}
	name := cmp.Or(number, t.External, t.called)
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
	case number != "": // the second would replace the first, or take its place when that is refused
		t.Problems.Add(field, strings.ToUpper(before.where[:1])+before.where[1:]+twinSays[field]+map[string]string{"number": " Give one of the two another number, or delete one.", "serial_number": " Correct one of the two, or delete one."}[field])
	case t.called != "" && apartFrom(before.body, t.Body):
		t.Problems.Add("name", strings.ToUpper(before.where[:1])+before.where[1:]+twinSays["name"]+" If this is another "+t.Kind.One()+", give it a name of its own, such as with the suburb. If it is the same, make the two rows alike or delete one.")
		t.Doubt = true
	case t.Kind == Customers || t.Kind == Sites || t.Kind == Contacts:
		t.Mode = Blanks // what was said first stays
	}
	return false
}

// RowAt is a row of a table.
type RowAt struct{ Table, Line int }

// Row is where the thing stands in the file.
func (t Thing) Row() RowAt { return RowAt{t.Sheet, t.Line} }

// twinSays is how a problem goes on that names another row of which this one is a twin.
var twinSays = map[string]string{
	"name": " has the same name and another address.", "number": " has this number, too.", "serial_number": " has this serial number at the same customer, too.",
}

// twinFields are the fields in which things of a kind can be twins.
var twinFields = map[Kind][]string{Customers: {"name"}, Sites: {"name"}, Equipment: {"number", "serial_number"}, Quotes: {"number"}, Jobs: {"number"}}

// wasTwin is the field for which the row of a thing was refused when it was sent
// before, by what the file of refused rows says there.
func (r *Reader) wasTwin(t Thing) string {
	if t.Sheet < 0 || t.Line == 0 {
		return ""
	}
	said := r.problems[t.Row()]
	for _, field := range twinFields[t.Kind] {
		if strings.Contains(said, twinSays[field]) {
			return field
		}
	}
	return ""
}

// StillTwin is what is said of a thing that was refused as a twin, and would change
// the other one now.
func (t Thing) StillTwin() problem.Set {
	switch t.TwinOf {
	case "":
		return nil
	case "name":
		return problem.Set{"name": "A " + t.Kind.One() + " of this name has been imported since. If this is another one, give it a name of its own, such as with the suburb. If it is the same, delete the row."}
	}
	return problem.Set{t.TwinOf: "This is still the number of another " + t.Kind.One() + ". Give this one another number, or delete the row."}
}

// where says where a thing stands.
func (r *Reader) where(t Thing) string {
	if len(r.tables) == 1 {
		return "row " + itoa(t.Line)
	}
	return "row " + itoa(t.Line) + " of “" + r.tables[t.Sheet].Name + "”"
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
	t := &Thing{Kind: k, Sheet: w.table, Line: w.Line, Body: map[string]any{}, Columns: map[string]int{}, Problems: problem.Set{}, Left: problem.Set{}}
	for column, f := range w.fields[w.table] {
		if f.Kind == k && w.at(column).Filled() {
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
			return oneLine(w.said("customers.first_name") + " " + s)
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
	t.Beside = true
	t.take("jobber_id")
	t.take("first_name")
	t.take("external_id")
	w.keepEmails(t, "customers.email")
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
		t.Body["customer"], t.Beside = w.customerRef(), true
		if text(t.Body["name"]) == "" && len(address) == 0 {
			return nil
		}
		if id := w.said("customers.jobber_id"); own == "" && strings.Contains(id, "_") { // else it is the client's alone, who may have several
			own = id
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
	w.keepEmails(t, "contacts.email")
	email := text(t.Body["email"])
	if w.sheet.Kind == Customers {
		if text(t.Body["name"]) == "" && email == "" {
			return nil
		}
		t.Body["customer"], t.Beside = w.customerRef(), !w.folded()
		if text(t.Body["name"]) == "" {
			t.Body["name"] = w.customerName()
		}
		for own, of := range map[string]Target{"email": "customers.email", "phone": "customers.phone", "mobile": "customers.mobile"} {
			if s := w.said(of); s != "" && t.Body[own] == nil && !w.sheet.has(Target("contacts."+own)) && !shortened.MatchString(s) {
				t.Columns[own] = w.sheet.column(of)
				if own == "email" {
					t.Body[own] = firstEmail(s)
					continue
				}
				for name, number := range w.phones(byTarget[of], w.at(t.Columns[own])) {
					t.Body[name] = number
				}
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

// ofKind is a thing of a kind as make reads it, in a table of that kind; nil in others.
func (w row) ofKind(k Kind) *Thing {
	if w.sheet.Kind != k {
		return nil
	}
	return w.make(k)
}

// plain is a thing of a kind that stands in tables of its own.
func (w row) plain(k Kind) *Thing {
	t := w.ofKind(k)
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
