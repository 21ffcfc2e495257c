package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
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

// sheet is a document being written, from its top to its end.
type sheet struct {
	f      *fpdf.Fpdf
	y      float64 // where the next thing goes
	w, h   float64
	brand  colour
	set    *setter             // makes lines of text
	used   set                 // what of the fonts is on the pages
	latin  func(string) string // for Helvetica
	onPage func()              // draws what every further page begins with
}

func newSheet(head Letterhead, title string, at time.Time) *sheet {
	size := "A4"
	if strings.HasSuffix(head.Format.Locale, "-US") || strings.HasSuffix(head.Format.Locale, "-CA") {
		size = "Letter"
	}
	s := &sheet{f: fpdf.New("P", "mm", size, ""), set: newSetter(head.fonts, head.Format.Locale), brand: hex(head.Brand)}
	s.w, s.h = s.f.GetPageSize()
	s.f.SetAutoPageBreak(false, 0)
	s.f.SetMargins(margin, topMargin, margin)
	s.f.SetTitle(inFirstPlane(title), true)
	s.f.SetAuthor(inFirstPlane(head.Name), true)
	s.f.SetProducer("Fieldgate", false)
	s.f.SetLang("en")
	// The same document is the same file, whenever it is asked for.
	s.f.SetCatalogSort(true)
	s.f.SetCreationDate(at.UTC())
	s.f.SetModificationDate(at.UTC())
	if embedded() == nil {
		s.latin = s.f.UnicodeTranslatorFromDescriptor("")
	}
	return s
}

// inFirstPlane leaves out what the library cannot write into a document's
// properties.
func inFirstPlane(s string) string {
	return strings.Map(func(c rune) rune {
		if c > 0xFFFF {
			return -1
		}
		return c
	}, tidy(s))
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

func (s *sheet) helvetica(st style) {
	weight := ""
	if st.bold {
		weight = "B"
	}
	s.f.SetFont("Helvetica", weight, st.size)
}

// wrap breaks text into lines that are no wider than width. Words that are
// wider are broken, too.
func (s *sheet) wrap(text string, st style, width float64) []line {
	var lines []line
	for paragraph := range strings.SplitSeq(strings.TrimRight(tidy(text), "\n "), "\n") {
		if s.latin == nil {
			lines = append(lines, s.set.lines(paragraph, st.bold, width/(st.size*point), 0)...)
			continue
		}
		s.helvetica(st)
		parts := s.f.SplitLines([]byte(s.latin(paragraph)), width)
		if len(parts) == 0 {
			parts = [][]byte{nil}
		}
		for _, part := range parts {
			lines = append(lines, s.plain(string(part), st))
		}
	}
	return lines
}

// plain is a line in Helvetica.
func (s *sheet) plain(latin string, st style) line {
	s.helvetica(st)
	return line{plain: latin, width: s.f.GetStringWidth(latin) / (st.size * point)}
}

// draw writes a line with its upper edge at y.
func (s *sheet) draw(x, y float64, l line, st style) {
	base := y + st.height()/2 + st.size*point*0.36
	if s.latin != nil {
		s.helvetica(st)
		s.f.SetTextColor(st.in.r, st.in.g, st.in.b)
		s.f.Text(x, base, l.plain)
		return
	}
	if len(l.runs) == 0 {
		return
	}
	var b strings.Builder
	part := func(c int) float64 { return float64(c) / 255 }
	fmt.Fprintf(&b, "q %[1]s rg %[1]s RG ", fmt.Sprintf("%.3f %.3f %.3f", part(st.in.r), part(st.in.g), part(st.in.b)))
	s.used.show(&b, l, s.set.faces, x/point, (s.h-base)/point, st.size, st.bold)
	b.WriteString("Q")
	s.f.RawWriteStr(b.String())
}

// width is how wide text is on one line.
func (s *sheet) width(text string, st style) float64 { return s.fitted(text, st, 0).wide(st) }

// one writes a single line at y, cut short if it is too wide, and leaves s.y alone.
func (s *sheet) one(x, y, width float64, text string, st style) {
	s.draw(x, y, s.fitted(text, st, width), st)
}

// end writes a single line that ends at the right edge x; if need be in smaller letters.
func (s *sheet) end(x, y, width float64, text string, st style) {
	l := s.fitted(text, st, 0)
	for st.size > 5.5 && l.wide(st) > width {
		high := st.height()
		st.size -= 0.5
		y += (high - st.height()) / 2
	}
	if l.wide(st) > width {
		l = s.fitted(text, st, width)
	}
	s.draw(x-l.wide(st), y, l, st)
}

// fitted is text on one line, with … where it had to be cut to a width; 0 is any.
func (s *sheet) fitted(text string, st style, width float64) line {
	text = strings.ReplaceAll(tidy(text), "\n", " ")
	if s.latin == nil {
		ems := width / (st.size * point)
		if width == 0 {
			ems = math.Inf(1)
		}
		return s.set.lines(text, st.bold, ems, 1)[0]
	}
	l := s.plain(s.latin(text), st)
	if width == 0 || l.wide(st) <= width {
		return l
	}
	more := s.latin("…")
	short := l.plain
	for short != "" && s.plain(short+more, st).wide(st) > width {
		short = short[:len(short)-1]
	}
	return s.plain(strings.TrimRight(short, " ")+more, st)
}

// prose writes text from s.y on, over as many pages as it takes.
func (s *sheet) prose(x, width float64, text string, st style) {
	for _, l := range s.wrap(text, st, width) {
		s.room(st.height())
		at := x
		if l.rtl {
			at = x + width - l.wide(st)
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
	for _, l := range s.few(text, st, width, most) {
		s.draw(x, y, l, st)
		y += st.height()
	}
	return y
}

// few wraps text into so many lines at most; the last says if there is more.
func (s *sheet) few(text string, st style, width float64, most int) []line {
	lines := s.wrap(text, st, width)
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most]
	last := &lines[most-1]
	if s.latin != nil {
		*last = s.plain(last.plain+s.latin(" …"), st)
	} else {
		*last = s.set.lines(last.said+" …", st.bold, width/(st.size*point), 1)[0]
	}
	return lines
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
	return s.used.hang(b.Bytes())
}
