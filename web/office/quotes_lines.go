package officeweb

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
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
				Description: form.Long(r, name("description")), Quantity: form.Number(r, name("quantity")),
				UnitPrice: form.Number(r, name("price")), Tax: form.Line(r.PostFormValue(name("tax"))),
				Discount: discountKind(r, name("discount")), Whole: form.Text(r, name("of")) == "whole",
			})
		case r.PostForm.Has(name("section")):
			typed = append(typed, quote.Typed{Heading: true, Section: form.Text(r, name("section"))})
		default:
			return typed
		}
	}
	return typed
}

// discountKind is how a discount is given, "" on a line that is none.
func discountKind(r *http.Request, name string) string {
	switch {
	case !r.PostForm.Has(name):
		return ""
	case form.Text(r, name) == quote.OffAmount:
		return quote.OffAmount
	}
	return quote.OffPercent
}

// arrange does with the rows of the form what the button named arrange asks
// for, and reports whether one was pressed; then nothing is to be saved yet.
// "up-3", "down-3", "copy-3", "remove-3" and "move-3-7" name rows by their
// place; "line", "section" and "discount" add at the end.
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
	case "discount":
		rows = append(trimmed(rows), quote.Typed{Description: quote.DiscountWords, Discount: quote.OffPercent, Whole: true})
		f.Focus = officeview.LineName(len(rows)-1, "price")
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
	f := officeview.QuoteForm{Lines: readLines(r), Currency: v.Format.Currency, Format: v.Format, Number: chi.URLParam(r, "number")}
	var (
		before quote.Quote
		taxes  []company.TaxRate
		from   = cmp.Or(f.Number, form.Text(r, "copy"))
	)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		company.QueryTaxRates(b, &taxes)
		if from != "" {
			quote.QueryByNumber(b, &before, from)
		}
	})
	if err != nil {
		return err
	}
	if f.Number != "" {
		f.Currency, f.Estimate = before.Currency, before.PriceEstimate
	}
	f.Rates, _ = quote.Rates(taxes, before.Lines)
	return page.Render(w, r, http.StatusOK, officeview.QuoteTotals(f))
}

// spareLines is how many empty lines a form ends in, so that there is
// something to type into without a press.
const spareLines = 3
