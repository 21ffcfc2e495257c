package branding

import (
	"encoding/json"
	"testing"
)

func TestShortName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Northwind Air": "Northwind", "Kwik": "Kwik", "Smith & Sons Plumbing": "Smith & Sons", "O’Brien Air": "O’Brien Air", "A & B": "A & B", "": "",
		"Rindfleischetikettierung GmbH": "Rindfleischetikettierung", "Smith & Electrical": "Smith",
	} {
		if got := ShortName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestManifestPromisesNothing(t *testing.T) {
	t.Parallel()
	text, err := Manifest("Northwind <Air>", "#0f5c8c", AppIcons{"/a", "/b", "/c"})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil || m["name"] != "Northwind <Air>" || m["start_url"] != "/" || m["scope"] != "/" || m["id"] != "/" || m["shortcuts"] != nil {
		t.Errorf("%s: %v", text, err)
	}
	for name, draw := range map[string]func([]byte, string, string) (Image, error){"192": AppIcon, "512": LargeAppIcon, "maskable": MaskableIcon} {
		if made, err := draw(nil, "Northwind", "#0f5c8c"); err != nil || made.ContentType != "image/png" || made.Width != made.Height || made.Width != map[string]int{"192": 192, "512": 512, "maskable": 512}[name] {
			t.Errorf("%s: %d, %v", name, made.Width, err)
		}
	}
}
