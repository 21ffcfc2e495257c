package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
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
		res := get(t, URL(name), "br, gzip;q=0.8")
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

// A first visit loads stylesheet, script and htmx: what is ours stays small.
func TestBudget(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"app.css": 16 << 10, "app.js": 9 << 10, "upload.js": 6 << 10, "viewer.js": 4 << 10, "signature.js": 1 << 10, "signature_pad.js": 7 << 10} {
		if got := len(assets[name].packed); got > most {
			t.Errorf("%s is %d bytes packed, at most %d", name, got, most)
		}
	}
}

func TestEverySheetIsInTheBundleAndReadsInAnyDirection(t *testing.T) {
	t.Parallel()
	found, err := fs.Glob(files, "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	physical := regexp.MustCompile(`[{;\s](?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|text-align: (?:left|right))\s*:`)
	for _, file := range found {
		name := strings.TrimSuffix(path.Base(file), ".css")
		if !slices.Contains(sheets, name) && !slices.Contains(apart, name) {
			t.Errorf("%s is not in the bundle", file)
		}
		if m := physical.Find(must(file)); m != nil {
			t.Errorf("%s: %q knows left from right", file, m)
		}
	}
	if len(found) != len(sheets)+len(apart) {
		t.Errorf("%d files, %d in the bundle and %d apart", len(found), len(sheets), len(apart))
	}
	css := string(assets["app.css"].plain)
	if strings.Count(css, "{") != strings.Count(css, "}") || strings.Contains(css, "/*") {
		t.Error("the bundle is not what its parts were")
	}
}
