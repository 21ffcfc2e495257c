package pdf

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"

	"fieldgate/static"
)

// Lengths are millimetres, sizes of letters points.
const (
	margin       = 18.0
	topMargin    = 16.0
	bottomMargin = 20.0
	point        = 25.4 / 72
)

type colour struct{ r, g, b int }

var (
	ink   = colour{24, 28, 36}
	soft  = colour{84, 92, 106}
	quiet = colour{112, 120, 134}
	rule  = colour{222, 226, 232}
	faint = colour{238, 240, 244}
)

// hex reads #rrggbb; what is none is ink.
func hex(s string) colour {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil {
		return ink
	}
	return colour{int(n >> 16), int(n >> 8 & 255), int(n & 255)}
}

// style is how words look.
type style struct {
	size float64
	bold bool
	in   colour
	lead float64 // between two lines, as a part of the size; 0 is usual
}

func (s style) height() float64 {
	lead := s.lead
	if lead == 0 {
		lead = 1.42
	}
	return s.size * lead * point
}

var (
	words   = style{size: 9.5, in: ink}
	strong  = style{size: 9.5, in: ink, bold: true}
	note    = style{size: 8, in: soft}
	label   = style{size: 7.5, in: quiet}
	heading = style{size: 10.5, in: ink, bold: true}
)

// face is a font of the program: what it is called and which letters it has.
type face struct {
	name  string
	file  []byte
	glyph *sfnt.Font
}

// faces are the fonts by weight: the one of the documents, then the one for
// letters that it lacks. Without fetched fonts both are empty, and documents
// are set in Helvetica, which every reader of PDF has.
var faces = sync.OnceValue(func() map[bool][]face {
	m := map[bool][]face{}
	for _, f := range []struct {
		bold       bool
		name, file string
	}{
		{false, "noto", "NotoSans_400Regular.ttf"},
		{false, "dejavu", "DejaVuSans.ttf"},
		{true, "notob", "NotoSans_600SemiBold.ttf"},
		{true, "dejavub", "DejaVuSans-Bold.ttf"},
	} {
		file := static.Font(f.file)
		glyphs, err := sfnt.Parse(file)
		if err != nil {
			return nil
		}
		m[f.bold] = append(m[f.bold], face{f.name, file, glyphs})
	}
	return m
})

// sheet is a document being written, from its top to its end.
type sheet struct {
	f      *fpdf.Fpdf
	y      float64 // where the next thing goes
	w, h   float64
	brand  colour
	known  map[string]bool // fonts in use
	buf    sfnt.Buffer
	latin  func(string) string // for Helvetica
	onPage func()              // draws what every further page begins with
}

func newSheet(head Letterhead, title string, at time.Time) *sheet {
	size := "A4"
	if strings.HasSuffix(head.Format.Locale, "-US") || strings.HasSuffix(head.Format.Locale, "-CA") {
		size = "Letter"
	}
	s := &sheet{f: fpdf.New("P", "mm", size, ""), known: map[string]bool{}, brand: hex(head.Brand)}
	s.w, s.h = s.f.GetPageSize()
	s.f.SetAutoPageBreak(false, 0)
	s.f.SetMargins(margin, topMargin, margin)
	s.f.SetTitle(tidy(title), true)
	s.f.SetAuthor(tidy(head.Name), true)
	s.f.SetProducer("Fieldgate", false)
	s.f.SetLang("en")
	// The same document is the same file, whenever it is asked for.
	s.f.SetCatalogSort(true)
	s.f.SetCreationDate(at.UTC())
	s.f.SetModificationDate(at.UTC())
	if faces() == nil {
		s.latin = s.f.UnicodeTranslatorFromDescriptor("")
	}
	return s
}

// page begins the next page.
func (s *sheet) page() {
	s.f.AddPage()
	s.y = topMargin
	if s.f.PageNo() > 1 && s.onPage != nil {
		s.onPage()
	}
}

func (s *sheet) bottom() float64 { return s.h - bottomMargin }

// room begins a page unless so much is left on this one.
func (s *sheet) room(height float64) (broke bool) {
	if s.y+height <= s.bottom() {
		return false
	}
	s.page()
	return true
}

func (s *sheet) inner() float64 { return s.w - 2*margin }

// piece is a part of a line in one font.
type piece struct {
	text string
	face face
}

// pieces splits a line by the fonts that have its letters.
func (s *sheet) pieces(text string, bold bool) []piece {
	var out []piece
	var now face
	begin := 0
	for i, c := range text {
		at := s.faceOf(c, bold)
		if at.name != now.name && i > 0 {
			out = append(out, piece{text[begin:i], now})
			begin = i
		}
		now = at
	}
	if text != "" {
		out = append(out, piece{text[begin:], now})
	}
	return out
}

// faceOf is the first font that has the letter.
func (s *sheet) faceOf(c rune, bold bool) face {
	for _, f := range faces()[bold] {
		if i, err := f.glyph.GlyphIndex(&s.buf, c); err == nil && i != 0 {
			return f
		}
	}
	return faces()[bold][0]
}

func (s *sheet) use(f face, size float64) {
	if !s.known[f.name] {
		s.f.AddUTF8FontFromBytes(f.name, "", f.file)
		s.known[f.name] = true
	}
	s.f.SetFont(f.name, "", size)
}

func (s *sheet) helvetica(st style) {
	weight := ""
	if st.bold {
		weight = "B"
	}
	s.f.SetFont("Helvetica", weight, st.size)
}

// width is how wide a line is, its letters already joined.
func (s *sheet) width(text string, st style) float64 {
	if s.latin != nil {
		s.helvetica(st)
		return s.f.GetStringWidth(s.latin(text))
	}
	var w float64
	for _, p := range s.pieces(text, st.bold) {
		s.use(p.face, st.size)
		w += s.f.GetStringWidth(p.text)
	}
	return w
}

// line is one line of a paragraph.
type line struct {
	text string
	rtl  bool
}

// wrap breaks text into lines that are no wider than width. Words that are
// wider are broken, too.
func (s *sheet) wrap(text string, st style, width float64) []line {
	var lines []line
	space := s.width(" ", st)
	for paragraph := range strings.SplitSeq(strings.TrimRight(tidy(text), "\n "), "\n") {
		paragraph = join(paragraph)
		rtl := rightToLeft(paragraph)
		var now strings.Builder
		var used float64
		flush := func() {
			lines = append(lines, line{strings.TrimRight(now.String(), " "), rtl})
			now.Reset()
			used = 0
		}
		for word := range strings.SplitSeq(paragraph, " ") {
			w := s.width(word, st)
			if used > 0 && used+space+w > width {
				flush()
			}
			if used > 0 {
				now.WriteByte(' ')
				used += space
			}
			for w > width {
				head, rest, wide := s.cut(word, st, width-used)
				now.WriteString(head)
				flush()
				word, w = rest, w-wide
			}
			now.WriteString(word)
			used += w
			if used == 0 { // a space at the start of a line
				used = 1e-9
			}
		}
		flush()
	}
	return lines
}

// cut splits a word so that its head fits, a letter at least; wide is how wide
// that is. It looks at no more letters than it takes: words may be very long.
func (s *sheet) cut(word string, st style, width float64) (head, rest string, wide float64) {
	for i, c := range word {
		w := s.width(string(c), st)
		if i > 0 && wide+w > width {
			return word[:i], word[i:], wide
		}
		wide += w
	}
	return word, "", wide
}

// draw writes a line with its upper edge at y.
func (s *sheet) draw(x, y float64, l line, st style) {
	s.f.SetTextColor(st.in.r, st.in.g, st.in.b)
	base := y + st.height()/2 + st.size*point*0.36
	text := arrange(l.text, l.rtl)
	if s.latin != nil {
		s.helvetica(st)
		s.f.Text(x, base, s.latin(text))
		return
	}
	for _, p := range s.pieces(text, st.bold) {
		s.use(p.face, st.size)
		s.f.Text(x, base, p.text)
		x += s.f.GetStringWidth(p.text)
	}
}

// one writes a single line at y, cut short if it is too wide, and leaves s.y alone.
func (s *sheet) one(x, y, width float64, text string, st style) {
	s.draw(x, y, s.fitted(text, st, width), st)
}

// end writes a single line that ends at the right edge x; if need be in smaller letters.
func (s *sheet) end(x, y, width float64, text string, st style) {
	for st.size > 5.5 && s.width(join(tidy(text)), st) > width {
		high := st.height()
		st.size -= 0.5
		y += (high - st.height()) / 2
	}
	l := s.fitted(text, st, width)
	s.draw(x-s.width(l.text, st), y, l, st)
}

func (s *sheet) fitted(text string, st style, width float64) line {
	text = join(strings.ReplaceAll(tidy(text), "\n", " "))
	l := line{text, rightToLeft(text)}
	if s.width(text, st) <= width {
		return l
	}
	head, _, _ := s.cut(text, st, width-s.width("…", st))
	l.text = strings.TrimRight(head, " ") + "…"
	return l
}

// prose writes text from s.y on, over as many pages as it takes.
func (s *sheet) prose(x, width float64, text string, st style) {
	for _, l := range s.wrap(text, st, width) {
		s.room(st.height())
		at := x
		if l.rtl {
			at = x + width - s.width(l.text, st)
		}
		s.draw(at, s.y, l, st)
		s.y += st.height()
	}
}

// block writes lines at y without breaking the page, at most so many, and
// returns where they end. It is for names and addresses.
func (s *sheet) block(x, y, width float64, text string, st style, most int) float64 {
	if text == "" {
		return y
	}
	lines := s.wrap(text, st, width)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = s.fitted(lines[most-1].text+" …", st, width)
	}
	for _, l := range lines {
		s.draw(x, y, l, st)
		y += st.height()
	}
	return y
}

func (s *sheet) rule(x1, x2, y float64, c colour, thick float64) {
	s.f.SetDrawColor(c.r, c.g, c.b)
	s.f.SetLineWidth(thick)
	s.f.Line(x1, y, x2, y)
}

// section writes a heading that keeps at least so much of what follows with it.
func (s *sheet) section(title string, keep float64) {
	if s.y > topMargin+20 {
		s.y += 5
	}
	s.room(heading.height() + 1.5 + keep)
	s.one(margin, s.y, s.inner(), title, heading)
	s.y += heading.height() + 1.5
}

// words writes a titled text; nothing when there is none.
func (s *sheet) titled(title, text string) {
	if text == "" {
		return
	}
	s.section(title, 2*words.height())
	s.prose(margin, s.inner(), text, words)
}

// fact is one thing to know.
type fact struct{ label, value, note string }

// facts writes facts beside each other, so many to a row.
func (s *sheet) facts(all []fact, columns int) {
	const gap = 6.0
	width := (s.inner() - gap*float64(columns-1)) / float64(columns)
	for start := 0; start < len(all); start += columns {
		row := all[start:min(start+columns, len(all))]
		s.room(28)
		low := s.y
		for i, f := range row {
			x := margin + float64(i)*(width+gap)
			s.one(x, s.y, width, f.label, label)
			y := s.block(x, s.y+label.height()+0.4, width, f.value, strong, 3)
			low = max(low, s.block(x, y, width, f.note, note, 4))
		}
		s.y = low + 4
	}
}

// picture draws a JPEG or PNG into a box, whole and centred or at its start.
func (s *sheet) picture(name string, data []byte, x, y, w, h float64, centred bool) error {
	kind := "JPG"
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		kind = "PNG"
	}
	options := fpdf.ImageOptions{ImageType: kind}
	info := s.f.RegisterImageOptionsReader(name, options, bytes.NewReader(data))
	if s.f.Err() || info == nil || info.Width() <= 0 || info.Height() <= 0 {
		err := s.f.Error()
		s.f.ClearError() // a document without a picture is better than none
		return fmt.Errorf("picture: %w", err)
	}
	scale := min(w/info.Width(), h/info.Height())
	pw, ph := info.Width()*scale, info.Height()*scale
	if centred {
		x += (w - pw) / 2
		y += (h - ph) / 2
	}
	s.f.ImageOptions(name, x, y, pw, ph, false, options, 0, "")
	return nil
}

// finish writes the foot of every page, now that their number is known, and
// gives the file.
func (s *sheet) finish(left, right string) (out []byte, err error) {
	pages := s.f.PageCount()
	for n := 1; n <= pages; n++ {
		s.f.SetPage(n)
		y := s.h - 13
		s.rule(margin, s.w-margin, y-1.5, rule, 0.2)
		at := fmt.Sprintf("%s · Page %d of %d", right, n, pages)
		s.end(s.w-margin, y, 60, at, label)
		s.one(margin, y, s.inner()-64, left, label)
	}
	s.f.SetPage(pages)
	var b bytes.Buffer
	if err := s.f.Output(&b); err != nil {
		return nil, fmt.Errorf("write document: %w", err)
	}
	return b.Bytes(), nil
}
