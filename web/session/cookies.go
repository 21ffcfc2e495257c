package session

import (
	"net/http"
	"net/url"

	"fieldgate/internal/signin"
)

// cookies are how the program's cookies are called and where they are sent.
// With HTTPS their names begin with __Host-: browsers then take them from this
// very host alone, by HTTPS and for all of it, and no neighbour under the same
// domain can plant one. Cookies of another name are not looked at, so that
// changing over to HTTPS means to sign in again.
type cookies struct{ secure bool }

const hostOnly = "__Host-"

func (c cookies) name(plain string) string {
	if c.secure {
		return hostOnly + plain
	}
	return plain
}

func (c cookies) path(plain string) string {
	if c.secure {
		return "/"
	}
	return plain
}

// set gives the browser a cookie; age is in seconds, 0 until it closes, and less
// than that to take the cookie back.
func (c cookies) set(w http.ResponseWriter, plain, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure follows the portal: a server without HTTPS is for trying out
		Name: c.name(plain), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}

// either reads a cookie under its name with HTTPS or without.
func either(r *http.Request, plain string) string {
	for _, name := range []string{hostOnly + plain, plain} {
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
	}
	return ""
}

// nextCookie remembers for an hour which page somebody asked for before they
// signed in, by side: who chooses a new password comes back by a link of a mail.
const (
	nextCookie = "fieldgate_next_"
	nextLife   = 60 * 60
)

// KeepNext remembers the page for TakeNext.
func (m *Manager) KeepNext(w http.ResponseWriter, side signin.Side, next string) {
	m.cookie.set(w, nextCookie+string(side), url.QueryEscape(next), nextLife)
}

// TakeNext is the page that was asked for last, once; "" for none. It comes from
// outside: see form.Local.
func (m *Manager) TakeNext(w http.ResponseWriter, r *http.Request, side signin.Side) string {
	c, err := r.Cookie(m.cookie.name(nextCookie + string(side)))
	if err != nil {
		return ""
	}
	m.cookie.set(w, nextCookie+string(side), "", -1)
	next, _ := url.QueryUnescape(c.Value)
	return next
}
