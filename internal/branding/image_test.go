package branding

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"
)

func TestLogoIsFittedAndTrimmed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		upload        []byte
		width, height int
	}{
		"wide":                  {pngOf(t, opaque(2000, 400)), 640, 128},
		"high":                  {pngOf(t, opaque(300, 600)), 100, 200},
		"small stays small":     {pngOf(t, opaque(64, 32)), 64, 32},
		"transparent border":    {pngOf(t, bordered(400, 300, image.Rect(100, 120, 300, 180))), 200, 60},
		"transparent all over":  {pngOf(t, image.NewNRGBA(image.Rect(0, 0, 50, 40))), 50, 40},
		"a thread":              {pngOf(t, opaque(4000, 1)), 640, 1},
		"JPEG held sideways":    {sideways(t, 300, 150), 100, 200},
		"WebP of a single dot":  {webpDot(t), 1, 1},
		"JPEG of an odd colour": {jpegOf(t, image.NewGray(image.Rect(0, 0, 20, 10))), 20, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Logo(t.Context(), c.upload)
			if err != nil {
				t.Fatal(err)
			}
			if got.Width != c.width || got.Height != c.height || got.ContentType != "image/png" {
				t.Errorf("got %d×%d %s, want %d×%d", got.Width, got.Height, got.ContentType, c.width, c.height)
			}
			if m, err := png.Decode(bytes.NewReader(got.Data)); err != nil || m.Bounds().Dx() != c.width {
				t.Errorf("not the picture it says it is: %v", err)
			}
		})
	}
}

// TestAWhiteLogoGetsADarkGround: also one of nearly white, and no other.
func TestAWhiteLogoGetsADarkGround(t *testing.T) {
	t.Parallel()
	on := func(ground, ink color.Color) []byte {
		m := image.NewNRGBA(image.Rect(0, 0, 320, 90))
		draw.Draw(m, m.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
		for x := 20; x < 300; x += 20 {
			draw.Draw(m, image.Rect(x, 10, x+10, 80), image.NewUniform(ink), image.Point{}, draw.Src)
		}
		return pngOf(t, m)
	}
	for name, c := range map[string]struct {
		upload []byte
		dark   bool
	}{
		"white on nothing":        {on(color.Transparent, color.White), true},
		"nearly white on nothing": {on(color.Transparent, color.NRGBA{240, 238, 230, 255}), true},
		"faint white":             {on(color.Transparent, color.NRGBA{255, 255, 255, 180}), true},
		"white on blue":           {on(color.NRGBA{0, 60, 120, 255}, color.White), false},
		"white on white":          {on(color.White, color.White), false},
		"blue on nothing":         {on(color.Transparent, color.NRGBA{0, 60, 120, 255}), false},
	} {
		got, err := Logo(t.Context(), c.upload)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(got.Data))
		if err != nil {
			t.Fatal(err)
		}
		corner := color.NRGBAModel.Convert(m.At(0, 0))
		if dark := corner == color.Color(darkGround); dark != c.dark || (got.Note != "") != c.dark || got.Width > logoWidth || got.Height > logoHeight {
			t.Errorf("%s: %v in the corner, %q", name, corner, got.Note)
		}
	}
}

func TestBannerIsJPEGUnlessTransparent(t *testing.T) {
	t.Parallel()
	got, err := Banner(t.Context(), pngOf(t, opaque(3200, 1000)))
	if err != nil || got.ContentType != "image/jpeg" || got.Width != 1280 || got.Height != 400 {
		t.Errorf("got %d×%d %s, %v", got.Width, got.Height, got.ContentType, err)
	}
	got, err = Banner(t.Context(), pngOf(t, bordered(40, 30, image.Rect(5, 5, 10, 10))))
	if err != nil || got.ContentType != "image/png" || got.Width != 40 {
		t.Errorf("got %d×%d %s, %v", got.Width, got.Height, got.ContentType, err)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, opaque(30, 30))
	for name, c := range map[string]struct {
		upload []byte
		want   Refusal
	}{
		"nothing":         {nil, WrongKind},
		"SVG":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), WrongKind},
		"GIF":             {[]byte("GIF89a\x01\x00\x01\x00"), WrongKind},
		"PNG cut off":     {whole[:len(whole)/2], Broken},
		"PNG head alone":  {whole[:8], Broken},
		"JPEG of nothing": {[]byte("\xff\xd8\xff\xe0"), Broken},
		"WebP of nothing": {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), Broken},
		"too many bytes":  {make([]byte, MaxBytes+1), TooLarge},
		"too many pixels": {hugePNG(whole), TooWide},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Logo(t.Context(), c.upload); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestIconComesFromLogoOrInitial(t *testing.T) {
	t.Parallel()
	square, wide := pngOf(t, opaque(200, 200)), pngOf(t, opaque(640, 100))
	colourAt := func(logo []byte, name string, x, y int) color.NRGBA {
		t.Helper()
		icon, err := HomeIcon(logo, name, "#0e5a8a")
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(icon.Data))
		if err != nil || icon.Width != iconSize || icon.Height != iconSize {
			t.Fatalf("%d×%d: %v", icon.Width, icon.Height, err)
		}
		return color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	}
	brand := color.NRGBA{0x0e, 0x5a, 0x8a, 255}
	if got := colourAt(square, "Northwind", iconSize/2, iconSize/2); got != (color.NRGBA{200, 30, 30, 255}) {
		t.Errorf("a square logo is the icon, got %v", got)
	}
	if got := colourAt(wide, "Northwind", 90, 8); got != brand {
		t.Errorf("a wide logo gives way to the initial, got %v", got)
	}
	if got := colourAt(nil, "Ibis", iconSize/2, iconSize/2); got != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("the I stands in the middle, got %v", got)
	}
	if got := colourAt(nil, "مدرسة", iconSize/2, 8); got != brand {
		t.Errorf("a script without glyphs gets a plain tile, got %v", got)
	}
	if _, err := Icon(nil, "", "nonsense"); !errors.Is(err, ErrColour) {
		t.Errorf("got %v", err)
	}
}

func FuzzLogo(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		if len(upload) > 1<<16 {
			return
		}
		var refusal Refusal
		if _, err := Logo(t.Context(), upload); err != nil && !errors.As(err, &refusal) {
			t.Errorf("an answer nobody can read: %v", err)
		}
	})
}

func opaque(w, h int) *image.NRGBA {
	return bordered(w, h, image.Rect(0, 0, w, h))
}

func bordered(w, h int, inner image.Rectangle) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, inner, image.NewUniform(color.NRGBA{200, 30, 30, 255}), image.Point{}, draw.Src)
	return m
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sideways is a JPEG whose camera was turned by a quarter (orientation 6).
func sideways(t *testing.T, w, h int) []byte {
	t.Helper()
	plain := jpegOf(t, opaque(w, h))
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	part := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(append([]byte{}, plain[:2]...), append(part, exif...)...), plain[2:]...)
}

// hugePNG says in its head that it is 10,000 by 10,000.
func hugePNG(whole []byte) []byte {
	b := bytes.Clone(whole)
	binary.BigEndian.PutUint32(b[16:], 10_000)
	binary.BigEndian.PutUint32(b[20:], 10_000)
	binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
	return b
}

func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		c ^= uint32(v)
		for range 8 {
			c = c>>1 ^ 0xedb88320*(c&1)
		}
	}
	return ^c
}

func webpDot(t *testing.T) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
