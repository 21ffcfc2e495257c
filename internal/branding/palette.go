package branding

import "fmt"

// Contrasts asked of a palette. Text needs 4.5 to 1 (WCAG 2.2, 1.4.3). A filled
// button is known by the text on it, so on a light page its fill need only be told
// from the ground: asking for more would turn a yellow business brown. On a dark
// page more costs nothing but a lighter shade. Where the fill alone means
// something, as on a ticked box, Ink draws the edge.
const (
	textContrast      = 4.5
	fillContrastLight = 1.35
	fillContrastDark  = 3.0
)

// The grounds that brand colours lie on. They are --page, --surface and --raised
// of static/css/tokens.css; a test compares them.
var (
	lightGrounds = []rgb{lch{0.982, 0.003, 255}.rgb(), {1, 1, 1}}
	darkGrounds  = []rgb{lch{0.18, 0.008, 260}.rgb(), lch{0.215, 0.009, 260}.rgb(), lch{0.255, 0.011, 260}.rgb()}
)

var (
	white = rgb{1, 1, 1}
	black = rgb{0, 0, 0}
)

// Shades are a brand's colours, as #rrggbb, for one of light and dark.
type Shades struct {
	// Brand fills buttons and marks; it can be told from every ground.
	Brand string
	// On is readable on Brand and on Press.
	On string
	// Press is Brand under the pointer.
	Press string
	// Ink is the brand as text, readable on every ground and on Soft.
	Ink string
	// Soft is a ground with a trace of the brand.
	Soft string
}

// Palette is what one colour of a business becomes.
type Palette struct{ Light, Dark Shades }

// New makes the palette of a colour written as #rrggbb or #rgb; the error is ErrColour.
func New(colour string) (Palette, error) {
	c, err := parse(colour)
	if err != nil {
		return Palette{}, err
	}
	return Palette{
		Light: shades(c, lightGrounds, lch{0.955, 0.022, 0}, fillContrastLight, -1),
		Dark:  shades(c, darkGrounds, lch{0.30, 0.045, 0}, fillContrastDark, 1),
	}, nil
}

// shades moves lightness away from the grounds (by sign) until the contrast is enough.
func shades(c rgb, grounds []rgb, soft lch, fill, sign float64) Shades {
	base := c.lch()
	brand := away(base, fill, sign, grounds...)

	on := black
	if contrast(white, brand) >= textContrast {
		on = white
	}
	// Under the pointer the fill moves away from the text on it, so contrast only grows.
	press := brand.lch()
	if on == white {
		press.l = max(press.l-0.06, 0)
	} else {
		press.l = min(press.l+0.05, 1)
	}

	soft.c, soft.h = min(soft.c, base.c*0.5), base.h
	ground := soft.rgb().rounded()
	ink := away(base, textContrast, sign, append(grounds[:len(grounds):len(grounds)], ground)...)
	return Shades{Brand: brand.hex(), On: on.hex(), Press: press.rgb().hex(), Ink: ink.hex(), Soft: ground.hex()}
}

// away is the colour, moved in small steps as far as the contrast with every ground needs.
func away(c lch, enough, sign float64, grounds ...rgb) rgb {
	for {
		out := c.rgb().rounded()
		if reaches(out, enough, grounds) || sign < 0 && c.l <= 0 || sign > 0 && c.l >= 1 {
			return out
		}
		c.l = min(max(c.l+sign*0.005, 0), 1)
	}
}

func reaches(c rgb, enough float64, grounds []rgb) bool {
	for _, g := range grounds {
		if contrast(c, g) < enough {
			return false
		}
	}
	return true
}

// Stylesheet replaces the neutral brand of the tokens by this palette.
func (p Palette) Stylesheet() string {
	pair := func(light, dark string) string { return "light-dark(" + light + "," + dark + ")" }
	return fmt.Sprintf(":root{--brand:%s;--brand-on:%s;--brand-press:%s;--brand-ink:%s;--brand-soft:%s}\n",
		pair(p.Light.Brand, p.Dark.Brand), pair(p.Light.On, p.Dark.On), pair(p.Light.Press, p.Dark.Press),
		pair(p.Light.Ink, p.Dark.Ink), pair(p.Light.Soft, p.Dark.Soft))
}
