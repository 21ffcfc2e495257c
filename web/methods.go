package web

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/web/page"
)

// otherMethod answers what a route does not take: 405, and what it takes. The
// routes are no secret; whether there is a record at the address is not looked at.
func otherMethod(mux chi.Routes) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.RawPath
		if path == "" {
			path = r.URL.Path
		}
		var taken []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if mux.Match(chi.NewRouteContext(), method, path) {
				taken = append(taken, method)
				if method == http.MethodGet {
					taken = append(taken, http.MethodHead)
				}
			}
		}
		if len(taken) == 0 {
			page.Fail(w, r, apperr.NotFound)
			return
		}
		w.Header().Set("Allow", strings.Join(taken, ", "))
		page.Fail(w, r, apperr.OtherMethod)
	}
}
