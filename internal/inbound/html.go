package inbound

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTags is how deep HTML may be nested; what is deeper is read as if it were not.
const maxTags = 400

// htmlFolded is a text of HTML, and the pictures that its two parts show.
type htmlFolded struct {
	Folded
	shown, folded map[string]bool
}

// foldHTML makes text of HTML: what is new, and what was folded away. Nothing of
// the HTML itself is kept, and of its lines so many at most.
func foldHTML(source string, most int) htmlFolded {
	f := htmlFolded{shown: map[string]bool{}, folded: map[string]bool{}}
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return f
	}
	w := &htmlWriter{f: &f}
	w.write(doc, false, 0)
	inner := fold(w.fresh.String(), most)
	f.lines, f.Fresh, f.Rest = inner.lines, inner.Fresh, join(inner.Rest, tidy(w.rest.String()))
	return f
}

type htmlWriter struct {
	f           *htmlFolded
	fresh, rest strings.Builder
	cut         bool // all that follows is quoted
}

var (
	quoteClass = expression(`(?i)(?:^|\s)(?:x_)*(gmail_attr|yahoo_quoted|yahoo-quoted-begin|moz-cite-prefix|protonmail_quote|zmail_extra|OutlookMessageHeader|tutanota_quote|ms-outlook-reply-header|freebirdQuote|gmx_quote)`)
	quoteID    = expression(`(?i)^(?:x_)*(divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|replySplit|yahoo_quoted.*|isForwardContent|isReplyContent|_rc_.*quote.*|reply-intro)$`)
	signClass  = expression(`(?i)(?:^|\s)(?:x_)*(gmail_signature|gmail_signature_prefix|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature|AppleMailSignature|signature)(?:\s|$|-)`)
	signID     = expression(`(?i)^(?:x_)*(Signature|AppleMailSignature|ms-outlook-mobile-signature|ms-outlook-mobile-body-separator-line|lineBreakAtBeginningOfSignature|mobileSignature|signature.*)$`)
	cutID      = expression(`(?i)^(?:x_)*(divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION|mail-editor-reference-message-container)$`)
	gmailQuote = expression(`(?i)(?:^|\s)(?:x_)*gmail_quote(?:_container)?(?:\s|$)`)
	// Outlook draws a line above the header of what is answered.
	outlookLine = expression(`(?i)border-top:\s*solid\s*#(?:E1E1E1|B5C4DF|CCCCCC)\s*1\.0pt`)
)

// cutsAll reports whether, from an element on, all that follows in the email is what was answered.
func cutsAll(id, class, style string) bool {
	return cutID.in(id) ||
		strings.Contains(class, "OutlookMessageHeader") || outlookLine.in(style)
}

func (w *htmlWriter) write(n *html.Node, quoted bool, depth int) {
	quoted = quoted || w.cut
	out := &w.fresh
	if quoted {
		out = &w.rest
	}
	switch n.Type {
	case html.TextNode:
		text := strings.Map(func(c rune) rune {
			switch c {
			case '\n', '\r', '\t', '\f':
				return ' '
			case '\u00a0':
				return '\u00a0'
			}
			return c
		}, n.Data)
		out.WriteString(text)
		return
	case html.ElementNode:
		if w.element(n, &quoted) {
			return
		}
	case html.CommentNode, html.DoctypeNode:
		return
	}
	if depth > maxTags {
		return
	}
	if quoted || w.cut {
		out = &w.rest
	}
	block := n.Type == html.ElementNode && blocks[n.DataAtom]
	if block {
		out.WriteString("\x01")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.write(c, quoted, depth+1)
	}
	if n.DataAtom == atom.P || n.DataAtom == atom.H1 || n.DataAtom == atom.H2 || n.DataAtom == atom.H3 {
		block = true
		out.WriteString(paragraphEnd(n))
	}
	if block {
		out.WriteString("\x01")
	}
}

// paragraphEnd is the empty line behind a paragraph; Outlook makes one of each line.
func paragraphEnd(n *html.Node) string {
	if strings.Contains(attr(n, "class"), "MsoNormal") || strings.Contains(attr(n, "style"), "margin:0") || strings.Contains(attr(n, "style"), "margin: 0") {
		return ""
	}
	return "\x02"
}

// element says whether an element needs no more than that; quoted becomes true
// when it holds what was answered.
func (w *htmlWriter) element(n *html.Node, quoted *bool) bool {
	id, class, style := attr(n, "id"), attr(n, "class"), attr(n, "style")
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Meta, atom.Template, atom.Noscript, atom.Object, atom.Iframe, atom.Svg:
		return true
	}
	if hiddenStyle.in(style) {
		return true
	}
	if cutsAll(id, class, style) {
		w.cut, *quoted = true, true
	}
	switch {
	case n.DataAtom == atom.Blockquote && (attr(n, "type") == "cite" || attr(n, "cite") != "" || strings.Contains(class, "quote") || answers(n)):
		*quoted = true
	case quoteClass.in(class), quoteID.in(id), signClass.in(class), signID.in(id):
		*quoted = true
	case gmailQuote.in(class) && n.DataAtom != atom.Blockquote && !holds(n, atom.Blockquote):
		*quoted = true
	}
	out := &w.fresh
	if *quoted {
		out = &w.rest
	}
	switch n.DataAtom {
	case atom.Br:
		out.WriteString("\n")
	case atom.Hr:
		out.WriteString("\x01")
	case atom.Li:
		out.WriteString("\x01• ")
	case atom.Td, atom.Th:
		out.WriteString(" ")
	case atom.Img:
		if cid, ok := strings.CutPrefix(strings.TrimSpace(attr(n, "src")), "cid:"); ok {
			if *quoted {
				w.f.folded[cid] = true
			} else {
				w.f.shown[cid] = true
			}
		}
	}
	return false
}

var hiddenStyle = expression(`(?i)display:\s*none`)

// answers reports whether a blockquote without any sign follows a line that says
// who wrote what it holds.
func answers(n *html.Node) bool {
	before := ""
	for p := n.PrevSibling; p != nil && len(before) < 400; p = p.PrevSibling {
		before = content(p) + " " + before
		if strings.TrimSpace(before) != "" && p.Type == html.ElementNode {
			break
		}
	}
	return attribution(strings.Join(strings.Fields(before), " "))
}

func content(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil && b.Len() < 400; c = c.NextSibling {
		b.WriteString(content(c))
	}
	return b.String()
}

func holds(n *html.Node, a atom.Atom) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == a || holds(c, a) {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

var blocks = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Blockquote: true, atom.Center: true, atom.Dd: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Footer: true, atom.Form: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.Header: true, atom.Main: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true, atom.Table: true, atom.Tr: true, atom.Ul: true,
}
