package imaging

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strings"

	"github.com/gen2brain/heic"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Frame is what Decode fits a picture into.
type Frame struct {
	Width, Height int
	Pixels        int  // of the picture as sent; one with more is refused
	Trim          bool // cut off a transparent border first, which would make a logo look small
}

// decoding lets one picture at a time into memory that somebody waits for.
var decoding = make(chan struct{}, 1)

// Decode unpacks a picture, upright and no larger than the frame. What cannot be
// decoded within bounds is Refused, as by Render.
func Decode(ctx context.Context, content []byte, t Type, f Frame) (*image.NRGBA, error) {
	leave, err := enter(ctx, decoding)
	if err != nil {
		return nil, err
	}
	defer leave()
	pictures, bodies, err := apart(ctx, content, t, &f, f.Pixels)
	if err != nil {
		return nil, err
	}
	p := pictures[0]
	return &image.NRGBA{Pix: bodies[0], Stride: 4 * p.Width, Rect: image.Rect(0, 0, p.Width, p.Height)}, nil
}

// apart decodes in a child what its head allows to.
func apart(ctx context.Context, content []byte, t Type, f *Frame, pixels int) ([]picture, [][]byte, error) {
	width, height, err := Measure(content, t)
	if err == nil {
		err = allowed(width, height, pixels)
	}
	if err != nil {
		return nil, nil, refuse("The picture cannot be shown: %s.", err)
	}
	return decodeApart(ctx, request{Type: t.MIME, Frame: f, Limits: limitsFor(t, width*height)}, content)
}

// do is the child's work.
func (q request) do(content []byte) ([]picture, [][]byte, error) {
	t, _ := TypeOf(q.Type)
	img, err := decode(content, t)
	if err != nil {
		return nil, nil, err
	}
	orientation := readMeta(content, t).orientation
	if q.Frame == nil {
		return renditions(img, orientation)
	}
	if q.Frame.Trim {
		img = trim(img)
	}
	w, h := q.Frame.Width, q.Frame.Height
	if orientation >= 5 {
		w, h = h, w
	}
	small := Within(img, w, h)
	turned := upright(&image.RGBA{Pix: small.Pix, Stride: small.Stride, Rect: small.Rect}, orientation) // bytes are only moved
	return []picture{{turned.Rect.Dx(), turned.Rect.Dy(), len(turned.Pix)}}, [][]byte{turned.Pix}, nil
}

// decode never looks for the format itself: that would also try decoders that
// other packages have registered.
func decode(content []byte, t Type) (img image.Image, err error) {
	damaged := refuse("The picture cannot be shown: %s.", errDamaged)
	defer func() {
		if recover() != nil { // a decoder's fault, found by a hostile file
			img, err = nil, damaged
		}
	}()
	reader := bytes.NewReader(content)
	var head func() (image.Config, error)
	var body func() (image.Image, error)
	switch t {
	case JPEG:
		head, body = func() (image.Config, error) { return jpeg.DecodeConfig(reader) }, func() (image.Image, error) { return jpeg.Decode(withEnd(content)) }
	case PNG:
		head, body = func() (image.Config, error) { return png.DecodeConfig(reader) }, func() (image.Image, error) { return png.Decode(reader) }
	case WebP:
		head, body = func() (image.Config, error) { return webp.DecodeConfig(reader) }, func() (image.Image, error) { return webp.Decode(reader) }
	case HEIC:
		img, err := heic.Decode(reader)
		if err != nil {
			return nil, Refused{"The photo cannot be shown: it is damaged, or of a kind that only the phone it comes from can read."}
		}
		return img, nil
	default:
		return nil, fmt.Errorf("decode picture: %q is none", t.MIME)
	}
	// What we read of the head ourselves need not be what the decoder reads.
	config, err := head()
	if err == nil {
		err = allowed(config.Width, config.Height, MaxPanorama)
	}
	if err == nil {
		reader.Reset(content)
		img, err = body()
	}
	if err != nil {
		return nil, damaged
	}
	return img, nil
}

// Within scales a picture down until it lies within the frame; it never enlarges.
func Within(m image.Image, width, height int) *image.NRGBA {
	b := m.Bounds()
	scale := min(float64(width)/float64(b.Dx()), float64(height)/float64(b.Dy()), 1)
	size := image.Rect(0, 0, max(1, int(math.Round(float64(b.Dx())*scale))), max(1, int(math.Round(float64(b.Dy())*scale))))
	out := image.NewNRGBA(size)
	if size.Size() == b.Size() {
		draw.Draw(out, size, m, b.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(out, size, m, b, draw.Src, nil)
	}
	return out
}

func trim(m image.Image) image.Image {
	if o, ok := m.(interface{ Opaque() bool }); !ok || o.Opaque() {
		return m
	}
	full := m.Bounds()
	box := image.Rectangle{Min: full.Max, Max: full.Min}
	for y := full.Min.Y; y < full.Max.Y; y++ {
		for x := full.Min.X; x < full.Max.X; x++ {
			if _, _, _, a := m.At(x, y).RGBA(); a > 0x0800 {
				box.Min.X, box.Min.Y = min(box.Min.X, x), min(box.Min.Y, y)
				box.Max.X, box.Max.Y = max(box.Max.X, x+1), max(box.Max.Y, y+1)
			}
		}
	}
	sub, ok := m.(interface {
		SubImage(image.Rectangle) image.Image
	})
	if box.Empty() || !ok {
		return m
	}
	return sub.SubImage(box)
}

// withEnd reads a JPEG that ends where its picture does: what a phone hangs
// behind it goes, and one whose last bytes are missing gets zeros, of which
// decoders make something even. Where scans begin anew at marks nothing can be
// made up.
func withEnd(b []byte) io.Reader {
	width, height, scan := jpegFrame(b)
	if scan < 0 {
		return bytes.NewReader(b)
	}
	if end := jpegEnd(b, scan, func() bool { return true }); end >= 0 {
		return bytes.NewReader(b[:end])
	}
	const perBlock = 24 // bytes: 63 values of three bits
	missing := int64(width) * int64(height) / 64 * 3 * perBlock
	return io.MultiReader(bytes.NewReader(bytes.TrimSuffix(b, []byte{0xff})), io.LimitReader(zeros{}, missing), strings.NewReader("\xff\xd9"))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
