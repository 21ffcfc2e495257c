// Package form reads what was typed. What comes out is clean text: valid
// UTF-8 without control characters; rules are the domain packages' business.
package form

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"fieldgate/internal/address"
	"fieldgate/internal/day"
	"fieldgate/internal/problem"
)

// Text is a field of one line, without white space around it.
func Text(r *http.Request, name string) string { return Line(r.PostFormValue(name)) }

// Number is a number as typed: or, when the form asked which of two was meant,
// as chosen there (ui.Field.Choices).
func Number(r *http.Request, name string) string {
	if field, chosen, ok := strings.Cut(Text(r, "meant"), "="); ok && field == name {
		return chosen
	}
	return Text(r, name)
}

// Line cleans one line of text.
func Line(typed string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == '\t' {
			return ' '
		}
		return printable(c)
	}, typed))
}

// Long is a field of many lines.
func Long(r *http.Request, name string) string {
	typed := strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' {
			return c
		}
		return printable(c)
	}, typed))
}

// printable drops what the database refuses or nobody can see. Marks that
// other scripts need, such as joiners, stay.
func printable(c rune) rune {
	if unicode.IsControl(c) {
		return -1
	}
	return c // an invalid byte has become U+FFFD
}

// Secret is a password as it was typed.
func Secret(r *http.Request, name string) string { return r.PostFormValue(name) }

// Check reports whether a box was ticked.
func Check(r *http.Request, name string) bool { return r.PostFormValue(name) != "" }

// Many are the values of boxes that share a name.
func Many(r *http.Request, name string) []string {
	_ = r.PostFormValue(name) // parses the form
	out := make([]string, 0, len(r.PostForm[name]))
	for _, v := range r.PostForm[name] {
		if v = Line(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// ID is the id of something chosen; 0 for nothing or nonsense.
func ID(r *http.Request, name string) int64 { return id(r.PostFormValue(name)) }

// Asked is the id in the address, such as that of what a new thing is for; 0 for nonsense.
func Asked(r *http.Request, name string) int64 { return id(r.URL.Query().Get(name)) }

// IDs are the ids of things ticked, without nonsense.
func IDs(r *http.Request, name string) []int64 {
	var out []int64
	for _, v := range Many(r, name) {
		if n := id(v); n != 0 {
			out = append(out, n)
		}
	}
	return out
}

func id(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Day is a date field; what is no date becomes a problem.
func Day(r *http.Request, name string, p problem.Set) day.Day {
	d, err := day.Parse(Text(r, name))
	if err != nil {
		p.Add(name, "Enter a date, such as 2026-11-24.")
	}
	return d
}

// noSite is what a form that asks for the site answers when it is none in particular.
const noSite = "none"

// Site is the site chosen on the form of something new, 0 for none. Where there
// are several the form asks, and nothing chosen is a problem.
func Site(r *http.Request, p problem.Set) (site int64, none bool) {
	switch typed := Text(r, "site"); {
	case typed == noSite:
		return 0, true
	case typed == "" && r.PostForm.Has("site"):
		p.Add("site", "Choose the site.")
	}
	return ID(r, "site"), false
}

// Version is the version of the thing that the form was shown for.
func Version(r *http.Request) int64 { return ID(r, "version") }

// Nonce names one showing of a form, so that sending it twice makes one thing.
func Nonce(r *http.Request) string {
	n := Text(r, "nonce")
	if len(n) > 64 {
		return strings.ToValidUTF8(n[:64], "") // not in the middle of a letter
	}
	return n
}

// NewNonce is a nonce for a form about to be shown.
func NewNonce() string { return rand.Text() }

// Address reads the fields of an address, named prefix_line1 and so on.
func Address(r *http.Request, prefix string) address.Address {
	return address.Address{
		Line1: Text(r, prefix+"_line1"), Line2: Text(r, prefix+"_line2"), City: Text(r, prefix+"_city"),
		Region: Text(r, prefix+"_region"), Postcode: Text(r, prefix+"_postcode"), Country: Text(r, prefix+"_country"),
	}
}

// Emails is a field of many addresses, in any separation, each once.
func Emails(r *http.Request, name string) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range strings.FieldsFunc(Long(r, name), func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' }) {
		if k := strings.ToLower(e); !seen[k] {
			seen[k] = true
			out = append(out, e)
		}
	}
	return out
}
