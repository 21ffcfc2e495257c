package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Workbooks are read here and not by excelize, which writes ours: what it reads
// row by row are texts as the sheet shows them, in which 03/04 may be either day
// and a serial number may be anything; it knows of dates and numbers only once a
// whole sheet is in memory.

var damaged = Refusal{"The workbook is damaged or not whole. Open it in Excel, save it again as Excel Workbook (.xlsx), and send that."}

// workbook is an open .xlsx file.
type workbook struct {
	parts   map[string]*zip.File
	manner  manner
	left    int64 // of what may still be unzipped in one go through all
	strings []string
	formats []format
	epoch   epoch
}

func openWorkbook(r io.ReaderAt, size int64, m manner) (*Book, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged
	}
	if len(z.File) > maxParts {
		return nil, refuse("The workbook consists of more than %d parts. Copy the sheets that matter into a new workbook, save it as Excel Workbook (.xlsx) and send that.", maxParts)
	}
	w := &workbook{manner: m, parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/")
		if _, twice := w.parts[strings.ToLower(name)]; !twice {
			w.parts[strings.ToLower(name)] = f
		}
	}
	if err := w.judge(); err != nil {
		return nil, err
	}
	return w.open()
}

// judge refuses zips that are no workbook.
func (w *workbook) judge() error {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return w.parts[n] != nil })
	}
	switch {
	case has("xl/workbook.bin"):
		return refuse("This is a binary workbook (.xlsb). %s", saveAs)
	case has("_rels/.rels") && has("xl/workbook.xml"):
		return nil
	case has("content.xml"):
		return refuse("This is a spreadsheet of LibreOffice or OpenOffice (.ods). Open it there, choose Save As, “Excel Workbook (.xlsx)”, and send that.")
	case has("index/document.iwa", "index.zip", "index/metadata.iwa"):
		return refuse("This is a spreadsheet of Apple Numbers. Open it there, choose File, Export To, Excel, and send that.")
	case has("word/document.xml"):
		return refuse("This is a text document, not a spreadsheet. Copy the table into a spreadsheet, save that as Excel Workbook (.xlsx) and send it.")
	case has("_rels/.rels"):
		return damaged
	}
	return refuse("This is a zip file. Unpack it and send the workbook or CSV file that is in it. If it holds photos and documents, send it under Administration → Import files.")
}

// part opens a part of the file, which can become neither larger than limit nor
// hold anything so long that it fills the memory.
func (w *workbook) part(name string, limit int64) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, damaged
	}
	if f.Flags&1 != 0 {
		return nil, refuse("Parts of the workbook are locked by a password. Save it without one and send it again.")
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged
	}
	return &bounded{in: in, left: limit}, nil
}

// bounded ends a part that unzips to more than it may, or in which a text or tag
// goes on and on.
type bounded struct {
	in   io.ReadCloser
	left int64
	run  int // bytes since the last tag began
}

// maxRun is how long a text or a tag may be: the longest cell, each character of
// which is written in up to ten, and more.
const maxRun = 1 << 20

var tooLarge = Refusal{fmt.Sprintf("The workbook unpacks to more than %d MB, more than can be read. Copy the sheets that matter into a new workbook, without formats and pictures, and send that.", maxUnzipped>>20)}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge
	}
	for rest := p[:n]; len(rest) > 0; {
		at := bytes.IndexByte(rest, '<')
		if at < 0 {
			b.run += len(rest)
			break
		}
		if b.run+at > maxRun {
			break
		}
		b.run, rest = 0, rest[at+1:]
	}
	if b.run > maxRun {
		return 0, damaged
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, damaged
	}
	return n, err
}

func (b *bounded) Close() error { return b.in.Close() }

// small reads a part that is never large.
func (w *workbook) small(name string, into any) error {
	in, err := w.part(name, 16<<20)
	if err != nil {
		return err
	}
	defer in.Close()
	d := xml.NewDecoder(in)
	d.Strict = false
	if err := d.Decode(into); err != nil {
		return damaged
	}
	return nil
}

type bookXML struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string     `xml:"name,attr"`
		State string     `xml:"state,attr"`
		Attrs []xml.Attr `xml:",any,attr"` // the relation, whatever space it is in
	} `xml:"sheets>sheet"`
}

type relationsXML struct {
	Relations []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

func (w *workbook) open() (*Book, error) {
	var (
		book      bookXML
		relations relationsXML
	)
	if err := w.small("xl/workbook.xml", &book); err != nil {
		return nil, err
	}
	if err := w.small("xl/_rels/workbook.xml.rels", &relations); err != nil {
		return nil, err
	}
	if truth(book.Properties.Date1904) {
		w.epoch = epoch1904
	}
	targets := map[string]string{} // of sheets, by their relation
	var texts, styles string
	for _, r := range relations.Relations {
		target := path.Clean(path.Join("xl", r.Target))
		if strings.HasPrefix(r.Target, "/") {
			target = strings.TrimPrefix(path.Clean(r.Target), "/")
		}
		switch path.Base(r.Type) {
		case "worksheet":
			targets[r.ID] = target
		case "sharedStrings":
			texts = target
		case "styles":
			styles = target
		}
	}
	if styles != "" {
		if err := w.readStyles(styles); err != nil {
			return nil, err
		}
	}
	if texts != "" && w.parts[strings.ToLower(texts)] != nil {
		if err := w.readStrings(texts); err != nil {
			return nil, err
		}
	}
	b := &Book{Kind: "xlsx"}
	if len(book.Sheets) > MaxSheets {
		return nil, refuse("The workbook has %d sheets; at most %d can be read at once. Copy the ones that matter into a new workbook and send that.", len(book.Sheets), MaxSheets)
	}
	w.left = w.manner.unzipped
	for _, s := range book.Sheets {
		target := ""
		for _, a := range s.Attrs {
			if a.Name.Local == "id" {
				target = targets[a.Value]
			}
		}
		if target == "" {
			continue // a chart
		}
		t := &Table{Name: strings.TrimSpace(s.Name), Hidden: s.State != "" && s.State != "visible", read: func() iter.Seq2[line, error] { return w.lines(target) }}
		if err := w.prepare(t, target, w.manner.rows-b.Rows()); err != nil {
			return nil, err
		}
		if len(t.Heads) > 0 {
			b.Tables = append(b.Tables, t)
		}
	}
	if len(b.Tables) == 0 {
		return nil, refuse("Nothing is written in the workbook. If it was just saved, do that again and send the new one.")
	}
	return b, nil
}

// prepare goes through a sheet once, to say how many rows it has and which of its
// cells are merged, and finds its heads.
func (w *workbook) prepare(t *Table, target string, left int) error {
	rows, areas, err := w.scan(target, left)
	if err != nil {
		return err
	}
	t.fill = merged{areas}
	if err := t.findHeads(); err != nil {
		return err
	}
	if len(t.Heads) == 0 {
		return nil
	}
	above := 0
	for l, err := range t.read() {
		if err != nil {
			return err
		}
		if l.number > t.Line {
			break
		}
		if l.filled() > 0 {
			above++
		}
	}
	t.Rows = max(0, rows-above)
	if t.Rows == 0 {
		t.note("There is nothing below the headings.")
	}
	if slices.ContainsFunc(areas, func(a area) bool { return a.top > t.Line }) {
		t.note("Cells that are merged downwards count for each of their rows.")
	}
	return nil
}

// scan counts the rows in which something stands, without taking them apart, so
// that a workbook of a million is refused at once.
func (w *workbook) scan(target string, left int) (rows int, areas []area, err error) {
	in, err := w.part(target, w.left)
	if err != nil {
		return 0, nil, err
	}
	defer in.Close()
	b, _ := in.(*bounded)
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 64<<10), maxRun+1<<10)
	s.Split(func(data []byte, end bool) (int, []byte, error) {
		if at := bytes.IndexByte(data, '<'); at >= 0 {
			return at + 1, data[:at], nil
		}
		if end && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	counted := true
	for s.Scan() {
		tag := s.Bytes()
		if colon := bytes.IndexByte(tag, ':'); colon > 0 && colon < 12 && !bytes.ContainsAny(tag[:colon], " >/") {
			tag = tag[colon+1:]
		}
		switch {
		case len(tag) < 2:
		case bytes.HasPrefix(tag, []byte("row ")) || bytes.HasPrefix(tag, []byte("row>")):
			counted = false
		case !counted && (bytes.HasPrefix(tag, []byte("v>")) || bytes.HasPrefix(tag, []byte("t>")) || bytes.HasPrefix(tag, []byte("t "))) && tag[len(tag)-1] != '>':
			counted = true
			if rows++; rows > left+sampled {
				return 0, nil, tooManyRows()
			}
		case bytes.HasPrefix(tag, []byte("mergeCell ")):
			if len(areas) == maxMerged {
				return 0, nil, refuse("More than %d cells of a sheet are merged. Take the merging off (select all, Merge & Center) and send the workbook again.", maxMerged)
			}
			if a, ok := downwards(string(tag)); ok {
				areas = append(areas, a)
			}
		}
	}
	if err := s.Err(); err != nil {
		if refused, ok := errors.AsType[Refusal](err); ok {
			return 0, nil, refused
		}
		return 0, nil, damaged
	}
	w.left = b.left
	slices.SortStableFunc(areas, func(a, b area) int { return a.top - b.top })
	return rows, areas, nil
}

// downwards is the area of merged cells, if it goes over more rows than one.
func downwards(tag string) (area, bool) {
	_, ref, _ := strings.Cut(tag, `ref="`)
	ref, _, _ = strings.Cut(ref, `"`)
	from, to, found := strings.Cut(ref, ":")
	column, top, ok := place(from)
	_, bottom, ok2 := place(to)
	return area{top: top, bottom: bottom, left: column}, found && ok && ok2 && bottom > top
}

// place takes a reference apart: "C7" is column 2 in row 7.
func place(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref); i++ {
		c := ref[i]
		if c == '$' {
			continue
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' {
			break
		}
		if column = column*26 + int(c-'A') + 1; column > 1<<14 {
			return 0, 0, false
		}
	}
	row, err := strconv.Atoi(strings.TrimPrefix(ref[i:], "$"))
	return column - 1, row, err == nil && column > 0 && row > 0
}

func truth(s string) bool { return s == "1" || strings.EqualFold(s, "true") }

// readStrings reads the texts that cells name by number. They are held in memory.
func (w *workbook) readStrings(name string) error {
	in, err := w.part(name, maxStrings)
	if err != nil {
		return err
	}
	defer in.Close()
	var (
		text     strings.Builder
		inText   bool
		phonetic bool
	)
	return tokens(in, func(tok xml.Token) error {
		switch tok := tok.(type) {
		case xml.StartElement:
			switch tok.Name.Local {
			case "si":
				text.Reset()
			case "t":
				inText = !phonetic
			case "rPh":
				phonetic = true
			}
		case xml.EndElement:
			switch tok.Name.Local {
			case "si":
				w.strings = append(w.strings, strings.Clone(unescape(text.String())))
			case "t":
				inText = false
			case "rPh":
				phonetic = false
			}
		case xml.CharData:
			if inText {
				text.Write(tok)
			}
		}
		return nil
	})
}

// tokens hands out the tokens of a part. They are not nested in memory, so that
// depth costs nothing.
func tokens(in io.Reader, do func(xml.Token) error) error {
	d := xml.NewDecoder(bufio.NewReaderSize(in, 64<<10))
	d.Strict = false
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if refused, ok := errors.AsType[Refusal](err); ok {
				return refused
			}
			return damaged
		}
		if err := do(tok); err != nil {
			return err
		}
	}
}

// unescape reads characters that workbooks write as _x000D_.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for {
		at := strings.Index(text, "_x")
		if at < 0 || at+7 > len(text) {
			out.WriteString(text)
			return out.String()
		}
		n, err := strconv.ParseUint(text[at+2:at+6], 16, 16)
		if err != nil || text[at+6] != '_' {
			out.WriteString(text[:at+2])
			text = text[at+2:]
			continue
		}
		out.WriteString(text[:at])
		out.WriteRune(rune(n))
		text = text[at+7:]
	}
}
