package picture

import (
	"crypto/sha256"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var scenes = []string{"rooftop", "duct", "board", "filter-clean", "filter-dirty", "pipes", "controller", "cassette", "gauges", "split", "coil-clean", "coil-dirty", "nameplate"}

// TestDraw also writes the pictures for the eye: PICTURES=/some/folder go test -run Draw
func TestDraw(t *testing.T) {
	t.Parallel()
	dir, width := os.Getenv("PICTURES"), 120
	if dir != "" {
		width = 960
	}
	seen := map[[32]byte]bool{}
	for _, scene := range scenes {
		for seed := range uint64(3) {
			shot := Shot{Scene: scene, Seed: seed, Plate: []string{"DAIKIN", "FTXM50WV-NA", "E04417263", "5.0 kW", "2023"}}
			a, err := Draw(shot, width)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Draw(shot, width)
			if err != nil {
				t.Fatal(err)
			}
			switch sum := sha256.Sum256(a.Pix); {
			case sum != sha256.Sum256(b.Pix):
				t.Errorf("%s differs from itself", scene)
			case seen[sum]:
				t.Errorf("%s with seed %d has been seen before", scene, seed)
			default:
				seen[sum] = true
			}
			if dir == "" {
				continue
			}
			f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s-%d.png", scene, seed)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, a); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Draw(Shot{Scene: "elephant"}, width); err == nil {
		t.Error("an unknown scene is drawn")
	}
}
