// Package page sends pages: whole or not at all, and one place for everything
// that goes wrong.
package page

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/blob"
	"fieldgate/internal/password"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/templates/fail"
	"fieldgate/templates/layout"
	officeview "fieldgate/templates/office"
	portalview "fieldgate/templates/portal"
	"fieldgate/web/session"
)

// buffers are those of pages that were sent: growing one anew copies the page
// several times.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render sends a page. It is rendered into memory first, so that an error on
// the way becomes an error page and not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	buf := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // nothing else is kept
	defer buffers.Put(buf)
	buf.Reset()
	if err := c.Render(r.Context(), buf); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the client has gone; nobody to tell
	return nil
}

// Redirect sends the browser on after something was done.
func Redirect(w http.ResponseWriter, r *http.Request, url string) error {
	path, _, _ := strings.Cut(url, "#")
	path, _, _ = strings.Cut(path, "?")
	session.LeadTo(r.Context(), path)
	if r.Method == http.MethodPost {
		session.FormTaken(r.Context(), r.URL.RequestURI())
	}
	if r.Header.Get("HX-Boosted") != "" && strings.Contains(url, "#") { // a script that is redirected is not told the fragment
		w.Header().Set("HX-Location", url)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}

// RequestID is the id under which the log knows the request.
func RequestID(r *http.Request) string { return RequestIDOf(r.Context()) }

type requestID struct{}

// WithRequestID is the context of a request with that id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// RequestIDOf is the id of the request whose context it is, "" for that of other work.
func RequestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestID{}).(string)
	return id
}

// Fail answers a request that went wrong: what cannot be seen is 404, what may
// not be done 403, what the state of things forbids 409. Anything else is our
// fault: it is logged once, and the page carries the id to find it by. Programs
// are answered as RFC 9457 says.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	view := fail.Page{RequestID: RequestID(r), Office: strings.HasPrefix(r.URL.Path, "/office")}
	f := judge(w, r, err)
	if f.status == 0 {
		return
	}
	status := f.status
	view.Title, view.Text = f.title, f.text
	recordRefusal(r, status, err)
	if ForPrograms(r) {
		f.problem(r, err).Write(w)
		return
	}
	if r.Header.Get("Accept") == "text/plain" { // a script, which shows the sentence itself
		http.Error(w, view.Text, status)
		return
	}
	if v, ok := session.OfficeViewer(r.Context()); ok && view.Office {
		frame := officeview.Page(v, view.Title, "")
		view.Staff = &frame
	} else if v, ok := session.LinkViewer(r.Context()); ok && !view.Office {
		frame := portalview.Page(v, view.Title, "")
		view.Contact, view.Home, view.HomeLabel = &frame, portalview.RecordOf(v), "Back to the "+v.Link.Thing()
		if status == http.StatusNotFound {
			view.Text = "The link in your email opens this " + v.Link.Thing() + " alone. Press Close and log in to see more."
		}
	} else if v, ok := session.PortalViewer(r.Context()); ok && v.Contact != 0 && !v.MustChange {
		frame := portalview.Page(v, view.Title, "")
		view.Contact = &frame
	} else {
		view.Brand, view.Preview = look(r, err)
	}
	if view.Office { // it has colours of its own
		view.Brand = layout.Brand{Name: view.Brand.Name, LogoURL: view.Brand.LogoURL, HeadURL: view.Brand.HeadURL, LogoWidth: view.Brand.LogoWidth, LogoHeight: view.Brand.LogoHeight, IconURL: view.Brand.IconURL, HomeIconURL: view.Brand.HomeIconURL}
	}
	if status < 500 {
		view.RequestID = ""
	}
	if err := Render(w, r, status, fail.Show(view)); err != nil {
		http.Error(w, view.Title+". "+view.Text, status)
	}
}

// failure is an error as it is answered.
type failure struct {
	status      int
	kind        string // for programs
	title, text string
}

// judge says how an error is answered, and logs what is our fault. The zero
// failure is for who has gone.
func judge(w http.ResponseWriter, r *http.Request, err error) (f failure) {
	f = failure{status: http.StatusInternalServerError, kind: "failed"}
	var (
		tooBig   *http.MaxBytesError
		denied   apperr.Forbidden
		conflict apperr.Conflict
		tooMany  apperr.TooMany
		problems problem.Set
	)
	switch {
	case errors.Is(err, apperr.NotFound):
		f.kind = "not-found"
		f.status = http.StatusNotFound
		f.title, f.text = "Page not found", "There is nothing at this address, or you do not have access to it."
	case errors.Is(err, apperr.OtherMethod):
		f.kind = "method"
		f.status = http.StatusMethodNotAllowed
		f.title, f.text = "Page not found", "This page opens only from its form. Go back and try again."
	case errors.Is(err, apperr.OtherSite):
		f.kind = "other-site"
		f.status = http.StatusForbidden
		f.title, f.text = "You cannot do this", "This form came from another website. Open the page here and try again."
	case errors.As(err, &denied):
		f.kind = "forbidden"
		f.status = http.StatusForbidden
		f.title, f.text = cmp.Or(denied.Title, "You cannot do this"), denied.Words
	case errors.Is(err, apperr.Forbidden{}):
		f.kind = "forbidden"
		f.status = http.StatusForbidden
		f.title, f.text = "You cannot do this", "You can see this, but not change it."
	case errors.Is(err, apperr.ProofNeeded):
		f.kind = "forbidden"
		f.status = http.StatusForbidden
		f.title, f.text = "Your password is needed", "Sign out and sign in again, then do this once more."
	case errors.Is(err, apperr.SignedOut):
		f.kind = "forbidden"
		f.status = http.StatusForbidden
		f.title, f.text = "You are signed out", "Sign in and do this again."
	case errors.As(err, &conflict):
		f.kind = "conflict"
		f.status = http.StatusConflict
		f.title, f.text = "That did not work", conflict.Words
	case errors.As(err, &tooMany):
		f.kind = "too-many"
		f.status = http.StatusTooManyRequests
		RetryAfter(w, tooMany.Wait)
		f.title, f.text = "That is a lot at once", tooMany.Words
	case errors.Is(err, apperr.Stale):
		f.kind = "changed"
		f.status = http.StatusConflict
		f.title, f.text = "Somebody else has changed this", "It was changed while you had it open. Go back, reload the page and try again."
	case errors.As(err, &problems):
		f.kind = "invalid"
		f.status = http.StatusUnprocessableEntity
		f.title, f.text = "Something is not right yet", strings.Join(sentences(problems), " ")
	case errors.As(err, &tooBig):
		f.kind = "too-large"
		f.status = http.StatusRequestEntityTooLarge
		f.title, f.text = "That is too much at once", "What you sent is too large. Send fewer or smaller files."
	case errors.Is(err, apperr.Busy):
		f.kind = "too-many"
		f.status = http.StatusTooManyRequests
		RetryAfter(w, 5*time.Second)
		f.title, f.text = "Too much at once", "Many of your pages or files are still loading. Let them finish, then try again."
	case errors.Is(err, password.ErrBusy):
		f.kind = "unavailable"
		f.status = http.StatusServiceUnavailable
		RetryAfter(w, 5*time.Second)
		f.title, f.text = "Very busy right now", "Many people are signing in right now. Try again in a few seconds."
	case errors.Is(err, postgres.ErrUnknown):
		f.kind = "outcome-unknown"
		f.status = http.StatusServiceUnavailable
		f.title, f.text = "We do not know whether that was saved", "The connection broke while we were saving it. Check whether it is there before you send it again."
		slog.ErrorContext(r.Context(), "outcome unknown", "request", RequestID(r), "method", r.Method, "route", Pattern(r), "error", err)
	case errors.Is(err, blob.ErrNotFound):
		f.kind = "file-missing"
		f.status = http.StatusGone // the storage has logged and counted it
		f.title, f.text = "This file is missing from storage", "The file is listed here, but its content is missing. Tell us its name, or send it again if you still have it."
	case hindered(err) != "":
		f.kind = "unavailable"
		f.status, f.title, f.text = storageTrouble(hindered(err), r.Method)
		RetryAfter(w, time.Minute)
		slog.ErrorContext(r.Context(), "storage has trouble", "request", RequestID(r), "method", r.Method, "route", Pattern(r), "error", err)
	case postgres.Held(err):
		f.kind = "unavailable"
		f.status = http.StatusServiceUnavailable
		RetryAfter(w, 5*time.Second)
		f.title, f.text = "This takes too long right now", "Something else is being saved at the same time. Try again in a few seconds; a form sent twice is saved once."
		slog.WarnContext(r.Context(), "the database made a request wait too long", "request", RequestID(r), "method", r.Method, "route", Pattern(r), "error", err)
	case errors.Is(err, postgres.ErrBehind):
		f.kind = "unavailable"
		f.status = http.StatusServiceUnavailable
		RetryAfter(w, 10*time.Second)
		f.title, f.text = "We will be right back", "The portal is starting. Try again in a minute."
	case postgres.Away(err):
		f.kind = "unavailable"
		f.status = http.StatusServiceUnavailable
		RetryAfter(w, 10*time.Second)
		f.title, f.text = "We will be right back", "The portal cannot reach its data right now. Nothing is lost. Try again in a minute."
		slog.ErrorContext(r.Context(), "database away", "request", RequestID(r), "method", r.Method, "route", Pattern(r), "error", err)
	case r.Context().Err() != nil:
		return failure{} // the client has gone
	default:
		f.title, f.text = "Something went wrong", "This is our fault, not yours. Try again. If it happens again, tell us the number below."
		slog.ErrorContext(r.Context(), "request failed", "request", RequestID(r), "method", r.Method, "route", Pattern(r), "error", err)
	}
	return f
}

// hindered is how storage is hindered, the database's disk included; "" when it
// is something else that went wrong.
func hindered(err error) blob.Kind {
	if postgres.Full(err) {
		return blob.Full
	}
	t, _ := blob.Troubled(err)
	return t.Kind
}

// storageTrouble tells what became of the request, and what to do.
func storageTrouble(kind blob.Kind, method string) (status int, title, text string) {
	switch {
	case kind != blob.Full && (method == http.MethodGet || method == http.MethodHead):
		return http.StatusServiceUnavailable, "Files cannot be opened right now", "We cannot reach our storage right now. Nothing is lost. Try again in a minute."
	case kind == blob.Full:
		return http.StatusInsufficientStorage, "Our storage is full", "Nothing was saved: there is no room left. Tell us, and send it again later."
	}
	return http.StatusServiceUnavailable, "Files cannot be saved right now", "Nothing was saved. Send it again in a few minutes. If it happens again, tell us."
}

// RetryAfter tells programs when to try again, if waiting helps.
func RetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

type businessKey struct{}

// WithBusiness lets pages before sign-in, and failures, be shown in the look of
// the business; read asks the database who the business is.
func WithBusiness(ctx context.Context, read func(context.Context) (portal.Business, error)) context.Context {
	return context.WithValue(ctx, businessKey{}, read)
}

// Business is what is shown of the business: as the viewer of the portal knows
// it, else as the database does.
func Business(ctx context.Context) (portal.Business, error) {
	if v, ok := session.PortalViewer(ctx); ok {
		return v.Business, nil
	}
	read, ok := ctx.Value(businessKey{}).(func(context.Context) (portal.Business, error))
	if !ok {
		return portal.Business{}, errors.New("the request does not know how to read the business")
	}
	return read(ctx)
}

// look is how the business shows itself on a failure of the portal: not at all
// when it cannot be read, since a failure must be shown even then.
func look(r *http.Request, err error) (layout.Brand, layout.Preview) {
	v, signedIn := session.PortalViewer(r.Context())
	if !signedIn && (postgres.Away(err) || errors.Is(err, postgres.ErrBehind)) {
		return layout.Brand{}, layout.Preview{}
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	b, err := Business(ctx)
	if err != nil {
		return layout.Brand{}, layout.Preview{}
	}
	if !signedIn {
		return portalview.BrandOf(b), layout.Preview{}
	}
	return portalview.BrandOf(b), portalview.PreviewOf(v)
}

// Pattern is the route's, for the log, or "none": addresses carry the tokens of links.
func Pattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "none"
}

func sentences(p problem.Set) []string {
	out := make([]string, 0, len(p))
	for _, s := range p {
		out = append(out, s)
	}
	return out
}
