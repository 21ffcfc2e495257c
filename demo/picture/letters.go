package picture

import (
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// letters is a font.
type letters func() *sfnt.Font

var (
	regular = letters(sync.OnceValue(func() *sfnt.Font { return parse(goregular.TTF) }))
	bold    = letters(sync.OnceValue(func() *sfnt.Font { return parse(gobold.TTF) }))
	mono    = letters(sync.OnceValue(func() *sfnt.Font { return parse(gomono.TTF) }))
)

func parse(ttf []byte) *sfnt.Font {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
}

// outline is a glyph as closed curves, in ems, y up.
type outline [][][2]float32

const em = 64 // pixels; the outline is exact anyway

// glyphs are the outlines of the text one after the other, and its width in ems.
func glyphs(l letters, text string) (all outline, width float32) {
	f := l()
	var buf sfnt.Buffer
	for _, r := range text {
		i, err := f.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		segments, err := f.LoadGlyph(&buf, i, fixed.I(em), nil)
		if err != nil {
			continue
		}
		var path [][2]float32
		at := func(p fixed.Point26_6) [2]float32 {
			return [2]float32{width + float32(p.X)/64/em, -float32(p.Y) / 64 / em}
		}
		for _, s := range segments {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				if len(path) > 2 {
					all = append(all, path)
				}
				path = [][2]float32{at(s.Args[0])}
			case sfnt.SegmentOpLineTo:
				path = append(path, at(s.Args[0]))
			case sfnt.SegmentOpQuadTo:
				a, b, c := path[len(path)-1], at(s.Args[0]), at(s.Args[1])
				for _, t := range []float32{0.25, 0.5, 0.75, 1} {
					u := 1 - t
					path = append(path, [2]float32{u*u*a[0] + 2*u*t*b[0] + t*t*c[0], u*u*a[1] + 2*u*t*b[1] + t*t*c[1]})
				}
			case sfnt.SegmentOpCubeTo: // the Go fonts have none
				path = append(path, at(s.Args[2]))
			}
		}
		if len(path) > 2 {
			all = append(all, path)
		}
		if advance, err := f.GlyphAdvance(&buf, i, fixed.I(em), 0); err == nil {
			width += float32(advance) / 64 / em
		}
	}
	return all, width
}

// write puts text on a plane, its base line at v, size metres to the em.
func (p *painter) write(f plane, u, v, size float32, l letters, text string, c colour) {
	all, _ := glyphs(l, text)
	var outlines [][]vec
	for _, path := range all {
		o := make([]vec, len(path))
		for i, q := range path {
			o[i] = f.at(u+q[0]*size, v+q[1]*size)
		}
		outlines = append(outlines, o)
	}
	if len(outlines) > 0 {
		p.faces(f, outlines, plain(c), true)
	}
}

// segments of a seven-segment digit: a is the top one, then clockwise, g the middle.
var segments = map[rune]string{
	'0': "abcdef", '1': "bc", '2': "abged", '3': "abgcd", '4': "fgbc", '5': "afgcd", '6': "afgedc", '7': "abc", '8': "abcdefg", '9': "abcdfg",
}

// digits writes a number the way a liquid crystal does.
func (p *painter) digits(f plane, u, v, height float32, text string, s skin) {
	w, t := height*0.5, height*0.085
	for _, r := range text {
		for _, g := range segments[r] {
			var o []vec
			// A bar from (x0,y0), as long as a half of the digit, pointed at both ends.
			bar := func(x0, y0 float32, upright bool, long float32) {
				pts := [][2]float32{{t * 0.6, 0}, {t * 1.4, t * 0.8}, {long - t*1.4, t * 0.8}, {long - t*0.6, 0}, {long - t*1.4, -t * 0.8}, {t * 1.4, -t * 0.8}}
				for _, q := range pts {
					x, y := x0+q[0], y0+q[1]
					if upright {
						x, y = x0+q[1], y0+q[0]
					}
					o = append(o, f.at(u+x+y*0.08, v+y))
				}
			}
			switch g {
			case 'a':
				bar(0, height, false, w)
			case 'b':
				bar(w, height/2, true, height/2)
			case 'c':
				bar(w, 0, true, height/2)
			case 'd':
				bar(0, 0, false, w)
			case 'e':
				bar(0, 0, true, height/2)
			case 'f':
				bar(0, height/2, true, height/2)
			case 'g':
				bar(0, height/2, false, w)
			}
			p.glow(f, o, s)
		}
		u += w + height*0.26
	}
}
