package officeweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// readLines are the rows as typed: lines, and the headings between them. A row
// whose fields were not sent at all ends them.
func readLines(r *http.Request) []quote.Typed {
	var typed []quote.Typed
	_ = r.PostFormValue("") // reads the form
	for i := range 2 * quote.MaxLines {
		name := func(field string) string { return "line-" + strconv.Itoa(i) + "-" + field }
		switch {
		case r.PostForm.Has(name("description")):
			typed = append(typed, quote.Typed{
				Description: form.Long(r, name("description")), Quantity: form.Text(r, name("quantity")),
				UnitPrice: form.Text(r, name("price")), Tax: form.Line(r.PostFormValue(name("tax"))),
			})
		case r.PostForm.Has(name("section")):
			typed = append(typed, quote.Typed{Heading: true, Section: form.Text(r, name("section"))})
		default:
			return typed
		}
	}
	return typed
}

// arrange does with the rows of the form what the button named arrange asks
// for, and reports whether one was pressed; then nothing is to be saved yet.
// "up-3", "down-3", "copy-3", "remove-3" and "move-3-7" name rows by their
// place; "line" and "section" add at the end.
func arrange(r *http.Request, f *officeview.QuoteForm) bool {
	do, rest, _ := strings.Cut(form.Text(r, "arrange"), "-")
	if do == "" {
		return false
	}
	first, second, _ := strings.Cut(rest, "-")
	at, err := strconv.Atoi(first)
	rows := f.Lines
	inside := err == nil && at >= 0 && at < len(rows)
	to := at
	switch do {
	case "line":
		rows = trimmed(rows)
		f.Focus = officeview.LineName(len(rows), "description")
	case "section":
		rows = append(trimmed(rows), quote.Typed{Heading: true})
		f.Focus = officeview.LineName(len(rows)-1, "section")
	case "up":
		to = at - 1
	case "down":
		to = at + 1
	case "move":
		to, err = strconv.Atoi(second)
		inside = inside && err == nil
	case "copy":
		if inside {
			rows = slices.Insert(rows, at+1, rows[at])
			f.Focus = officeview.LineName(at+1, "copy")
		}
	case "remove":
		if inside {
			rows = slices.Delete(rows, at, at+1)
			f.Focus = officeview.LineName(min(at, len(rows)-1), "remove")
		}
	}
	if inside && to != at && to >= 0 && to < len(rows) {
		row := rows[at]
		rows = slices.Insert(slices.Delete(rows, at, at+1), to, row)
		f.Focus = officeview.LineName(to, do)
	}
	f.Lines = rows
	return true
}

// trimmed are rows without the blank ones at their end.
func trimmed(rows []quote.Typed) []quote.Typed {
	for len(rows) > 0 && rows[len(rows)-1].Blank() {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// Totals are what the lines come to, while they are typed.
func (h Quotes) Totals(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f := officeview.QuoteForm{Lines: readLines(r), Currency: v.Format.Currency, Format: v.Format}
	from := form.Text(r, "copy")
	if number := chi.URLParam(r, "number"); number != "" {
		q, err := quote.Find(ctx, h.Pool, number)
		if err != nil {
			return err
		}
		f.Number, f.Currency, from = q.Number, q.Currency, q.Number
	}
	before, err := h.taxesOf(ctx, from)
	if err != nil {
		return err
	}
	if f.Rates, _, err = h.rates(ctx, before); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.QuoteTotals(f))
}

// taxesOf are the lines of a quote whose taxes a new line may carry, too; none
// without a number.
func (h Quotes) taxesOf(ctx context.Context, number string) ([]quote.Line, error) {
	if number == "" {
		return nil, nil
	}
	q, err := quote.Find(ctx, h.Pool, number)
	return q.Lines, err
}

// lines reads what was typed; what is wrong with it, or with the details, is
// added to the problems. A line keeps the tax it had, even if the business no
// longer offers it.
func (h Quotes) lines(ctx context.Context, f officeview.QuoteForm, currency string, before []quote.Line, p problem.Set) ([]quote.Line, error) {
	rates, _, err := h.rates(ctx, before)
	if err != nil {
		return nil, err
	}
	lines, wrong := quote.Read(f.Lines, currency, rates)
	p.Join(wrong).Join(quote.Check(f.Details, lines))
	return lines, nil
}

// rates are the taxes a line can carry: those in use, and those on the quote
// already. New lines start with the standard one.
func (h Quotes) rates(ctx context.Context, lines []quote.Line) (rates []quote.Rate, standard string, err error) {
	all, err := company.TaxRates(ctx, h.Pool)
	if err != nil {
		return nil, "", err
	}
	add := func(rate quote.Rate) {
		if !slices.ContainsFunc(rates, func(r quote.Rate) bool { return r.Key() == rate.Key() }) {
			rates = append(rates, rate)
		}
	}
	for _, t := range all {
		if t.Active {
			add(quote.Rate{Name: t.Name, Percent: t.Percent})
		}
		if t.Standard {
			standard = rates[len(rates)-1].Key()
		}
	}
	if len(rates) == 0 {
		add(quote.Rate{Name: "No tax", Percent: decimal.Zero})
	}
	for _, l := range lines {
		add(quote.Rate{Name: l.TaxName, Percent: l.TaxPercent})
	}
	return rates, cmp.Or(standard, rates[0].Key()), nil
}

// typedLines are a quote's lines as its form shows them, headings among them.
func typedLines(q quote.Quote) []quote.Typed {
	var typed []quote.Typed
	for i, part := range quote.Sections(q.Lines) {
		if part.Name != "" || i > 0 {
			typed = append(typed, quote.Typed{Heading: true, Section: part.Name})
		}
		for _, l := range part.Lines {
			typed = append(typed, quote.Typed{
				Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: company.PlainMoney(l.UnitPrice, q.Currency),
				Tax: quote.Rate{Name: l.TaxName, Percent: l.TaxPercent}.Key(),
			})
		}
	}
	return typed
}

// spareLines is how many empty lines a form ends in, so that there is
// something to type into without a press.
const spareLines = 3
