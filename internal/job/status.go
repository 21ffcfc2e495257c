// Package job holds the work itself: what is to be done for a customer, where
// it stands, its tasks and the time logged on it, and the types of jobs.
package job

import "slices"

// Status is where a job stands.
type Status string

// The statuses.
const (
	New         Status = "new" // asked for in the portal
	Unscheduled Status = "unscheduled"
	Booked      Status = "booked"
	InProgress  Status = "in progress"
	Deferred    Status = "deferred"
	Completed   Status = "completed"
	Closed      Status = "closed"
	Cancelled   Status = "cancelled"
)

// Statuses are all of them, in the order of a job's life.
var Statuses = []Status{New, Unscheduled, Booked, InProgress, Deferred, Completed, Closed, Cancelled}

// ways are the moves of a job, as the product defines them.
var ways = map[Status][]Status{
	New:         {Unscheduled, Booked, Cancelled},
	Unscheduled: {Booked, InProgress, Cancelled},
	Booked:      {Unscheduled, InProgress, Deferred, Completed, Cancelled},
	InProgress:  {Deferred, Completed, Cancelled},
	Deferred:    {Unscheduled, Booked, Cancelled},
	Completed:   {Closed, InProgress},
	Closed:      {InProgress},
	Cancelled:   {Unscheduled},
}

// Ways are the statuses a job may move to. Only an Administrator reopens a
// closed one.
func (s Status) Ways(administrator bool) []Status {
	if s == Closed && !administrator {
		return nil
	}
	return ways[s]
}

// May reports whether a job may move to another status.
func (s Status) May(to Status, administrator bool) bool {
	return slices.Contains(s.Ways(administrator), to)
}

// Finished reports whether the work is over, one way or another.
func (s Status) Finished() bool { return s == Completed || s == Closed || s == Cancelled }

// changeable are the statuses in which the customer may still change what was
// asked for: work has not begun.
var changeable = []string{string(New), string(Unscheduled), string(Booked)}

// Started reports whether work has begun, so that the customer can no longer
// change what was asked for. A deferred job may have been begun.
func (s Status) Started() bool { return !slices.Contains(changeable, string(s)) }

// Scheduled reports whether a job in this status can have a booking at all.
func (s Status) Scheduled() bool { return s != New && s != Unscheduled }

// Label is the status as screens write it.
func (s Status) Label() string {
	switch s {
	case InProgress:
		return "In Progress"
	case "":
		return ""
	}
	return string(s[0]-'a'+'A') + string(s[1:])
}

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

// Label is the priority as screens write it.
func (p Priority) Label() string { return Status(p).Label() }
