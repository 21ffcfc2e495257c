package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ownHost refuses requests for hosts that the program is not: a page under
// somebody else's name is nobody's. This machine may be asked by any name for
// it, and whether the program runs by whatever address a watcher knows.
func ownHost(baseURL string, log *slog.Logger) func(http.Handler) http.Handler {
	own := ""
	if u, err := url.Parse(baseURL); err == nil {
		own = u.Hostname()
	}
	logged := &logLimit{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host := hostname(r.Host)
			if strings.EqualFold(host, own) || loopback(host) || r.URL.Path == healthz || r.URL.Path == readyz {
				next.ServeHTTP(w, r)
				return
			}
			if logged.allow() {
				log.WarnContext(r.Context(), "a request for another host was refused; if it came by your proxy, let that pass the Host header on", "host", fmt.Sprintf("%.100q", r.Host), "own", own)
			}
			_ = plain(w, http.StatusMisdirectedRequest, "This host is not served here. Open "+baseURL+" instead.")
		})
	}
}

// hostname is the host without its port, which proxies add or leave out.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && a.IsLoopback())
}
