package web

import (
	"net/http"
	"strings"
	"sync/atomic"

	"fieldgate/internal/postgres"
	"fieldgate/web/page"
)

// opening answers for pages until the database has been brought up to date, so
// that whoever comes while the program starts is told to come again.
type opening struct {
	done   atomic.Bool
	ending atomic.Bool
}

func (o *opening) closed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.ending.Load() { // a proxy sends nothing more on this connection, which is about to go
			w.Header().Set("Connection", "close")
		}
		if o.done.Load() || r.URL.Path == healthz || r.URL.Path == readyz || strings.HasPrefix(r.URL.Path, "/static/") {
			next.ServeHTTP(w, r)
			return
		}
		page.Fail(w, r, postgres.ErrBehind)
	})
}

// Open lets visitors in: the database carries this program's schema. An App
// with Parts.Closed answers nothing before.
func (a *App) Open() { a.opening.done.Store(true) }

// Opened reports whether visitors were let in.
func (a *App) Opened() bool { return a.opening.done.Load() }

// Drain has the program say that it is not ready, so that proxies send visitors
// to other copies. Whoever still comes is served.
func (a *App) Drain() { a.opening.ending.Store(true) }
