// Package picture has the demo's photos: equipment as a technician's phone
// sees it. The few dozen in photos/ were drawn, not taken; each is cut, lit and
// grained anew for every photo of the demo, so that no two are the same.
package picture

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// Logo and Banner are those of Northwind Air, a PNG and a JPEG.
var (
	//go:embed logo.png
	Logo []byte
	//go:embed banner.jpg
	Banner []byte
)

// Shot is one photo to be made.
type Shot struct {
	Scene string // how the names of the files in photos/ begin that may be shown
	Seed  uint64
	Plate []string // of a nameplate: make, model, serial number, capacity, year
}

// Draw makes the photo, width pixels wide, three quarters of that high. The
// same shot is always the same picture.
func Draw(s Shot, width int) (*image.RGBA, error) {
	if !taken {
		return plain(s, width), nil
	}
	names, err := fs.Glob(photos, "photos/"+s.Scene+"*.jpg")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no photo of %q: %w", s.Scene, err)
	}
	pick := rand.New(rand.NewPCG(7, s.Seed))
	name := names[pick.IntN(len(names))]
	file, err := photos.Open(name)
	if err != nil {
		return nil, err
	}
	var from image.Image
	if from, err = jpeg.Decode(file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	closer := 0.14
	if corners, ok := plates[name]; ok {
		closer = 0.05 // all of the plate stays in the picture
		if from, err = engrave(from, corners, s.Plate); err != nil {
			return nil, err
		}
	}
	full := from.Bounds()
	cut := 1 - closer*pick.Float64()
	w, h := int(float64(full.Dx())*cut), int(float64(full.Dy())*cut)
	at := image.Pt(pick.IntN(full.Dx()-w+1), pick.IntN(full.Dy()-h+1))
	photo := image.NewRGBA(image.Rect(0, 0, width, width*3/4))
	draw.ApproxBiLinear.Scale(photo, photo.Rect, from, image.Rect(0, 0, w, h).Add(at), draw.Src, nil)
	expose(photo, pick)
	return photo, nil
}

// plain is what is drawn where no photos were taken along: a grey wall.
func plain(s Shot, width int) *image.RGBA {
	wall := image.NewRGBA(image.Rect(0, 0, width, width*3/4))
	draw.Draw(wall, wall.Rect, image.NewUniform(color.Gray{150}), image.Point{}, draw.Src)
	expose(wall, rand.New(rand.NewPCG(7, s.Seed)))
	return wall
}

// expose gives the photo a light of its own, brighter or warmer, and the grain
// of a phone's camera.
func expose(photo *image.RGBA, pick *rand.Rand) {
	light, warm := 0.93+0.14*pick.Float32(), 0.05*(pick.Float32()-0.5)
	gain := [3]float32{light * (1 + warm), light, light * (1 - warm)}
	noise := pick.Uint32() | 1
	for i := 0; i < len(photo.Pix); i += 4 {
		noise ^= noise << 13
		noise ^= noise >> 17
		noise ^= noise << 5
		grain := float32(noise&15+noise>>8&15)/5 - 3
		for c, g := range gain {
			photo.Pix[i+c] = uint8(min(max(float32(photo.Pix[i+c])*g+grain, 0), 255))
		}
	}
}

// plates are the photos of blank nameplates, with the corners of each: top
// left, top right, bottom left.
var plates = map[string][3][2]float64{
	"photos/nameplate-1.jpg": {{76.5, 73.2}, {755.2, 69.4}, {79.4, 572.3}},
	"photos/nameplate-3.jpg": {{168.1, 128.2}, {883.5, 124.8}, {170.5, 654.2}},
	"photos/nameplate-5.jpg": {{219.7, 158.4}, {875.6, 170.4}, {210.8, 640.8}},
}

// fields are where the words of a nameplate stand on a plate of 850 × 625.
var fields = [5]struct{ x, y int }{{40, 92}, {325, 180}, {325, 238}, {325, 297}, {325, 531}}

// engrave puts the words on the plate, in its perspective.
func engrave(photo image.Image, corners [3][2]float64, words []string) (image.Image, error) {
	bold, err := face(gobold.TTF, 66)
	if err != nil {
		return nil, err
	}
	mono, err := face(gomono.TTF, 44)
	if err != nil {
		return nil, err
	}
	plate := image.NewRGBA(image.Rect(0, 0, 850, 625))
	pen := font.Drawer{Dst: plate}
	for i, text := range words[:min(len(words), len(fields))] {
		pen.Face, pen.Src = mono, image.NewUniform(color.Gray{26})
		if i == 0 {
			pen.Face, pen.Src = bold, image.NewUniform(color.Gray{238})
		}
		pen.Dot = fixed.P(fields[i].x, fields[i].y)
		pen.DrawString(text)
	}
	out := image.NewRGBA(photo.Bounds())
	draw.Draw(out, out.Rect, photo, photo.Bounds().Min, draw.Src)
	zero, right, down := corners[0], corners[1], corners[2]
	draw.BiLinear.Transform(out, f64.Aff3{
		(right[0] - zero[0]) / 850, (down[0] - zero[0]) / 625, zero[0],
		(right[1] - zero[1]) / 850, (down[1] - zero[1]) / 625, zero[1],
	}, plate, plate.Rect, draw.Over, nil)
	return out, nil
}

// face is a new one each time: a face is not for two at once.
func face(ttf []byte, size float64) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
}
