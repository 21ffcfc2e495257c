package email_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	"fieldgate/web/email"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const base = "https://portal.northwind.example"

func render(t *testing.T, m notify.Mail) notify.Rendered {
	t.Helper()
	m.To = mail.Address{Address: "kim@harbour.example"}
	r, err := email.New(base+"/").Render(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMailsAreAsAgreed(t *testing.T) {
	t.Parallel()
	for _, s := range email.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := render(t, s.Mail)
			golden(t, s.Name+".html", r.HTML)
			golden(t, s.Name+".txt", "Subject: "+r.Subject+"\n\n"+r.Text)
		})
	}
}

// Each kind of mail has at least one sample, so that somebody has looked at it.
func TestEveryKindHasASample(t *testing.T) {
	t.Parallel()
	seen := map[notify.Kind]bool{}
	for _, s := range email.Samples() {
		seen[s.Kind] = true
	}
	for _, l := range notify.Lines() {
		if !seen[l.Kind] {
			t.Errorf("%s has no sample", l.Kind)
		}
	}
}

func reset() notify.Mail {
	return notify.Mail{Business: email.SampleBusiness(), Content: notify.Reset{Email: "kim@harbour.example", Token: "TOKEN"}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as agreed; if it should be so, run the test with -update and read the diff. Got:\n%s", name, got)
	}
}

func TestEveryLinkIsAbsoluteAndInBothParts(t *testing.T) {
	t.Parallel()
	for _, s := range email.Samples() {
		name, r := s.Name, render(t, s.Mail)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.HTML))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("a").Each(func(_ int, a *goquery.Selection) {
			href, _ := a.Attr("href")
			ours := strings.HasPrefix(href, base+"/")
			if !ours && !strings.HasPrefix(href, "tel:") && !strings.HasPrefix(href, "mailto:") && href != "https://northwind.example" {
				t.Errorf("%s links to %q", name, href)
			}
			if ours && !strings.Contains(r.Text, href+"\n") {
				t.Errorf("%s: the text lacks %s", name, href)
			}
		})
	}
}

// TestLinksNameTheirCustomer: who has several customers is led to the right one,
// by each link to a page of the portal.
func TestLinksNameTheirCustomer(t *testing.T) {
	t.Parallel()
	named := 0
	for _, s := range email.Samples() {
		m := s.Mail
		m.Contact = 77
		r := render(t, m)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.HTML))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			path, ours := strings.CutPrefix(a.AttrOr("href", ""), base)
			if !ours || path == "" || path == "/" || strings.HasPrefix(path, "/office") {
				return
			}
			at, part, _ := strings.Cut(path, "#")
			signsIn := strings.Contains(path, "TOKEN") || strings.HasPrefix(path, "/emails/") || strings.HasPrefix(path, "/login") || strings.HasPrefix(path, "/forgot")
			if signsIn == strings.HasSuffix(at, "?as=77") || strings.Contains(part, "as=") {
				t.Errorf("%s: %s", s.Name, path)
			}
			if !signsIn {
				named++
				if !strings.Contains(r.Text, base+path) {
					t.Errorf("%s: the text has not %s", s.Name, path)
				}
			}
		})
	}
	if named < 6 {
		t.Errorf("only %d links were seen", named)
	}
}

func TestLogo(t *testing.T) {
	t.Parallel()
	m := reset()
	with := render(t, m)
	if len(with.Inline) != 1 || !strings.Contains(with.HTML, `src="cid:`+with.Inline[0].CID+`"`) || !strings.Contains(with.HTML, `alt="Northwind Air"`) {
		t.Error("the logo is not shown inline with the name as its words")
	}
	for _, logo := range [][]byte{nil, []byte("not a picture")} {
		m.Business.Logo = logo
		without := render(t, m)
		if len(without.Inline) != 0 || strings.Contains(without.HTML, "<img") {
			t.Error("a picture is shown that is not there")
		}
	}
}

// What may be ended says how, in the header and in both parts; what is about
// one's own access says nothing of the kind.
func TestWhatMayBeStoppedSaysHow(t *testing.T) {
	t.Parallel()
	for _, s := range email.Samples() {
		r := render(t, s.Mail)
		want := s.Stop != ""
		if got := r.Unsubscribe == base+"/emails/TOKEN"; got != want {
			t.Errorf("%s: unsubscribe at %q", s.Name, r.Unsubscribe)
		}
		for part, text := range map[string]string{"html": r.HTML, "text": r.Text} {
			if got := strings.Contains(text, base+"/emails/TOKEN") && strings.Contains(text, base+"/details/emails"); got != want {
				t.Errorf("%s: the %s tells %v how to stop it", s.Name, part, got)
			}
		}
	}
}

func TestEnteredTextStaysText(t *testing.T) {
	t.Parallel()
	const evil = `<img src=x onerror=alert(1)>`
	m := reset()
	m.Business.Logo = nil
	m.Content = notify.JobNotice{Number: "J-1", Description: evil, Name: evil, Type: evil, Customer: evil, CustomerNumber: evil, Site: evil, Contact: evil}
	r := render(t, m)
	if strings.Contains(r.HTML, "<img") {
		t.Error("entered text became markup")
	}
	m = reset()
	m.Business.Website = "javascript:alert(1)"
	if r := render(t, m); strings.Contains(r.HTML, `href="javascript:`) {
		t.Error("a script hides behind the website")
	}
}
