package session

import (
	"net/http"
	"net/url"
	"strings"

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

// nextCookie remembers which page somebody asked for before they signed in, by
// side: who chooses a new password comes back by a link of a mail. Until they ask
// for that mail nobody knows whose page it is; from then on it counts for the
// links of that address alone, so that it leads nobody else at this browser.
const (
	nextCookie  = "fieldgate_next_"
	nextUnasked = 10 * 60 // until a link is asked for
	nextLife    = 60 * 60 // until the link is used
)

func (m *Manager) keptNext(r *http.Request, side signin.Side) (next, of string) {
	c, err := r.Cookie(m.cookie.name(nextCookie + string(side)))
	if err != nil {
		return "", ""
	}
	kept, _ := url.ParseQuery(c.Value)
	return kept.Get("next"), kept.Get("of")
}

func (m *Manager) keepNext(w http.ResponseWriter, side signin.Side, next, of string, age int) {
	m.cookie.set(w, nextCookie+string(side), url.Values{"next": {next}, "of": {of}}.Encode(), age)
}

// KeepNext remembers the page that somebody is to sign in for; with none,
// somebody else may have asked for the one before, and it is forgotten.
func (m *Manager) KeepNext(w http.ResponseWriter, r *http.Request, side signin.Side, next string) {
	kept, of := m.keptNext(r, side)
	switch {
	case next != "":
		m.keepNext(w, side, next, "", nextUnasked)
	case kept != "" && of == "":
		m.dropNext(w, side)
	}
}

// KeepNextFor remembers that a link was asked for at an address, to get to the page.
func (m *Manager) KeepNextFor(w http.ResponseWriter, r *http.Request, side signin.Side, email string) {
	next, of := m.keptNext(r, side)
	switch {
	case next == "":
	case of == "", of == hashed(strings.ToLower(email)):
		m.keepNext(w, side, next, hashed(strings.ToLower(email)), nextLife)
	default:
		m.dropNext(w, side)
	}
}

// TakeNext is the page that was asked for at this browser before somebody signed
// in by a link that went to the address, once; "" for none, or when it was asked
// for by somebody else. It comes from outside: see form.Local.
func (m *Manager) TakeNext(w http.ResponseWriter, r *http.Request, side signin.Side, email string) string {
	next, of := m.keptNext(r, side)
	m.dropNext(w, side)
	if of != hashed(strings.ToLower(email)) {
		return ""
	}
	return next
}

func (m *Manager) dropNext(w http.ResponseWriter, side signin.Side) {
	m.cookie.set(w, nextCookie+string(side), "", -1)
}

// ForgetNext forgets the page: somebody has signed in for it, or out.
func (m *Manager) ForgetNext(w http.ResponseWriter, r *http.Request, side signin.Side) {
	if next, _ := m.keptNext(r, side); next != "" {
		m.dropNext(w, side)
	}
}

// asked is what a browser keeps between asking for a code, or giving the first
// factor, and what has to be typed next: the token that alone makes the digits
// worth something, and what the form before it said.
const askedCookie = "fieldgate_asked_"

// Asked is for what a browser waits.
type Asked string

// What a browser may wait for.
const (
	AskedCode   Asked = "code"   // to sign in
	AskedProof  Asked = "proof"  // of somebody signed in, or of a factor that is lost
	AskedPortal Asked = "portal" // the second factor
	AskedOffice Asked = "office"

	AskedPortalProvider Asked = "portal_provider" // what a provider says
	AskedOfficeProvider Asked = "office_provider"
)

// Waiting is what the browser keeps meanwhile.
type Waiting struct {
	Token    string
	Email    string // as typed
	Remember bool
}

// KeepWaiting lets the browser wait.
func (m *Manager) KeepWaiting(w http.ResponseWriter, of Asked, v Waiting) {
	kept := url.Values{"token": {v.Token}, "email": {v.Email}}
	if v.Remember {
		kept.Set("remember", "yes")
	}
	m.cookie.set(w, askedCookie+string(of), kept.Encode(), int((signin.CodeLife + signin.PendingLife).Seconds()))
}

// Waits is what the browser waits with; the zero Waiting when it does not.
func (m *Manager) Waits(r *http.Request, of Asked) Waiting {
	c, err := r.Cookie(m.cookie.name(askedCookie + string(of)))
	if err != nil {
		return Waiting{}
	}
	kept, _ := url.ParseQuery(c.Value)
	return Waiting{Token: kept.Get("token"), Email: kept.Get("email"), Remember: kept.Get("remember") != ""}
}

// StopWaiting takes the cookie back.
func (m *Manager) StopWaiting(w http.ResponseWriter, r *http.Request, of Asked) {
	if m.Waits(r, of) != (Waiting{}) {
		m.cookie.set(w, askedCookie+string(of), "", -1)
	}
}

// OnPhone reports whether the request comes from a phone: its owner alone uses it.
func OnPhone(r *http.Request) bool {
	if told := r.Header.Get("Sec-Ch-Ua-Mobile"); told != "" {
		return told == "?1"
	}
	agent := r.UserAgent()
	return strings.Contains(agent, "iPhone") || (strings.Contains(agent, "Android") && strings.Contains(agent, "Mobile"))
}
