package officeview

import "fieldgate/internal/job"

// transition is a move of a job, as a button says it.
type transition struct {
	to                job.Status
	label, hint, icon string
}

// transitionTo words the move from one status to another.
func transitionTo(from, to job.Status) transition {
	//exhaustive:enforce
	switch to {
	case job.Booked:
		return transition{to, "Book", "Choose the date. Contacts see it as Date Booked.", "calendar-clock"}
	case job.InProgress:
		if from.Finished() {
			return transition{to, "Reopen", "Work goes on; the time of completion is forgotten.", "rotate-ccw"}
		}
		return transition{to, "Start work", "Contacts can no longer change what they asked for.", "wrench"}
	case job.Completed:
		return transition{to, "Complete", "The work is done, as of now.", "circle-check"}
	case job.Closed:
		return transition{to, "Close job", "Invoiced and settled. Only an Administrator reopens it.", "lock"}
	case job.Deferred:
		return transition{to, "Defer", "Put off until it is booked again.", "alarm-clock"}
	case job.Cancelled:
		return transition{to, "Cancel job", "Nothing will be done. It can be taken up again.", "x"}
	case job.Unscheduled:
		switch from {
		case job.Cancelled:
			return transition{to, "Take up again", "It waits to be scheduled.", "rotate-ccw"}
		case job.StatusNew:
			return transition{to, "Accept", "It waits to be scheduled.", "check"}
		}
		return transition{to, "Unschedule", "The date is dropped; it waits for another one.", "calendar"}
	case job.StatusNew: // none leads there
	}
	return transition{to: to, label: to.Label(), icon: "arrow-right"}
}

// usualNext is the usual move from a status, which gets the main button; ""
// when there is no usual one.
//
//exhaustive:enforce
var usualNext = map[job.Status]job.Status{
	job.StatusNew: job.Booked, job.Unscheduled: job.Booked, job.Booked: job.InProgress, job.InProgress: job.Completed, job.Deferred: job.Booked, job.Completed: job.Closed,
	job.Closed: "", job.Cancelled: "",
}

// moveForms are the moves that ask something first, with the name of their
// page and dialog; "" asks nothing.
//
//exhaustive:enforce
var moveForms = map[job.Status]string{
	job.Booked: "booking", job.Completed: "completion", job.Cancelled: "cancellation", job.Unscheduled: "unscheduling", job.Deferred: "deferral",
	job.StatusNew: "", job.InProgress: "", job.Closed: "",
}

// MoveAsks reports whether a move from one status to another asks something
// first: nothing is called off where nobody was expected.
func MoveAsks(from, to job.Status) bool {
	if to == job.Unscheduled || to == job.Deferred {
		return from.Expected()
	}
	return moveForms[to] != ""
}

func (t transition) dialog() string { return moveForms[t.to] + "-dialog" }

func moveFormID(to job.Status) string { return moveForms[to] + "-form" }

func (t transition) question(number string) string {
	switch t.to {
	case job.Booked:
		return "Book " + number
	case job.Completed:
		return "Complete " + number
	case job.Unscheduled:
		return "Unschedule " + number + "?"
	case job.Deferred:
		return "Defer " + number + "?"
	}
	return "Cancel " + number + "?"
}

func (v JobHead) transitions() []transition {
	var all []transition
	for _, to := range v.Job.Status.Transitions(v.Administrator) {
		all = append(all, transitionTo(v.Job.Status, to))
	}
	return all
}

// movedTo says for the trail that a job came to a status, with % for the job;
// "" leaves it at the action's own sentence.
//
//exhaustive:enforce
var movedTo = map[job.Status]string{
	job.StatusNew: "", job.Unscheduled: "unscheduled job %", job.Booked: "booked job %", job.InProgress: "began work on job %", job.Deferred: "deferred job %",
	job.Completed: "completed job %", job.Closed: "closed job %", job.Cancelled: "cancelled job %",
}

const workHint = "What was done, in words the customer understands."
