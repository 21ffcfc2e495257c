// Package ics writes a visit as an entry for calendars: iCalendar, RFC 5545.
package ics

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is one entry. Moments are written in UTC, which every calendar shows
// in its reader's own zone, summer time included.
type Event struct {
	UID         string    // the same for ever, so that a second entry replaces the first
	Sequence    int64     // grows with each change
	Stamp       time.Time // when this was written
	Changed     time.Time // when the job or its site last changed; zero for contacts, who would read from it when the office wrote something for itself
	From        time.Time
	Until       time.Time // zero when only the beginning is known
	Summary     string
	Location    string
	Description string
	URL         string
	Organizer   string // the address of whom it comes from; may be empty
	Cancelled   bool   // it takes an earlier entry away
}

// Visit is somebody's coming for a job, as both the portal and emails tell of it.
type Visit struct {
	Number, Title, Description string
	Business, Phone, Email     string
	Place                      []string // site and address, as far as known
	From                       time.Time
	Until                      *time.Time
	Version                    int64 // of the job
	Changed                    time.Time
	Cancelled                  bool
}

// Event is the visit as an entry that leads to page, the job's address.
func (v Visit) Event(stamp time.Time, page string) Event {
	host := "fieldgate"
	if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	e := Event{
		UID: v.Number + "@" + host, Sequence: v.Version, Stamp: stamp, Changed: v.Changed, From: v.From, Summary: v.Business + ": " + v.Title, URL: page, Organizer: v.Email, Cancelled: v.Cancelled,
		Location: strings.Join(slices.DeleteFunc(slices.Clone(v.Place), func(s string) bool { return s == "" }), ", "), Description: v.Description + "\n\n" + v.Number,
	}
	if v.Phone != "" {
		e.Description += "\n" + v.Phone
	}
	if v.Until != nil {
		e.Until = *v.Until
	}
	return e
}

// Method says what a calendar does with the event: iTIP, RFC 5546. What is published
// names its organizer (section 3.2.1); without one it is an entry and no more.
func (e Event) Method() string {
	switch {
	case e.Cancelled:
		return "CANCEL"
	case e.Organizer == "":
		return ""
	}
	return "PUBLISH"
}

// Type is the media type of a file of a method, which both say or neither
// (RFC 5545, section 8.1).
func Type(method string) string {
	if method == "" {
		return "text/calendar; charset=utf-8"
	}
	return "text/calendar; charset=utf-8; method=" + method
}

const product = "-//Fieldgate//Portal//EN"

// Write is the file of an event.
func Write(e Event) []byte {
	var b bytes.Buffer
	begin(&b, e.Method())
	e.write(&b)
	fold(&b, "END:VCALENDAR")
	return b.Bytes()
}

// Calendar is a file that a calendar reads again and again. It shows what is
// booked; a visit that was called off is not in it any more. Whoever reads such a
// file replaces all that they had of it by what it says now, and so the visit goes,
// while an entry that says it is cancelled stays in some calendars, struck out or
// not.
type Calendar struct {
	Name    string
	Refresh time.Duration // how often to look again
	Events  []Event
}

// Method is that of all its events, none when one has none.
func (c Calendar) Method() string {
	if len(c.Events) == 0 || slices.ContainsFunc(c.Events, func(e Event) bool { return e.Method() != "PUBLISH" }) {
		return ""
	}
	return "PUBLISH"
}

// Write is the file of the calendar as it is at stamp.
func (c Calendar) Write(stamp time.Time) []byte {
	var b bytes.Buffer
	method := c.Method()
	begin(&b, method)
	every := "PT" + strconv.Itoa(int(c.Refresh.Minutes())) + "M"
	for _, line := range []string{
		"NAME:" + text(c.Name), "X-WR-CALNAME:" + text(c.Name), // RFC 7986, and what came before it
		"REFRESH-INTERVAL;VALUE=DURATION:" + every, "X-PUBLISHED-TTL:" + every,
	} {
		fold(&b, line)
	}
	if len(c.Events) == 0 {
		// A calendar is not allowed to be empty (section 3.6), and Outlook refuses one.
		for _, line := range []string{"BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "TZNAME:UTC", "END:STANDARD", "END:VTIMEZONE"} {
			fold(&b, line)
		}
	}
	for _, e := range c.Events {
		if e.Stamp = stamp; method == "" && !e.Changed.IsZero() {
			e.Stamp = e.Changed // what is not published has no other moment, section 3.8.7.2
		}
		e.write(&b)
	}
	fold(&b, "END:VCALENDAR")
	return b.Bytes()
}

func begin(b *bytes.Buffer, method string) {
	for _, line := range []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:" + product, "CALSCALE:GREGORIAN"} {
		fold(b, line)
	}
	if method != "" {
		fold(b, "METHOD:"+method)
	}
}

func (e Event) write(b *bytes.Buffer) {
	line := func(name, value string) { fold(b, name+":"+value) }
	line("BEGIN", "VEVENT")
	line("UID", text(e.UID))
	line("DTSTAMP", moment(e.Stamp))
	if !e.Changed.IsZero() {
		line("LAST-MODIFIED", moment(e.Changed))
	}
	line("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
	line("DTSTART", moment(e.From))
	if e.Until.After(e.From) {
		line("DTEND", moment(e.Until))
	}
	line("SUMMARY", text(e.Summary))
	for _, p := range []struct{ name, value string }{{"LOCATION", text(e.Location)}, {"DESCRIPTION", text(e.Description)}, {"URL", address(e.URL)}} {
		if p.value != "" {
			line(p.name, p.value)
		}
	}
	if e.Organizer != "" {
		line("ORGANIZER", "mailto:"+address(e.Organizer))
	}
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	line("STATUS", status)
	line("END", "VEVENT")
}

// moment is a date with UTC time, section 3.3.5.
func moment(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text escapes what people wrote, section 3.3.11. Other control characters are
// not allowed at all.
func text(s string) string { return escapes.Replace(strings.Map(printable, s)) }

// address is a URI, which is not escaped: what would end its line is left out.
func address(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}

func printable(r rune) rune {
	if (r < ' ' && r != '\n' && r != '\r' && r != '\t') || r == 0x7f || r == utf8.RuneError {
		return -1
	}
	return r
}

// maxLine is how many bytes a line may have, section 3.1.
const maxLine = 75

// fold writes a line, broken where it is too long but never inside a letter.
func fold(b *bytes.Buffer, line string) {
	room := maxLine
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut])
		b.WriteString("\r\n ")
		line, room = line[cut:], maxLine-1 // the space counts
	}
	b.WriteString(line)
	b.WriteString("\r\n")
}
