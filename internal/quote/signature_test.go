package quote_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"fieldgate/internal/quote"
)

// drawing is a page's data address of a picture with a stroke of that colour.
func drawing(t *testing.T, size image.Rectangle, paper, ink color.Color) string {
	t.Helper()
	img := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			img.Set(x, y, paper)
			if ink != nil && y == 50 && x >= 40 && x < 90 {
				img.Set(x, y, ink)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestReadSignature(t *testing.T) {
	t.Parallel()
	size, black := image.Rect(0, 0, 300, 120), color.NRGBA{A: 255}
	good := drawing(t, size, color.Transparent, black)
	for _, tt := range []struct {
		name, address string
		kept, refused bool
	}{
		{name: "none"},
		{name: "drawn on nothing", address: good, kept: true},
		{name: "drawn on white", address: drawing(t, size, color.White, color.NRGBA{B: 200, A: 255}), kept: true},
		{name: "empty", address: drawing(t, size, color.Transparent, nil)},
		{name: "empty and white", address: drawing(t, size, color.White, nil)},
		{name: "another kind", address: strings.Replace(good, "png", "svg+xml", 1), refused: true},
		{name: "no address", address: "hello", refused: true},
		{name: "broken base64", address: good + "?", refused: true},
		{name: "cut off", address: good[:len(good)/2], refused: true},
		{name: "too wide", address: drawing(t, image.Rect(0, 0, 5000, 60), color.Transparent, black), refused: true},
		{name: "too long", address: signatureOf(strings.Repeat("A", 600<<10)), refused: true},
		{name: "no picture", address: signatureOf("PHN2Zz4="), refused: true},
	} {
		kept, err := quote.ReadSignature(t.Context(), tt.address)
		if errors.Is(err, quote.ErrSignature) != tt.refused || (len(kept) > 0) != tt.kept {
			t.Errorf("%s: %d bytes, %v", tt.name, len(kept), err)
		}
		if !tt.kept {
			continue
		}
		img, err := png.Decode(bytes.NewReader(kept))
		if err != nil || img.Bounds().Dx() != 50+16 || img.Bounds().Dy() != 1+16 {
			t.Errorf("%s: %v %v", tt.name, img.Bounds(), err)
		}
	}
}

func signatureOf(encoded string) string { return "data:image/png;base64," + encoded }
