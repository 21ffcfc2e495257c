package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// door is where a side sends whoever has to show first who they are, and how
// they get back to what they were at.
type door struct {
	side   signin.Side
	home   string
	unsent func(token string) string
}

var (
	portalDoor = door{signin.Portal, route.Home, route.Unsent}
	officeDoor = door{signin.Office, route.Office, route.OfficeUnsent}
)

// signedOut is what a script tells of a session that has ended.
const signedOut = "You have been signed out. Sign in again in another tab, then try again."

// send sends somebody to a page of signing in, and from there back to the page
// first asked for. A form waits there until they have signed in again. What a
// script asks for within a page stays there: the script says what is the matter.
func (d door) send(w http.ResponseWriter, r *http.Request, to string) {
	within := r.Header.Get("HX-Request") != "" && r.Header.Get("HX-Boosted") == ""
	switch {
	case upload.Scripted(r), within:
		http.Error(w, signedOut, http.StatusUnauthorized)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		redirect(w, r, d.with(to, r.URL.RequestURI()))
	default:
		next, err := d.keep(w, r)
		if err != nil {
			page.Fail(w, r, err)
			return
		}
		redirect(w, r, d.with(to, next))
	}
}

func redirect(w http.ResponseWriter, r *http.Request, to string) {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (d door) with(to, next string) string {
	if next = form.Local(next, d.home); next == d.home || strings.HasPrefix(next, to) {
		return to
	}
	return to + "?" + url.Values{"next": {next}}.Encode()
}

// unsent is a form that came when the session of whoever sent it had ended.
type unsent struct {
	URL    string
	Back   string // the page that it stood on
	Fields url.Values
	Files  []string // their names
	Proof  bool     // it waited for a fresh proof, not for signing in
	at     string   // where it waits
}

// Secrets are the fields that do not wait: passwords.
var Secrets = []string{"password", "current", "proof", "proof-passkey", "passkey", "secret"}

// keep keeps the form of a request, and returns the address where it waits. A
// form of nobody known is lost; the address is that of the page it stood on.
func (d door) keep(w http.ResponseWriter, r *http.Request) (next string, err error) {
	return d.keepAs(w, r, unsent{URL: r.URL.RequestURI(), Back: d.home})
}

func (d door) keepAs(w http.ResponseWriter, r *http.Request, f unsent) (next string, err error) {
	if from, err := url.Parse(r.Referer()); err == nil {
		f.Back = form.Local(from.RequestURI(), d.home)
	}
	if r.PostForm == nil { // it may bring files
		known, err := session.WasHere(r.Context(), d.side)
		if err != nil {
			return "", err
		}
		if !known {
			return f.Back, nil
		}
		if f.Files, err = upload.Outline(w, r); err != nil {
			return "", err
		}
	}
	f.Fields = r.PostForm
	for _, name := range Secrets {
		f.Fields.Del(name)
	}
	sealed, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("keep a form: %w", err)
	}
	token, err := session.KeepForm(r.Context(), d.side, form.ID(r, "contact"), sealed)
	if err != nil || token == "" {
		return f.Back, err
	}
	return d.unsent(token), nil
}

// Unsent shows forms that waited for whoever sent them to sign in again.
type Unsent struct {
	// Again are the screens that take forms. The one that takes the form shows it,
	// as it shows one in which something is wrong, and can do nothing.
	Again http.Handler
}

// Portal is the screen of the portal.
func (u Unsent) Portal(w http.ResponseWriter, r *http.Request, _ portal.Viewer) error {
	return u.show(w, r, route.Home)
}

// Office is the screen of the office.
func (u Unsent) Office(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return u.show(w, r, route.Office)
}

func (u Unsent) show(w http.ResponseWriter, r *http.Request, home string) error {
	token := chi.URLParam(r, "token")
	kept, err := session.FindForm(r.Context(), token)
	if errors.Is(err, apperr.NotFound) {
		return page.Redirect(w, r, home) // of somebody else's nothing is said
	}
	if err != nil {
		return err
	}
	var f unsent
	if err := json.Unmarshal(kept, &f); err != nil {
		return fmt.Errorf("show a kept form: %w", err)
	}
	at, err := url.ParseRequestURI(f.URL)
	if err != nil {
		return fmt.Errorf("show a kept form: %w", err)
	}
	f.at = r.URL.RequestURI()
	session.ShowForm(r.Context(), token, f.URL)
	ctx := postgres.Refuse(context.WithValue(r.Context(), chi.RouteCtxKey, (*chi.Context)(nil)), problem.Set{})
	again := r.Clone(context.WithValue(ctx, unsentKey{}, &f))
	again.Method, again.URL, again.RequestURI = http.MethodPost, at, f.URL
	again.PostForm, again.Form, again.Body, again.ContentLength = f.Fields, at.Query(), http.NoBody, 0
	for name, values := range f.Fields {
		again.Form[name] = append(values[:len(values):len(values)], again.Form[name]...)
	}
	again.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	again.Header.Set("Referer", f.Back)
	u.Again.ServeHTTP(w, again)
	return nil
}

type unsentKey struct{}

// waited is the form that the request only shows again; nil of any other.
func waited(ctx context.Context) *unsent {
	f, _ := ctx.Value(unsentKey{}).(*unsent)
	return f
}

// words say above the form what became of it.
func (f *unsent) words() string {
	if f.Proof {
		return "You have shown that it is you. Check this and send it."
	}
	words := "You had been signed out, so this was not sent. Check it and send it again."
	if len(f.Files) > 0 {
		words += " Choose “" + strings.Join(f.Files, "”, “") + "” again."
	}
	return words
}

// show answers with what the screen made of the form. Where it shows nothing
// again, such as of a mere button, the page follows that the form stood on.
func (f *unsent) show(w http.ResponseWriter, r *http.Request, err error) error {
	if _, refused := errors.AsType[problem.Set](err); !refused {
		return err
	}
	if f.Proof {
		session.Warn(r.Context(), "You have shown that it is you. Do it again now.")
	} else {
		session.Warn(r.Context(), "You had been signed out, so nothing was done. Do it again now.")
	}
	return page.Redirect(w, r, f.Back)
}
