package fileimport

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"fieldgate/internal/attachment"
)

// maxSheet is how large files.csv may be, in bytes.
const maxSheet = 16 << 20

// Line is what files.csv says of one file.
type Line struct {
	Number  int
	File    string
	Record  string
	Caption string
	Taken   string
	View    string
	used    bool
}

// List is files.csv: its rows by the path that each names.
type List struct {
	Place  int // of files.csv itself, in the archive
	folder string
	rows   map[string]*Line
	order  []*Line
}

// heads are what columns may be called, with letters and digits alone.
var heads = map[string]string{
	"file": "file", "filename": "file", "path": "file", "name": "file", "photo": "file", "document": "file",
	"record": "record", "number": "record", "job": "record", "jobnumber": "record", "jobno": "record", "quote": "record", "quotenumber": "record", "customer": "record", "customernumber": "record", "belongsto": "record",
	"caption": "caption", "description": "caption", "title": "caption",
	"takenat": "taken", "taken": "taken", "date": "taken", "datetaken": "taken", "takenon": "taken",
	"customerview": "view", "view": "view", "viewable": "view", "shown": "view", "viewableincustomerportal": "view",
}

func readList(content []byte, place int, folder string) (*List, error) {
	text := decoded(content)
	first, _, _ := strings.Cut(text, "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, sep := range []rune{',', ';', '\t'} {
		if strings.ContainsRune(first, sep) && strings.Count(first, string(sep)) >= strings.Count(first, string(r.Comma)) {
			r.Comma = sep
		}
	}
	l := &List{Place: place, rows: map[string]*Line{}}
	if folder != "." {
		l.folder = folder + "/"
	}
	head, err := r.Read()
	if err != nil {
		return nil, Unreadable{"files.csv is empty, or is no table. Its first line names the columns: file, record, caption, taken at, Customer View."}
	}
	columns := map[string]int{}
	for i, cell := range head {
		word := strings.Map(func(c rune) rune {
			if unicode.IsLetter(c) || unicode.IsDigit(c) {
				return unicode.ToLower(c)
			}
			return -1
		}, cell)
		if field := heads[word]; field != "" {
			if _, taken := columns[field]; !taken {
				columns[field] = i
			}
		}
	}
	if _, ok := columns["file"]; !ok {
		return nil, Unreadable{"files.csv has no column “file”. Its first line names the columns: file, record, caption, taken at, Customer View."}
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, Unreadable{fmt.Sprintf("files.csv cannot be read from line %d on: a quotation mark may be missing there.", line)}
		}
		cell := func(field string) string {
			if i, ok := columns[field]; ok && i < len(cells) {
				return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(cells[i]), "'"))
			}
			return ""
		}
		row := &Line{Number: line, File: cell("file"), Record: cell("record"), Caption: cell("caption"), Taken: cell("taken"), View: cell("view")}
		if row.File == "" {
			continue
		}
		if len(l.order) >= MaxEntries {
			return nil, Unreadable{fmt.Sprintf("files.csv has more than %d lines.", MaxEntries)}
		}
		key := l.key(row.File)
		if l.rows[key] == nil {
			l.rows[key] = row
		}
		l.order = append(l.order, row)
	}
}

func (l *List) key(file string) string {
	return strings.ToLower(path.Clean(strings.TrimPrefix(strings.ReplaceAll(file, `\`, "/"), "./")))
}

// of is the row of a path: as it stands in the archive, or from the folder of
// files.csv on. Nil when there is none.
func (l *List) of(file string) *Line {
	if l == nil {
		return nil
	}
	for _, name := range []string{file, strings.TrimPrefix(file, l.folder)} {
		if row := l.rows[l.key(name)]; row != nil {
			row.used = true
			return row
		}
	}
	return nil
}

// missing are the rows whose file is not in the archive.
func (l *List) missing() (rows []*Line) {
	if l == nil {
		return nil
	}
	for _, row := range l.order {
		if !row.used && l.rows[l.key(row.File)] == row {
			rows = append(rows, row)
		}
	}
	return rows
}

// decoded is a table as UTF-8: spreadsheets write it so, or as UTF-16 with its
// mark, or in the code page of Windows.
func decoded(content []byte) string {
	switch {
	case len(content) >= 2 && (content[0] == 0xff && content[1] == 0xfe || content[0] == 0xfe && content[1] == 0xff):
		units := make([]uint16, 0, len(content)/2)
		for i := 2; i+1 < len(content); i += 2 {
			lo, hi := content[i], content[i+1]
			if content[0] == 0xfe {
				lo, hi = hi, lo
			}
			units = append(units, uint16(hi)<<8|uint16(lo))
		}
		return string(utf16.Decode(units))
	case utf8.Valid(content):
		return strings.TrimPrefix(string(content), "\ufeff")
	}
	s, _ := charmap.Windows1252.NewDecoder().String(string(content)) // it has no byte without a letter but five, which become marks
	return s
}

// takenAt reads when a photo was taken. With american a date of figures alone
// begins with the month.
func takenAt(typed string, american bool) (t time.Time, ok bool) {
	dates := []string{"2006-01-02", "2006/01/02", "2006:01:02", "2/1/2006", "2.1.2006", "2-1-2006"}
	if american {
		dates = []string{"2006-01-02", "2006/01/02", "2006:01:02", "1/2/2006", "1-2-2006"}
	}
	typed = strings.Join(strings.Fields(strings.Replace(typed, "T", " ", 1)), " ")
	typed = strings.TrimSuffix(typed, "Z")
	for _, d := range dates {
		for _, layout := range []string{d, d + " 15:04", d + " 15:04:05", d + " 3:04 PM", d + " 3:04PM", d + " 3:04:05 PM"} {
			if t, err := time.Parse(layout, typed); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// shownTo reads Customer View.
func shownTo(typed string) (shown, ok bool) {
	switch strings.ToLower(typed) {
	case "", "n", "no", "false", "0", "hidden":
		return false, true
	case "y", "yes", "true", "1", "x", "shown", "viewable":
		return true, true
	}
	return false, false
}

// apply takes over what files.csv says of a file, or says what is wrong with it.
func (r *Line) apply(item *Item, american bool) string {
	if r == nil {
		return ""
	}
	at := fmt.Sprintf("Line %d of files.csv: ", r.Number)
	item.Caption = strings.Join(strings.Fields(r.Caption), " ")
	if p := (attachment.Caption{Text: item.Caption}).Check(); len(p) > 0 {
		item.Caption = ""
		return at + p[attachment.Field.Caption.Name]
	}
	if r.Taken != "" {
		taken, ok := takenAt(r.Taken, american)
		if !ok {
			return at + "“" + r.Taken + "” is no date. Write it as 2026-05-31 or 2026-05-31 14:30."
		}
		item.Taken = &taken
	}
	var ok bool
	if item.Shown, ok = shownTo(r.View); !ok {
		return at + "Customer View is “" + r.View + "”. Write Y or N."
	}
	return ""
}
