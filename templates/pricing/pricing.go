// Package pricing writes what a quote comes to as people read it, the same way
// in the office, in the portal and while it is typed.
package pricing

import (
	"fieldgate/internal/company"
	"fieldgate/internal/quote"
	"fieldgate/templates/ui"
)

// Of is the table of priced lines: in their sections, with what they come to.
func Of(f company.Format, currency string, lines []quote.Line) ui.Price {
	money := func(minor int64) string { return f.Money(minor, currency) }
	price := ui.Price{Sums: Sums(f, currency, quote.Sum(lines))}
	for _, s := range quote.Sections(lines) {
		section := ui.PricedSection{Name: s.Heading()}
		if s.AddsUp() {
			section.Subtotal = money(s.Net())
		}
		for _, l := range s.Lines {
			quantity, price, tax := l.Words(f, currency)
			section.Lines = append(section.Lines, ui.PricedLine{Description: l.Description, Quantity: quantity, Price: price, Tax: tax, Total: money(l.Total())})
		}
		price.Sections = append(price.Sections, section)
	}
	return price
}

// Sums are the lines below a price: without tax, the tax of each rate, together.
func Sums(f company.Format, currency string, t quote.Totals) []ui.PricedSum {
	sums := []ui.PricedSum{{Label: "Subtotal", Amount: f.Money(t.Net, currency)}}
	for _, tax := range t.Taxes {
		if !tax.Percent.IsZero() {
			sums = append(sums, ui.PricedSum{Label: tax.Words(), Amount: f.Money(tax.Tax, currency)})
		}
	}
	return append(sums, ui.PricedSum{Label: "Total with tax", Amount: f.Money(t.Gross, currency), Grand: true})
}
