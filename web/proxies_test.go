package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/web/page"
)

// TestUnnamedProxies: whoever sends X-Forwarded-For and is not trusted is told of
// once; what is a proxy for all one can tell shuts nobody out, and an address out
// in the world cannot pass for one where proxies are named.
func TestUnnamedProxies(t *testing.T) {
	t.Parallel()
	named := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, c := range []struct {
		name, peer, forwarded string
		https                 bool
		trusted               []netip.Prefix
		proxied               bool
		claimed               string
		told                  int
	}{
		{"a visitor", "203.0.113.9:1", "", false, nil, false, "", 0},
		{"on this machine", "127.0.0.1:1", "198.51.100.1, 203.0.113.9", false, nil, true, "203.0.113.9", 1},
		{"in a private network", "[::ffff:10.0.0.2]:1", "203.0.113.9", true, named, true, "203.0.113.9", 1},
		{"nonsense from there", "192.168.1.1:1", "me", false, nil, true, "", 1},
		{"a named one", "10.0.0.1:1", "203.0.113.9", true, named, false, "", 0},
		{"from the world, where one is named", "203.0.113.9:1", "198.51.100.1", true, named, false, "", 1},
		{"from the world, without HTTPS", "203.0.113.9:1", "198.51.100.1", false, nil, false, "", 1},
		{"behind HTTPS, and none is named", "203.0.113.9:1", "198.51.100.1", true, nil, true, "198.51.100.1", 1},
		{"the same, and it says nothing", "203.0.113.9:1", "", true, nil, true, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var who audit.Actor
			noted := make(chan netip.Addr, 10)
			u := newUnnamedProxies(Options{
				Proxies: c.trusted, Secure: c.https, Log: slog.New(slog.NewTextHandler(&log, nil)),
				NoteProxy: func(_ context.Context, a netip.Addr) error { noted <- a; return nil },
			})
			h := u.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { who = page.Visitor(r) }))
			for range 3 {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil)
				r.RemoteAddr = c.peer
				if c.forwarded != "" {
					r.Header.Set("X-Forwarded-For", c.forwarded)
				}
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			claimed := ""
			if who.Claimed.IsValid() {
				claimed = who.Claimed.String()
			}
			if who.Proxied != c.proxied || claimed != c.claimed {
				t.Errorf("proxied %v for %q, want %v for %q", who.Proxied, claimed, c.proxied, c.claimed)
			}
			if got := strings.Count(log.String(), "X-Forwarded-For is not believed"); got != c.told {
				t.Errorf("told %d times, want %d", got, c.told)
			}
			if c.proxied && c.told > 0 {
				if got := <-noted; !strings.Contains(c.peer, got.String()) {
					t.Errorf("noted %s", got)
				}
			}
		})
	}
}
