package quote

// Section is a run of lines under one heading; lines before the first heading
// have none, and discounts on the whole stand below the last one.
type Section struct {
	Name  string
	Whole bool // of discounts on the whole, below other sections
	Lines []Line
}

// Heading is what stands above the section's lines; "" for nothing.
func (s Section) Heading() string {
	if s.Whole {
		return "Off the whole quote"
	}
	return s.Name
}

// Net is what the section's lines come to, without tax.
func (s Section) Net() (net int64) {
	for _, l := range s.Lines {
		net += l.Total()
	}
	return net
}

// AddsUp reports whether the section is worth a subtotal: a single line is one.
func (s Section) AddsUp() bool { return s.Name != "" && len(s.Lines) > 1 }

// Sections groups lines as they stand: each change of heading begins one.
func Sections(lines []Line) []Section {
	var all []Section
	for _, l := range lines {
		if n := len(all); n == 0 || all[n-1].Name != l.Section {
			all = append(all, Section{Name: l.Section, Whole: n > 0 && l.Discount && l.Section == ""})
		}
		last := &all[len(all)-1]
		last.Lines = append(last.Lines, l)
	}
	return all
}
