package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/semaphore"
)

// OAuth says where the tokens come from that stand for a password (XOAUTH2).
// With a refresh token the program asks in the name of the mailbox's owner, as
// Google has it; without one in its own, as Microsoft has it.
type OAuth struct {
	TokenURL     string `env:"TOKEN_URL"`
	ClientID     string `env:"CLIENT_ID"`
	ClientSecret string `env:"CLIENT_SECRET"`
	RefreshToken string `env:"REFRESH_TOKEN"`
	Scope        string `env:"SCOPE"`
}

// CheckTokenURL tells whether secrets may be sent to the address: by HTTPS, or
// to this machine itself.
func CheckTokenURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()))) {
		return errors.New("write the provider's address for tokens, beginning with https://")
	}
	return nil
}

const (
	asking = 20 * time.Second // what waiting for a token may take
	// early is how long before its end a token is renewed: if the provider is
	// away just then, the old one still serves.
	early = 5 * time.Minute
)

// tokens keeps one token as long as it is good.
type tokens struct {
	settings OAuth
	client   *http.Client
	turn     *semaphore.Weighted // one asks, others wait for what it gets
	token    *oauth2.Token
}

func newTokens(s Settings) *tokens {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.TLSClientConfig = &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	return &tokens{settings: s.OAuth, client: &http.Client{Transport: transport, Timeout: asking}, turn: semaphore.NewWeighted(1)}
}

// get returns a token, and whether it was asked for just now.
func (t *tokens) get(ctx context.Context) (token *oauth2.Token, fresh bool, err error) {
	if err := t.turn.Acquire(ctx, 1); err != nil {
		return nil, false, &tokenError{err}
	}
	defer t.turn.Release(1)
	if t.token != nil && (t.token.Expiry.IsZero() || time.Until(t.token.Expiry) > early) {
		return t.token, false, nil
	}
	token, err = t.ask(ctx)
	switch {
	case err == nil:
		t.token, t.settings.RefreshToken = token, cmp.Or(token.RefreshToken, t.settings.RefreshToken)
		return token, true, nil
	case t.token.Valid():
		return t.token, false, nil
	}
	return nil, false, &tokenError{err}
}

func (t *tokens) ask(ctx context.Context) (*oauth2.Token, error) {
	s := t.settings
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.client)
	if s.RefreshToken != "" {
		c := oauth2.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: oauth2.Endpoint{TokenURL: s.TokenURL, AuthStyle: oauth2.AuthStyleInParams}}
		return c.TokenSource(ctx, &oauth2.Token{RefreshToken: s.RefreshToken}).Token()
	}
	c := clientcredentials.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, TokenURL: s.TokenURL, Scopes: strings.Fields(s.Scope), AuthStyle: oauth2.AuthStyleInParams}
	return c.Token(ctx)
}

// forget drops the token, unless another one has taken its place.
func (t *tokens) forget(ctx context.Context, refused *oauth2.Token) {
	if t.turn.Acquire(ctx, 1) == nil {
		if t.token == refused {
			t.token = nil
		}
		t.turn.Release(1)
	}
}

// dialWithToken signs in with a token. One that the server refuses before its
// time, because somebody took it back or the clocks differ, is replaced at once.
func (m *Mailer) dialWithToken(ctx context.Context) (*line, error) {
	token, fresh, err := m.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	l, err := m.connect(ctx, token.AccessToken)
	if answer, ok := errors.AsType[*textproto.Error](err); ok && aboutUs(answer.Code) {
		m.tokens.forget(ctx, token) // a fresh one, too: it says what the account might do when it was made
		if !fresh {
			return m.dialWithToken(ctx)
		}
	}
	return l, err
}

// tokenError says that there is no token.
type tokenError struct{ err error }

// Error has the provider's words, without the rest of its answer.
func (e *tokenError) Error() string {
	words := e.err.Error()
	if refused, ok := errors.AsType[*oauth2.RetrieveError](e.err); ok {
		words = cmp.Or(strings.TrimSpace(refused.ErrorCode+" "+refused.ErrorDescription), refused.Response.Status)
	}
	return "no sign-in token: " + words
}

// Unwrap is the cause.
func (e *tokenError) Unwrap() error { return e.err }

// explain is for whoever set FIELDGATE_SMTP_OAUTH_….
func (e *tokenError) explain() Explanation {
	refused, ok := errors.AsType[*oauth2.RetrieveError](e.err)
	if !ok {
		return Explanation{"The provider’s address for sign-in tokens does not answer as it should.", "Check FIELDGATE_SMTP_OAUTH_TOKEN_URL, and that this machine may reach it. Emails of the portal are tried again by themselves."}
	}
	what := "The provider gives this program no sign-in token."
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return Explanation{what, "Check FIELDGATE_SMTP_OAUTH_CLIENT_ID and FIELDGATE_SMTP_OAUTH_CLIENT_SECRET. Secrets end, at Microsoft after two years at most: make a new one there."}
	case "invalid_grant":
		return Explanation{what, "The refresh token has ended or was taken back, as by a new password. Make a new one and write it into FIELDGATE_SMTP_OAUTH_REFRESH_TOKEN."}
	case "invalid_scope":
		return Explanation{what, "Check FIELDGATE_SMTP_OAUTH_SCOPE; for Microsoft it is https://outlook.office365.com/.default."}
	}
	if code := refused.Response.StatusCode; code == http.StatusTooManyRequests || code >= 500 {
		return Explanation{what, "It has trouble of its own now. Emails of the portal are tried again by themselves."}
	}
	return Explanation{what, "Check FIELDGATE_SMTP_OAUTH_TOKEN_URL, the tenant in it included. The provider’s words below tell why."}
}
