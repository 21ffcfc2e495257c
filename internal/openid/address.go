package openid

import (
	"strings"

	"golang.org/x/net/idna"
)

// SplitAddress takes an email address apart as far as who answers for it: what
// stands before the last @, and the domain as the name system spells it. It is
// not ok for what no provider should say.
func SplitAddress(address string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 254 || strings.ContainsAny(address, " \"<>()[],;:\\\t\r\n\x00") || strings.Contains(address[:at], "@") {
		return "", "", false
	}
	domain, ok = Domain(address[at+1:])
	return address[:at], domain, ok
}

// Domain is a domain as the name system spells it, in small letters.
func Domain(text string) (domain string, ok bool) {
	domain, err := idna.Lookup.ToASCII(strings.TrimSpace(text))
	if err != nil || !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.ContainsAny(domain, "/:@*") || len(domain) > 253 {
		return "", false
	}
	return strings.ToLower(domain), true
}

// SameAddress reports whether two addresses are one: case counts in neither part,
// but only that of a to z. A letter that merely becomes another one when it is
// made small (K, the Kelvin sign) makes another address.
func SameAddress(a, b string) bool {
	one, at, ok := SplitAddress(a)
	two, there, also := SplitAddress(b)
	return ok && also && at == there && small(one) == small(two)
}

func small(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
