package quote

import (
	"fmt"
	"slices"

	"fieldgate/internal/day"
	"fieldgate/internal/list"
)

// Status is where a quote stands.
type Status string

// The statuses. A new one also needs its constraint in the database, its place
// in Statuses and its row in each map marked exhaustive; linter and tests say
// where.
const (
	Requested Status = "requested" // asked for in the portal
	Draft     Status = "draft"
	Sent      Status = "sent"
	Accepted  Status = "accepted"
	Declined  Status = "declined"
	Withdrawn Status = "withdrawn"
	// Expired is computed, never stored: a quote that is Sent and past its
	// valid-until day.
	Expired Status = "expired"
)

// Statuses are all of them, by which the office narrows its list.
var Statuses = []Status{Requested, Draft, Sent, Accepted, Declined, Expired, Withdrawn}

// rules are what holds for a status: the word for it, where a quote may move to
// from it, whether the office may edit it, whether a job can be made of it, and
// what a contact is told who wants to answer it.
type rules struct {
	label    string
	next     []Status
	editable bool
	workable bool
	noAnswer string
}

const notOnOffer = "We are updating this quote, so the price you see no longer holds. We will send you the new one."

//exhaustive:enforce
var statuses = map[Status]rules{
	Requested: {label: "Requested", next: []Status{Draft, Withdrawn}, editable: true, noAnswer: notOnOffer},
	Draft:     {label: "Draft", next: []Status{Sent, Withdrawn}, editable: true, noAnswer: notOnOffer},
	Sent:      {label: "Sent", next: []Status{Accepted, Declined, Withdrawn, Draft}, workable: true},
	Accepted:  {label: "Accepted", workable: true, noAnswer: "This quote has been accepted already."},
	Declined:  {label: "Declined", next: []Status{Draft}, noAnswer: "This quote has been declined already. If you have changed your mind, ask us for an updated quote."},
	Withdrawn: {label: "Withdrawn", noAnswer: "This quote has been withdrawn, so it can no longer be answered."},
	Expired:   {label: "Expired", noAnswer: "The price was valid for a limited time, and that has ended. Ask us for an updated quote."},
}

// UnpricedStatuses are those of quotes that are not finished: until one of
// their versions is sent they wait for a price.
var UnpricedStatuses = slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool { return !s.Editable() })

// Label is the status as screens write it.
func (s Status) Label() string { return statuses[s].label }

// May reports whether a quote may move from one status to another.
func (s Status) May(to Status) bool { return slices.Contains(statuses[s].next, to) }

// Editable reports whether the office may change a quote of this status.
func (s Status) Editable() bool { return statuses[s].editable }

// Workable reports whether a job can be created from a quote of this status:
// once it was accepted, or as soon as it was sent, for customers who agree by phone.
func (s Status) Workable() bool { return statuses[s].workable }

// Shown is the status as people see it: Expired where it is.
func (s Status) Shown(validUntil, today day.Day) Status {
	if s == Sent && !validUntil.IsZero() && validUntil.Before(today) {
		return Expired
	}
	return s
}

// Narrow leaves only the quotes q that people see in this status. Today is asked
// for in a select, so that one plan does for all days.
func (s Status) Narrow(w *list.Where, today day.Day) {
	const until = "coalesce(q.valid_until, 'infinity')"
	switch s {
	case Expired:
		w.And(list.Is("q.status", Sent)+" and "+until+" < (select @today::date)", "today", today)
	case Sent:
		w.And(list.Is("q.status", Sent)+" and "+until+" >= (select @today::date)", "today", today)
	default:
		w.And(list.Is("q.status", s))
	}
}

// whyNotEdit says why a quote of this status cannot be edited.
func (s Status) whyNotEdit() string {
	if s.May(Draft) {
		return fmt.Sprintf("This quote has been %s. Make a new version to change it.", s)
	}
	return fmt.Sprintf("This quote has been %s and can no longer be changed.", s)
}
