package attachment

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SafeName makes a file's name safe to keep and to show: without folders, control
// characters or marks that turn the reading direction, and not too long; the
// ending stays.
func SafeName(sent string) string {
	sent = strings.ToValidUTF8(sent, "")
	sent = path.Base(strings.ReplaceAll(sent, `\`, "/"))
	sent = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, sent))
	if sent == "" || sent == "." || sent == ".." || sent == "/" {
		return "file"
	}
	if n := utf8.RuneCountInString(sent); n > MaxName {
		ending := path.Ext(sent)
		if utf8.RuneCountInString(ending) > 10 {
			ending = ""
		}
		runes := []rune(strings.TrimSuffix(sent, ending))
		sent = string(runes[:MaxName-utf8.RuneCountInString(ending)]) + ending
	}
	return sent
}
