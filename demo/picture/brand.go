package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/vector"
)

// Logo is the business's sign and name on a transparent ground, a PNG in the
// brand's colour, #rrggbb.
func Logo(name, colour string) ([]byte, error) {
	const w, h = 1320, 300
	brand := paint(colour)
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	fill := func(c color.NRGBA, paths ...[][2]float32) {
		z := vector.NewRasterizer(w, h)
		for _, path := range paths {
			for i, q := range path {
				if i == 0 {
					z.MoveTo(q[0], q[1])
				} else {
					z.LineTo(q[0], q[1])
				}
			}
			z.ClosePath()
		}
		z.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{})
	}
	// Three gusts, each a band that curls up at its end.
	gust := func(x0, x1, y, r, t float32, up float32) [][2]float32 {
		var outer, inner [][2]float32
		for _, x := range []float32{x0, x1} {
			outer, inner = append(outer, [2]float32{x, y - t/2}), append(inner, [2]float32{x, y + t/2})
		}
		for k := range 41 {
			a := (90 - float64(k)*6.4) * math.Pi / 180
			s, c := math.Sincos(a)
			thin := t / 2 * (1 - 0.35*float32(k)/40)
			at := func(d float32) [2]float32 {
				return [2]float32{x1 + d*float32(c), y - up*r + up*d*float32(s)}
			}
			outer, inner = append(outer, at(r-up*thin)), append(inner, at(r+up*thin))
		}
		for i, j := 0, len(inner)-1; i < j; i, j = i+1, j-1 {
			inner[i], inner[j] = inner[j], inner[i]
		}
		return append(outer, inner...)
	}
	sky := color.NRGBA{R: 0x2f, G: 0xa7, B: 0xd8, A: 255}
	fill(brand, gust(20, 205, 148, 56, 30, 1))
	fill(sky, gust(60, 160, 196, 40, 26, -1))
	fill(brand, gust(0, 84, 98, 32, 26, 1))
	all, width := glyphs(bold, name)
	size := float32(150)
	if width*size > w-300 {
		size = (w - 300) / width
	}
	var letters [][][2]float32
	for _, path := range all {
		o := make([][2]float32, len(path))
		for i, q := range path {
			o[i] = [2]float32{300 + q[0]*size, 200 - q[1]*size}
		}
		letters = append(letters, o)
	}
	fill(color.NRGBA{R: 0x14, G: 0x22, B: 0x30, A: 255}, letters...)
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// Banner is a photo of plant on a roof in the morning, a JPEG of 1280 × 720.
func Banner() ([]byte, error) {
	p := newPainter(1280, 720, 27)
	defer p.release()
	p.sun = vec{-0.95, 0.34, -0.5}.unit()
	p.sunlight, p.ambient = colour{1.35, 1.02, 0.7}, colour{0.36, 0.42, 0.56}
	p.look(vec{-1.3, 1.9, -3.1}, vec{0.2, 1.35, 2}, 58)
	high, low := hex(0x3a6ea8), hex(0xf3d3b0)
	p.backdrop(func(d vec) colour {
		d = d.unit()
		f := 1 / max(d.y+0.12, 0.06)
		cloud := smooth(0.5, 0.72, noise(3+d.x*f, 8+d.z*f)*0.75+noise(d.x*f*4, d.z*f*4)*0.25) * smooth(0, 0.12, d.y)
		return low.to(high, smooth(-0.02, 0.5, d.y)).to(colour{1.15, 0.95, 0.8}, cloud*0.8).mul(1.05)
	})
	p.city()
	xs := []float32{-1.9, -0.35, 1.2}
	for _, x := range xs {
		p.blockers = append(p.blockers, box{vec{x, 0.06, 1}, vec{x + 0.95, 1.45, 1.38}})
	}
	parapet := box{vec{-30, 0, 7}, vec{30, 0.8, 7.25}}
	p.blockers = append(p.blockers, parapet)
	p.deck()
	p.block(parapet, p.concrete(hex(0xb5aea2)))
	for i := len(xs) - 1; i >= 0; i-- {
		p.condenser(xs[i], 1, 2)
	}
	p.exposure, p.warm, p.vignette = 0.92, 0.05, 0.12
	var b bytes.Buffer
	err := jpeg.Encode(&b, p.develop(), &jpeg.Options{Quality: 86})
	return b.Bytes(), err
}

// paint is a colour written as #rrggbb.
func paint(written string) color.NRGBA {
	n, err := strconv.ParseUint(written[1:], 16, 32)
	if err != nil {
		return color.NRGBA{A: 255}
	}
	return color.NRGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 255}
}
