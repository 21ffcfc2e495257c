// Package emailview draws mails. An Email holds the words once; HTML and Text
// write the same email in two ways.
package emailview

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"

	"fieldgate/internal/branding"
)

// Sender is the business as its mails show it.
type Sender struct {
	Name    string
	Phone   string
	Email   string
	Website string
	// Lines are address and registration, for the foot.
	Lines []string
	// LogoCID names the inline picture; empty shows the name instead.
	LogoCID string
	// LogoWidth and LogoHeight are in CSS pixels; some programs need them told.
	LogoWidth, LogoHeight int
	Palette               branding.Palette
}

// Email is one mail.
type Email struct {
	Sender    Sender
	Subject   string
	Preheader string // what lists of mails show after the subject
	Heading   string
	Blocks    []Block
	// Reason tells why somebody gets this mail.
	Reason string
	// Stop ends mails of this kind, Choose leads to all choices; empty in mails
	// that are always sent.
	Stop, Choose string
}

// Block is a piece of an email: Paragraph, Digits, Facts, Button, Extract, Changes, Pictures or Note.
type Block interface{ text(*strings.Builder) }

// Paragraph is running text.
type Paragraph string

// Note is a paragraph that may be overlooked.
type Note string

// Digits are a code to be typed: large, in two halves for the eye, and in one
// piece for whoever copies it.
type Digits string

// Facts are labelled values; those without a value are left out.
type Facts []Fact

// Fact is one labelled value. Code is set in type that tells 0 from O.
type Fact struct {
	Label, Value string
	Code         bool
}

// Button is the one thing to do. Its address is also written out, for those
// whose program shows no links.
type Button struct{ Label, URL string }

// Extract is text that somebody entered, with its lines.
type Extract struct{ Label, Text string }

// Pictures are photos, small, which come with the mail and lead to its page.
type Pictures struct {
	URL string
	All []Picture
}

// Picture is one of them. Width and Height are in CSS pixels.
type Picture struct {
	CID, Alt      string
	Width, Height int
}

// Changes are fields before and after.
type Changes []Change

// Change is one field before and after; empty values show a dash.
type Change struct{ Field, Before, After string }

func (d Digits) halves() (first, second string) {
	half := len(d) / 2
	return string(d[:half]), string(d[half:])
}

// filler follows the preheader: it takes up the room that lists of mails would
// fill with the first words of the email, and shows nothing.
var filler = strings.Repeat(" \u034f\u200c", 60)

// HTML is the email for programs that show pictures and colours.
func (l Email) HTML(ctx context.Context) (string, error) {
	var b bytes.Buffer
	if err := email(l, newSheet(l.Sender.Palette)).Render(ctx, &b); err != nil {
		return "", fmt.Errorf("draw mail: %w", err)
	}
	return b.String(), nil
}

// Text is the email as plain text.
func (l Email) Text() string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(l.Heading) + "\n\n")
	for _, block := range l.Blocks {
		block.text(&b)
	}
	b.WriteString("-- \n")
	b.WriteString(l.Sender.Name + "\n")
	for _, line := range append(l.Sender.Lines, l.Sender.contacts()...) {
		b.WriteString(line + "\n")
	}
	if l.Reason != "" {
		b.WriteString("\n" + l.Reason + "\n")
	}
	if l.Stop != "" {
		b.WriteString("\nStop emails of this kind:\n" + l.Stop + "\nChoose which emails you get:\n" + l.Choose + "\n")
	}
	return b.String()
}

func (s Sender) contacts() []string {
	var lines []string
	for _, v := range []string{s.Phone, s.Email, s.Website} {
		if v != "" {
			lines = append(lines, v)
		}
	}
	return lines
}

func (p Paragraph) text(b *strings.Builder) { b.WriteString(string(p) + "\n\n") }
func (n Note) text(b *strings.Builder)      { b.WriteString(string(n) + "\n\n") }
func (d Digits) text(b *strings.Builder)    { b.WriteString("    " + string(d) + "\n\n") }
func (u Button) text(b *strings.Builder)    { b.WriteString(u.Label + ":\n" + u.URL + "\n\n") }

// Programs that show text show no pictures; the page does.
func (Pictures) text(*strings.Builder) {}

func (f Facts) text(b *strings.Builder) {
	for _, fact := range f.given() {
		b.WriteString(fact.Label + ": " + fact.Value + "\n")
	}
	b.WriteString("\n")
}

func (f Facts) given() Facts {
	var given Facts
	for _, fact := range f {
		if strings.TrimSpace(fact.Value) != "" {
			given = append(given, fact)
		}
	}
	return given
}

func (e Extract) text(b *strings.Builder) {
	b.WriteString(e.Label + ":\n")
	for _, line := range e.lines() {
		b.WriteString(strings.TrimRight("  "+line, " ") + "\n")
	}
	b.WriteString("\n")
}

// extractLength is where a mail leaves the rest of a long text to the page.
const extractLength = 1000

func (e Extract) lines() []string {
	text := []rune(strings.TrimSpace(strings.ReplaceAll(e.Text, "\r\n", "\n")))
	if len(text) > extractLength {
		text = append([]rune(strings.TrimRightFunc(string(text[:extractLength]), unicode.IsSpace)), '…')
	}
	return strings.Split(string(text), "\n")
}

func (c Changes) text(b *strings.Builder) {
	for _, change := range c {
		b.WriteString(change.Field + "\n  before: " + dash(change.Before) + "\n  now:    " + dash(change.After) + "\n\n")
	}
}

func dash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

// dialled is a phone number as links want it.
func dialled(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// bare is a website's address as people say it.
func bare(url string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://"), "/")
}
