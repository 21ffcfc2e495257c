package dev

import (
	"net/http"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	devview "fieldgate/templates/dev"
	"fieldgate/web/email"
	"fieldgate/web/page"
)

// samples lists every mail that the program writes.
func (m mailbox) samples(w http.ResponseWriter, r *http.Request) error {
	var groups []devview.SampleGroup
	for _, s := range email.Samples() {
		v, _, err := m.drawn(r, s)
		if err != nil {
			return err
		}
		name, event := s.Kind.Label(), ""
		for _, l := range notify.Lines() {
			if l.Kind == s.Kind {
				event = string(l.Event) + "."
			}
		}
		if len(groups) == 0 || groups[len(groups)-1].Name != name {
			groups = append(groups, devview.SampleGroup{Name: name, Event: event})
		}
		g := &groups[len(groups)-1]
		g.Samples = append(g.Samples, v)
	}
	return page.Render(w, r, http.StatusOK, devview.Samples(groups))
}

func (m mailbox) sample(w http.ResponseWriter, r *http.Request) error {
	v, _, err := m.named(r)
	if err != nil {
		return err
	}
	tab := devview.Rendered
	for _, t := range []string{devview.Text, devview.Bare} {
		if strings.HasSuffix(r.URL.Path, "/"+t) {
			tab = t
		}
	}
	return page.Render(w, r, http.StatusOK, devview.SamplePage(v, tab))
}

// sampleBody is the HTML of a sample, for the frame of its page: with its
// pictures or, as many programs show mails at first, without.
func (m mailbox) sampleBody(w http.ResponseWriter, r *http.Request) error {
	_, rendered, err := m.named(r)
	if err != nil {
		return err
	}
	html := rendered.HTML
	switch r.PathValue("body") {
	case "body":
		for _, p := range rendered.Inline {
			html = shown(html, p.CID, p.Type, p.Data)
		}
	case "body-bare":
	default:
		return apperr.NotFound
	}
	frameHeaders(w)
	_, _ = w.Write([]byte(outward(html)))
	return nil
}

func (m mailbox) named(r *http.Request) (devview.Sample, notify.Rendered, error) {
	for _, s := range email.Samples() {
		if s.Name == r.PathValue("name") {
			return m.drawn(r, s)
		}
	}
	return devview.Sample{}, notify.Rendered{}, apperr.NotFound
}

func (m mailbox) drawn(r *http.Request, s email.Sample) (devview.Sample, notify.Rendered, error) {
	s.To = mail.Address{Address: "kim@harbour.example"}
	rendered, err := email.New("http://"+r.Host).Render(r.Context(), s.Mail)
	return devview.Sample{Name: s.Name, State: s.State, Subject: rendered.Subject, Text: rendered.Text}, rendered, err
}
