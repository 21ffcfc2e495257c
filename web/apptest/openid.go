package apptest

import (
	"net/url"
	"regexp"
	"testing"

	"fieldgate/internal/config"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/openid"
	"fieldgate/internal/openid/openidtest"
)

// NewWithProvider is New for a business whose staff sign in by the provider, with
// settings as the test has them. Issuers may stand on this machine.
func NewWithProvider(t testing.TB, p *openidtest.Provider, configure func(*openid.Staff)) *App {
	t.Helper()
	a := &App{t: t, configure: func(c *config.Config) {
		c.OIDC = openid.Staff{Inside: true}
		if p != nil {
			c.OIDC = openid.Staff{Issuer: p.URL, ClientID: openidtest.Client, ClientSecret: openidtest.Secret, Domains: []string{"demo.test"}, Name: "Log in with Northwind", Inside: true}
		}
		if configure != nil {
			configure(&c.OIDC)
		}
	}}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill(); a.files() })
	return a
}

var onward = regexp.MustCompile(`^0; url=(.+)$`)

// Onward is where a page sends the browser by itself; "" for nowhere.
func (p Page) Onward() string {
	if m := onward.FindStringSubmatch(p.Header.Get("Refresh")); m != nil {
		return m[1]
	}
	return ""
}

// ByProvider goes from a page of ours to the provider and back.
func (b *Browser) ByProvider(p *openidtest.Provider, leaving Page) Page {
	b.app.t.Helper()
	if leaving.Onward() == "" {
		b.app.t.Fatalf("the page leads to no provider: %d %s", leaving.Status, leaving.Text("main"))
	}
	return b.Get(b.Here(p.Visit(leaving.Onward())))
}

// Here is an address of the program as the browser opens it.
func (b *Browser) Here(u *url.URL) string { return u.RequestURI() }
