package static

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// apart are the stylesheets that not every page needs, with their files: what only the office shows, which its pages
// load together with the rest, and the viewer of photos, which comes at the first press. All other files of css make
// app.css: customers do not load what only the office shows.
var apart = map[string][]string{
	"office.css": {"activity", "board", "caption-field", "global-search", "import-why", "internal-note", "preview-frame", "raw-text", "recipients", "search-results", "secret", "setting-effect", "stat", "sub-nav", "thumbnail", "tick-bar", "uploaded-image", "yesno"},
	"viewer.css": {"viewer"},
}

// scripts are those that pages load, with what others wrote of them: app.js or office.js each page, signature.js the one that
// takes a signature, push.js the one that turns on notifications, worker.js is the service worker, viewer.js at the first press,
// since a phone waits longer for another answer than for more bytes of one. Each is made of its file of js and what that imports.
var scripts = map[string]string{"app.js": htmx, "office.js": htmx, "signature.js": signaturePad, "viewer.js": "", "push.js": "", "worker.js": ""}

const htmx = "vendor/htmx.min.js"

const signaturePad = "vendor/signature_pad.min.js"

// names are those of the bundles. Without fetched assets signatures are typed.
func names() []string {
	all := slices.Concat([]string{"app.css"}, slices.Collect(maps.Keys(apart)), slices.Collect(maps.Keys(scripts)), found("img/*"))
	return slices.DeleteFunc(all, func(name string) bool { return name == "signature.js" && len(found(signaturePad)) == 0 })
}

// Bundles are the files that pages ask for, each joined of its parts.
func Bundles() map[string][]byte {
	all := map[string][]byte{}
	for _, name := range names() {
		switch path.Ext(name) {
		case ".css":
			all[name] = stylesheet(name)
		case ".js":
			all[name] = script(name)
		default:
			all[name] = must(name)
		}
	}
	return all
}

// sheets are the files of app.css. First comes the one that names the layers; the order of the others does not
// matter, as each holds a component of its own.
func sheets() []string {
	names := []string{"reset"}
	elsewhere := slices.Concat(slices.Collect(maps.Values(apart))...)
	for _, file := range found("css/*.css") {
		if name := strings.TrimSuffix(path.Base(file), ".css"); name != "reset" && !slices.Contains(elsewhere, name) {
			names = append(names, name)
		}
	}
	return names
}

// stylesheet joins the sheets of a bundle. They are small; without comments and
// indentation they are what a minifier would make of them, compressing does the rest.
func stylesheet(bundle string) []byte {
	names := apart[bundle]
	if bundle != "viewer.css" { // pages load one
		names = slices.Concat(sheets(), names)
	}
	var b bytes.Buffer
	for _, name := range names {
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
	for _, theirs := range found(scripts[name]) {
		b.Write(must(theirs))
		b.WriteByte('\n')
	}
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
	imports = regexp.MustCompile(`(?m)^import (?:.* from )?"\./([\w-]+\.js)";$`)
	exports = regexp.MustCompile(`(?m)^export `)
	// Comments of whole lines, empty lines and indentation.
	lineStarts = regexp.MustCompile(`(?:^|\n)(?:\s*//.*\n|\s*\n)*\s*`)
)
