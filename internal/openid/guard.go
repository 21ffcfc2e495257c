package openid

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// rules are what requests to a provider may reach.
type rules struct {
	plain   bool // http, too
	guarded bool // no address inside the house
}

var (
	errGuarded = errors.New("the address is inside this network")
	errPlain   = errors.New("the address has to begin with https://")
	errMoved   = errors.New("the provider sends elsewhere")
	errLong    = errors.New("the answer is too long")
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
		// The address itself is judged, whatever name led to it and when that was
		// looked up. A proxy would look it up out of our sight.
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return judge(address) }
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

// judge refuses addresses that are not out in the world.
func judge(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("judge %s: %w", address, err)
	}
	if inside(at.Addr()) {
		return errGuarded
	}
	return nil
}

// notOut are networks that are not out in the world, beside those that netip knows:
// https://www.iana.org/assignments/iana-ipv4-special-registry and its sister.
var notOut = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("fec0::/10"),
}

// carrying are networks whose addresses carry one of the older kind, from a byte on.
var carrying = []struct {
	net netip.Prefix
	at  int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, {netip.MustParsePrefix("2002::/16"), 2},
}

func inside(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return true
	}
	for _, p := range notOut {
		if p.Contains(a) {
			return true
		}
	}
	if netip.MustParsePrefix("64:ff9b:1::/48").Contains(a) {
		return true
	}
	for _, c := range carrying {
		if c.net.Contains(a) {
			b := a.As16()
			return inside(netip.AddrFrom4([4]byte(b[c.at : c.at+4])))
		}
	}
	return false
}
