package ui

import (
	"regexp"

	"github.com/a-h/templ"
)

// Breakable is a text that may hold an email address, or numbers of jobs and quotes: a long address breaks after its
// @ rather than inside a word, and a number never at its hyphen.
func Breakable(text string) templ.Component {
	return templ.Raw(breaks.ReplaceAllStringFunc(templ.EscapeString(text), func(found string) string {
		if found == "@" {
			return "@<wbr>"
		}
		return `<span class="nowrap">` + found + `</span>`
	}))
}

// breaks finds what decides where a text may break. Escaping leaves it as it is.
var breaks = regexp.MustCompile(`@|\b[A-Z]{1,3}-[0-9]+\b`)
