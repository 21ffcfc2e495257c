// Package branding turns what a business uploads into what its pages can use:
// one colour into a palette that stays readable, one picture into a logo, a
// banner or an icon of known size and kind.
package branding

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// rgb is a colour in sRGB, each part from 0 to 1.
type rgb struct{ r, g, b float64 }

// lch is a colour in OKLCH (Björn Ottosson, https://bottosson.github.io/posts/oklab/):
// lightness from 0 to 1, chroma, and hue in degrees. Changing its lightness alone
// keeps the colour looking like itself.
type lch struct{ l, c, h float64 }

// ErrColour refuses what is not written as #rrggbb or #rgb.
var ErrColour = errors.New("write the colour as # and six digits, such as #0e5a8a")

func parse(hex string) (rgb, error) {
	s := strings.TrimPrefix(strings.TrimSpace(hex), "#")
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	if len(s) != 6 {
		return rgb{}, ErrColour
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return rgb{}, ErrColour
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&0xff) / 255, float64(n&0xff) / 255}, nil
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(255 * min(max(v, 0), 1))) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// rounded is the colour as its hex form will be drawn.
func (c rgb) rounded() rgb {
	part := func(v float64) float64 { return math.Round(255*min(max(v, 0), 1)) / 255 }
	return rgb{part(c.r), part(c.g), part(c.b)}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// luminance is WCAG's relative luminance.
func (c rgb) luminance() float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG's contrast ratio, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c rgb) lch() lch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	light := 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return lch{light, math.Hypot(x, y), math.Mod(math.Atan2(y, x)*180/math.Pi+360, 360)}
}

// rgb gives up chroma, never lightness or hue, until a screen can show the colour.
func (c lch) rgb() rgb {
	if out, ok := c.exact(); ok {
		return out
	}
	low, high := 0.0, c.c
	for range 20 {
		mid := (low + high) / 2
		if _, ok := (lch{c.l, mid, c.h}).exact(); ok {
			low = mid
		} else {
			high = mid
		}
	}
	out, _ := lch{c.l, low, c.h}.exact()
	return rgb{min(max(out.r, 0), 1), min(max(out.g, 0), 1), min(max(out.b, 0), 1)}
}

func (c lch) exact() (rgb, bool) {
	x, y := c.c*math.Cos(c.h*math.Pi/180), c.c*math.Sin(c.h*math.Pi/180)
	l := cube(c.l + 0.3963377774*x + 0.2158037573*y)
	m := cube(c.l - 0.1055613458*x - 0.0638541728*y)
	s := cube(c.l - 0.0894841775*x - 1.2914855480*y)
	out := rgb{
		gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
	const slack = 1e-4
	in := func(v float64) bool { return v >= -slack && v <= 1+slack }
	return out, in(out.r) && in(out.g) && in(out.b)
}

func cube(v float64) float64 { return v * v * v }
