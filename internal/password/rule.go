package password

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"github.com/trustelem/zxcvbn/frequency"
	"github.com/trustelem/zxcvbn/match"
	"golang.org/x/text/unicode/norm"

	"fieldgate/static"
)

const (
	// MinLength is how many characters a password has at least, after NFC: NIST
	// SP 800-63B-4, 3.1.1.2, for a password that is the only factor.
	MinLength = 15
	// MinLengthOfTwo is how many one has that a second factor stands beside.
	MinLengthOfTwo = 8
	// MaxLength is how many it has at most.
	MaxLength = 128

	// judged characters are looked at for patterns: the time this takes grows
	// faster than the length, and forty decide.
	judged = 40

	// minScore is zxcvbn's "safely unguessable: moderate protection from an
	// offline attack", on its scale from 0 to 4.
	minScore = 3
)

// Zxcvbn has made dictionaries of its lists by now; they themselves would stay in
// memory for nothing, 1.5 MB.
func init() { frequency.FrequencyLists = nil }

// Check tells what is wrong with a new password, in words for the person who
// chose it, or "" when it may be used. Known is what an attacker would try
// first: the person's name and email address, the business's name. It takes
// milliseconds of a processor; where many may ask at once, use Hasher.Check.
func Check(password string, known ...string) string { return CheckFrom(MinLength, password, known...) }

// CheckFrom is Check with another shortest length.
func CheckFrom(shortest int, password string, known ...string) string {
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return "This contains characters that cannot be used in a password."
	}
	if len(password) > MaxLength*utf8.UTFMax*4 { // not worth normalising
		return tooLong
	}
	characters := []rune(tidied(password))
	switch {
	case len(characters) == 0:
		return "Choose a password."
	case len(characters) < shortest:
		return fmt.Sprintf("Use at least %d characters.", shortest)
	case len(characters) > MaxLength:
		return tooLong
	}
	head := string(characters[:min(len(characters), judged)])
	words := knownWords(append([]string{program}, known...))
	if rest, found := without(head, words); found && zxcvbn.PasswordStrength(rest, words).Score < minScore {
		return easy(knownPattern)
	}
	if result := zxcvbn.PasswordStrength(head, words); result.Score < minScore {
		return easy(mainPattern(result.Sequence))
	}
	if stolen()[strings.ToLower(string(characters))] {
		return easy(stolenPattern)
	}
	return ""
}

var tooLong = fmt.Sprintf("Use at most %d characters.", MaxLength)

// TooShort reports whether a password has too few characters, whatever they are.
func TooShort(password string) bool {
	return len(password) <= MinLength*utf8.UTFMax*2 && utf8.RuneCountInString(tidied(password)) < MinLength
}

// program is known to everybody who attacks one of its installations.
const program = "Fieldgate"

// tidied is the password as it counts: composed, and without the blank that
// comes along when it is pasted.
func tidied(password string) string { return strings.TrimRight(norm.NFC.String(password), " \t\r\n") }

// without is what an attacker who begins with the known words still has to
// guess. It has to be hard by itself: zxcvbn alone lets four known words in a row
// pass, as it would four out of a dictionary, and the business's name with a
// year and another word, too.
func without(password string, words []string) (rest string, found bool) {
	rest = joined(withoutAccents(strings.ToLower(password)))
	byLength := slices.SortedFunc(slices.Values(words), func(a, b string) int { return len(b) - len(a) })
	for _, w := range byLength {
		w = joined(withoutAccents(w))
		if utf8.RuneCountInString(w) < 3 || !strings.Contains(rest, w) {
			continue
		}
		found = true
		rest = strings.ReplaceAll(rest, w, "")
	}
	return rest, found
}

// stolen are the passwords that stand in lists of stolen ones, those that are
// long enough to be chosen at all. Zxcvbn knows shorter ones only.
var stolen = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(static.StolenPasswords()) {
		all[strings.ToLower(tidied(line))] = true
	}
	return all
})

// These stand beside zxcvbn's own names of patterns.
const (
	knownPattern  = "known"
	stolenPattern = "stolen"
)

// mainPattern names the pattern that covers most of the password.
func mainPattern(sequence []*match.Match) string {
	covered := map[string]int{}
	most := ""
	for _, m := range sequence {
		pattern := m.Pattern
		if pattern == "dictionary" && m.DictionaryName == "user_inputs" {
			pattern = knownPattern
		}
		covered[pattern] += utf8.RuneCountInString(m.Token)
		if covered[pattern] > covered[most] {
			most = pattern
		}
	}
	return most
}

// easy says why a password is easy to guess, and what to do.
func easy(pattern string) string {
	why := "."
	switch pattern {
	case knownPattern:
		why = ": it is built from your name, your email address or the business's name."
	case stolenPattern:
		why = ": it stands in lists of stolen passwords, which are tried first."
	case "dictionary":
		why = ": it is made of common words, or many people use it."
	case "repeat":
		why = ": it repeats the same characters."
	case "sequence":
		why = ": its characters follow one another, like abc or 123."
	case "spatial":
		why = ": its characters are neighbours on the keyboard."
	case "date", "regex":
		why = ": it is mostly a date."
	}
	return "This is easy to guess" + why + " Try four or more unrelated words."
}

// knownWords takes apart what is known: as it stands, word by word, and with
// the words joined, each also without accents, in lower case as the
// dictionaries are. An email address falls into its words like a name does.
func knownWords(known []string) []string {
	const longest, enough = 64, 100
	var words []string
	seen := map[string]bool{}
	add := func(word string) {
		for _, w := range []string{word, withoutAccents(word)} {
			if utf8.RuneCountInString(w) > 1 && !seen[w] && len(words) < enough {
				seen[w] = true
				words = append(words, w)
			}
		}
	}
	for _, k := range known {
		k = strings.ToLower(norm.NFC.String(strings.ToValidUTF8(k, "")))
		if r := []rune(k); len(r) > longest {
			k = string(r[:longest])
		}
		add(strings.TrimSpace(k))
		parts := strings.FieldsFunc(k, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		add(strings.Join(parts, ""))
		if local, domain, ok := strings.Cut(k, "@"); ok {
			add(local)
			add(domain)
			add(joined(local))
		}
		for _, p := range parts {
			add(p)
		}
	}
	return words
}

// joined drops what stands between the words.
func joined(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func withoutAccents(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}
