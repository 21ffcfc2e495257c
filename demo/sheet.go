package demo

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// sheet is a document of one A4 page in the fonts that every PDF reader has
// (ISO 32000-1, 9.6.2.2), enough for the demo's service reports.
type sheet struct {
	content bytes.Buffer
	y       float64 // points from the bottom
}

const (
	pageWidth, pageHeight = 595.28, 841.89
	margin                = 56.0
)

// band opens the page with the business's colour.
func (s *sheet) band(title, right string) {
	fmt.Fprintf(&s.content, "0.059 0.361 0.549 rg 0 %.2f %.2f 84 re f\n", pageHeight-84, pageWidth)
	s.show("F2", 22, "1 g", margin, pageHeight-52, title)
	s.show("F1", 10, "1 g", 360, pageHeight-50, right)
	s.y = pageHeight - 120
}

func (s *sheet) heading(text string) {
	s.y -= 14
	s.show("F2", 12, "0.059 0.361 0.549 rg", margin, s.y, text)
	fmt.Fprintf(&s.content, "0.8 G 0.6 w %.2f %.2f m %.2f %.2f l S\n", margin, s.y-5, pageWidth-margin, s.y-5)
	s.y -= 22
}

func (s *sheet) pair(label, value string) {
	s.show("F1", 10, "0.4 g", margin, s.y, label)
	for _, l := range wrap(value, 70) {
		s.show("F1", 10, "0.1 g", margin+96, s.y, l)
		s.y -= 15
	}
}

func (s *sheet) text(words string) {
	for _, l := range wrap(words, 92) {
		s.show("F1", 10, "0.1 g", margin, s.y, l)
		s.y -= 15
	}
}

// show writes one line; what the font's encoding lacks becomes a question mark.
func (s *sheet) show(font string, size float64, colour string, x, y float64, words string) {
	var encoded []byte
	for _, r := range words {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			b = '?'
		}
		if b == '(' || b == ')' || b == '\\' {
			encoded = append(encoded, '\\')
		}
		encoded = append(encoded, b)
	}
	fmt.Fprintf(&s.content, "BT /%s %.1f Tf %s %.2f %.2f Td (%s) Tj ET\n", font, size, colour, x, y, encoded)
}

func wrap(words string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(words) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// pdf puts the page into a file with its table of objects.
func (s *sheet) pdf() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 6 0 R /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>", pageWidth, pageHeight),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", s.content.Len(), s.content.String()),
	}
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}
