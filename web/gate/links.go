package gate

import (
	"errors"
	"net/http"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// portalByLink is a screen of the portal for who has come by a record link. What
// such a link does not reach does not exist.
func portalByLink(w http.ResponseWriter, r *http.Request, p PortalPolicy, v portal.Viewer, screen func(http.ResponseWriter, *http.Request, portal.Viewer) error) {
	v.Request, v.News = page.RequestID(r), &portal.News{}
	if !p.Link || (p.See != nil && !p.See(v)) {
		page.Fail(w, r, apperr.NotFound)
		return
	}
	if p.May != nil && !p.May(v) {
		page.Fail(w, r, apperr.Forbidden{Words: p.Deny})
		return
	}
	if isPage(r) {
		v.Flash, v.Warns = session.TakeFlash(r.Context())
	}
	err := screen(w, r, v)
	if errors.Is(err, apperr.SignedOut) {
		linkEnded(w, r)
		return
	}
	if err != nil {
		page.Fail(w, r, err)
	}
}

// linkEnded says once, whatever was asked for, that looking at a record by a link
// is over.
func linkEnded(w http.ResponseWriter, r *http.Request) {
	b, err := page.Business(r.Context())
	if err == nil {
		frame := portalview.SignInPage(b, "Open your email again", "You looked at a page by the link in an email. That ends after a day, or when the link does. Nothing was sent. Press the link in the email again, or log in.")
		err = page.Render(w, r, http.StatusGone, signinview.OneWay(frame, "Go to Log In", route.Login))
	}
	if err != nil {
		page.Fail(w, r, err)
	}
}
