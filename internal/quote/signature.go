package quote

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"fieldgate/internal/imaging"
)

// Bounds of a drawn signature as a page sends it.
const (
	maxSignature      = 512 << 10 // characters of base64
	maxSignatureSide  = 3000      // pixels
	maxSignatureArea  = 2_500_000 // pixels
	signatureMargin   = 8
	signaturePrefix   = "data:image/png;base64,"
	signatureInkLevel = 16 // how much darker than paper a pixel is ink
)

// ErrSignature says that what was sent is no drawing that could be kept.
var ErrSignature = errors.New("not a drawn signature")

// ReadSignature reads a drawing as a page sends it, a data address with a PNG
// image, and draws it anew: grey on white, no larger than its ink, with nothing
// else that was in the file. Without any ink there is none, and nil.
func ReadSignature(ctx context.Context, address string) ([]byte, error) {
	if address == "" {
		return nil, nil
	}
	encoded, ok := strings.CutPrefix(address, signaturePrefix)
	if !ok || len(encoded) > maxSignature {
		return nil, ErrSignature
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, ErrSignature
	}
	// The header tells the size before anything is unpacked.
	if width, height, err := imaging.Measure(raw, imaging.PNG); err != nil || width > maxSignatureSide || height > maxSignatureSide {
		return nil, ErrSignature
	}
	drawn, err := imaging.Decode(ctx, raw, imaging.PNG, imaging.Frame{Width: maxSignatureSide, Height: maxSignatureSide, Pixels: maxSignatureArea})
	if _, refused := errors.AsType[imaging.Refused](err); refused {
		return nil, ErrSignature
	}
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	paper, ink := onPaper(drawn)
	if ink.Empty() {
		return nil, nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, paper.SubImage(ink.Inset(-signatureMargin).Intersect(paper.Rect))); err != nil {
		return nil, fmt.Errorf("draw a signature anew: %w", err)
	}
	return b.Bytes(), nil
}

// onPaper puts a drawing on white and finds where its ink is.
func onPaper(drawn image.Image) (paper *image.Gray, ink image.Rectangle) {
	from := drawn.Bounds()
	paper = image.NewGray(image.Rect(0, 0, from.Dx(), from.Dy()))
	for y := range from.Dy() {
		for x := range from.Dx() {
			r, g, b, a := drawn.At(from.Min.X+x, from.Min.Y+y).RGBA()
			clear := 0xffff - a                                                                                                                      // what the white beneath adds
			level := color.GrayModel.Convert(color.RGBA64{R: uint16(r + clear), G: uint16(g + clear), B: uint16(b + clear), A: 0xffff}).(color.Gray) //nolint:forcetypeassert // the model makes no other; premultiplied colours never exceed alpha
			paper.SetGray(x, y, level)
			if level.Y < 255-signatureInkLevel {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return paper, ink
}
