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
type opening struct{ done atomic.Bool }

func (o *opening) closed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
