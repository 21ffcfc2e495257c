package problem

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Limits of entered text, in characters.
const (
	MaxName = 200
	MaxText = 10_000
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
	for _, v := range values {
		s.Unless(IsEmail(v), field, fmt.Sprintf("“%s” is not an email address.", v))
	}
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
