package inbound

import (
	"bufio"
	"bytes"
	"net/textproto"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/net/publicsuffix"
)

// report is a delivery report while it is read (RFC 3464).
type report struct {
	kind     string
	status   []byte
	original []byte
}

// Bounce is what a delivery report says of one recipient.
type Bounce struct {
	Recipient string
	Original  string // the Message-ID of the email it is about, without brackets
	Failed    bool   // for good; else it is still tried, or was delivered
	Words     string // the server's
}

// What says that no person wrote an email.
const (
	autoAnswer  = "An automatic answer"
	autoList    = "From a mailing list"
	autoNotice  = "Sent by a program"
	autoCircles = "One of our own emails, sent back"
	autoReport  = "A delivery report"
	autoReceipt = "A receipt for reading"
)

// autoSubject is how answers during absences begin, in many languages.
var autoSubject = expression(`(?i)^\s*(automatic reply|auto[- ]?reply|auto[- ]?response|autoreply|out of (the )?office|i am out of (the )?office|abwesenheitsnotiz|abwesend|automatische antwort|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|automatisch antwoord|afwezigheidsmelding|automatiskt svar|automatisk svar|autosvar|automaattinen vastaus|resposta automática|automatyczna odpowiedź|automatická odpověď|автоматический ответ|自动回复|自動回覆|自動応答|自動返信|자동 회신)\b?\s*[:：-]?`)

var daemon = expression(`(?i)^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon)@`)

// judge finds out whether a person wrote the email.
func (e *Email) judge(r *reading) {
	get := func(key string) string { return strings.ToLower(strings.TrimSpace(e.header.Get(key))) }
	sender := get("Return-Path")
	switch {
	case r.report != nil && r.report.kind == "delivery-status", r.report != nil && r.report.status != nil:
		e.Report, e.Automatic = true, autoReport
		e.Bounces = r.report.read()
		return
	case r.report != nil && (r.report.kind == "disposition-notification"):
		e.Automatic = autoReceipt
		return
	case sender == "<>" && get("X-Failed-Recipients") != "", daemon.in(e.From.Address) && (sender == "<>" || get("X-Failed-Recipients") != "" || e.returns(r)):
		e.Report, e.Automatic = true, autoReport
		e.Bounces = e.oldReport(r)
		return
	case strings.HasPrefix(e.Text, answeredBy): // a calendar's answer was pressed by somebody
		return
	}
	auto := get("Auto-Submitted")
	suppress := get("X-Auto-Response-Suppress")
	switch precedence := get("Precedence"); {
	case get("X-Autoreply") != "", get("X-Autorespond") != "", get("X-Auto-Reply-From") != "", get("X-Mail-Autoreply") != "",
		strings.HasPrefix(auto, "auto-replied"), precedence == "auto_reply", precedence == "auto-reply", autoSubject.in(e.Subject),
		strings.Contains(get("X-Vacation"), "yes"), get("Delivered-To") == "autoresponder":
		e.Automatic = autoAnswer
	case get("List-Id") != "", get("List-Post") != "", precedence == "list", get("Mailing-List") != "":
		e.Automatic = autoList
	case auto != "" && !strings.HasPrefix(auto, "no"), precedence == "bulk", precedence == "junk", get("List-Unsubscribe") != "", sender == "<>", get("Feedback-Id") != "",
		strings.Contains(suppress, "all") || strings.Contains(suppress, "autoreply") || strings.Contains(suppress, "oof"):
		e.Automatic = autoNotice
	}
}

// ours is how the Message-IDs of our emails look.
var ours = expression(`^[a-z2-7]{26}@`)

// returns reports whether the email brings one of ours back and says why: what
// people write who are reached as postmaster does not.
func (e *Email) returns(r *reading) bool {
	return slices.ContainsFunc(e.oldReport(r), func(b Bounce) bool { return ours.in(b.Original) && refusal.in(b.Words) })
}

// IsOurs marks an email that we sent, and that came back.
func (e *Email) IsOurs() { e.Automatic = autoCircles }

// read takes a delivery report apart.
func (r *report) read() (all []Bounce) {
	original := originalID(r.original)
	for _, block := range blocksOf(r.status) {
		action := strings.ToLower(strings.TrimSpace(block.Get("Action")))
		if action == "" {
			continue
		}
		_, recipient, found := strings.Cut(firstOf(block.Get("Original-Recipient"), block.Get("Final-Recipient")), ";")
		if _, final, ok := strings.Cut(block.Get("Final-Recipient"), ";"); !found || (ok && !strings.Contains(recipient, "@")) {
			recipient = final
		}
		words := block.Get("Diagnostic-Code")
		if _, rest, ok := strings.Cut(words, ";"); ok {
			words = rest
		}
		if words = oneLine(words); words == "" {
			words = oneLine(block.Get("Status"))
		}
		all = append(all, Bounce{
			Recipient: cut(strings.Trim(oneLine(recipient), "<>"), maxAddress), Original: original, Failed: action == "failed", Words: cut(words, 500),
		})
		if len(all) == 50 {
			break
		}
	}
	return all
}

// blocksOf are the groups of fields of a status.
func blocksOf(status []byte) (all []textproto.MIMEHeader) {
	for part := range strings.SplitSeq(strings.ReplaceAll(string(status), "\r\n", "\n"), "\n\n") {
		h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.TrimLeft(part, "\n") + "\n\n"))).ReadMIMEHeader()
		if len(h) > 0 && (err == nil || len(h) > 1) {
			all = append(all, h)
		}
		if len(all) > 100 {
			break
		}
	}
	return all
}

func originalID(raw []byte) string {
	entity, err := message.ReadWithOptions(bytes.NewReader(append(bytes.TrimSpace(raw), "\r\n\r\n"...)), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
		return ""
	}
	return cut(oneLine(strings.Trim(strings.TrimSpace(entity.Header.Get("Message-Id")), "<>")), maxID)
}

var (
	ourID   = expression(`(?i)message-id:\s*<([^<>\s]{3,300})>`)
	refusal = expression(`(?m)^.*\b([45]\d\d)[ -]?#?([45]\.\d{1,3}\.\d{1,3})?\b.*$`)
)

// oldReport reads a report of a server that knows no RFC 3464: the words of a
// refusal, and below them the email that was refused.
func (e *Email) oldReport(r *reading) []Bounce {
	all, left := "", maxText
	for _, p := range slices.Concat(r.plain, r.parts) {
		if strings.HasPrefix(p.kind, "message/") || strings.HasPrefix(p.kind, "text/") {
			all += text(p, left) + "\n"
			left -= min(left, len(p.body))
		}
	}
	id := ourID().FindStringSubmatch(all)
	if id == nil {
		return nil
	}
	words := oneLine(refusal().FindString(all))
	if words == "" {
		words = cut(oneLine(e.Text), 300)
	}
	to := cut(strings.Trim(oneLine(e.header.Get("X-Failed-Recipients")), "<>"), maxAddress)
	lower := strings.ToLower(all + e.Subject)
	failed := !strings.Contains(lower, "delayed") && !strings.Contains(lower, "will be retried") && !strings.Contains(lower, "still trying")
	return []Bounce{{Recipient: to, Original: id[1], Failed: failed, Words: cut(words, 500)}}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// answeredBy begins the text that stands for a calendar's answer.
const answeredBy = "Calendar: "

func calendarMethod(p part) string {
	if m := p.params["method"]; m != "" {
		return m
	}
	for line := range bytes.Lines(p.body) {
		if key, value, ok := strings.Cut(strings.TrimSpace(string(line)), ":"); ok && strings.EqualFold(key, "METHOD") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// calendarAnswer is what somebody answered to an entry, as a sentence.
func calendarAnswer(body []byte) string {
	unfolded := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(readable(string(body)))
	answer, about, comment := "answered", "", ""
	for line := range strings.Lines(unfolded) {
		head, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		name, params, _ := strings.Cut(head, ";")
		value = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(value)
		switch strings.ToUpper(name) {
		case "ATTENDEE":
			switch params = strings.ToUpper(params); {
			case strings.Contains(params, "PARTSTAT=ACCEPTED"):
				answer = "accepted"
			case strings.Contains(params, "PARTSTAT=DECLINED"):
				answer = "declined"
			case strings.Contains(params, "PARTSTAT=TENTATIVE"):
				answer = "tentatively accepted"
			}
		case "SUMMARY":
			about = oneLine(value)
		case "COMMENT":
			comment = strings.TrimSpace(value)
		}
	}
	return strings.TrimSpace(answeredBy + answer + " “" + cut(about, 200) + "”.\n" + cut(comment, 2000))
}

// Results are what one server found out about an email (RFC 8601).
type Results struct {
	Server  string // "" when it does not say which
	Methods []Method
	below   int // lines of servers that passed the email on stand above it
}

// Method is one of them: spf, dkim or dmarc.
type Method struct {
	Name, Result string
	Properties   map[string]string // header.from, header.d, smtp.mailfrom…
}

// maxResults is how many bytes one field of results may have.
const maxResults = 4 << 10

// plainResults is a field of results without comments. What is quoted in it, such
// as an address that the sender has chosen, stays one word that means nothing. It
// is not ok when a comment or a quote has no end.
func plainResults(value string) (plain string, ok bool) {
	var b strings.Builder
	depth, quoted, escaped := 0, false, false
	for _, c := range value {
		switch {
		case escaped:
			escaped = false
			if depth == 0 {
				b.WriteByte('_')
			}
		case c == '\\' && (quoted || depth > 0):
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
			if depth == 0 {
				if strings.ContainsRune(" ;=()", c) {
					c = '_'
				}
				b.WriteRune(c)
			}
		case c == '(':
			depth++
			b.WriteByte(' ')
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(c)
		}
	}
	return b.String(), depth == 0 && !quoted && !escaped
}

// readResults are what servers wrote on top of the email, the last of them first.
func readResults(h message.Header) (all []Results) {
	received := 0
	for fields := h.Fields(); fields.Next(); {
		switch strings.ToLower(fields.Key()) {
		case "received":
			received++
		case "authentication-results":
			r := parseResults(fields.Value())
			r.below = received
			all = append(all, r)
		}
		if len(all) == 20 {
			break
		}
	}
	return all
}

func parseResults(value string) (r Results) {
	value = oneLine(value)
	long := len(value) > maxResults
	value, whole := plainResults(value[:min(len(value), maxResults)])
	defer func() {
		if long || !whole { // whose results cannot be read has not confirmed anything
			r.Methods = []Method{{Name: "dmarc", Result: "fail"}}
		}
	}()
	for i, piece := range strings.Split(value, ";") {
		words := strings.Fields(strings.NewReplacer(" = ", "=", "= ", "=", " =", "=").Replace(piece))
		if len(words) == 0 {
			continue
		}
		if i == 0 && !strings.Contains(words[0], "=") {
			r.Server = strings.ToLower(words[0])
			continue
		}
		m := Method{Properties: map[string]string{}}
		for j, w := range words {
			key, val, ok := strings.Cut(w, "=")
			if !ok {
				continue
			}
			key, val = strings.ToLower(key), strings.ToLower(val)
			if j == 0 {
				key, _, _ = strings.Cut(key, "/") // the method's version
				m.Name, m.Result = key, val
			} else if _, again := m.Properties[key]; !again {
				m.Properties[key] = val
			}
		}
		if m.Name != "" {
			r.Methods = append(r.Methods, m)
		}
	}
	return r
}

// Microsoft is the name under which results are believed that name no server, as
// those of Microsoft 365 do.
const Microsoft = "microsoft365"

// Authentic reports whether a server that is trusted found the sender to be who
// they say: by DMARC, or, where the sender's domain has no word on it, by a
// signature or server of that domain. Only what the server wrote itself counts:
// the topmost results under one of its names, and those that follow at once.
func (e Email) Authentic(trusted []string) bool {
	_, domain, ok := strings.Cut(strings.ToLower(e.From.Address), "@")
	if !ok || e.Froms != 1 {
		return false
	}
	all := e.found(trusted)
	stated := slices.ContainsFunc(all, func(m Method) bool { return m.Properties["header.from"] != "" })
	dmarc, aligned := "", false
	for _, m := range all {
		switch m.Name {
		case "dmarc":
			switch from := m.Properties["header.from"]; {
			case m.Result == "pass" && (from == domain || !stated):
				if dmarc == "" {
					dmarc = "pass"
				}
			case m.Result != "none" && m.Result != "bestguesspass":
				dmarc = "fail"
			}
		case "dkim":
			by := firstOf(m.Properties["header.d"], m.Properties["header.i"])
			aligned = aligned || (m.Result == "pass" && alike(by[strings.LastIndexByte(by, '@')+1:], domain))
		case "spf":
			by := m.Properties["smtp.mailfrom"]
			aligned = aligned || (m.Result == "pass" && alike(by[strings.LastIndexByte(by, '@')+1:], domain))
		}
	}
	return dmarc == "pass" || (dmarc == "" && aligned)
}

// found is what the topmost server that is trusted found out. What an email
// brought along stands below the line of whoever received it, and of a method the
// server's first field counts alone.
func (e Email) found(trusted []string) (all []Method) {
	var first *Results
	known := map[string]bool{}
	for i, r := range e.Results {
		switch {
		case first == nil && !trusts(trusted, r.Server):
			continue
		case first == nil:
			first = &e.Results[i]
		case r.Server != first.Server || r.below != first.below:
			return all
		}
		from := len(all)
		for _, m := range r.Methods {
			if !known[m.Name] {
				all = append(all, m)
			}
		}
		for _, m := range all[from:] {
			known[m.Name] = true
		}
	}
	return all
}

func trusts(trusted []string, server string) bool {
	for _, t := range trusted {
		t = strings.ToLower(strings.TrimSpace(t))
		if t != "" && (t == server || (t == Microsoft && server == "")) {
			return true
		}
	}
	return false
}

// alike reports whether two domains are of one organisation.
func alike(one, other string) bool {
	if one == "" || other == "" {
		return false
	}
	a, err := publicsuffix.EffectiveTLDPlusOne(one)
	if err != nil {
		return one == other
	}
	b, err := publicsuffix.EffectiveTLDPlusOne(other)
	return err == nil && a == b
}
