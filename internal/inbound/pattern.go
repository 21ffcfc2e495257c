package inbound

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when the first email comes:
// those of many languages take ten milliseconds of each start, and of the memory
// of installations that no email reaches.
type pattern func() *regexp.Regexp

func expression(text string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

func (p pattern) in(s string) bool { return p().MatchString(s) }
