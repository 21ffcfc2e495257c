// Package pdftest reads documents of internal/pdf back, for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

var shown = regexp.MustCompile(`(?s)BT [-\d.]+ [-\d.]+ Td \(((?:\\.|[^\\)])*)\) Tj ET`)

// Text is what a document shows, each piece on a line of its own, in the order
// in which it was written.
func Text(t testing.TB, file []byte) string {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		t.Fatalf("no document: %.60q", file)
	}
	var b strings.Builder
	for rest := file; ; {
		_, after, found := bytes.Cut(rest, []byte("\nstream\n"))
		if !found {
			return b.String()
		}
		body, next, _ := bytes.Cut(after, []byte("\nendstream"))
		rest = next
		z, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			continue // a picture
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			continue
		}
		for _, m := range shown.FindAllSubmatch(plain, -1) {
			b.WriteString(decode(unescape(m[1])))
			b.WriteByte('\n')
		}
	}
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

// decode reads UTF-16, or Latin where the document has no fonts of its own.
func decode(s []byte) string {
	if len(s)%2 != 0 || bytes.IndexByte(s, 0) < 0 && !bytes.ContainsFunc(s, func(c rune) bool { return c > 0x7f }) {
		return string(s)
	}
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}
