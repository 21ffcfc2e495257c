// Package dev answers under /dev/, in the demo and in tests only: the mailbox
// with every mail, and the gallery of components.
package dev

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	gomail "github.com/emersion/go-message/mail"

	"fieldgate/internal/apperr"
	"fieldgate/internal/mail/catcher"
	devview "fieldgate/templates/dev"
	"fieldgate/templates/gallery"
	"fieldgate/templates/layout"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
)

// Handler shows what the catcher has received.
func Handler(c *catcher.Catcher) http.Handler {
	m := mailbox{c}
	mux := http.NewServeMux()
	for pattern, show := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /dev/mail":                  m.list,
		"GET /dev/mail/{number}":         m.message,
		"GET /dev/mail/{number}/body":    m.body,
		"GET /dev/mail/{number}/text":    m.message,
		"GET /dev/mail/{number}/headers": m.message,
		"GET /dev/mails":                 m.samples,
		"GET /dev/mails/{name}":          m.sample,
		"GET /dev/mails/{name}/text":     m.sample,
		"GET /dev/mails/{name}/bare":     m.sample,
		"GET /dev/mails/{name}/{body}":   m.sampleBody,
		"GET /dev/gallery": func(w http.ResponseWriter, r *http.Request) error {
			return page.Render(w, r, http.StatusOK, gallery.Page(layout.Brand{Name: "Northwind Air"}))
		},
		"/": func(http.ResponseWriter, *http.Request) error { return apperr.NotFound },
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := show(w, r); err != nil {
				page.Fail(w, r, err)
			}
		})
	}
	return mux
}

type mailbox struct{ catcher *catcher.Catcher }

func (m mailbox) list(w http.ResponseWriter, r *http.Request) error {
	received := m.catcher.Messages()
	mails := make([]devview.Mail, len(received))
	for i, msg := range received {
		mails[i] = view(msg)
	}
	return page.Render(w, r, http.StatusOK, devview.Mailbox(mails))
}

func (m mailbox) message(w http.ResponseWriter, r *http.Request) error {
	msg, err := m.find(r)
	if err != nil {
		return err
	}
	v, tab := view(msg), devview.Rendered
	switch {
	case strings.HasSuffix(r.URL.Path, "/"+devview.Text):
		tab, v.Text = devview.Text, msg.Text
	case strings.HasSuffix(r.URL.Path, "/"+devview.Headers):
		tab = devview.Headers
		for _, f := range msg.Header {
			v.Headers = append(v.Headers, ui.Fact{Label: f.Name, Value: f.Value, Wide: true})
		}
	}
	return page.Render(w, r, http.StatusOK, devview.Message(v, tab))
}

// bodyPolicy lets a mail show its own styles and the pictures that came with
// it. It runs nothing, fetches nothing and has an origin of its own.
const bodyPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

// body is the HTML of a mail, for the frame of its page.
func (m mailbox) body(w http.ResponseWriter, r *http.Request) error {
	msg, err := m.find(r)
	if err != nil {
		return err
	}
	frameHeaders(w)
	html := msg.HTML
	for _, p := range msg.Inline {
		html = shown(html, p.CID, p.Type, p.Data)
	}
	_, _ = w.Write([]byte(outward(html)))
	return nil
}

func frameHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", bodyPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
}

// shown puts an inline picture into the document.
func shown(html, cid, mediaType string, data []byte) string {
	return strings.ReplaceAll(html, "cid:"+cid, "data:"+mediaType+";base64,"+base64.StdEncoding.EncodeToString(data))
}

// outward makes links lead out of the frame.
func outward(html string) string {
	return strings.Replace(html, "<head>", `<head><base target="_blank">`, 1)
}

func (m mailbox) find(r *http.Request) (catcher.Message, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	msg, ok := m.catcher.Message(number)
	if err != nil || !ok {
		return catcher.Message{}, apperr.NotFound
	}
	return msg, nil
}

func view(m catcher.Message) devview.Mail {
	v := devview.Mail{Number: m.Number, Subject: m.Subject, To: strings.Join(m.Recipients, ", "), Received: m.Received.Format("2 Jan, 3:04:05 pm")}
	if m.From != nil {
		v.From = address(m.From)
	}
	for _, f := range m.Attached {
		v.Attached = append(v.Attached, devview.File{Name: f.Name, Type: f.Type, Text: string(f.Data)})
	}
	return v
}

func address(a *gomail.Address) string {
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}
