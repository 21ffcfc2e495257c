// Package openidtest is a provider of OpenID Connect for tests: with real keys
// and signatures, discovery, PKCE, refresh and logout tokens. Tests bend what it
// says, as a bad provider would.
package openidtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Client and Secret are what the provider knows the program by.
const (
	Client = "fieldgate"
	Secret = "the client's secret of tests"
)

// Claims are what is said in a token.
type Claims = map[string]any

// Provider is one provider; it ends with the test.
type Provider struct {
	URL string

	mu     sync.Mutex
	t      testing.TB
	keys   []key // the last signs
	who    Claims
	bend   func(Claims)
	answer func(w http.ResponseWriter, r *http.Request) bool
	meta   func(map[string]any)
	no     string
	silent bool // it sends no iss along
	grants map[string]grant
	ended  map[string]bool // subjects that no longer come in
	asked  map[string]int  // requests, by path
	seen   []url.Values    // at the authorization endpoint
}

type key struct {
	id  string
	key *ecdsa.PrivateKey
}

type grant struct {
	claims                       Claims
	redirect, challenge, subject string
	offline                      bool
}

// New starts a provider at which whoever comes is somebody with the subject and
// a confirmed address.
func New(t testing.TB, subject, email string) *Provider {
	t.Helper()
	p := &Provider{t: t, grants: map[string]grant{}, ended: map[string]bool{}, asked: map[string]int{}}
	p.Rotate()
	p.Is(subject, email)
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	p.URL = server.URL
	t.Cleanup(server.Close)
	return p
}

func (p *Provider) set(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// Is says who comes from now on.
func (p *Provider) Is(subject, email string) {
	p.set(func() {
		p.who = Claims{"sub": subject, "email": email, "email_verified": true, "name": strings.ToUpper(subject[:1]) + subject[1:], "sid": "sid of " + subject}
	})
}

// Bend changes what the ID tokens say; nil stops that.
func (p *Provider) Bend(bend func(Claims)) { p.set(func() { p.bend = bend }) }

// Answer lets a test answer requests itself; it says whether it has.
func (p *Provider) Answer(answer func(w http.ResponseWriter, r *http.Request) bool) {
	p.set(func() { p.answer = answer })
}

// Meta changes the discovery document.
func (p *Provider) Meta(change func(map[string]any)) { p.set(func() { p.meta = change }) }

// SaysNo lets the provider answer with an error instead of a code; "" stops that.
func (p *Provider) SaysNo(code string) { p.set(func() { p.no = code }) }

// Ended lets a subject come in no more, or again.
func (p *Provider) Ended(subject string, ended bool) { p.set(func() { p.ended[subject] = ended }) }

// Rotate makes a new key that signs from now on; earlier ones are told no more.
func (p *Provider) Rotate() {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.set(func() { p.keys = []key{{rand.Text(), k}} })
}

// Asked is how often a path was asked for.
func (p *Provider) Asked(path string) (n int) {
	p.set(func() { n = p.asked[path] })
	return n
}

// Seen is what the last browser brought along.
func (p *Provider) Seen() (q url.Values) {
	p.set(func() { q = p.seen[len(p.seen)-1] })
	return q
}

// Visit opens the address that the program has sent a browser to, and returns
// the address that the provider sends it back to.
func (p *Provider) Visit(address string) (back *url.URL) {
	p.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(address) //nolint:noctx // a test's own server
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if back, err = r.Location(); err != nil {
		p.t.Fatalf("the provider answers %d at %s", r.StatusCode, address)
	}
	return back
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	answer := p.answer
	p.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		p.discovery(w)
	case "/keys":
		p.jwks(w)
	case "/authorize":
		p.authorize(w, r)
	case "/token":
		p.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (p *Provider) discovery(w http.ResponseWriter) {
	doc := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256"}, "scopes_supported": []string{"openid", "email", "profile", "offline_access"},
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"authorization_response_iss_parameter_supported": true, "backchannel_logout_supported": true,
	}
	p.set(func() {
		if p.meta != nil {
			p.meta(doc)
		}
	})
	write(w, http.StatusOK, doc)
}

func (p *Provider) jwks(w http.ResponseWriter) {
	var set jose.JSONWebKeySet
	p.set(func() {
		for _, k := range p.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.key.PublicKey, KeyID: k.id, Algorithm: "ES256", Use: "sig"})
		}
	})
	write(w, http.StatusOK, set)
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "this is no request: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	p.set(func() {
		p.seen = append(p.seen, q)
		if !p.silent {
			answer.Set("iss", p.URL)
		}
		if p.no != "" {
			answer.Set("error", p.no)
			return
		}
		code, claims := rand.Text(), maps.Clone(p.who)
		claims["nonce"], claims["auth_time"] = q.Get("nonce"), time.Now().Unix()
		if q.Get("prompt") != "login" {
			claims["auth_time"] = time.Now().Add(-time.Hour).Unix()
		}
		subject, _ := claims["sub"].(string)
		p.grants[code] = grant{claims: claims, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), subject: subject, offline: strings.Contains(q.Get("scope"), "offline_access")}
		answer.Set("code", code)
	})
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound) //nolint:gosec // a provider sends people where the test says
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if !ok || id != Client || secret != Secret {
		write(w, http.StatusUnauthorized, Claims{"error": "invalid_client"})
		return
	}
	_ = r.ParseForm()
	p.mu.Lock()
	defer p.mu.Unlock()
	name := r.PostForm.Get("code") + r.PostForm.Get("refresh_token")
	g, known := p.grants[name]
	delete(p.grants, name)
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case !known || p.ended[g.subject],
		r.PostForm.Get("grant_type") == "authorization_code" && (g.redirect != r.PostForm.Get("redirect_uri") || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:])):
		write(w, http.StatusBadRequest, Claims{"error": "invalid_grant"})
		return
	}
	claims := maps.Clone(g.claims)
	if r.PostForm.Get("grant_type") == "refresh_token" {
		delete(claims, "nonce")
	}
	if p.bend != nil {
		p.bend(claims)
	}
	answer := Claims{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 3600, "id_token": p.sign(claims, nil)}
	if g.offline {
		refresh := rand.Text()
		p.grants[refresh] = g
		answer["refresh_token"] = refresh
	}
	write(w, http.StatusOK, answer)
}

// sign makes a token of claims, with issuer, audience and time where they are
// not said.
func (p *Provider) sign(claims Claims, with *key) string {
	all := Claims{"iss": p.URL, "aud": Client, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	k := p.keys[len(p.keys)-1]
	if with != nil {
		k = *with
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.key, KeyID: k.id}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		p.t.Error(err)
		return ""
	}
	raw, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		p.t.Error(err)
	}
	return raw
}

// Logout is a logout token about a subject, as change leaves it.
func (p *Provider) Logout(subject string, change func(Claims)) (raw string) {
	claims := Claims{"sub": subject, "jti": rand.Text(), "events": Claims{"http://schemas.openid.net/event/backchannel-logout": Claims{}}}
	if change != nil {
		change(claims)
	}
	p.set(func() { raw = p.sign(claims, nil) })
	return raw
}

// Forged is a token signed by nobody whom the provider tells of.
func (p *Provider) Forged(claims Claims) (raw string) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.set(func() { raw = p.sign(claims, &key{p.keys[0].id, k}) })
	return raw
}

// Unsigned is a token with no signature at all.
func (p *Provider) Unsigned(claims Claims) string {
	all := Claims{"iss": p.URL, "aud": Client, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	body, err := json.Marshal(all)
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("%s.%s.", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)), base64.RawURLEncoding.EncodeToString(body))
}

// Silent lets answers come without their issuer, as those of older providers.
func (p *Provider) Silent() {
	p.Meta(func(doc map[string]any) { delete(doc, "authorization_response_iss_parameter_supported") })
	p.set(func() { p.silent = true })
}
