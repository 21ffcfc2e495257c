package picture

import "math"

// ivory is the paint of condensers; the makes differ a little.
func (p *painter) ivory() colour {
	return hex([]uint32{0xd9d6c8, 0xe2e0d6, 0xd6d8d6, 0xe6e2d2, 0xcfd2cf}[p.pick.IntN(5)])
}

// painted is sheet metal that has stood outdoors: a little dirt, streaks below
// the edges, dust towards the bottom.
func (p *painter) painted(c colour, w, h float32) skin {
	ou, ov := p.between(0, 30), p.between(0, 30)
	dirt := p.between(0.1, 0.35)
	grime := hex(0x6b6252)
	return func(u, v float32) colour {
		n := noise(ou+u*2.2, ov+v*2.2)
		streak := smooth(0.52, 0.75, noise(ou+u*14, ov+v*0.5)) * smooth(0.1, 0.9, v/h)
		foot := smooth(0.3, 0, v/h) * (0.4 + n)
		edge := smooth(0.012, 0, min(min(u, w-u), min(v, h-v)))
		return c.mul(0.93+0.14*n).to(grime, dirt*(0.5*streak+0.45*foot)).mul(1 - 0.18*edge)
	}
}

// concrete is a slab or a render: pores, stains, joints of a float.
func (p *painter) concrete(c colour) skin {
	ou, ov := p.between(0, 30), p.between(0, 30)
	return func(u, v float32) colour {
		n := noise(ou+u*0.9, ov+v*0.9)
		fine := speck(u*170, v*170)
		stain := smooth(0.5, 0.7, noise(ov+u*0.35, ou+v*0.35))
		return c.mul(0.72 + 0.4*n + 0.14*(fine-0.5)).mul(1 - 0.22*stain)
	}
}

// galvanised is zinc with its flowers.
func galvanised(u, v float32) colour {
	a := noise(u*5, v*5)
	flower := noise(float32(floor(u*40+a*6))*0.37, float32(floor(v*40-a*6))*0.53)
	g := 0.36 + 0.2*(flower-0.5) + 0.14*(a-0.5)
	return colour{g * 0.97, g, g * 1.04}
}

// fan is the round grille of a condenser with the blades behind it.
func (p *painter) fan(f plane, u, v, r float32, paint colour) {
	back := f.lifted(-0.03)
	p.face(f, f.ring(u, v, r*1.05), plain(paint.mul(0.75)))
	p.glow(f, f.ring(u, v, r), func(x, y float32) colour {
		d := float32(math.Hypot(float64(x-u), float64(y-v))) / r
		return hex(0x0b0c0d).add(colour{0.012, 0.013, 0.014}.mul(smooth(0.2, 1, d) * (1 + (y-v)/r)))
	})
	turn := p.between(0, 6)
	blades := 3 + p.pick.IntN(2)
	for b := range blades {
		var o []vec
		start := turn + float32(b)*2*math.Pi/float32(blades)
		point := func(a, d float32) vec {
			s, c := math.Sincos(float64(a))
			return back.at(u+d*r*float32(c), v+d*r*float32(s))
		}
		for k := range 9 {
			t := float32(k) / 8
			o = append(o, point(start+0.55*t*t, 0.16+0.7*t))
		}
		for k := range 7 {
			o = append(o, point(start+0.55+float32(k)/6*0.75, 0.86))
		}
		for k := range 9 {
			t := 1 - float32(k)/8
			o = append(o, point(start+0.75+0.55*t, 0.16+0.7*t))
		}
		tone := p.between(0.04, 0.09)
		p.face(back, o, func(x, y float32) colour {
			return colour{tone, tone, tone * 1.05}.mul(0.7 + 1.1*noise(x*5, y*5))
		})
	}
	p.face(back, back.ring(u, v, r*0.2), plain(colour{0.05, 0.05, 0.055}))
	wire := func(d, t float32) {
		in := f.ring(u, v, d-t)
		for i, j := 0, len(in)-1; i < j; i, j = i+1, j-1 {
			in[i], in[j] = in[j], in[i]
		}
		p.faces(f, [][]vec{f.ring(u, v, d), in}, plain(paint.mul(0.8)), true)
	}
	for k := 1; k <= 9; k++ {
		wire(r*(0.16+0.84*float32(k)/9), 0.0038)
	}
	for k := range 12 {
		s, c := math.Sincos(float64(k)*math.Pi/6 + 0.1)
		du, dv := float32(c), float32(s)
		t := float32(0.0035)
		p.face(f, []vec{f.at(u+du*r*0.15-dv*t, v+dv*r*0.15+du*t), f.at(u+du*r-dv*t, v+dv*r+du*t), f.at(u+du*r+dv*t, v+dv*r-du*t), f.at(u+du*r*0.15+dv*t, v+dv*r*0.15-du*t)}, plain(paint.mul(0.75)))
	}
	p.face(f, f.ring(u, v, r*0.17), plain(paint.mul(0.9)))
	p.face(f, f.ring(u, v, r*0.12), plain(paint.mul(0.7)))
}

// louvre is a field of slots.
func (p *painter) louvre(f plane, u0, v0, u1, v1, pitch float32, paint colour) {
	p.face(f, f.rect(u0, v0, u1, v1), func(_, v float32) colour {
		t := float32(math.Mod(float64((v-v0)/pitch), 1))
		return paint.mul(0.12 + 0.95*smooth(0.25, 0.75, t)*smooth(1.02, 0.86, t))
	})
}

// finned is the coil seen through its guard.
func finned(dark float32) skin {
	return func(u, v float32) colour {
		fin := 0.5 + 0.5*float32(math.Sin(float64(u*1500)))
		row := 0.5 + 0.5*float32(math.Sin(float64(v*2*math.Pi/0.025)))
		g := dark * (0.5 + 0.5*fin) * (0.75 + 0.25*row) * (0.7 + 0.6*noise(u*6, v*6))
		return colour{g * 0.9, g, g * 1.02}
	}
}

var makes = []string{"DAIKIN", "FUJITSU", "ActronAir", "MITSUBISHI", "temperzone", "Panasonic"}

// condenser is an outdoor unit standing at x, z; fans says how many are one
// above the other, 0 means it blows upwards.
func (p *painter) condenser(x, z float32, fans int) {
	w, d, h := p.between(0.86, 0.98), p.between(0.34, 0.4), float32(0.68)
	switch fans {
	case 0:
		w, d, h = p.between(0.93, 1.25), 0.77, 1.62
	case 2:
		h = p.between(1.3, 1.42)
	}
	feet := float32(0.1)
	b := box{vec{x, feet, z}, vec{x + w, feet + h, z + d}}
	paint := p.ivory()
	for _, fx := range []float32{x + 0.12, x + w - 0.2} { // rubber feet
		p.block(box{vec{fx, 0, z - 0.04}, vec{fx + 0.09, feet, z + d + 0.04}}, plain(hex(0x2a2a2c)))
	}
	p.sides(b, func(f plane, fw, fh float32, side byte) {
		body := p.painted(paint, fw, fh)
		p.face(f, f.rect(0, 0, fw, fh), body)
		switch {
		case side == 'f' && fans == 0:
			p.face(f, f.rect(0.05, 0.12, fw-0.05, fh-0.42), finned(0.22))
			for k := range 5 { // guard
				v := 0.12 + float32(k+1)*(fh-0.54)/6
				p.face(f, f.rect(0.05, v, fw-0.05, v+0.012), plain(paint.mul(0.9)))
			}
			p.face(f, f.rect(fw/2-0.01, 0.12, fw/2+0.01, fh-0.42), plain(paint.mul(0.9)))
			p.write(f, 0.08, fh-0.2, 0.075, bold, makes[p.pick.IntN(len(makes))], hex(0x1d3d6b))
		case side == 'f':
			r := min(w*0.3, 0.255)
			for k := range fans {
				p.fan(f, 0.06+r*1.05, h*(float32(k)+0.5)/float32(fans), r, paint)
			}
			p.face(f, f.rect(fw-0.2, 0.02, fw-0.194, fh-0.02), plain(paint.mul(0.45)))
			p.write(f, fw-0.185, fh-0.12, 0.032, bold, makes[p.pick.IntN(len(makes))], hex(0x27303c))
			p.face(f, f.rect(fw-0.17, fh*0.3, fw-0.05, fh*0.3+0.08), plain(hex(0xe9e9e4)))
			p.write(f, fw-0.165, fh*0.3+0.045, 0.022, regular, "R32", hex(0xa02020))
			for k := range 4 {
				p.face(f, f.rect(fw-0.165, fh*0.3+0.008+float32(k)*0.008, fw-p.between(0.06, 0.1), fh*0.3+0.011+float32(k)*0.008), plain(hex(0x777777)))
			}
		case side == 'l' || side == 'r':
			if fans == 0 {
				p.face(f, f.rect(0.05, 0.12, fw-0.05, fh-0.42), finned(0.2))
				break
			}
			p.louvre(f, 0.05, fh*0.55, fw*0.55, fh-0.08, 0.022, paint)
			p.face(f, f.rounded(0.08, 0.1, 0.24, 0.34, 0.02), plain(paint.mul(0.82)))
		case side == 't' && fans == 0:
			p.fan(f, fw/2, fh/2, min(fw, fh)*0.44, paint)
		case side == 't':
			p.face(f, f.rect(0.02, 0.02, fw-0.02, fh-0.02), p.painted(paint.mul(1.02), fw, fh))
		}
	})
}

// valve is a brass service valve with its nuts, on a pipe that runs along dir;
// its capped stem points along out, towards the camera.
func (p *painter) valve(at, dir, out vec, r float32) {
	brass := hex(0xa8823a)
	for _, end := range []float32{-1, 1} { // flare nuts
		p.tube([]vec{at.add(dir.mul(end * r * 2)), at.add(dir.mul(end * r * 3.8))}, r*1.55, brass.mul(0.85), 0.8, 0)
		p.tube([]vec{at.add(dir.mul(end * r * 3.6)), at.add(dir.mul(end * r * 4.2))}, r*1.2, brass.mul(0.7), 0.8, 0)
	}
	p.tube([]vec{at.sub(dir.mul(r * 2)), at.add(dir.mul(r * 2))}, r*1.85, brass, 0.8, 0)
	cap := plane{at.add(out.mul(r * 2)), vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(cap.moved(vec{r * 0.25, -r * 0.3, 0}), cap.moved(vec{r * 0.25, -r * 0.3, 0}).ring(0, 0, r*1.6), plain(brass.mul(0.25)))
	p.face(cap, cap.ring(0, 0, r*1.5), plain(brass.mul(0.7)))
	hexagon := make([]vec, 6)
	for i := range hexagon {
		s, c := math.Sincos(float64(i)*math.Pi/3 + 0.3)
		hexagon[i] = cap.at(r*1.3*float32(c), r*1.3*float32(s))
	}
	p.face(cap, hexagon, func(u, v float32) colour { return brass.mul(0.95 + 0.35*(v-u)/r) })
	p.face(cap, cap.ring(0, 0, r*0.85), func(u, v float32) colour { return brass.mul(1.05 + 0.3*(v+u)/r) })
}

// screw is a small round head with its slot.
func (p *painter) screw(f plane, u, v, r float32) {
	p.face(f, f.ring(u, v, r*1.25), plain(colour{0.1, 0.1, 0.1}))
	p.face(f, f.ring(u, v, r), func(x, y float32) colour {
		g := 0.3 + 0.25*((y-v)/r)
		return colour{g, g, g}
	})
	p.face(f, f.rect(u-r*0.7, v-r*0.12, u+r*0.7, v+r*0.12), plain(colour{0.05, 0.05, 0.05}))
	p.face(f, f.rect(u-r*0.12, v-r*0.7, u+r*0.12, v+r*0.7), plain(colour{0.05, 0.05, 0.05}))
}

// brick is a wall of bricks; each is a little different.
func (p *painter) brick() skin {
	base := hex([]uint32{0x8a4a36, 0x9c6148, 0x7b5142, 0xa98a6a, 0x6f3f33}[p.pick.IntN(5)])
	mortar := hex([]uint32{0xa8a294, 0x8f8a80, 0xc0b9a8}[p.pick.IntN(3)])
	shift := p.between(0, 30)
	return func(u, v float32) colour {
		const w, h, gap = 0.24, 0.086, 0.011
		row := float32(floor(v / h))
		x := u + w/2*float32(int(row)&1)
		col := float32(floor(x / w))
		fx, fy := x-col*w, v-row*h
		e := min(min(fx, w-fx), min(fy, h-fy))
		wobble := (noise(u*30, v*30) - 0.5) * 0.006
		tint := 0.65 + 0.7*noise(shift+col*2.7, row*3.3)
		grit := 0.85 + 0.3*speck(u*420, v*420)
		b := base.mul(tint * grit * (0.8 + 0.4*noise(u*4, v*4)))
		// The upper edge catches light, the lower one lies in shade.
		b = b.mul(1 + 0.25*smooth(h-gap-0.006, h-gap, fy) - 0.35*smooth(gap+0.006, gap, fy))
		return mortar.mul(0.7+0.4*noise(u*6+9, v*6)).to(b, smooth(gap/2-0.002, gap/2+0.003, e+wobble))
	}
}
