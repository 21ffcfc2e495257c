package imaging

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corners names the colours clockwise from the top left.
func corners(img image.Image) string {
	b := img.Bounds()
	var s strings.Builder
	for _, p := range []image.Point{{1, 1}, {3, 1}, {3, 3}, {1, 3}} {
		r, g, bl, _ := img.At(b.Min.X+b.Dx()*p.X/4, b.Min.Y+b.Dy()*p.Y/4).RGBA()
		switch high := [3]bool{r > 0xa000, g > 0xa000, bl > 0xa000}; high {
		case [3]bool{true, false, false}:
			s.WriteByte('R')
		case [3]bool{false, true, false}:
			s.WriteByte('G')
		case [3]bool{false, false, true}:
			s.WriteByte('B')
		case [3]bool{true, true, true}:
			s.WriteByte('W')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func decoded(t *testing.T, r Rendition) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(r.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size != image.Pt(r.Width, r.Height) {
		t.Errorf("said %d × %d, is %v", r.Width, r.Height, size)
	}
	return img
}

func TestPhotosStandUpright(t *testing.T) {
	t.Parallel()
	// What the corners of red, green, blue, white become when the camera's
	// orientation is undone: Exif's figure of the eight letters F.
	want := map[uint16]string{1: "RGBW", 2: "GRWB", 3: "BWRG", 4: "WBGR", 5: "RWBG", 6: "WRGB", 7: "BGRW", 8: "GBWR", 0: "RGBW", 9: "RGBW"}
	plain := asJPEG(t, quarters(640, 320))
	for orientation, corner := range want {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			photo := withExif(plain, tiff(order, orientation, "2026:03:14 15:09:26"))
			web, thumb, err := Render(t.Context(), bytes.NewReader(photo), JPEG)
			if err != nil {
				t.Fatal(err)
			}
			size := image.Pt(640, 320)
			if orientation >= 5 && orientation <= 8 {
				size = image.Pt(320, 640)
			}
			for kind, r := range map[string]Rendition{"web": web, "thumb": thumb} {
				if got := corners(decoded(t, r)); got != corner {
					t.Errorf("orientation %d, %s: %s, want %s", orientation, kind, got, corner)
				}
			}
			if web.Width != size.X || web.Height != size.Y || max(thumb.Width, thumb.Height) != ThumbSide {
				t.Errorf("orientation %d: web %d × %d, thumb %d × %d", orientation, web.Width, web.Height, thumb.Width, thumb.Height)
			}
		}
	}
}

// withSegment puts a segment in front of all others of a JPEG.
func withSegment(jpg []byte, marker byte, body string) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, marker}, uint16(len(body)+2))
	return slices.Concat(head, []byte(body), jpg[2:])
}

// withChunk puts a chunk behind the head of a PNG.
func withChunk(p []byte, kind, body string) []byte {
	const head = 8 + 25 // signature and IHDR
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind+body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(kind+body)))
	return slices.Concat(p[:head], chunk, p[head:])
}

// webpWith is a WebP of one pixel with a canvas and further chunks.
func webpWith(chunks ...string) []byte {
	pixel := []byte{0x2f, 0, 0, 0, 0x10, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 7}
	add := func(b []byte, kind string, body []byte) []byte {
		b = binary.LittleEndian.AppendUint32(append(b, kind...), uint32(len(body)))
		return append(append(b, body...), make([]byte, len(body)%2)...)
	}
	body := add(add([]byte("WEBP"), "VP8X", []byte{0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0}), "VP8L", pixel)
	for i := 0; i+1 < len(chunks); i += 2 {
		body = add(body, chunks[i], []byte(chunks[i+1]))
	}
	return slices.Concat([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body)
}

// Whatever a camera or a program wrote into a photo, where, when, with what and
// by whom, customers get none of it.
func TestMetadataIsDropped(t *testing.T) {
	t.Parallel()
	const secret = "SECRET 33.8568S 151.2153E"
	exif := string(tiff(binary.BigEndian, 1, "2026:03:14 15:09:26")) + secret
	plain := asJPEG(t, quarters(64, 48))
	var flat bytes.Buffer
	if err := png.Encode(&flat, quarters(64, 48)); err != nil {
		t.Fatal(err)
	}
	for name, photo := range map[string]struct {
		content []byte
		kind    Type
	}{
		"JPEG, Exif":         {withExif(plain, []byte(exif)), JPEG},
		"JPEG, XMP":          {withSegment(plain, 0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+secret), JPEG},
		"JPEG, IPTC":         {withSegment(plain, 0xed, "Photoshop 3.0\x00"+secret), JPEG},
		"JPEG, profile":      {withSegment(plain, 0xe2, "ICC_PROFILE\x00"+secret), JPEG},
		"JPEG, comment":      {withSegment(plain, 0xfe, secret), JPEG},
		"JPEG, behind it":    {append(slices.Clone(plain), secret...), JPEG},
		"PNG, text":          {withChunk(flat.Bytes(), "tEXt", "Comment\x00"+secret), PNG},
		"PNG, text in UTF-8": {withChunk(flat.Bytes(), "iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+secret), PNG},
		"PNG, Exif":          {withChunk(flat.Bytes(), "eXIf", exif), PNG},
		"WebP, Exif":         {webpWith("EXIF", exif), WebP},
		"WebP, XMP":          {webpWith("XMP ", "<x:xmpmeta>"+secret), WebP},
	} {
		web, thumb, err := Render(t.Context(), bytes.NewReader(photo.content), photo.kind)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, r := range []Rendition{web, thumb} {
			jpegSegments(r.JPEG, func(marker byte, _ []byte) {
				if marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
					t.Errorf("%s: segment %x", name, marker)
				}
			})
			if bytes.Contains(r.JPEG, []byte("SECRET")) || bytes.Contains(r.JPEG, []byte("2026:03")) {
				t.Errorf("%s: it is still there", name)
			}
		}
	}
}

// Every kind of pixel that a decoder returns becomes the same colours.
func TestKindsOfPictures(t *testing.T) {
	t.Parallel()
	src := quarters(100, 60)
	as := func(dst interface {
		image.Image
		Set(x, y int, c color.Color)
	},
	) image.Image {
		for y := range 60 {
			for x := range 100 {
				dst.Set(x, y, src.At(x, y))
			}
		}
		return dst
	}
	r := src.Rect
	ycc := func(ratio image.YCbCrSubsampleRatio) image.Image {
		img := image.NewYCbCr(r, ratio)
		for y := range 60 {
			for x := range 100 {
				c := src.RGBAAt(x, y)
				img.Y[img.YOffset(x, y)], img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = color.RGBToYCbCr(c.R, c.G, c.B)
			}
		}
		return img
	}
	cmyk := image.NewCMYK(r)
	palette := image.NewPaletted(r, color.Palette{color.White, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}})
	for name, img := range map[string]image.Image{
		"RGBA": src, "NRGBA": as(image.NewNRGBA(r)), "RGBA64": as(image.NewRGBA64(r)), "NRGBA64": as(image.NewNRGBA64(r)),
		"CMYK": as(cmyk), "paletted": as(palette),
		"4:4:4": ycc(image.YCbCrSubsampleRatio444), "4:2:2": ycc(image.YCbCrSubsampleRatio422), "4:2:0": ycc(image.YCbCrSubsampleRatio420),
		"4:4:0": ycc(image.YCbCrSubsampleRatio440), "4:1:1": ycc(image.YCbCrSubsampleRatio411), "4:1:0": ycc(image.YCbCrSubsampleRatio410),
	} {
		for _, side := range []int{37, 99, 100, 2048} {
			if got := corners(shrink(img, side)); got != "RGBW" {
				t.Errorf("%s at %d: %s", name, side, got)
			}
		}
	}
	grey := image.NewGray(r)
	grey.Pix[0] = 255
	if got := shrink(grey, 100).RGBAAt(0, 0); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("grey: %v", got)
	}
}

func TestMeansAreExact(t *testing.T) {
	t.Parallel()
	// Three columns 0, 120, 240 into two: each gets one and a half of them.
	img := image.NewGray(image.Rect(0, 0, 3, 1))
	copy(img.Pix, []uint8{0, 120, 240})
	small := shrink(img, 2)
	if a, b := small.RGBAAt(0, 0).R, small.RGBAAt(1, 0).R; a != 40 || b != 200 {
		t.Errorf("got %d, %d; want 40, 200", a, b)
	}
	white := image.NewGray(image.Rect(0, 0, 1999, 7))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	for _, v := range shrink(white, 480).Pix {
		if v != 255 {
			t.Fatalf("white became %d", v)
		}
	}
}

func TestTransparencyIsWhite(t *testing.T) {
	t.Parallel()
	clear := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range clear.Pix { // black, and half of it to be seen
		if i%4 == 3 && i > len(clear.Pix)/2 {
			clear.Pix[i] = 128
		}
	}
	web, _, err := Render(t.Context(), bytes.NewReader(asPNG(t, clear)), PNG)
	if err != nil {
		t.Fatal(err)
	}
	img := decoded(t, web)
	if r, _, _, _ := img.At(20, 5).RGBA(); r>>8 < 250 {
		t.Errorf("clear became %d", r>>8)
	}
	if r, _, _, _ := img.At(20, 35).RGBA(); r>>8 < 120 || r>>8 > 135 {
		t.Errorf("half became %d", r>>8)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, webW, webH, thumbW, thumbH int }{
		{4000, 3000, 2048, 1536, 480, 360},
		{1000, 3000, 683, 2048, 160, 480},
		{300, 200, 300, 200, 300, 200},
		{1, 1, 1, 1, 1, 1},
		{20_000, 1, 2048, 1, 480, 1},
		{3, 20_000, 1, 2048, 1, 480},
	} {
		web, thumb, err := Render(t.Context(), bytes.NewReader(asPNG(t, image.NewGray(image.Rect(0, 0, c.w, c.h)))), PNG)
		if err != nil {
			t.Fatal(err)
		}
		if web.Width != c.webW || web.Height != c.webH || thumb.Width != c.thumbW || thumb.Height != c.thumbH {
			t.Errorf("%d × %d: web %d × %d, thumb %d × %d", c.w, c.h, web.Width, web.Height, thumb.Width, thumb.Height)
		}
	}
}

func TestBrokenPhotosAreRefused(t *testing.T) {
	t.Parallel()
	jpg := asJPEG(t, quarters(640, 480))
	cut := append(bytes.Clone(jpg[:len(jpg)/2]), 0xff, 0xd9) // an end, but not the picture's
	pngs := asPNG(t, quarters(64, 48))
	pngs[len(pngs)-20] ^= 0xff
	for name, c := range map[string]struct {
		content []byte
		t       Type
	}{
		"nothing":         {nil, JPEG},
		"half a JPEG":     {cut, JPEG},
		"flipped bit":     {pngs, PNG},
		"wrong type":      {jpg, PNG},
		"absurd PNG":      {pngHead(60_000, 60_000), PNG},
		"WebP of nothing": {webpHead(false, 2000, 2000), WebP},
		"no photo":        {[]byte(aPDF), PDF},
		"HEIC of nothing": {heicHead("heic", 64, 48), HEIC},
		"text as HEIC":    {[]byte("hello"), HEIC},
	} {
		if testing.Short() && name == "HEIC of nothing" { // goes the way of "text as HEIC"
			continue
		}
		_, _, err := Render(t.Context(), bytes.NewReader(c.content), c.t)
		if _, ok := errors.AsType[Refused](err); !ok {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

func TestRenderingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Render(ctx, bytes.NewReader(asJPEG(t, quarters(64, 48))), JPEG); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// samples is where the decoder's own test pictures lie, in the module cache.
func samples(t *testing.T) []string {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gen2brain/heic").Output()
	if err != nil {
		t.Skipf("the decoder's samples are out of reach: %v", err)
	}
	found, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "*.heic"))
	if len(found) == 0 {
		t.Skip("the decoder brings no samples")
	}
	if testing.Short() { // each is a process of its own, whose decoder is compiled anew
		return found[:1]
	}
	return found
}

func TestHEICBecomesJPEG(t *testing.T) {
	t.Parallel()
	for _, name := range samples(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Inspect(bytes.NewReader(content), int64(len(content)), filepath.Base(name))
		if err != nil || file.Type != HEIC {
			t.Errorf("%s: %v, %v", filepath.Base(name), file, err)
			continue
		}
		web, thumb, err := Render(t.Context(), bytes.NewReader(content), HEIC)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		decoded(t, web)
		decoded(t, thumb)
		t.Logf("%s: web %d × %d, thumb %d × %d", filepath.Base(name), web.Width, web.Height, thumb.Width, thumb.Height)
	}
}

// twelve megapixels with noise in them, as a phone's photo has.
func twelve(b *testing.B) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 4032, 3024))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range 3024 {
		for x := range 4032 {
			noise := random.IntN(24)
			img.SetRGBA(x, y, color.RGBA{uint8(x*200/4032 + noise), uint8(y*200/3024 + noise), uint8((x+y)/40 + noise), 255})
		}
	}
	return asJPEG(b, img)
}

func BenchmarkRender(b *testing.B) {
	photo := twelve(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Render(b.Context(), bytes.NewReader(photo), JPEG); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInspect(b *testing.B) {
	photo := twelve(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Inspect(bytes.NewReader(photo), int64(len(photo)), "a.jpg"); err != nil {
			b.Fatal(err)
		}
	}
}
