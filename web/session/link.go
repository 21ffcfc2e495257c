package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// linkCookie carries a session by a record link: a cookie of its own, which comes
// before a sign-in of somebody else in the same browser until it is left.
// codeCookie carries the token of a code that was asked for there, and
// openingCookie the link's token from the address in the email, which no
// history keeps as it only leads on, to the page with the button.
const (
	linkCookie    = "fieldgate_link"
	openingCookie = "fieldgate_opening"
	openingLife   = 60 * 60 // to press a button, in seconds
	codeCookie    = "fieldgate_link_code"
)

// linking finds the session by a record link that the browser carries.
func (m *Manager) linking(next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := m.carried(r, linkCookie)
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		v := visitOf(r.Context())
		found, who, ok, err := portal.FindLinkSession(r.Context(), m.db, hashed(token))
		if err != nil {
			fail(w, r, err)
			return
		}
		if ok {
			who.Address = v.address
			v.link, v.linkHash, v.linkWords = &who, hashed(token), found
			postgres.Own(r.Context(), owner(r.Context()))
			note(r.Context())
		} else {
			v.linkEnded = true
			m.cookie.set(w, linkCookie, "", -1)
		}
		next.ServeHTTP(w, r)
	})
}

func (m *Manager) carried(r *http.Request, plain string) string {
	c, err := r.Cookie(m.cookie.name(plain))
	if err != nil {
		return ""
	}
	return c.Value
}

// LinkViewer is who has come by a record link; ok is false for everybody else.
func LinkViewer(ctx context.Context) (portal.Viewer, bool) {
	if v := visitOf(ctx); v != nil && v.link != nil {
		return *v.link, true
	}
	return portal.Viewer{}, false
}

// LinkEnded reports whether the browser still carries a session by a record link
// that is over.
func LinkEnded(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.linkEnded
}

// KeepOpening keeps the token of a record link that the browser is about to open.
func (m *Manager) KeepOpening(w http.ResponseWriter, token string) {
	m.cookie.set(w, openingCookie, token, openingLife)
}

// Opening is the token of the record link that the browser is about to open, ""
// for none.
func (m *Manager) Opening(r *http.Request) string { return m.carried(r, openingCookie) }

// BeginByLink begins a session that looks at the record of the link, in place of
// another one by a link in this browser, and notes that it was opened. Errors as
// of signin.BeginLinkSession.
func (m *Manager) BeginByLink(w http.ResponseWriter, r *http.Request, link string) (signin.RecordLink, error) {
	token, device := rand.Text(), Device(r)
	l, err := m.signin.BeginLinkSession(r.Context(), signin.NewLinkSession{
		Link: link, TokenHash: hashed(token), Device: device.Token, Address: device.Address, Browser: device.Browser,
	})
	if err != nil {
		return l, err
	}
	if err := m.endLink(r.Context()); err != nil {
		return l, err
	}
	m.cookie.set(w, linkCookie, token, 0)
	m.cookie.set(w, codeCookie, "", -1)
	m.cookie.set(w, openingCookie, "", -1)
	return l, nil
}

// LeaveLink ends the session by a record link, if there is one.
func (m *Manager) LeaveLink(w http.ResponseWriter, r *http.Request) error {
	if err := m.endLink(r.Context()); err != nil {
		return err
	}
	if m.carried(r, linkCookie) != "" {
		m.cookie.set(w, linkCookie, "", -1)
	}
	return nil
}

func (m *Manager) endLink(ctx context.Context) error {
	v := visitOf(ctx)
	if v.link == nil {
		return nil
	}
	v.link = nil
	return m.signin.EndLinkSession(ctx, v.linkHash)
}

// AskLinkCode sends a code to the contact of whoever has come by a record link.
// Errors as of signin.AskCode.
func AskLinkCode(w http.ResponseWriter, r *http.Request, from audit.Actor) error {
	v := visitOf(r.Context())
	if v.link == nil {
		return apperr.SignedOut
	}
	m, l := v.manager, v.link.Link
	from.Contact, from.Name = v.link.Contact, v.link.Name
	token, err := m.signin.AskCode(r.Context(), from, signin.CodeFor{Contact: v.link.Contact, About: about(l)}, signin.RecordCode, "")
	if err != nil {
		return err
	}
	m.cookie.set(w, codeCookie, token, int(signin.CodeLife.Seconds()))
	return nil
}

func about(l portal.Link) string { return l.Thing() + " " + l.Number }

// ProveLink takes the digits of that code: whoever has come by a record link has
// the contact's mailbox at their hands. The browser is known from then on. Errors
// as of signin.UseCode.
func ProveLink(w http.ResponseWriter, r *http.Request, from audit.Actor, digits string) error {
	v := visitOf(r.Context())
	if v.link == nil {
		return apperr.SignedOut
	}
	m, l := v.manager, v.link.Link
	from.Contact, from.Name = v.link.Contact, v.link.Name
	proven, err := m.signin.UseCode(r.Context(), from, m.carried(r, codeCookie), digits, signin.RecordCode)
	if err != nil {
		return err
	}
	if proven.Contact != v.link.Contact || proven.About != about(l) || !strings.EqualFold(proven.Email, l.Address) {
		return signin.ErrCodeSpent // it was asked for at another link
	}
	token, err := m.signin.ProveLink(r.Context(), l.Session, Device(r).Token)
	if err != nil {
		return err
	}
	m.KeepDevice(w, token)
	m.cookie.set(w, codeCookie, "", -1)
	v.link.Link.Proved = true
	return nil
}

// leaveAtLink leaves a sentence for the next page of the session. What was done
// is done, whether or not it can be kept.
func (v *visit) leaveAtLink(ctx context.Context, words string, warns bool) {
	if err := v.manager.signin.LeaveWords(ctx, v.linkHash, words, warns); err != nil && !errors.Is(err, context.Canceled) {
		v.manager.log.WarnContext(ctx, "words for the next page are lost", "error", err)
	}
}

func (v *visit) takeAtLink(ctx context.Context) (words string, warns bool) {
	left := v.linkWords
	if v.linkWords = (portal.LinkSession{}); left.Words != "" {
		v.leaveAtLink(ctx, "", false)
	}
	return left.Words, left.Warns
}
