// Package devview draws the pages that only the demo has.
package devview

import "fieldgate/templates/ui"

// Mail is one received mail.
type Mail struct {
	Number   int
	Subject  string
	From, To string
	Received string
	// Text, or the lines of the header, of the tab that is shown.
	Text    string
	Headers []ui.Fact
	// Attached are the files that came with it.
	Attached []File
}

// File is a file that came with a mail; Text is what it says.
type File struct{ Name, Type, Text string }

// The tabs of a mail.
const (
	Rendered = ""
	Text     = "text"
	Headers  = "headers"
	Bare     = "bare" // without pictures
)

// SampleGroup is a kind of mail.
type SampleGroup struct {
	Name, Event string
	Samples     []Sample
}

// Sample is a mail with made-up facts.
type Sample struct {
	Name    string
	State   string
	Subject string
	Text    string
}

// Body is the part of the address that the frame of a tab shows.
func (s Sample) Body(tab string) string {
	if tab == Bare {
		return "body-bare"
	}
	return "body"
}
