package ui

import (
	"slices"
	"strings"
)

// tone is the colour and mark of a status. Marks differ too, so that nobody has
// to tell statuses apart by colour.
type tone struct{ colour, mark string }

// Statuses are never coloured by the brand: green means done in every business.
var jobTones = map[string]tone{
	"new":         {"violet", "full"},
	"unscheduled": {"grey", "ring"},
	"booked":      {"blue", "full"},
	"in progress": {"amber", "half"},
	"deferred":    {"orange", "ring"},
	"completed":   {"green", "full"},
	"closed":      {"grey", "full"},
	"cancelled":   {"red", "bar"},
}

var quoteTones = map[string]tone{
	"requested": {"violet", "full"},
	"draft":     {"grey", "ring"},
	"sent":      {"blue", "full"},
	"accepted":  {"green", "full"},
	"declined":  {"red", "bar"},
	"withdrawn": {"grey", "bar"},
	"expired":   {"orange", "ring"},
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
	"waiting":   {"grey", "ring"},
	"retrying":  {"amber", "half"},
	"sent":      {"green", "full"},
	"failed":    {"red", "bar"},
	"dropped":   {"grey", "bar"},

	"unread":     {"blue", "full"},
	"unanswered": {"amber", "half"},
	"answered":   {"grey", "ring"},
}

func toneOf(tones map[string]tone, status string) tone {
	t, ok := tones[statusKey(status)]
	if !ok {
		return tone{"grey", "full"}
	}
	return t
}

// statusKey lets "in_progress" and "In Progress" be the same status.
func statusKey(s string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(s))
}

// statusLabel writes a stored status as people read it: "in_progress" is "In Progress".
func statusLabel(s string) string {
	if s != strings.ToLower(s) {
		return s
	}
	words := strings.Fields(statusKey(s))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// Colours are the names a job type may choose from, in the order they are offered.
var Colours = []string{"red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "pink"}

func tintClass(colour string) string {
	if !slices.Contains(Colours, colour) {
		return "tint tint--none"
	}
	return "tint tint--" + colour
}
