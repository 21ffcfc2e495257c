package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/text/unicode/bidi"
)

// The library that writes documents knows letters and not glyphs. So what is
// shaped is written as glyphs of fonts that this file makes: each has what the
// document uses of a face, and says for each glyph which text it stands for, so
// that documents can be searched and copied from. They are hung on when the
// library is done, as an update of the file (ISO 32000-1, 7.5.6).

// glyphs are those of a face that a document uses. The same glyph stands twice if
// it stands for two texts.
type glyphs struct {
	*face
	sized *font.Face // of the same font, for one document
	name  string     // in the document
	units int        // that an em has in the font's file
	index map[used]int
	list  []used
}

type used struct {
	id   font.GID
	text string // "" within a group that has its text together
}

func (g *glyphs) code(id font.GID, text string) int {
	u := used{id, text}
	if n, ok := g.index[u]; ok {
		return n
	}
	g.list = append(g.list, u)
	g.index[u] = len(g.list) // 0 is for what is missing
	return len(g.list)
}

// maxGlyphs is how many the codes of a font can name.
const maxGlyphs = 65_000

// set holds the fonts of a document in the order in which it uses them.
type set struct {
	faces map[*face]*glyphs
	order []*glyphs
}

func (s *set) of(sized *font.Face, f *face) *glyphs {
	if s.faces[f] == nil {
		if s.faces == nil {
			s.faces = map[*face]*glyphs{}
		}
		s.faces[f] = &glyphs{face: f, sized: sized, name: "G" + strconv.Itoa(len(s.order)), units: int(sized.Upem()), index: map[used]int{}}
		s.order = append(s.order, s.faces[f])
	}
	return s.faces[f]
}

// show writes the runs of a line from x, y on, both in points from the page's
// lower left, in letters of that size.
func (s *set) show(w *strings.Builder, l line, faces map[*font.Face]*face, x, y, size float64, bold bool) {
	fmt.Fprintf(w, "BT %.3f %.3f Td", x, y)
	for _, run := range l.runs {
		g := s.of(run.Face, faces[run.Face])
		fmt.Fprintf(w, " /%s %.2f Tf", g.name, size)
		if g.thin && bold {
			fmt.Fprintf(w, " 2 Tr %.3f w", size*0.035)
		}
		s.showRun(w, g, run, size)
		if g.thin && bold {
			w.WriteString(" 0 Tr")
		}
	}
	w.WriteString(" ET\n")
}

func (s *set) showRun(w *strings.Builder, g *glyphs, run run, size float64) {
	open := false // whether an array of glyphs is being written
	begin := func() {
		if !open {
			w.WriteString(" [")
			open = true
		}
	}
	end := func() {
		if open {
			w.WriteString("] TJ")
			open = false
		}
	}
	move := func(ems float64) {
		if ems > 0.05 || ems < -0.05 {
			begin()
			fmt.Fprintf(w, "%.1f", -ems)
		}
	}
	rise := 0.0
	for i := 0; i < len(run.Glyphs); {
		first := run.Glyphs[i]
		n := min(max(first.GlyphsCount(), 1), len(run.Glyphs)-i)
		meaning := string(run.text[first.TextIndex():min(first.TextIndex()+first.RunesCount(), len(run.text))])
		if run.back() && n == 1 && utf8.RuneCountInString(meaning) == 1 {
			meaning = bidi.ReverseString(meaning) // a bracket is what it looks like
		}
		if n > 1 && !run.back() {
			end()
			fmt.Fprintf(w, " /Span <</ActualText <FEFF%s>>> BDC", inHex(meaning))
		}
		group := run.Glyphs[i : i+n]
		for k, glyph := range group {
			if up := float64(glyph.YOffset) / 64 / em * size; up != rise {
				end()
				fmt.Fprintf(w, " %.3f Ts", up)
				rise = up
			}
			said := ""
			if k == widest(group) {
				said = meaning
			}
			before := float64(glyph.XOffset) / 64
			move(before)
			begin()
			fmt.Fprintf(w, "<%04X>", g.code(glyph.GlyphID, said))
			move(float64(glyph.Advance)/64 - g.advance(glyph.GlyphID) - before)
		}
		if n > 1 && !run.back() {
			end()
			w.WriteString(" EMC")
		}
		i += n
	}
	end()
	if rise != 0 {
		w.WriteString(" 0 Ts")
	}
}

// widest is the glyph of a group that its marks stand around.
func widest(group []shaping.Glyph) (at int) {
	for i, glyph := range group {
		if glyph.Advance > group[at].Advance {
			at = i
		}
	}
	return at
}

// advance is how far the glyph moves by itself, in thousandths of an em.
func (g *glyphs) advance(id font.GID) float64 {
	return float64(g.sized.HorizontalAdvance(id)) * em / float64(g.units)
}

func inHex(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

var (
	trailerOf   = regexp.MustCompile(`(?s)trailer\n<<\n/Size (\d+)\n(.*?)>>\nstartxref\n(\d+)\n%%EOF\s*$`)
	resourcesOf = regexp.MustCompile(`(?s)\n2 0 obj\n<<\n(.*?/Font <<\n)(.*?>>\nendobj\n)`)
)

// hang adds the fonts to a file that the library has written.
func (s *set) hang(file []byte) ([]byte, error) {
	if len(s.order) == 0 {
		return file, nil
	}
	trailer := trailerOf.FindSubmatch(file)
	resources := resourcesOf.FindSubmatch(file)
	if trailer == nil || resources == nil {
		return nil, errors.New("the library writes files another way")
	}
	next, err := strconv.Atoi(string(trailer[1]))
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(file)
	if file[len(file)-1] != '\n' {
		out.WriteByte('\n')
	}
	first := next
	var at []int
	object := func(dictionary string, stream []byte) {
		at = append(at, out.Len())
		if stream == nil {
			fmt.Fprintf(out, "%d 0 obj\n<<%s>>\nendobj\n", next, dictionary)
		} else {
			packed := deflate(stream)
			fmt.Fprintf(out, "%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", next, dictionary, len(packed), packed)
		}
		next++
	}
	var names strings.Builder
	for _, g := range s.order {
		if len(g.list) > maxGlyphs {
			return nil, errors.New("too many letters for a document")
		}
		file, box, ascent, descent, err := subset(g.file(), g.list)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", g.face.name, err)
		}
		name := "/" + tagOf(g.list) + "+" + g.face.name
		scale := func(v int16) int { return int(v) * em / g.units }
		fmt.Fprintf(&names, "/%s %d 0 R\n", g.name, next+4)
		object(fmt.Sprintf("/Length1 %d", len(file)), file)
		object("", []byte(g.toUnicode()))
		object(fmt.Sprintf("/Type/FontDescriptor/FontName%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R",
			name, scale(box[0]), scale(box[1]), scale(box[2]), scale(box[3]), scale(ascent), scale(descent), scale(ascent), next-2), nil)
		object(fmt.Sprintf("/Type/Font/Subtype/CIDFontType2/BaseFont%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 0/W[1[%s]]/CIDToGIDMap/Identity",
			name, next-1, g.widths()), nil)
		object(fmt.Sprintf("/Type/Font/Subtype/Type0/BaseFont%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R", name, next-1, next-3), nil)
	}
	resourcesAt := out.Len()
	fmt.Fprintf(out, "2 0 obj\n<<\n%s%s%s", resources[1], names.String(), resources[2])
	xref := out.Len()
	fmt.Fprintf(out, "xref\n2 1\n%010d 00000 n \n%d %d\n", resourcesAt, first, len(at))
	for _, offset := range at {
		fmt.Fprintf(out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(out, "trailer\n<<\n/Size %d\n%s/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n", next, trailer[2], trailer[3], xref)
	return out.Bytes(), nil
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // memory takes all
	_ = z.Close()
	return out.Bytes()
}

// tagOf is the six letters that tell a part of a font from others.
func tagOf(list []used) string {
	sum := uint32(2166136261)
	for _, u := range list {
		sum = (sum ^ uint32(u.id)) * 16777619
	}
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = byte('A' + sum%26)
		sum /= 26
	}
	return string(tag)
}

func (g *glyphs) widths() string {
	var b strings.Builder
	for _, u := range g.list {
		fmt.Fprintf(&b, "%s ", strconv.FormatFloat(g.advance(u.id), 'f', -1, 32))
	}
	return b.String()
}

// toUnicode maps codes to text. ISO 32000-1, 9.10.3.
func (g *glyphs) toUnicode() string {
	var lines []string
	for i, u := range g.list {
		if u.text != "" {
			lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", i+1, inHex(u.text)))
		}
	}
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(lines, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", len(part), strings.Join(part, ""))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}

// subset makes a font file of the glyphs that are used, in their order, behind
// the one for what is missing. OpenType 1.9.1, otff, glyf.
func subset(file io.ReaderAt, list []used) (out []byte, box [4]int16, ascent, descent int16, err error) {
	tables, err := readTables(file)
	if err != nil {
		return nil, box, 0, 0, err
	}
	be := binary.BigEndian
	head, hhea, maxp, loca, hmtx := tables["head"], tables["hhea"], tables["maxp"], tables["loca"], tables["hmtx"]
	if len(head) < 54 || len(hhea) < 36 || len(maxp) < 6 || tables["glyf"] == nil {
		return nil, box, 0, 0, errors.New("it is no TrueType font")
	}
	long := be.Uint16(head[50:]) == 1
	count, metrics := int(be.Uint16(maxp[4:])), int(be.Uint16(hhea[34:]))
	outline := func(id int) ([]byte, error) {
		var from, to int
		switch {
		case id >= count:
			return nil, errors.New("a glyph that it does not have")
		case long && 4*id+8 <= len(loca):
			from, to = int(be.Uint32(loca[4*id:])), int(be.Uint32(loca[4*id+4:]))
		case !long && 2*id+4 <= len(loca):
			from, to = 2*int(be.Uint16(loca[2*id:])), 2*int(be.Uint16(loca[2*id+2:]))
		}
		if from > to || to > len(tables["glyf"]) {
			return nil, errors.New("a glyph outside its file")
		}
		return tables["glyf"][from:to], nil
	}
	ids := []int{0}
	for _, u := range list {
		ids = append(ids, int(u.id))
	}
	parts := map[int]int{} // where glyphs stand that others are made of
	var glyf, newLoca, newHmtx []byte
	for i := 0; i < len(ids); i++ {
		shape, err := outline(ids[i])
		if err != nil {
			return nil, box, 0, 0, err
		}
		shape = bytes.Clone(shape)
		for _, at := range components(shape) {
			old := int(be.Uint16(shape[at:]))
			if _, ok := parts[old]; !ok {
				parts[old] = len(ids)
				ids = append(ids, old)
			}
			be.PutUint16(shape[at:], uint16(parts[old]))
		}
		newLoca = be.AppendUint32(newLoca, uint32(len(glyf)))
		glyf = append(glyf, shape...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		newHmtx = append(newHmtx, metric(hmtx, ids[i], metrics)...)
	}
	newLoca = be.AppendUint32(newLoca, uint32(len(glyf)))
	head, hhea, maxp = bytes.Clone(head), bytes.Clone(hhea), bytes.Clone(maxp)
	be.PutUint32(head[8:], 0)
	be.PutUint16(head[50:], 1)
	be.PutUint16(hhea[34:], uint16(len(ids)))
	be.PutUint16(maxp[4:], uint16(len(ids)))
	for i := range box {
		box[i] = int16(be.Uint16(head[36+2*i:]))
	}
	made := map[string][]byte{
		"head": head, "hhea": hhea, "maxp": maxp, "loca": newLoca, "glyf": glyf, "hmtx": newHmtx, "cvt ": tables["cvt "], "fpgm": tables["fpgm"], "prep": tables["prep"],
	}
	return writeTables(made), box, int16(be.Uint16(hhea[4:])), int16(be.Uint16(hhea[6:])), nil
}

// components are the places where a glyph names others of which it is made.
func components(shape []byte) (places []int) {
	be := binary.BigEndian
	if len(shape) < 10 || int16(be.Uint16(shape)) >= 0 {
		return nil
	}
	const words, scale, more, twoScales, matrix = 1, 8, 32, 64, 128
	for at := 10; at+4 <= len(shape); {
		flags := be.Uint16(shape[at:])
		places = append(places, at+2)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			break
		}
	}
	return places
}

// metric is how wide a glyph is and where it begins.
func metric(hmtx []byte, id, metrics int) []byte {
	out := make([]byte, 4)
	if at := 4 * min(id, metrics-1); at >= 0 && at+4 <= len(hmtx) {
		copy(out, hmtx[at:at+4])
	}
	if at := 4*metrics + 2*(id-metrics); id >= metrics && at+2 <= len(hmtx) {
		copy(out[2:], hmtx[at:at+2])
	}
	return out
}

// readTables reads the tables of a font that subset needs.
func readTables(file io.ReaderAt) (map[string][]byte, error) {
	be := binary.BigEndian
	head := make([]byte, 12)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, err
	}
	list := make([]byte, 16*int(be.Uint16(head[4:])))
	if _, err := file.ReadAt(list, 12); err != nil {
		return nil, err
	}
	tables := map[string][]byte{}
	for ; len(list) >= 16; list = list[16:] {
		switch name := string(list[:4]); name {
		case "head", "hhea", "maxp", "loca", "glyf", "hmtx", "cvt ", "fpgm", "prep":
			const most = 64 << 20
			tables[name] = make([]byte, min(be.Uint32(list[12:]), most))
			if _, err := file.ReadAt(tables[name], int64(be.Uint32(list[8:]))); err != nil {
				return nil, err
			}
		}
	}
	return tables, nil
}

func writeTables(tables map[string][]byte) []byte {
	be := binary.BigEndian
	var names []string
	for name, content := range tables {
		if content != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	power := 1
	for 2*power <= len(names) {
		power *= 2
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(names), 16 * power, bitsOf(power), 16 * (len(names) - power)} {
		out = be.AppendUint16(out, uint16(n))
	}
	at := len(out) + 16*len(names)
	var body []byte
	for _, name := range names {
		content := tables[name]
		padded := append(bytes.Clone(content), make([]byte, -len(content)&3)...)
		var sum uint32
		for i := 0; i < len(padded); i += 4 {
			sum += be.Uint32(padded[i:])
		}
		out = append(out, name...)
		out = be.AppendUint32(out, sum)
		out = be.AppendUint32(out, uint32(at+len(body)))
		out = be.AppendUint32(out, uint32(len(content)))
		body = append(body, padded...)
	}
	return append(out, body...)
}

func bitsOf(power int) (n int) {
	for power > 1 {
		power /= 2
		n++
	}
	return n
}
