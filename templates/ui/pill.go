package ui

import (
	"slices"
	"strings"

	"fieldgate/internal/job"
	"fieldgate/internal/quote"
)

// tone is the colour and mark of a status. Marks differ too, so that nobody has
// to tell statuses apart by colour.
type tone struct{ colour, mark string }

// Statuses are never coloured by the brand: green means done in every business.
//
//exhaustive:enforce
var jobTones = map[job.Status]tone{
	job.StatusNew:   {"violet", "full"},
	job.Unscheduled: {"grey", "ring"},
	job.Booked:      {"blue", "full"},
	job.InProgress:  {"amber", "half"},
	job.Deferred:    {"orange", "ring"},
	job.Completed:   {"green", "full"},
	job.Closed:      {"grey", "full"},
	job.Cancelled:   {"red", "bar"},
}

//exhaustive:enforce
var quoteTones = map[quote.Status]tone{
	quote.Requested: {"violet", "full"},
	quote.Draft:     {"grey", "ring"},
	quote.Sent:      {"blue", "full"},
	quote.Accepted:  {"green", "full"},
	quote.Declined:  {"red", "bar"},
	quote.Withdrawn: {"grey", "bar"},
	quote.Expired:   {"orange", "ring"},
}

var otherTones = map[string]tone{
	"active":    {"green", "full"},
	"invited":   {"blue", "ring"},
	"suspended": {"red", "bar"},
	"no access": {"grey", "ring"},
	"in use":    {"green", "full"},
	"retired":   {"grey", "bar"},
	"on hold":   {"orange", "ring"},
	"archived":  {"grey", "bar"},
	"overdue":   {"red", "full"},
	"due soon":  {"amber", "half"},
	"current":   {"green", "full"},
	"due":       {"amber", "half"},
	"expired":   {"red", "bar"},
	"replaced":  {"grey", "ring"},
	"waiting":   {"grey", "ring"},
	"retrying":  {"amber", "half"},
	"sent":      {"green", "full"},
	"failed":    {"red", "bar"},
	"dropped":   {"grey", "bar"},
	"not sent":  {"amber", "bar"},

	"done":    {"green", "full"},
	"to do":   {"grey", "ring"},
	"ok":      {"green", "full"},
	"warning": {"amber", "half"},
	"fault":   {"red", "bar"},

	"not invited":   {"grey", "ring"},
	"not delivered": {"red", "bar"},
	"link expired":  {"amber", "half"},
	"signed in":     {"green", "full"},
	"not lately":    {"orange", "ring"},
	"unconfirmed":   {"amber", "half"},
	"message":       {"green", "full"},
	"note":          {"grey", "full"},
	"ignored":       {"grey", "bar"},
	"report":        {"grey", "ring"},

	"being read":      {"amber", "half"},
	"being checked":   {"amber", "half"},
	"being imported":  {"amber", "half"},
	"being undone":    {"amber", "half"},
	"being added":     {"amber", "half"},
	"being made":      {"amber", "half"},
	"to check":        {"blue", "ring"},
	"ready to import": {"blue", "ring"},
	"ready to add":    {"blue", "ring"},
	"imported":        {"green", "full"},
	"added":           {"green", "full"},
	"ready":           {"green", "full"},
	"changed":         {"green", "full"},
	"there already":   {"grey", "ring"},
	"to be added":     {"blue", "ring"},
	"to be changed":   {"blue", "ring"},
	"left out":        {"grey", "bar"},
	"stays":           {"amber", "half"},
	"left":            {"amber", "half"},
	"refused":         {"red", "bar"},
	"not readable":    {"red", "bar"},
	"undone":          {"grey", "bar"},
	"taken back":      {"grey", "bar"},
	"restored":        {"grey", "ring"},
	"removed":         {"grey", "bar"},
	"ended":           {"grey", "bar"},

	"on":        {"green", "full"},
	"off":       {"grey", "bar"},
	"delivered": {"green", "full"},
	"skipped":   {"grey", "bar"},

	"unread":     {"blue", "full"},
	"unanswered": {"amber", "half"},
	"answered":   {"grey", "ring"},
}

func toneOf(state string) tone {
	t, ok := otherTones[strings.ToLower(state)]
	if !ok {
		return tone{"grey", "full"}
	}
	return t
}

// stateLabel writes a stored state as people read it: "on hold" is "On Hold".
func stateLabel(s string) string {
	if s != strings.ToLower(s) {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

func tintClass(colour string) string {
	if !slices.Contains(job.Colours, colour) {
		return "tint tint--none"
	}
	return "tint tint--" + colour
}
