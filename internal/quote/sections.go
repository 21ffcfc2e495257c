package quote

// Section is a run of lines under one heading; lines before the first heading
// have none.
type Section struct {
	Name  string
	Lines []Line
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
			all = append(all, Section{Name: l.Section})
		}
		last := &all[len(all)-1]
		last.Lines = append(last.Lines, l)
	}
	return all
}
