package branding

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// shortest is how many characters phones show under an icon.
const shortest = 12

// ShortName is a name as it fits under an icon: whole words, as many as there is
// room for.
func ShortName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if utf8.RuneCountInString(name) <= shortest {
		return name
	}
	short := ""
	for word := range strings.FieldsSeq(name) {
		longer := strings.TrimSpace(short + " " + word)
		if utf8.RuneCountInString(longer) > shortest {
			break
		}
		short = longer
	}
	short = strings.TrimRight(short, " &+,-–/")
	if short == "" { // one long word, which phones cut as they like
		short, _, _ = strings.Cut(name, " ")
	}
	return short
}

// AppIcons are the addresses of the icons of an app.
type AppIcons struct{ Small, Large, Maskable string }

// Manifest says what the portal is as an app on phones. It promises nothing that
// some contact may not do, and names nobody.
func Manifest(name, colour string, icons AppIcons) ([]byte, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	text, err := json.Marshal(struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		ShortName  string `json:"short_name"`
		Lang       string `json:"lang"`
		StartURL   string `json:"start_url"`
		Scope      string `json:"scope"`
		Display    string `json:"display"`
		Theme      string `json:"theme_color"`
		Background string `json:"background_color"`
		Icons      []icon `json:"icons"`
	}{
		"/", name, ShortName(name), "en", "/", "/", "standalone", colour, "#ffffff",
		[]icon{
			{icons.Small, fmt.Sprintf("%[1]dx%[1]d", appSize), "image/png", "any"},
			{icons.Large, fmt.Sprintf("%[1]dx%[1]d", largeSize), "image/png", "any"},
			{icons.Maskable, fmt.Sprintf("%[1]dx%[1]d", largeSize), "image/png", "maskable"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return text, nil
}
