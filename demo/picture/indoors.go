package picture

import (
	"cmp"
	"math"
	"slices"
)

// flash is the phone's own light.
func (p *painter) flash(strength float32) {
	p.torches = append(p.torches, torch{at: p.eye.add(p.up.mul(0.06)), light: colour{1, 0.98, 0.93}.mul(strength)})
}

func (p *painter) duct() {
	p.exposure = p.between(0.95, 1.15)
	p.warm = p.between(0, 0.05)
	right := p.pick.Float32() < 0.5
	x := p.between(0.1, 0.4)
	if right {
		x = -x
	}
	p.look(vec{x, p.between(0.9, 1.1), p.between(-0.7, -0.2)}, vec{-x * 0.4, p.between(0.9, 1.1), 4}, p.between(64, 76))
	p.ambient = colour{0.07, 0.072, 0.078}
	aim := p.ahead.add(p.right.mul(p.between(-0.12, 0.12))).add(p.up.mul(p.between(-0.1, 0.06))).unit()
	p.torches = []torch{{at: p.eye.add(vec{0.2, -0.1, 0.1}), light: colour{4.6, 4.4, 3.9}, aim: aim, beam: 0.5}}

	dx := p.between(0.2, 0.5)
	if right {
		dx = -dx - 0.75
	}
	size := p.between(0.42, 0.55)
	main := box{vec{dx, 1.02, 0.7}, vec{dx + 0.75, 1.02 + size, 12}}
	p.blockers = []box{main}
	// Slab, floor of plasterboard, walls, far end.
	p.face(plane{vec{-6, 1.85, -2}, vec{1, 0, 0}, vec{0, 0, 1}}, plane{vec{-6, 1.85, -2}, vec{1, 0, 0}, vec{0, 0, 1}}.rect(0, 0, 12, 16), p.concrete(hex(0x9a958c)))
	end := plane{vec{-6, -1, 11.5}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(end, end.rect(0, 0, 12, 4), p.brick())
	for _, side := range []float32{-3.1, 3.1} {
		f := plane{vec{side, -1, -2}, vec{0, 0, 1}, vec{0, 1, 0}}
		p.face(f, f.rect(0, 0, 16, 4), p.brick())
	}
	floor := plane{vec{-6, 0, -2}, vec{1, 0, 0}, vec{0, 0, 1}}
	batts := hex([]uint32{0xc9b070, 0xb98f94, 0xb9c3c9, 0xcfc6b4}[p.pick.IntN(4)])
	p.face(floor, floor.rect(0, 0, 12, 14), func(u, v float32) colour {
		j := float32(math.Mod(float64(u), 0.6))
		timber := hex(0x9a7448).mul(0.7 + 0.5*noise(u*30, v*1.5))
		tuft := batts.mul(0.35 + 0.75*noise(u*7, v*7) + 0.35*(speck(u*120, v*120)-0.5))
		return timber.to(tuft, smooth(0.045, 0.06, min(j, 0.6-j)+0.02*(noise(v*6, u*6)-0.5)))
	})
	for z := float32(9.6); z > 1; z -= 1.6 { // purlins across
		p.block(box{vec{-4, 1.7, z}, vec{4, 1.85, z + 0.07}}, galvanised)
	}
	// A cable tray and conduits on the other side.
	sx := float32(1.4)
	if !right {
		sx = -1.4
	}
	if right == (dx > 0) {
		sx = -sx
	}
	for k := range 3 {
		p.tube([]vec{{sx + float32(k)*0.06, 1.62, 11}, {sx + float32(k)*0.06, 1.62, 0.3}}, 0.016, []colour{hex(0xd0661c), hex(0xd8d8d4), hex(0x2b4fa8)}[k], 0.3, 0)
	}
	p.tube([]vec{{-sx * 0.3, 1.7, 11}, {-sx * 0.3, 1.7, -0.2}}, 0.03, hex(0xa32222), 0.4, 0) // the sprinkler main

	// The rectangular duct with its flanges, far ones first.
	for z := float32(11.5); z > 0.8; z -= 1.2 {
		part := box{vec{main.low.x, main.low.y, max(z-1.2, main.low.z)}, vec{main.high.x, main.high.y, z}}
		p.sides(part, func(f plane, w, h float32, side byte) {
			if side == 'f' && part.low.z > main.low.z {
				return
			}
			p.face(f, f.rect(0, 0, w, h), func(u, v float32) colour {
				// Cross-breaks: the sheet is folded along its diagonals.
				a, b := u/w, v/h
				fold := 1 + 0.06*signOf(a-b) + 0.05*signOf(a+b-1)
				return galvanised(u+z*3, v).mul(fold)
			})
		})
		g := max(z-1.2, main.low.z)
		p.block(box{vec{main.low.x - 0.03, main.low.y - 0.03, g - 0.02}, vec{main.high.x + 0.03, main.high.y + 0.03, g + 0.025}}, func(u, v float32) colour { return galvanised(u*2, v*2).mul(1.15) })
		for _, hx := range []float32{main.low.x - 0.05, main.high.x + 0.05} { // hangers
			p.tube([]vec{{hx, main.low.y - 0.05, g + 0.5}, {hx, 1.85, g + 0.5}}, 0.006, colour{0.5, 0.5, 0.5}, 0.6, 0)
		}
		p.block(box{vec{main.low.x - 0.08, main.low.y - 0.09, g + 0.48}, vec{main.high.x + 0.08, main.low.y - 0.05, g + 0.52}}, galvanised)
	}
	cap := plane{vec{main.low.x, main.low.y, main.low.z - 0.03}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(cap, cap.rect(0.03, 0.03, 0.72, size-0.03), galvanised)
	label := cap.moved(vec{0, 0, -0.005})
	p.face(label, label.rect(0.12, size*0.4, 0.6, size*0.4+0.13), plain(hex(0xe8e6dc)))
	p.write(label, 0.15, size*0.4+0.035, 0.09, bold, []string{"S/A", "R/A", "O/A", "E/A"}[p.pick.IntN(4)]+" "+itoa(1+p.pick.IntN(8)), hex(0x15181c))
	for k := range 6 {
		p.screw(cap.moved(vec{0, 0, -0.002}), 0.06+float32(k%3)*0.315, 0.05+float32(k/3)*(size-0.1), 0.009)
	}

	// Flexible ducts swing from the side to the diffusers.
	toward := float32(1)
	from := main.high.x
	if dx > 0 {
		toward, from = -1, main.low.x
	}
	silver := colour{0.52, 0.53, 0.55}
	if p.pick.Float32() < 0.3 {
		silver = hex(0x25272b)
	}
	first := p.between(1.9, 2.6)
	for _, z := range []float32{first + 4.8, first + 2.3, first} {
		r := p.between(0.13, 0.17)
		y := main.low.y + size*0.5
		reach := toward * p.between(0.7, 1.15)
		p.tube([]vec{{from, y, z}, {from + toward*0.1, y, z}}, r*0.96, colour{0.45, 0.45, 0.47}, 0.4, 0)
		p.tube([]vec{{from + toward*0.09, y, z}, {from + toward*0.14, y, z}}, r*1.05, hex(0x1a1b1e), 0.3, 0)
		p.tube(bend(0.34, vec{from + toward*0.12, y, z}, vec{from + reach*0.6, y - 0.08, z - 0.15}, vec{from + reach, y - 0.3, z - 0.35}, vec{from + reach*1.02, 0.1, z - 0.4}), r, silver, 0.35, 0.036)
	}
	p.grain, p.vignette = 2.2, 0.3
}

func (p *painter) board() {
	p.exposure = p.between(0.95, 1.1)
	p.look(vec{p.between(-0.32, 0.32), p.between(-0.05, 0.3), -p.between(1.1, 1.3)}, vec{p.between(-0.04, 0.04), p.between(-0.04, 0.04), 0}, 56)
	p.ambient = colour{0.3, 0.31, 0.32}
	p.sun, p.sunlight = vec{-0.3, 0.8, -0.9}.unit(), colour{0.36, 0.36, 0.34}
	p.flash(0.42)
	wall := plane{vec{-3, -2, 0.22}, vec{1, 0, 0}, vec{0, 1, 0}}
	enclosure := hex([]uint32{0xb9bcbb, 0xd8d8d2, 0xd2702a, 0x8f9699}[p.pick.IntN(4)])
	w, h := p.between(0.36, 0.44), p.between(0.46, 0.52)
	p.blockers = []box{{vec{-w - 0.05, -h - 0.05, 0.02}, vec{w + 0.05, h + 0.05, 0.22}}}
	p.face(wall, wall.rect(0, 0, 6, 4), p.concrete(hex([]uint32{0xc9c4b8, 0x9fa3a4, 0xe0ddd4}[p.pick.IntN(3)])))
	p.blockers = nil
	// The frame around the opening, and what is inside further back.
	outer := plane{vec{-w - 0.05, -h - 0.05, 0}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.block(box{vec{-w - 0.05, -h - 0.05, 0}, vec{w + 0.05, h + 0.05, 0.22}}, plain(enclosure))
	inside := plane{vec{-w, -h, 0.19}, vec{1, 0, 0}, vec{0, 1, 0}}
	sidewall := enclosure.mul(0.6)
	for _, f := range []plane{{vec{-w, -h, 0}, vec{0, 0, 1}, vec{0, 1, 0}}, {vec{w, -h, 0}, vec{0, 0, 1}, vec{0, 1, 0}}} {
		p.face(f, f.rect(0, 0, 0.19, 2*h), plain(sidewall))
	}
	for _, f := range []plane{{vec{-w, -h, 0}, vec{1, 0, 0}, vec{0, 0, 1}}, {vec{-w, h, 0}, vec{1, 0, 0}, vec{0, 0, 1}}} {
		p.face(f, f.rect(0, 0, 2*w, 0.19), plain(sidewall))
	}
	rows := 3
	pitch := 2 * h / float32(rows)
	for k := range rows {
		y := -h + pitch*(float32(k)+0.5)
		p.blockers = append(p.blockers, box{vec{-w * 0.9, y - 0.05, 0.11}, vec{w * 0.9, y + 0.05, 0.18}}, box{vec{-w * 0.97, y + pitch/2 - 0.025, 0.11}, vec{w * 0.97, y + pitch/2 + 0.02, 0.19}})
	}
	p.face(inside, inside.rect(0, 0, 2*w, 2*h), func(u, v float32) colour { return galvanised(u*2, v*2).mul(1.25).add(colour{0.1, 0.1, 0.1}) })
	p.blockers = nil
	wires := []colour{hex(0xa81c1c), hex(0xe4e2da), hex(0x2248a8), hex(0x17181a), hex(0x3c8a2e), hex(0xc98a1c)}
	for k := range rows {
		y := -h + pitch*(float32(k)+0.5)
		// DIN rail and slotted trunking.
		p.block(box{vec{-w * 0.93, y - 0.0175, 0.172}, vec{w * 0.93, y + 0.0175, 0.18}}, galvanised)
		trunk := box{vec{-w * 0.97, y + pitch/2 - 0.028, 0.115}, vec{w * 0.97, y + pitch/2 + 0.024, 0.19}}
		if k < rows-1 {
			p.block(trunk, func(u, v float32) colour {
				slot := float32(math.Mod(float64(u), 0.012))
				g := float32(0.5)
				if slot < 0.0045 && (v < 0.016 || v > 0.036) {
					g = 0.1
				}
				return colour{g, g, g * 1.02}
			})
		}
		type way struct {
			x     float32
			poles int
		}
		var ways []way
		for x, n := -w*0.9, 0; x < w*0.82; n++ {
			poles := 1 + p.pick.IntN(3)/2*2
			if k == rows-1 && n == 0 {
				poles = 5
			}
			width := 0.0195 * float32(poles)
			if n == 0 || p.pick.Float32() > 0.1 { // else a spare way
				ways = append(ways, way{x, poles})
			}
			x += width + 0.001
		}
		// Those far to the side first, so that nearer ones cover their sides.
		slices.SortStableFunc(ways, func(a, b way) int {
			far := func(v way) float64 { return math.Abs(float64(v.x - p.eye.x)) }
			return cmp.Compare(far(b), far(a))
		})
		for n, at := range ways {
			p.breaker(at.x, y, at.poles, at.poles == 5)
			for q := range at.poles { // wires above and below
				wx := at.x + 0.0195*(float32(q)+0.5)
				c := wires[(q+n*2)%len(wires)]
				up := y + pitch/2 - 0.02
				if k == rows-1 {
					up = h - 0.005
				}
				p.tube(bend(0.02, vec{wx, y + 0.043, 0.125}, vec{wx, y + 0.07, 0.118}, vec{wx + p.between(-0.008, 0.008), up, 0.135}), 0.0032, c, 0.5, 0)
				if k > 0 || p.pick.Float32() < 0.7 {
					p.tube(bend(0.02, vec{wx, y - 0.043, 0.125}, vec{wx, y - 0.07, 0.118}, vec{wx + p.between(-0.012, 0.012), max(y-pitch/2+0.02, -h+0.003), 0.135}), 0.0032, wires[(q*3+n)%len(wires)], 0.5, 0)
				}
			}
		}
	}
	// The frame again, in front of the wires' ends, with its label and locks.
	e := p.painted(enclosure, 2*w+0.1, 2*h+0.1)
	for _, r := range [][4]float32{{0, 0, 2*w + 0.1, 0.05}, {0, 2*h + 0.05, 2*w + 0.1, 2*h + 0.1}, {0, 0.05, 0.05, 2*h + 0.05}, {2*w + 0.05, 0.05, 2*w + 0.1, 2*h + 0.05}} {
		p.face(outer, outer.rect(r[0], r[1], r[2], r[3]), e)
	}
	p.face(outer, outer.rounded(w-0.06, 2*h+0.058, w+0.16, 2*h+0.092, 0.004), plain(hex(0xf1f0ea)))
	p.write(outer, w-0.05, 2*h+0.068, 0.02, bold, "MSSB-"+itoa(1+p.pick.IntN(6))+"  A/C", hex(0x101214))
	for _, at := range [][2]float32{{0.025, 0.1}, {0.025, 2 * h}, {2*w + 0.075, 0.1}, {2*w + 0.075, 2 * h}} {
		p.screw(outer, at[0], at[1], 0.008)
	}
	// The danger sign.
	sign := outer.moved(vec{0, 0, -0.001})
	sx, sy := 2*w+0.052, h
	p.face(sign, []vec{sign.at(sx, sy), sign.at(sx+0.046, sy), sign.at(sx+0.023, sy+0.04)}, plain(hex(0xe8b90c)))
	p.face(sign, []vec{sign.at(sx+0.02, sy+0.008), sign.at(sx+0.028, sy+0.018), sign.at(sx+0.022, sy+0.018), sign.at(sx+0.026, sy+0.03), sign.at(sx+0.018, sy+0.016), sign.at(sx+0.024, sy+0.016)}, plain(colour{0, 0, 0}))
	p.vignette = 0.2
}

// breaker of several poles on the rail; the main switch is larger and red.
func (p *painter) breaker(x, y float32, poles int, mainSwitch bool) {
	w := 0.0195 * float32(poles)
	body := hex(0xdedcd4).mul(p.between(0.92, 1.04))
	p.block(box{vec{x, y - 0.042, 0.122}, vec{x + w, y + 0.042, 0.175}}, plain(body.mul(0.9)))
	p.block(box{vec{x + 0.0006, y - 0.023, 0.104}, vec{x + w - 0.0006, y + 0.023, 0.122}}, plain(body))
	f := plane{vec{x, y, 0.1039}, vec{1, 0, 0}, vec{0, 1, 0}}
	low := plane{vec{x, y, 0.1219}, vec{1, 0, 0}, vec{0, 1, 0}}
	for q := range poles {
		u := 0.0195 * (float32(q) + 0.5)
		for _, v := range []float32{-0.033, 0.033} {
			p.face(low, low.ring(u, v, 0.0048), plain(colour{0.06, 0.06, 0.06}))
			p.face(low, low.ring(u, v, 0.0036), plain(colour{0.5, 0.5, 0.48}))
		}
		if q > 0 {
			p.face(f, f.rect(u-0.0102, -0.023, u-0.0094, 0.023), plain(body.mul(0.45)))
		}
	}
	p.face(f, f.rect(0.001, -0.0225, w-0.001, -0.014), plain(hex(0xf4f3ee)))
	rating := []string{"C10", "C16", "C20", "C32"}[p.pick.IntN(4)]
	p.write(f, 0.0015, -0.0205, 0.0062, bold, rating, hex(0x14171c))
	lever := hex(0x1c1d20)
	if mainSwitch {
		lever = hex(0xb01c1c)
	} else if p.pick.Float32() < 0.2 {
		lever = hex(0x1f63b0)
	}
	p.face(f, f.rect(0.003, -0.01, w-0.003, 0.014), plain(body.mul(0.5)))
	on := float32(0.002)
	if p.pick.Float32() < 0.1 {
		on = -0.012
	}
	p.block(box{vec{x + 0.004, y + on, 0.093}, vec{x + w - 0.004, y + on + 0.0105, 0.104}}, plain(lever))
	p.face(f, f.rect(0.004, 0.0165, 0.009, 0.0205), plain(hex(0x2f7d3a)))
}

func (p *painter) filter(dirty bool) {
	p.exposure = p.between(0.92, 1.05)
	p.warm = p.between(-0.02, 0.05)
	p.look(vec{p.between(-0.45, 0.45), p.between(0.85, 1), p.between(-0.62, -0.45)}, vec{0, 0, p.between(0, 0.06)}, 54)
	p.sun, p.sunlight = vec{p.between(-0.9, 0.9), 1, p.between(-0.2, 0.8)}.unit(), colour{0.72, 0.68, 0.6}
	p.ambient = colour{0.38, 0.4, 0.43}
	ground := plane{vec{-3, 0, -2}, vec{1, 0, 0}, vec{0, 0, 1}}
	w, d := p.between(0.34, 0.44), p.between(0.24, 0.3)
	p.blockers = []box{{vec{-w, 0.004, -d}, vec{w, 0.03, d}}}
	var under skin
	switch p.pick.IntN(4) {
	case 0: // grass
		under = func(u, v float32) colour {
			b := noise(u*60, v*22)*0.6 + speck(u*300+40*noise(u*9, v*9), v*160)*0.4
			return hex(0x3d5a22).mul(0.35+1.3*b).to(hex(0x8c8a48), smooth(0.55, 0.7, noise(u*5, v*5))*0.5)
		}
	case 1: // timber
		under = func(u, v float32) colour {
			board := float32(floor(v / 0.11))
			gap := smooth(0.006, 0.003, float32(math.Mod(float64(v), 0.11)))
			return hex(0x8a6238).mul(0.5 + 0.6*noise(u*2+board*7, v*60) + 0.3*noise(board*3, u)).mul(1 - 0.85*gap)
		}
	case 2: // carpet tiles
		under = func(u, v float32) colour {
			return hex(0x3d444d).mul(0.6 + 0.5*noise(u*3, v*3) + 0.6*(speck(u*500, v*500)-0.5))
		}
	default:
		under = p.concrete(hex(0xa9a59c))
	}
	p.face(ground, ground.rect(0, 0, 6, 6), under)
	p.blockers = nil

	frame := hex([]uint32{0xe6e6e0, 0x3a3c40, 0xc8cdd2}[p.pick.IntN(3)])
	f := plane{vec{-w, 0.028, -d}, vec{1, 0, 0}, vec{0, 0, 1}}
	turn := p.between(-0.22, 0.22)
	s, c := math.Sincos(float64(turn))
	f.u, f.v = vec{float32(c), 0, float32(s)}, vec{-float32(s), 0, float32(c)}
	f.origin = f.u.mul(-w).add(f.v.mul(-d)).add(vec{0, 0.024, 0})
	// Its thickness towards us.
	edge := plane{f.origin.sub(vec{0, 0.022, 0}), f.u, vec{0, 1, 0}}
	p.face(edge, edge.rect(0, 0, 2*w, 0.022), plain(frame.mul(0.55)))
	p.face(f, f.rounded(0, 0, 2*w, 2*d, 0.02), plain(frame))
	ou, ov := p.between(0, 30), p.between(0, 30)
	dust := hex([]uint32{0x6f675c, 0x5c5750, 0x7d7060}[p.pick.IntN(3)])
	mesh0 := func(u, v float32) colour {
		x := math.Abs(math.Sin(float64(u) * math.Pi / 0.0042))
		y := math.Abs(math.Sin(float64(v) * math.Pi / 0.0042))
		thread := max(smooth(0.72, 0.95, float32(x)), smooth(0.72, 0.95, float32(y)))
		return under(u+2.6, v+1.7).mul(0.4).to(hex(0xb9c4cc), 0.35+0.5*thread)
	}
	mesh := func(u, v float32) colour {
		clean := mesh0(u, v)
		if !dirty {
			return clean
		}
		n := noise(ou+u*5, ov+v*5)
		fluff := noise(ou+u*70, ov+v*70)
		cover := smooth(0.26, 0.58, n*0.65+fluff*0.45)
		lint := dust.mul(0.45 + 0.8*fluff + 0.8*(grit(u*600, v*600)-0.5))
		return clean.mul(0.7).to(lint, 0.25+0.75*cover)
	}
	cols, rows := 3+p.pick.IntN(3), 2
	bar := float32(0.012)
	for i := range cols {
		for k := range rows {
			u0, v0 := 0.022+float32(i)*(2*w-0.044+bar)/float32(cols), 0.022+float32(k)*(2*d-0.044+bar)/float32(rows)
			u1, v1 := u0+(2*w-0.044+bar)/float32(cols)-bar, v0+(2*d-0.044+bar)/float32(rows)-bar
			p.face(f, f.rounded(u0-0.002, v0-0.002, u1+0.002, v1+0.002, 0.008), plain(frame.mul(0.5)))
			p.face(f, f.rounded(u0, v0, u1, v1, 0.007), mesh)
		}
	}
	if dirty { // a finger was drawn through the dust
		u, v := p.between(0.1, w), p.between(0.1, d)
		for k := range 90 {
			t := float32(k) / 89
			p.face(f, f.ring(u+t*0.22, v+0.03*float32(math.Sin(float64(t)*5)), 0.006), func(x, y float32) colour { return mesh0(x, y).mul(0.9) })
		}
	} else { // drops of water
		for range 46 {
			u, v, r := p.between(0.03, 2*w-0.03), p.between(0.03, 2*d-0.03), p.between(0.0012, 0.0036)
			p.glow(f, f.ring(u, v, r), plain(colour{0.2, 0.24, 0.27}))
			p.glow(f, f.ring(u-r*0.3, v+r*0.35, r*0.42), plain(colour{1.4, 1.4, 1.4}))
		}
	}
	// The tab to pull it out by.
	p.face(f, f.rounded(w-0.045, -0.014, w+0.045, 0.014, 0.008), plain(frame.mul(0.9)))
	p.face(f, f.rounded(w-0.03, -0.004, w+0.03, 0.004, 0.003), plain(frame.mul(0.5)))
	p.vignette = 0.15
}

func (p *painter) controller(text []string) {
	p.exposure = p.between(0.92, 1.04)
	p.warm = p.between(-0.03, 0.06)
	p.look(vec{p.between(-0.1, 0.1), p.between(-0.05, 0.07), -p.between(0.27, 0.36)}, vec{p.between(-0.012, 0.012), p.between(-0.01, 0.01), 0}, 50)
	side := p.between(-1, 1)
	p.sun, p.sunlight = vec{side, 0.8, -0.75}.unit(), colour{0.62, 0.58, 0.5}
	p.ambient = colour{0.42, 0.43, 0.45}
	wall := plane{vec{-2, -2, 0}, vec{1, 0, 0}, vec{0, 1, 0}}
	b := box{vec{-0.062, -0.062, -0.021}, vec{0.062, 0.062, -0.001}}
	tall := p.pick.Float32() < 0.5
	if tall {
		b.low.x, b.high.x = -0.043, 0.043
		b.low.y, b.high.y = -0.07, 0.062
	}
	p.blockers = []box{b}
	paint := hex([]uint32{0xdcd6c8, 0xc9d0d2, 0xe3e0da, 0xb9c4b4, 0xd6c6b6}[p.pick.IntN(5)])
	slope := p.between(-0.6, 0.6)
	p.face(wall, wall.rect(0, 0, 4, 4), func(u, v float32) colour {
		peel := noise(u*60, v*60) - 0.5
		return paint.mul(0.92 + 0.16*peel + slope*(u-2)*0.7 + (v-2)*0.35)
	})
	p.blockers = nil
	shell := hex([]uint32{0xf2f1ec, 0xf4f4f4, 0x24262a}[p.pick.IntN(3)])
	for k := range 16 { // a body with round corners, slice by slice
		z := b.high.z - float32(k)/15*(b.high.z-b.low.z)
		slice := plane{vec{b.low.x, b.low.y, z}, vec{1, 0, 0}, vec{0, 1, 0}}
		p.face(slice, slice.rounded(0, 0, b.high.x-b.low.x, b.high.y-b.low.y, 0.008), plain(shell.mul(0.62+0.014*float32(k))))
	}
	w, h := b.high.x-b.low.x, b.high.y-b.low.y
	f := plane{vec{b.low.x, b.low.y, b.low.z - 0.0006}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(f, f.rounded(0, 0, w, h, 0.008), func(u, v float32) colour {
		return shell.mul(0.97 + 0.05*v/h)
	})
	// The display.
	sx0, sx1, sy0, sy1 := w*0.09, w*0.91, h*0.43, h*0.91
	p.face(f, f.rounded(sx0-0.0018, sy0-0.0018, sx1+0.0018, sy1+0.0018, 0.004), plain(colour{0.03, 0.03, 0.035}))
	var back, ink colour
	switch p.pick.IntN(3) {
	case 0:
		back, ink = hex(0xa9b8a0), hex(0x16201a)
	case 1:
		back, ink = hex(0x8fc4e8).mul(1.1), hex(0x0c1a2c)
	default:
		back, ink = hex(0x0a1424), hex(0xbfe4ff).mul(1.5)
	}
	p.glow(f, f.rounded(sx0, sy0, sx1, sy1, 0.003), func(u, v float32) colour {
		return back.mul(0.82 + 0.3*(v-sy0)/(sy1-sy0) + 0.08*noise(u*90, v*90))
	})
	set, room := "22", "24"
	if len(text) > 0 {
		set = text[0]
	}
	if len(text) > 1 {
		room = text[1]
	}
	dh := min((sy1-sy0)*0.45, w*0.28)
	shadow := back.to(ink, 0.18)
	ghost := "88"
	p.digits(f, sx0+w*0.1+0.0005, sy0+(sy1-sy0)*0.26-0.0005, dh, ghost, plain(back.to(ink, 0.07)))
	p.digits(f, sx0+w*0.1+0.0006, sy0+(sy1-sy0)*0.26-0.0007, dh, set, plain(shadow))
	p.digits(f, sx0+w*0.1, sy0+(sy1-sy0)*0.26, dh, set, plain(ink))
	lit := func(u, v, size float32, l letters, s string) {
		all, _ := glyphs(l, s)
		var outlines [][]vec
		for _, path := range all {
			var o []vec
			for _, q := range path {
				o = append(o, f.at(u+q[0]*size, v+q[1]*size))
			}
			outlines = append(outlines, o)
		}
		p.faces(f, outlines, plain(ink), false)
	}
	rx := sx0 + w*0.54
	lit(sx0+w*0.1, sy0+(sy1-sy0)*0.85, h*0.045, bold, []string{"COOL", "AUTO", "HEAT"}[p.pick.IntN(3)])
	lit(rx, sy0+(sy1-sy0)*0.85, h*0.042, regular, "SET °C")
	lit(rx, sy0+(sy1-sy0)*0.48, h*0.042, regular, "ROOM")
	p.digits(f, rx, sy0+(sy1-sy0)*0.24, dh*0.36, room, plain(ink))
	lit(sx0+w*0.1, sy0+(sy1-sy0)*0.07, h*0.042, regular, []string{"FAN ||||", "FAN ||", "FAN AUTO"}[p.pick.IntN(3)])
	lit(rx, sy0+(sy1-sy0)*0.07, h*0.042, mono, itoa(6+p.pick.IntN(4))+":"+itoa(10+p.pick.IntN(49)))
	// Buttons.
	key := shell.mul(0.86)
	if shell.g < 0.2 {
		key = hex(0x3a3d42)
	}
	mark := hex(0x5a6068)
	for i := range 6 {
		u, v := w*(0.2+0.3*float32(i%3)), h*(0.33-0.145*float32(i/3))
		r := min(w, h) * 0.075
		p.face(f, f.rounded(u-r*1.25+0.0004, v-r*0.8-0.0009, u+r*1.25+0.0006, v+r*0.8, r*0.6), plain(shell.mul(0.4)))
		p.face(f, f.rounded(u-r*1.25, v-r*0.8, u+r*1.25, v+r*0.8, r*0.6), func(_, y float32) colour { return key.mul(0.95 + 0.12*(y-v)/r) })
		switch i {
		case 0:
			p.face(f, []vec{f.at(u-r*0.45, v-r*0.25), f.at(u+r*0.45, v-r*0.25), f.at(u, v+r*0.4)}, plain(mark))
		case 1:
			p.face(f, []vec{f.at(u-r*0.45, v+r*0.25), f.at(u, v-r*0.4), f.at(u+r*0.45, v+r*0.25)}, plain(mark))
		case 2:
			p.face(f, f.ring(u, v, r*0.4), plain(hex(0xc02a22)))
		default:
			p.write(f, u-r*0.85, v-r*0.2, r*0.6, bold, []string{"TIMER", "MODE", "FAN"}[i%3], mark)
		}
	}
	p.write(f, w*0.09, h*0.04, h*0.034, bold, makes[p.pick.IntN(len(makes))], mark)
	// A window mirrors itself in the display.
	p.sheen(f, []vec{f.at(sx0+w*0.42, sy0), f.at(sx0+w*0.62, sy0), f.at(sx1, sy1-0.004), f.at(sx1-w*0.12, sy1)}, colour{0.95, 0.97, 1}, p.between(0.06, 0.16))
	p.grain, p.vignette = 1.3, 0.22
}

func (p *painter) cassette() {
	p.exposure = p.between(0.74, 0.9)
	p.warm = p.between(-0.02, 0.05)
	ceiling := float32(2.7)
	cx, cz := p.between(-0.15, 0.15), float32(1.6)
	p.look(vec{p.between(-0.75, 0.75), p.between(1.4, 1.6), p.between(-0.1, 0.35)}, vec{cx * 0.7, 2.66, 1.58}, p.between(54, 64))
	p.ambient = colour{0.46, 0.47, 0.49}
	p.sun, p.sunlight = vec{signOf(p.between(-1, 1)) * p.between(0.5, 1), -0.36, p.between(-0.7, 0.1)}.unit(), colour{0.95, 0.9, 0.8}
	f := plane{vec{-6.3, ceiling, -3}, vec{1, 0, 0}, vec{0, 0, 1}}
	wallColour := hex([]uint32{0xd9d4c9, 0xbfc9cf, 0xe2e0db}[p.pick.IntN(3)])
	far := plane{vec{-8, 0, 5.2}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(far, far.rect(0, 0, 16, ceiling), func(_, v float32) colour { return wallColour.mul(0.75 + 0.1*v) })
	half := float32(0.47)
	p.blockers = []box{{vec{cx - half, ceiling - 0.035, cz - half}, vec{cx + half, ceiling + 0.2, cz + half}}}
	tile := hex(0xe9e7e0)
	p.face(f, f.rect(0, 0, 12.6, 8.2), func(u, v float32) colour {
		const t = 0.6
		tu, tv := u/t-float32(floor(u/t)), v/t-float32(floor(v/t))
		e := min(min(tu, 1-tu), min(tv, 1-tv)) * t
		holes := smooth(0.6, 0.68, speck(u*160, v*160))
		tint := 0.94 + 0.08*noise(float32(floor(u/t))*3.3, float32(floor(v/t))*2.9)
		c := tile.mul(tint - 0.28*holes)
		if e < 0.012 {
			return hex(0xf2f2ef).mul(0.98)
		}
		return c.mul(1 - 0.35*smooth(0.02, 0.012, e))
	})
	// Lights in the grid: panels that glow.
	for _, at := range [][2]float32{{-2, 3}, {1.6, 3}, {-2, 0.6}, {2.2, 0.6}} {
		u, v := float32(floor((at[0]+6.3)/0.6))*0.6, float32(floor((at[1]+3)/0.6))*0.6
		low := f.moved(vec{0, -0.002, 0})
		p.glow(low, low.rect(u+0.03, v+0.03, u+0.57, v+0.57), func(x, y float32) colour {
			e := min(min(x-u, u+0.6-x), min(y-v, v+0.6-y))
			return colour{1.9, 1.86, 1.75}.mul(0.55 + 0.9*smooth(0.02, 0.2, e))
		})
	}
	p.blockers = nil
	// The panel hangs a little below the tiles.
	white := hex(0xf3f2ec).mul(p.between(0.93, 1))
	panel := box{vec{cx - half, ceiling - 0.035, cz - half}, vec{cx + half, ceiling, cz + half}}
	p.block(panel, plain(white.mul(0.75)))
	g := plane{vec{cx - half, ceiling - 0.0355, cz - half}, vec{1, 0, 0}, vec{0, 0, 1}}
	n := 2 * half
	p.face(g, g.rounded(0, 0, n, n, 0.035), p.stained(white))
	// Four mouths with their vanes.
	for k := range 4 {
		q := g
		q.u, q.v = [4]vec{{1, 0, 0}, {0, 0, 1}, {-1, 0, 0}, {0, 0, -1}}[k], [4]vec{{0, 0, 1}, {-1, 0, 0}, {0, 0, -1}, {1, 0, 0}}[k]
		q.origin = g.at(half, half).sub(q.u.mul(half)).sub(q.v.mul(half))
		p.face(q, q.rounded(0.15, 0.05, n-0.15, 0.125, 0.02), func(_, v float32) colour { return colour{0.05, 0.05, 0.055}.mul(0.4 + 10*(v-0.05)) })
		open := p.between(0.3, 0.8)
		vane := q
		vane.v = q.v.mul(open).add(vec{0, -0.45 * open, 0})
		vane.origin = q.at(0, 0.058)
		p.face(vane, vane.rounded(0.165, 0, n-0.165, 0.06, 0.012), func(_, v float32) colour { return white.mul(0.8 + 2*v) })
	}
	// The return grille in the middle.
	i0, i1 := float32(0.165), n-0.165
	p.face(g, g.rounded(i0, i0, i1, i1, 0.02), plain(white.mul(0.9)))
	p.face(g, g.rect(i0+0.02, i0+0.02, i1-0.02, i1-0.02), func(u, v float32) colour {
		t := float32(math.Mod(float64(v), 0.02)) / 0.02
		dusty := 1 - 0.25*smooth(0.5, 0.7, noise(u*4, v*4))
		return white.mul((0.1 + 0.85*smooth(0.35, 0.5, t)*smooth(1, 0.9, t)) * dusty)
	})
	for k := 1; k < 4; k++ {
		u := i0 + 0.02 + float32(k)*(i1-i0-0.04)/4
		p.face(g, g.rect(u-0.004, i0+0.02, u+0.004, i1-0.02), plain(white.mul(0.85)))
	}
	seen := plane{g.at(0, 0.05), g.u, vec{0, 0, -1}} // the right way up from below
	p.write(seen, n-0.36, 0.012, 0.026, bold, makes[p.pick.IntN(len(makes))], hex(0x8a9099))
	// Sprinkler.
	sx := cx + 0.9
	if p.pick.Float32() < 0.5 {
		sx = cx - 0.9
	}
	low := f.moved(vec{0, -0.004, 0})
	p.face(low, low.ring(sx+6.3, cz+3, 0.04), plain(colour{0.55, 0.55, 0.56}))
	p.tube([]vec{{sx, ceiling - 0.005, cz}, {sx, ceiling - 0.05, cz}}, 0.012, hex(0xc2a25a), 0.8, 0)
	p.vignette = 0.16
}

// stained is white plastic over the years.
func (p *painter) stained(c colour) skin {
	ou, ov := p.between(0, 30), p.between(0, 30)
	return func(u, v float32) colour {
		return c.mul(0.95+0.08*noise(ou+u*3, ov+v*3)).to(hex(0xb5a888), 0.25*smooth(0.55, 0.75, noise(ou+u*5, ov+v*5)))
	}
}

func (p *painter) split() {
	p.exposure = p.between(0.9, 1.04)
	p.warm = p.between(0, 0.06)
	p.look(vec{p.between(-1.2, 1.2), p.between(1.5, 1.7), p.between(-1.5, -1)}, vec{p.between(-0.15, 0.15), p.between(1.85, 1.98), 1.2}, p.between(44, 52))
	left := p.pick.Float32() < 0.5
	side := float32(1)
	if left {
		side = -1
	}
	p.sun, p.sunlight = vec{side * 0.9, 0.55, -0.55}.unit(), colour{0.7, 0.66, 0.58}
	p.ambient = colour{0.5, 0.51, 0.53}
	wallColour := hex([]uint32{0xd9d2c4, 0xb8c7cc, 0xc9d2c2, 0xe6e2da, 0xa9b6c4}[p.pick.IntN(5)])
	y, w := p.between(2.02, 2.14), p.between(0.4, 0.52)
	b := box{vec{-w, y, 1.17}, vec{w, y + 0.295, 1.4}}
	p.blockers = []box{b}
	wall := plane{vec{-4, 0, 1.4}, vec{1, 0, 0}, vec{0, 1, 0}}
	bright := -side * 0.05
	p.face(wall, wall.rect(0, 0, 8, 2.7), func(u, v float32) colour {
		return wallColour.mul(0.98 + 0.05*(noise(u*26, v*26)-0.5) - bright*(u-4)).mul(1 - 0.22*smooth(2.35, 2.7, v))
	})
	ceiling := plane{vec{-4, 2.7, -4}, vec{1, 0, 0}, vec{0, 0, 1}}
	p.face(ceiling, ceiling.rect(0, 0, 8, 5.4), plain(hex(0xefeee9).mul(1.35)))
	floor := plane{vec{-4, 0, -4}, vec{1, 0, 0}, vec{0, 0, 1}}
	p.face(floor, floor.rect(0, 0, 8, 5.4), func(u, v float32) colour { return hex(0x7c5a3a).mul(0.6 + 0.6*noise(u*2, v*22)) })
	p.block(box{vec{-4, 2.63, 1.36}, vec{4, 2.7, 1.4}}, plain(hex(0xf1f0ec)))
	p.block(box{vec{-4, 0, 1.37}, vec{4, 0.1, 1.4}}, plain(hex(0xefeee9)))
	// A window on the bright side.
	wx := side * p.between(1.35, 1.6)
	q := plane{vec{wx - 0.62, 0.95, 1.39}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(q, q.rect(-0.06, -0.06, 1.3, 1.36), plain(hex(0xf3f2ee)))
	ou := p.between(0, 20)
	p.glow(q, q.rect(0, 0, 1.24, 1.3), func(u, v float32) colour {
		sky := hex(0xbfd9ee).mul(1.5).to(hex(0xf2f5f5).mul(1.6), smooth(0.4, 0.7, noise(ou+u*2, v*3)))
		tree := smooth(0.5, 0.44, v-0.45*noise(ou+u*3.3, 3)-0.2*noise(ou+u*20, v*20))
		return sky.to(hex(0x75876a).mul(0.8+1.1*noise(u*9, v*9)*noise(u*30, v*30)), tree)
	})
	p.face(q, q.rect(0.595, 0, 0.645, 1.3), plain(hex(0xecebe6)))
	if p.pick.Float32() < 0.6 { // a blind
		p.glow(q, q.rect(-0.02, p.between(0.6, 1.0), 1.26, 1.32), func(_, v float32) colour {
			t := float32(math.Mod(float64(v), 0.045)) / 0.045
			return hex(0xece8dc).mul(0.6 + 0.5*t)
		})
	}
	// Furniture below, by the trade.
	bx := -side * p.between(0.2, 0.9)
	switch p.pick.IntN(3) {
	case 0: // shelf with folders
		p.block(box{vec{bx - 0.5, 1.25, 1.15}, vec{bx + 0.5, 1.28, 1.4}}, plain(hex(0x9c7446)))
		x := bx - 0.46
		for x < bx+0.4 {
			t := p.between(0.03, 0.07)
			p.block(box{vec{x, 1.28, 1.18}, vec{x + t, 1.28 + p.between(0.2, 0.3), 1.38}}, plain(hex([]uint32{0x2c4a7c, 0x8c2f2f, 0x3b6b4a, 0xd8d2c4, 0x1f2226, 0xc9a13a}[p.pick.IntN(6)])))
			x += t + 0.004
		}
	case 1: // a picture
		r := plane{vec{bx - 0.35, 1.15, 1.38}, vec{1, 0, 0}, vec{0, 1, 0}}
		p.face(r, r.rect(0, 0, 0.7, 0.5), plain(hex(0x2a2420)))
		hue := []colour{hex(0x3f6f8f), hex(0xb4764a), hex(0x5c7a52)}[p.pick.IntN(3)]
		p.face(r, r.rect(0.03, 0.03, 0.67, 0.47), func(u, v float32) colour {
			return hue.mul(0.6+0.8*noise(ou+u*6, v*9)).to(hex(0xf0e9d8), smooth(0.2, 0.44, v-0.15*noise(u*8, ou)))
		})
	default: // cupboards
		p.block(box{vec{bx - 0.75, 0.4, 1.0}, vec{bx + 0.75, 1.2, 1.4}}, plain(hex(0xdfe3e4)))
		h := plane{vec{bx - 0.75, 0.4, 0.999}, vec{1, 0, 0}, vec{0, 1, 0}}
		for k := range 3 {
			u := float32(k) * 0.5
			p.face(h, h.rect(u, 0, u+0.005, 0.8), plain(colour{0.12, 0.12, 0.12}))
			p.face(h, h.rect(u+0.42, 0.5, u+0.435, 0.66), plain(colour{0.35, 0.35, 0.36}))
		}
		p.block(box{vec{bx - 0.78, 1.2, 0.98}, vec{bx + 0.78, 1.24, 1.4}}, plain(hex(0x6c6258)))
	}
	p.blockers = nil
	// The cover of the pipes.
	tx := side * w * 0.86
	p.block(box{vec{tx - 0.035, y + 0.25, 1.34}, vec{tx + 0.035, 2.63, 1.4}}, plain(hex(0xeeece6)))
	// The unit: a body with a curved front, the mouth below.
	white := hex([]uint32{0xf4f3ee, 0xf6f6f6, 0xe9eaec}[p.pick.IntN(3)])
	p.block(b, plain(white.mul(0.9)))
	f := plane{vec{-w, y, 1.169}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.face(f, f.rounded(0, 0.0, 2*w, 0.295, 0.03), func(_, v float32) colour {
		return white.mul(0.82 + 0.2*smooth(0.02, 0.24, v)).mul(1 - 0.1*smooth(0.26, 0.295, v))
	})
	p.face(f, f.rect(0.012, 0.082, 2*w-0.012, 0.086), plain(white.mul(0.45)))
	mouth := p.between(0.6, 1)
	p.face(f, f.rounded(0.05, 0.012, 2*w-0.05, 0.062, 0.012), func(_, v float32) colour { return colour{0.06, 0.06, 0.065}.mul(0.5 + 14*(v-0.012)*mouth) })
	vane := plane{f.at(0, 0.016), vec{1, 0, 0}, vec{0, 0.3, -0.8}}
	p.face(vane, vane.rounded(0.055, 0, 2*w-0.055, 0.055, 0.01), func(_, v float32) colour { return white.mul(0.86 + 2.4*v) })
	for k := range 12 { // the slats behind
		u := 0.09 + float32(k)*(2*w-0.18)/11
		p.face(f, f.rect(u, 0.03, u+0.004, 0.056), plain(white.mul(0.35)))
	}
	p.write(f, 0.06, 0.2, 0.042, bold, makes[p.pick.IntN(len(makes))], hex(0x7d858e))
	p.glow(f, f.ring(2*w-0.08, 0.105, 0.0055), plain(hex(0x38e06a).mul(2.4)))
	p.glow(f, f.ring(2*w-0.105, 0.105, 0.004), plain(hex(0xe8902c).mul(0.7)))
	p.sheen(f, f.rounded(0.02, 0.215, 2*w-0.02, 0.285, 0.02), colour{1, 1, 1}, 0.1)
	p.vignette = 0.18
}

func (p *painter) coil(dirty bool) {
	p.exposure = p.between(0.95, 1.1)
	aim := p.between(-0.05, 0.05)
	p.look(vec{aim + p.between(-0.22, 0.22), p.between(-0.03, 0.14), -p.between(0.5, 0.58)}, vec{aim, 0, 0}, 56)
	p.ambient = colour{0.42, 0.43, 0.45}
	p.sun, p.sunlight = vec{p.between(-0.8, 0.8), 0.55, -0.9}.unit(), colour{0.9, 0.88, 0.82}
	p.flash(0.05)
	side := signOf(p.between(-1, 1)) // where the bends are
	end := side * p.between(0.16, 0.22)
	high, low := p.between(0.16, 0.2), float32(-0.16)
	casing := hex([]uint32{0xd8d6cd, 0x9aa0a3, 0x3a3d41}[p.pick.IntN(3)])
	plate := box{vec{min(end, end+side*0.9), -0.6, -0.03}, vec{max(end, end+side*0.9), 0.6, 0}}
	top := box{vec{-1, high, -0.09}, vec{1, high + 0.5, 0.02}}
	tray := box{vec{-1, low - 0.13, -0.11}, vec{1, low, 0.01}}
	p.blockers = []box{plate, top, tray}

	f := plane{vec{-0.6, -0.5, 0}, vec{1, 0, 0}, vec{0, 1, 0}}
	ou, ov := p.between(0, 30), p.between(0, 30)
	tint := []colour{{0.62, 0.64, 0.66}, {0.66, 0.66, 0.64}, hex(0xb9a468), hex(0x7fa3bb)}[p.pick.IntN(4)]
	fluff := hex([]uint32{0x6e665a, 0x585046, 0x7a7468}[p.pick.IntN(3)])
	band := p.between(0.35, 0.6)
	p.face(f, f.rect(0, 0, 1.2, 1), func(u, v float32) colour {
		const fin, row = 0.0042, 0.0254
		bent := smooth(0.6, 0.68, noise(ou+u*5, ov+v*11)) // fins that something has leaned on
		t := u/fin + 0.5*bent*noise(u*20, v*50)
		i := float32(floor(t))
		t -= i
		y := v - row*float32(floor(v/row))
		tube := smooth(0.0115, 0.0085, float32(math.Abs(float64(y-row/2))))
		edge := smooth(0.05, 0.3, t) * smooth(0.72, 0.46, t)
		shine := 0.75 + 0.7*smooth(0.2, 0, float32(math.Abs(float64(v-band+0.15*(noise(u*3, ov)-0.5)))))
		deep := tint.mul(0.07).to(hex(0x8a5a38).mul(0.4), 0.6*tube)
		c := deep.to(tint.mul((0.78+0.2*noise(i*1.7, v*14))*shine), edge*(1-0.35*bent))
		if !dirty {
			return c
		}
		n := noise(ou+u*5, ov+v*5)*0.55 + noise(ou+u*22, ov+v*22)*0.45
		hair := noise(ou+u*110, ov+v*34)
		cover := smooth(0.34, 0.6, n+0.35*(0.5-v)) * smooth(0.22, 0.5, hair+0.25*n)
		return c.mul(0.55).to(fluff.mul(0.35+0.9*hair+0.6*(grit(u*700, v*700)-0.5)), 0.15+0.85*cover)
	})
	p.blockers = []box{top, tray}
	p.block(plate, func(u, v float32) colour { return galvanised(u*2, v*2).mul(1.1) })
	front := plane{vec{0, 0, -0.031}, vec{1, 0, 0}, vec{0, 1, 0}}
	p.blockers = nil
	for k := range 6 { // the bends of the pipe, each with its hole
		y := low + 0.02 + float32(k)*0.0635
		x := end + side*0.04
		copper := hex(0xb2642e).mul(p.between(0.75, 1.05))
		for _, hole := range []float32{y, y + 0.0254} {
			p.face(front, front.ring(x, hole, 0.0085), plain(colour{0.06, 0.05, 0.045}))
		}
		p.tube(bend(0.0127, vec{x, y, -0.03}, vec{x + side*0.012, y, -0.06}, vec{x + side*0.012, y + 0.0254, -0.06}, vec{x, y + 0.0254, -0.03}), 0.0058, copper, 0.9, 0)
	}
	p.screw(front, end+side*0.012, high-0.03, 0.004)
	p.screw(front, end+side*0.012, low+0.04, 0.004)
	// The header pipe further out.
	p.tube([]vec{{end + side*0.13, -0.6, -0.05}, {end + side*0.13, 0.6, -0.05}}, 0.011, hex(0xb2642e), 0.9, 0)
	p.block(top, p.painted(casing, 2, 0.5))
	p.block(tray, p.painted(casing.mul(0.8), 2, 0.13))
	edge := plane{vec{-1, low, -0.11}, vec{1, 0, 0}, vec{0, 0, 1}}
	inside := colour{0.2, 0.21, 0.22}
	if dirty {
		inside = hex(0x4a3e2a)
	}
	p.face(edge, edge.rect(0, 0.006, 2, 0.115), func(u, v float32) colour { return inside.mul(0.35 + noise(u*30, v*30)) })
	if !dirty { // it was rinsed a minute ago
		for range 30 {
			u, v, r := p.between(0.4, 0.8), p.between(0.36, 0.66), p.between(0.0012, 0.003)
			p.adding = true
			p.glow(f, f.ring(u, v, r), plain(colour{0.1, 0.11, 0.12}))
			p.glow(f, f.ring(u-r*0.3, v+r*0.35, r*0.4), plain(colour{0.9, 0.9, 0.9}))
			p.adding = false
		}
	}
	p.grain, p.vignette = 1.5, 0.26
}

func (p *painter) nameplate(text []string) {
	for len(text) < 5 {
		text = append(text, "-")
	}
	p.exposure = p.between(0.88, 1)
	p.look(vec{p.between(-0.09, 0.09), p.between(-0.04, 0.05), -p.between(0.25, 0.29)}, vec{p.between(-0.008, 0.008), 0, 0}, 50)
	p.ambient = colour{0.42, 0.43, 0.45}
	p.sun, p.sunlight = vec{p.between(-0.8, 0.8), 0.7, -0.8}.unit(), colour{0.5, 0.48, 0.44}
	panel := plane{vec{-0.5, -0.5, 0}, vec{1, 0, 0}, vec{0, 1, 0}}
	paint := p.ivory()
	scratch := p.between(0, 30)
	p.face(panel, panel.rect(0, 0, 1, 1), func(u, v float32) colour {
		peel := noise(u*120, v*120) - 0.5
		dirt := smooth(0.5, 0.75, noise(scratch+u*9, v*5))
		return paint.mul(0.95+0.12*peel).to(hex(0x7b715f), 0.3*dirt)
	})
	// The edge of the panel with a screw.
	seam := float32(0.605 + 0.02*p.pick.Float32())
	p.face(panel, panel.rect(0, seam, 1, seam+0.0035), plain(colour{0.05, 0.05, 0.05}))
	p.screw(panel, 0.38, seam+0.016, 0.0055)
	p.screw(panel, 0.63, seam+0.016, 0.0055)
	w, h := float32(0.17), float32(0.125)
	f := plane{vec{-w / 2, -h / 2, -0.0008}, vec{1, 0, 0}, vec{0, 1, 0}}
	tilt := p.between(-0.025, 0.025)
	f.u, f.v = vec{1, tilt, 0}, vec{-tilt, 1, 0}
	p.face(f, f.rounded(0.0008, -0.0012, w+0.0012, h, 0.003), plain(paint.mul(0.45)))
	silver := p.pick.Float32() < 0.6
	ground, ink := hex(0xc3c6c8), hex(0x14161a)
	if !silver {
		ground = hex(0xf4f3ee)
	}
	p.face(f, f.rounded(0, 0, w, h, 0.003), func(u, v float32) colour {
		c := ground
		if silver {
			c = c.mul(0.9 + 0.16*noise(u*4, v*220) + 0.2*smooth(0.04, 0, float32(math.Abs(float64(u-v*0.6-0.05)))))
		}
		return c.to(hex(0x6b6252), 0.3*smooth(0.56, 0.75, noise(scratch+u*22, v*22)))
	})
	band := []colour{hex(0x0a4c9c), hex(0xb3161d), hex(0x1b1d22), hex(0x00695f)}[p.pick.IntN(4)]
	p.face(f, f.rect(0.004, h-0.024, w-0.004, h-0.004), plain(band))
	p.write(f, 0.008, h-0.0185, 0.014, bold, text[0], hex(0xf4f4f2))
	p.write(f, w-0.067, h-0.0165, 0.0068, regular, "AIR CONDITIONER", hex(0xe8e8e6))
	rows := [][2]string{
		{"MODEL", text[1]},
		{"SERIAL No.", text[2]},
		{"CAPACITY (COOL)", text[3]},
		{"RATED VOLTAGE", []string{"230-240 V~  50 Hz", "380-415 V 3N~  50 Hz"}[p.pick.IntN(2)]},
		{"REFRIGERANT", []string{"R32   1.40 kg", "R410A   3.60 kg", "R32   2.75 kg"}[p.pick.IntN(3)]},
		{"MAX PRESSURE", "HP 4.17 MPa   LP 4.17 MPa"},
		{"MANUFACTURED", text[4]},
	}
	line := float32(0.0117)
	for i, r := range rows {
		v := h - 0.036 - float32(i)*line
		p.write(f, 0.007, v, 0.0058, regular, r[0], ink)
		size := float32(0.0075)
		l := regular
		if i < 2 {
			size, l = 0.0096, mono
		}
		p.write(f, 0.065, v, size, l, r[1], ink)
		p.face(f, f.rect(0.005, v-0.0032, w-0.005, v-0.0028), plain(ink.to(ground, 0.3)))
	}
	p.face(f, f.rect(0.0615, h-0.036-6*line-0.003, 0.062, h-0.026), plain(ink.to(ground, 0.3)))
	x := float32(0.112)
	for x < w-0.01 { // bars
		t := 0.0004 * float32(1+p.pick.IntN(3))
		p.face(f, f.rect(x, 0.005, x+t, 0.0155), plain(ink))
		x += t + 0.0004*float32(1+p.pick.IntN(3))
	}
	p.write(f, 0.007, 0.0065, 0.005, regular, "Made in Thailand    IPX4    AU00000", ink)
	// The sticker of the refrigerant licence, and light on the plate.
	p.sheen(f, []vec{f.at(w*0.1, 0), f.at(w*0.32, 0), f.at(w*0.62, h), f.at(w*0.42, h)}, colour{1, 1, 1}, p.between(0.05, 0.2))
	p.grain, p.vignette = 1.3, 0.24
}
