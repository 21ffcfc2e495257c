// Package ui holds the components that every screen is made of. Screens choose
// components and invent no styles; /dev/gallery shows each in all its states.
//
// Components take the words they show and know nothing of the business. Texts
// that people typed carry dir="auto", so that any script reads correctly.
package ui

import (
	"context"
	"io"
	"strconv"
	"strings"
	"unicode"

	"fieldgate/internal/list"
	"fieldgate/static"

	"github.com/a-h/templ"
)

// Icon draws a Lucide icon by its name in static/icons.txt, in the size and
// colour of the text around it. Icons repeat what words say, so readers of the
// page aloud skip them. Without fetched icons it draws nothing.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		shapes := static.Icon(name)
		if shapes == "" {
			return nil
		}
		_, err := io.WriteString(w, `<svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">`+shapes+`</svg>`)
		return err
	})
}

// Count writes a number of things: exact up to 1,000, then "1,000+". Of what a
// search found much, it writes how much at least, as a round number: "200+",
// "40+"; "" when nobody knows of any.
func Count(n int) string {
	least, more := list.Least(n)
	switch {
	case !more:
		return Thousands(least)
	case least == 0:
		return ""
	case least > 10:
		least -= least % 10
	}
	return Thousands(least) + "+"
}

// Thousands writes a whole number with its thousands grouped: 12,345.
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural writes a number with its noun: "1 job", "3 jobs", "1,000+ jobs".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Exactly is Plural for what was counted to its end: "12,345 rows".
func Exactly(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// Initials are the first letters of a name's first and last word.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-'
	})
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}

func hintID(name string) string    { return name + "-hint" }
func problemID(name string) string { return name + "-problem" }

// describedBy names the texts that explain a control.
func describedBy(name, hint, problem string) string {
	var ids []string
	if problem != "" {
		ids = append(ids, problemID(name))
	}
	if hint != "" {
		ids = append(ids, hintID(name))
	}
	return strings.Join(ids, " ")
}
