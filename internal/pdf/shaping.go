package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// A PDF shows letters where they are put, one beside the other. So what a
// browser does by itself is done here: letters of Arabic script join, and what
// is read from right to left stands that way round. Scripts that need more than
// that, such as Thai or Devanagari, come out letter by letter.

// tidy is text as documents show it: composed, without controls, and without
// characters beyond the first plane, which the fonts of documents do not have.
func tidy(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\u2028' || c == '\u2029':
			return ' '
		case c == '\n':
			return c
		case c > 0xFFFF:
			return '□'
		case c == '\uFEFF' || unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
}

// forms are the shapes of a letter by its neighbours, zero where it has none.
type forms struct{ alone, last, first, middle rune }

// joining maps letters of Arabic script to their shapes. Unicode's presentation
// forms list them in this order, letter after letter, and name the letter.
var joining = func() map[rune]forms {
	m := map[rune]forms{}
	for _, span := range [][2]rune{{0xFB50, 0xFBB1}, {0xFBD3, 0xFBE9}, {0xFBFC, 0xFBFF}, {0xFE80, 0xFEF4}} {
		for c := span[0]; c <= span[1]; {
			base := []rune(norm.NFKC.String(string(c)))
			n := rune(1)
			for c+n <= span[1] && norm.NFKC.String(string(c+n)) == string(base) {
				n++
			}
			if len(base) == 1 && base[0] != c {
				f := forms{alone: c}
				if n >= 2 {
					f.last = c + 1
				}
				if n == 4 {
					f.first, f.middle = c+2, c+3
				}
				if m[base[0]].first == 0 {
					m[base[0]] = f
				}
			}
			c += n
		}
	}
	return m
}()

// lamAlef are the shapes that lam takes together with the alef behind it.
var lamAlef = map[rune]forms{
	'\u0622': {alone: 0xFEF5, last: 0xFEF6}, '\u0623': {alone: 0xFEF7, last: 0xFEF8},
	'\u0625': {alone: 0xFEF9, last: 0xFEFA}, '\u0627': {alone: 0xFEFB, last: 0xFEFC},
}

const (
	lam     = '\u0644'
	tatweel = '\u0640' // lengthens a joint
)

// join gives letters of Arabic script the shapes they have beside each other.
func join(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x0620 && c <= 0x06FF }) {
		return s
	}
	in := []rune(s)
	neighbour := func(i, step int) rune {
		for i += step; i >= 0 && i < len(in); i += step {
			if !unicode.Is(unicode.Mn, in[i]) {
				return in[i]
			}
		}
		return 0
	}
	// Each letter joins the one before if both reach out.
	reaches := func(c rune) bool { return c == tatweel || joining[c].first != 0 }
	takes := func(c rune) bool { return c == tatweel || joining[c].last != 0 }
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		c := in[i]
		f, known := joining[c]
		if !known {
			out = append(out, c)
			continue
		}
		before := reaches(neighbour(i, -1)) && takes(c)
		if c == lam && i+1 < len(in) {
			if both, ok := lamAlef[in[i+1]]; ok {
				out = append(out, pick(before, both.last, both.alone))
				i++
				continue
			}
		}
		after := reaches(c) && takes(neighbour(i, 1))
		switch {
		case before && after:
			out = append(out, f.middle)
		case before:
			out = append(out, f.last)
		case after:
			out = append(out, f.first)
		default:
			out = append(out, f.alone)
		}
	}
	return string(out)
}

func pick(yes bool, a, b rune) rune {
	if yes {
		return a
	}
	return b
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

// arrange puts the letters of one line in the order in which they stand on
// paper, from left to right.
func arrange(s string, rtl bool) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x0590 }) {
		return s
	}
	var p bidi.Paragraph
	if rtl {
		_, _ = p.SetString(s, bidi.DefaultDirection(bidi.RightToLeft)) // fails for unknown options only
	} else {
		const mark = "\u200e" // whatever the line begins with, its paragraph runs from left to right
		_, _ = p.SetString(mark + s)
	}
	o, err := p.Order()
	if err != nil {
		return s
	}
	var runs []string
	var back []bool // runs of the line that are read from right to left
	for i := range o.NumRuns() {
		run := o.Run(i)
		text := strings.Trim(run.String(), "\u200e")
		rightwards := run.Direction() == bidi.RightToLeft
		if rightwards {
			text = bidi.ReverseString(text)
		}
		runs, back = append(runs, text), append(back, rightwards)
	}
	if rtl {
		var b strings.Builder
		for i := len(runs) - 1; i >= 0; i-- {
			b.WriteString(runs[i])
		}
		return b.String()
	}
	// Numbers inside a stretch from right to left are part of it.
	var b strings.Builder
	for i := 0; i < len(runs); {
		if !back[i] {
			b.WriteString(runs[i])
			i++
			continue
		}
		end := i + 1
		for end+1 < len(runs) && back[end+1] && isNumber(runs[end]) {
			end += 2
		}
		for k := end - 1; k >= i; k-- {
			b.WriteString(runs[k])
		}
		i = end
	}
	return b.String()
}

func isNumber(s string) bool {
	return strings.ContainsFunc(s, unicode.IsDigit) && !strings.ContainsFunc(s, unicode.IsLetter)
}
