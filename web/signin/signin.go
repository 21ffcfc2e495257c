// Package signinweb holds what portal and office have alike of signing in:
// forgotten passwords, links from mails, the limits on guessing.
package signinweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/password"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Side is one of the two sides that people come in by.
type Side struct {
	Service  *signin.Service
	Session  *session.Manager
	View     signinview.Side
	Page     func(b portal.Business, title, intro string) layout.SignInPage
	SendLink func(ctx context.Context, from audit.Actor, email string) error // of a forgotten password
	Name     signin.Side
	Home     string
	Inside   func(context.Context, signin.Link) bool // whom the link was for is signed in
}

// Show shows a page before sign-in: draw makes it in the frame of the business.
func (s Side) Show(w http.ResponseWriter, r *http.Request, status int, title, intro string, draw func(layout.SignInPage) templ.Component) error {
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, status, draw(s.Page(b, title, intro)))
}

// Next is where signing in by a link of a mail leads to: the page that was asked
// for here before the link was, else home.
func (s Side) Next(w http.ResponseWriter, r *http.Request, l signin.Link) string {
	return form.Local(s.Session.TakeNext(w, r, s.Name, l.Email), s.Home)
}

// Intro are the words of a sign-in page that leads to next: the usual ones, or
// that what was typed is not lost.
func Intro(next, usual string) string {
	if route.IsUnsent(next) {
		return "You have been signed out. What you typed is kept for an hour, and is not sent yet: sign in to see it again."
	}
	return usual
}

// Refused is the status and the sentence for who is not let in; 0 when err is
// none of that.
func Refused(w http.ResponseWriter, err error) (int, problem.Set) {
	if errors.Is(err, signin.ErrWrong) {
		return http.StatusUnprocessableEntity, problem.Set{"": "This email address and password do not match."}
	}
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		page.RetryAfter(w, limited.Wait)
		return http.StatusTooManyRequests, problem.Set{"": "Too many tries. Wait " + day.Span(limited.Wait) + ", or choose a new password by “Forgot password?”."}
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return http.StatusUnprocessableEntity, problems
	}
	return 0, nil
}

// EnoughForNow is the sentence for who has asked for too many emails.
func EnoughForNow(l signin.Limited) problem.Set {
	return problem.Set{"": "You have asked for this email several times. Look in your junk mail, too, or try again in " + day.Span(l.Wait) + "."}
}

// RememberDevice notes the device of somebody who has just proved who they are:
// remember tells them when it is a new one, and says what the browser keeps.
func RememberDevice(w http.ResponseWriter, r *http.Request, m *session.Manager, remember func(ctx context.Context, on signin.Device, where string) (token string, err error)) error {
	on := session.Device(r)
	where := signin.BrowserName(on.Browser)
	if on.Address.IsValid() {
		where += ", from the address " + on.Address.String()
	}
	token, err := remember(r.Context(), on, where)
	if err != nil {
		return err
	}
	m.KeepDevice(w, token)
	return nil
}

// Logout ends the session.
func (s Side) Logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.Session.SignOut(r.Context()); err != nil {
		return err
	}
	session.Forget(w)
	s.Session.ForgetNext(w, r, s.Name)
	return page.Redirect(w, r, s.View.Login)
}

// Forgot asks where to send a link, and after sending says what happens next.
func (s Side) Forgot(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("sent") {
		return s.linkSent(w, r)
	}
	return s.forgot(w, r, http.StatusOK, "", nil)
}

func (s Side) forgot(w http.ResponseWriter, r *http.Request, status int, email string, p problem.Set) error {
	return s.Show(w, r, status, "Forgot password", "Enter the email address that you sign in with, and we send you a link to choose a new password.", func(frame layout.SignInPage) templ.Component {
		return signinview.ForgotPassword(frame, s.View, email, p)
	})
}

func (s Side) linkSent(w http.ResponseWriter, r *http.Request) error {
	return s.Show(w, r, http.StatusOK, "Look into your mailbox", "If the address is known here, an email with a link is on its way to it.", func(frame layout.SignInPage) templ.Component {
		return signinview.LinkSent(frame, s.View)
	})
}

// SendReset sends a link, if there is anybody to send it to. The answer does
// not tell.
func (s Side) SendReset(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	err := s.SendLink(r.Context(), page.Visitor(r), email)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return s.forgot(w, r, http.StatusUnprocessableEntity, email, problems)
	}
	if err != nil {
		return err
	}
	s.Session.KeepNextFor(w, r, s.Name, email)
	return page.Redirect(w, r, s.View.Forgot+"?sent")
}

// Token is the one in a link's address.
func Token(r *http.Request) string { return chi.URLParam(r, "token") }

// FindLink finds the link of the request's address. What is unknown or does not
// work any more explains itself; done is then true. At is the link's own address.
func (s Side) FindLink(w http.ResponseWriter, r *http.Request, purpose signin.Purpose, at string) (l signin.Link, done bool, err error) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	l, err = s.Service.FindLink(r.Context(), Token(r), purpose)
	switch {
	case errors.Is(err, apperr.NotFound):
		s.Service.LogDeadLink(r.Context(), page.Visitor(r), purpose, signin.Link{})
		return l, true, s.Unknown(w, r)
	case err != nil:
		return l, false, err
	case r.URL.Query().Has("sent"):
		return l, true, s.linkSent(w, r)
	case l.State == signin.Used && s.Inside(r.Context(), l):
		// Who pressed twice, or goes back to the mail, is where the link leads.
		return l, true, page.Redirect(w, r, s.Home)
	case l.State != signin.Ready:
		s.Service.LogDeadLink(r.Context(), page.Visitor(r), purpose, l)
		return l, true, s.Show(w, r, http.StatusGone, signinview.SpentTitle(l), signinview.SpentIntro(l), func(frame layout.SignInPage) templ.Component {
			return signinview.Spent(frame, s.View, route.Join(at, "renewal"))
		})
	}
	return l, false, nil
}

// Unknown explains an address that no mail of ours has carried.
func (s Side) Unknown(w http.ResponseWriter, r *http.Request) error {
	return s.Show(w, r, http.StatusNotFound, "We do not know this link", "Perhaps it was cut off on the way. Copy the whole link from the email into the browser’s address bar.", func(frame layout.SignInPage) templ.Component {
		return signinview.OneWay(frame, "Go to Log In", s.View.Login)
	})
}

// Renew sends a fresh link to the same address.
func (s Side) Renew(w http.ResponseWriter, r *http.Request, purpose signin.Purpose, at string) error {
	if err := s.Service.RenewLink(r.Context(), page.Visitor(r), Token(r), purpose); err != nil {
		return err
	}
	return page.Redirect(w, r, at+"?sent")
}

// Strength checks a password while it is typed at a link. Whoever has no link
// that works learns nothing.
func (s Side) Strength(w http.ResponseWriter, r *http.Request, purpose signin.Purpose) error {
	return Strength(w, r, func(typed string) (string, error) {
		wrong, err := s.Service.CheckPasswordAtLink(r.Context(), Token(r), purpose, typed)
		if errors.Is(err, signin.ErrSpent) {
			err = apperr.NotFound
		}
		return wrong, err
	})
}

// Strength answers what check says of the password that is being typed. That
// it is too short, the rule beside it says.
func Strength(w http.ResponseWriter, r *http.Request, check func(typed string) (wrong string, err error)) error {
	typed := form.Secret(r, "password")
	wrong, err := check(typed)
	if err != nil {
		return err
	}
	if wrong != "" && password.TooShort(typed) {
		return page.Render(w, r, http.StatusOK, ui.Verdict(false, ""))
	}
	return page.Render(w, r, http.StatusOK, ui.Verdict(wrong == "", wrong))
}
