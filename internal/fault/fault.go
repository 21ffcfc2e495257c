// Package fault names the kinds of failure that a page answers differently.
package fault

import (
	"errors"
	"fmt"
)

// NotFound is for what does not exist, or does not exist for the one who asks.
var NotFound = errors.New("not found")

// Forbidden is for what one sees but may not do.
var Forbidden = errors.New("forbidden")

// Stale is for an edit of something that somebody else has changed meanwhile.
var Stale = errors.New("changed meanwhile")

// Conflict is a request that the present state of things does not allow; its
// words are shown to the user.
type Conflict struct{ Words string }

// Error is the sentence shown.
func (c Conflict) Error() string { return c.Words }

// Refuse is a Conflict with the sentence to show.
func Refuse(format string, args ...any) error { return Conflict{Words: fmt.Sprintf(format, args...)} }

// Denied is Forbidden with the sentence to show, and a title of its own if need be.
type Denied struct{ Title, Words string }

// Error is the sentence shown.
func (d Denied) Error() string { return d.Words }

// Is makes a Denied a Forbidden.
func (d Denied) Is(target error) bool { return target == Forbidden }
