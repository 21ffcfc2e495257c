package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldgate/web/listen"
	"fieldgate/web/page"
)

// unnamedProxies looks at who sends X-Forwarded-For without being a proxy that
// the operator trusts. Nobody is believed for it, but the operator is told: in
// the log, once an hour for each address, and by note for those that are
// proxies for all one can tell. Everybody comes by the address of such a proxy,
// so that it must not shut out all for what one has tried: see page.Visitor.
//
// It is a proxy for all one can tell if it stands where proxies stand and
// customers do not, on this machine or in a private network; or if the portal is
// reached by HTTPS, which this program leaves to a proxy, and none is named.
type unnamedProxies struct {
	trusted []netip.Prefix
	behind  bool // by HTTPS, and no proxy is named: whoever connects is one
	note    func(context.Context, netip.Addr) error
	log     *slog.Logger

	mu   sync.Mutex
	told map[netip.Addr]time.Time
}

func newUnnamedProxies(o Options) *unnamedProxies {
	return &unnamedProxies{trusted: o.Proxies, behind: o.Secure && len(o.Proxies) == 0, note: o.NoteProxy, log: o.Log, told: map[netip.Addr]time.Time{}}
}

func (u *unnamedProxies) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, err := netip.ParseAddrPort(r.RemoteAddr)
		peer := at.Addr().Unmap().WithZone("")
		forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		if err != nil || (forwarded == "" && !u.behind) || slices.ContainsFunc(u.trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
			next.ServeHTTP(w, r)
			return
		}
		proxy := u.behind || listen.MayBeProxy(peer)
		if forwarded != "" && u.once(peer) {
			u.tell(r.Context(), peer, proxy)
		}
		if proxy {
			// The nearest proxy writes last; what stands before it, anybody may have sent.
			last := forwarded[strings.LastIndexByte(forwarded, ',')+1:]
			claimed, _ := netip.ParseAddr(strings.TrimSpace(last))
			r = r.WithContext(page.ThroughUnnamedProxy(r.Context(), claimed.Unmap().WithZone("")))
		}
		next.ServeHTTP(w, r)
	})
}

// once reports whether the address was not told of in the last hour. Of more
// than a thousand in an hour nobody needs to hear.
func (u *unnamedProxies) once(peer netip.Addr) bool {
	const most = 1000
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.told[peer]; ok && now.Sub(at) < time.Hour {
		return false
	}
	if len(u.told) >= most {
		for a, at := range u.told {
			if now.Sub(at) >= time.Hour {
				delete(u.told, a)
			}
		}
	}
	if len(u.told) >= most {
		return false
	}
	u.told[peer] = now
	return true
}

func (u *unnamedProxies) tell(ctx context.Context, peer netip.Addr, proxy bool) {
	u.log.WarnContext(ctx, "X-Forwarded-For is not believed: its sender is not in FIELDGATE_TRUSTED_PROXIES", "peer", peer.String(), "proxy", proxy)
	if !proxy || u.note == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := u.note(ctx, peer); err != nil {
			u.log.WarnContext(ctx, "an unnamed proxy was not noted", "peer", peer.String(), "error", err)
		}
	}()
}
