package branding

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"sync/atomic"

	"fieldgate/static"
)

// What browsers keep for ever has an address that changes with it: with the business's colour and pictures, and with
// what this version of the program makes of them.

// Drawing changes with how the program draws icons and small pictures, and
// with what it says of the portal as an app.
var Drawing = fingerprint("image.go", "small.go", "colour.go", "palette.go", "manifest.go")

//go:embed image.go small.go colour.go palette.go manifest.go
var drawing embed.FS

func fingerprint(names ...string) string {
	all := sha256.New()
	for _, name := range names {
		source, err := drawing.ReadFile(name)
		if err != nil {
			panic(fmt.Errorf("embedded source: %w", err))
		}
		_, _ = all.Write(source) // a hash takes everything
	}
	return hex.EncodeToString(all.Sum(nil))[:12]
}

// Sheet is the stylesheet of the portal's pages in a colour.
func Sheet(colour string) (static.Asset, error) {
	if last := lastSheet.Load(); last != nil && last.colour == colour {
		return last.Asset, nil
	}
	palette, err := New(colour)
	if err != nil {
		return static.Asset{}, err
	}
	last := &sheet{static.Stylesheet(palette.Stylesheet()), colour}
	lastSheet.Store(last)
	return last.Asset, nil
}

// sheet is kept for the next page, since a business has one colour.
type sheet struct {
	static.Asset
	colour string
}

var lastSheet atomic.Pointer[sheet]
