package token

import (
	"slices"
	"strings"
)

// Scope is something that a token may do: an area, and whether it is read or
// written. Who may write may read: an answer to a change shows the thing.
type Scope string

// EventsRead lets read what customers did.
const EventsRead Scope = "events:read"

// Area is a part of what the API reaches.
type Area struct {
	Name  string // as scopes have it
	Label string
	Words string // what it covers, when the label does not say it all
	Fixed bool   // it is only read
}

// Areas are all there are, in the order of the form.
var Areas = []Area{
	{Name: "customers", Label: "Customers"},
	{Name: "sites", Label: "Sites"},
	{Name: "contacts", Label: "Contacts", Words: "Names and addresses. Access to the portal stays with staff."},
	{Name: "equipment", Label: "Equipment"},
	{Name: "jobs", Label: "Jobs", Words: "With their tasks and time."},
	{Name: "quotes", Label: "Quotes"},
	{Name: "files", Label: "Files"},
	{Name: "messages", Label: "Messages"},
	{Name: "notes", Label: "Staff notes", Words: "What staff write for each other on jobs and quotes."},
	{Name: "job-types", Label: "Job Types"},
	{Name: "staff", Label: "Staff", Words: "Names and addresses of who works here.", Fixed: true},
	{Name: "events", Label: "Events", Words: "What customers did in the portal.", Fixed: true},
}

// Read is the scope that reads the area.
func (a Area) Read() Scope { return Scope(a.Name + ":read") }

// Write is the scope that changes the area, "" where nothing does.
func (a Area) Write() Scope {
	if a.Fixed {
		return ""
	}
	return Scope(a.Name + ":write")
}

// Everything are all scopes, and ReadOnly those that read.
func Everything() []Scope {
	var all []Scope
	for _, a := range Areas {
		all = append(all, a.Read())
		if a.Write() != "" {
			all = append(all, a.Write())
		}
	}
	return all
}

// ReadOnly are the scopes that read, all of them.
func ReadOnly() []Scope {
	return slices.DeleteFunc(Everything(), func(s Scope) bool { return strings.HasSuffix(string(s), ":write") })
}

// Known reports whether there is such a scope.
func (s Scope) Known() bool { return slices.Contains(Everything(), s) }

// tidied are scopes in the order of Areas, each once, with what they include.
// Those that do not exist are left out.
func tidied(given []Scope) []Scope {
	out := []Scope{}
	for _, a := range Areas {
		writes := a.Write() != "" && slices.Contains(given, a.Write())
		if writes || slices.Contains(given, a.Read()) {
			out = append(out, a.Read())
		}
		if writes {
			out = append(out, a.Write())
		}
	}
	return out
}
