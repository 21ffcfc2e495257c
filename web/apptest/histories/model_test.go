// Package histories runs customers and staff against each other at the same
// moment, and asks whether one order of what they did explains all that each of
// them was answered.
package histories_test

import (
	"fmt"

	"fieldgate/internal/quote"
)

// deed is one thing that somebody does with the quote, or with its file.
type deed struct {
	Who     string // lee, kim: contacts who may accept; ada, ben: staff
	What    string // see deeds
	Version int64  // of the quote: the one that a contact was shown, or the row's that staff were
}

// step is a deed as it went: when it was asked for and answered, on one count
// of moments, and the answer.
type step struct {
	deed
	Asked, Answered int64
	Answer          string
}

// String is one line of a history.
func (s step) String() string {
	return fmt.Sprintf("%3d–%3d %s: %s %d → %s", s.Asked, s.Answered, s.Who, s.What, s.Version, s.Answer)
}

// The answers.
const (
	done     = "done"
	refused  = "refused" // as the quote stands, or somebody was faster
	notThere = "404"     // nothing that this contact may see
	outside  = "sign in" // the session has ended
	opened   = "opened"  // a file
	away     = "503"     // the machine was too busy: nothing, or all of it, was done
	sees     = "sees the quote as "
)

// state is all that the deeds are about.
type state struct {
	Status     quote.Status
	Row        int64 // the version of the quote's row, which each change raises
	Sent       int64 // number of the version that was sent last
	Newest     int64 // number of the newest version
	AnsweredBy string
	Suspended  bool // Lee
	SignedOut  bool // Lee's session has ended with the suspension
	Shared     bool // the file
}

// shown is the quote's status as contacts read it.
func (s state) shown() quote.Status {
	if s.Status != quote.Draft {
		return s.Status
	}
	if s.AnsweredBy != "" {
		return quote.Declined
	}
	return quote.Sent
}

// next is the state after a deed, and whether its answer is the right one. It is
// the product's rules once more, in the plainest words: a rule that the program
// and the model both have wrong is the business of other tests.
func (s state) next(d step) (state, bool) {
	if d.Who == "lee" && s.SignedOut {
		// Who was let in a moment before finds nothing any more.
		return s, d.Answer == outside || s.Suspended && d.Answer == notThere
	}
	changed := func(after state) (state, bool) {
		after.Row++
		return after, d.Answer == done
	}
	switch d.What {
	case "look":
		return s, d.Answer == sees+string(s.shown())
	case "open the file":
		if s.Shared {
			return s, d.Answer == opened
		}
		return s, d.Answer == notThere
	case "accept", "decline":
		to := quote.Accepted
		if d.What == "decline" {
			to = quote.Declined
		}
		if s.Status == to && s.AnsweredBy == d.Who && d.Version == s.Sent {
			return s, d.Answer == done // the same answer again
		}
		if s.Status != quote.Sent || d.Version != s.Sent {
			return s, d.Answer == refused
		}
		after := s
		after.Status, after.AnsweredBy = to, d.Who
		return changed(after)
	case "withdraw", "revise", "send":
		to := map[string]quote.Status{"withdraw": quote.Withdrawn, "revise": quote.Draft, "send": quote.Sent}[d.What]
		if !s.Status.May(to) || d.Version != s.Row {
			return s, d.Answer == refused
		}
		after := s
		after.Status = to
		switch to {
		case quote.Draft:
			if s.Newest == s.Sent {
				after.Newest++
			}
		case quote.Sent:
			after.Sent, after.AnsweredBy = s.Newest, ""
		}
		return changed(after)
	case "suspend":
		s.Suspended, s.SignedOut = true, true
		return s, d.Answer == done
	case "restore":
		s.Suspended = false
		return s, d.Answer == done
	case "share", "hide":
		s.Shared = d.What == "share"
		return s, d.Answer == done
	}
	return s, false
}

// after are the states that a step with its answer can lead to.
func (s state) after(d step) (states []state) {
	if d.Answer == away {
		states, d.Answer = append(states, s), done
	}
	if after, right := s.next(d); right {
		states = append(states, after)
	}
	return states
}

// explained reports whether some order of the steps, in which none comes before
// one that was answered before it was asked, leads from one state to the other
// and gives every step the answer that it had.
func explained(from, to state, steps []step) bool {
	type place struct {
		past  uint64
		state state
	}
	dead := map[place]bool{}
	var search func(past uint64, s state) bool
	search = func(past uint64, s state) bool {
		if past == 1<<len(steps)-1 {
			return s == to
		}
		here := place{past, s}
		if dead[here] {
			return false
		}
		for i, next := range steps {
			if past&(1<<i) != 0 || waits(steps, past, next) {
				continue
			}
			for _, after := range s.after(next) {
				if search(past|1<<i, after) {
					return true
				}
			}
		}
		dead[here] = true
		return false
	}
	return search(0, from)
}

// waits reports whether a step that is not done yet was answered before this
// one was asked.
func waits(steps []step, past uint64, next step) bool {
	for i, other := range steps {
		if past&(1<<i) == 0 && other.Answered < next.Asked {
			return true
		}
	}
	return false
}
