// Package sheet reads the tables that a file holds: the sheets of an Excel
// workbook, or a CSV file however its program wrote it. It knows nothing of what
// they are about. A table is read row by row and as often as one likes, so that
// its size costs time and not memory.
//
// A file that is no table is refused with a sentence that says what to do about
// it: see Refusal.
package sheet

import (
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
)

// What is read of a file. Everything beyond is refused, never left out.
const (
	MaxRows    = 200_000 // of all sheets together, empty ones not counted
	MaxColumns = 250
	MaxSheets  = 50
	MaxCell    = 32_767 // characters, as in Excel
	MaxUpload  = 25 << 20
	MaxFile    = 200 << 20 // by the command line

	maxUnzipped = 300 << 20 // of what is read of a workbook
	maxStrings  = 64 << 20  // of its texts, which are held in memory
	maxParts    = 5_000
	maxMerged   = 20_000
)

// manner is how much of a file is read, and how exactly.
type manner struct {
	rows           int
	file, unzipped int64
	exact          bool // texts are as they stand in the file
}

var (
	others = manner{MaxRows, MaxFile, maxUnzipped, false}
	ours   = manner{20_000_000, 8 << 30, 32 << 30, true}
)

// Refusal is why a file is not read: a sentence for whoever sent it.
type Refusal struct{ Sentence string }

func (r Refusal) Error() string { return r.Sentence }

func refuse(format string, args ...any) error { return Refusal{fmt.Sprintf(format, args...)} }

// Kind is what a program has said of a cell. In CSV everything is Text.
type Kind byte

// The kinds of cells. They are letters, so that those of a row make a word.
const (
	Empty   Kind = ' '
	Text    Kind = 't'
	Number  Kind = 'n' // "1234.5"
	Percent Kind = 'p' // "12.5%"
	Date    Kind = 'd' // "2026-11-22"
	Moment  Kind = 'm' // "2026-11-22 08:30"
	Time    Kind = 'h' // "08:30"
	Bool    Kind = 'b' // "TRUE" or "FALSE"
	Error   Kind = 'e' // "#N/A"; "" for a formula that was never worked out
)

// Cell is one cell: its text, tidied, in the way that its kind is written.
type Cell struct {
	Kind Kind
	Text string
}

// Filled reports whether something stands in the cell.
func (c Cell) Filled() bool { return c.Kind != Empty }

// Row is a row below the heads. Its cells are those of the table's heads.
type Row struct {
	Line  int
	Cells []Cell
	// Beside is how many cells are filled where no head stands.
	Beside int
}

// Head is a column that has a name, or at least something in it.
type Head struct {
	Name   string
	Column int // in the file, from 0
	// Unnamed says that nothing stands above the column; its name is made up.
	Unnamed bool

	said string // there
}

// Letter is the column as spreadsheets name it: "AB".
func (h Head) Letter() string { return letter(h.Column) }

func letter(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// Table is a sheet, or all of a CSV file.
type Table struct {
	Name   string // of the sheet; of a CSV file its own, without what stands behind the dot
	Hidden bool
	Heads  []Head
	Line   int // of the heads; 0 when there are none
	Rows   int // filled rows below the heads
	// Notes say what was done to read it.
	Notes []string
	// Totals is the line of the last row that only sums up others, which is left
	// out. It is known when all rows were read; 0 for none.
	Totals int

	read func() iter.Seq2[line, error]
	fill merged
}

// line is a row of a file as it stands there.
type line struct {
	number int
	cells  []Cell
}

func (l line) filled() (n int) {
	for _, c := range l.cells {
		if c.Filled() {
			n++
		}
	}
	return n
}

// Book is a file of tables. It reads the file while it is used.
type Book struct {
	Kind   string // "xlsx" or "csv"
	Tables []*Table
	Notes  []string
}

// Rows is how many rows all tables have.
func (b *Book) Rows() (n int) {
	for _, t := range b.Tables {
		n += t.Rows
	}
	return n
}

// Open finds the tables of a file, their heads and how many rows they have. The
// error is a Refusal unless the file could not be read at all.
func Open(r io.ReaderAt, size int64, name string) (*Book, error) {
	return open(r, size, name, others)
}

// OpenOurs is Open for tables out of an export of everything: they are as large
// as the business is, and texts stay exactly what they were.
func OpenOurs(r io.ReaderAt, size int64, name string) (*Book, error) {
	return open(r, size, name, ours)
}

func open(r io.ReaderAt, size int64, name string, m manner) (*Book, error) {
	if err := look(r, size, name, m); err != nil {
		return nil, err
	}
	if isZip(r) {
		return openWorkbook(r, size, m)
	}
	return openCSV(r, size, name, m)
}

// Each reads the rows below the heads, without those in which nothing stands, that
// say the heads again or that sum up others. A row is the reader's to keep.
func (t *Table) Each() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if len(t.Heads) == 0 {
			return
		}
		down := t.fill.down()
		for l, err := range t.read() {
			if err != nil {
				yield(Row{}, err)
				return
			}
			down.apply(&l)
			if l.number <= t.Line || l.filled() == 0 || t.repeats(l) {
				continue
			}
			if t.sums(l) {
				t.Totals = l.number
				continue
			}
			if !yield(t.row(l), nil) {
				return
			}
		}
	}
}

func (t *Table) row(l line) Row {
	row := Row{Line: l.number, Cells: make([]Cell, len(t.Heads)), Beside: l.filled()}
	for i, h := range t.Heads {
		row.Cells[i] = Cell{Kind: Empty}
		if h.Column < len(l.cells) {
			if row.Cells[i] = l.cells[h.Column]; row.Cells[i].Filled() {
				row.Beside--
			}
		}
	}
	return row
}

// repeats reports whether a row says the heads again, as at the top of each
// printed page.
func (t *Table) repeats(l line) bool {
	same := 0
	for _, h := range t.Heads {
		if h.Unnamed || h.Column >= len(l.cells) {
			continue
		}
		said := tidyHead(l.cells[h.Column].Text)
		if said != "" && said != h.said {
			return false
		}
		if said != "" {
			same++
		}
	}
	return same > 2 && same*2 > len(t.Heads)
}

// sums reports whether a row is one of totals, as below a printed list: it begins
// with that word, and beside it little else but numbers stands.
func (t *Table) sums(l line) bool {
	first, words := "", 0
	for _, c := range l.cells {
		switch {
		case !c.Filled():
		case first == "":
			first = c.Text
		case c.Kind == Text && !isNumber(c.Text):
			words++
		}
	}
	return words == 0 && 2*l.filled() <= max(len(t.Heads), 4) && total.MatchString(first)
}

// counted are what programs count below a list.
const counted = `(?:customers?|clients?|contacts?|sites?|propert(?:y|ies)|assets?|jobs?|quotes?|items?|units?|entries|records?|rows)`

// stamped is how reports end that say when they were made.
const stamped = `^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? .*\b\d{4}\b.*\d:\d\d.*|(?:printed|exported|generated|report run|run date)(?: (?:on|at))?:? .*\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ]\d{2,4}\b.*)$`

var total = regexp.MustCompile(`(?i)^(?:(?:grand |sub-?|report )?totals?|sum|count|records?|rows|end of report|(?:grand )?total (?:number of )?` + counted + `|(?:number|count) of ` + counted + `)(?: ?[:=(].*)?$|^\d+ ` + counted + `(?: (?:in total|exported|found))?$|` + stamped)

// tidyHead is a head without line ends and doubled blanks.
func tidyHead(text string) string {
	return strings.TrimRight(strings.Join(strings.Fields(text), " "), ":")
}
