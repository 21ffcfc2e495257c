package ui

// Price is what a quote comes to, ready to be read.
type Price struct {
	Sections []PricedSection
	Sums     []PricedSum
}

// PricedSection is a run of lines; those without a heading have no Name.
type PricedSection struct {
	Name, Subtotal string
	Lines          []PricedLine
}

// PricedLine is one line of a price.
type PricedLine struct{ Description, Quantity, Price, Tax, Total string }

// PricedSum is a sum below a price; the grand one is what it comes to.
type PricedSum struct {
	Label, Amount string
	Grand         bool
}
