package branding

import (
	"errors"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Whatever colour a business picks, its pages stay readable.
func TestPaletteIsReadableForEveryColour(t *testing.T) {
	t.Parallel()
	check := func(colour string) {
		t.Helper()
		p, err := New(colour)
		if err != nil {
			t.Fatalf("%s: %v", colour, err)
		}
		for name, side := range map[string]struct {
			s       Shades
			grounds []rgb
			fill    float64
		}{"light": {p.Light, lightGrounds, fillContrastLight}, "dark": {p.Dark, darkGrounds, fillContrastDark}} {
			brand, on, press, ink, soft := must(t, side.s.Brand), must(t, side.s.On), must(t, side.s.Press), must(t, side.s.Ink), must(t, side.s.Soft)
			atLeast := func(what string, a, b rgb, enough float64) {
				if got := contrast(a, b); got < enough {
					t.Errorf("%s, %s: %s is %.2f to 1, want %.1f (%+v)", colour, name, what, got, enough, side.s)
				}
			}
			atLeast("text on the brand", on, brand, textContrast)
			atLeast("text on the pressed brand", on, press, textContrast)
			atLeast("brand as text on soft", ink, soft, textContrast)
			for _, ground := range side.grounds {
				atLeast("brand on the page", brand, ground, side.fill)
				atLeast("brand as text on the page", ink, ground, textContrast)
			}
		}
	}
	for _, c := range []string{"#000000", "#ffffff", "#ffff00", "#00ff00", "#0000ff", "#ff0000", "#808080", "#767676", "#fff", "#0e5a8a"} {
		check(c)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		check(rgb{r.Float64(), r.Float64(), r.Float64()}.hex())
	}
}

func TestColourThatNeedsNoHelpStaysAsItIs(t *testing.T) {
	t.Parallel()
	p, err := New(" #0E5A8A ")
	if err != nil {
		t.Fatal(err)
	}
	if p.Light.Brand != "#0e5a8a" || p.Light.On != "#ffffff" {
		t.Errorf("got %+v", p.Light)
	}
	const want = ":root{--brand:light-dark(#0e5a8a,"
	if got := p.Stylesheet(); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
}

func TestWhatIsNoColourIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"", "#", "blue", "#12345", "#1234567", "#gggggg", "#12345é", "red;}body{display:none", "#+12345"} {
		if _, err := New(c); !errors.Is(err, ErrColour) {
			t.Errorf("%q: got %v", c, err)
		}
	}
}

// The palette is computed against the stylesheet's grounds: they must be the same.
func TestGroundsAreThoseOfTheStylesheet(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("../../static/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	pair := func(token string) (light, dark rgb) {
		m := regexp.MustCompile(`--` + token + `: light-dark\(oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\), oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)\)`).FindSubmatch(css)
		if m == nil {
			t.Fatalf("no --%s in tokens.css", token)
		}
		n := func(i int) float64 {
			v, err := strconv.ParseFloat(string(m[i]), 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		return lch{n(1) / 100, n(2), n(3)}.rgb(), lch{n(4) / 100, n(5), n(6)}.rgb()
	}
	for i, token := range []string{"page", "surface", "raised"} {
		light, dark := pair(token)
		if got := lightGrounds[min(i, 1)]; light.hex() != got.hex() {
			t.Errorf("light %s: stylesheet %s, palette %s", token, light.hex(), got.hex())
		}
		if got := darkGrounds[i]; dark.hex() != got.hex() {
			t.Errorf("dark %s: stylesheet %s, palette %s", token, dark.hex(), got.hex())
		}
	}
}

// Pills and job types: one rule for all hues, so a sweep over hues covers every one.
func TestPillsAreReadableAtEveryHue(t *testing.T) {
	t.Parallel()
	for _, c := range []float64{0.012, 0.042, 0.045, 0.05} {
		for h := range 360 {
			hue := float64(h)
			if got := contrast(lch{0.42, c * 2.2, hue}.rgb(), lch{0.955, c * 0.62, hue}.rgb()); got < textContrast {
				t.Errorf("light, hue %d: %.2f", h, got)
			}
			if got := contrast(lch{0.87, c * 1.5, hue}.rgb(), lch{0.30, c * 0.9, hue}.rgb()); got < textContrast {
				t.Errorf("dark, hue %d: %.2f", h, got)
			}
		}
	}
}

func must(t *testing.T, hex string) rgb {
	t.Helper()
	c, err := parse(hex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWordsSayWhatBecameOfAColour(t *testing.T) {
	t.Parallel()
	for colour, want := range map[string]struct {
		easy bool
		some string
	}{
		"#0f5c8c": {true, "works as it is"},
		"#7a1fa2": {true, "works as it is"},
		"#ffd400": {false, "Words on buttons are dark"},
		"#ffffff": {false, "On light pages buttons are a darker shade"},
		"#39ff14": {false, "Links are a darker shade"},
		"#000000": {true, "In dark mode buttons are a lighter shade"},
	} {
		p, err := New(colour)
		if err != nil {
			t.Fatal(err)
		}
		words, easy := p.Words(colour)
		if all := strings.Join(words, " "); easy != want.easy || !strings.Contains(all, want.some) {
			t.Errorf("%s: easy %v, %s", colour, easy, all)
		}
	}
}
