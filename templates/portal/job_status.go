package portalview

import (
	"slices"

	"fieldgate/internal/job"
)

// customerWords are a job's statuses as customers would say them, what each
// means for them where nothing else says so, and its icon.
//
//exhaustive:enforce
var customerWords = map[job.Status]struct{ label, meaning, icon string }{
	job.StatusNew:   {"Request received", "We have it and will be in touch.", "send"},
	job.Unscheduled: {"Being scheduled", "We are finding a date.", "inbox"},
	job.Booked:      {"Visit booked", "", "calendar"},
	job.InProgress:  {"Work under way", "We are working on it.", "wrench"},
	job.Deferred:    {"Postponed", "We will be in touch to agree a new date.", "clock"},
	job.Completed:   {"Work done", "", "check"},
	job.Closed:      {"Closed", "", "circle-check"},
	job.Cancelled:   {"Cancelled", "Nothing more will be done.", "x"},
}

// stage is how far a job has come for its customer.
type stage int

const (
	requested stage = iota
	scheduling
	visitBooked
	underWay
	workDone
	halt // postponed or cancelled
)

//exhaustive:enforce
var statusStages = map[job.Status]stage{
	job.StatusNew: requested, job.Unscheduled: scheduling, job.Booked: visitBooked, job.InProgress: underWay, job.Completed: workDone, job.Closed: workDone,
	job.Deferred: halt, job.Cancelled: halt,
}

// statusesAt are the statuses of a stage.
func statusesAt(at stage) []job.Status {
	return slices.DeleteFunc(slices.Clone(job.Statuses), func(s job.Status) bool { return statusStages[s] != at })
}
