package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
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
// place; "line", "section" and "discount" add at the end. "template" and "saved"
// put in what insert finds once it is read.
func arrange(r *http.Request, f *officeview.QuoteForm) bool {
	do, rest, _ := strings.Cut(form.Text(r, "arrange"), "-")
	saved := form.Text(r, "saved_line")
	if do == "" && saved != "" { // the Enter key was pressed there
		do = "saved"
	}
	if do == "" {
		return false
	}
	first, second, _ := strings.Cut(rest, "-")
	at, err := strconv.Atoi(first)
	rows := f.Lines
	inside := err == nil && at >= 0 && at < len(rows)
	to := at
	switch do {
	case "saved":
		f.Saved, f.Focus = saved, "saved_line"
	case "template":
		f.Template = form.ID(r, "template")
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

// insert puts into the form what was asked for by arrange: a template, or a
// saved line. What cannot be found is said at its field.
func (h Quotes) insert(ctx context.Context, f *officeview.QuoteForm, standard string) (problem.Set, error) {
	from := len(trimmed(f.Lines))
	if f.Template != 0 {
		t, err := quote.FindTemplate(ctx, h.DB, f.Template)
		if errors.Is(err, apperr.NotFound) || (err == nil && (!t.Active || t.Currency != f.Currency)) {
			return problem.Set{"template": "This template is not offered any more. Choose another one."}, nil
		}
		if err != nil {
			return nil, err
		}
		f.Name, f.Description, f.Inclusions, f.Exclusions = cmp.Or(f.Name, t.Name), cmp.Or(f.Description, t.Description), cmp.Or(f.Inclusions, t.Inclusions), cmp.Or(f.Exclusions, t.Exclusions)
		f.Terms, f.Template = cmp.Or(t.Terms, f.Terms), 0
		f.Lines = append(trimmed(f.Lines), t.Typed(f.Format)...)
	}
	if f.Focus == "saved_line" {
		l, wrong := quote.ChooseSavedLine(f.SavedLines, f.Saved)
		if len(wrong) > 0 {
			return wrong, nil
		}
		f.Lines, f.Saved = append(trimmed(f.Lines), l.Typed(f.Format)), ""
		f.Focus = officeview.LineName(len(f.Lines)-1, "quantity")
	}
	// A tax that is not in use any more gives way to the standard one.
	for i := range f.Lines[from:] {
		row := &f.Lines[from+i]
		if !row.Heading && row.Discount == "" && !slices.ContainsFunc(f.Rates, func(r quote.Rate) bool { return r.Key() == row.Tax }) {
			row.Tax = standard
		}
	}
	return nil, nil
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

// spared are rows with empty lines at their end.
func spared(rows []quote.Typed, standard string) []quote.Typed {
	spare := spareLines
	for i := len(rows) - 1; i >= 0 && rows[i].Blank() && !rows[i].Heading; i-- {
		spare--
	}
	for range max(spare, 0) {
		rows = append(rows, quote.Typed{Quantity: "1", Tax: standard})
	}
	return rows
}

// spareLines is how many empty lines a form ends in, so that there is
// something to type into without a press.
const spareLines = 3
