package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/token"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// patience is how long a call waits for the caller's others.
const patience = 5 * time.Second

// known lets in whoever brings a token or key that works: nothing else about a
// request counts, and least of all a cookie.
func (a *API) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		h := out.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Del("Reporting-Endpoints")
		h.Set("X-Request-Id", page.RequestID(r))
		caller, refused, err := a.find(r)
		switch {
		case err != nil:
			page.Fail(out, r, err)
			return
		case refused != "":
			refuse(out, r, refused)
			return
		}
		ctx := page.WithCaller(r.Context(), caller.name())
		session.Note(ctx, caller.name())
		postgres.Own(ctx, caller.share())
		c := &call{w: &answer{ResponseWriter: out, asked: r}, caller: caller}
		r = r.WithContext(context.WithValue(ctx, callKey{}, c))
		c.r, c.w.asked = r, r
		defer func() { a.noted(r, c) }()
		if wait, ok := a.limits.take(caller.owner(), caller.most(), h); !ok {
			page.Fail(c.w, r, apperr.TooMany{Words: fmt.Sprintf("At most %d calls a minute. Wait as long as Retry-After says.", caller.most()), Wait: wait})
			c.w.send()
			return
		}
		waiting, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if !a.turns.Take(waiting, caller.owner()) {
			page.Fail(c.w, r, apperr.TooMany{Words: fmt.Sprintf("At most %d calls are answered at once.", busy), Wait: time.Second})
			c.w.send()
			return
		}
		defer a.turns.Give(caller.owner())
		next.ServeHTTP(c.w, r)
		c.w.send()
	})
}

// find is who calls. refused is why it is nobody who may.
func (a *API) find(r *http.Request) (c Caller, refused string, err error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return c, "Send the token as Authorization: Bearer fg_…", nil
	}
	kind, genuine := token.KindOf(secret)
	if !genuine {
		return c, "This is no token of this API, or not all of it.", nil
	}
	from, _ := netip.ParseAddr(r.RemoteAddr) // bare: the server's middleware has seen to it
	ok := false
	if kind == token.Contact {
		c.Key, c.Contact, ok, err = portal.FindKeyViewer(r.Context(), a.parts.DB, secret, from)
		c.Contact.Request = page.RequestID(r)
	} else {
		c.Token, c.Office, ok, err = token.FindViewer(r.Context(), a.parts.DB, secret, from)
		c.Office.Request = page.RequestID(r)
	}
	if err == nil && !ok {
		audit.Log(r.Context(), page.Visitor(r), audit.Incident{Event: "api-token-refused", Side: "api", Reason: "…" + secret[len(secret)-4:], Warns: true})
		refused = "This token has expired, has ended, or was never made."
	}
	return c, refused, err
}

func refuse(w http.ResponseWriter, r *http.Request, why string) {
	challenge := `Bearer realm="Fieldgate"`
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	page.NewProblem(r, "unauthorised", why).Write(w)
}

// share is whose part of the database the call uses: a contact's program shares
// that of the customer's people.
func (c Caller) share() string {
	if c.ByKey() {
		return fmt.Sprintf("customer %d", c.Contact.Customer)
	}
	return c.owner()
}

// noted writes the call down. What has no route is one kind of call, whatever
// addresses are tried.
func (a *API) noted(r *http.Request, c *call) {
	if c.caller.ByKey() || a.parts.Calls == nil {
		return
	}
	if c.w.status == 0 { // nothing was answered here: something broke
		c.w.status = http.StatusInternalServerError
	}
	route := "none"
	if p := chi.RouteContext(r.Context()).RoutePattern(); p != "" && c.w.status != http.StatusNotFound {
		route = p
	}
	from, _ := netip.ParseAddr(r.RemoteAddr)
	a.parts.Calls.Note(c.caller.Token.ID, page.Method(r), route, c.w.status, from, page.RequestID(r))
}

// answer is an answer that is gathered, so that it goes out whole, or direct for
// what goes out as it comes.
type answer struct {
	http.ResponseWriter
	asked  *http.Request
	status int
	body   bytes.Buffer
	direct bool
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.direct {
		a.ResponseWriter.WriteHeader(status)
	}
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write gathers.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.direct {
		return a.ResponseWriter.Write(b)
	}
	return a.body.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// send sends what was gathered; 304 when the caller has the same already.
func (a *answer) send() {
	if a.direct {
		return
	}
	h := a.Header()
	if a.status == 0 {
		a.status = http.StatusOK
	}
	tag := h.Get("ETag")
	if a.status == http.StatusOK && tag != "" && (a.asked.Method == http.MethodGet || a.asked.Method == http.MethodHead) && matches(a.asked.Header.Get("If-None-Match"), tag) {
		a.status = http.StatusNotModified
		a.body.Reset()
		h.Del("Content-Type")
	} else if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.body.Bytes()) // the caller has gone; nobody to tell
}
