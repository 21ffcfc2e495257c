package pdf

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// A PDF shows glyphs where they are put, one beside the other. So what a browser
// does by itself is done here: letters join, change places and carry marks as
// their scripts ask, what is read from right to left stands that way round, and
// lines break where they may.

// tidy is text as documents show it: composed, and without controls but those
// that join letters and pictures.
func tidy(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\u2028' || c == '\u2029':
			return ' '
		case c == '\n', c == '\u200c', c == '\u200d', c >= 0xE0020 && c <= 0xE007F: // joiners, and the letters of a flag
			return c
		case unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Co, c) || c == unicode.ReplacementChar:
			return -1
		}
		return c
	}, norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
}

// em is how many units a letter's size has where it is shaped.
const em = 1000

// line is text on one line, shaped but for its size.
type line struct {
	runs  []run  // from left to right
	said  string // what was typed, as far as it stands here
	plain string // instead of both, in Helvetica
	rtl   bool
	width float64 // in ems
}

// run is text of one font and direction, with all of the paragraph, to which its
// glyphs point.
type run struct {
	shaping.Output
	text []rune
}

// wide is how wide the line is in that style, in millimetres.
func (l line) wide(st style) float64 { return l.width * st.size * point }

// setter shapes text for one document: none of it is made for several at once.
type setter struct {
	fonts   *Fonts
	locale  string
	faces   map[*font.Face]*face
	known   map[*face]*font.Face
	shaper  shaping.HarfbuzzShaper
	split   shaping.Segmenter
	wrapper shaping.LineWrapper
	missing map[rune]bool
}

func newSetter(fonts *Fonts, locale string) *setter {
	return &setter{fonts: fonts, locale: locale, faces: map[*font.Face]*face{}, known: map[*face]*font.Face{}, missing: map[rune]bool{}}
}

// chooser finds fonts for the letters of one paragraph.
type chooser struct {
	*setter
	bold bool
	han  []string
}

// ResolveFace is the font for a letter. One that no font has shows as a box.
func (c chooser) ResolveFace(r rune) *font.Face {
	found := c.fonts.faceOf(r, c.bold, c.han)
	if found == nil {
		found = embedded()[c.bold][0]
	}
	if c.known[found] == nil {
		c.known[found] = font.NewFace(found.font())
		c.faces[c.known[found]] = found
	}
	return c.known[found]
}

// shape sets a paragraph, which may be empty.
func (s *setter) shape(text string, bold bool) (runs []shaping.Output, letters []rune, direction di.Direction) {
	letters = []rune(text)
	direction = di.DirectionLTR
	if rightToLeft(text) {
		direction = di.DirectionRTL
	}
	if len(letters) == 0 {
		return nil, nil, direction
	}
	in := shaping.Input{Text: letters, RunEnd: len(letters), Direction: direction, Size: fixed.I(em), Language: language.NewLanguage(s.locale)}
	for _, part := range s.split.Split(in, chooser{s, bold, hanOf(text, s.locale)}) {
		run := s.shaper.Shape(part)
		for _, g := range run.Glyphs {
			if g.GlyphID == 0 {
				s.miss(letters[g.TextIndex() : g.TextIndex()+g.RunesCount()])
			}
		}
		runs = append(runs, run)
	}
	return runs, letters, direction
}

func (s *setter) miss(letters []rune) {
	for _, c := range letters {
		if printed(c) {
			s.missing[c] = true
		}
	}
}

// printed reports whether a letter leaves ink; what only changes the one before
// it, as its colour, does not by itself.
func printed(c rune) bool {
	return unicode.IsPrint(c) && !unicode.IsSpace(c) && !unicode.In(c, unicode.Variation_Selector, unicode.Cf)
}

// lines breaks a paragraph into lines that are no wider than width, in ems; most
// of them if that is not zero, the last of which ends with … if there is more.
func (s *setter) lines(text string, bold bool, width float64, most int) []line {
	runs, letters, direction := s.shape(text, bold)
	rtl := direction == di.DirectionRTL
	if len(runs) == 0 {
		return []line{{rtl: rtl}}
	}
	config := shaping.WrapConfig{Direction: direction, TruncateAfterLines: most}
	if most > 0 {
		more, _, _ := s.shape("…", bold)
		config.Truncator = more[0]
	}
	wrapped, cut := s.wrapper.WrapParagraphF(config, units(width), letters, shaping.NewSliceIterator(runs))
	lines := make([]line, 0, len(wrapped))
	for i, w := range wrapped {
		l := line{rtl: rtl}
		from, to := len(letters), 0
		for k, out := range w {
			r := run{out, letters}
			if cut > 0 && i == len(wrapped)-1 && k == len(w)-1 {
				r.text = []rune("…")
			} else {
				from, to = min(from, out.Runes.Offset), max(to, out.Runes.Offset+out.Runes.Count)
			}
			l.width += float64(out.Advance) / 64 / em
			l.runs = append(l.runs, r)
		}
		l.said = strings.TrimSpace(string(letters[min(from, to):to]))
		l.runs = arrange(l.runs, rtl)
		lines = append(lines, l)
	}
	return lines
}

// units are ems as the shaper counts them; no width is too large for it.
func units(ems float64) fixed.Int26_6 {
	const most = 1 << 30
	return fixed.Int26_6(min(max(ems*em*64, 1), most))
}

// arrange puts the runs of a line, in the order in which they are read, in the
// order in which they stand from left to right. Numbers inside a stretch from
// right to left are part of it.
func arrange(runs []run, rtl bool) []run {
	if rtl {
		return backwards(runs)
	}
	out := make([]run, 0, len(runs))
	for i := 0; i < len(runs); {
		end := i
		for k := i; k < len(runs) && (runs[k].back() || k > i && runs[k].isNumber()); k++ {
			if runs[k].back() {
				end = k + 1
			}
		}
		if end == i {
			out = append(out, runs[i])
			i++
			continue
		}
		out = append(out, backwards(runs[i:end])...)
		i = end
	}
	return out
}

// backwards turns a stretch round; what runs from left to right inside it keeps
// its own order.
func backwards(runs []run) (out []run) {
	for end := len(runs); end > 0; {
		begin := end - 1
		for !runs[end-1].back() && begin > 0 && !runs[begin-1].back() {
			begin--
		}
		out = append(out, runs[begin:end]...)
		end = begin
	}
	return out
}

func (r run) back() bool { return r.Direction == di.DirectionRTL }

func (r run) isNumber() bool {
	s := string(r.text[r.Runes.Offset : r.Runes.Offset+r.Runes.Count])
	return strings.ContainsFunc(s, unicode.IsDigit) && !strings.ContainsFunc(s, unicode.IsLetter)
}

// rightToLeft reports whether a paragraph begins at the right: its first letter says so.
func rightToLeft(s string) bool {
	for _, c := range s {
		props, _ := bidi.LookupRune(c)
		switch props.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}
