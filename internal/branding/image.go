package branding

import (
	"bytes"
	"context"
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

	"fieldgate/internal/imaging"
)

// MaxBytes of an uploaded picture.
const MaxBytes = 5 << 20

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
	// Note says to whoever uploaded it what became of it, if that is not plain.
	Note string
}

const (
	logoWidth, logoHeight = 640, 200
	// groundEdge is how far the ground of a white logo reaches around it.
	groundEdge = 20
)

// darkGround is what white is read on, on paper as on light pages.
var darkGround = color.NRGBA{R: 0x1c, G: 0x24, B: 0x30, A: 0xff}

// Logo fits an uploaded picture into 640×200, as PNG, its empty border cut off. A
// white one that has no ground gets a dark one: nobody would see it on paper, at
// the head of pages and in emails.
func Logo(ctx context.Context, upload []byte) (Image, error) {
	m, err := accept(ctx, upload, imaging.Frame{Width: logoWidth, Height: logoHeight, Pixels: imaging.MaxPixels, Trim: true})
	if err != nil {
		return Image{}, err
	}
	if !whiteOnNothing(m) {
		return encodePNG(m)
	}
	small := imaging.Within(m, logoWidth-2*groundEdge, logoHeight-2*groundEdge)
	grounded := image.NewNRGBA(image.Rect(0, 0, small.Rect.Dx()+2*groundEdge, small.Rect.Dy()+2*groundEdge))
	draw.Draw(grounded, grounded.Rect, image.NewUniform(darkGround), image.Point{}, draw.Src)
	draw.Draw(grounded, small.Rect.Add(image.Pt(groundEdge, groundEdge)), small, image.Point{}, draw.Over)
	made, err := encodePNG(grounded)
	made.Note = "The logo is white, so we put it on a dark background to show on paper, pages and in emails. If you have a dark one, upload that instead."
	return made, err
}

// whiteOnNothing reports whether of a picture with a transparent ground nearly
// all that can be seen is white, or nearly white.
func whiteOnNothing(m image.Image) bool {
	const light = 225
	var ink, white, all float64
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c, _ := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			all++
			ink += float64(c.A) / 255
			if min(c.R, c.G, c.B) >= light {
				white += float64(c.A) / 255
			}
		}
	}
	return ink > 0 && ink < all*0.98 && white > ink*0.85
}

// Banner fits an uploaded picture into 1280×720, as JPEG, or as PNG when it is transparent.
func Banner(ctx context.Context, upload []byte) (Image, error) {
	m, err := accept(ctx, upload, imaging.Frame{Width: 1280, Height: 720, Pixels: imaging.MaxPixels})
	if err != nil {
		return Image{}, err
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return encodePNG(m)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 72}); err != nil {
		return Image{}, fmt.Errorf("encode banner: %w", err)
	}
	return Image{Data: b.Bytes(), ContentType: "image/jpeg", Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}

// Panel is the middle of a banner that Banner made, as it stands beside the
// form of a sign-in page: a panel as high as the window and less wide, so the sides would
// not be seen. It weighs a third of the banner.
func Panel(banner []byte) (Image, error) {
	m, err := own(banner)
	if err != nil {
		return Image{}, err
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return encodePNG(imaging.Within(m, 960, 540))
	}
	var b bytes.Buffer
	m = imaging.Within(middle(m), 720, 640)
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 56}); err != nil {
		return Image{}, fmt.Errorf("encode the banner's middle: %w", err)
	}
	return Image{Data: b.Bytes(), ContentType: "image/jpeg", Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}

// headWidth and headHeight are twice what static/css/brand.css shows of a logo at
// most, so that it is sharp on phones.
const headWidth, headHeight = 448, 80

// Head is a logo that Logo made, of the size that stands at the head of pages. It
// weighs a quarter of the logo.
func Head(logo []byte) (Image, error) {
	m, err := own(logo)
	if err != nil {
		return Image{}, err
	}
	return encodeSmall(imaging.Within(m, headWidth, headHeight))
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

// own decodes what this package has made.
func own(made []byte) (image.Image, error) {
	read := jpeg.Decode
	if bytes.HasPrefix(made, []byte("\x89PNG")) {
		read = png.Decode
	}
	m, err := read(bytes.NewReader(made))
	if err != nil {
		return nil, fmt.Errorf("read our own picture: %w", err)
	}
	return m, nil
}

// iconSize is what an icon is drawn at, and what phones show on their home screens;
// tabSize serves browser tabs, which come with the first page of a visit. The
// others are those of an app.
const iconSize, tabSize, appSize, largeSize = 180, 48, 192, 512

// tile is the ground of an icon: its side, how much of it stays free around what
// is on it, and how round its corners are, in parts of the side.
type tile struct {
	side           int
	margin, radius float64
}

// rounded is the tile of icons that are shown as they are. Phones cut whole ones
// to a shape of their own: all that counts lies within four fifths of the middle.
func rounded(side int) tile { return tile{side, 0.1, 2.0 / 9} }

func whole(side int) tile { return tile{side, 0.22, 0} }

// Icon is the picture of a browser tab: the logo, when it is nearly square and so
// stays readable that small, else the business's initial on its colour. Logo is
// what Logo made; it may be nil.
func Icon(logo []byte, name, colour string) (Image, error) {
	m, err := icon(logo, name, colour, rounded(iconSize))
	if err != nil {
		return Image{}, err
	}
	return encodeSmall(imaging.Within(m, tabSize, tabSize))
}

// HomeIcon is the icon as phones show it among their programs.
func HomeIcon(logo []byte, name, colour string) (Image, error) {
	return appIcon(logo, name, colour, rounded(iconSize))
}

// AppIcon is the icon of the portal as an app.
func AppIcon(logo []byte, name, colour string) (Image, error) {
	return appIcon(logo, name, colour, rounded(appSize))
}

// LargeAppIcon is AppIcon for the moment in which an app opens.
func LargeAppIcon(logo []byte, name, colour string) (Image, error) {
	return appIcon(logo, name, colour, rounded(largeSize))
}

// MaskableIcon is LargeAppIcon for phones that cut it to a shape of their own.
func MaskableIcon(logo []byte, name, colour string) (Image, error) {
	return appIcon(logo, name, colour, whole(largeSize))
}

func appIcon(logo []byte, name, colour string, on tile) (Image, error) {
	m, err := icon(logo, name, colour, on)
	if err != nil {
		return Image{}, err
	}
	return encodeSmall(m)
}

func icon(logo []byte, name, colour string, on tile) (*image.NRGBA, error) {
	if len(logo) > 0 {
		m, err := own(logo)
		if err != nil {
			return nil, err
		}
		if b := m.Bounds(); b.Dx() <= b.Dy()*3/2 && b.Dy() <= b.Dx()*3/2 {
			return on.picture(m), nil
		}
	}
	p, err := New(colour)
	if err != nil {
		return nil, err
	}
	return on.initial(name, p.Light), nil
}

// accept decodes an upload within bounds.
func accept(ctx context.Context, upload []byte, frame imaging.Frame) (image.Image, error) {
	if len(upload) > MaxBytes {
		return nil, TooLarge
	}
	var kind imaging.Type
	switch {
	case bytes.HasPrefix(upload, []byte("\xff\xd8\xff")):
		kind = imaging.JPEG
	case bytes.HasPrefix(upload, []byte("\x89PNG\r\n\x1a\n")):
		kind = imaging.PNG
	case len(upload) > 12 && string(upload[:4]) == "RIFF" && string(upload[8:12]) == "WEBP":
		kind = imaging.WebP
	default:
		return nil, WrongKind
	}
	if width, height, err := imaging.Measure(upload, kind); err == nil && width*height > frame.Pixels {
		return nil, TooWide
	}
	m, err := imaging.Decode(ctx, upload, kind, frame)
	if _, ok := errors.AsType[imaging.Refused](err); ok {
		return nil, Broken
	}
	return m, err
}

// picture sets a logo on white, because tabs and screens may be dark.
func (t tile) picture(m image.Image) *image.NRGBA {
	made := t.filled(color.White)
	inner := t.side - 2*int(float64(t.side)*t.margin)
	small := imaging.Within(enlarged(m, t.side), inner, inner)
	at := image.Pt((t.side-small.Bounds().Dx())/2, (t.side-small.Bounds().Dy())/2)
	draw.Draw(made, small.Bounds().Add(at), small, image.Point{}, draw.Over)
	return made
}

func enlarged(m image.Image, side int) image.Image {
	b := m.Bounds()
	if max(b.Dx(), b.Dy()) >= side {
		return m
	}
	scale := float64(side) / float64(max(b.Dx(), b.Dy()))
	out := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale))))
	draw.CatmullRom.Scale(out, out.Bounds(), m, b, draw.Src, nil)
	return out
}

// initial is the business's letter on its colour.
func (t tile) initial(name string, s Shades) *image.NRGBA {
	brand, _ := parse(s.Brand) // Shades hold what parse reads
	on, _ := parse(s.On)
	made := t.filled(brand.colour())

	var letter rune
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letter = unicode.ToUpper(r)
			break
		}
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return made
	}
	const size = 116.0 / 180 / 0.8 // of the letter, to what is within the margin
	face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: size * float64(t.side) * (1 - 2*t.margin), DPI: 72})
	if err != nil {
		return made
	}
	// A script the font lacks leaves the plain tile in the brand's colour.
	bounds, _, ok := face.GlyphBounds(letter)
	if !ok || letter == 0 {
		return made
	}
	side := fixed.I(t.side)
	drawer := font.Drawer{Dst: made, Src: image.NewUniform(on.colour()), Face: face, Dot: fixed.Point26_6{
		X: (side - bounds.Max.X - bounds.Min.X) / 2,
		Y: (side - bounds.Max.Y - bounds.Min.Y) / 2,
	}}
	drawer.DrawString(string(letter))
	return made
}

func (c rgb) colour() color.NRGBA {
	return color.NRGBA{uint8(math.Round(c.r * 255)), uint8(math.Round(c.g * 255)), uint8(math.Round(c.b * 255)), 255}
}

// filled is the tile itself, its corners smoothed by their distance to the arc.
func (t tile) filled(fill color.Color) *image.NRGBA {
	made := image.NewNRGBA(image.Rect(0, 0, t.side, t.side))
	radius, side := t.radius*float64(t.side), float64(t.side)
	n, _ := color.NRGBAModel.Convert(fill).(color.NRGBA)
	for y := range t.side {
		for x := range t.side {
			dx := max(radius-float64(x)-0.5, float64(x)+0.5-(side-radius), 0)
			dy := max(radius-float64(y)-0.5, float64(y)+0.5-(side-radius), 0)
			n.A = uint8(255 * min(max(radius-math.Hypot(dx, dy)+0.5, 0), 1))
			if t.radius == 0 {
				n.A = 255
			}
			made.SetNRGBA(x, y, n)
		}
	}
	return made
}

func encodePNG(m image.Image) (Image, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, m); err != nil {
		return Image{}, fmt.Errorf("encode picture: %w", err)
	}
	return Image{Data: b.Bytes(), ContentType: "image/png", Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}
