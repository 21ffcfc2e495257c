package dev_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
	"fieldgate/web/dev"
)

func get(t *testing.T, h http.Handler, path string) (*httptest.ResponseRecorder, *goquery.Document) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w, doc
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	c, err := catcher.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	h := dev.Handler(c)
	if w, doc := get(t, h, "/dev/mail"); w.Code != http.StatusOK || !strings.Contains(doc.Text(), "No mail yet") {
		t.Errorf("empty mailbox: %d", w.Code)
	}

	settings, err := mail.Parse(c.URL(), "Northwind Air <portal@northwind.example>")
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"Welcome <b>you</b>", "Second"} {
		err := mail.New(settings).Deliver(t.Context(), func(context.Context) (mail.Message, error) {
			return mail.Message{
				ID: "1", To: mail.Address{Address: "kim@harbour.example"}, Subject: subject, Text: "the <i>text</i>",
				HTML:   `<html><head></head><body><script>alert(1)</script><img src="cid:logo"></body></html>`,
				Inline: []mail.Inline{{CID: "logo", Type: "image/png", Data: []byte("png")}},
			}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, doc := get(t, h, "/dev/mail")
	if got := doc.Find("tbody a").Map(func(_ int, a *goquery.Selection) string { return a.Text() + " " + a.AttrOr("href", "") }); len(got) != 2 || got[0] != "Second /dev/mail/2" || got[1] != "Welcome <b>you</b> /dev/mail/1" {
		t.Errorf("list: %q", got)
	}
	_, doc = get(t, h, "/dev/mail/1")
	frame := doc.Find("iframe")
	if sandbox := frame.AttrOr("sandbox", "none"); strings.Contains(sandbox, "script") || strings.Contains(sandbox, "same-origin") || sandbox == "none" {
		t.Errorf("the frame's sandbox is %q", sandbox)
	}
	w, _ := get(t, h, frame.AttrOr("src", ""))
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox") || strings.Contains(csp, "allow-scripts") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the mail's policy is %q", csp)
	}
	if !strings.Contains(w.Body.String(), `src="data:image/png;base64,cG5n"`) {
		t.Errorf("the inline picture is missing: %s", w.Body)
	}
	if _, doc = get(t, h, "/dev/mail/1/text"); !strings.Contains(doc.Text(), "the <i>text</i>") {
		t.Error("the text is missing")
	}
	if _, doc = get(t, h, "/dev/mail/1/headers"); !strings.Contains(doc.Text(), "1@northwind.example") {
		t.Error("the header is missing")
	}
	for _, path := range []string{"/dev/mail/3", "/dev/mail/x", "/dev/mail/99999999999999999999", "/dev/mail/1/other", "/dev", "/dev/mail/x/body"} {
		if w, _ := get(t, h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
