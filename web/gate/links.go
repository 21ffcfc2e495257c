package gate

import (
	"errors"
	"net/http"
	"net/url"

	"fieldgate/internal/apperr"
	"fieldgate/internal/day"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
	"fieldgate/web/upload"
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
	v.Flash, v.Warns = flash(r)
	err := answerByLink{v}.run(w, r, func(v portal.Viewer) error { return screen(w, r, v) })
	if errors.Is(err, apperr.SignedOut) {
		linkEnded(w, r)
		return
	}
	if err != nil {
		page.Fail(w, r, err)
	}
}

// answerByLink asks whoever has come by a record link for a code from the
// contact's mailbox, before they answer in the contact's name.
type answerByLink struct{ portal.Viewer }

// run does a deed that may need the code. The form that was sent waits in the
// page that asks for it: with the right digits it is sent once more, as it was.
func (a answerByLink) run(w http.ResponseWriter, r *http.Request, deed func(portal.Viewer) error) error {
	typed := r.PostForm["code"] // forms with files are not read here: none of them answers
	if len(typed) == 0 || r.PostForm.Has("again") {
		if len(typed) == 0 {
			if err := deed(a.Viewer); !errors.Is(err, apperr.CodeNeeded) {
				return err
			}
		}
		err := session.AskLinkCode(w, r, page.Visitor(r))
		if limited, ok := errors.AsType[signin.Limited](err); ok {
			page.RetryAfter(w, limited.Wait)
			return a.ask(w, r, http.StatusTooManyRequests, signinweb.EnoughForNow(limited))
		}
		if err != nil {
			return err
		}
		return a.ask(w, r, http.StatusForbidden, nil)
	}
	err := session.ProveLink(w, r, page.Visitor(r), typed[0])
	if wrong, ok := errors.AsType[signin.WrongCode](err); ok {
		words := "These are not the digits. You can try " + ui.Plural(wrong.Left, "more time", "more times") + "."
		if wrong.Left == 0 {
			words = "These are not the digits, and this code no longer works. Send another one."
		}
		return a.ask(w, r, http.StatusUnprocessableEntity, problem.Set{"code": words})
	}
	if errors.Is(err, signin.ErrCodeSpent) {
		return a.ask(w, r, http.StatusUnprocessableEntity, problem.Set{"code": "This code no longer works. Send another one."})
	}
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		page.RetryAfter(w, limited.Wait)
		return a.ask(w, r, http.StatusTooManyRequests, problem.Set{"code": "Too many tries. Wait " + day.Span(limited.Wait) + "."})
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return a.ask(w, r, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	a.Link.Proved = true
	return deed(a.Viewer)
}

func (a answerByLink) ask(w http.ResponseWriter, r *http.Request, status int, problems problem.Set) error {
	kept := url.Values{}
	for name, values := range r.PostForm {
		if name != "code" && name != "again" {
			kept[name] = values
		}
	}
	return page.Render(w, r, status, portalview.AskLinkCode(portalview.LinkCode{Viewer: a.Viewer, Post: r.URL.RequestURI(), Kept: kept, Typed: r.PostForm.Get("code")}, problems))
}

// linkEnded says once, whatever was asked for, that looking at a record by a link
// is over.
func linkEnded(w http.ResponseWriter, r *http.Request) {
	if upload.Scripted(r) {
		http.Error(w, "The link in the email has ended. Open it again.", http.StatusUnauthorized)
		return
	}
	b, err := page.Business(r.Context())
	if err == nil {
		words := "A page opened by the link in an email closes after a day, or when the link ends. Press the link in the email again, or log in."
		if r.Method == http.MethodPost {
			words = "Nothing was sent. " + words
		}
		frame := portalview.SignInPage(b, "Open your email again", words)
		err = page.Render(w, r, http.StatusGone, signinview.OneWay(frame, "Go to Log In", route.Login))
	}
	if err != nil {
		page.Fail(w, r, err)
	}
}
