package page

import (
	"context"
	"net/http"
	"net/netip"

	"fieldgate/internal/audit"
	"fieldgate/web/session"
)

type proxied struct{ claimed netip.Addr }

type proxiedKey struct{}

// ThroughUnnamedProxy notes that the request comes through a proxy that the
// program was not told of, which claims to speak for somebody, or for nobody.
func ThroughUnnamedProxy(ctx context.Context, claimed netip.Addr) context.Context {
	return context.WithValue(ctx, proxiedKey{}, proxied{claimed})
}

// Visitor is somebody nobody knows yet, as the audit trail names them: by
// where they come from.
func Visitor(r *http.Request) audit.Actor {
	address, err := netip.ParseAddr(r.RemoteAddr) // bare: the server's middleware has seen to it
	if at, errPort := netip.ParseAddrPort(r.RemoteAddr); err != nil && errPort == nil {
		address = at.Addr()
	}
	on := session.Device(r)
	p, through := r.Context().Value(proxiedKey{}).(proxied)
	return audit.Actor{Address: address.Unmap(), Request: RequestID(r), Device: on.Token, Browser: on.Browser, Proxied: through, Claimed: p.claimed}
}
