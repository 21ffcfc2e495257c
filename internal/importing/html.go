package importing

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blocks are the elements by which HTML says where lines end.
const blocks = `p|div|ul|ol|li|h[1-6]|table|tr|td`

var (
	// tagged is what no text has in which somebody only wrote a < or a >.
	tagged = regexp.MustCompile(`(?i)</(?:` + blocks + `|span|b|strong|i|em|u|a|font)>|<br ?/?>`)
	// inBlocks is what no text has whose lines are those that somebody typed.
	inBlocks = regexp.MustCompile(`(?i)</(?:` + blocks + `)>|<br ?/?>`)
)

// plainText is a long text without the HTML that some programs export, as it
// was shown there.
func plainText(s string) string {
	if !tagged.MatchString(s) {
		return s
	}
	typed := !inBlocks.MatchString(s)
	var out strings.Builder
	in := html.NewTokenizer(strings.NewReader(s))
	for kind := in.Next(); kind != html.ErrorToken; kind = in.Next() {
		t := in.Token()
		switch {
		case kind == html.TextToken:
			if !typed {
				t.Data = strings.ReplaceAll(t.Data, "\n", " ")
			}
			out.WriteString(t.Data)
		case t.DataAtom == atom.Li && kind == html.StartTagToken:
			out.WriteString("\n• ")
		case t.DataAtom == atom.Br, ownLines[t.DataAtom]:
			out.WriteString("\n")
		case t.DataAtom == atom.Td || t.DataAtom == atom.Th:
			out.WriteString(" ")
		}
	}
	var all []string
	for l := range strings.SplitSeq(out.String(), "\n") {
		if l = oneLine(l); l != "" && l != "•" {
			all = append(all, l)
		}
	}
	return strings.Join(all, "\n")
}

// ownLines are the elements that stand in lines of their own.
var ownLines = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Tr: true, atom.Table: true, atom.Blockquote: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true,
}
