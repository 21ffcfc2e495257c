// Package outbound calls addresses that others have named: they must not lead
// into the operator's own network.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrPrivate says that an address leads into a private network, or to this
// machine itself.
var ErrPrivate = errors.New("the address is in a private network")

// ErrRedirect says that an answer leads elsewhere, where nobody follows.
var ErrRedirect = errors.New("the answer leads to another address")

// private are networks that are nobody's on the internet, beside those that
// netip knows: https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry.
var private = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
)

// carriers are networks whose addresses stand for one of IPv4, from a byte on: in
// networks without IPv4 (NAT64) everything is reached by them.
var carriers = []struct {
	net netip.Prefix
	at  int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, {netip.MustParsePrefix("2002::/16"), 2},
}

func prefixes(all ...string) (parsed []netip.Prefix) {
	for _, p := range all {
		parsed = append(parsed, netip.MustParsePrefix(p))
	}
	return parsed
}

// Public reports whether an address is one of the internet.
func Public(a netip.Addr) bool {
	if a = a.Unmap().WithZone(""); !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range private {
		if p.Contains(a) {
			return false
		}
	}
	for _, c := range carriers {
		if c.net.Contains(a) {
			b := a.As16()
			return Public(netip.AddrFrom4([4]byte(b[c.at : c.at+4])))
		}
	}
	return true
}

// Guard lets addresses be called that are public, or that the operator allows.
type Guard struct {
	Allowed []netip.Prefix // private networks that may be called
}

// lets reports whether an address may be called.
func (g Guard) lets(a netip.Addr) bool {
	return Public(a) || slices.ContainsFunc(g.Allowed, func(p netip.Prefix) bool { return p.Contains(a.Unmap().WithZone("")) })
}

// Check reports whether an address may be called at all: https, with a host,
// without a name and password. Where it leads is only known when it is called.
func Check(address string) (*url.URL, error) { return Guard{}.Check(address) }

// Check is Check with what the operator allows.
func (g Guard) Check(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, errors.New("the address is not one of https") // its own words would show the address
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !g.lets(a) {
		return nil, ErrPrivate
	}
	return u, nil
}

// Client calls public addresses over https and nothing else. The address is
// looked at when the name has been resolved and the connection is about to be
// made, so that no name can lead elsewhere the second time; redirects are not
// followed. No proxy is asked: it would resolve the name for itself.
func Client(deadline time.Duration) *http.Client { return Guard{}.Client(deadline) }

// Client is Client with what the operator allows.
func (g Guard) Client(deadline time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: min(deadline, 10*time.Second), Control: g.Control}
	return &http.Client{
		Timeout: deadline,
		Transport: httpsOnly{g, &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: min(deadline, 10*time.Second),
			MaxIdleConns: 20, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 8, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return ErrRedirect },
	}
}

// Control lets a net.Dialer connect to public addresses alone, whatever name led
// to them and when that was looked up.
func Control(network, address string, c syscall.RawConn) error {
	return Guard{}.Control(network, address, c)
}

// Control is Control with what the operator allows.
func (g Guard) Control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !g.lets(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

type httpsOnly struct {
	guard Guard
	next  *http.Transport
}

// RoundTrip refuses what Check does.
func (h httpsOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := h.guard.Check(r.URL.String()); err != nil {
		return nil, err
	}
	return h.next.RoundTrip(r) //nolint:wrapcheck // the client wraps it
}

// Words are what went wrong with a call, without its address, whose path may be
// a secret.
func Words(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	switch {
	case errors.Is(err, ErrPrivate):
		return ErrPrivate.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing answers at this address (connection refused)"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was cut before an answer came"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no way leads to this address"
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok {
		if d.IsNotFound {
			return "there is no server of the name " + d.Name
		}
		return "the name " + d.Name + " could not be looked up"
	}
	if c, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not valid: " + strings.TrimPrefix(c.Err.Error(), "x509: ")
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "no answer in time"
	}
	return err.Error()
}

// Body reads no more of an answer than most bytes.
func Body(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("the answer is longer than %d bytes", most)
	}
	return b, nil
}
