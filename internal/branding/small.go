package branding

import (
	"image"
	"image/color"
)

// encodeSmall makes a PNG of at most 256 colours, if nobody can tell it from the
// picture: it weighs half. Photographs keep all of theirs.
func encodeSmall(m *image.NRGBA) (Image, error) {
	for _, coarse := range []uint8{1, 2} {
		if p := paletted(m, coarse); p != nil {
			return encodePNG(p)
		}
	}
	return encodePNG(m)
}

// paletted draws a picture with one colour for all that differ in their last coarse
// bits only, and all that can hardly be seen through; nil if more than 256 are left.
func paletted(m *image.NRGBA, coarse uint8) *image.Paletted {
	var palette color.Palette
	indexes := map[color.NRGBA]uint8{}
	p := image.NewPaletted(m.Rect, nil)
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			c := coarser(m.NRGBAAt(x, y), coarse)
			i, known := indexes[c]
			if !known {
				if len(palette) == 256 {
					return nil
				}
				i = uint8(len(palette))
				indexes[c] = i
				palette = append(palette, c)
			}
			p.SetColorIndex(x, y, i)
		}
	}
	p.Palette = palette
	return p
}

// coarser rounds each part of a colour to its first 8-coarse bits. The less of a
// colour is to be seen, the coarser it may be: the smooth edge of a letter is mostly
// ground. White stays white, black black, and what is opaque opaque.
func coarser(c color.NRGBA, coarse uint8) color.NRGBA {
	alpha := round(c.A, 3)
	if alpha == 0 {
		return color.NRGBA{}
	}
	ink := coarse
	switch {
	case c.A < 64:
		ink = 5
	case c.A < 128:
		ink = 4
	case c.A < 255:
		ink = 3
	}
	return color.NRGBA{round(c.R, ink), round(c.G, ink), round(c.B, ink), alpha}
}

// round takes the last bits of v away and spreads what is left from 0 to 255.
func round(v, bits uint8) uint8 {
	steps := 255 >> bits
	return uint8((int(v)*steps + 127) / 255 * 255 / steps)
}
