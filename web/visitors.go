package web

import (
	"context"
	"mime"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
	"fieldgate/internal/turns"
	"fieldgate/web/listen"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// visitors bounds what one visitor does at once. Whoever leaves downloads
// unread, or lets uploads trickle, uses up their own part and nobody else's.
type visitors struct {
	signedIn  *turns.Turns     // by person
	strangers *turns.Turns     // by network
	uploads   *turns.Turns     // forms with files, by person or network
	crowd     *turns.LastFirst // pages that are being made for strangers
}

// A page of photos asks for dozens of them at once; a browser sends six forms.
// Of one address there may be a whole office of people who sign in.
func newVisitors() visitors {
	return visitors{signedIn: turns.New(32, 128), strangers: turns.New(256, 512), uploads: turns.New(6, 24), crowd: turns.NewLastFirst(4 * runtime.GOMAXPROCS(0))}
}

// patience is how long a request waits for the visitor's others.
const patience = 5 * time.Second

func (v visitors) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, all := session.Visitor(r.Context()), v.signedIn
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		if who == "" {
			postgres.Own(r.Context(), session.Stranger(r)) // all strangers there together
			who, all = stranger(r), v.strangers
			// Not forms: who signs in waits for passwords to be compared, which have turns of their own.
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				if !v.crowd.Take(ctx) {
					page.Fail(w, r, apperr.Busy)
					return
				}
				leave := sync.OnceFunc(v.crowd.Give)
				defer leave()
				w = made{w, leave}
			}
		}
		if who == "" {
			next.ServeHTTP(w, r)
			return
		}
		for _, t := range []*turns.Turns{all, v.uploads} {
			if t == v.uploads && !brings(r) {
				continue
			}
			if !t.Take(ctx, who) {
				w.Header().Set("Connection", "close") // what else was asked for on it costs nobody anything
				page.Fail(w, r, apperr.Busy)
				return
			}
			defer t.Give(who)
		}
		next.ServeHTTP(w, r)
	})
}

// made is an answer that, once it is made, keeps nobody else from having one
// made, however long it takes to be read.
type made struct {
	http.ResponseWriter
	leave func()
}

func (m made) WriteHeader(status int) {
	m.leave()
	m.ResponseWriter.WriteHeader(status)
}

func (m made) Write(b []byte) (int, error) {
	m.leave()
	return m.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (m made) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// brings reports whether the form may bring files.
func brings(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "multipart/form-data"
}

// stranger is somebody not signed in, by network. An address of this machine or
// its network says nothing: it may be a proxy's that nobody told us of.
func stranger(r *http.Request) string {
	a, err := netip.ParseAddr(r.RemoteAddr)
	if err != nil || listen.MayBeProxy(a) {
		return ""
	}
	return session.Stranger(r)
}
