// Package static holds the stylesheets, the scripts, the icons and the pictures
// that pages refer to, and serves them under addresses that change with their
// content, so that browsers may keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// prefix is where Handler expects to be mounted.
const prefix = "/static/"

// apart are the stylesheets that the office, or a component, brings along to the pages which need it, with their
// files. All other files of css make app.css: customers do not load what only the office shows.
var apart = map[string][]string{
	"office.css":     {"activity", "board", "caption-field", "global-search", "internal-note", "popover", "recipients", "search-results", "secret", "setting-effect", "stat", "sub-nav", "thumbnail", "tick-bar", "uploaded-image", "yesno"},
	"viewer.css":     {"viewer"},
	"acceptance.css": {"numbered-list", "signature", "terms"},
}

// scripts are those that pages load: app.js all of them, with htmx, since a phone waits longer for another answer than
// for more bytes of one. Each is made of its file of js and what that imports.
var scripts = []string{"app.js", "signature.js", "viewer.js"}

// vendor holds what `make assets` fetched; it may be empty but for .gitkeep.
//
//go:embed css js/*.js img all:vendor
var files embed.FS

type asset struct {
	hash, kind    string
	plain, packed []byte
}

var assets = load()

// URL is the address of a file: "app.css", "app.js" or "img/…".
// It is empty when the file does not exist, as signature_pad.js without fetched assets.
func URL(name string) string {
	a, ok := assets[name]
	if !ok {
		return ""
	}
	return prefix + a.hash + "/" + name
}

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
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		if hash == a.hash {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		body := a.plain
		if a.packed != nil {
			h.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r.Header.Get("Accept-Encoding")) {
				h.Set("Content-Encoding", "gzip")
				body = a.packed
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the reader has gone; nobody is left to tell
		}
	})
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

func load() map[string]asset {
	all := map[string]asset{
		"app.css": pack("app.css", stylesheet(sheets()...)),
	}
	for name, sheets := range apart {
		all[name] = pack(name, stylesheet(sheets...))
	}
	for _, name := range scripts {
		source := script(name)
		if htmx, err := files.ReadFile("vendor/htmx.min.js"); err == nil && name == "app.js" {
			source = slices.Concat(htmx, []byte("\n"), source)
		}
		all[name] = pack(name, source)
	}
	if pad, err := files.ReadFile("vendor/signature_pad.min.js"); err == nil {
		all["signature_pad.js"] = pack("signature_pad.js", pad)
	}
	pictures, err := fs.ReadDir(files, "img")
	if err != nil {
		panic(fmt.Errorf("embedded pictures: %w", err))
	}
	for _, p := range pictures {
		name := "img/" + p.Name()
		all[name] = pack(name, must(name))
	}
	return all
}

// sheets are the files of app.css. First comes the one that names the layers; the order of the others does not
// matter, as each holds a component of its own.
func sheets() []string {
	found, err := fs.Glob(files, "css/*.css")
	if err != nil {
		panic(fmt.Errorf("embedded stylesheets: %w", err))
	}
	names := []string{"reset"}
	for _, file := range found {
		name := strings.TrimSuffix(path.Base(file), ".css")
		isApart := func(sheets []string) bool { return slices.Contains(sheets, name) }
		if name != "reset" && !slices.ContainsFunc(slices.Collect(maps.Values(apart)), isApart) {
			names = append(names, name)
		}
	}
	return names
}

// stylesheet joins the sheets. They are small; without comments and
// indentation they are what a minifier would make of them, gzip does the rest.
func stylesheet(sheets ...string) []byte {
	var b bytes.Buffer
	for _, name := range sheets {
		b.Write(must("css/" + name + ".css"))
		b.WriteByte('\n')
	}
	css := comments.ReplaceAll(b.Bytes(), nil)
	css = spaces.ReplaceAll(css, []byte(" "))
	css = aroundMarks.ReplaceAll(css, []byte("$1"))
	return lastMarks.ReplaceAll(css, []byte("$1$2"))
}

var (
	comments    = regexp.MustCompile(`(?s)/\*.*?\*/`)
	spaces      = regexp.MustCompile(`\s+`)
	aroundMarks = regexp.MustCompile(` ?([{};,>]) ?`)
	// A space before a colon means something in selectors; one after it does not.
	lastMarks = regexp.MustCompile(`(:) |;(})`)
)

// script joins a module with those it imports to one script, so that a page asks for one file. The modules share
// a function: what two of them declare must have different names.
func script(name string) []byte {
	var b bytes.Buffer
	b.WriteString("(() => {\n\"use strict\";\n")
	joined := map[string]bool{}
	var join func(string)
	join = func(name string) {
		if joined[name] {
			return
		}
		joined[name] = true
		source := must("js/" + name)
		for _, m := range imports.FindAllSubmatch(source, -1) {
			join(string(m[1]))
		}
		source = imports.ReplaceAll(source, nil)
		source = exports.ReplaceAll(source, nil)
		b.Write(bytes.TrimLeft(lineStarts.ReplaceAll(source, []byte("\n")), "\n"))
	}
	join(name)
	b.WriteString("})();\n")
	return b.Bytes()
}

var (
	imports = regexp.MustCompile(`(?m)^import .* from "\./([\w-]+\.js)";$`)
	exports = regexp.MustCompile(`(?m)^export `)
	// Comments of whole lines, empty lines and indentation.
	lineStarts = regexp.MustCompile(`(?:^|\n)(?:\s*//.*\n|\s*\n)*\s*`)
)

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".jpg": "image/jpeg",
}

func pack(name string, data []byte) asset {
	sum := sha256.Sum256(data)
	a := asset{hash: hex.EncodeToString(sum[:])[:12], kind: kinds[path.Ext(name)], plain: data}
	if a.kind == "" {
		panic("static: no content type for " + name)
	}
	if strings.HasPrefix(a.kind, "text/") || a.kind == "image/svg+xml" {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for unknown levels only
		_, _ = z.Write(data)
		_ = z.Close()
		a.packed = b.Bytes()
	}
	return a
}

var icons = loadIcons()

var (
	iconWrapper = regexp.MustCompile(`(?s)<!--.*?-->|</?svg[^>]*>`)
	iconGaps    = regexp.MustCompile(`\s*\n\s*`)
)

// loadIcons keeps the shapes of each icon; ui.Icon draws the frame around them.
func loadIcons() map[string]string {
	found := map[string]string{}
	names, err := fs.Glob(files, "vendor/icons/*.svg")
	if err != nil {
		panic(fmt.Errorf("embedded icons: %w", err))
	}
	for _, name := range names {
		shapes := iconWrapper.ReplaceAll(must(name), nil)
		found[strings.TrimSuffix(path.Base(name), ".svg")] = string(iconGaps.ReplaceAll(shapes, nil))
	}
	return found
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

func must(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Errorf("embedded file: %w", err))
	}
	return data
}
