package mail_test

import (
	"errors"
	"strings"
	"testing"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
)

// byToken starts a server that takes nothing but XOAUTH2, a provider of tokens
// that live for so many seconds, and a mailer that knows both.
func byToken(t *testing.T, life int, change func(*mail.Settings)) (*catcher.Catcher, *catcher.Provider, *mail.Mailer) {
	t.Helper()
	p := catcher.StartProvider(life)
	t.Cleanup(p.Close)
	c, _ := start(t, catcher.Options{Encryption: mail.StartTLS, User: "portal@northwind.example", Token: p.Good})
	s, err := mail.Parse(c.URL(), "portal@northwind.example")
	if err != nil {
		t.Fatal(err)
	}
	s.Roots, s.OAuth = c.Roots(), p.OAuth()
	if change != nil {
		change(&s)
	}
	return c, p, mail.New(s)
}

func TestOneTokenServesManyMails(t *testing.T) {
	t.Parallel()
	c, p, m := byToken(t, 3600, nil)
	for range 3 {
		if err := m.Deliver(t.Context(), send(message())); err != nil {
			t.Fatal(err)
		}
	}
	got, asked := c.Messages(), p.Asked()
	if len(got) != 3 || got[0].User != "portal@northwind.example" || !got[0].Encrypted {
		t.Errorf("got %d mails, the last of %q", len(got), got[0].User)
	}
	if len(asked) != 1 || asked[0].Get("grant_type") != "client_credentials" || asked[0].Get("scope") != "https://mail.test/.default" {
		t.Errorf("asked for tokens by %v", asked)
	}
}

// A token is renewed before its end, and one that the server refuses earlier is
// replaced, without a mail being late.
func TestTokenEndsBetweenTwoMails(t *testing.T) {
	t.Parallel()
	for name, life := range map[string]int{"by its time": 60, "before its time": 3600} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, p, m := byToken(t, life, nil)
			for range 2 {
				if err := m.Deliver(t.Context(), send(message())); err != nil {
					t.Fatal(err)
				}
				p.End()
			}
			if len(c.Messages()) != 2 || len(p.Asked()) != 2 {
				t.Errorf("%d mails with %d tokens", len(c.Messages()), len(p.Asked()))
			}
		})
	}
}

// A provider that is away when a token is to be renewed holds up nobody as long
// as the old one is good.
func TestOldTokenServesWhileTheProviderIsAway(t *testing.T) {
	t.Parallel()
	c, p, m := byToken(t, 60, nil)
	for range 2 {
		if err := m.Deliver(t.Context(), send(message())); err != nil {
			t.Fatal(err)
		}
		p.Answer(503, nil)
	}
	if len(c.Messages()) != 2 || len(p.Asked()) != 2 {
		t.Errorf("%d mails, asked %d times", len(c.Messages()), len(p.Asked()))
	}
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	c, p, m := byToken(t, 3600, func(s *mail.Settings) { s.OAuth.RefreshToken, s.OAuth.Scope = catcher.RefreshToken, "" })
	if err := m.Deliver(t.Context(), send(message())); err != nil {
		t.Fatal(err)
	}
	if len(c.Messages()) != 1 || p.Asked()[0].Get("grant_type") != "refresh_token" {
		t.Errorf("asked by %v", p.Asked())
	}
}

func TestTokenFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		change           func(*mail.Settings)
		status           int
		answer           map[string]any
		words, explained string
	}{
		{name: "wrong secret", change: func(s *mail.Settings) { s.OAuth.ClientSecret = "hunter2" }, words: "invalid_client AADSTS7000215", explained: "FIELDGATE_SMTP_OAUTH_CLIENT_SECRET"},
		{name: "refresh token taken back", change: func(s *mail.Settings) { s.OAuth.RefreshToken = "hunter2" }, words: "invalid_grant Token has been", explained: "FIELDGATE_SMTP_OAUTH_REFRESH_TOKEN"},
		{name: "scope", status: 400, answer: map[string]any{"error": "invalid_scope"}, words: "invalid_scope", explained: "outlook.office365.com/.default"},
		{name: "no such tenant", status: 400, answer: map[string]any{"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."}, words: "AADSTS90002", explained: "tenant"},
		{name: "trouble there", status: 502, words: "502", explained: "trouble of its own"},
		{name: "not a provider", status: 200, answer: map[string]any{"hello": "world"}, words: "access_token", explained: "FIELDGATE_SMTP_OAUTH_TOKEN_URL"},
		{name: "nobody there", change: func(s *mail.Settings) { s.OAuth.TokenURL = "http://127.0.0.1:1/token" }, words: "refused", explained: "FIELDGATE_SMTP_OAUTH_TOKEN_URL"},
		{name: "token of another mailbox", status: 200, answer: map[string]any{"access_token": "of somebody else", "token_type": "Bearer", "expires_in": 3600}, words: "535", explained: "refuses the sign-in token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, p, m := byToken(t, 3600, tt.change)
			p.Answer(tt.status, tt.answer)
			err := m.Deliver(t.Context(), send(message()))
			f, ok := errors.AsType[*mail.Failure](err)
			if !ok || f.Permanent || !f.OfServer() || !strings.Contains(f.Words, tt.words) || strings.ContainsAny(f.Words, "\r\n") {
				t.Fatalf("got %+v, want a failure that may pass, with the words %q", f, tt.words)
			}
			if e := m.Explain(err); !strings.Contains(e.What+" "+e.Advice, tt.explained) {
				t.Errorf("explained as %q (%s), want %q", e.What, e.Advice, tt.explained)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), catcher.ClientSecret) {
				t.Errorf("a secret shows: %v", err)
			}
			if len(c.Messages()) > 0 {
				t.Error("a mail went out")
			}
		})
	}
}

func TestServersWithoutTokens(t *testing.T) {
	t.Parallel()
	c, _ := start(t, catcher.Options{Encryption: mail.StartTLS, User: "portal", Password: "right"})
	p := catcher.StartProvider(3600)
	t.Cleanup(p.Close)
	s, err := mail.Parse(strings.Replace(c.URL(), ":right", "", 1)+"&auth=xoauth2", "portal@northwind.example")
	if err != nil {
		t.Fatal(err)
	}
	s.Roots, s.OAuth = c.Roots(), p.OAuth()
	m := mail.New(s)
	if e := m.Explain(m.Deliver(t.Context(), send(message()))); !strings.Contains(e.What, "takes no sign-in tokens") {
		t.Errorf("explained as %q", e.What)
	}
}

func TestTokenURLs(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://login.microsoftonline.com/t/oauth2/v2.0/token": true, "http://127.0.0.1:8099/token": true,
		"": false, "http://login.microsoftonline.com/t": false, "https://": false, "https://user:hunter2@x.example/": false, "oauth2.googleapis.com/token": false,
	} {
		if err := mail.CheckTokenURL(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}
