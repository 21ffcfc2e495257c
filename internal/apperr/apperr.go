// Package apperr names the kinds of failure that are answered differently: a
// page, the API and a worker each have one answer for a kind.
package apperr

import (
	"errors"
	"fmt"
	"time"
)

// NotFound is for what does not exist, or does not exist for the one who asks.
var NotFound = errors.New("not found")

// Stale is for an edit of something that somebody else has changed meanwhile.
var Stale = errors.New("changed meanwhile")

// ProofNeeded is for what changes rights, addresses or staff, when whoever is
// signed in has not given their password lately.
var ProofNeeded = errors.New("the password is needed again")

// CodeNeeded is for what answers in a contact's name, when whoever has come by a
// record link has not shown yet that the contact's mailbox is theirs.
var CodeNeeded = errors.New("a code from the contact's mailbox is needed")

// SignedOut is for what somebody asked for whose session ended before it was done.
var SignedOut = errors.New("signed out meanwhile")

// Busy is for more than one visitor may do at once.
var Busy = errors.New("too much at once")

// OtherSite is for a form that another website sent.
var OtherSite = errors.New("from another site")

// OtherMethod is for an address that takes something else than was sent.
var OtherMethod = errors.New("not this method")

// Conflict is a request that the present state of things does not allow; its
// words are shown to the user.
type Conflict struct{ Words string }

// Error is the sentence shown.
func (c Conflict) Error() string { return c.Words }

// Conflictf is a Conflict with the sentence to show.
func Conflictf(format string, args ...any) error {
	return Conflict{Words: fmt.Sprintf(format, args...)}
}

// Forbidden is for what one sees but may not do: with the sentence to show if
// there is more to say than that, and a title of its own if need be.
type Forbidden struct{ Title, Words string }

// Error is the sentence shown.
func (f Forbidden) Error() string {
	if f.Words == "" {
		return "forbidden"
	}
	return f.Words
}

// Is makes every Forbidden the same kind, whatever its words.
func (f Forbidden) Is(target error) bool {
	_, same := target.(Forbidden)
	return same
}

// TooMany is for more than somebody may send: with the sentence to show, and
// how long to wait if that helps.
type TooMany struct {
	Words string
	Wait  time.Duration
}

// Error is the sentence shown.
func (t TooMany) Error() string { return t.Words }
