package quote

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Line is one priced item. Unit price and total are minor units without tax;
// the price may have parts of one.
type Line struct {
	Section     string          `json:"section,omitempty"`
	Description string          `json:"description"`
	Quantity    decimal.Decimal `json:"quantity"`
	UnitPrice   decimal.Decimal `json:"unit_price"`
	TaxName     string          `json:"tax_name"`
	TaxPercent  decimal.Decimal `json:"tax_percent"`
	// A second tax on the same price; none without a name.
	SecondTaxName    string          `json:"second_tax_name,omitempty"`
	SecondTaxPercent decimal.Decimal `json:"second_tax_percent"`
	// A discount takes its price off what stands above it; its quantity is -1 and
	// it has no tax of its own. One in per cent has its price from Settle.
	Discount        bool            `json:"discount,omitempty"`
	DiscountPercent decimal.Decimal `json:"discount_percent"`

	row int // of the form it was read from, counted from 1; 0 for none
}

// Rate is the tax, or both taxes, that the line carries.
func (l Line) Rate() Rate {
	return Rate{Name: l.TaxName, Percent: l.TaxPercent, SecondName: l.SecondTaxName, SecondPercent: l.SecondTaxPercent}
}

// Total is quantity times price, rounded half up (away from zero for credits).
func (l Line) Total() int64 {
	return l.Quantity.Mul(l.UnitPrice).Round(0).IntPart()
}

const lineColumns = `l.section, l.description, l.quantity, coalesce(l.unit_price_exact, l.unit_price) as unit_price, l.tax_name, l.tax_percent, l.second_tax_name, l.second_tax_percent, l.discount, l.discount_percent`

// MaxLines is how many lines a version has room for.
const MaxLines = 200

const maxAmount = 100_000_000_000 // a billion in most currencies

var (
	maxQuantity = decimal.NewFromInt(999_999)
	maxTotal    = decimal.NewFromInt(100 * maxAmount)
)

// field names a control of the line at place i: line-0-quantity.
func field(i int, name string) string { return "line-" + strconv.Itoa(i) + "-" + name }

// field names a control of the line; i is its place, unless it was read from a
// form, where headings stand between the lines.
func (l Line) field(i int, name string) string {
	if l.row > 0 {
		i = l.Row()
	}
	return field(i, name)
}

// check records problems at the fields of the line at place i.
func (l Line) check(p problem.Set, i int) {
	if l.row > 0 {
		i = l.Row()
	}
	p.Unless(l.Description != "", field(i, "description"), "Describe this line.")
	p.Text(l.Description, field(i, "description"), "description")
	if l.row == 0 { // else its heading was looked at
		p.Name(l.Section, field(i, "section"), "section")
	}
	p.Unless(l.Quantity.Abs().LessThanOrEqual(maxQuantity), field(i, "quantity"), "Enter a quantity below a million.")
	p.Unless(l.Quantity.Equal(l.Quantity.Round(3)), field(i, "quantity"), "Use at most three decimals.")
	p.Unless(l.UnitPrice.Abs().LessThan(decimal.NewFromInt(maxAmount)), field(i, "price"), "Enter a smaller price.")
	if p[field(i, "quantity")] == "" && p[field(i, "price")] == "" {
		p.Unless(l.Quantity.Mul(l.UnitPrice).Abs().LessThan(maxTotal), field(i, "price"), "This line’s total is too large.")
	}
}

// Rate is a tax that a line can carry, or two of them together, each on the
// price alone: "GST 5% + QST 9.975%".
type Rate struct {
	Name          string
	Percent       decimal.Decimal
	SecondName    string // "" for none
	SecondPercent decimal.Decimal
}

// Key names a rate in a form: "10 GST", "5 GST + 9.975 QST".
func (r Rate) Key() string {
	key := r.Percent.String() + " " + r.Name
	if r.SecondName != "" {
		key += " + " + r.SecondPercent.String() + " " + r.SecondName
	}
	return key
}

// Words are the rate as people read it: "GST 10%", or "No tax".
func (r Rate) Words() string {
	if r.Percent.IsZero() && r.SecondName == "" {
		return cmp.Or(r.Name, "No tax")
	}
	words := strings.TrimSpace(r.Name + " " + r.Percent.String() + "%")
	if r.SecondName != "" {
		words += " + " + r.SecondName + " " + r.SecondPercent.String() + "%"
	}
	return words
}

// taxes are the rate's one tax, or its two.
func (r Rate) taxes() []Rate {
	all := []Rate{{Name: r.Name, Percent: r.Percent}}
	if r.SecondName != "" {
		all = append(all, Rate{Name: r.SecondName, Percent: r.SecondPercent})
	}
	return all
}

func rateOf(t company.TaxRate) Rate {
	return Rate{Name: t.Name, Percent: t.Percent, SecondName: t.SecondName, SecondPercent: t.SecondPercent}
}

// Rates are the taxes that a line can carry: those in use, and those on the
// lines already. New lines start with the standard one, which is named by its Key.
func Rates(taxes []company.TaxRate, lines []Line) (rates []Rate, standard string) {
	add := func(rate Rate) {
		if !slices.ContainsFunc(rates, func(r Rate) bool { return r.Key() == rate.Key() }) {
			rates = append(rates, rate)
		}
	}
	for _, t := range taxes {
		if t.Active {
			add(rateOf(t))
		}
		if t.Standard {
			standard = rates[len(rates)-1].Key()
		}
	}
	if len(rates) == 0 {
		add(Rate{Name: "No tax", Percent: decimal.Zero})
	}
	for _, l := range lines {
		if !l.Discount {
			add(l.Rate())
		}
	}
	return rates, cmp.Or(standard, rates[0].Key())
}

// TypedLines are the lines of a quote as its form shows them, headings among them.
func TypedLines(f company.Format, q Quote) []Typed {
	price := f.Price(q.Currency)
	var typed []Typed
	whole := len(q.Lines) // where the discounts on all of it begin
	for whole > 0 && q.Lines[whole-1].Discount && q.Lines[whole-1].Section == "" {
		whole--
	}
	at := 0
	for i, part := range Sections(q.Lines) {
		if part.Name != "" || (i > 0 && !part.Whole) {
			typed = append(typed, Typed{Heading: true, Section: part.Name})
		}
		for _, l := range part.Lines {
			at++
			if l.Discount {
				t := Typed{Discount: OffAmount, Whole: at > whole, Description: l.Description, UnitPrice: price.Write(price.Major(l.UnitPrice))}
				if !l.DiscountPercent.IsZero() {
					t.Discount, t.UnitPrice = OffPercent, f.Quantity().Write(l.DiscountPercent)
				}
				typed = append(typed, t)
				continue
			}
			typed = append(typed, Typed{
				Description: l.Description, Quantity: f.Quantity().Write(l.Quantity), UnitPrice: price.Write(price.Major(l.UnitPrice)),
				Tax: l.Rate().Key(),
			})
		}
	}
	return typed
}

// Typed is a row of the form as the office types it: a line, whose Tax is the
// Key of a rate, or the heading of a section, which holds for the lines below it.
//
// A discount is one of OffPercent and OffAmount, typed as the UnitPrice; it takes
// that off the lines above it in its section, or off the Whole.
type Typed struct {
	Heading                                        bool
	Section, Description, Quantity, UnitPrice, Tax string
	Discount                                       string
	Whole                                          bool
}

// Blank reports whether nothing was typed; a quantity of one is there from the start.
func (t Typed) Blank() bool {
	if t.Heading {
		return t.Section == ""
	}
	if t.Discount != "" {
		return t.UnitPrice == "" && (t.Description == "" || t.Description == DiscountWords)
	}
	return t.Description == "" && t.UnitPrice == "" && (t.Quantity == "" || t.Quantity == "1")
}

// ParseLines turns what was typed into lines, prices in minor units of the currency.
// Each line carries one of the rates. Rows left blank are left out; discounts on
// the whole stand after everything else. What cannot be read is a problem at the
// row's field, and zero in the line.
func ParseLines(f company.Format, typed []Typed, currency string, rates []Rate) ([]Line, problem.Set) {
	p, quantity, price := problem.Set{}, f.Quantity(), f.Price(currency)
	lines, whole := make([]Line, 0, len(typed)), []Line(nil)
	section, unnamed := "", -1
	for i, t := range typed {
		if t.Heading {
			section, unnamed = t.Section, -1
			if t.Section == "" {
				unnamed = i
			}
			p.Name(t.Section, field(i, "section"), "section")
			continue
		}
		if t.Blank() {
			continue
		}
		if unnamed >= 0 && !t.Whole {
			p.Add(field(unnamed, "section"), "Name this section, or remove it.")
		}
		if t.Discount != "" {
			if l := parseDiscount(p, quantity, price, t, i); t.Whole {
				whole = append(whole, l)
			} else {
				l.Section = section
				lines = append(lines, l)
			}
			continue
		}
		l := Line{Section: section, Description: t.Description, row: i + 1}
		count, each := quantity.Read(t.Quantity), price.Read(t.UnitPrice)
		l.Quantity, l.UnitPrice = count.Value, price.Minor(each)
		p.Unless(t.Quantity != "", field(i, "quantity"), "Enter a quantity.")
		p.Unless(count.Problem == "", field(i, "quantity"), count.Problem)
		p.Unless(!l.Quantity.IsZero(), field(i, "quantity"), "Enter a quantity other than 0.")
		p.Unless(t.UnitPrice != "", field(i, "price"), "Enter a price.")
		p.Unless(each.Problem == "", field(i, "price"), each.Problem)
		at := slices.IndexFunc(rates, func(r Rate) bool { return r.Key() == t.Tax })
		if at < 0 {
			p.Add(field(i, "tax"), "Choose a tax rate from the list.")
		} else {
			l.TaxName, l.TaxPercent, l.SecondTaxName, l.SecondTaxPercent = rates[at].Name, rates[at].Percent, rates[at].SecondName, rates[at].SecondPercent
		}
		lines = append(lines, l)
	}
	return Settle(append(lines, whole...)), p
}

// parseDiscount reads a discount; an amount with a per cent sign is one in per cent.
func parseDiscount(p problem.Set, percent, price company.Number, t Typed, i int) Line {
	l := Line{Description: t.Description, Discount: true, Quantity: minusOne, row: i + 1}
	at := field(i, "price")
	p.Unless(t.UnitPrice != "", at, "Enter what comes off.")
	typed, sign := strings.CutSuffix(strings.TrimSpace(t.UnitPrice), "%")
	if typed = strings.TrimSpace(typed); sign || t.Discount == OffPercent {
		off := percent.Read(typed)
		l.DiscountPercent = off.Value
		p.Unless(off.Problem == "", at, off.Problem)
	} else {
		off := price.Read(typed)
		l.UnitPrice = price.Minor(off)
		p.Unless(off.Problem == "", at, off.Problem)
	}
	if l.DiscountPercent.IsZero() && l.UnitPrice.IsZero() {
		p.Add(at, "Enter a quantity other than 0.")
	}
	return l
}

// ReadableLines are the lines among what was typed so far that come to something.
// What a discount cannot take off is in words at its field.
func ReadableLines(f company.Format, typed []Typed, currency string, rates []Rate) ([]Line, problem.Set) {
	described := slices.Clone(typed)
	for i, t := range typed {
		if !t.Blank() {
			described[i].Description = cmp.Or(t.Description, "-")
		}
	}
	lines, p := ParseLines(f, described, currency, rates)
	unreadable := func(l Line) bool {
		return p[l.field(0, "quantity")]+p[l.field(0, "price")]+p[l.field(0, "tax")] != ""
	}
	for {
		lines = Settle(slices.DeleteFunc(lines, unreadable))
		wrong := CheckLines(lines)
		if len(wrong) == 0 {
			return lines, p
		}
		if p.Join(wrong); !slices.ContainsFunc(lines, unreadable) {
			return lines, p
		}
	}
}

// TaxSum is the tax of one rate.
type TaxSum struct {
	Name    string
	Percent decimal.Decimal
	Tax     int64
}

// Words are the rate as people read it: "GST 10%".
func (t TaxSum) Words() string { return Rate{Name: t.Name, Percent: t.Percent}.Words() }

// Totals are what a quote comes to, in minor units.
type Totals struct {
	Net   int64
	Taxes []TaxSum // in the order in which the rates first appear
	Tax   int64
	Gross int64
}

// Sum adds lines up. Tax is computed once per rate, on the sum of its lines,
// and rounded half up.
func Sum(lines []Line) Totals {
	var t Totals
	net := map[string]int64{}
	for _, s := range slices.Concat(shares(lines)...) {
		for _, tax := range s.rate.taxes() {
			if _, known := net[tax.Key()]; !known {
				t.Taxes = append(t.Taxes, TaxSum{Name: tax.Name, Percent: tax.Percent})
			}
			net[tax.Key()] += s.net
		}
	}
	for _, l := range lines {
		t.Net += l.Total()
	}
	for i, rate := range t.Taxes {
		key := Rate{Name: rate.Name, Percent: rate.Percent}.Key()
		t.Taxes[i].Tax = decimal.NewFromInt(net[key]).Mul(rate.Percent).Shift(-2).Round(0).IntPart()
		t.Tax += t.Taxes[i].Tax
	}
	t.Gross = t.Net + t.Tax
	return t
}

// setLines writes lines into the quote's unsent version, making one if the newest
// has been sent.
func setLines(ctx context.Context, tx postgres.Tx, q Quote, lines []Line) error {
	sum := Sum(lines)
	var version int64
	err := tx.QueryRow(ctx, `
		insert into quote_versions (customer_id, quote_id, number, net, tax, total)
		values (@customer, @quote, @number, @net, @tax, @total)
		on conflict (quote_id, number) do update set net = excluded.net, tax = excluded.tax, total = excluded.total where quote_versions.sent_at is null
		returning id`,
		pgx.NamedArgs{"customer": q.CustomerID, "quote": q.ID, "number": q.SentVersion + 1, "net": sum.Net, "tax": sum.Tax, "total": sum.Gross}).Scan(&version)
	if err != nil {
		return fmt.Errorf("price quote: %w", err)
	}
	return setVersionLines(ctx, tx, q.CustomerID, version, lines)
}

// setVersionLines replaces the lines of a version.
func setVersionLines(ctx context.Context, tx postgres.Tx, customer, version int64, lines []Line) error {
	if _, err := tx.Exec(ctx, `delete from quote_lines where version_id = $1`, version); err != nil {
		return fmt.Errorf("price quote: %w", err)
	}
	for i, l := range lines {
		_, err := tx.Exec(ctx, `
			insert into quote_lines (customer_id, version_id, position, section, description, quantity, unit_price, unit_price_exact, tax_name, tax_percent, second_tax_name, second_tax_percent, discount, discount_percent, line_total)
			values (@customer, @version, @position, @section, @description, @quantity, round(@price::numeric), nullif(@price::numeric, round(@price::numeric)), @tax, @percent, @second, @second_percent, @discount, @off, @total)`,
			pgx.NamedArgs{
				"customer": customer, "version": version, "position": i + 1, "section": l.Section, "description": l.Description, "quantity": l.Quantity,
				"price": l.UnitPrice, "tax": l.TaxName, "percent": l.TaxPercent, "second": l.SecondTaxName, "second_percent": l.SecondTaxPercent,
				"discount": l.Discount, "off": l.DiscountPercent, "total": l.Total(),
			})
		if err != nil {
			return fmt.Errorf("price quote: %w", err)
		}
	}
	return nil
}
