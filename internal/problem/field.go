package problem

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Field describes a field of a thing once, for its form, lists, exports,
// documents, emails and the audit trail.
type Field struct {
	Name   string // in forms and in the audit trail
	Label  string
	Max    int    // characters of a text; 0 for what is chosen
	Called string // in a sentence, when that is not the label in lower case
}

// Fields are the fields of a thing, in the order of its form.
type Fields []Field

// Label is the label of the field of a name; "" when there is none.
func (all Fields) Label(name string) string {
	for _, f := range all {
		if f.Name == name {
			return f.Label
		}
	}
	return ""
}

// Limit checks that a text, which may be empty, is not too long for its field.
func (s Set) Limit(f Field, value string) {
	if utf8.RuneCountInString(value) <= f.Max {
		return
	}
	called := f.Called
	if called == "" {
		called = strings.ToLower(f.Label)
	}
	limit := fmt.Sprint(f.Max)
	if f.Max >= 1000 {
		limit = fmt.Sprintf("%d,%03d", f.Max/1000, f.Max%1000)
	}
	s.Add(f.Name, fmt.Sprintf("Keep the %s under %s characters.", called, limit))
}
