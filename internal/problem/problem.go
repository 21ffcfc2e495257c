// Package problem carries what is wrong with a form back to its fields.
package problem

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Set maps the name of a field to the sentence shown next to it. The key ""
// is for what concerns the form as a whole. A Set is an error; an empty one
// is not a failure: return Err().
type Set map[string]string

// Error lists the problems, for logs and tests; pages show them one by one.
func (s Set) Error() string {
	var b strings.Builder
	for i, field := range slices.Sorted(maps.Keys(s)) {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(field + ": " + s[field])
	}
	return b.String()
}

// Unless records sentence for field when ok is false. The first problem of a
// field stays.
func (s Set) Unless(ok bool, field, sentence string) {
	if _, known := s[field]; !ok && !known {
		s[field] = sentence
	}
}

// Add records a sentence for field.
func (s Set) Add(field, sentence string) { s.Unless(false, field, sentence) }

// Join adds the problems of another set and returns s.
func (s Set) Join(other Set) Set {
	for field, sentence := range other {
		s.Add(field, sentence)
	}
	return s
}

// Under is the set of a form whose fields stand in a larger one, where their
// names begin with prefix.
func (s Set) Under(prefix string) Set {
	under := make(Set, len(s))
	for field, sentence := range s {
		under[prefix+field] = sentence
	}
	return under
}

// Err is nil for a set without problems.
func (s Set) Err() error {
	if len(s) == 0 {
		return nil
	}
	return s
}

// Of is a set with one problem.
func Of(field, sentence string) error { return Set{field: sentence} }

// Number checks a number that something had elsewhere; empty is none. It stands
// in addresses.
func (s Set) Number(number string) {
	s.Unless(number == "" || numbers.MatchString(number), "number", "A number may have letters, digits, dots and dashes, up to 40 of them.")
}

var numbers = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
