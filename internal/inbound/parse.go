// Package inbound reads emails that come to us: what of one is new, which files
// come with it, whether a person wrote it, and what became of it. What strangers
// send is taken apart within limits, and never shown as HTML.
package inbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // how texts are written around the world
	gomail "github.com/emersion/go-message/mail"
	"golang.org/x/text/encoding/charmap"
)

// Limits of one email.
const (
	MaxRaw     = 36 << 20  // bytes: files of 25 MB as emails carry them, and what stands around them
	maxHeader  = 256 << 10 // bytes of one header, the email's or a part's
	maxParts   = 200
	maxDepth   = 12      // parts within parts
	maxText    = 1 << 20 // bytes of text that are looked at, over all parts
	maxLines   = 5_000   // of text, likewise
	MaxFiles   = 50
	maxAddress = 320 // characters of an address
	maxSubject = 500
	maxID      = 400
)

// ErrTooLarge says that an email is beyond MaxRaw.
var ErrTooLarge = errors.New("the email is too large")

// Email is one that came, taken apart.
type Email struct {
	ID         string // its Message-ID without brackets, "" without one
	From       Address
	Froms      int      // how many senders it names; a reply has one
	To         []string // every address that it says it was sent to
	Subject    string
	References []string // the Message-IDs that it answers
	Text       string   // what is new
	Quoted     string   // what was folded away: what it answers, and signatures
	Files      []File
	Automatic  string    // why no person wrote it, in words; "" when one did
	Bounces    []Bounce  // of a delivery report
	Report     bool      // it is a delivery report, whatever is in it
	Broken     string    // why it could not be read whole, in words
	Digest     string    // the same for each copy of the same email
	Results    []Results // what receiving servers found out, the topmost first
	header     message.Header
}

// Address is somebody's mailbox.
type Address struct{ Name, Address string }

// File is one that came with an email.
type File struct {
	Name    string
	Type    string // as the email says
	Data    []byte
	Refused string // why it is not taken, in words
}

// part is a piece of an email that holds no others.
type part struct {
	kind        string
	params      map[string]string
	disposition string
	name        string
	cid         string
	body        []byte
}

// reading is an email while it is taken apart.
type reading struct {
	parts   []part
	plain   []part // of texts, in their order
	html    []part
	broken  string
	counted int
	looked  int // bytes of texts
	lines   int // of them
	report  *report
	secret  bool // encrypted
}

// Parse takes an email apart. What is wrong with it is said in Broken; an email
// that cannot be read at all has nothing else. It never fails.
func Parse(raw []byte) (e Email) {
	e.Digest = digest(raw)
	if len(raw) > MaxRaw {
		e.Broken = "It is larger than 36 MB."
		raw = raw[:min(len(raw), maxHeader)]
	}
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
		e.Broken = "It cannot be read as an email."
		return e
	}
	e.readHeader(entity.Header)
	if e.Broken != "" {
		return e
	}
	r := &reading{}
	r.walk(entity, 0, "")
	e.Broken = r.broken
	e.header = entity.Header
	e.assemble(r)
	e.judge(r)
	return e
}

// digest is the same for each copy of an email, however it came: what servers
// write on top while they pass it on is left out.
func digest(raw []byte) string {
	head, body, _ := bytes.Cut(raw, []byte("\n\r\n"))
	if short, rest, found := bytes.Cut(raw, []byte("\n\n")); found && len(short) < len(head) {
		head, body = short, rest
	}
	sum := sha256.New()
	keep := false
	for line := range bytes.Lines(head) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte(":"))
			switch strings.ToLower(string(bytes.TrimSpace(name))) {
			case "message-id", "from", "to", "cc", "subject", "date", "in-reply-to", "content-type":
				keep = true
			default:
				keep = false
			}
		}
		if keep {
			sum.Write(bytes.TrimSpace(line))
			sum.Write([]byte("\n"))
		}
	}
	// Servers end lines as they like, and add or drop the last one.
	sum.Write([]byte("\n"))
	sum.Write(bytes.TrimSpace(bytes.ReplaceAll(body, []byte("\r"), nil)))
	return hex.EncodeToString(sum.Sum(nil))
}

func (e *Email) readHeader(head message.Header) {
	h := gomail.Header{Header: head}
	from := head.FieldsByKey("From")
	for from.Next() {
		all := addresses(from.Value())
		if len(all) > 0 && e.Froms == 0 {
			e.From = all[0]
		}
		e.Froms += max(len(all), 1)
	}
	for _, key := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To", "X-Envelope-To", "X-Forwarded-To", "Apparently-To"} {
		for fields := head.FieldsByKey(key); fields.Next(); {
			for _, a := range addresses(fields.Value()) {
				if len(e.To) < 100 {
					e.To = append(e.To, a.Address)
				}
			}
		}
	}
	subject, err := h.Subject()
	if err != nil {
		subject = head.Get("Subject")
	}
	e.Subject = cut(oneLine(subject), maxSubject)
	id, err := h.MessageID()
	if err != nil || id == "" {
		id = strings.Trim(strings.TrimSpace(head.Get("Message-Id")), "<>")
	}
	e.ID = cut(oneLine(id), maxID)
	for _, key := range []string{"References", "In-Reply-To"} {
		for _, id := range messageID().FindAllStringSubmatch(readable(head.Get(key)), 50) {
			e.References = append(e.References, id[1])
		}
	}
	e.Results = readResults(head)
}

// walk goes through the parts of an email, each within limits.
func (r *reading) walk(e *message.Entity, depth int, within string) {
	r.counted++
	switch {
	case r.broken != "":
		return
	case depth > maxDepth:
		r.broken = "Its parts are nested too deep."
		return
	case r.counted > maxParts:
		r.broken = "It has too many parts."
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind, params = lenientType(e.Header.Get("Content-Type"))
	}
	kind = strings.ToLower(oneLine(kind))
	if multi := e.MultipartReader(); multi != nil && strings.HasPrefix(kind, "multipart/") {
		if kind == "multipart/report" {
			r.report = &report{kind: strings.ToLower(params["report-type"])}
		}
		r.secret = r.secret || kind == "multipart/encrypted"
		for {
			child, err := multi.NextPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if child == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
				return // what came until here counts; the end of many an email is missing
			}
			r.walk(child, depth+1, kind)
			if r.broken != "" {
				return
			}
		}
	}
	body, err := io.ReadAll(io.LimitReader(e.Body, MaxRaw))
	if err != nil && len(body) == 0 && !errors.Is(err, io.EOF) {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			body = nil
		}
	}
	p := part{kind: kind, params: params, body: body}
	p.disposition, p.name = disposition(e.Header)
	p.cid = strings.Trim(strings.TrimSpace(e.Header.Get("Content-Id")), "<>")
	if p.name == "" {
		p.name = word(params["name"])
	}
	r.take(p, within)
}

// take sorts a part.
func (r *reading) take(p part, within string) {
	if r.report != nil {
		switch p.kind {
		case "message/delivery-status", "message/global-delivery-status":
			r.report.status = p.body
			return
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			r.report.original = p.body
			return
		case "message/disposition-notification":
			return
		}
	}
	attached := p.disposition == "attachment" || (p.name != "" && p.disposition != "inline")
	switch {
	case p.kind == "text/calendar" && strings.EqualFold(calendarMethod(p), "REPLY"):
		r.plain = append([]part{{kind: "text/plain", body: []byte(calendarAnswer(p.body))}}, r.plain...)
	case p.kind == "text/calendar" && within == "multipart/alternative":
		// An invitation's text stands beside it.
		r.parts = append(r.parts, p)
	case p.kind == "text/plain" && !attached:
		r.plain = append(r.plain, p)
	case p.kind == "text/html" && !attached:
		r.html = append(r.html, p)
	case p.kind == "text/enriched", p.kind == "text/x-amp-html", p.kind == "text/watch-html":
		// What says the same once more.
	case strings.HasSuffix(p.kind, "pkcs7-signature"), p.kind == "application/pgp-signature", p.kind == "application/pgp-keys", p.kind == "text/x-moz-deleted", p.kind == "application/pgp-encrypted":
	default:
		r.parts = append(r.parts, p)
	}
}

// assemble makes text and files of the parts.
func (e *Email) assemble(r *reading) {
	var fresh, quoted []string
	shown := map[string]bool{}  // pictures that the new text shows
	folded := map[string]bool{} // pictures of what was folded away
	var fromHTML Folded
	for _, p := range r.html {
		f := foldHTML(r.text(p), maxLines-r.lines)
		r.lines += f.lines
		fromHTML.Fresh, fromHTML.Rest = join(fromHTML.Fresh, f.Fresh), join(fromHTML.Rest, f.Rest)
		for cid := range f.shown {
			shown[cid] = true
		}
		for cid := range f.folded {
			folded[cid] = true
		}
	}
	for _, p := range r.plain {
		t := r.text(p)
		if strings.EqualFold(p.params["format"], "flowed") {
			t = unflow(t, strings.EqualFold(p.params["delsp"], "yes"))
		}
		f := fold(t, maxLines-r.lines)
		r.lines += f.lines
		fresh, quoted = append(fresh, f.Fresh), append(quoted, f.Rest)
	}
	e.Text, e.Quoted = joinAll(fresh), joinAll(quoted)
	if e.Text == "" && fromHTML.Fresh != "" {
		e.Text = fromHTML.Fresh
	}
	if e.Quoted == "" {
		e.Quoted = fromHTML.Rest
	}
	e.Text, e.Quoted = withoutTokens(e.Text), withoutTokens(e.Quoted)
	for i, p := range r.parts {
		if p.decoration(shown, folded, len(r.html) > 0) {
			continue
		}
		if len(e.Files) == MaxFiles {
			e.Files = append(e.Files, File{Name: "and more", Refused: fmt.Sprintf("Only the first %d files of an email are taken.", MaxFiles)})
			break
		}
		e.Files = append(e.Files, p.file(i))
	}
	if r.secret {
		e.Broken = "It is encrypted, and only its sender's correspondents can read it."
	}
}

// token is in the links of our emails that open something for whoever has them,
// also where a mail server has put them into a link of its own.
var token = expression(`(?i)((?:/|%2f)(?:r|emails|welcome|reset|new-address)(?:/|%2f))[a-z0-9_-]{20,}`)

// withoutTokens is a text whose links open nothing for those who read it: answers
// quote the email that they answer.
func withoutTokens(s string) string { return token().ReplaceAllString(s, "${1}hidden") }

// smallPicture is how many bytes a picture of a signature has at most.
const smallPicture = 40 << 10

// decoration reports whether a part is a picture that belongs to the look of an
// email: a logo in a signature, a picture of what is quoted, a dot that tells
// whether it was opened.
func (p part) decoration(shown, folded map[string]bool, html bool) bool {
	if !strings.HasPrefix(p.kind, "image/") || p.disposition == "attachment" && p.cid == "" {
		return false
	}
	if len(p.body) <= 2<<10 {
		return true
	}
	if p.cid == "" {
		return false
	}
	switch {
	case folded[p.cid] && !shown[p.cid]:
		return true
	case shown[p.cid]:
		return len(p.body) < smallPicture
	}
	// A picture that no text shows is a file, unless it is as small as a logo.
	return html && p.disposition != "attachment" && len(p.body) < smallPicture
}

func (p part) file(n int) File {
	f := File{Name: p.name, Type: p.kind, Data: p.body}
	switch {
	case p.kind == "message/rfc822" || p.kind == "message/global":
		if f.Name == "" {
			f.Name = nestedName(p.body)
		}
		if !strings.HasSuffix(strings.ToLower(f.Name), ".eml") {
			f.Name += ".eml"
		}
	case p.kind == "application/ms-tnef" || strings.EqualFold(f.Name, "winmail.dat"):
		f.Name = "winmail.dat"
		f.Refused = "“winmail.dat” is a package that only Outlook opens. Ask for the files themselves, or for an email as HTML or plain text."
	case p.kind == "text/calendar":
		if f.Name == "" {
			f.Name = "invitation.ics"
		}
		f.Refused = "“" + f.Name + "” is an entry for calendars, which is not kept."
	case f.Name == "":
		f.Name = fmt.Sprintf("file %d%s", n+1, ending(p.kind))
	}
	return f
}

func ending(kind string) string {
	switch kind {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/heic":
		return ".heic"
	case "image/webp":
		return ".webp"
	case "application/pdf":
		return ".pdf"
	case "text/plain":
		return ".txt"
	case "video/mp4":
		return ".mp4"
	case "video/quicktime":
		return ".mov"
	}
	return ""
}

func nestedName(raw []byte) string {
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
		return "email"
	}
	head := gomail.Header{Header: entity.Header}
	subject, err := head.Subject()
	subject = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) {
			return '-'
		}
		return c
	}, oneLine(subject))
	if err != nil || subject == "" {
		return "email"
	}
	return cut(subject, 100)
}

// disposition is how a part says it is to be shown, and what it is called.
func disposition(h message.Header) (kind, name string) {
	kind, params, err := h.ContentDisposition()
	if err != nil {
		kind, params = lenientType(h.Get("Content-Disposition"))
	}
	return strings.ToLower(kind), word(params["filename"])
}

// word is a name that may be written as words of headers are, where it should not.
func word(s string) string {
	if strings.Contains(s, "=?") {
		decoder := mime.WordDecoder{CharsetReader: message.CharsetReader}
		if d, err := decoder.DecodeHeader(s); err == nil {
			s = d
		}
	}
	return oneLine(readable(s))
}

// lenientType reads a type whose parameters are not written as they should be.
func lenientType(s string) (kind string, params map[string]string) {
	kind, rest, _ := strings.Cut(readable(s), ";")
	params = map[string]string{}
	for p := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(p, "=")
		params[strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" {
		kind = "text/plain"
	}
	return kind, params
}

// text is a part's, as much as is left of what is looked at of one email.
func (r *reading) text(p part) string {
	t := text(p, maxText-r.looked)
	r.looked += min(len(p.body), maxText-r.looked)
	return t
}

// text is a part's, so many bytes at most, as UTF-8. The library has turned it into that where it knew
// how; what says that it is UTF-8 and is not is taken for Western European.
func text(p part, most int) string {
	body := p.body
	if len(body) > most {
		body = body[:most]
		for len(body) > 0 && !utf8.RuneStart(body[len(body)-1]) {
			body = body[:len(body)-1]
		}
		if n := len(body); n > 0 {
			body = body[:n-1]
		}
	}
	return strings.TrimPrefix(readable(string(body)), "\ufeff")
}

func readable(s string) string {
	if !utf8.ValidString(s) {
		if d, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
			s = d
		}
	}
	return strings.Map(func(c rune) rune {
		if c == 0 || c == '\u200b' || c == '\ufeff' || (c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == utf8.RuneError {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
}

func oneLine(s string) string { return strings.Join(strings.Fields(readable(s)), " ") }

// cut is the beginning of a text, of so many characters at most.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func join(a, b string) string { return joinAll([]string{a, b}) }

func joinAll(all []string) string {
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, "\n\n")
}
