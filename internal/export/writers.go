package export

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"fieldgate/internal/day"
)

// BOM tells spreadsheets that a file is UTF-8.
const BOM = "\uFEFF"

// CSV writes rows as RFC 4180 has them, safe to open in a spreadsheet.
type CSV struct {
	out   *csv.Writer
	cells []string
	// Exact leaves phone numbers as they were typed.
	Exact bool
}

// NewCSV begins a file with its heads.
func NewCSV(w io.Writer, head []string) (*CSV, error) {
	if _, err := io.WriteString(w, BOM); err != nil {
		return nil, err //nolint:wrapcheck // the writer's own
	}
	c := &CSV{out: csv.NewWriter(w), cells: make([]string, 0, len(head))}
	c.out.UseCRLF = true
	return c, c.out.Write(head)
}

// Row adds a row.
func (c *CSV) Row(row []Cell) error {
	c.cells = c.cells[:0]
	for _, cell := range row {
		safe := cell.Text
		switch {
		case cell.Value != nil: // a number or a date
		case c.Exact:
			safe = exact(safe)
		default:
			safe = Harmless(safe)
		}
		c.cells = append(c.cells, safe)
	}
	return c.out.Write(c.cells)
}

// Close writes what is left.
func (c *CSV) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// mostRows is how many rows a sheet of Excel has room for.
const mostRows = 1_048_576

// Workbook is an Excel workbook that is written row by row. What it holds waits
// in a folder, not in memory.
type Workbook struct {
	file         *excelize.File
	sheet        *excelize.StreamWriter
	name         string
	part, row    int
	head         []string
	bold         int
	date, moment int
	values       []any
}

// NewWorkbook begins one; folder is where it may put files until it is closed.
func NewWorkbook(folder string) (*Workbook, error) {
	b := &Workbook{file: excelize.NewFile(excelize.Options{TmpDir: folder})}
	var err error
	style := func(s excelize.Style) (id int) {
		if err == nil {
			id, err = b.file.NewStyle(&s)
		}
		return id
	}
	date, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
	b.bold = style(excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EBEE"}}})
	b.date, b.moment = style(excelize.Style{CustomNumFmt: &date}), style(excelize.Style{CustomNumFmt: &moment})
	if err != nil {
		return nil, fmt.Errorf("begin a workbook: %w", err)
	}
	return b, nil
}

// Sheet begins a sheet with its heads.
func (b *Workbook) Sheet(name string, head []string) error {
	if err := b.end(); err != nil {
		return err
	}
	b.name, b.head, b.part = name, head, 0
	return b.begin()
}

// begin begins the sheet, or its next part when one is full.
func (b *Workbook) begin() error {
	b.part++
	name := b.name
	if b.part > 1 {
		name = fmt.Sprintf("%s %d", name, b.part)
	}
	if runes := []rune(name); len(runes) > excelize.MaxSheetNameLength {
		name = string(runes[:excelize.MaxSheetNameLength])
	}
	if first := b.file.GetSheetList()[0]; b.sheet == nil && first == "Sheet1" {
		if err := b.file.SetSheetName(first, name); err != nil {
			return fmt.Errorf("begin a sheet: %w", err)
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	var err error
	if b.sheet, err = b.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	if err := b.sheet.SetColWidth(1, max(len(b.head), 1), 18); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	if err := b.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	b.row = 1
	b.values = b.values[:0]
	for _, h := range b.head {
		b.values = append(b.values, excelize.Cell{StyleID: b.bold, Value: h})
	}
	return b.write()
}

func (b *Workbook) write() error {
	at, err := excelize.CoordinatesToCellName(1, b.row)
	if err == nil {
		err = b.sheet.SetRow(at, b.values)
	}
	if err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

// Row adds a row.
func (b *Workbook) Row(row []Cell) error {
	if b.row >= mostRows {
		if err := b.end(); err != nil {
			return err
		}
		if err := b.begin(); err != nil {
			return err
		}
	}
	b.row++
	b.values = b.values[:0]
	for _, c := range row {
		b.values = append(b.values, b.value(c))
	}
	return b.write()
}

// mostDigits is how many a spreadsheet keeps of a number.
const mostDigits = 15

func (b *Workbook) value(c Cell) any {
	switch v := c.Value.(type) {
	case int:
		return v
	case decimal.Decimal:
		if v.NumDigits() <= mostDigits {
			return v.InexactFloat64()
		}
	case day.Day:
		if at, err := time.Parse(time.DateOnly, v.String()); err == nil && at.Year() > 1900 {
			return excelize.Cell{StyleID: b.date, Value: at}
		}
	case *time.Time:
		// As it stands on the clock; what has a zone in its text happened twice there.
		for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
			if at, err := time.Parse(layout, c.Text); err == nil && at.Year() > 1900 {
				return excelize.Cell{StyleID: b.moment, Value: at}
			}
		}
	}
	if c.Text == "" {
		return nil
	}
	return c.Text
}

func (b *Workbook) end() error {
	if b.sheet == nil {
		return nil
	}
	if err := b.sheet.Flush(); err != nil {
		return fmt.Errorf("end a sheet: %w", err)
	}
	return nil
}

// WriteTo writes the workbook.
func (b *Workbook) WriteTo(w io.Writer) (int64, error) {
	if err := b.end(); err != nil {
		return 0, err
	}
	counted := &counter{w: w}
	// The library would hold all of it in memory first.
	b.file.ZipWriter = func(io.Writer) excelize.ZipWriter { return zip.NewWriter(counted) }
	if _, err := b.file.WriteToBuffer(); err != nil {
		return counted.n, fmt.Errorf("write a workbook: %w", err)
	}
	return counted.n, nil
}

// Close removes what waits in the folder.
func (b *Workbook) Close() error { return b.file.Close() }

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
