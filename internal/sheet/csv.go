package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	encunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// openCSV reads a file of separated values: its letters, its separator and its
// line ends are found out.
func openCSV(r io.ReaderAt, size int64, name string, m manner) (*Book, error) {
	letters, called, err := charset(r, size)
	if err != nil {
		return nil, err
	}
	f := csvFile{r: r, size: size, letters: letters, manner: m}
	sample, err := io.ReadAll(io.LimitReader(f.text(), beginning))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if control(sample) {
		return nil, refuse("This is not an Excel workbook or a CSV file, or it is damaged. Save it again as Excel Workbook (.xlsx) and send that.")
	}
	if f.separator = ','; !m.exact {
		f.separator, f.skip = separator(string(sample))
	}
	t := &Table{Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), read: f.lines}
	b := &Book{Kind: "csv", Tables: []*Table{t}}
	if called != "" {
		b.Notes = append(b.Notes, "The file's letters were read as "+called+". If they look wrong in the samples, save it as CSV UTF-8.")
	}
	if err := t.findHeads(); err != nil {
		return nil, err
	}
	if err := t.count(m.rows); err != nil {
		return nil, err
	}
	if len(t.Heads) == 0 {
		return nil, refuse("The file is empty. If it was just saved or downloaded, do that again and send the new one.")
	}
	if t.Rows == 0 {
		t.note("There is nothing below the headings.")
	}
	return b, nil
}

// charset is how the letters of a file are written; called is its name when that
// was guessed.
func charset(r io.ReaderAt, size int64) (e encoding.Encoding, called string, err error) {
	start, err := head(r, beginning)
	if err != nil {
		return nil, "", err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return encunicode.UTF16(encunicode.LittleEndian, encunicode.UseBOM), "", nil
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		return encunicode.UTF8BOM, "", nil
	}
	var zeros [2]int // at even and at odd places
	for i, b := range start {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(start) / 2; {
	case zeros[1] > half/3 && zeros[0] == 0:
		return encunicode.UTF16(encunicode.LittleEndian, encunicode.IgnoreBOM), "", nil
	case zeros[0] > half/3 && zeros[1] == 0:
		return encunicode.UTF16(encunicode.BigEndian, encunicode.IgnoreBOM), "", nil
	}
	valid, err := validUTF8(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, "", err
	}
	if valid {
		return encunicode.UTF8, "", nil
	}
	return charmap.Windows1252, "Windows-1252", nil
}

// validUTF8 reads all of a file: a single é may stand at its end.
func validUTF8(r io.Reader) (bool, error) {
	buf, kept := make([]byte, 256<<10), 0
	for {
		n, err := r.Read(buf[kept:])
		all := buf[:kept+n]
		end := len(all)
		if err == nil { // a letter may go on in what comes next
			for back := 1; back < utf8.UTFMax && back <= len(all); back++ {
				if utf8.RuneStart(all[len(all)-back]) {
					if !utf8.FullRune(all[len(all)-back:]) {
						end = len(all) - back
					}
					break
				}
			}
		}
		if !utf8.Valid(all[:end]) {
			return false, nil
		}
		kept = copy(buf, all[end:])
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("read the file: %w", err)
		}
	}
}

// control reports whether what should be a text has characters that no text has.
func control(text []byte) bool {
	n := bytes.Count(text, []byte{0})
	return n > 0 || len(text) > 0 && float64(bytes.Count(text, []byte("\uFFFD")))*3 > float64(len(text))/10
}

// csvFile is a file whose manner is known.
type csvFile struct {
	r         io.ReaderAt
	size      int64
	letters   encoding.Encoding
	separator rune
	skip      bool // the first line names the separator
	manner    manner
}

func (f csvFile) text() io.Reader {
	return transform.NewReader(io.NewSectionReader(f.r, 0, f.size), transform.Chain(f.letters.NewDecoder(), &lineEnds{}))
}

// lineEnds makes one kind of line end of three: old ones are a carriage return
// alone.
type lineEnds struct{ after bool } // after a carriage return

func (l *lineEnds) Reset() { l.after = false }

func (l *lineEnds) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		c := src[nSrc]
		if c == '\n' && l.after {
			l.after = false
			nSrc++
			continue
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		l.after = c == '\r'
		if c == '\r' {
			c = '\n'
		}
		dst[nDst] = c
		nDst++
		nSrc++
	}
	return nDst, nSrc, nil
}

// lines reads the rows of the file.
func (f csvFile) lines() iter.Seq2[line, error] {
	in := csv.NewReader(f.text())
	in.Comma, in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = f.separator, -1, true, true
	skip := f.skip
	return lines(func() (line, error) {
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return line{}, io.EOF
			}
			if _, isParse := errors.AsType[*csv.ParseError](err); err != nil && !isParse {
				return line{}, fmt.Errorf("read the file: %w", err)
			}
			if err != nil {
				return line{}, refuse("The file cannot be read from line %d on. Open it in a spreadsheet, save it as Excel Workbook (.xlsx) and send that.", lineOf(in, record))
			}
			if skip {
				skip = false
				continue
			}
			l := line{number: lineOf(in, record), cells: make([]Cell, len(record))}
			for i, field := range record {
				if len(field) > MaxCell && utf8.RuneCountInString(field) > MaxCell {
					return line{}, refuse("In line %d a cell is longer than %d characters. Most likely a quotation mark (\") is opened there and never closed: close it, or save the file as Excel Workbook (.xlsx).", l.number, MaxCell)
				}
				l.cells[i] = f.manner.text(typed(field))
			}
			return l, nil
		}
	}, io.EOF)
}

func lineOf(in *csv.Reader, record []string) int {
	if len(record) == 0 {
		return 0
	}
	n, _ := in.FieldPos(0)
	return n
}

// separators are those that programs write, the likeliest first.
var separators = []rune{',', ';', '\t', '|'}

// separator finds what stands between the cells: what cuts the most rows into
// equally many. Excel may say it in a line of its own.
func separator(sample string) (sep rune, named bool) {
	if first, _, _ := strings.Cut(sample, "\n"); len(first) == 5 && strings.HasPrefix(strings.ToLower(first), "sep=") {
		return rune(first[4]), true
	}
	if cut := strings.LastIndexByte(sample, '\n'); cut > 0 && len(sample) >= beginning-utf8.UTFMax {
		sample = sample[:cut] // the last line may be half a one
	}
	sep, best := ',', 0.0
	for _, s := range separators {
		in := csv.NewReader(strings.NewReader(sample))
		in.Comma, in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = s, -1, true, true
		counts, rows := map[int]int{}, 0
		for {
			record, err := in.Read()
			if err != nil {
				break
			}
			rows++
			counts[len(record)]++
		}
		for fields, n := range counts {
			if score := float64(n) / float64(rows) * float64(min(fields, 20)-1); fields > 1 && score > best {
				sep, best = s, score
			}
		}
	}
	return sep, false
}

// typed is a cell as it was before a program made it safe for spreadsheets: our
// own exports put an apostrophe in front of what begins like a formula, and a tab
// in front of a code of digits; others write ="0412" for the same.
func typed(cell string) string {
	if !strings.ContainsAny(cell, "'=\t") {
		return cell
	}
	if m := asFormula.FindStringSubmatch(cell); m != nil {
		return m[1]
	}
	if rest, found := strings.CutPrefix(cell, "\t"); found && digits.MatchString(rest) {
		return rest
	}
	if rest, found := strings.CutPrefix(cell, "'"); found && rest != "" && (strings.ContainsAny(rest[:1], "=+-@\t\r\n") || strings.ContainsRune("＝＋－＠", firstRune(rest)) || phone.MatchString(rest)) {
		cell = rest
	}
	return made.ReplaceAllString(cell, "$1$2")
}

var (
	asFormula = regexp.MustCompile(`^="([^"]*)"$`)
	digits    = regexp.MustCompile(`^[0-9]+$`)
	phone     = regexp.MustCompile(`^[0-9][0-9 ()./-]*$`)
	made      = regexp.MustCompile(`([;\t] *)'([=+\-@＝＋－＠])`)
)

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// text is a cell of text in that manner.
func (m manner) text(text string) Cell {
	if !m.exact {
		return textCell(text)
	}
	if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text == "" {
		return Cell{Kind: Empty}
	}
	return Cell{Kind: Text, Text: text}
}

// textCell is a cell of text, tidied: without blanks around it and characters
// that nobody sees.
func textCell(text string) Cell {
	text = tidyText(text)
	if text == "" {
		return Cell{Kind: Empty}
	}
	return Cell{Kind: Text, Text: text}
}

func tidyText(text string) string {
	plain := true
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return strings.Trim(text, " ")
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r == '\u00a0' || r == '\u202f' || r == '\u2007':
			return ' '
		case unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060' || r == '\u00ad':
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
