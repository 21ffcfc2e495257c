package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
	"fieldgate/templates/layout"
	"fieldgate/web/page"
	"fieldgate/web/upload"
)

// numbered gives each request an id of our own: what a client sends as one
// would end in the log and the audit trail.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(page.WithRequestID(r.Context(), rand.Text()[:12])))
	})
}

// recovered turns a panic into an ordinary error page and one line in the log.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				page.Fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// clientAddress replaces RemoteAddr by the client's own bare address. Only
// proxies the operator trusts are believed, from the nearest to the farthest.
func clientAddress(trusted []netip.Prefix) func(http.Handler) http.Handler {
	believed := func(a netip.Addr) bool {
		for _, p := range trusted {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
				address := at.Addr().Unmap()
				hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
				for i := len(hops) - 1; i >= 0 && believed(address); i-- {
					hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
					if err != nil {
						break
					}
					address = hop.Unmap()
				}
				r.RemoteAddr = address.WithZone("").String()
			}
			next.ServeHTTP(w, r)
		})
	}
}

// policy lets pages use what this program serves, and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; report-uri " + cspReports + "; report-to csp"

func headers(secure, subdomains bool) func(http.Handler) http.Handler {
	https := "max-age=31536000"
	if subdomains {
		https += "; includeSubDomains"
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Reporting-Endpoints", `csp="`+cspReports+`"`)
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
			if secure {
				h.Set("Strict-Transport-Security", https)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// shared makes all that the request asks of the database one: it has one time,
// and one owner's part of the connections.
func shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(postgres.WithShare(r.Context())))
	})
}

// named lets pages say where they are.
func named(baseURL string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(layout.WithOrigin(r.Context(), baseURL)))
		})
	}
}

// wellFormed answers 404 for addresses that cannot be anybody's: the database
// takes neither NUL nor broken UTF-8.
func wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) || len(r.URL.Path) > 1000 {
			page.Fail(w, r, apperr.NotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses forms that other sites send (Sec-Fetch-Site, else Origin).
func sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST " + cspReports) // browsers send these by themselves, and they change nothing
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard.Check(r); err != nil {
			page.Fail(w, r, apperr.OtherSite)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// maxForm is how large a form may be, in bytes. Screens that take files allow
// more, once they know who sends them.
const maxForm = 1 << 20

func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == inboundMail { // it knows who sends before it reads, and how much it takes
			next.ServeHTTP(w, r)
			return
		}
		if brings(r) {
			upload.Hold(w, r, maxForm)
			next.ServeHTTP(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			if _, big := errors.AsType[*http.MaxBytesError](err); !big {
				err = apperr.Conflictf("The form could not be read. Open the page again and send it once more.")
			}
			page.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
