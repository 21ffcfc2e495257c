package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
)

func start(t *testing.T, o catcher.Options) (*catcher.Catcher, *mail.Mailer) {
	t.Helper()
	c, err := catcher.StartWith("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, mailer(t, c, c.URL())
}

func mailer(t *testing.T, c *catcher.Catcher, url string) *mail.Mailer {
	t.Helper()
	s, err := mail.Parse(url, "Northwind Air <portal@northwind.example>")
	if err != nil {
		t.Fatal(err)
	}
	s.Roots = c.Roots()
	return mail.New(s)
}

func message() mail.Message {
	return mail.Message{
		ID: "abc", To: mail.Address{Name: "Zoë Müller", Address: "zoe@harbour.example"}, ReplyTo: mail.Address{Address: "office@northwind.example"},
		Subject: "Grüße – 株式会社", Text: "Hello\n.\nworld\n", HTML: `<p>Hello</p><img src="cid:logo">`,
		Inline: []mail.Inline{{CID: "logo", Type: "image/png", Data: []byte{0x89, 'P', 'N', 'G', 0, 1, 2}}},
	}
}

func send(m mail.Message) func(context.Context) (mail.Message, error) {
	return func(context.Context) (mail.Message, error) { return m, nil }
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]catcher.Options{
		"plain":        {},
		"STARTTLS":     {Encryption: mail.StartTLS, User: "portal", Password: "sec@ret/ %"},
		"implicit TLS": {Encryption: mail.Implicit, User: "portal", Password: "sec@ret/ %"},
		"plain AUTH":   {User: "portal", Password: "sec@ret/ %"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, m := start(t, o)
			if err := m.Deliver(t.Context(), send(message())); err != nil {
				t.Fatal(err)
			}
			got, err := c.WaitTo(t.Context(), "ZOE@harbour.example")
			if err != nil {
				t.Fatal(err)
			}
			if got.Encrypted != (o.Encryption != "") || got.User != o.User {
				t.Errorf("encrypted %v, signed in as %q", got.Encrypted, got.User)
			}
			if got.Subject != "Grüße – 株式会社" || got.To[0].Name != "Zoë Müller" || got.From.Name != "Northwind Air" || got.Sender != "portal@northwind.example" {
				t.Errorf("got %q from %v to %v", got.Subject, got.From, got.To)
			}
			if got.MessageID != "abc@northwind.example" || got.ReplyTo[0].Address != "office@northwind.example" || got.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("header: %v", got.Header)
			}
			if got.Get("User-Agent")+got.Get("X-Mailer") != "" {
				t.Error("the mail names the library that wrote it")
			}
			if strings.ReplaceAll(got.Text, "\r\n", "\n") != message().Text || got.HTML != message().HTML {
				t.Errorf("text %q, html %q", got.Text, got.HTML)
			}
			if len(got.Inline) != 1 || string(got.Inline[0].Data) != string(message().Inline[0].Data) || got.Inline[0].CID != "logo" {
				t.Errorf("inline: %v", got.Inline)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	secured := catcher.Options{Encryption: mail.StartTLS, User: "portal", Password: "right"}
	for _, tt := range []struct {
		name      string
		options   catcher.Options
		fault     catcher.Fault
		url       func(string) string
		untrusted bool
		permanent bool
		words     string
		stage     mail.Stage
		explained string
	}{
		{name: "temporary", fault: catcher.Temporary, words: "451 4.2.1 " + catcher.TemporaryWords, stage: mail.Recipient, explained: "does not take mail for this recipient now"},
		{name: "busy", fault: catcher.Busy, words: "421 4.3.2 " + catcher.BusyWords, stage: mail.Sender, explained: "accepts no email now"},
		{name: "refused", fault: catcher.Refused, permanent: true, words: "550 5.1.1 " + catcher.RefusedWords, stage: mail.Recipient, explained: "refuses the recipient"},
		{name: "sender refused", fault: catcher.Foreign, words: "553 5.7.1 " + catcher.ForeignWords, stage: mail.Sender, explained: "refuses the sender portal@northwind.example"},
		{name: "hangs up after the data", fault: catcher.HangUp, words: "EOF", stage: mail.Text, explained: "connection broke while the server had the email"},
		{name: "wrong password", options: secured, url: func(s string) string { return strings.Replace(s, "right", "wrong", 1) }, words: "535 5.7.8", stage: mail.Connecting, explained: "refuses user name or password"},
		{name: "passwords not taken any more", options: catcher.Options{Encryption: mail.StartTLS, User: "portal", Password: "right", NoPasswords: "Authentication unsuccessful, basic authentication is disabled."}, words: "535 5.7.139", stage: mail.Connecting, explained: "?auth=xoauth2"},
		{name: "mailbox closed to SMTP", options: catcher.Options{Encryption: mail.StartTLS, User: "portal", Password: "right", NoPasswords: "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."}, words: "535 5.7.139", stage: mail.Connecting, explained: "Authenticated SMTP"},
		{name: "no password", options: secured, url: func(s string) string { return strings.Replace(s, "portal:right@", "", 1) }, words: "authenticat", stage: mail.Sender, explained: "wants a user and a password"},
		{name: "certificate of somebody unknown", options: secured, untrusted: true, words: "certificate", stage: mail.Connecting, explained: "not from an authority"},
		{name: "no STARTTLS", url: func(s string) string { return strings.Replace(s, "none", "starttls", 1) }, words: "STARTTLS", stage: mail.Connecting, explained: "no encryption on this port"},
		{name: "TLS to a server without", url: func(s string) string {
			return strings.Replace(strings.Replace(s, "smtp:", "smtps:", 1), "?tls=none", "", 1)
		}, words: "tls", stage: mail.Connecting, explained: "smtp:// instead"},
		{name: "certificate for another name", options: secured, url: func(s string) string { return strings.Replace(s, "127.0.0.1", "localhost", 1) }, words: "certificate", stage: mail.Connecting, explained: "for another name"},
		{name: "nobody there", url: func(string) string { return "smtp://127.0.0.1:1?tls=none" }, words: "refused", stage: mail.Connecting, explained: "Nothing answers"},
		{name: "no such name", url: func(string) string { return "smtp://nowhere.invalid:587" }, words: "nowhere.invalid", stage: mail.Connecting, explained: "no server called nowhere.invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, m := start(t, tt.options)
			c.Fault(tt.fault)
			if tt.url != nil {
				m = mailer(t, c, tt.url(c.URL()))
			}
			if tt.untrusted {
				s, err := mail.Parse(c.URL(), "portal@northwind.example")
				if err != nil {
					t.Fatal(err)
				}
				m = mail.New(s)
			}
			failure, ok := errors.AsType[*mail.Failure](m.Deliver(t.Context(), send(message())))
			if !ok || failure.Permanent != tt.permanent || !strings.Contains(strings.ToLower(failure.Words), strings.ToLower(tt.words)) {
				t.Fatalf("got %+v, want permanent %v and the words %q", failure, tt.permanent, tt.words)
			}
			if failure.Stage != tt.stage {
				t.Errorf("it failed while %s, want %s", failure.Stage, tt.stage)
			}
			if e := m.Explain(failure); !strings.Contains(e.What+" "+e.Advice, tt.explained) {
				t.Errorf("explained as %q (%s), want %q", e.What, e.Advice, tt.explained)
			}
		})
	}
}

func TestSlowServerIsLeftWhenTheProgramEnds(t *testing.T) {
	t.Parallel()
	c, m := start(t, catcher.Options{})
	c.Fault(catcher.Slow)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- m.Deliver(ctx, func(context.Context) (mail.Message, error) { defer cancel(); return message(), nil })
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a mail without an answer counts as sent")
		}
	case <-time.After(10 * time.Second):
		t.Error("Deliver outlives its context")
	}
}

func TestNothingIsComposedForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	c, m := start(t, catcher.Options{})
	c.Close()
	err := m.Deliver(t.Context(), func(context.Context) (mail.Message, error) { t.Error("composed"); return message(), nil })
	if failure, ok := errors.AsType[*mail.Failure](err); !ok || failure.Permanent {
		t.Errorf("got %v, want a failure that may pass", err)
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	const evil = "x\r\nBcc: victim@example.com\nX-Evil: 1\x00\u2028 \xff end"
	for name, change := range map[string]func(*mail.Message){
		"subject":     func(m *mail.Message) { m.Subject = evil },
		"name":        func(m *mail.Message) { m.To.Name = evil },
		"sender":      func(m *mail.Message) { m.FromName = evil },
		"reply name":  func(m *mail.Message) { m.ReplyTo.Name = evil },
		"reply":       func(m *mail.Message) { m.ReplyTo.Address = "a@b.example\r\nX-Evil: 1" },
		"quoted name": func(m *mail.Message) { m.To.Name = `"<victim@example.com>, "` },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := start(t, catcher.Options{})
			s, err := mail.Parse(c.URL(), "portal@northwind.example")
			if err != nil {
				t.Fatal(err)
			}
			m := message()
			change(&m)
			if err := mail.New(s).Deliver(t.Context(), send(m)); err != nil {
				t.Fatal(err)
			}
			got := c.Messages()[0]
			if got.Get("Bcc") != "" || got.Get("X-Evil") != "" || len(got.Recipients) != 1 || len(got.To) != 1 || got.To[0].Address != "zoe@harbour.example" {
				t.Errorf("header: %v", got.Header)
			}
		})
	}
	for _, address := range []string{"a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>", "<a@b.example", "", "a b@c.example", "a@b.example,c@d.example"} {
		c, m := start(t, catcher.Options{})
		bad := message()
		bad.To.Address = address
		if f, ok := errors.AsType[*mail.Failure](m.Deliver(t.Context(), send(bad))); !ok || !f.Permanent || len(c.Messages()) > 0 {
			t.Errorf("%q: got %v", address, f)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]mail.Settings{
		"smtp://u:p%40ss@mail.example.com":                              {Host: "mail.example.com", Port: 587, Encryption: mail.StartTLS, User: "u", Password: "p@ss"},
		"smtp://mail.example.com:25":                                    {Host: "mail.example.com", Port: 25, Encryption: mail.StartTLS},
		"smtps://u:p@mail.example.com/":                                 {Host: "mail.example.com", Port: 465, Encryption: mail.Implicit, User: "u", Password: "p"},
		"smtp://mail.example.com:25?tls=none":                           {Host: "mail.example.com", Port: 25, Encryption: mail.Plain},
		"smtp://mail.example.com?tls=insecure":                          {Host: "mail.example.com", Port: 587, Encryption: mail.StartTLS, Unverified: true},
		"smtps://mail.example.com?tls=insecure":                         {Host: "mail.example.com", Port: 465, Encryption: mail.Implicit, Unverified: true},
		"smtp://portal@example.com@smtp.office365.com:587?auth=xoauth2": {Host: "smtp.office365.com", Port: 587, Encryption: mail.StartTLS, User: "portal@example.com", Token: true},
		"smtps://portal%40example.com@smtp.gmail.com?auth=xoauth2":      {Host: "smtp.gmail.com", Port: 465, Encryption: mail.Implicit, User: "portal@example.com", Token: true},
		"smtp://localhost:1025":                                         {Host: "localhost", Port: 1025, Encryption: mail.Plain},
		"smtp://[::1]:1025":                                             {Host: "::1", Port: 1025, Encryption: mail.Plain},
		"smtp://127.0.0.1:1025?tls=starttls":                            {Host: "127.0.0.1", Port: 1025, Encryption: mail.StartTLS},
		"smtp://127.0.0.1:1025?tls=insecure":                            {Host: "127.0.0.1", Port: 1025, Encryption: mail.StartTLS, Unverified: true},
	} {
		want.From = mail.Address{Name: "Northwind Air", Address: "portal@northwind.example"}
		if got, err := mail.Parse(url, "Northwind Air <portal@northwind.example>"); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", url, got, err)
		}
	}
	for _, url := range []string{"", "mail.example.com:25", "http://mail.example.com", "smtp://", "smtp://h:99999", "smtp://u:secret@h?auth=xoauth2", "smtp://h?auth=xoauth2", "smtp://u@h?auth=xoauth2&tls=none", "smtp://u@localhost?auth=xoauth2", "smtp://u:secret@h?auth=plain", "smtp://u@h?auth=", "smtp://h:0", "smtp://secret@h", "smtp://u:secret@h?tls=maybe", "smtp://u:secret@h?ssl=1", "smtps://u:secret@h?tls=none", "smtp://u:secret@h/path", "smtp://u:secret@h:%zz"} {
		if _, err := mail.Parse(url, "portal@northwind.example"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", url, err)
		}
	}
	for _, from := range []string{"", "portal", "a@b.example, c@d.example", "a@b.example\r\nX: 1"} {
		if _, err := mail.Parse("smtp://localhost", from); err == nil {
			t.Errorf("%q is taken for a sender", from)
		}
	}
}

func TestOneClickUnsubscribe(t *testing.T) {
	t.Parallel()
	c, m := start(t, catcher.Options{})
	letter := message()
	letter.Unsubscribe = "https://portal.northwind.example/emails/stop/" + strings.Repeat("abc-_", 40)
	if err := m.Deliver(t.Context(), send(letter)); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()[0]
	if got.Get("List-Unsubscribe") != "<"+letter.Unsubscribe+">" || got.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("header: %v", got.Header)
	}
}

// Whoever is not ready keeps the mail from arriving.
func TestReadyIsAskedBeforeTheText(t *testing.T) {
	t.Parallel()
	c, m := start(t, catcher.Options{})
	letter := message()
	never := errors.New("not now")
	letter.Ready = func(context.Context) error { return never }
	if err := m.Deliver(t.Context(), send(letter)); !errors.Is(err, never) || len(c.Messages()) > 0 {
		t.Errorf("got %v and %d mails", err, len(c.Messages()))
	}
}

// RFC 5321 section 4.5.3.2.6: the server has ten minutes after the text.
func TestServersMayTakeTenMinutes(t *testing.T) {
	t.Parallel()
	if mail.Longest < 10*time.Minute {
		t.Errorf("a server is left after %v", mail.Longest)
	}
}
