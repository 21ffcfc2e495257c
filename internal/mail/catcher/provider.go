package catcher

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"

	"fieldgate/internal/mail"
)

// Provider gives tokens to a program that knows its secret, as Microsoft's and
// Google's addresses for tokens do (RFC 6749), and knows later which are good.
type Provider struct {
	server *httptest.Server

	mu     sync.Mutex
	life   int
	given  []url.Values
	token  string
	status int
	answer map[string]any
}

// The provider's secrets.
const (
	ClientID     = "fieldgate-of-northwind"
	ClientSecret = "sec~ret/ of the client"
	RefreshToken = "1//refresh"
)

// StartProvider starts a provider whose tokens live for so many seconds.
func StartProvider(life int) *Provider {
	p := &Provider{life: life}
	p.server = httptest.NewServer(http.HandlerFunc(p.give))
	return p
}

// Close stops the provider.
func (p *Provider) Close() { p.server.Close() }

// OAuth is what its customer has to know.
func (p *Provider) OAuth() mail.OAuth {
	return mail.OAuth{TokenURL: p.server.URL + "/token", ClientID: ClientID, ClientSecret: ClientSecret, Scope: "https://mail.test/.default"}
}

// Good tells whether the token is the last one given and not ended: Options.Token.
func (p *Provider) Good(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return token != "" && token == p.token
}

// End makes all tokens given so far worthless.
func (p *Provider) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = ""
}

// Answer makes the provider say this from now on; status 0 makes it give tokens again.
func (p *Provider) Answer(status int, answer map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.answer = status, answer
}

// Asked are the forms by which tokens were asked for.
func (p *Provider) Asked() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.given
}

func (p *Provider) give(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = r.ParseForm() // what is no form is refused below
	p.given = append(p.given, r.PostForm)
	status, answer := p.status, p.answer
	switch f := r.PostForm; {
	case status != 0:
	case f.Get("client_id") != ClientID || f.Get("client_secret") != ClientSecret:
		status, answer = http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"}
	case f.Get("grant_type") == "client_credentials" && f.Get("scope") != "", f.Get("grant_type") == "refresh_token" && f.Get("refresh_token") == RefreshToken:
		p.token = rand.Text()
		status, answer = http.StatusOK, map[string]any{"access_token": p.token, "token_type": "Bearer", "expires_in": p.life}
	default:
		status, answer = http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // whoever asked has gone
}
