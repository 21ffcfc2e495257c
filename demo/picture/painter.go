package picture

import (
	"image"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// vec is a point or direction in metres: x to the right, y up, z away.
type vec struct{ x, y, z float32 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) mul(f float32) vec       { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) dot(b vec) float32       { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) cross(b vec) vec         { return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x} }
func (a vec) length() float32         { return float32(math.Sqrt(float64(a.dot(a)))) }
func (a vec) unit() vec               { return a.mul(1 / max(a.length(), 1e-9)) }
func (a vec) to(b vec, f float32) vec { return a.add(b.sub(a).mul(f)) }

// colour is linear light, 1 being white paper in full light.
type colour struct{ r, g, b float32 }

func (c colour) mul(f float32) colour          { return colour{c.r * f, c.g * f, c.b * f} }
func (c colour) by(o colour) colour            { return colour{c.r * o.r, c.g * o.g, c.b * o.b} }
func (c colour) add(o colour) colour           { return colour{c.r + o.r, c.g + o.g, c.b + o.b} }
func (c colour) to(o colour, f float32) colour { return c.mul(1 - f).add(o.mul(f)) }

// hex is the colour that a screen shows as 0xrrggbb.
func hex(n uint32) colour {
	return colour{gamma[n>>16&255], gamma[n>>8&255], gamma[n&255]}
}

// gamma is the light of each of a screen's values.
var gamma = func() (g [256]float32) {
	for i := range g {
		g[i] = float32(math.Pow(float64(i)/255, 2.2))
	}
	return g
}()

// painter is a picture being painted.
type painter struct {
	w, h int
	film []float32 // linear light, three for each pixel
	mask []uint8   // of the face being filled
	pick *rand.Rand
	fill vector.Rasterizer

	eye, ahead, right, up vec
	zoom                  float32 // pixels per metre at a metre's distance

	sun      vec    // towards it
	sunlight colour // what it adds to a face that looks at it
	ambient  colour // from everywhere
	torches  []torch
	blockers []box // what throws shadows

	adding          bool // faces add their light to what is there
	exposure, grain float32
	vignette, warm  float32
}

// torch is a lamp at a point.
type torch struct {
	at    vec
	light colour
	aim   vec     // zero: shines everywhere
	beam  float32 // cosine at which its light has gone
}

// box stands upright along the axes.
type box struct{ low, high vec }

func (p *painter) between(low, high float32) float32 { return low + p.pick.Float32()*(high-low) }

// look points the camera; view is the width of the picture in degrees.
func (p *painter) look(from, at vec, view float32) {
	p.eye = from
	p.ahead = at.sub(from).unit()
	tilt := p.between(-0.012, 0.012) // nobody holds a phone quite level
	p.right = vec{0, 1, 0}.cross(p.ahead).unit().add(vec{0, tilt, 0}).unit()
	p.up = p.ahead.cross(p.right)
	p.zoom = float32(p.w) / 2 / float32(math.Tan(float64(view)*math.Pi/360))
}

// project tells where on the picture v is, and how far ahead.
func (p *painter) project(v vec) (x, y, depth float32) {
	d := v.sub(p.eye)
	depth = d.dot(p.ahead)
	f := p.zoom / max(depth, 1e-4)
	return float32(p.w)/2 + d.dot(p.right)*f, float32(p.h)/2 - d.dot(p.up)*f, depth
}

// near is where faces are cut off before the lens.
const near = 0.02

// clip is the part of a face in front of the lens and not too far beside the
// picture, where its coordinates would grow beyond what the rasterizer bears.
func (p *painter) clip(face []vec) []vec {
	beside, above := 1.5*float32(p.w)/p.zoom, 1.5*float32(p.h)/p.zoom
	for _, inside := range [5]func(d vec) float32{
		func(d vec) float32 { return d.dot(p.ahead) - near },
		func(d vec) float32 { return d.dot(p.ahead)*beside - d.dot(p.right) },
		func(d vec) float32 { return d.dot(p.ahead)*beside + d.dot(p.right) },
		func(d vec) float32 { return d.dot(p.ahead)*above - d.dot(p.up) },
		func(d vec) float32 { return d.dot(p.ahead)*above + d.dot(p.up) },
	} {
		face = p.cut(face, inside)
	}
	return face
}

// cut keeps the part of a face where inside is positive.
func (p *painter) cut(face []vec, inside func(fromEye vec) float32) []vec {
	whole := true
	for _, v := range face {
		whole = whole && inside(v.sub(p.eye)) > 0
	}
	if whole {
		return face
	}
	var out []vec
	for i, a := range face {
		b := face[(i+1)%len(face)]
		da, db := inside(a.sub(p.eye)), inside(b.sub(p.eye))
		if da > 0 {
			out = append(out, a)
		}
		if (da > 0) != (db > 0) {
			out = append(out, a.to(b, da/(da-db)))
		}
	}
	return out
}

// plane is a flat surface with its own two directions, in metres.
type plane struct{ origin, u, v vec }

func (f plane) normal() vec            { return f.u.cross(f.v).unit() }
func (f plane) at(u, v float32) vec    { return f.origin.add(f.u.mul(u)).add(f.v.mul(v)) }
func (f plane) moved(by vec) plane     { f.origin = f.origin.add(by); return f }
func (f plane) lifted(d float32) plane { return f.moved(f.normal().mul(d)) }

func (f plane) rect(u0, v0, u1, v1 float32) []vec {
	return []vec{f.at(u0, v0), f.at(u1, v0), f.at(u1, v1), f.at(u0, v1)}
}

// ring is a circle on the plane.
func (f plane) ring(u, v, radius float32) []vec {
	const n = 48
	out := make([]vec, n)
	for i := range out {
		s, c := math.Sincos(float64(i) * 2 * math.Pi / n)
		out[i] = f.at(u+radius*float32(c), v+radius*float32(s))
	}
	return out
}

// rounded is a rectangle with rounded corners.
func (f plane) rounded(u0, v0, u1, v1, r float32) []vec {
	var out []vec
	for i, c := range [][2]float32{{u1 - r, v1 - r}, {u0 + r, v1 - r}, {u0 + r, v0 + r}, {u1 - r, v0 + r}} {
		for k := range 7 {
			s, co := math.Sincos((float64(i) + float64(k)/6) * math.Pi / 2)
			out = append(out, f.at(c[0]+r*float32(co), c[1]+r*float32(s)))
		}
	}
	return out
}

// skin is what a surface looks like at a point of it, before light; u and v
// are metres on its plane.
type skin func(u, v float32) colour

func plain(c colour) skin { return func(_, _ float32) colour { return c } }

// face fills a flat outline on plane f.
func (p *painter) face(f plane, outline []vec, s skin) { p.faces(f, [][]vec{outline}, s, true) }

// glow fills it with light of its own.
func (p *painter) glow(f plane, outline []vec, s skin) { p.faces(f, [][]vec{outline}, s, false) }

// cell is how far apart, in pixels, light is worked out; between it is
// interpolated, which also softens the edges of shadows.
const cell = 6

func (p *painter) faces(f plane, outlines [][]vec, s skin, lit bool) {
	x0, y0, x1, y1 := float32(p.w), float32(p.h), float32(0), float32(0)
	var paths [][][2]float32
	for _, o := range outlines {
		o = p.clip(o)
		path := make([][2]float32, len(o))
		for i, v := range o {
			x, y, _ := p.project(v)
			path[i] = [2]float32{x, y}
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
		if len(path) > 2 {
			paths = append(paths, path)
		}
	}
	r := image.Rect(int(max(x0, 0)), int(max(y0, 0)), int(min(x1, float32(p.w)))+1, int(min(y1, float32(p.h)))+1).Intersect(image.Rect(0, 0, p.w, p.h))
	if len(paths) == 0 || r.Empty() {
		return
	}
	mask := p.raster(paths, r)

	// The plane seen from the eye: a ray through the picture meets it where its
	// depth is top / (ray · n).
	n := f.normal()
	top := f.origin.sub(p.eye).dot(n)
	uu, vv := f.u.mul(1/f.u.dot(f.u)), f.v.mul(1/f.v.dot(f.v))
	ray := func(x, y float32) vec {
		return p.ahead.add(p.right.mul((x - float32(p.w)/2) / p.zoom)).add(p.up.mul((float32(p.h)/2 - y) / p.zoom))
	}
	far := func(slope float32) float32 {
		if slope*top <= 1e-9 { // beside the face, beyond the horizon
			return 50
		}
		return min(top/slope, 200)
	}
	meet := func(d vec) vec { return p.eye.add(d.mul(far(d.dot(n)))) }
	facing := n
	if n.dot(p.eye.sub(f.origin)) < 0 {
		facing = n.mul(-1)
	}

	cols := r.Dx()/cell + 2
	rows := [2][]colour{make([]colour, cols), make([]colour, cols)}
	lightRow := func(row []colour, y int) {
		for i := range row {
			row[i] = p.light(meet(ray(float32(r.Min.X+i*cell), float32(y))), facing)
		}
	}
	step := p.right.mul(1 / p.zoom)
	slopeStep, uStep, vStep := step.dot(n), step.dot(uu), step.dot(vv)
	eyeU, eyeV := p.eye.sub(f.origin).dot(uu), p.eye.sub(f.origin).dot(vv)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		k := (y - r.Min.Y) % cell
		if lit && k == 0 {
			if y == r.Min.Y {
				lightRow(rows[0], y)
			} else {
				rows[0], rows[1] = rows[1], rows[0]
			}
			lightRow(rows[1], y+cell)
		}
		fy := float32(k) / cell
		line := mask[(y-r.Min.Y)*r.Dx() : (y-r.Min.Y+1)*r.Dx()]
		// Along a row, what the plane's directions and normal make of the ray
		// changes evenly.
		d := ray(float32(r.Min.X)+0.5, float32(y)+0.5)
		slope, du, dv := d.dot(n), d.dot(uu), d.dot(vv)
		for i, m := range line {
			if m != 0 {
				x := float32(i)
				f := far(slope + x*slopeStep)
				c := s(eyeU+f*(du+x*uStep), eyeV+f*(dv+x*vStep))
				if lit {
					fx := float32(i%cell) / cell
					a, b := i/cell, i/cell+1
					c = c.by(rows[0][a].to(rows[0][b], fx).to(rows[1][a].to(rows[1][b], fx), fy))
				}
				pixel := (y*p.w + r.Min.X + i) * 3
				if p.adding {
					film := p.film[pixel : pixel+3 : pixel+3]
					film[0] += c.r * float32(m) / 255
					film[1] += c.g * float32(m) / 255
					film[2] += c.b * float32(m) / 255
				} else {
					p.blend(pixel, c, float32(m)/255)
				}
			}
		}
	}
}

func (p *painter) blend(at int, c colour, m float32) {
	film := p.film[at : at+3 : at+3]
	film[0] += (c.r - film[0]) * m
	film[1] += (c.g - film[1]) * m
	film[2] += (c.b - film[2]) * m
}

// raster fills paths into the mask, as large as r.
func (p *painter) raster(paths [][][2]float32, r image.Rectangle) []uint8 {
	p.fill.Reset(r.Dx(), r.Dy())
	p.fill.DrawOp = draw.Src
	ox, oy := float32(r.Min.X), float32(r.Min.Y)
	for _, path := range paths {
		for i, v := range path {
			if i == 0 {
				p.fill.MoveTo(v[0]-ox, v[1]-oy)
			} else {
				p.fill.LineTo(v[0]-ox, v[1]-oy)
			}
		}
		p.fill.ClosePath()
	}
	mask := p.mask[:r.Dx()*r.Dy()]
	dst := &image.Alpha{Pix: mask, Stride: r.Dx(), Rect: image.Rect(0, 0, r.Dx(), r.Dy())}
	p.fill.Draw(dst, dst.Rect, image.Opaque, image.Point{})
	return mask
}

// light is what falls on a point of a face that looks along n.
func (p *painter) light(at, n vec) colour {
	shade := float32(1)
	for i := range p.blockers {
		shade *= p.blockers[i].open(at, n)
	}
	sum := p.ambient.mul(shade * (0.82 + 0.18*n.y))
	if d := p.sun.dot(n); d > 0 && p.sunlight.g > 0 {
		free := float32(1)
		for i := range p.blockers {
			if free *= p.blockers[i].through(at.add(n.mul(0.004)), p.sun); free < 0.01 {
				break
			}
		}
		sum = sum.add(p.sunlight.mul(d * free))
	}
	for _, l := range p.torches {
		to := l.at.sub(at)
		far := to.dot(to)
		dir := to.mul(1 / float32(math.Sqrt(float64(max(far, 1e-6)))))
		d := dir.dot(n)
		if d <= 0 {
			continue
		}
		if l.beam > 0 {
			d *= smooth(l.beam, l.beam+(1-l.beam)*0.75, -dir.dot(l.aim))
		}
		sum = sum.add(l.light.mul(d / (0.15 + far) * (0.35 + 0.65*shade)))
	}
	return sum
}

// open is how much of the surroundings a point near the box still sees: less
// in the corner where the box meets a wall or the ground.
func (b box) open(at, n vec) float32 {
	c := vec{min(max(at.x, b.low.x), b.high.x), min(max(at.y, b.low.y), b.high.y), min(max(at.z, b.low.z), b.high.z)}
	to := c.sub(at)
	d := to.length()
	if d > 0.6 || d < 1e-4 {
		return 1
	}
	towards := max(to.dot(n)/d, -0.2) + 0.35
	if to.dot(n) < 1e-3 && d < 2e-3 { // a face of the box itself
		return 1
	}
	reach := b.high.sub(b.low).length() * 0.35
	x := d / min(max(reach, 0.02), 0.22)
	fall := 1 / (1 + x + 0.48*x*x + 0.235*x*x*x) // close to exp(-x)
	return 1 - 0.62*min(towards, 1)*fall*(1-d*d/0.36)
}

// through is how much sun comes past the box to a point: none behind its
// middle, some where the way through it is short.
func (b box) through(at, sun vec) float32 {
	enter, leave := float32(0), float32(1e9)
	for _, s := range [3][4]float32{{at.x, sun.x, b.low.x, b.high.x}, {at.y, sun.y, b.low.y, b.high.y}, {at.z, sun.z, b.low.z, b.high.z}} {
		if s[1] > -1e-6 && s[1] < 1e-6 {
			if s[0] < s[2] || s[0] > s[3] {
				return 1
			}
			continue
		}
		a, z := (s[2]-s[0])/s[1], (s[3]-s[0])/s[1]
		enter, leave = max(enter, min(a, z)), min(leave, max(a, z))
	}
	if leave <= enter {
		return 1
	}
	return 1 - smooth(0, 0.02+0.05*enter, leave-enter)
}

func smooth(low, high, v float32) float32 {
	t := min(max((v-low)/(high-low), 0), 1)
	return t * t * (3 - 2*t)
}

// sides are the faces of a box that the eye sees, as planes with their extent;
// u runs to the right or away, v up or away.
func (p *painter) sides(b box, show func(f plane, w, h float32, side byte)) {
	size := b.high.sub(b.low)
	if p.eye.z < b.low.z {
		show(plane{b.low, vec{1, 0, 0}, vec{0, 1, 0}}, size.x, size.y, 'f')
	}
	if p.eye.z > b.high.z {
		show(plane{vec{b.low.x, b.low.y, b.high.z}, vec{1, 0, 0}, vec{0, 1, 0}}, size.x, size.y, 'b')
	}
	if p.eye.x < b.low.x {
		show(plane{b.low, vec{0, 0, 1}, vec{0, 1, 0}}, size.z, size.y, 'l')
	}
	if p.eye.x > b.high.x {
		show(plane{vec{b.high.x, b.low.y, b.low.z}, vec{0, 0, 1}, vec{0, 1, 0}}, size.z, size.y, 'r')
	}
	if p.eye.y > b.high.y {
		show(plane{vec{b.low.x, b.high.y, b.low.z}, vec{1, 0, 0}, vec{0, 0, 1}}, size.x, size.z, 't')
	}
	if p.eye.y < b.low.y {
		show(plane{b.low, vec{1, 0, 0}, vec{0, 0, 1}}, size.x, size.z, 'u')
	}
}

// block paints a box of one skin.
func (p *painter) block(b box, s skin) {
	p.sides(b, func(f plane, w, h float32, _ byte) { p.face(f, f.rect(0, 0, w, h), s) })
}

// tube paints a round pipe along points, shaded across.
func (p *painter) tube(points []vec, radius float32, c colour, shine float32, ribs float32) {
	long := float32(0)
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		p.piece(a, b, radius, c, shine, ribs, long)
		long += b.sub(a).length()
	}
}

// piece is a straight piece of pipe; it overlaps the next one a little.
func (p *painter) piece(a, b vec, radius float32, c colour, shine, ribs, from float32) {
	dir := b.sub(a)
	length := dir.length()
	dir = dir.unit()
	mid := a.to(b, 0.5)
	view := p.eye.sub(mid).unit()
	side := view.cross(dir).unit()
	front := dir.cross(side)
	if front.dot(view) < 0 {
		front = front.mul(-1)
	}
	over := radius * 0.35
	f := plane{a.sub(dir.mul(over)).sub(side.mul(radius)), dir, side}
	cells := max(int(length/0.25), 1)
	lights := make([][5]colour, cells+1)
	for i := range lights {
		at := a.to(b, float32(i)/float32(cells))
		for k := range 5 {
			across := float32(k)/2 - 1
			across *= 0.96
			n := side.mul(across).add(front.mul(float32(math.Sqrt(float64(1 - across*across)))))
			lights[i][k] = p.light(at.add(n.mul(radius*1.05)), n)
		}
	}
	gleamAt := 0.4 * signOf(p.sun.dot(side)+0.2)
	p.glow(f, f.rect(0, 0, length+2*over, 2*radius), func(u, v float32) colour {
		across := v/radius - 1
		along := min(max((u-over)/max(length, 1e-6), 0), 1) * float32(cells)
		i := min(int(along), cells-1)
		k := min(max((across/0.96+1)*2, 0), 3.999)
		j := int(k)
		fx, fy := along-float32(i), k-float32(j)
		l := lights[i][j].to(lights[i][j+1], fy).to(lights[i+1][j].to(lights[i+1][j+1], fy), fx)
		round := float32(math.Sqrt(float64(max(1-across*across, 0))))
		s := c
		if ribs > 0 {
			wave := float32(math.Sin(float64((from + u) / ribs * 2 * math.Pi)))
			s = s.mul(0.78 + 0.3*wave + 0.12*noise((from+u)*9, across*2))
		}
		out := s.by(l).mul(0.55 + 0.45*round)
		// A gleam along the pipe where it turns to the light.
		gleam := smooth(0.42, 0, float32(math.Abs(float64(across-gleamAt))))
		return out.add(l.mul(gleam * gleam * shine * 0.45))
	})
}

func signOf(v float32) float32 {
	if v < 0 {
		return -1
	}
	return 1
}

// bend are points along a pipe that turns at each corner with that radius.
func bend(radius float32, corners ...vec) []vec {
	out := []vec{corners[0]}
	for i := 1; i+1 < len(corners); i++ {
		a, b, c := corners[i-1], corners[i], corners[i+1]
		in, on := a.sub(b).unit(), c.sub(b).unit()
		start, end := b.add(in.mul(radius)), b.add(on.mul(radius))
		for k := range 9 {
			t := float32(k) / 8
			out = append(out, start.to(b, t).to(b.to(end, t), t))
		}
	}
	return append(out, corners[len(corners)-1])
}

// backdrop fills the picture with light that depends on the direction.
func (p *painter) backdrop(s func(d vec) colour) {
	for y := range p.h {
		d := p.ahead.add(p.right.mul(-float32(p.w) / 2 / p.zoom)).add(p.up.mul((float32(p.h)/2 - float32(y)) / p.zoom))
		for x := range p.w {
			c := s(d.add(p.right.mul(float32(x) / p.zoom)))
			film := p.film[(y*p.w+x)*3:]
			film[0], film[1], film[2] = c.r, c.g, c.b
		}
	}
}

// blur softens what is painted so far, as if out of focus, by a radius in
// pixels of a picture 1,200 wide.
func (p *painter) blur(radius float32) {
	r := max(int(radius*float32(p.w)/1200+0.5), 1)
	line := make([]float32, max(p.w, p.h)*3)
	for range 2 {
		for y := range p.h {
			blurLine(p.film[y*p.w*3:], line, p.w, 3, r)
		}
		for x := range p.w {
			blurLine(p.film[x*3:], line, p.h, p.w*3, r)
		}
	}
}

// enlarge takes another painter's picture as the background.
func (p *painter) enlarge(small *painter) {
	for y := range p.h {
		fy := min(float32(y)*float32(small.h)/float32(p.h), float32(small.h)-1.001)
		for x := range p.w {
			fx := min(float32(x)*float32(small.w)/float32(p.w), float32(small.w)-1.001)
			x0, y0 := int(fx), int(fy)
			tx, ty := fx-float32(x0), fy-float32(y0)
			at := (y0*small.w + x0) * 3
			low := at + small.w*3
			for k := range 3 {
				top := small.film[at+k] + (small.film[at+3+k]-small.film[at+k])*tx
				foot := small.film[low+k] + (small.film[low+3+k]-small.film[low+k])*tx
				p.film[(y*p.w+x)*3+k] = top + (foot-top)*ty
			}
		}
	}
}

// blurLine averages n pixels, stride apart, over r to either side.
func blurLine(film, line []float32, n, stride, r int) {
	for i := range n {
		copy(line[i*3:i*3+3], film[i*stride:i*stride+3])
	}
	var sum [3]float32
	f := 1 / float32(2*r+1)
	get := func(i int) []float32 { i = min(max(i, 0), n-1); return line[i*3 : i*3+3] }
	for i := -r; i <= r; i++ {
		for k, v := range get(i) {
			sum[k] += v
		}
	}
	for i := range n {
		out := film[i*stride : i*stride+3]
		in, gone := get(i+r+1), get(i-r)
		for k := range 3 {
			out[k] = sum[k] * f
			sum[k] += in[k] - gone[k]
		}
	}
}

// develop turns light into a picture: exposure, white balance, a shoulder for
// the highlights, darker corners, grain.
func (p *painter) develop() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
	warm := 1 + p.warm
	cool := 1 - p.warm
	offset := p.pick.IntN(noiseSize * noiseSize)
	grain := 0.022 * 255 * p.grain
	for y := range p.h {
		fy := float32(y)/float32(p.h)*2 - 1
		for x := range p.w {
			fx := float32(x)/float32(p.w)*2 - 1
			i := y*p.w + x
			e := p.exposure * (1 - (0.1+p.vignette)*(fx*fx+fy*fy)*0.5)
			g := (static[(i*7+offset+y*131)&(noiseSize*noiseSize-1)] - 0.5) * grain
			film := p.film[i*3 : i*3+3]
			out := img.Pix[i*4 : i*4+4]
			out[0] = screen(film[0]*e*warm, g)
			out[1] = screen(film[1]*e, g)
			out[2] = screen(film[2]*e*cool, g*1.25)
			out[3] = 255
		}
	}
	return img
}

// tones are the screen's values of light from 0 to 4, of 255: straight in the
// shadows, rolling off in the highlights.
var tones = func() (t [4096]float32) {
	for i := range t {
		v := float64(i) / 1024
		v = (v * (2.51*v*0.62 + 0.03)) / (v*(2.43*v*0.62+0.59) + 0.14) // Narkowicz's fit of the ACES curve
		t[i] = float32(255*math.Pow(min(v, 1), 1/2.2)) + 0.5
	}
	return t
}()

func screen(light, grain float32) uint8 {
	return uint8(min(max(tones[min(max(int(light*(1.5*1024)), 0), 4095)]+grain, 0), 255))
}

const noiseSize = 256

// static is noise pixel by pixel, clouds is noise of many sizes; both repeat.
var static, clouds = func() (s, c []float32) {
	pick := rand.New(rand.NewPCG(1, 1))
	s, c = make([]float32, noiseSize*noiseSize), make([]float32, noiseSize*noiseSize)
	for i := range s {
		s[i] = (pick.Float32() + pick.Float32() + pick.Float32()) / 3
	}
	weight := float32(0.5)
	for size := 8; size <= noiseSize; size *= 2 {
		grid := make([]float32, size*size)
		for i := range grid {
			grid[i] = pick.Float32()
		}
		for y := range noiseSize {
			for x := range noiseSize {
				fx, fy := float32(x*size)/noiseSize, float32(y*size)/noiseSize
				x0, y0 := int(fx), int(fy)
				tx, ty := smooth(0, 1, fx-float32(x0)), smooth(0, 1, fy-float32(y0))
				g := func(x, y int) float32 { return grid[(y%size)*size+x%size] }
				top := g(x0, y0) + (g(x0+1, y0)-g(x0, y0))*tx
				low := g(x0, y0+1) + (g(x0+1, y0+1)-g(x0, y0+1))*tx
				c[y*noiseSize+x] += (top + (low-top)*ty) * weight
			}
		}
		weight /= 2
	}
	return s, c
}()

// noise is smooth, from about 0.2 to 0.8, with detail down to a 32nd of u and v.
func noise(u, v float32) float32 {
	u, v = u*8, v*8
	iu, iv := floor(u), floor(v)
	x, y := iu&(noiseSize-1), iv&(noiseSize-1)
	tx, ty := u-float32(iu), v-float32(iv)
	x1, y1 := (x+1)&(noiseSize-1), (y+1)&(noiseSize-1)
	top := clouds[y*noiseSize+x] + (clouds[y*noiseSize+x1]-clouds[y*noiseSize+x])*tx
	low := clouds[y1*noiseSize+x] + (clouds[y1*noiseSize+x1]-clouds[y1*noiseSize+x])*tx
	return top + (low-top)*ty
}

// grit is noise of grains, one to each unit of u and v, with soft edges.
func grit(u, v float32) float32 {
	fu, fv := float32(floor(u)), float32(floor(v))
	tx, ty := smooth(0.1, 0.9, u-fu), smooth(0.1, 0.9, v-fv)
	top := speck(fu, fv) + (speck(fu+1, fv)-speck(fu, fv))*tx
	low := speck(fu, fv+1) + (speck(fu+1, fv+1)-speck(fu, fv+1))*tx
	return top + (low-top)*ty
}

// speck is rough noise, for grit.
func speck(u, v float32) float32 {
	return static[(floor(v)&(noiseSize-1))*noiseSize+floor(u)&(noiseSize-1)]
}

func floor(v float32) int {
	i := int(v)
	if v < float32(i) {
		i--
	}
	return i
}
