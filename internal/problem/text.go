package problem

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Limits of entered text, in characters.
const (
	MaxName  = 200
	MaxText  = 10_000
	MaxEmail = 254
)

// Name checks a text of one line that may be empty.
func (s Set) Name(value, field, label string) {
	s.Unless(utf8.RuneCountInString(value) <= MaxName, field, fmt.Sprintf("Keep the %s under %d characters.", label, MaxName))
}

// Text checks a text of many lines that may be empty.
func (s Set) Text(value, field, label string) {
	s.Unless(utf8.RuneCountInString(value) <= MaxText, field, fmt.Sprintf("Keep the %s under 10,000 characters.", label))
}

// Email checks one address that may be empty.
func (s Set) Email(value, field string) {
	s.Unless(value == "" || IsEmail(value), field, "Enter an email address like name@example.com.")
}

// Emails checks a list of addresses.
func (s Set) Emails(values []string, field string) {
	s.Unless(len(values) <= 50, field, "List at most 50 addresses.")
	var wrong []string
	for _, v := range values {
		if fault := EmailFault(v); fault != "" {
			wrong = append(wrong, fmt.Sprintf("“%s” %s.", short(v), fault))
		}
	}
	if n := len(wrong); n > maxNamed {
		wrong = append(wrong[:maxNamed], fmt.Sprintf("So are %d more.", n-maxNamed))
	}
	s.Unless(len(wrong) == 0, field, strings.Join(wrong, " "))
}

// maxNamed is how many wrong addresses of a list are named, each with what is wrong.
const maxNamed = 5

func short(v string) string {
	if r := []rune(v); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return v
}

// EmailFault says what is wrong with an address, to follow it in a sentence;
// "" for one that mail can be sent to.
func EmailFault(value string) string {
	local, domain, at := strings.Cut(value, "@")
	switch {
	case IsEmail(value):
		return ""
	case !at:
		return "has no @"
	case strings.Contains(domain, "@"):
		return "has more than one @"
	case local == "":
		return "has nothing in front of the @"
	case domain == "":
		return "has nothing behind the @"
	case !strings.Contains(strings.Trim(domain, "."), "."):
		return "has no ending such as .com behind the @"
	case len(value) > 254 || len(local) > 64:
		return "is longer than an email address can be"
	}
	return "has a character that email addresses cannot have, or one in the wrong place"
}

// IsEmail reports whether value is one bare address that mail can be sent to
// over SMTP: RFC 5321 allows 254 octets.
func IsEmail(value string) bool {
	if len(value) > 254 || strings.ContainsAny(value, " \t\r\n<>\"(),;:\\") {
		return false
	}
	a, err := mail.ParseAddress(value)
	if err != nil || a.Address != value {
		return false
	}
	local, domain, ok := strings.Cut(value, "@")
	return ok && len(local) <= 64 && strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}
