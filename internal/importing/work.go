package importing

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
)

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

// workOf are customer and site of a job or quote.
func (w row) workOf(k Kind) (customer, site string) {
	kind := string(k)
	customer, site = oneLine(w.said(Target(kind+".customer"))), oneLine(w.said(Target(kind+".site")))
	named := site != ""
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
		line2 := oneLine(w.said(Target(kind + ".site_address.line2")))
		if whole := w.said(Target(kind + ".site_address.whole")); whole != "" && line1 == "" {
			parts := splitAddress(whole)
			line1, line2 = parts["line1"], parts["line2"]
		}
		name, known := w.places[fold(customer)+"\n"+fold(line1)]
		if site = name; !known && !named { // where the work was stays known
			site = strings.Trim(line1+", "+line2, ", ") // a unit by itself may stand in two streets
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
		Columns: map[string]int{"customer": max(0, w.sheet.column(Target(string(k)+".customer")))},
	}
	w.nameColumn(t, Target(string(k)+".site"), Target(string(k)+".site_address.line1"), Target(string(k)+".site_address.whole"))
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
	t := w.ofKind(k)
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
// name, what was done, what sort of work it is, or else its number.
func (w row) describe(t *Thing) {
	for _, name := range []string{"name", "work_undertaken", "type", "job_type"} {
		if text(t.Body["description"]) != "" {
			break
		}
		t.Body["description"] = t.Body[name]
	}
	if number := text(t.Body["number"]); text(t.Body["description"]) == "" && number != "" {
		t.Body["description"] = map[Kind]string{Quotes: "Quote ", Jobs: "Job "}[t.Kind] + number
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
	if status == "" && t.Problems["status"] == "" && t.Body["completed_at"] != nil { // some files say it by the day alone
		status = job.Completed
		t.Body["status"] = string(status)
	}
	if status == job.Unscheduled && t.Body["booked_from"] != nil && w.vague() {
		status = job.Booked // it has a date
		t.Body["status"] = string(status)
	}
	if status == job.Booked && t.Body["booked_from"] == nil {
		status = job.Unscheduled // without a date nothing is booked
		t.Body["status"] = string(status)
	}
	if status != "" && !status.Scheduled() { // has no date, whatever stands beside it
		if t.Body["booked_from"] != nil {
			t.Left.Add("booked_from", "A job that is "+status.Label()+" has no booking, so this date is left out.")
		}
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

// vague reports whether the status of the row's job only says here that it has no date,
// and not in the words of its program, nor of whoever chose what they mean.
func (w row) vague() bool {
	word := w.said("jobs.status")
	chosen, is := w.mapping.Values["jobs.status"][word]
	return Dateless(word) && (!is || chosen == Mapping{}.Means(w.choices, byTarget["jobs.status"], word))
}

// Dateless reports whether a word for jobs without a date also stands at those that have
// one, as Active does: with a date they are booked.
func Dateless(word string) bool {
	key := compact(word)
	return statusWords[Jobs][key] == string(job.Unscheduled) && !strings.Contains(key, "schedul") && !strings.Contains(key, "book") && !strings.Contains(key, "assigned")
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
	t.Problems.Add("number", "No quote in this file has the number “"+shorten(number)+"”. Lines are imported with their quote: add it to the file, or delete the line.")
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
