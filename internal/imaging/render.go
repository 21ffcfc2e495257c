package imaging

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
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
// 600 MB while they are decoded, a panorama of 150 up to 1.8 GB.
var rendering = make(chan struct{}, 1)

// Render makes the two pictures that pages show of a photo: upright, on white,
// for a screen and for a list. It waits until no other photo is being rendered
// or ctx ends. A photo that cannot be decoded, or takes more time or memory than
// any photo should, is Refused; after another error the photo may be tried again.
func Render(ctx context.Context, r io.Reader, t Type) (web, thumb Rendition, err error) {
	leave, err := enter(ctx, rendering)
	if err != nil {
		return web, thumb, err
	}
	defer leave()
	content, err := readWhole(r)
	if err != nil {
		return web, thumb, fmt.Errorf("render: %w", err)
	}
	pictures, bodies, err := apart(ctx, content, t, nil, t.maxPixels())
	if err != nil {
		return web, thumb, err
	}
	rendition := func(i int) Rendition {
		return Rendition{JPEG: bodies[i], Width: pictures[i].Width, Height: pictures[i].Height}
	}
	return rendition(0), rendition(1), nil
}

// readWhole reads a file at once into as much memory as it has bytes, where it
// says how many: growing on the way would take several times as much.
func readWhole(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	if f, ok := r.(io.Seeker); ok {
		size, err := f.Seek(0, io.SeekEnd)
		if err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, fmt.Errorf("find its size: %w", err)
		}
		b.Grow(int(min(size, MaxFile)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(r, MaxFile))
	return b.Bytes(), err
}

// renditions is Render's work, in the child.
func renditions(img image.Image, orientation int) ([]picture, [][]byte, error) {
	large := upright(shrink(img, WebSide), orientation)
	var pictures []picture
	var bodies [][]byte
	for _, r := range []struct {
		img     *image.RGBA
		quality int
	}{{large, webQuality}, {shrink(large, ThumbSide), thumbQuality}} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, r.img, &jpeg.Options{Quality: r.quality}); err != nil {
			return nil, nil, fmt.Errorf("render: %w", err)
		}
		pictures = append(pictures, picture{r.img.Rect.Dx(), r.img.Rect.Dy(), b.Len()})
		bodies = append(bodies, b.Bytes())
	}
	return pictures, bodies, nil
}

// enter waits for a place among those that work, or for ctx's end.
func enter(ctx context.Context, places chan struct{}) (leave func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("decode picture: %w", ctx.Err())
	}
}
