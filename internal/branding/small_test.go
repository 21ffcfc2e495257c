package branding

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
)

// TestTheHeadsLogoAndTheIconAreLight: they come with the first page of a visit.
func TestTheHeadsLogoAndTheIconAreLight(t *testing.T) {
	t.Parallel()
	upload, err := os.ReadFile("../../demo/picture/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	logo, err := Logo(t.Context(), upload)
	if err != nil {
		t.Fatal(err)
	}
	head, err := Head(logo.Data)
	if err != nil {
		t.Fatal(err)
	}
	if len(head.Data) > 6<<10 || head.Width > headWidth || head.Height > headHeight || head.Width*logo.Height/logo.Width-head.Height > 1 {
		t.Errorf("%d bytes, %d×%d of a logo of %d×%d and %d bytes", len(head.Data), head.Width, head.Height, logo.Width, logo.Height, len(logo.Data))
	}
	square, err := Logo(t.Context(), pngOf(t, disc(180)))
	if err != nil {
		t.Fatal(err)
	}
	for name, logo := range map[string][]byte{"initial": logo.Data, "square logo": square.Data} {
		icon, err := Icon(logo, "Northwind Air", "#0e5a8a")
		if err != nil {
			t.Fatal(err)
		}
		if len(icon.Data) > 1500 || icon.Width != tabSize {
			t.Errorf("icon of %s: %d bytes", name, len(icon.Data))
		}
	}
}

// TestFewerColoursLookTheSame: no part of a colour that can be seen is further off
// than eyes can tell, and a photograph keeps its own.
func TestFewerColoursLookTheSame(t *testing.T) {
	t.Parallel()
	photo := image.NewNRGBA(image.Rect(0, 0, 128, 128))
	for y := range 128 {
		for x := range 128 {
			photo.SetNRGBA(x, y, color.NRGBA{R: uint8(2 * x), G: uint8(2 * y), B: uint8(x + y), A: 0xff})
		}
	}
	for name, m := range map[string]*image.NRGBA{"disc": disc(180), "photograph": photo, "nothing": image.NewNRGBA(image.Rect(0, 0, 9, 9))} {
		made, err := encodeSmall(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(made.Data))
		if err != nil {
			t.Fatal(err)
		}
		if _, few := got.(*image.Paletted); few == (name == "photograph") {
			t.Errorf("%s: %T", name, got)
		}
		for y := range m.Rect.Dy() {
			for x := range m.Rect.Dx() {
				r1, g1, b1, a1 := m.At(x, y).RGBA()
				r2, g2, b2, a2 := got.At(x, y).RGBA()
				off := max(apart(r1, r2), apart(g1, g2), apart(b1, b2), apart(a1, a2))
				if off > 9 {
					t.Fatalf("%s: %v became %v", name, m.At(x, y), got.At(x, y))
				}
			}
		}
	}
}

func apart(a, b uint32) float64 { return math.Abs(float64(a)-float64(b)) / 257 }

// disc is a round sign of two colours, its edges smooth.
func disc(side int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	middle := float64(side) / 2
	for y := range side {
		for x := range side {
			d := math.Hypot(float64(x)+0.5-middle, float64(y)+0.5-middle)
			c := color.NRGBA{R: 0x0e, G: 0x5a, B: 0x8a}
			if d < middle/2 {
				c = color.NRGBA{R: 0xf2, G: 0x8c, B: 0x28}
			}
			c.A = uint8(255 * min(max(middle-d, 0), 1))
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}
