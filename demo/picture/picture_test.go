package picture

import (
	"crypto/sha256"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/image/draw"
)

func BenchmarkDraw(b *testing.B) {
	for s := Rooftop; s <= Nameplate; s++ {
		b.Run(strconv.Itoa(int(s)), func(b *testing.B) {
			seed := uint64(0)
			for b.Loop() {
				seed++
				Draw(Shot{Scene: s, Seed: seed}, 1200)
			}
		})
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]bool{}
	for s := Rooftop; s <= Nameplate; s++ {
		for seed := range uint64(3) {
			shot := Shot{Scene: s, Seed: seed, Dirty: seed == 1}
			a, b := Draw(shot, 120), Draw(shot, 120)
			if sum := sha256.Sum256(a.Pix); sum != sha256.Sum256(b.Pix) {
				t.Errorf("scene %d differs from itself", s)
			} else if seen[sum] {
				t.Errorf("scene %d with seed %d has been seen before", s, seed)
			} else {
				seen[sum] = true
			}
		}
	}
}

// TestLook writes sheets of pictures for the eye: PICTURES=/some/folder go test -run Look
func TestLook(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("PICTURES")
	if dir == "" {
		t.Skip("set PICTURES to a folder to look at the pictures")
	}
	logo, err := Logo("Northwind Air", "#0f5c8c")
	if err != nil {
		t.Fatal(err)
	}
	banner, err := Banner()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "logo.png"), logo, 0o600), os.WriteFile(filepath.Join(dir, "banner.jpg"), banner, 0o600)); err != nil {
		t.Fatal(err)
	}
	for s := Rooftop; s <= Nameplate; s++ {
		sheet := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
		for i := range 4 {
			shot := Shot{Scene: s, Seed: 1000 + uint64(s)*17 + uint64(i), Dirty: i%2 == 0, Text: []string{"DAIKIN", "FTXM50WV-NA", "E04417263", "5.0 kW", "2023"}}
			if s == Controller {
				shot.Text = []string{"22", "25"}
			}
			m := Draw(shot, 1200)
			at := image.Pt(i%2*800, i/2*600)
			draw.BiLinear.Scale(sheet, image.Rectangle{at, at.Add(image.Pt(800, 600))}, m, m.Rect, draw.Src, nil)
		}
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(int(s))+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, sheet); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
