// Package openid asks providers of OpenID Connect who somebody is: where the
// browser goes, what it brings back, and whether that can be believed. It keeps
// no account; package signin says whom an answer lets in.
package openid

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"fieldgate/internal/outbound"
)

// Client is how this program is known at a provider.
type Client struct {
	Issuer, ID, Secret string
	// Typed says that the issuer was typed on a page: requests to it reach no
	// address inside the house unless the operator lets them.
	Typed bool
}

// Kind is what has gone wrong at a provider.
type Kind string

// The kinds.
const (
	Away    Kind = "provider-away"    // no answer, or none that can be read: it may come back by itself
	Refused Kind = "provider-refused" // it says that this person may not, or they have gone back
	Gone    Kind = "provider-ended"   // it no longer lets somebody in whom it let in before
	Misset  Kind = "provider-misset"  // client, secret or address are not as it has them
	Invalid Kind = "provider-invalid" // what came back cannot be believed
)

// Fault is what a provider, or what was said in its name, failed at.
type Fault struct {
	Kind Kind
	err  error
}

// Error is for logs.
func (f Fault) Error() string { return string(f.Kind) + ": " + f.err.Error() }

// Unwrap is what it comes from.
func (f Fault) Unwrap() error { return f.err }

func fault(kind Kind, format string, args ...any) Fault {
	return Fault{kind, fmt.Errorf(format, args...)}
}

// KindOf is the kind of a Fault, "" for any other error.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[Fault](err); ok {
		return f.Kind
	}
	return ""
}

// Ask is what one sign-in asks of a provider. State, nonce and verifier are made
// anew for each.
type Ask struct {
	Redirect string // where the browser comes back to
	State    string
	Nonce    string
	Verifier string // of PKCE (RFC 7636)
	Fresh    bool   // they sign in there again, though they are signed in
	Offline  bool   // with a token that asks later whether they are still there
	Hint     string // the address that was typed
}

// NewVerifier is a secret of PKCE.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// Answer is what the browser brings back.
type Answer struct {
	Code, State, Issuer, Error string
}

// AnswerOf reads the answer from the address that the browser was sent to.
func AnswerOf(q url.Values) Answer {
	return Answer{Code: q.Get("code"), State: q.Get("state"), Issuer: q.Get("iss"), Error: q.Get("error")}
}

// Somebody is whom a provider has named. Issuer and subject are who they are for
// good; the address may become somebody else's.
type Somebody struct {
	Issuer   string
	Subject  string
	Email    string
	Verified bool // the provider answers for the address
	Name     string
	// Hosted is the domain of the company whose account it is at Google, where
	// everybody may have one of their own; "" at other providers.
	Hosted  string
	Session string    // theirs at the provider, when it tells (sid)
	At      time.Time // when they gave a password there; zero when it does not tell
	Refresh string    // asks later whether they are still there; "" for none
}

const (
	// patience is how long one request may take, body and all.
	patience = 10 * time.Second
	// keepsFor is how long a discovery document is believed. Keys are fetched anew
	// whenever one comes that is not known.
	keepsFor = time.Hour
)

// Providers are the providers that were asked, with what they have told.
type Providers struct {
	open, guarded *http.Client

	mu   sync.Mutex
	kept map[string]*provider
}

// provider is one that has told where it answers.
type provider struct {
	*oidc.Provider
	at       time.Time
	told     told
	endpoint oauth2.Endpoint
}

// told is what of a discovery document the library does not read.
type told struct {
	Scopes      []string `json:"scopes_supported"`
	Methods     []string `json:"token_endpoint_auth_methods_supported"`
	Issuers     bool     `json:"authorization_response_iss_parameter_supported"`
	BackChannel bool     `json:"backchannel_logout_supported"`
}

// New are providers. Inside lets issuers that were typed stand inside the house,
// and answer without encryption.
func New(inside bool) *Providers {
	p := &Providers{open: newClient(rules{plain: inside}), guarded: newClient(rules{plain: inside, guarded: !inside}), kept: map[string]*provider{}}
	return p
}

func (p *Providers) client(c Client) *http.Client {
	if c.Typed {
		return p.guarded
	}
	return p.open
}

// discover asks a provider where it answers, unless that is known.
func (p *Providers) discover(ctx context.Context, c Client) (*provider, context.Context, error) {
	ctx = oidc.ClientContext(ctx, p.client(c))
	key := fmt.Sprint(c.Typed, " ", c.Issuer)
	p.mu.Lock()
	known := p.kept[key]
	p.mu.Unlock()
	if known != nil && time.Since(known.at) < keepsFor {
		return known, ctx, nil
	}
	fresh, err := p.ask(ctx, c)
	if err != nil {
		if known != nil && KindOf(err) == Away { // it told before: the document hardly ever changes
			return known, ctx, nil
		}
		return nil, ctx, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) >= mostKept {
		clear(p.kept)
	}
	p.kept[key] = fresh
	return fresh, ctx, nil
}

// mostKept bounds what is kept: issuers come from pages.
const mostKept = 1000

func (p *Providers) ask(ctx context.Context, c Client) (*provider, error) {
	if err := CheckIssuer(c.Issuer, true); err != nil {
		return nil, Fault{Misset, err}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := discovered(ctx, c.Issuer)
	if err != nil {
		return nil, err
	}
	fresh := &provider{Provider: found, at: time.Now(), endpoint: found.Endpoint()}
	if err := found.Claims(&fresh.told); err != nil {
		return nil, fault(Away, "read the discovery document: %w", err)
	}
	r := ruleOf(p.client(c))
	for what, address := range map[string]string{"authorization": fresh.endpoint.AuthURL, "token": fresh.endpoint.TokenURL} {
		if err := r.checkURL(address); err != nil {
			return nil, fault(Misset, "the provider's %s address: %w", what, err)
		}
	}
	// Asked both ways, a provider would see the code twice.
	fresh.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if m := fresh.told.Methods; len(m) > 0 && !slices.Contains(m, "client_secret_basic") {
		fresh.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return fresh, nil
}

func discovered(ctx context.Context, issuer string) (*oidc.Provider, error) {
	found, err := oidc.NewProvider(ctx, issuer)
	if err == nil {
		return found, nil
	}
	if _, other := errors.AsType[*oidc.IssuerMismatchError](err); other || errors.Is(err, outbound.ErrPrivate) || errors.Is(err, errPlain) {
		return nil, Fault{Misset, err}
	}
	if notFound.MatchString(err.Error()) {
		return nil, Fault{Misset, err}
	}
	return nil, Fault{Away, err}
}

// notFound is how the library tells of an address at which nothing is.
var notFound = regexp.MustCompile(`^40[04] `)

// CheckIssuer says what is wrong with an issuer as somebody typed it; plain lets
// http pass.
func CheckIssuer(issuer string, plain bool) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || len(issuer) > 500:
		return errors.New("write the issuer's address, such as https://login.example.com, without anything behind it")
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		return errors.New("the address has to begin with https://")
	case strings.Contains(u.Path, "/.well-known/"):
		return errors.New("write the issuer itself, without /.well-known/openid-configuration")
	case microsoft.MatchString(issuer) && microsoftTenant(issuer) == "":
		return errors.New("write your tenant's own address, https://login.microsoftonline.com/<tenant id>/v2.0: anybody could come by common, organizations or consumers")
	}
	return nil
}

func (p *provider) config(c Client, a Ask) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "email", "profile"}
	if a.Offline && slices.Contains(p.told.Scopes, oidc.ScopeOfflineAccess) {
		scopes = append(scopes, oidc.ScopeOfflineAccess)
	}
	return &oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, Endpoint: p.endpoint, RedirectURL: a.Redirect, Scopes: scopes}
}

// Leave is the address at the provider that the browser goes to.
func (p *Providers) Leave(ctx context.Context, c Client, a Ask) (address string, err error) {
	known, _, err := p.discover(ctx, c)
	if err != nil {
		return "", err
	}
	with := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier), oidc.Nonce(a.Nonce)}
	if a.Fresh {
		with = append(with, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if a.Hint != "" {
		with = append(with, oauth2.SetAuthURLParam("login_hint", a.Hint))
	}
	return known.config(c, a).AuthCodeURL(a.State, with...), nil
}

// Return is whom the provider names, for what the browser has brought back. The
// state was compared already.
func (p *Providers) Return(ctx context.Context, c Client, a Ask, got Answer) (Somebody, error) {
	known, ctx, err := p.discover(ctx, c)
	if err != nil {
		return Somebody{}, err
	}
	// RFC 9207: the answer of another provider is not taken to this one.
	if (got.Issuer != "" || known.told.Issuers) && got.Issuer != c.Issuer {
		return Somebody{}, fault(Invalid, "the answer comes from %q", got.Issuer)
	}
	if got.Error != "" {
		return Somebody{}, saidNo(got.Error)
	}
	if got.Code == "" {
		return Somebody{}, fault(Invalid, "the answer has neither code nor error")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	token, err := known.config(c, a).Exchange(ctx, got.Code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Somebody{}, tokenFault(err, Invalid)
	}
	who, err := known.somebody(ctx, c, token, a.Nonce)
	if err != nil {
		return Somebody{}, err
	}
	return who, nil
}

// saidNo is the fault for what a provider has answered instead of a code.
func saidNo(said string) Fault {
	switch said {
	case "server_error", "temporarily_unavailable":
		return fault(Away, "the provider answers %s", said)
	case "unauthorized_client", "invalid_request", "invalid_scope", "unsupported_response_type", "invalid_client":
		return fault(Misset, "the provider answers %s", said)
	}
	return fault(Refused, "the provider answers %.100q", said)
}

// tokenFault is the fault for a request that got no token; denied is what it
// means when the provider takes the grant for ended.
func tokenFault(err error, denied Kind) Fault {
	answer, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered || answer.Response == nil || answer.Response.StatusCode >= http.StatusInternalServerError || answer.Response.StatusCode == http.StatusTooManyRequests {
		return Fault{Away, errors.New(withoutBody(err))}
	}
	switch answer.ErrorCode {
	case "invalid_grant":
		return fault(denied, "the provider answers invalid_grant")
	case "invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type", "invalid_scope":
		return fault(Misset, "the provider answers %s", answer.ErrorCode)
	}
	return fault(Away, "the provider answers %d", answer.Response.StatusCode)
}

// withoutBody keeps what a provider says out of the log: it may hold tokens.
func withoutBody(err error) string {
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answer.Response != nil {
		return fmt.Sprintf("the provider answers %d", answer.Response.StatusCode)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Sprintf("%s: %v", failed.Op, failed.Err)
	}
	return "the provider's answer cannot be read"
}

// claims are what is read of an ID token.
type claims struct {
	Email     string          `json:"email"`
	Verified  json.RawMessage `json:"email_verified"`
	Edov      json.RawMessage `json:"xms_edov"` // Microsoft: the tenant owns the address's domain
	Tenant    string          `json:"tid"`
	Preferred string          `json:"preferred_username"`
	Name      string          `json:"name"`
	Hosted    string          `json:"hd"`
	Session   string          `json:"sid"`
	Party     string          `json:"azp"`
	At        int64           `json:"auth_time"`
}

// somebody verifies the ID token that came with an answer: issuer, audience, time
// and signature by the library, the rest here. An empty nonce is that of a refresh.
func (p *provider) somebody(ctx context.Context, c Client, token *oauth2.Token, nonce string) (who Somebody, err error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return who, fault(Invalid, "there is no ID token")
	}
	id, err := p.Verifier(&oidc.Config{ClientID: c.ID}).Verify(ctx, raw)
	if err != nil {
		if strings.Contains(err.Error(), "fetching keys") {
			return who, Fault{Away, err}
		}
		return who, Fault{Invalid, err}
	}
	if nonce != "" && subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return who, fault(Invalid, "the nonce is another")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return who, Fault{Invalid, err}
		}
	}
	var said claims
	if err := id.Claims(&said); err != nil {
		return who, fault(Invalid, "read the claims: %w", err)
	}
	if (said.Party != "" || len(id.Audience) > 1) && said.Party != c.ID {
		return who, fault(Invalid, "the token was made for another party")
	}
	if id.Subject == "" || len(id.Subject) > 255 {
		return who, fault(Invalid, "there is no subject")
	}
	who = Somebody{Issuer: c.Issuer, Subject: id.Subject, Email: strings.TrimSpace(said.Email), Name: said.Name, Session: said.Session, Refresh: token.RefreshToken}
	if who.Email == "" && microsoft.MatchString(c.Issuer) {
		who.Email = strings.TrimSpace(said.Preferred)
	}
	if said.At > 0 {
		who.At = time.Unix(said.At, 0)
	}
	who.Verified = said.verified(c.Issuer)
	if c.Issuer == google {
		who.Hosted, _ = Domain(said.Hosted)
	}
	if _, _, ok := SplitAddress(who.Email); !ok {
		who.Email, who.Verified = "", false
	}
	return who, nil
}

// verified reports whether the provider answers for the address. Microsoft leaves
// email_verified out for accounts of companies. Those of one tenant are its
// administrators' own; the issuer is the tenant's, and the token has to name it.
func (c claims) verified(issuer string) bool {
	for _, said := range []json.RawMessage{c.Verified, c.Edov} {
		switch strings.Trim(string(said), `"`) {
		case "":
		case "true", "1":
			return true
		default:
			return false
		}
	}
	tenant := microsoftTenant(issuer)
	return tenant != "" && strings.EqualFold(tenant, c.Tenant)
}

var (
	microsoft = regexp.MustCompile(`^https://(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)/`)
	tenants   = regexp.MustCompile(`^https://[^/]+/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/(?:v2\.0)?$`)
)

// google is the issuer of everybody's account at Google, a company's or their own: an
// account of one's own may carry an address at a company, which cannot end it.
// https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
const google = "https://accounts.google.com"

// Owned reports whether an account is one that a company gives and ends, with
// one of the domains that takes says yes to.
func (s Somebody) Owned(takes func(domain string) bool) bool {
	return s.Issuer != google || (s.Hosted != "" && takes(s.Hosted))
}

// personal is the tenant of everybody's own Microsoft account.
const personal = "9188040d-6c67-4c5b-b112-36a304b66dad"

// microsoftTenant is the company's tenant that an issuer of Microsoft is of, "" for any other.
func microsoftTenant(issuer string) string {
	found := tenants.FindStringSubmatch(issuer)
	if !microsoft.MatchString(issuer) || found == nil || strings.EqualFold(found[1], personal) {
		return ""
	}
	return found[1]
}

// Again asks with a refresh token whether somebody is still there: Gone when the
// provider no longer lets them in, Away when it does not say. It returns the
// token to ask with next.
func (p *Providers) Again(ctx context.Context, c Client, subject, refresh string) (next string, err error) {
	known, ctx, err := p.discover(ctx, c)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	token, err := known.config(c, Ask{Offline: true}).TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return "", tokenFault(err, Gone)
	}
	if raw, _ := token.Extra("id_token").(string); raw != "" {
		who, err := known.somebody(ctx, c, token, "")
		if err != nil {
			return "", err
		}
		if who.Subject != subject {
			return "", fault(Invalid, "the provider names somebody else")
		}
	}
	return cmp.Or(token.RefreshToken, refresh), nil
}

// Logout is whom a provider has logged out: a session of theirs, or all.
type Logout struct {
	ID       string // of the message, to take it once
	Subject  string
	Session  string
	IssuedAt time.Time
}

// ReadLogout verifies a logout token (OpenID Connect Back-Channel Logout 1.0).
func (p *Providers) ReadLogout(ctx context.Context, c Client, raw string) (l Logout, err error) {
	known, ctx, err := p.discover(ctx, c)
	if err != nil {
		return l, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	token, err := known.Verifier(&oidc.Config{ClientID: c.ID}).VerifyLogout(ctx, raw)
	if err != nil {
		if strings.Contains(err.Error(), "fetching keys") {
			return l, Fault{Away, err}
		}
		return l, Fault{Invalid, err}
	}
	if token.TokenID == "" || (token.Subject == "" && token.SessionID == "") {
		return l, fault(Invalid, "the logout token names nobody")
	}
	return Logout{ID: token.TokenID, Subject: token.Subject, Session: token.SessionID, IssuedAt: token.IssuedAt}, nil
}

// Told is what a provider says of itself, for those who set it up.
type Told struct {
	Host        string // where people sign in
	Refreshes   bool   // it can be asked later whether somebody is still there
	BackChannel bool   // it tells when it has logged somebody out
}

// Try asks a provider for its discovery document now.
func (p *Providers) Try(ctx context.Context, c Client) (t Told, err error) {
	found, err := p.ask(oidc.ClientContext(ctx, p.client(c)), c)
	if err != nil {
		return t, err
	}
	u, err := url.Parse(found.endpoint.AuthURL)
	if err != nil {
		return t, Fault{Misset, err}
	}
	return Told{Host: u.Host, Refreshes: slices.Contains(found.told.Scopes, oidc.ScopeOfflineAccess), BackChannel: found.told.BackChannel}, nil
}
