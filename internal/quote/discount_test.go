package quote_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fieldgate/internal/problem"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// off takes an amount off, percent some per cent.
func off(amount int64) quote.Line {
	return quote.Line{Description: "Discount", Discount: true, Quantity: decimal.NewFromInt(-1), UnitPrice: decimal.NewFromInt(amount)}
}

func percent(n string) quote.Line {
	return quote.Line{Description: "Discount", Discount: true, DiscountPercent: decimal.RequireFromString(n)}
}

func in(section string, l quote.Line) quote.Line {
	l.Section = section
	return l
}

func TestDiscounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		lines    []quote.Line
		net, tax int64
	}{
		{"an amount", []quote.Line{line("1", 1000, "10"), off(100)}, 900, 90},
		{"half a cent of per cent goes up", []quote.Line{line("1", 5, "0"), percent("10")}, 4, 0},
		{"below half a cent goes down", []quote.Line{line("1", 4, "0"), percent("10")}, 4, 0},
		{"parts of a per cent", []quote.Line{line("1", 100000, "0"), percent("2.125")}, 97875, 0},
		{"over two rates, the last cent where most was lost", []quote.Line{line("1", 100, "10"), line("1", 200, "20"), off(100)}, 200, 34},
		{"of two alike to the first", []quote.Line{line("1", 5, "10"), line("1", 5, "20"), off(1)}, 9, 1},
		{"of two alike to the first, the other way round", []quote.Line{line("1", 5, "20"), line("1", 5, "10"), off(1)}, 9, 2},
		{"over three rates, two cents left", []quote.Line{line("1", 100, "0"), line("1", 100, "10"), line("1", 100, "20"), off(200)}, 100, 3 + 7},
		{"all of it", []quote.Line{line("1", 333, "10"), line("1", 334, "20"), percent("100")}, 0, 0},
		{"all of it as an amount", []quote.Line{line("1", 333, "10"), line("1", 334, "20"), off(667)}, 0, 0},
		{"one after another", []quote.Line{line("1", 1000, "10"), percent("10"), percent("10")}, 810, 81},
		{"only what stands above", []quote.Line{line("1", 1000, "10"), percent("50"), line("1", 1000, "10")}, 1500, 150},
		{"a section only", []quote.Line{in("Roof", line("1", 1000, "10")), in("Roof", percent("50")), in("Cellar", line("1", 1000, "20"))}, 1500, 250},
		{"the section it stands in", []quote.Line{in("Roof", line("1", 1000, "10")), in("Cellar", line("1", 1000, "20")), in("Cellar", off(500))}, 1500, 200},
		{"the whole after a section's own", []quote.Line{in("Roof", line("1", 1000, "10")), in("Roof", percent("50")), in("Cellar", line("1", 1000, "20")), percent("10")}, 1350, 225},
		{"two taxes", []quote.Line{taxed("1", "10000", "5", "9.975"), percent("10")}, 9000, 450 + 898},
		{"a credit keeps its part", []quote.Line{line("1", 1000, "10"), line("-1", 200, "20"), percent("50")}, 400, 30},
		{"large", []quote.Line{line("100", 99_999_999_999, "10"), line("1", 1, "20"), off(99_999_999_999)}, 9_900_000_000_000 - 99 + 2 - 1, 990_000_000_000 - 10},
	} {
		lines := quote.Settle(tt.lines)
		if p := quote.CheckLines(lines); len(p) > 0 {
			t.Errorf("%s: %v", tt.name, p)
		}
		got := quote.Sum(lines)
		if got.Net != tt.net || got.Tax != tt.tax || got.Gross != tt.net+tt.tax {
			t.Errorf("%s: %d + %d = %d; want %d + %d", tt.name, got.Net, got.Tax, got.Gross, tt.net, tt.tax)
		}
	}
}

// Whatever is spread over the rates is, in sum, what the discount takes off.
func TestDiscountsTakeOffWhatTheySay(t *testing.T) {
	t.Parallel()
	for amount := int64(1); amount <= 601; amount += 7 {
		lines := []quote.Line{line("1", 100, "100"), line("3", 67, "100"), line("1", 300, "100")}
		lines[1].TaxName, lines[2].TaxName = "B", "C" // each taxes all of its net
		sum := quote.Sum(append(lines, off(amount)))
		if sum.Net != 601-amount || sum.Tax != sum.Net {
			t.Errorf("%d off 601 leaves %d, of which %d is taxed", amount, sum.Net, sum.Tax)
		}
	}
}

func TestDiscountsRefused(t *testing.T) {
	t.Parallel()
	fan := line("1", 1000, "10")
	for _, tt := range []struct {
		name  string
		lines []quote.Line
		field string
	}{
		{"above 100 per cent", []quote.Line{fan, percent("100.001")}, "line-1-price"},
		{"below nothing", []quote.Line{fan, percent("-5")}, "line-1-price"},
		{"too many decimals", []quote.Line{fan, percent("1.2345")}, "line-1-price"},
		{"more than the sum", []quote.Line{fan, off(1001)}, "line-1-price"},
		{"more than an earlier one leaves", []quote.Line{fan, percent("50"), off(501)}, "line-2-price"},
		{"more than its section", []quote.Line{fan, in("Roof", fan), in("Roof", off(1001))}, "line-2-price"},
		{"nothing above", []quote.Line{percent("10"), fan}, "line-0-price"},
		{"nothing above in its section", []quote.Line{fan, in("Roof", percent("10"))}, "line-1-price"},
		{"nothing at all", []quote.Line{fan, off(0)}, "line-1-price"},
		{"a negative amount", []quote.Line{fan, off(-5)}, "line-1-price"},
		{"without words", []quote.Line{fan, {Discount: true, DiscountPercent: decimal.NewFromInt(5)}}, "line-1-description"},
		{"credits above all else", []quote.Line{fan, line("-1", 2000, "10")}, "lines"},
	} {
		if p := quote.CheckLines(tt.lines); len(p) != 1 || p[tt.field] == "" {
			t.Errorf("%s: %v, want one at %s", tt.name, p, tt.field)
		}
	}
}

func TestDiscountsAsTyped(t *testing.T) {
	t.Parallel()
	rates := []quote.Rate{{Name: "GST", Percent: decimal.NewFromInt(10)}}
	fan := quote.Typed{Description: "Fan", Quantity: "1", UnitPrice: "100", Tax: "10 GST"}
	less := func(kind, typed string, whole bool) quote.Typed {
		return quote.Typed{Discount: kind, Description: "Less", UnitPrice: typed, Whole: whole}
	}
	roof, cellar := quote.Typed{Heading: true, Section: "Roof"}, quote.Typed{Heading: true, Section: "Cellar"}
	for _, tt := range []struct {
		name  string
		typed []quote.Typed
		want  string // section/description/total
		wrong string
	}{
		{"per cent", []quote.Typed{fan, less("percent", "10", false)}, "/Fan/10000 /Less/-1000", ""},
		{"per cent with its sign", []quote.Typed{fan, less("amount", "12.5 %", false)}, "/Fan/10000 /Less/-1250", ""},
		{"an amount", []quote.Typed{fan, less("amount", "$12.50", false)}, "/Fan/10000 /Less/-1250", ""},
		{"in its section", []quote.Typed{roof, fan, less("percent", "10", false), cellar, fan}, "Roof/Fan/10000 Roof/Less/-1000 Cellar/Fan/10000", ""},
		{"the whole, wherever it stands", []quote.Typed{roof, less("percent", "10", true), fan, cellar, fan}, "Roof/Fan/10000 Cellar/Fan/10000 /Less/-2000", ""},
		{"nonsense", []quote.Typed{fan, less("percent", "much", false)}, "/Fan/10000 /Less/0", "line-1-price"},
		{"too much", []quote.Typed{fan, less("amount", "100.01", false)}, "/Fan/10000 /Less/-10001", "line-1-price"},
		{"nothing", []quote.Typed{fan, less("amount", "0", false)}, "/Fan/10000 /Less/0", "line-1-price"},
		{"left blank", []quote.Typed{fan, {Discount: "percent", Description: quote.DiscountWords}}, "/Fan/10000", ""},
		{"below a section without a name", []quote.Typed{fan, {Heading: true}, less("amount", "5", false)}, "/Fan/10000 /Less/-500", "line-1-section"},
	} {
		lines, p := quote.ParseLines(company.Format{}, tt.typed, "AUD", rates)
		p.Join(quote.CheckLines(lines))
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprintf("%s/%s/%d", l.Section, l.Description, l.Total()))
		}
		if strings.Join(got, " ") != tt.want || (tt.wrong == "") != (len(p) == 0) || (tt.wrong != "" && p[tt.wrong] == "") {
			t.Errorf("%s: %q and %v; want %q and a problem at %q", tt.name, got, p, tt.want, tt.wrong)
		}
		if tt.wrong != "" {
			continue
		}
		again, p := quote.ParseLines(company.Format{}, quote.TypedLines(company.Format{}, quote.Quote{Currency: "AUD", Lines: lines}), "AUD", rates)
		if len(p) > 0 || quote.Sum(again).Gross != quote.Sum(lines).Gross || len(again) != len(lines) {
			t.Errorf("%s: shown and read again: %v %v", tt.name, again, p)
		}
	}
}

// While lines are typed, a discount that cannot be taken off is left out of the sum.
func TestReadableLines(t *testing.T) {
	t.Parallel()
	rates := []quote.Rate{{Name: "GST", Percent: decimal.NewFromInt(10)}}
	typed := []quote.Typed{
		{Quantity: "1", UnitPrice: "100", Tax: "10 GST"},
		{Description: "x", Quantity: "?", UnitPrice: "1", Tax: "10 GST"},
		{Discount: quote.OffAmount, UnitPrice: "150"},
		{Discount: quote.OffPercent, UnitPrice: "10"},
	}
	lines, p := quote.ReadableLines(company.Format{}, typed, "AUD", rates)
	if len(lines) != 2 || lines[0].Row() != 0 || lines[1].Row() != 3 || quote.Sum(lines).Net != 9000 || !strings.Contains(p["line-2-price"], "more than the lines above") {
		t.Errorf("%+v %v", lines, p)
	}
}

// A discount is stored with what it came to, and read again as it was.
func TestDiscountsAreKept(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := harbour(t)
	want := quote.Settle([]quote.Line{in("Roof", line("1", 100, "10")), in("Roof", percent("12.5")), in("Cellar", line("1", 200, "20")), off(100)})
	var before, after quote.Version
	err := transact(db, func(tx postgres.Tx) error {
		ref, _, err := quote.Create(ctx, tx, ben, quote.New{Customer: 1, Currency: "AUD", Details: quote.Details{Description: "x", MainContact: 1, ValidUntil: today}, Lines: want})
		if err != nil {
			return err
		}
		if err := send(t, tx, ref.Number, want); err != nil {
			return err
		}
		q, err := quote.FindByNumber(ctx, tx, ref.Number)
		if err != nil {
			return err
		}
		if q.Total != quote.Sum(want).Gross || q.Totals().Gross != q.Total || len(q.Lines) != 4 || q.Lines[1].Total() != -13 || !q.Lines[1].DiscountPercent.Equal(want[1].DiscountPercent) {
			t.Errorf("kept: %d, %+v", q.Total, q.Lines)
		}
		if err := quote.Revise(ctx, tx, ben, ref.Number, q.Version); err != nil {
			return err
		}
		if err := send(t, tx, ref.Number, append(want[:3:3], off(150))); err != nil {
			return err
		}
		v, b, err := quote.FindVersion(ctx, tx, ref.ID, 2)
		after, before = v, *b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	changes := after.Changed(before, company.Format{}, "AUD")
	if len(changes) != 2 || !strings.Contains(changes[1].Before, "1.00") || !strings.Contains(changes[1].After, "1.50") || strings.Contains(changes[1].After, "tax") {
		t.Errorf("changes: %+v", changes)
	}
	for _, set := range []string{"unit_price = 14", "line_total = 13", "quantity = 1", "discount_percent = 101", "tax_percent = 10", "discount = false"} {
		if _, err := db.Exec(ctx, "update quote_lines set "+set+" where discount and discount_percent > 0"); postgres.Constraint(err) == "" {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// The database holds what Go works out, whoever writes: a line comes to quantity
// times price, and a version to nothing at least. One from before may be less: it
// is changed as ever, but not sent.
func TestTheDatabaseTakesNoQuoteBelowNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := harbour(t)
	var ref quote.Ref
	err := transact(db, func(tx postgres.Tx) (err error) {
		lines := []quote.Line{line("1.5", 333, "10"), line("-0.5", 333, "10")}
		lines[0].UnitPrice = decimal.RequireFromString("333.3333")
		ref, _, err = quote.Create(ctx, tx, ben, quote.New{Customer: 1, Currency: "AUD", Details: quote.Details{Description: "x", MainContact: 1, ValidUntil: today}, Lines: lines})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for set, constraint := range map[string]string{
		"quote_lines set line_total = line_total + 1":        "line_sum",
		"quote_lines set quantity = 2":                       "line_sum",
		"quote_lines set unit_price_exact = 332.6":           "line_sum",
		"quote_versions set net = -11, tax = 10, total = -1": "version_not_below_nothing",
	} {
		if _, err := db.Exec(ctx, "update "+set); postgres.Constraint(err) != constraint {
			t.Errorf("%s: %v", set, err)
		}
	}
	for _, statement := range []string{
		"update quote_versions set created_at = '2020-01-01', net = -100, tax = -10, total = -110", "update quote_versions set description = 'Erased'",
	} {
		if _, err := db.Exec(ctx, statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	err = transact(db, func(tx postgres.Tx) error { _, err := quote.Send(ctx, tx, ben, ref.Number, 1, today); return err })
	if p, ok := errors.AsType[problem.Set](err); !ok || p["lines"] == "" {
		t.Errorf("it is sent: %v", err)
	}
}
