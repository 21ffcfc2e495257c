// Package static holds the stylesheets, the scripts, the icons and the pictures
// that pages refer to, and serves them under addresses that change with their
// content, so that browsers may keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// prefix is where Handler expects to be mounted.
const prefix = "/static/"

// vendor holds what `make assets` fetched, and packed what it compressed; both may be empty but for .gitkeep.
//
//go:embed css js/*.js img all:vendor all:packed bundle.go
var files embed.FS

// Asset is a file as it is sent.
type Asset struct {
	Hash                string // changes with the content
	kind                string
	plain, gzip, brotli []byte
}

var (
	open   = read(files)
	assets = finished(open)
)

func finished(open map[string]bundle) map[string]Asset {
	all := map[string]Asset{}
	for name, bundle := range open {
		kind, ok := kinds[path.Ext(name)]
		if !ok {
			panic("static: no content type for " + name)
		}
		all[name] = bundle.ending(kind, nil)
	}
	return all
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// URL is the address of a file: "app.css", "app.js" or "img/…".
// It is empty when the file does not exist, as signature.js without fetched assets.
func URL(name string) string {
	a, ok := assets[name]
	if !ok {
		return ""
	}
	return prefix + a.Hash + "/" + name
}

// Stylesheet is app.css with some more rules at its end: a business's own, so that its pages load one stylesheet.
func Stylesheet(rules string) Asset {
	return open["app.css"].ending(kinds[".css"], []byte(rules))
}

// Worker is the service worker. Its address is one of its own, as it looks after
// all pages below that.
func Worker() Asset { return assets["worker.js"] }

// Icon is the source of a Lucide icon, empty when it was not fetched.
func Icon(name string) string {
	return icons[name]
}

// Handler serves /static/{hash}/{name}. An address with an old hash, asked for
// by a page from before an upgrade, gets today's file and no permission to keep it.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
			return
		}
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, prefix), "/")
		a, ok := assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.Serve(w, r, hash)
	})
}

// Serve sends the file to who asked for it by a hash, in the smallest form that they take.
func (a Asset) Serve(w http.ResponseWriter, r *http.Request, hash string) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if hash == a.Hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := a.plain
	switch {
	case a.brotli != nil && Accepts(r, "br"):
		h.Set("Content-Encoding", "br")
		body = a.brotli
	case Accepts(r, "gzip"):
		h.Set("Content-Encoding", "gzip")
		body = a.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone; nobody is left to tell
	}
}

// Accepts reports whether who asks takes an answer in that coding.
func Accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

var icons = loadIcons()

var (
	iconWrapper = regexp.MustCompile(`(?s)<!--.*?-->|</?svg[^>]*>`)
	iconGaps    = regexp.MustCompile(`\s*\n\s*`)
)

// loadIcons keeps the shapes of each icon; ui.Icon draws the frame around them.
func loadIcons() map[string]string {
	all := map[string]string{}
	for _, name := range found("vendor/icons/*.svg") {
		shapes := iconWrapper.ReplaceAll(must(name), nil)
		all[strings.TrimSuffix(path.Base(name), ".svg")] = string(iconGaps.ReplaceAll(shapes, nil))
	}
	return all
}

// Font is a font of documents, NotoSans_400Regular.ttf; nil when it was not
// fetched. It lies packed, half as large.
func Font(name string) []byte {
	data, err := files.ReadFile("vendor/fonts/" + name + ".gz")
	if err != nil {
		return nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = io.ReadAll(packed)
	}
	if err != nil {
		panic(fmt.Errorf("embedded font: %w", err))
	}
	return data
}

// StolenPasswords are passwords of at least fifteen bytes out of lists of stolen
// ones, in lower case, a line each; empty when they were not fetched.
func StolenPasswords() string {
	data, err := files.ReadFile("vendor/stolen-passwords.txt")
	if err != nil {
		return ""
	}
	return string(data)
}

func found(pattern string) []string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(fmt.Errorf("embedded files: %w", err))
	}
	return names
}

func must(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Errorf("embedded file: %w", err))
	}
	return data
}
