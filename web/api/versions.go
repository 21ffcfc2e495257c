package api

import (
	"strconv"
	"strings"

	"fieldgate/internal/apperr"
)

// ETag is the version of a thing as answers carry it.
func ETag(version int64) string { return `"v` + strconv.FormatInt(version, 10) + `"` }

// Tagged is embedded in what operations return of a thing with a version.
type Tagged struct {
	ETag string `header:"ETag" doc:"The version, for If-Match."`
}

// What is embedded has to be exported: huma looks at nothing else.

// IfMatch is embedded in what operations take that change a thing.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"The ETag that you have read; without one, whatever is there is changed."`
}

// Check is apperr.Stale when the caller has read another version than the one
// that is there, which it is told as 412.
func (m IfMatch) Check(version int64) error {
	if m.IfMatch == "" || matches(m.IfMatch, ETag(version)) {
		return nil
	}
	return apperr.Stale
}

// Version is the version that the caller has read; ok is false when it has named
// none, or any will do. What is no version of ours is 0, which nothing has.
func (m IfMatch) Version() (version int64, ok bool) {
	if m.IfMatch == "" || m.IfMatch == "*" {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(m.IfMatch, `"v`), `"`), 10, 64)
	if err != nil || ETag(n) != m.IfMatch {
		return 0, true
	}
	return n, true
}

// matches reports whether one of the tags of a header is that one.
func matches(header, tag string) bool {
	if strings.TrimSpace(header) == "*" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(part), "W/") == tag {
			return true
		}
	}
	return false
}
