package catcher

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
)

// Message is a mail as it was received.
type Message struct {
	Unanswered bool // the server hung up after it
	Number     int
	Received   time.Time
	Sender     string   // of the envelope
	Recipients []string // of the envelope
	User       string   // who signed in, if anybody had to
	Encrypted  bool

	From      *gomail.Address
	To        []*gomail.Address
	ReplyTo   []*gomail.Address
	Subject   string
	MessageID string // without brackets
	Text      string
	HTML      string
	Header    []Field // as received, decoded
	Inline    []Part
	Attached  []File
	Raw       []byte
}

// Field is one line of the header.
type Field struct{ Name, Value string }

// File is one that the mail carries.
type File struct {
	Name string
	Type string
	Data []byte
}

// Part is a picture within the HTML.
type Part struct {
	CID  string
	Type string
	Data []byte
}

// IsTo reports whether the envelope names the address.
func (m Message) IsTo(address string) bool {
	return slices.ContainsFunc(m.Recipients, func(r string) bool { return strings.EqualFold(r, address) })
}

// Get is the first header field of that name.
func (m Message) Get(name string) string {
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Links are the addresses in the text, in their order.
func (m Message) Links() []string {
	var links []string
	for word := range strings.FieldsSeq(m.Text) {
		if strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://") {
			links = append(links, word)
		}
	}
	return links
}

// Link is the first link whose address contains part, or "".
func (m Message) Link(part string) string {
	for _, l := range m.Links() {
		if strings.Contains(l, part) {
			return l
		}
	}
	return ""
}

func parse(raw []byte) (Message, error) {
	m := Message{Raw: raw}
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		return m, fmt.Errorf("read: %w", err)
	}
	for fields := entity.Header.Fields(); fields.Next(); {
		value, err := fields.Text()
		if err != nil {
			value = fields.Value()
		}
		m.Header = append(m.Header, Field{fields.Key(), value})
	}
	h := gomail.Header{Header: entity.Header}
	if from, err := h.AddressList("From"); err == nil && len(from) > 0 {
		m.From = from[0]
	}
	m.To, _ = h.AddressList("To")
	m.ReplyTo, _ = h.AddressList("Reply-To")
	m.Subject, _ = h.Subject()
	m.MessageID, _ = h.MessageID()
	r := gomail.NewReader(entity)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, fmt.Errorf("read part: %w", err)
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			return m, fmt.Errorf("read part: %w", err)
		}
		if attached, ok := p.Header.(*gomail.AttachmentHeader); ok {
			name, _ := attached.Filename()
			m.Attached = append(m.Attached, File{Name: name, Type: attached.Get("Content-Type"), Data: body})
			continue
		}
		inline, ok := p.Header.(*gomail.InlineHeader)
		if !ok {
			continue
		}
		kind, _, _ := inline.ContentType()
		switch cid := strings.Trim(inline.Get("Content-ID"), "<>"); {
		case cid != "":
			m.Inline = append(m.Inline, Part{CID: cid, Type: kind, Data: body})
		case kind == "text/html":
			m.HTML = string(body)
		case kind == "text/plain":
			m.Text = string(body)
		}
	}
}
