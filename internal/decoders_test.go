package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"
)

// What strangers send is decoded by imaging alone, in a process with limits.

// decoders are the packages that turn a file into a picture, whatever it costs.
var decoders = map[string]bool{
	"image": true, "image/gif": true, "image/jpeg": true, "image/png": true,
	"golang.org/x/image/bmp": true, "golang.org/x/image/tiff": true, "golang.org/x/image/vp8": true, "golang.org/x/image/vp8l": true, "golang.org/x/image/webp": true,
	"github.com/gen2brain/heic": true,
}

// ownPictures are the files that decode as well, and why they may.
var ownPictures = map[string]string{
	"internal/imaging/decode.go":  "is what the process with limits does",
	"internal/imaging/measure.go": "reads the head of a PNG, nothing else",
	"internal/branding/image.go":  "makes icons of the logo that it made itself",
	"web/email/email.go":          "reads the size of the logo that branding made",
	"demo/picture/picture.go":     "draws on the demo's own photos",
}

func TestPicturesAreDecodedApart(t *testing.T) {
	t.Parallel()
	unused := map[string]bool{}
	for file := range ownPictures {
		unused[file] = true
	}
	for file, text := range sources(t, "..") {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, call := range decodes(t, file, text) {
			if delete(unused, file); ownPictures[file] == "" {
				t.Errorf("%s calls %s: pictures of strangers are decoded by imaging.Render and imaging.Decode", file, call)
			}
		}
	}
	for file := range unused {
		t.Errorf("%s decodes nothing; strike it from the list", file)
	}
}

func TestDecodersAreFound(t *testing.T) {
	t.Parallel()
	const text = `package p
import ("image/png"; web "golang.org/x/image/webp"; "encoding/json")
var _, _ = png.Decode(r)
var read = web.DecodeConfig
var _ = json.Decode`
	if got := strings.Join(decodes(t, "p.go", text), " "); got != "png.Decode web.DecodeConfig" {
		t.Errorf("found %q", got)
	}
}

// decodes names what a file uses of the decoders.
func decodes(t *testing.T, file, text string) (used []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, i := range parsed.Imports {
		from, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if !decoders[from] {
			continue
		}
		if i.Name != nil {
			names[i.Name.Name] = true
		} else {
			names[path.Base(from)] = true
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Decode") {
			if x, ok := s.X.(*ast.Ident); ok && names[x.Name] {
				used = append(used, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return used
}
