package picture

import "math"

// daylight puts a sun behind the camera's shoulder and a sky above.
func (p *painter) daylight() {
	side := p.between(-0.9, 0.9)
	if side > -0.3 && side < 0.3 {
		side += 0.5
	}
	p.sun = vec{side, p.between(0.6, 1.1), p.between(-0.9, -0.35)}.unit()
	strength := p.between(0.9, 1.25)
	p.sunlight = colour{1.08, 1, 0.86}.mul(strength)
	p.ambient = colour{0.36, 0.42, 0.52}.mul(p.between(0.8, 1.1))
	if p.pick.Float32() < 0.25 { // overcast
		p.sunlight = p.sunlight.mul(0.18)
		p.ambient = colour{0.62, 0.64, 0.68}
	}
}

// sky with clouds and a haze above the horizon.
func (p *painter) sky() {
	high, low := hex(0x3f7fc4), hex(0xc3d9ea)
	if p.sunlight.g < 0.5 {
		high, low = hex(0x9aa6b0), hex(0xd5dadd)
	}
	cover := p.between(0.42, 0.6)
	ou, ov := p.between(0, 30), p.between(0, 30)
	p.backdrop(func(d vec) colour {
		d = d.unit()
		c := low.to(high, smooth(-0.02, 0.55, d.y))
		f := 1 / max(d.y+0.12, 0.06)
		n := noise(ou+d.x*f*1.1, ov+d.z*f*1.1)*0.75 + noise(ov+d.x*f*4, ou+d.z*f*4)*0.25
		cloud := smooth(cover, cover+0.22, n) * smooth(-0.02, 0.12, d.y)
		white := colour{1, 1, 1}.mul(1.02 - 0.35*smooth(cover+0.1, cover+0.4, n))
		return c.to(white, cloud*0.9).mul(1.05)
	})
}

// city is a skyline in the haze.
func (p *painter) city() {
	haze := hex(0xb9cfe0)
	sunlight, ambient := p.sunlight, p.ambient
	for _, layer := range []struct{ z, low, high, fog float32 }{{140, 8, 62, 0.72}, {90, 4, 30, 0.5}, {45, -1, 9, 0.28}} {
		x := -layer.z * 0.9
		for x < layer.z*0.9 {
			w := p.between(0.06, 0.16) * layer.z
			h := p.between(layer.low, layer.high)
			if p.pick.Float32() < 0.3 {
				h *= 0.5
			}
			b := box{vec{x, -20, layer.z}, vec{x + w, h, layer.z + 14}}
			wall := hex([]uint32{0x8d9299, 0xa79f92, 0x6f7c88, 0xb9b4a8, 0x7e6a5c, 0x5b6b7a}[p.pick.IntN(6)])
			fw, fh := p.between(1.6, 2.6), p.between(2.8, 3.6)
			glass := p.pick.Float32() < 0.4
			fog := layer.fog
			p.sides(b, func(f plane, _, _ float32, side byte) {
				size := b.high.sub(b.low)
				width := size.x
				if side == 'l' || side == 'r' {
					width = size.z
				}
				p.face(f, f.rect(0, 0, width, size.y), func(u, v float32) colour {
					iu, iv := float32(floor(u/fw)), float32(floor(v/fh))
					lu, lv := u/fw-iu, v/fh-iv
					c := wall
					if lu > 0.2 && lu < 0.85 && lv > 0.3 && lv < 0.8 || glass && lv > 0.12 {
						c = hex(0x33414d).mul(0.7 + 1.3*noise(iu*3.1, iv*2.7))
					}
					return c.to(haze.mul(0.85), fog)
				})
			})
			x += w * p.between(0.9, 1.4)
		}
	}
	p.sunlight, p.ambient = sunlight, ambient
}

// deck is the roof: sheet with ribs, membrane, or pebbles.
func (p *painter) deck() {
	f := plane{vec{-30, 0, -3}, vec{1, 0, 0}, vec{0, 0, 1}}
	var s skin
	switch p.pick.IntN(3) {
	case 0: // ribbed sheet
		c := hex([]uint32{0x9aa3a6, 0xb7b9b3, 0x6d7a80, 0xa8afb0}[p.pick.IntN(4)])
		s = func(u, v float32) colour {
			t := float32(math.Mod(float64(u*4.4), 1))
			rib := smooth(0.0, 0.05, t)*smooth(0.2, 0.15, t)*0.32 - smooth(0.2, 0.24, t)*smooth(0.34, 0.26, t)*0.45
			rust := smooth(0.62, 0.74, noise(u*1.3, v*0.7))
			return c.mul(0.82+0.25*noise(u*0.8, v*0.8)+rib).to(hex(0x7c5a3c), rust*0.35)
		}
	case 1: // membrane with laps
		c := p.concrete(hex(0x8f918e))
		s = func(u, v float32) colour {
			lap := float32(math.Mod(float64(v+0.05), 1.02))
			return c(u, v).mul(1 - 0.3*smooth(0.02, 0, lap) - 0.12*smooth(0.5, 0.72, noise(u*0.5+3, v*0.5)))
		}
	default: // pebbles
		s = func(u, v float32) colour {
			a := grit(u*34+4*noise(u*5, v*5), v*34+4*noise(v*5, u*5))
			g := 0.1 + 0.6*a*a*1.5 + 0.2*noise(u, v)
			return colour{g, g * 0.96, g * 0.88}
		}
	}
	p.face(f, f.rect(0, 0, 60, 17), s)
}

func (p *painter) rooftop() {
	p.daylight()
	p.exposure = p.between(0.86, 1.02)
	p.warm = p.between(-0.02, 0.05)
	turn := p.between(-1.2, 1.2)
	p.look(vec{turn, p.between(1.35, 1.75), p.between(-2.3, -1.5)}, vec{turn * 0.1, p.between(0.55, 0.8), 2}, p.between(58, 70))
	p.sky()
	p.city()

	// Where the units stand decides the shadows, so that comes first.
	n := 1 + p.pick.IntN(4)
	fans := []int{1, 2, 2, 0}[p.pick.IntN(4)]
	gap := p.between(0.3, 0.6)
	wide := float32(0.95)
	if fans == 0 {
		wide = 1.15
	}
	if n > 2 && fans == 0 {
		n = 2
	}
	x := -(float32(n)*(wide+gap) - gap) / 2
	type spot struct{ x, z float32 }
	var spots []spot
	for range n {
		z := p.between(0.9, 1.3)
		spots = append(spots, spot{x, z})
		h := map[int]float32{0: 1.72, 1: 0.78, 2: 1.45}[fans]
		d := map[int]float32{0: 0.77, 1: 0.37, 2: 0.37}[fans]
		p.blockers = append(p.blockers, box{vec{x, 0.06, z}, vec{x + 0.93, h, z + d}})
		x += wide + gap
	}
	wallZ := p.between(4.5, 9)
	parapet := box{vec{-30, 0, wallZ}, vec{30, p.between(0.5, 1.1), wallZ + 0.25}}
	p.blockers = append(p.blockers, parapet)
	p.deck()
	p.block(parapet, p.concrete(hex([]uint32{0xb5aea2, 0xc9c6bf, 0x8d857c}[p.pick.IntN(3)])))
	p.block(box{vec{-30, parapet.high.y, wallZ - 0.04}, vec{30, parapet.high.y + 0.05, wallZ + 0.3}}, p.concrete(hex(0xa4a8aa)))

	// A vent or a cable tray further back.
	if p.pick.Float32() < 0.6 {
		vx := p.between(-3, 3)
		p.tube([]vec{{vx, 0, wallZ - 1}, {vx, 0.9, wallZ - 1}}, 0.11, colour{0.5, 0.5, 0.52}, 0.4, 0)
		p.tube([]vec{{vx, 0.86, wallZ - 1}, {vx, 1, wallZ - 1}}, 0.17, colour{0.45, 0.45, 0.47}, 0.4, 0)
	}
	if p.pick.Float32() < 0.5 {
		p.block(box{vec{-6, 0.12, 3.1}, vec{6, 0.2, 3.4}}, galvanised)
	}
	// From left and right towards the middle of the picture, so that nearer
	// sides cover what is behind them.
	for lo, hi := 0, len(spots)-1; lo <= hi; {
		at := spots[lo]
		if p.eye.x-at.x > spots[hi].x-p.eye.x {
			lo++
		} else {
			at = spots[hi]
			hi--
		}
		// Pipes leave at the right, dressed in black or in a white cover.
		if fans != 0 {
			px := at.x + 0.98
			z := at.z + 0.3
			p.tube(bend(0.1, vec{px - 0.06, 0.32, z}, vec{px + 0.1, 0.32, z}, vec{px + 0.1, 0.05, z}, vec{px + 0.1, 0.05, 4}), 0.028, hex(0x17181a), 0.25, 0)
			p.tube(bend(0.08, vec{px - 0.06, 0.24, z}, vec{px + 0.05, 0.24, z}, vec{px + 0.05, 0.04, z}, vec{px + 0.05, 0.04, 4}), 0.017, hex(0xb8b4aa), 0.25, 0)
		}
		p.condenser(at.x, at.z, fans)
		if fans != 0 && p.pick.Float32() < 0.7 { // the isolator beside it
			f := plane{vec{at.x + 1.02, 0, at.z + 0.1}, vec{1, 0, 0}, vec{0, 1, 0}}
			p.face(f, f.rect(0, 0, 0.03, 0.8), galvanised)
			p.face(f.moved(vec{0, 0, -0.01}), f.moved(vec{0, 0, -0.01}).rounded(-0.05, 0.5, 0.08, 0.72, 0.015), plain(hex(0xc9cbc9)))
			p.face(f.moved(vec{0, 0, -0.02}), f.moved(vec{0, 0, -0.02}).ring(0.015, 0.61, 0.032), plain(hex(0x232527)))
		}
	}
	p.vignette = 0.1
}

func (p *painter) gauges() {
	// What lies behind is out of focus: a quarter of the pixels is enough for it.
	far := newPainter(p.w/4, p.h/4, p.pick.Uint64())
	far.daylight()
	far.look(vec{0, 1.2, -1}, vec{0.1, 1, 2}, 55)
	far.sky()
	far.deck()
	far.condenser(-1.3, 0.9, 2)
	far.condenser(0.25, 1.0, 1+p.pick.IntN(2))
	far.blur(14)
	p.enlarge(far)
	p.sun, p.sunlight, p.ambient = far.sun, far.sunlight, far.ambient
	far.release()

	// The manifold hangs in front, everything else out of focus behind it.
	p.look(vec{p.between(-0.06, 0.06), 0.03, -0.52}, vec{0, -0.012, 0}, p.between(47, 54))
	alloy := colour{0.42, 0.43, 0.45}
	hoses := []colour{hex(0x1550b8), hex(0xd8b31a), hex(0xb81f24)}
	for i, c := range hoses {
		x := float32(i-1) * 0.085
		end := p.between(-0.12, 0.12)
		p.tube(bend(0.1, vec{x, -0.1, 0}, vec{x + end*0.2, -0.3, -0.01}, vec{x + end, -0.6, 0.1}), 0.0115, c, 0.5, 0)
		p.tube([]vec{{x, -0.095, 0}, {x, -0.16, 0}}, 0.0125, hex(0xa8843c), 0.9, 0.006)
	}
	p.block(box{vec{-0.13, -0.1, -0.02}, vec{0.13, -0.045, 0.03}}, func(u, v float32) colour {
		return alloy.mul(0.85 + 0.3*noise(u*3, v*90))
	})
	for i, c := range []colour{hoses[0], hoses[2]} { // hand wheels
		x := float32(i)*0.32 - 0.16
		p.tube([]vec{{x * 0.8, -0.072, 0}, {x * 1.05, -0.072, 0}}, 0.008, colour{0.5, 0.5, 0.5}, 0.8, 0)
		p.tube([]vec{{x, -0.072, 0}, {x * 1.16, -0.072, 0}}, 0.03, c, 0.35, 0.008)
	}
	front := plane{vec{0, 0, -0.03}, vec{1, 0, 0}, vec{0, 1, 0}}
	name := []string{"R32", "R32 / R410A", "REFRIGERANT", "NORTHWIND 3"}[p.pick.IntN(4)]
	_, width := glyphs(bold, name)
	p.write(front.moved(vec{0, 0, 0.009}), -width*0.01, -0.08, 0.02, bold, name, colour{0.05, 0.05, 0.06})
	for i := range 2 {
		x := float32(i)*0.17 - 0.085
		p.tube([]vec{{x, -0.05, 0}, {x, -0.01, 0}}, 0.014, hex(0xa8843c), 0.9, 0)
		high := i == 1
		rim := hoses[0]
		if high {
			rim = hoses[2]
		}
		p.dial(front.moved(vec{x, 0.065, 0}), 0.076, rim, high)
	}
	p.vignette = 0.12
}

// dial is a pressure gauge.
func (p *painter) dial(f plane, r float32, rim colour, high bool) {
	p.face(f.lifted(0.012), f.ring(0.004, -0.006, r*1.05), plain(colour{0.02, 0.02, 0.02}))
	p.face(f, f.ring(0, 0, r*1.06), func(u, v float32) colour {
		a := float32(math.Atan2(float64(v), float64(u)))
		g := 0.5 + 0.35*float32(math.Sin(float64(a)*2+0.6)) + 0.2*float32(math.Sin(float64(a)*5))
		return rim.mul(0.5).add(colour{g, g, g}.mul(0.35))
	})
	p.face(f, f.ring(0, 0, r*0.95), func(u, v float32) colour {
		d := float32(math.Hypot(float64(u), float64(v))) / r
		return colour{0.86, 0.86, 0.83}.mul(1 - 0.35*smooth(0.8, 0.95, d))
	})
	const from, span = 225.0, 270.0
	at := func(t, d float32) (float32, float32) {
		s, c := math.Sincos((from - span*float64(t)) * math.Pi / 180)
		return r * d * float32(c), r * d * float32(s)
	}
	tick := func(t, d0, d1, w float32, c colour) {
		u0, v0 := at(t, d0)
		u1, v1 := at(t, d1)
		l := float32(math.Hypot(float64(u1-u0), float64(v1-v0)))
		du, dv := -(v1-v0)/l*w, (u1-u0)/l*w
		p.face(f, []vec{f.at(u0+du, v0+dv), f.at(u1+du, v1+dv), f.at(u1-du, v1-dv), f.at(u0-du, v0-dv)}, plain(c))
	}
	ink := colour{0.02, 0.02, 0.025}
	for k := range 61 {
		if k%10 == 0 {
			tick(float32(k)/60, 0.74, 0.88, 0.0009, ink)
		} else {
			tick(float32(k)/60, 0.81, 0.88, 0.0004, ink)
		}
	}
	for k := range 18 { // the scale of temperatures inside
		tick(0.1+float32(k)*0.045, 0.5, 0.55, 0.0005, rim.mul(0.8))
	}
	step := 5
	if high {
		step = 10
	}
	for k := range 7 {
		u, v := at(float32(k)/6, 0.63)
		text := itoa(k * step)
		p.write(f, u-0.0045*float32(len(text)), v-0.004, r*0.17, regular, text, ink)
	}
	p.write(f, -r*0.16, -r*0.42, r*0.16, regular, "bar", ink)
	p.write(f, -r*0.2, r*0.22, r*0.15, bold, "R32", rim.mul(0.8))
	t := p.between(0.2, 0.34)
	if high {
		t = p.between(0.38, 0.52)
	}
	u1, v1 := at(t, 0.8)
	u0, v0 := at(t, -0.2)
	l := float32(math.Hypot(float64(u1-u0), float64(v1-v0)))
	du, dv := -(v1-v0)/l*0.0018, (u1-u0)/l*0.0018
	p.face(f, []vec{f.at(u0+du+0.002, v0+dv-0.003), f.at(u1+0.002, v1-0.003), f.at(u0-du+0.002, v0-dv-0.003)}, plain(colour{0.5, 0.5, 0.48}))
	p.face(f, []vec{f.at(u0+du, v0+dv), f.at(u1, v1), f.at(u0-du, v0-dv)}, plain(hex(0xb01818)))
	p.face(f, f.ring(0, 0, r*0.09), plain(ink))
	// Sky in the glass.
	gloss := f.lifted(-0.002)
	var o []vec
	for k := range 25 {
		s, c := math.Sincos((40 + float64(k)*4.6) * math.Pi / 180)
		o = append(o, gloss.at(r*0.93*float32(c), r*0.93*float32(s)))
	}
	for k := range 25 {
		s, c := math.Sincos((150 - float64(k)*4.6) * math.Pi / 180)
		o = append(o, gloss.at(r*0.8*float32(c)+r*0.1, r*0.62*float32(s)))
	}
	p.sheen(gloss, o, colour{0.9, 0.95, 1}, 0.16)
}

// sheen adds a reflection, stronger towards the top.
func (p *painter) sheen(f plane, outline []vec, c colour, strength float32) {
	low, high := float32(1e9), float32(-1e9)
	for _, o := range outline {
		v := o.sub(f.origin).dot(f.v) / f.v.dot(f.v)
		low, high = min(low, v), max(high, v)
	}
	p.adding = true
	p.glow(f, outline, func(_, v float32) colour { return c.mul(strength * (0.25 + 0.75*(v-low)/(high-low))) })
	p.adding = false
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (p *painter) pipes() {
	p.daylight()
	p.sun.z = -0.8
	p.sun = p.sun.unit()
	p.exposure = p.between(0.86, 1)
	p.look(vec{p.between(-0.75, 0.75), p.between(-0.1, 0.25), -p.between(0.95, 1.35)}, vec{p.between(-0.05, 0.05), 0, 0}, 56)
	wall := plane{vec{-3, -2.5, 0}, vec{1, 0, 0}, vec{0, 1, 0}}
	n := 2 + p.pick.IntN(3)
	first := -float32(n-1) * 0.07
	for i := range n {
		x := first + float32(i)*0.14
		p.blockers = append(p.blockers, box{vec{x - 0.03, -2.5, -0.1}, vec{x + 0.03, 2.5, -0.05}})
	}
	rail := p.between(0.22, 0.3)
	p.blockers = append(p.blockers, box{vec{-0.45, rail, -0.045}, vec{0.45, rail + 0.042, -0.005}}, box{vec{-0.45, -rail, -0.045}, vec{0.45, -rail + 0.042, -0.005}})
	if p.pick.Float32() < 0.65 {
		p.face(wall, wall.rect(0, 0, 6, 5), p.brick())
	} else {
		p.face(wall, wall.rect(0, 0, 6, 5), p.concrete(hex([]uint32{0xb7b0a4, 0xd1ccc0, 0x9aa0a3}[p.pick.IntN(3)])))
	}
	solid := p.blockers
	p.blockers = nil // the pipes do not shade each other
	for _, y := range []float32{rail, -rail} {
		b := box{vec{-0.45, y, -0.045}, vec{0.45, y + 0.042, -0.005}}
		p.block(b, galvanised)
		f := plane{vec{b.low.x, b.low.y, b.low.z}, vec{1, 0, 0}, vec{0, 1, 0}}
		for k := range 9 { // the slots of the strut
			u := 0.05 + float32(k)*0.1
			p.face(f, f.rounded(u-0.02, 0.014, u+0.02, 0.028, 0.006), plain(colour{0.04, 0.04, 0.04}))
		}
	}
	copper := hex(0xb4652f)
	lag := hex(0x141517)
	if p.pick.Float32() < 0.35 {
		lag = hex(0xc9c7c0)
	}
	for i := range n {
		x := first + float32(i)*0.14
		r := []float32{0.032, 0.024, 0.036, 0.02, 0.028}[(i+p.pick.IntN(2))%5]
		bare := p.between(-0.12, 0.1)
		z := float32(-0.082)
		p.tube([]vec{{x, bare - 0.34, z}, {x, bare + 0.3, z}}, r*0.45, copper, 0.95, 0)
		p.tube([]vec{{x, -2.2, z}, {x, bare - 0.17, z}}, r, lag, 0.3, 0)
		p.tube([]vec{{x, bare + 0.17, z}, {x, 2.2, z}}, r, lag, 0.3, 0)
		p.tube([]vec{{x, bare - 0.19, z}, {x, bare - 0.165, z}}, r*1.06, hex(0x2c2d30), 0.3, 0)
		p.tube([]vec{{x, bare + 0.165, z}, {x, bare + 0.19, z}}, r*1.06, hex(0x2c2d30), 0.3, 0)
		p.valve(vec{x, bare, z}, vec{0, 1, 0}, vec{0.3, 0, -0.95}.unit(), r*0.5)
		for _, y := range []float32{rail + 0.02, -rail + 0.02} { // saddle clamps
			p.tube([]vec{{x, y - 0.014, z}, {x, y + 0.014, z}}, r*1.12, colour{0.42, 0.43, 0.44}, 0.8, 0)
		}
		// The tag that says which unit.
		if p.pick.Float32() < 0.6 {
			f := plane{vec{x - 0.04, bare - 0.3, z - r*1.1}, vec{1, 0, 0}, vec{0, 1, 0}}
			p.face(f, f.rect(0, 0, 0.08, 0.034), plain(hex(0xf0efe8)))
			p.write(f, 0.007, 0.009, 0.022, bold, []string{"AC-", "CC-", "VRF-", "DS-"}[p.pick.IntN(4)]+itoa(1+p.pick.IntN(14)), hex(0x111111))
		}
	}
	// A conduit beside them.
	cx := first - 0.2
	p.tube([]vec{{cx, -2.2, -0.03}, {cx, 2.2, -0.03}}, 0.0125, hex(0xd0661c), 0.3, 0)
	if p.pick.Float32() < 0.5 {
		p.tube(bend(0.07, vec{cx - 0.07, -2.2, -0.03}, vec{cx - 0.07, 0.06, -0.03}, vec{-2.4, 0.06, -0.03}), 0.02, hex(0xb9bab6), 0.3, 0)
	}
	p.blockers = solid
	p.vignette = 0.16
}
