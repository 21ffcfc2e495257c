// Package job holds the work itself: what is to be done for a customer, where
// it stands, its tasks and the time logged on it, and the types of jobs.
package job

import "slices"

// Status is where a job stands.
type Status string

// The statuses. A new one also needs its constraint in the database, its place
// in Statuses and its row in each map marked exhaustive; linter and tests say
// where.
const (
	StatusNew   Status = "new" // asked for in the portal
	Unscheduled Status = "unscheduled"
	Booked      Status = "booked"
	InProgress  Status = "in progress"
	Deferred    Status = "deferred"
	Completed   Status = "completed"
	Closed      Status = "closed"
	Cancelled   Status = "cancelled"
)

// Statuses are all of them, in the order of a job's life.
var Statuses = []Status{StatusNew, Unscheduled, Booked, InProgress, Deferred, Completed, Closed, Cancelled}

// phase is how far along the work is.
type phase int

const (
	asked    phase = iota + 1 // work has not begun: the customer may still change what was asked for
	begun                     // or may have been begun, as of a deferred job
	finished                  // the work is over, one way or another
)

// rules are what holds for a status: the word for it, where a job may move to
// from it, how far along it is, whether it can have a booking, and whether
// somebody is expected while it has one.
type rules struct {
	label    string
	next     []Status
	phase    phase
	booking  bool
	expected bool
}

//exhaustive:enforce
var statuses = map[Status]rules{
	StatusNew:   {"New", []Status{Unscheduled, Booked, Cancelled}, asked, false, false},
	Unscheduled: {"Unscheduled", []Status{Booked, InProgress, Cancelled}, asked, false, false},
	Booked:      {"Booked", []Status{Unscheduled, InProgress, Deferred, Completed, Cancelled}, asked, true, true},
	InProgress:  {"In Progress", []Status{Deferred, Completed, Cancelled}, begun, true, true},
	Deferred:    {"Deferred", []Status{Unscheduled, Booked, Cancelled}, begun, true, false},
	Completed:   {"Completed", []Status{Closed, InProgress}, finished, true, false},
	Closed:      {"Closed", []Status{InProgress}, finished, true, false},
	Cancelled:   {"Cancelled", []Status{Unscheduled}, finished, true, false},
}

// Groups of statuses, for queries.
var (
	OpenStatuses        = statusesWhere(func(r rules) bool { return r.phase != finished })
	FinishedStatuses    = statusesWhere(func(r rules) bool { return r.phase == finished })
	UnscheduledStatuses = statusesWhere(func(r rules) bool { return !r.booking }) // they wait for a date
	ExpectedStatuses    = statusesWhere(func(r rules) bool { return r.expected }) // with a date, somebody comes
)

func statusesWhere(holds func(rules) bool) []Status {
	return slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool { return !holds(statuses[s]) })
}

// Transitions are the statuses a job may move to. Only an Administrator reopens
// a closed one.
func (s Status) Transitions(administrator bool) []Status {
	if s == Closed && !administrator {
		return nil
	}
	return statuses[s].next
}

// May reports whether a job may move to another status.
func (s Status) May(to Status, administrator bool) bool {
	return slices.Contains(s.Transitions(administrator), to)
}

// Finished reports whether the work is over, one way or another.
func (s Status) Finished() bool { return statuses[s].phase == finished }

// Started reports whether work has begun, so that the customer can no longer
// change what was asked for.
func (s Status) Started() bool { return statuses[s].phase != asked }

// Scheduled reports whether a job in this status can have a booking at all.
func (s Status) Scheduled() bool { return statuses[s].booking }

// Expected reports whether somebody comes on the day that a job is booked for.
func (s Status) Expected() bool { return statuses[s].expected }

// CalledOff reports whether a date that a job still has stands no more.
func (s Status) CalledOff() bool { return s == Deferred || s == Cancelled }

// Label is the status as screens write it.
func (s Status) Label() string { return statuses[s].label }

// Priority is how much a job presses; only the office sees it.
type Priority string

// The priorities.
const (
	Low    Priority = "low"
	Normal Priority = "normal"
	High   Priority = "high"
	Urgent Priority = "urgent"
)

// Priorities are all of them.
var Priorities = []Priority{Low, Normal, High, Urgent}

//exhaustive:enforce
var priorities = map[Priority]string{Low: "Low", Normal: "Normal", High: "High", Urgent: "Urgent"}

// Label is the priority as screens write it.
func (p Priority) Label() string { return priorities[p] }
