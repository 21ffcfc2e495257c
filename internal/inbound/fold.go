package inbound

import (
	"strings"
)

// Folded is a text, and what was folded away of it.
type Folded struct {
	Fresh, Rest string
	lines       int // that were looked at
}

// The words with which programs of many languages begin what is answered.
var (
	divider = expression(`(?i)^[\s>*]*[-_=]{2,}\s*(original (message|appointment)|forwarded message|begin forwarded message|reply message|ursprüngliche nachricht|original-?nachricht|urspr\. nachricht|weitergeleitete nachricht|message d['’]origine|message original|message transféré|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|mensagem original|wiadomość oryginalna|původní zpráva|eredeti üzenet|исходное сообщение|пересылаемое сообщение|原始邮件|原始郵件|原件|元のメッセージ|원본 메시지|الرسالة الأصلية)\s*[-_=]{2,}\s*$`)
	begin   = expression(`(?i)^(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|début du message (réexpédié|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato)\s*:$`)
	rule    = expression(`^\s*_{8,}\s*$`)
	// The header of what is answered, as Outlook writes it.
	headFrom = expression(`(?i)^[\s>]*\*{0,2}(from|von|de|da|van|från|fra|od|от|lähettäjä|feladó|gönderen|发件人|寄件者|差出人|送信者|보낸 사람|من)\s?\*{0,2}\s?[:：]\*{0,2}\s*\S`)
	headWhen = expression(`(?i)^[\s>]*\*{0,2}(sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|fecha|data|inviato|verzonden|skickat|sendt|dato|wysłano|odesláno|отправлено|дата|lähetetty|elküldve|发送时间|日期|送信日時|日時|보낸 날짜)\s?\*{0,2}\s?[:：]`)
	headElse = expression(`(?i)^[\s>]*\*{0,2}(to|cc|subject|an|betreff|à|pour|objet|para|asunto|assunto|a|oggetto|aan|onderwerp|till|ämne|til|emne|do|temat|komu|předmět|кому|тема|aihe|tárgy|收件人|主题|主旨|宛先|件名|받는 사람|제목)\s?\*{0,2}\s?[:：]`)
	said     = []pattern{
		expression(`(?i)^(>\s*)?on\b.{5,300}\bwrote\s?:$`),
		expression(`(?i)^(>\s*)?.{3,200}<[^<>\s]+@[^<>\s]+>\)?\s(wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|kirjoitti|napisał\(?a?\)?|napsal\(?a?\)?|írta|написал\(?а?\)?)\s?(am .{5,80}|le .{5,80}|op .{5,80})?\s?:$`),
		expression(`(?i)^(>\s*)?(am|on)\b.{5,200}\b(schrieb|hat geschrieben)\b.{0,200}:$`),
		expression(`(?i)^(>\s*)?.{3,200} schrieb am .{5,100}:$`),
		expression(`(?i)^(>\s*)?le\b.{5,300}\ba écrit\s?:$`),
		expression(`(?i)^(>\s*)?el\b.{5,300}\bescribió\s?:$`),
		expression(`(?i)^(>\s*)?(il|in data)\b.{5,300}\b(ha scritto|scrive)\s?:$`),
		expression(`(?i)^(>\s*)?op\b.{5,200}\b(schreef|heeft)\b.{0,200}:$`),
		expression(`(?i)^(>\s*)?em\b.{5,300}\bescreveu\s?:$`),
		expression(`(?i)^(>\s*)?(den|på)\b.{5,200}\b(skrev|skreiv)\b.{0,200}:$`),
		expression(`(?i)^(>\s*)?(w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz)\b.{5,300}(napisał|pisze).{0,40}:$`),
		expression(`(?i)^(>\s*)?(dne|ne|po|út|st|čt|pá|so)\b.{5,300}(napsal|píše).{0,40}:$`),
		expression(`(?i)^(>\s*)?.{5,200}kirjoitti.{0,100}:$`),
		expression(`(?i)^(>\s*)?.{5,200}(пишет|написал\(?а?\)?)\s?:$`),
		expression(`^(>\s*)?.{3,200}(写道|寫道|のメール|님이 작성)\s?[:：]$`),
		expression(`(?i)^(>\s*)?\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}.{0,200}<[^<>\s]+@[^<>\s]+>\s?[:：]$`),
	}
	quotedLine = expression(`^\s{0,3}(>|\|\s)`)
	signLine   = expression(`^(--|—|–– ?|-- )\s*$`)
	mobile     = expression(`(?i)^(sent (from|via|with) (my |the )?\S.{0,60}|get outlook for .{2,40}|outlook (for|für|pour) (ios|android).{0,30}|von (meinem|meiner) .{2,40} gesendet\.?|gesendet (mit|von|über) .{2,60}|diese nachricht wurde von meinem .{2,60} gesendet.{0,30}|envoyé (de|depuis|à partir de) .{2,60}|obtenir outlook pour .{2,40}|enviado (desde|do|de|a partir d[eo]) .{2,60}|inviato (da|dal) .{2,60}|verstuurd vanaf .{2,60}|verzonden (vanaf|met) .{2,60}|skickat från .{2,60}|sendt (fra|via) .{2,60}|lähetetty .{2,60}|wysłan[eo] z .{2,60}|odesláno z .{2,60}|отправлено (с|из) .{2,60}|yahoo mail.{0,60}|发自我的.{1,40}|從我的 .{1,40}傳送|iphoneから送信)$`)
)

// attribution reports whether a line says who wrote what follows it.
func attribution(line string) bool {
	if len(line) < 8 || len(line) > 600 {
		return false
	}
	last := line[len(line)-1]
	if last != ':' && !strings.HasSuffix(line, "：") {
		return false
	}
	for _, p := range said {
		if p.in(line) {
			return true
		}
	}
	return false
}

// Fold parts a text into what is new, and what it answers with signatures.
// Answers above, below and between what they answer are all found.
func Fold(text string) Folded { return fold(text, maxLines) }

// fold is Fold of so many lines at most.
func fold(text string, most int) Folded {
	lines := strings.Split(tidy(text), "\n")
	if len(lines) > most {
		lines = append(lines[:most], "…")
	}
	var fresh, rest []string
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		if divider.in(line) || begin.in(line) || header(lines, i) {
			rest = append(rest, lines[i:]...)
			break
		}
		if n := saidAt(lines, i); n > 0 {
			end := i + n
			next := end
			for next < len(lines) && strings.TrimSpace(lines[next]) == "" {
				next++
			}
			if next == len(lines) || !quotedLine.in(lines[next]) {
				// What is quoted has no marks, so nobody can tell where it ends.
				rest = append(rest, lines[i:]...)
				break
			}
			rest = append(rest, lines[i:end]...)
			i = end
			continue
		}
		if quotedLine.in(lines[i]) {
			rest = append(rest, lines[i])
			i++
			// A line that a program broke goes on without its mark.
			continue
		}
		fresh = append(fresh, lines[i])
		i++
	}
	fresh, signature := unsigned(fresh)
	return Folded{Fresh: tidy(strings.Join(fresh, "\n")), Rest: tidy(strings.Join(append(signature, rest...), "\n")), lines: min(len(lines), most)}
}

// saidAt is how many lines from i on say who wrote what follows, or 0.
func saidAt(lines []string, i int) int {
	if strings.TrimSpace(lines[i]) == "" {
		return 0
	}
	joined := ""
	for n := range 4 {
		if i+n == len(lines) || (n > 0 && strings.TrimSpace(lines[i+n]) == "") {
			return 0
		}
		if n > 0 {
			joined += " "
		}
		joined += strings.TrimSpace(lines[i+n])
		if attribution(joined) {
			// It begins where the first line that alone goes on to it begins: “Thanks\nOn … wrote:” is two things.
			for skip := range n {
				if shorter := strings.TrimSpace(strings.Join(trimmed(lines[i+skip+1:i+n+1]), " ")); attribution(shorter) {
					return 0
				}
			}
			return n + 1
		}
	}
	return 0
}

func trimmed(lines []string) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = strings.TrimSpace(l)
	}
	return all
}

// header reports whether the header of what is answered begins at line i, with or
// without a line drawn above it.
func header(lines []string, i int) bool {
	if rule.in(lines[i]) {
		i++
		for last := min(i+2, len(lines)-1); i < last && strings.TrimSpace(lines[i]) == ""; {
			i++
		}
		if i >= len(lines) { // a rule below a rule is no header: it has no sender
			return false
		}
	}
	if !headFrom.in(lines[i]) {
		return false
	}
	when, others, seen := false, 0, 0
	for j := i + 1; j < len(lines) && seen < 8; j++ {
		if strings.TrimSpace(lines[j]) == "" {
			continue
		}
		seen++
		when = when || headWhen.in(lines[j])
		if headElse.in(lines[j]) {
			others++
		}
	}
	return others > 0 && (when || others > 1)
}

// unsigned takes the signature off, which follows "-- " or is a phone's own.
func unsigned(lines []string) (rest, signature []string) {
	for i, line := range lines {
		if signLine.in(line) && len(lines)-i <= 40 {
			lines, signature = lines[:i], lines[i:]
			break
		}
	}
	for {
		end := len(lines)
		for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
			end--
		}
		if end == 0 || !mobile.in(strings.TrimSpace(lines[end-1])) {
			return lines, signature
		}
		signature = append([]string{lines[end-1]}, signature...)
		lines = lines[:end-1]
	}
}

var (
	spaces     = expression(`[ \t\x{00a0}]+\n`)
	emptyLines = expression(`\n{3,}`)
	breaks     = expression(`[ ]*\x01[ \x01]*`)
	afterBreak = expression(`\n+\x01`)
	indented   = expression(`\n[ ]+`)
	manySpaces = expression(`[ ]{2,}`)
)

// tidy is a text with plain line ends, and at most one empty line in a row. The
// marks of HTML's blocks (\x01) and paragraphs (\x02) become line ends.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	if strings.ContainsAny(s, "\x01\x02") {
		s = manySpaces().ReplaceAllString(s, " ")
		s = breaks().ReplaceAllString(s, "\x01")
		s = strings.ReplaceAll(s, "\x01\x02\x01", "\x02")
		s = strings.ReplaceAll(s, "\x02\x01", "\x02")
		s = afterBreak().ReplaceAllStringFunc(s, func(m string) string { return m[:len(m)-1] })
		s = strings.ReplaceAll(s, "\x02", "\n\n")
		s = strings.ReplaceAll(s, "\x01", "\n")
		s = indented().ReplaceAllString(s, "\n")
	}
	s = strings.ReplaceAll(s, "\u00a0", " ")
	s = spaces().ReplaceAllString(s+"\n", "\n")
	return strings.Trim(emptyLines().ReplaceAllString(s, "\n\n"), "\n \t")
}

// unflow joins what was broken for the way only (RFC 3676).
func unflow(s string, delsp bool) string {
	var b strings.Builder
	depth, open := 0, false
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		quotes := len(line) - len(strings.TrimLeft(line, ">"))
		text := strings.TrimPrefix(line[quotes:], " ")
		if open && quotes != depth {
			b.WriteString("\n")
			open = false
		}
		if !open && quotes > 0 {
			b.WriteString(strings.Repeat(">", quotes) + " ")
		}
		depth = quotes
		flows := strings.HasSuffix(text, " ") && text != "-- "
		if flows && delsp {
			text = text[:len(text)-1]
		}
		b.WriteString(text)
		if open = flows; !flows {
			b.WriteString("\n")
		}
	}
	return b.String()
}
