package imaging

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

const (
	// WebSide is the longer side of the picture for a screen, in pixels.
	WebSide = 2048
	// ThumbSide is the longer side of the picture for a list, in pixels.
	ThumbSide = 480

	webQuality   = 82
	thumbQuality = 78
)

// Rendition is a JPEG without any metadata.
type Rendition struct {
	JPEG          []byte
	Width, Height int
}

// rendering lets one photo at a time into memory: fifty megapixels take up to
// 400 MB while they are decoded.
var rendering = make(chan struct{}, 1)

// Render makes the two pictures that pages show of a photo: upright, on white,
// for a screen and for a list. It waits until no other photo is being rendered
// or ctx ends. A photo that cannot be decoded is Refused.
func Render(ctx context.Context, r io.Reader, t Type) (web, thumb Rendition, err error) {
	select {
	case rendering <- struct{}{}:
		defer func() { <-rendering }()
	case <-ctx.Done():
		return web, thumb, fmt.Errorf("render: %w", ctx.Err())
	}
	content, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return web, thumb, fmt.Errorf("render: %w", err)
	}
	width, height, err := measure(content, t)
	if err == nil {
		err = allowed(width, height)
	}
	if err != nil {
		return web, thumb, refuse("The photo cannot be shown: %s.", err)
	}
	large, web, err := screen(ctx, content, t)
	if err != nil {
		return Rendition{}, Rendition{}, err
	}
	thumb, err = encode(shrink(large, ThumbSide), thumbQuality)
	if err != nil {
		return Rendition{}, Rendition{}, err
	}
	return web, thumb, nil
}

// screen makes the larger picture, decoded and encoded.
func screen(ctx context.Context, content []byte, t Type) (*image.RGBA, Rendition, error) {
	if t == HEIC {
		converted, err := convertHEIC(ctx, content)
		if err != nil {
			return nil, Rendition{}, err
		}
		img, err := decode(converted, JPEG)
		if err != nil {
			return nil, Rendition{}, err
		}
		size := img.Bounds().Size()
		return shrink(img, WebSide), Rendition{JPEG: converted, Width: size.X, Height: size.Y}, nil
	}
	img, err := decode(content, t)
	if err != nil {
		return nil, Rendition{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Rendition{}, fmt.Errorf("render: %w", err)
	}
	large := upright(shrink(img, WebSide), readMeta(content, t).orientation)
	web, err := encode(large, webQuality)
	return large, web, err
}

// decode never looks for the format itself: that would also try decoders that
// other packages have registered.
func decode(content []byte, t Type) (img image.Image, err error) {
	defer func() {
		if recover() != nil { // a decoder's fault, found by a hostile file
			img, err = nil, Refused{"The photo cannot be shown: it is damaged."}
		}
	}()
	switch t {
	case JPEG:
		img, err = jpeg.Decode(bytes.NewReader(content))
	case PNG:
		img, err = png.Decode(bytes.NewReader(content))
	case WebP:
		img, err = webp.Decode(bytes.NewReader(content))
	default:
		return nil, fmt.Errorf("render: %s is no photo", t.MIME)
	}
	if err != nil {
		return nil, Refused{"The photo cannot be shown: it is damaged."}
	}
	return img, nil
}

func encode(img *image.RGBA, quality int) (Rendition, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return Rendition{}, fmt.Errorf("render: %w", err)
	}
	return Rendition{JPEG: b.Bytes(), Width: img.Rect.Dx(), Height: img.Rect.Dy()}, nil
}
