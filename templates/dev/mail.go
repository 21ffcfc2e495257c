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
}

// The tabs of a mail.
const (
	Rendered = ""
	Text     = "text"
	Headers  = "headers"
)
