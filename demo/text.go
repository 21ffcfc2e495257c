package demo

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// expand fills in a text of the catalogue: of [this|that] one is taken, of
// [=this|that] the one that values["="] says, and {name} is replaced by what
// values has under that name.
func expand(pick *rand.Rand, text string, values map[string]string) string {
	return strings.TrimSpace(slots.ReplaceAllStringFunc(text, func(slot string) string {
		inside := slot[1 : len(slot)-1]
		if slot[0] == '{' {
			return values[inside]
		}
		same, together := strings.CutPrefix(inside, "=")
		options := strings.Split(same, "|")
		n := pick.IntN(len(options))
		if together {
			n, _ = strconv.Atoi(values["="])
		}
		return expand(pick, options[n%len(options)], values)
	}))
}

var slots = regexp.MustCompile(`\[[^]]*\]|\{[^}]*\}`)

// sentence is expand with a capital letter in front.
func sentence(pick *rand.Rand, text string, values map[string]string) string {
	text = expand(pick, text, values)
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

func one[T any](pick *rand.Rand, of []T) T { return of[pick.IntN(len(of))] }

// between is a number from low to high, both included.
func between(pick *rand.Rand, low, high int) int { return low + pick.IntN(high-low+1) }

func chance(pick *rand.Rand, p float64) bool { return pick.Float64() < p }

// weighted is an index, taken as often as its weight says.
func weighted(pick *rand.Rand, weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	at := pick.IntN(sum)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return 0
}
