package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// stop ends a walk through tokens whose reader has enough.
var stop = errors.New("enough")

// lines reads the rows of a sheet as they come.
func (w *workbook) lines(target string) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		in, err := w.part(target, w.manner.unzipped)
		if err != nil {
			yield(line{}, err)
			return
		}
		defer in.Close()
		r := rowReader{book: w, each: func(l line) bool { return yield(l, nil) }}
		switch err := tokens(in, r.take); {
		case err == nil: // its end never came
			yield(line{}, damaged)
		case !errors.Is(err, stop):
			yield(line{}, err)
		}
	}
}

// rowReader takes a sheet apart.
type rowReader struct {
	book *workbook
	each func(line) bool

	row      line
	column   int
	style    int
	sort     string // of the cell: its attribute t
	value    strings.Builder
	inside   bool // of what is the cell's value
	phonetic bool
	formula  bool
	worked   bool // the cell has a value, even an empty one
	inCell   bool
}

func (r *rowReader) take(tok xml.Token) error {
	switch tok := tok.(type) {
	case xml.StartElement:
		return r.start(tok)
	case xml.EndElement:
		return r.end(tok.Name.Local)
	case xml.CharData:
		if r.inside && r.value.Len() < maxRun {
			r.value.Write(tok)
		}
	}
	return nil
}

func (r *rowReader) start(tok xml.StartElement) error {
	switch tok.Name.Local {
	case "row":
		r.row = line{number: r.row.number + 1}
		for _, a := range tok.Attr {
			if n, err := strconv.Atoi(a.Value); a.Name.Local == "r" && err == nil && n >= r.row.number {
				r.row.number = n
			}
		}
		r.column = -1
	case "c":
		r.column++
		r.style, r.sort, r.formula, r.worked, r.inCell = 0, "", false, false, true
		r.value.Reset()
		for _, a := range tok.Attr {
			switch a.Name.Local {
			case "r":
				if column, _, ok := place(a.Value); ok {
					r.column = column
				}
			case "s":
				r.style, _ = strconv.Atoi(a.Value)
			case "t":
				r.sort = a.Value
			}
		}
	case "v":
		r.inside, r.worked = r.inCell, true
		r.value.Reset()
	case "t":
		r.inside = r.inCell && !r.phonetic
	case "rPh":
		r.phonetic = true
	case "f":
		r.formula = r.inCell
	}
	return nil
}

func (r *rowReader) end(name string) error {
	switch name {
	case "v", "t":
		r.inside = false
	case "rPh":
		r.phonetic = false
	case "c":
		r.inCell = false
		c, err := r.cell()
		if err != nil {
			return err
		}
		if c.Filled() && r.column < 1<<14 {
			for len(r.row.cells) <= r.column {
				r.row.cells = append(r.row.cells, Cell{Kind: Empty})
			}
			r.row.cells[r.column] = c
		}
	case "row":
		if !r.each(r.row) {
			return stop
		}
	case "sheetData":
		return stop
	}
	return nil
}

// cell is what stands in a cell.
func (r *rowReader) cell() (Cell, error) {
	raw := r.value.String()
	if raw == "" {
		if r.formula && !r.worked {
			return Cell{Kind: Error}, nil // it was never worked out
		}
		return Cell{Kind: Empty}, nil
	}
	switch r.sort {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || n < 0 || n >= len(r.book.strings) {
			return Cell{}, damaged
		}
		return r.text(r.book.strings[n])
	case "str", "inlineStr":
		return r.text(unescape(raw))
	case "b":
		return Cell{Bool, strings.ToUpper(strconv.FormatBool(truth(raw)))}, nil
	case "e":
		return Cell{Error, raw}, nil
	case "d":
		for layout, kind := range map[string]Kind{"2006-01-02T15:04:05": Moment, "2006-01-02T15:04:05Z": Moment, "2006-01-02": Date} {
			if t, err := time.Parse(layout, raw); err == nil {
				return clock(t, kind), nil
			}
		}
		return textCell(raw), nil
	}
	return r.book.number(strings.TrimSpace(raw), r.style), nil
}

func (r *rowReader) text(text string) (Cell, error) {
	if len(text) > MaxCell && utf8.RuneCountInString(text) > MaxCell {
		return Cell{}, refuse("Cell %s%d is longer than %d characters. Shorten it and send the workbook again.", letter(r.column), r.row.number, MaxCell)
	}
	if r.book.manner.exact { // a workbook of ours makes nothing safe: texts in it are texts
		return r.book.manner.text(text), nil
	}
	return textCell(typed(text)), nil
}

// maxHours is up to how many days a time alone is a sum of hours and no moment.
const maxHours = 400

// number is what a number means in its format.
func (w *workbook) number(raw string, style int) Cell {
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return textCell(raw)
	}
	f := format{}
	if style >= 0 && style < len(w.formats) {
		f = w.formats[style]
	}
	switch f.kind {
	case Date, Moment, Time:
		if t, ok := w.epoch.at(v); ok {
			switch {
			case f.kind == Time && v < 1:
				return clock(t, Time)
			case f.kind == Time && v < maxHours:
				minutes := int(math.Round(v * 24 * 60))
				return Cell{Time, fmt.Sprintf("%d:%02d", minutes/60, minutes%60)}
			case f.kind == Date || (f.kind == Moment && v == math.Trunc(v)):
				return clock(t, Date)
			}
			return clock(t, Moment)
		}
	case Percent:
		return Cell{Percent, plain(v*100) + "%"}
	}
	text := plain(v)
	if f.digits != "" && v >= 0 && v == math.Trunc(v) {
		return Cell{Text, f.write(text)}
	}
	return Cell{Number, text}
}

// plain writes a number as people do: what a sheet keeps beyond fifteen digits is
// the machine's, and a telephone number of twelve is none with an exponent.
func plain(v float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		rounded = v
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

func clock(t time.Time, kind Kind) Cell {
	layout := "2006-01-02 15:04:05"
	switch {
	case kind == Date:
		layout = "2006-01-02"
	case kind == Time:
		layout = "15:04"
	case t.Second() == 0:
		layout = "2006-01-02 15:04"
	}
	return Cell{kind, t.Format(layout)}
}

// epoch is the day from which a workbook counts.
type epoch bool

const epoch1904 epoch = true

// at is the moment of a serial number. The year 1900 of workbooks has a 29th of
// February.
func (e epoch) at(v float64) (time.Time, bool) {
	if v < 0 || v > 2_958_465.99999 {
		return time.Time{}, false
	}
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case e == epoch1904:
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case v < 60:
		zero = zero.AddDate(0, 0, 1)
	}
	days := math.Floor(v)
	seconds := math.Round((v - days) * 86_400)
	return zero.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second), true
}

// format is what a number's format says of it.
type format struct {
	kind   Kind
	digits string // of a code such as 0000 or 0000 000 000, whose zeros count
}

type stylesXML struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		ID int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

func (w *workbook) readStyles(name string) error {
	var s stylesXML
	if err := w.small(name, &s); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range s.Formats {
		codes[f.ID] = f.Code
	}
	for _, x := range s.Cells {
		w.formats = append(w.formats, formatOf(x.ID, codes[x.ID]))
	}
	return nil
}

// formatOf knows the formats that workbooks name by number alone, and reads the
// code of others.
func formatOf(id int, code string) format {
	switch {
	case code != "":
		return readFormat(code)
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
		return format{kind: Date}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47:
		return format{kind: Time}
	case id == 22:
		return format{kind: Moment}
	case id == 9 || id == 10:
		return format{kind: Percent}
	}
	return format{}
}

func readFormat(code string) format {
	code, _, _ = strings.Cut(code, ";")
	var bare strings.Builder // without what is written as it is
	shape := ""              // with it
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return format{}
			}
			shape += code[i+1 : i+1+end]
			i += end + 1
		case '\\':
			if i++; i < len(code) {
				shape += code[i : i+1]
			}
		case '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return format{}
			}
			if in := strings.ToLower(code[i+1 : i+end]); in != "" && strings.Trim(in, "hms") == "" {
				bare.WriteString(in)
			}
			i += end
		default:
			bare.WriteByte(c)
			shape += string(c)
		}
	}
	low := strings.ToLower(bare.String())
	if low == "general" || low == "@" {
		return format{}
	}
	day, time := strings.ContainsAny(low, "yd"), strings.ContainsAny(low, "hs")
	switch {
	case strings.Contains(low, "%"):
		return format{kind: Percent}
	case strings.ContainsAny(low, "e#?") && strings.Contains(low, "0"), strings.Contains(low, "#"):
		return format{}
	case day && time:
		return format{kind: Moment}
	case day, strings.Contains(low, "mmm"):
		return format{kind: Date}
	case time:
		return format{kind: Time}
	}
	if strings.Count(shape, "0") > 1 && strings.Trim(shape, "0 -()/+") == "" {
		return format{digits: shape}
	}
	return format{}
}

// write writes digits in the places of the code, from the right.
func (f format) write(number string) string {
	places := strings.Count(f.digits, "0")
	if len(number) > places {
		return number
	}
	number = strings.Repeat("0", places-len(number)) + number
	var out strings.Builder
	for i := range len(f.digits) {
		if f.digits[i] == '0' {
			out.WriteByte(number[0])
			number = number[1:]
			continue
		}
		out.WriteByte(f.digits[i])
	}
	return out.String()
}
