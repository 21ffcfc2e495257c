// Package pdftest reads documents of internal/pdf back, for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

var (
	object    = regexp.MustCompile(`(?s)\n(\d+) 0 obj\n(.*?)\nendobj`)
	named     = regexp.MustCompile(`/(G\d+) (\d+) 0 R`)
	unicodeOf = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	meaning   = regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]*)>`)
	block     = regexp.MustCompile(`(?s)\bBT (.*?) ET\b`)
	shown     = regexp.MustCompile(`/(G\d+) [\d.]+ Tf|<</ActualText <FEFF([0-9A-F]*)>>> BDC|(EMC)|<([0-9A-F]{4})>|\(((?:\\.|[^\\)])*)\) Tj`)
)

// Text is what a document shows, each line on a line of its own, in the order in
// which it was written, as readers of documents take it out: by the meaning that
// each glyph has, from left to right.
func Text(t testing.TB, file []byte) string {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		t.Fatalf("no document: %.60q", file)
	}
	objects := map[string][]byte{} // of one that comes again, the last counts
	var order []string
	for _, m := range object.FindAllSubmatch(file, -1) {
		if _, again := objects[string(m[1])]; !again {
			order = append(order, string(m[1]))
		}
		objects[string(m[1])] = m[2]
	}
	fonts := map[string]map[string]string{}
	for _, m := range named.FindAllSubmatch(objects["2"], -1) {
		texts := map[string]string{}
		if to := unicodeOf.FindSubmatch(objects[string(m[2])]); to != nil {
			for _, pair := range meaning.FindAllSubmatch(unpacked(objects[string(to[1])]), -1) {
				texts[string(pair[1])] = decoded(pair[2])
			}
		}
		fonts[string(m[1])] = texts
	}
	var b strings.Builder
	for _, n := range order {
		for _, m := range block.FindAllSubmatch(unpacked(objects[n]), -1) {
			var font map[string]string
			inside := false // a group that has its text together
			for _, part := range shown.FindAllSubmatch(m[1], -1) {
				switch {
				case part[1] != nil:
					font = fonts[string(part[1])]
				case part[2] != nil:
					b.WriteString(decoded(part[2]))
					inside = true
				case part[3] != nil:
					inside = false
				case part[4] != nil && !inside:
					b.WriteString(font[string(part[4])])
				case part[5] != nil:
					b.Write(unescape(part[5]))
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// unpacked is the stream of an object; nothing of one that has none, or a picture.
func unpacked(object []byte) []byte {
	_, body, found := bytes.Cut(object, []byte("stream\n"))
	if !found {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return plain
}

func unescape(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'r' {
				out = append(out, '\r')
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// decoded reads UTF-16 in hexadecimal digits.
func decoded(digits []byte) string {
	s := make([]byte, len(digits)/2)
	if _, err := hex.Decode(s, digits); err != nil {
		return ""
	}
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}
