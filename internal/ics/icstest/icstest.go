// Package icstest reads calendars as strictly as RFC 5545 is written, for tests:
// what it takes, every calendar takes.
package icstest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is what is read.
type Calendar struct {
	Properties map[string]string
	Events     []Event
}

// Event is one entry, its texts without escapes.
type Event struct {
	UID, Summary, Location, Description, URL, Status, Organizer string
	Sequence                                                    int
	Stamp, Start, End, Modified                                 time.Time // End and Modified are zero when there is none
}

// component is BEGIN to END.
type component struct {
	name       string
	properties []property
	within     []component
}

type property struct{ name, params, value string }

// line is a content line, section 3.1: a name, parameters, and a value without
// control characters.
var line = regexp.MustCompile(`^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*))*):([^\x00-\x08\x0a-\x1f\x7f]*)$`)

// Read reads a calendar, or says what is wrong with it.
func Read(file []byte) (c Calendar, err error) {
	text := string(file)
	if !utf8.ValidString(text) {
		return c, errors.New("it is not UTF-8")
	}
	if !strings.HasSuffix(text, "\r\n") {
		return c, errors.New("its last line has no end")
	}
	var unfolded []string
	for n, l := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		switch {
		case len(l) > 75:
			return c, fmt.Errorf("line %d has %d bytes", n+1, len(l))
		case !utf8.ValidString(l):
			return c, fmt.Errorf("line %d is broken inside a letter", n+1)
		case strings.HasPrefix(l, " ") && len(unfolded) > 0:
			unfolded[len(unfolded)-1] += l[1:]
		default:
			unfolded = append(unfolded, l)
		}
	}
	root, rest, err := components(unfolded)
	if err != nil {
		return c, err
	}
	if len(rest) > 0 || root.name != "VCALENDAR" {
		return c, fmt.Errorf("it is a %s, followed by %q", root.name, rest)
	}
	return calendar(root)
}

func components(lines []string) (c component, rest []string, err error) {
	name, is := strings.CutPrefix(lines[0], "BEGIN:")
	if !is {
		return c, nil, fmt.Errorf("%q begins nothing", lines[0])
	}
	c.name, rest = name, lines[1:]
	for len(rest) > 0 {
		part := line.FindStringSubmatch(rest[0])
		switch {
		case part == nil:
			return c, nil, fmt.Errorf("%q is no content line", rest[0])
		case part[1] == "BEGIN":
			var w component
			if w, rest, err = components(rest); err != nil {
				return c, nil, err
			}
			c.within = append(c.within, w)
		case part[1] == "END" && part[3] == c.name:
			return c, rest[1:], nil
		case part[1] == "END":
			return c, nil, fmt.Errorf("%s ends %s", c.name, part[3])
		default:
			c.properties, rest = append(c.properties, property{part[1], part[2], part[3]}), rest[1:]
		}
	}
	return c, nil, fmt.Errorf("%s has no end", c.name)
}

// often says how often a property stands: once, or at most once.
type often map[string]bool // true for a must

func (c component) check(of often) (values map[string]string, err error) {
	values = map[string]string{}
	for _, p := range c.properties {
		_, known := of[p.name]
		if !known && !strings.HasPrefix(p.name, "X-") {
			return nil, fmt.Errorf("%s has no property %s", c.name, p.name)
		}
		if _, twice := values[p.name]; twice {
			return nil, fmt.Errorf("%s has %s twice", c.name, p.name)
		}
		values[p.name] = p.value
	}
	for name, must := range of {
		if _, there := values[name]; must && !there {
			return nil, fmt.Errorf("%s lacks %s", c.name, name)
		}
	}
	return values, nil
}

var duration = regexp.MustCompile(`^P(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$`)

func calendar(root component) (c Calendar, err error) {
	c.Properties, err = root.check(often{"VERSION": true, "PRODID": true, "CALSCALE": false, "METHOD": false, "NAME": false, "REFRESH-INTERVAL": false})
	if err != nil {
		return c, err
	}
	if c.Properties["VERSION"] != "2.0" || len(root.within) == 0 {
		return c, fmt.Errorf("version %q with %d components", c.Properties["VERSION"], len(root.within))
	}
	if every, there := c.Properties["REFRESH-INTERVAL"]; there && (!duration.MatchString(every) || !slices.ContainsFunc(root.properties, func(p property) bool { return p.name == "REFRESH-INTERVAL" && p.params == ";VALUE=DURATION" })) {
		return c, fmt.Errorf("REFRESH-INTERVAL is %q", every)
	}
	uids := map[string]bool{}
	for _, w := range root.within {
		switch w.name {
		case "VTIMEZONE":
			continue
		case "VEVENT":
		default:
			return c, fmt.Errorf("there is a %s", w.name)
		}
		e, err := event(w)
		if err != nil {
			return c, err
		}
		if uids[e.UID] {
			return c, fmt.Errorf("%s stands there twice", e.UID)
		}
		if method := c.Properties["METHOD"]; method != "" && e.Organizer == "" { // RFC 5546, sections 3.2.1 and 3.2.5
			return c, fmt.Errorf("%s is %s by nobody", e.UID, method)
		}
		uids[e.UID] = true
		c.Events = append(c.Events, e)
	}
	if method := c.Properties["METHOD"]; len(c.Events) == 0 && method != "" {
		return c, fmt.Errorf("nothing is %s", method)
	}
	return c, nil
}

func event(w component) (e Event, err error) {
	v, err := w.check(often{
		"UID": true, "DTSTAMP": true, "DTSTART": true, "DTEND": false, "SEQUENCE": false, "SUMMARY": false, "LOCATION": false, "DESCRIPTION": false, "URL": false, "ORGANIZER": false, "STATUS": false, "LAST-MODIFIED": false,
	})
	if err != nil {
		return e, err
	}
	for _, p := range w.properties {
		if p.params != "" {
			return e, fmt.Errorf("%s has the parameters %s", p.name, p.params)
		}
	}
	e.URL, e.Status, e.Organizer = v["URL"], v["STATUS"], v["ORGANIZER"]
	if !slices.Contains([]string{"", "TENTATIVE", "CONFIRMED", "CANCELLED"}, e.Status) {
		return e, fmt.Errorf("the status %q", e.Status)
	}
	if e.Sequence, err = strconv.Atoi("0" + v["SEQUENCE"]); err != nil {
		return e, fmt.Errorf("the sequence: %w", err)
	}
	for name, into := range map[string]*string{"UID": &e.UID, "SUMMARY": &e.Summary, "LOCATION": &e.Location, "DESCRIPTION": &e.Description} {
		if *into, err = unescaped(v[name]); err != nil {
			return e, fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, into := range map[string]*time.Time{"DTSTAMP": &e.Stamp, "DTSTART": &e.Start, "DTEND": &e.End, "LAST-MODIFIED": &e.Modified} {
		if text, there := v[name]; there {
			if *into, err = time.Parse("20060102T150405Z", text); err != nil {
				return e, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if _, ends := v["DTEND"]; ends && !e.End.After(e.Start) {
		return e, fmt.Errorf("%s ends before it begins", e.UID)
	}
	return e, nil
}

// unescaped is a text as it was meant, section 3.3.11.
func unescaped(text string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ';', ',':
			return "", fmt.Errorf("%q stands unescaped in %q", c, text)
		case '\\':
			i++
			if i == len(text) {
				return "", fmt.Errorf("%q ends in an escape", text)
			}
			switch text[i] {
			case '\\', ';', ',':
				b.WriteByte(text[i])
			case 'n', 'N':
				b.WriteByte('\n')
			default:
				return "", fmt.Errorf("there is no escape %q", text[i-1:i+1])
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
