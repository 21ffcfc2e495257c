package openid

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"fieldgate/internal/outbound"
)

// rules are what requests to a provider may reach.
type rules struct {
	plain   bool // http, too
	guarded bool // no address inside the house
}

var (
	errPlain = errors.New("the address has to begin with https://")
	errMoved = errors.New("the provider sends elsewhere")
	errLong  = errors.New("the answer is too long")
)

// longest is how much of an answer is read.
const longest = 1 << 20

// transport sends a request by the rules, and reads no more than there should be.
type transport struct {
	rules

	next http.RoundTripper
}

func newClient(r rules) *http.Client {
	dialer := &net.Dialer{Timeout: patience / 2, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: patience / 2, ResponseHeaderTimeout: patience, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4, MaxResponseHeaderBytes: 64 << 10,
	}
	if r.guarded {
		dialer.Control = outbound.Control // a proxy would look the name up out of our sight
	} else {
		t.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{
		Transport: transport{r, t}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errMoved },
	}
}

func ruleOf(c *http.Client) rules {
	t, _ := c.Transport.(transport)
	return t.rules
}

// checkURL judges an address that a provider has named.
func (r rules) checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("it is no address") // what it is may be long, and is not ours
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !r.plain) {
		return errPlain
	}
	return nil
}

// RoundTrip sends a request.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.checkURL(r.URL.String()); err != nil {
		return nil, err
	}
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("ask the provider: %w", err)
	}
	answer.Body = &bounded{answer.Body, longest}
	return answer, nil
}

// bounded is a body that fails where it gets too long.
type bounded struct {
	io.ReadCloser

	left int
}

// Read reads on.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	if len(p) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= n
	return n, err //nolint:wrapcheck // io.EOF is compared
}
