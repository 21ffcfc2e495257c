package page

import (
	"net/http"
	"net/netip"

	"fieldgate/internal/audit"
)

// Visitor is somebody nobody knows yet, as the audit trail names them: by
// where they come from.
func Visitor(r *http.Request) audit.Actor {
	address, err := netip.ParseAddr(r.RemoteAddr) // bare: the server's middleware has seen to it
	if at, errPort := netip.ParseAddrPort(r.RemoteAddr); err != nil && errPort == nil {
		address = at.Addr()
	}
	return audit.Actor{Address: address.Unmap(), Request: RequestID(r)}
}
