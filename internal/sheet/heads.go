package sheet

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sampled is how many filled rows are looked at to find the heads.
const sampled = 40

// findHeads finds the row with the heads, which a title, a date of printing or
// an empty row may stand above.
func (t *Table) findHeads() error {
	var sample []line
	down := t.fill.down()
	for l, err := range t.read() {
		if err != nil {
			return err
		}
		if down.apply(&l); l.filled() > 0 {
			if sample = append(sample, l); len(sample) == sampled {
				break
			}
		}
	}
	if len(sample) == 0 {
		return nil
	}
	at := bestHead(sample)
	t.Line = sample[at].number
	below := map[int]bool{}
	for _, l := range sample[at+1:] {
		for i, c := range l.cells {
			below[i] = below[i] || c.Filled()
		}
	}
	seen := map[string]int{}
	var twice []string
	for i, width := 0, width(sample[at:]); i < width; i++ {
		h := Head{Column: i}
		if i < len(sample[at].cells) {
			h.Name = tidyHead(sample[at].cells[i].Text)
		}
		if h.Name == "" {
			if !below[i] {
				continue
			}
			h.Name, h.Unnamed = "Column "+letter(i), true
		}
		h.said = h.Name
		key := strings.ToLower(h.Name)
		if seen[key]++; seen[key] > 1 {
			twice = append(twice, h.Name)
			h.Name = fmt.Sprintf("%s (%d)", h.Name, seen[key])
		}
		if t.Heads = append(t.Heads, h); len(t.Heads) > MaxColumns {
			return refuse("%s has more than %d columns. Delete the columns that are not needed and send it again.", t.called(), MaxColumns)
		}
	}
	if at > 0 {
		t.note("The headings stand in row %d; what stands above them is left out.", t.Line)
	}
	if len(twice) > 0 {
		t.note("More than one column is called %s. The later ones are called %s (2) and so on.", quoted(twice), twice[0])
	}
	return nil
}

func (t *Table) called() string { return "“" + t.Name + "”" }

func (t *Table) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

func quoted(names []string) string {
	seen := map[string]bool{}
	var all []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			all = append(all, "“"+n+"”")
		}
	}
	return strings.Join(all, ", ")
}

func width(lines []line) (w int) {
	for _, l := range lines {
		w = max(w, len(l.cells))
	}
	return w
}

// bestHead is the first row that looks nearly as much like heads as the best one
// does.
func bestHead(sample []line) int {
	best := 0
	scores := make([]int, len(sample))
	for i, l := range sample {
		scores[i] = headScore(l)
		best = max(best, scores[i])
	}
	for i, s := range scores {
		if s*10 >= best*7 {
			return i
		}
	}
	return 0
}

// headScore counts what may be the name of a column, each once. What cannot be
// one counts against the row.
func headScore(l line) (score int) {
	seen := map[string]bool{}
	for _, c := range l.cells {
		text := tidyHead(c.Text)
		switch {
		case !c.Filled():
		case c.Kind != Text || !namesColumn(text):
			score--
		case !seen[strings.ToLower(text)]:
			seen[strings.ToLower(text)] = true
			score++
		}
	}
	return max(score, 0)
}

func namesColumn(text string) bool {
	if utf8.RuneCountInString(text) > 60 || strings.Contains(text, "@") || !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	_, _, _, isDate := readDay(text)
	return !isDate
}

// merged are the cells of a sheet that were merged downwards: in each of their
// rows stands what stands in the first.
type merged struct{ areas []area }

type area struct{ top, bottom, left int }

// down goes along with the rows of a sheet.
func (m merged) down() *filling { return &filling{areas: m.areas, open: map[int]filled{}} }

type filling struct {
	areas []area // by their top
	open  map[int]filled
}

type filled struct {
	bottom int
	cell   Cell
}

// apply fills the cells of a row that belong to merged ones above it.
func (f *filling) apply(l *line) {
	if len(f.areas) == 0 && len(f.open) == 0 {
		return
	}
	for len(f.areas) > 0 && f.areas[0].top <= l.number {
		a := f.areas[0]
		f.areas = f.areas[1:]
		if a.top == l.number && a.left < len(l.cells) {
			f.open[a.left] = filled{a.bottom, l.cells[a.left]}
		}
	}
	for column, from := range f.open {
		if l.number > from.bottom {
			delete(f.open, column)
			continue
		}
		for len(l.cells) <= column {
			l.cells = append(l.cells, Cell{Kind: Empty})
		}
		if !l.cells[column].Filled() {
			l.cells[column] = from.cell
		}
	}
}

// count goes through all of a table once, so that later nothing comes unexpected.
func (t *Table) count(left int) error {
	for l, err := range t.Each() {
		if err != nil {
			return err
		}
		if t.Rows++; t.Rows > left {
			return tooManyRows()
		}
		_ = l
	}
	return nil
}

func tooManyRows() error {
	return refuse("The file has more than 200,000 rows, more than can be imported at once. Split it, such as by year, and send the parts one after the other.")
}

// lines makes rows of what gives one at a time.
func lines(next func() (line, error), done error) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		for {
			l, err := next()
			if err == done { //nolint:errorlint // it is the very one
				return
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}
