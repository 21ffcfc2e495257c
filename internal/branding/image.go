package branding

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"unicode"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/webp"
)

// Limits of an uploaded picture.
const (
	MaxBytes  = 5 << 20
	maxPixels = 50_000_000
)

// Refusal says in a sentence for the screen why a picture was not taken.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// What is wrong with a picture.
const (
	TooLarge  Refusal = "The picture is larger than 5 MB. Choose a smaller one."
	TooWide   Refusal = "The picture has more than 50 megapixels. Choose a smaller one."
	WrongKind Refusal = "This is not a picture that can be shown. Choose a JPEG, PNG or WebP file."
	Broken    Refusal = "The picture is damaged and cannot be read. Choose another one."
)

// Image is a picture made by this package: of known kind and size, without what
// cameras and programs write into files.
type Image struct {
	Data          []byte
	ContentType   string
	Width, Height int
}

// Logo fits an uploaded picture into 640×200, as PNG, its empty border cut off.
func Logo(upload []byte) (Image, error) {
	m, err := decode(upload)
	if err != nil {
		return Image{}, err
	}
	return encodePNG(fit(trim(m), 640, 200))
}

// Banner fits an uploaded picture into 1280×720, as JPEG, or as PNG when it is transparent.
func Banner(upload []byte) (Image, error) {
	m, err := decode(upload)
	if err != nil {
		return Image{}, err
	}
	m = fit(m, 1280, 720)
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return encodePNG(m)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 72}); err != nil {
		return Image{}, fmt.Errorf("encode banner: %w", err)
	}
	return Image{b.Bytes(), "image/jpeg", m.Bounds().Dx(), m.Bounds().Dy()}, nil
}

// Panel is the middle of a banner that Banner made, as it stands beside the
// form of a sign-in page: a panel as high as the window and less wide, so the sides would
// not be seen. It weighs a third of the banner.
func Panel(banner []byte) (Image, error) {
	m, err := decode(banner)
	if err != nil {
		return Image{}, err
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return encodePNG(fit(m, 960, 540))
	}
	var b bytes.Buffer
	m = fit(middle(m), 720, 640)
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 56}); err != nil {
		return Image{}, fmt.Errorf("encode the banner's middle: %w", err)
	}
	return Image{b.Bytes(), "image/jpeg", m.Bounds().Dx(), m.Bounds().Dy()}, nil
}

// middle cuts a picture that is wider than high to a square.
func middle(m image.Image) image.Image {
	b := m.Bounds()
	sub, ok := m.(interface {
		SubImage(image.Rectangle) image.Image
	})
	if !ok || b.Dx() <= b.Dy() {
		return m
	}
	left := b.Min.X + (b.Dx()-b.Dy())/2
	return sub.SubImage(image.Rect(left, b.Min.Y, left+b.Dy(), b.Max.Y))
}

// iconSize serves browser tabs and phones' home screens alike.
const iconSize = 180

// Icon is the picture of a browser tab: the logo, when it is nearly square and so
// stays readable that small, else the business's initial on its colour. Logo is
// what Logo made; it may be nil.
func Icon(logo []byte, name, colour string) (Image, error) {
	if len(logo) > 0 {
		m, err := decode(logo)
		if err != nil {
			return Image{}, err
		}
		if b := m.Bounds(); b.Dx() <= b.Dy()*3/2 && b.Dy() <= b.Dx()*3/2 {
			return encodePNG(onTile(m))
		}
	}
	p, err := New(colour)
	if err != nil {
		return Image{}, err
	}
	return encodePNG(initial(name, p.Light))
}

func decode(upload []byte) (image.Image, error) {
	if len(upload) > MaxBytes {
		return nil, TooLarge
	}
	var size func() (image.Config, error)
	var read func() (image.Image, error)
	reader := func() *bytes.Reader { return bytes.NewReader(upload) }
	switch {
	case bytes.HasPrefix(upload, []byte("\xff\xd8\xff")):
		size = func() (image.Config, error) { return jpeg.DecodeConfig(reader()) }
		read = func() (image.Image, error) { return jpeg.Decode(reader()) }
	case bytes.HasPrefix(upload, []byte("\x89PNG\r\n\x1a\n")):
		size = func() (image.Config, error) { return png.DecodeConfig(reader()) }
		read = func() (image.Image, error) { return png.Decode(reader()) }
	case len(upload) > 12 && string(upload[:4]) == "RIFF" && string(upload[8:12]) == "WEBP":
		size = func() (image.Config, error) { return webp.DecodeConfig(reader()) }
		read = func() (image.Image, error) { return webp.Decode(reader()) }
	default:
		return nil, WrongKind
	}
	c, err := size()
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, Broken
	}
	if c.Width*c.Height > maxPixels {
		return nil, TooWide
	}
	m, err := read()
	if err != nil {
		return nil, Broken
	}
	return upright(m, orientation(upload)), nil
}

// fit scales a picture down until it lies within the frame; it never enlarges.
func fit(m image.Image, width, height int) image.Image {
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

// trim cuts off a transparent border, which would make a logo look small.
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

// onTile sets a logo on white, because tabs may be dark.
func onTile(m image.Image) image.Image {
	tile := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	roundedSquare(tile, color.White)
	const margin = 18
	small := fit(enlarged(m), iconSize-2*margin, iconSize-2*margin)
	at := image.Pt((iconSize-small.Bounds().Dx())/2, (iconSize-small.Bounds().Dy())/2)
	draw.Draw(tile, small.Bounds().Add(at), small, image.Point{}, draw.Over)
	return tile
}

func enlarged(m image.Image) image.Image {
	b := m.Bounds()
	if max(b.Dx(), b.Dy()) >= iconSize {
		return m
	}
	scale := float64(iconSize) / float64(max(b.Dx(), b.Dy()))
	out := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale))))
	draw.CatmullRom.Scale(out, out.Bounds(), m, b, draw.Src, nil)
	return out
}

func initial(name string, s Shades) image.Image {
	tile := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	brand, _ := parse(s.Brand) // Shades hold what parse reads
	on, _ := parse(s.On)
	roundedSquare(tile, brand.colour())

	var letter rune
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letter = unicode.ToUpper(r)
			break
		}
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return tile
	}
	face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: 116, DPI: 72})
	if err != nil {
		return tile
	}
	// A script the font lacks leaves the plain tile in the brand's colour.
	bounds, _, ok := face.GlyphBounds(letter)
	if !ok || letter == 0 {
		return tile
	}
	const side = iconSize << 6
	drawer := font.Drawer{Dst: tile, Src: image.NewUniform(on.colour()), Face: face, Dot: fixed.Point26_6{
		X: (fixed.Int26_6(side) - bounds.Max.X - bounds.Min.X) / 2,
		Y: (fixed.Int26_6(side) - bounds.Max.Y - bounds.Min.Y) / 2,
	}}
	drawer.DrawString(string(letter))
	return tile
}

func (c rgb) colour() color.NRGBA {
	return color.NRGBA{uint8(math.Round(c.r * 255)), uint8(math.Round(c.g * 255)), uint8(math.Round(c.b * 255)), 255}
}

// roundedSquare fills a tile, its corners smoothed by their distance to the arc.
func roundedSquare(tile *image.NRGBA, fill color.Color) {
	const radius = 40.0
	n := color.NRGBAModel.Convert(fill).(color.NRGBA)
	for y := range iconSize {
		for x := range iconSize {
			dx := max(radius-float64(x)-0.5, float64(x)+0.5-(iconSize-radius), 0)
			dy := max(radius-float64(y)-0.5, float64(y)+0.5-(iconSize-radius), 0)
			n.A = uint8(255 * min(max(radius-math.Hypot(dx, dy)+0.5, 0), 1))
			tile.SetNRGBA(x, y, n)
		}
	}
}

func encodePNG(m image.Image) (Image, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, m); err != nil {
		return Image{}, fmt.Errorf("encode picture: %w", err)
	}
	return Image{b.Bytes(), "image/png", m.Bounds().Dx(), m.Bounds().Dy()}, nil
}

var errNoOrientation = errors.New("no orientation")

// orientation is how a camera was held, from 1 (upright) to 8: tag 0x0112 of the
// Exif part of a JPEG (Exif 2.32, 4.6.4). Anything unexpected counts as upright.
func orientation(upload []byte) int {
	o, err := exifOrientation(upload)
	if err != nil || o < 1 || o > 8 {
		return 1
	}
	return o
}

func exifOrientation(b []byte) (int, error) {
	if !bytes.HasPrefix(b, []byte("\xff\xd8")) {
		return 0, errNoOrientation
	}
	for b = b[2:]; len(b) > 4 && b[0] == 0xff && b[1] != 0xda; {
		length := 2 + int(binary.BigEndian.Uint16(b[2:]))
		if length > len(b) {
			break
		}
		part := b[4:length]
		if b[1] == 0xe1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return tiffOrientation(part[6:])
		}
		b = b[length:]
	}
	return 0, errNoOrientation
}

func tiffOrientation(t []byte) (int, error) {
	if len(t) < 8 {
		return 0, errNoOrientation
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(t[4:]))
	if at+2 > uint64(len(t)) {
		return 0, errNoOrientation
	}
	entries := int(order.Uint16(t[at:]))
	for i := range entries {
		e := at + 2 + uint64(i)*12
		if e+12 > uint64(len(t)) {
			break
		}
		if order.Uint16(t[e:]) == 0x0112 {
			return int(order.Uint16(t[e+8:])), nil
		}
	}
	return 0, errNoOrientation
}

// upright turns a picture as its orientation asks.
func upright(m image.Image, orientation int) image.Image {
	if orientation == 1 {
		return m
	}
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.Set(tx, ty, m.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}
