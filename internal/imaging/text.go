package imaging

import (
	"bytes"
	"net/mail"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Character sets of texts, as they are served.
const (
	utf8Set    = "utf-8"
	utf16LE    = "utf-16le"
	utf16BE    = "utf-16be"
	windowsSet = "windows-1252" // what older programs of most offices write
)

// charsetOf is the character set of a text: UTF-8; UTF-16, which spreadsheets
// call “Unicode text” and mark; or, since spreadsheets still write them, one of a
// byte a letter. What has control characters is no text.
func charsetOf(content []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		charset := utf16LE
		if content[0] == 0xfe {
			charset = utf16BE
		}
		return charset, len(content)%2 == 0 && isText(inUTF8(content, charset)) && !unpaired(content, charset)
	case utf8.Valid(content):
		return utf8Set, isText(content)
	}
	return windowsSet, isText(content)
}

// isText accepts anything without control characters.
func isText(content []byte) bool {
	return !bytes.ContainsFunc(content, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r) })
}

// unpaired reports whether halves of letters stand alone, as in no text.
func unpaired(content []byte, charset string) bool {
	unit := func(i int) rune {
		if charset == utf16BE {
			return rune(content[i])<<8 | rune(content[i+1])
		}
		return rune(content[i+1])<<8 | rune(content[i])
	}
	for i := 0; i+2 <= len(content); i += 2 {
		if !utf16.IsSurrogate(unit(i)) {
			continue
		}
		if i+4 > len(content) || utf16.DecodeRune(unit(i), unit(i+2)) == utf8.RuneError {
			return true
		}
		i += 2
	}
	return false
}

// inUTF8 is a text with its letters in UTF-8, without a mark.
func inUTF8(content []byte, charset string) []byte {
	decoder := unicode.UTF8BOM.NewDecoder()
	switch charset {
	case utf16LE, utf16BE:
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case windowsSet:
		decoder = charmap.Windows1252.NewDecoder()
	}
	out, err := decoder.Bytes(content)
	if err != nil {
		return content
	}
	return out
}

// isEmail tells an email as programs save it: lines of a head, among them whom
// it is from or when it was sent.
func isEmail(content []byte) bool {
	if bytes.IndexByte(content, 0) >= 0 {
		return false
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if first, rest, _ := bytes.Cut(content, []byte("\n")); bytes.HasPrefix(first, []byte("From ")) {
		content = rest // of a mailbox
	}
	const maxHead = 1 << 20
	m, err := mail.ReadMessage(bytes.NewReader(content[:min(len(content), maxHead)]))
	return err == nil && (m.Header.Get("From") != "" || m.Header.Get("Date") != "" || m.Header.Get("Received") != "")
}
