package ui

import (
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/job"
)

// Heading opens a page.
type Heading struct {
	Title, Subtitle string
	// Number is the quiet number above the title: J-1001.
	Number string
	// BackURL and BackLabel lead up one level.
	BackURL, BackLabel string
}

// Tab is one tab of a page, a link of its own.
type Tab struct {
	Label, URL string
	// Count is shown when not empty; write it with Count.
	Count   string
	Current bool
}

// Search is a list's search field. With htmx it searches as you type and swaps Target.
type Search struct {
	// Name is "q" when empty.
	Name, Value string
	// Label names the field; Placeholder shows what may be searched.
	Label, Placeholder string
	// Action is the list's own address.
	Action string
	// Keep are the other choices of the list, such as its filter.
	Keep []Pair
	// Target is the selector of what is swapped; "#results" when empty.
	Target string
	// Autofocus puts the cursor into it: on pages that ask for nothing else.
	Autofocus bool
	// Also are the ids, with spaces between, of what changes with the results but stands elsewhere, such as the counts of filters.
	Also string
	// Open shows its Filters at once: to whoever has asked for more to choose from.
	Open bool
}

// also are the selectors of Also.
func (s Search) also() string {
	return "#" + strings.Join(strings.Fields(s.Also), ",#")
}

// Pages are the ways to the pages before and after; empty where there is none.
type Pages struct {
	PreviousURL, NextURL string
	// Shown says what this page shows: "Jobs 1–25 of 60".
	Shown string
}

// Column is the head of a table's column.
type Column struct {
	Label string
	// URL sorts by the column; empty when it does not sort.
	URL string
	// Sorted is "ascending", "descending" or empty.
	Sorted string
	// Number aligns the column to its end.
	Number bool
	// HideLabel keeps the words for readers of the page aloud only.
	HideLabel bool
}

// Fact is one thing to know. A fact without a Value shows a dash.
type Fact struct {
	Label, Value string
	// Note is the quiet line beneath a value.
	Note string
	// URL makes the value a link: "tel:", "mailto:" or a page.
	URL string
	// Wide takes the whole width; long texts keep their lines.
	Wide bool
	// Body replaces Value, for pills and tints.
	Body templ.Component
}

// Kind is the tone of a notice.
type Kind string

// The kinds of notices.
const (
	Info    Kind = "info"
	Success Kind = "success"
	Warning Kind = "warning"
	Bad     Kind = "danger"
)

func (k Kind) icon() string {
	switch k {
	case Success:
		return "circle-check"
	case Warning:
		return "triangle-alert"
	case Bad:
		return "circle-alert"
	default:
		return "info"
	}
}

// Message is what a finished action tells on the next page.
type Message struct {
	Kind Kind
	Text string
}

// FlashMessage is what the last request has to say; it warns when something was
// not done.
func FlashMessage(words string, warns bool) Message {
	if warns {
		return Message{Kind: Warning, Text: words}
	}
	return Message{Kind: Success, Text: words}
}

// Event is a point on a timeline.
type Event struct {
	Title, Text string
	// At is the moment as people read it, ISO as machines do.
	At, ISO string
	By      string
	Icon    string
	// URL makes the title a link.
	URL string
	// Body follows the title, for a pill.
	Body templ.Component
}

// Step is one step of a procedure.
type Step struct {
	Label         string
	Done, Current bool
}

// Tile is one field of a Board.
type Tile struct {
	Label, URL string
	Count      int
	// JobStatus gives the tile the mark of that status.
	JobStatus job.Status
	Current   bool
}
