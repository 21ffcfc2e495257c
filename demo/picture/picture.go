// Package picture draws the demo's photos: plant as a technician's phone sees
// it. It is a small painter in three dimensions: flat faces are projected,
// filled with anti-aliasing from back to front, and lit by sun or torch, with
// shadows and dirt; then comes what a phone's camera adds. Each seed gives
// another picture, always the same one.
package picture

import (
	"image"
	"math/rand/v2"
	"sync"
)

// Scene is what a photo shows.
type Scene int

// The scenes.
const (
	Rooftop    Scene = iota // condensers on a roof
	Duct                    // the ceiling space by torch light
	Board                   // a switchboard
	Filter                  // an air filter, dirty or clean
	Pipes                   // refrigerant pipes on a wall
	Controller              // a wall controller; Text: set and room temperature
	Cassette                // a cassette in the ceiling
	Gauges                  // a manifold on the hoses
	Split                   // a wall split in a room
	Coil                    // fins, dirty or clean
	Nameplate               // Text: make, model, serial number, capacity, year
)

// Shot is one photo to be taken.
type Shot struct {
	Scene Scene
	Seed  uint64
	Dirty bool
	Text  []string
}

// Draw takes the photo, width pixels wide, three quarters of that high.
func Draw(s Shot, width int) *image.RGBA {
	p := newPainter(width, width*3/4, s.Seed)
	defer p.release()
	switch s.Scene {
	case Rooftop:
		p.rooftop()
	case Duct:
		p.duct()
	case Board:
		p.board()
	case Filter:
		p.filter(s.Dirty)
	case Pipes:
		p.pipes()
	case Controller:
		p.controller(s.Text)
	case Cassette:
		p.cassette()
	case Gauges:
		p.gauges()
	case Split:
		p.split()
	case Coil:
		p.coil(s.Dirty)
	case Nameplate:
		p.nameplate(s.Text)
	}
	return p.develop()
}

// films are the buffers of painters at work, 13 MB each at full size.
var films sync.Pool

func newPainter(width, height int, seed uint64) *painter {
	p := &painter{w: width, h: height, pick: rand.New(rand.NewPCG(7, seed)), exposure: 1, grain: 1}
	n := width * height * 3
	if film, ok := films.Get().(*[]float32); ok && cap(*film) >= n {
		p.film = (*film)[:n]
		clear(p.film)
	} else {
		p.film = make([]float32, n)
	}
	p.mask = make([]uint8, width*height)
	return p
}

func (p *painter) release() { films.Put(&p.film) }
