package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func get(t *testing.T, address, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestHandlerServesWhatURLNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.css", "app.js", "img/icon.svg"} {
		res := get(t, URL(name), "br;q=0, gzip;q=0.8")
		if res.Code != http.StatusOK || res.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d, %v", name, res.Code, res.Header())
		}
		if got := res.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s may be kept for ever, got %q", name, got)
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(get(t, URL(name), "gzip;q=0").Body)
		if err != nil || !bytes.Equal(plain, unpacked) {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
	}
}

func TestOldAddressGetsTodaysFileAndMayNotKeepIt(t *testing.T) {
	t.Parallel()
	res := get(t, "/static/000000000000/app.css", "")
	if res.Code != http.StatusOK || res.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d, %v", res.Code, res.Header())
	}
	for _, address := range []string{"/static/", "/static/x", "/static/x/missing.css", "/static/x/../static.go", "/static/x/icons.txt"} {
		if res := get(t, address, ""); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", address, res.Code)
		}
	}
	if URL("missing.css") != "" {
		t.Error("a file that does not exist has no address")
	}
}

// What was packed when the program was built is what it would make of its sources, and is passed over once they changed.
func TestPackedBundlesAreTheirSources(t *testing.T) {
	t.Parallel()
	packed := fstest.MapFS{}
	for name, plain := range Bundles() {
		file := "packed/" + Sources() + "/" + name
		packed[file+Deflated] = &fstest.MapFile{Data: read(fstest.MapFS{})[name].deflated}
		var b bytes.Buffer
		z := brotli.NewWriter(&b)
		if _, err := z.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		packed[file+Brotli] = &fstest.MapFile{Data: b.Bytes()}
	}
	for of, packed := range map[string]fs.FS{"built": packed, "not built": fstest.MapFS{"packed/000000000000/app.css": {}}} {
		bundles := read(packed)
		if len(bundles) != len(names()) || (bundles["app.css"].brotli != nil) != (of == "built") {
			t.Fatalf("%s: %d bundles", of, len(bundles))
		}
		for name, bundle := range bundles {
			if !bytes.Equal(bundle.plain, Bundles()[name]) {
				t.Errorf("%s: %s is not what its sources make", of, name)
			}
			for _, rest := range []string{"", ":root{--brand:#0f5c8c}\n", strings.Repeat("x", 1<<16-1)} {
				a := bundle.ending("text/css", []byte(rest))
				for coding, sent := range map[string]string{"gzip": "gzip", "br": "br", "gzip, deflate, br, zstd": "br", "": "", "br;q=0, identity": ""} {
					if sent == "br" && bundle.brotli == nil {
						continue
					}
					r := httptest.NewRequest(http.MethodGet, "/", nil)
					r.Header.Set("Accept-Encoding", coding)
					w := httptest.NewRecorder()
					a.Serve(w, r, a.Hash)
					if got := unpack(t, w); w.Header().Get("Content-Encoding") != sent || got != string(bundle.plain)+rest {
						t.Errorf("%s: %s with %d more bytes as %q: %d bytes, %v", of, name, len(rest), coding, len(got), w.Header())
					}
				}
			}
		}
	}
}

// unpack is what a browser makes of an answer.
func unpack(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	case "br":
		body = brotli.NewReader(w.Body)
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// A business's rules make another address, as another program's would.
func TestAddressesFollowTheContent(t *testing.T) {
	t.Parallel()
	blue, red := Stylesheet(":root{--brand:blue}"), Stylesheet(":root{--brand:red}")
	if blue.Hash == red.Hash || blue.Hash == assets["app.css"].Hash || blue.Hash != Stylesheet(":root{--brand:blue}").Hash {
		t.Errorf("%s, %s, %s", blue.Hash, red.Hash, assets["app.css"].Hash)
	}
	if !bytes.HasPrefix(blue.plain, assets["app.css"].plain) {
		t.Error("the business's stylesheet is not that of all pages, and its own rules")
	}
}

// A first visit loads stylesheet, script and htmx: what is ours stays small.
func TestBudget(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"app.css": 16 << 10, "app.js": 28 << 10, "office.js": 31 << 10, "viewer.js": 4 << 10, "signature.js": 7 << 10} {
		if got := len(assets[name].gzip); got > most {
			t.Errorf("%s is %d bytes packed, at most %d", name, got, most)
		}
	}
}

// Words run from right to left as well: no sheet says left where it means the start.
func TestSheetsReadInAnyDirection(t *testing.T) {
	t.Parallel()
	physical := regexp.MustCompile(`[{;\s](?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|text-align: (?:left|right))\s*:`)
	for _, file := range glob(t, "css/*.css") {
		if m := physical.Find(must(file)); m != nil {
			t.Errorf("%s: %q knows left from right", file, m)
		}
	}
}

func TestBundlesAreWhatTheirPartsWere(t *testing.T) {
	t.Parallel()
	joined := slices.Concat(slices.Collect(maps.Values(apart))...)
	joined = append(joined, sheets()...)
	if found := glob(t, "css/*.css"); len(found) != len(joined) {
		t.Errorf("%d sheets, %d of them in bundles", len(found), len(joined))
	}
	for name, a := range assets {
		if path.Ext(name) == ".css" && (bytes.Count(a.plain, []byte("{")) != bytes.Count(a.plain, []byte("}")) || bytes.Contains(a.plain, []byte("/*"))) {
			t.Errorf("%s is not what its parts were", name)
		}
	}

	declared := regexp.MustCompile(`(?m)^(?:async )?(?:const|let|class|function\*?) (\w+)`)
	used := map[string]bool{}
	for name := range scripts {
		var modules []string
		visit(t, name, func(module string) { modules = append(modules, module) })
		names := map[string]string{}
		for _, module := range modules {
			used[module] = true
			source := exports.ReplaceAll(must("js/"+module), nil)
			for _, m := range declared.FindAllSubmatch(source, -1) {
				if other, ok := names[string(m[1])]; ok {
					t.Errorf("%s: %s and %s both declare %s", name, other, module, m[1])
				}
				names[string(m[1])] = module
			}
			if strings.Contains(strings.ReplaceAll(string(source), "`", ""), "import ") && !imports.Match(source) {
				t.Errorf("%s: imports are written on one line, as \"./name.js\"", module)
			}
			if regexp.MustCompile("(?m)^[^`\n]*(`[^`\n]*`[^`\n]*)*`[^`\n]*$").Match(source) {
				t.Errorf("%s: a text over several lines would lose its indentation", module)
			}
		}
		if bundle := assets[name].plain; bytes.Contains(bundle, []byte("\nexport ")) || bytes.Contains(bundle, []byte("\nimport ")) || bytes.Contains(bundle, []byte("\n//")) {
			t.Errorf("%s is not one script", name)
		}
	}
	for _, file := range glob(t, "js/*") {
		if !used[path.Base(file)] {
			t.Errorf("%s: no script imports it", file)
		}
	}
}

// visit calls see with a module and with all that it imports, each once.
func visit(t *testing.T, name string, see func(string)) {
	t.Helper()
	seen := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		see(name)
		for _, m := range imports.FindAllSubmatch(must("js/"+name), -1) {
			walk(string(m[1]))
		}
	}
	walk(name)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := fs.Glob(files, pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(found), err)
	}
	return found
}
