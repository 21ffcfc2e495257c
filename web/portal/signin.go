// Package portalweb holds the screens of the customers' portal.
package portalweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// SignIn are the screens of signing in to the portal: the form, links from
// mails, the choice of customer.
type SignIn struct {
	Service  *signin.Service
	Session  *session.Manager
	Personas []signinview.Persona // of the demo; none elsewhere
}

func (h SignIn) side() signinweb.Side {
	return signinweb.Side{
		Service: h.Service, Session: h.Session, Page: portalview.SignInPage, SendLink: h.Service.RequestReset,
		View: signinview.Side{Company: route.LoginCompany, Login: route.Login, Forgot: route.ForgotPassword, Code: route.LoginCode, Factor: route.LoginFactor, Passkey: signinweb.PasskeyLogin(h.Service, signin.Portal)}, Name: signin.Portal, Home: route.Home,
		Inside: func(ctx context.Context, l signin.Link) bool {
			v, ok := session.PortalViewer(ctx)
			return ok && v.Person != 0 && v.Person == l.Person
		},
	}
}

// Login shows the sign-in page; who is signed in already goes on.
func (h SignIn) Login(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.PortalViewer(r.Context()); ok {
		return page.Redirect(w, r, form.Next(r, route.Home))
	}
	return h.login(w, r, http.StatusOK, signinview.Login{Remember: session.OnPhone(r)}, nil)
}

func (h SignIn) login(w http.ResponseWriter, r *http.Request, status int, v signinview.Login, p problem.Set) error {
	v.Side, v.Remembers, v.Personas = h.side().View, true, h.Personas
	if next := form.Next(r, route.Home); next != route.Home {
		v.Next = next
	}
	h.Session.KeepNext(w, r, signin.Portal, v.Next)
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	if !b.CompanyLogins {
		v.Side.Company = ""
	}
	intro := signinweb.Intro(v.Next, "See your jobs, quotes and equipment with "+b.Name+".")
	return page.Render(w, r, status, signinview.ShowLogin(portalview.GreetingPage(b, "Log In", intro), v, p))
}

// SignIn checks address and password. The answer to a wrong password is that
// to an unknown address.
func (h SignIn) SignIn(w http.ResponseWriter, r *http.Request) error {
	v := signinview.Login{Email: form.Text(r, "email"), Remember: form.Check(r, "remember")}
	entry, err := h.Service.SignIn(r.Context(), page.Visitor(r), v.Email, form.Secret(r, "password"))
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.login(w, r, status, v, p)
	}
	if err != nil {
		return err
	}
	return h.arrive(w, r, entry, v.Remember, form.Next(r, route.Home))
}

// arrive lets in somebody who has proved who they are on a device that is known
// from then on; with a second factor they give that first. Who may not enter has
// given the first at most: their device stays unknown.
func (h SignIn) arrive(w http.ResponseWriter, r *http.Request, e signin.Entry, remember bool, next string) error {
	if e.Proof != 0 {
		if err := h.rememberDevice(w, r, e.Person); err != nil {
			return err
		}
	}
	if e.Pending == "" {
		h.Session.ForgetNext(w, r, signin.Portal)
	}
	return h.enter(w, r, e, remember, next, "")
}

// rememberDevice notes the device of somebody who has just proved who they are.
func (h SignIn) rememberDevice(w http.ResponseWriter, r *http.Request, who int64) error {
	return signinweb.RememberDevice(w, r, h.Session, func(ctx context.Context, on signin.Device, where string) (string, error) {
		return h.Service.RememberDevice(ctx, who, on, where)
	})
}

// enter begins the session of somebody who has proved who they are, and leads
// to where they may go, with words for the page there.
func (h SignIn) enter(w http.ResponseWriter, r *http.Request, e signin.Entry, remember bool, next, words string) error {
	if e.Pending != "" {
		return h.side().WaitForFactor(w, r, e.Pending, remember, with(route.LoginFactor, next))
	}
	if len(e.Choices) == 0 && !e.MustChange {
		if err := h.Session.SignOut(r.Context()); err != nil {
			return err
		}
		return h.noAccess(w, r, e.Person)
	}
	if err := h.Session.SignInPerson(r.Context(), e, remember); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.Redirect(w, r, onward(e, next))
}

func onward(e signin.Entry, next string) string {
	switch {
	case e.MustChange:
		return with(route.NewPassword, next)
	case e.Contact() == 0:
		return with(route.Choose, next)
	}
	return next
}

// with keeps the page first asked for in an address of signing in.
func with(address, next string) string {
	if next == route.Home || next == "" {
		return address
	}
	return address + "?" + url.Values{"next": {next}}.Encode()
}

// noAccess tells somebody who knows their password that nothing is open to them.
func (h SignIn) noAccess(w http.ResponseWriter, r *http.Request, who int64) error {
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	alone, err := h.Service.ComesByCompanyAlone(r.Context(), who, 0)
	if err != nil {
		return err
	}
	if alone {
		return h.companyAlone(w, r)
	}
	frame := portalview.SignInPage(b, "Your access is switched off", "You have shown who you are, but there is nothing here that you can see. If this is a mistake, contact "+b.Name+".")
	return page.Render(w, r, http.StatusForbidden, signinview.OneWay(frame, "Back to Log In", route.Login))
}

// companyAlone leads whoever may come no other way to their company's login.
func (h SignIn) companyAlone(w http.ResponseWriter, r *http.Request) error {
	return h.side().Show(w, r, http.StatusForbidden, "Log in with your company’s account", "People of your company log in here with your company’s account, and no other way.", func(frame layout.SignInPage) templ.Component {
		return signinview.OneWay(frame, "Go on", route.LoginCompany)
	})
}

// Logout ends the session.
func (h SignIn) Logout(w http.ResponseWriter, r *http.Request) error { return h.side().Logout(w, r) }

// Forgot asks where to send a link, and after sending says what happens next.
func (h SignIn) Forgot(w http.ResponseWriter, r *http.Request) error { return h.side().Forgot(w, r) }

// SendReset sends a link, if there is anybody to send it to.
func (h SignIn) SendReset(w http.ResponseWriter, r *http.Request) error {
	return h.side().SendReset(w, r)
}

// Welcome shows an invitation. It uses nothing up: mail scanners open links.
func (h SignIn) Welcome(w http.ResponseWriter, r *http.Request) error {
	return h.welcome(w, r, http.StatusOK, nil)
}

func (h SignIn) welcome(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	link, done, err := h.side().FindLink(w, r, signin.Invitation, route.Welcome(signinweb.Token(r)))
	if err != nil || done {
		return err
	}
	alone, err := h.Service.ComesByCompanyAlone(r.Context(), 0, link.Contact)
	if err != nil {
		return err
	}
	if alone {
		return h.companyAlone(w, r)
	}
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	v, signedIn := session.PortalViewer(r.Context())
	return page.Render(w, r, status, portalview.ShowWelcome(b, portalview.Welcome{
		Token: signinweb.Token(r), Link: link, Here: signedIn && v.Person != 0 && v.Person == link.Person && !v.MustChange,
	}, p))
}

// Accept uses an invitation.
func (h SignIn) Accept(w http.ResponseWriter, r *http.Request) error {
	link, done, err := h.side().FindLink(w, r, signin.Invitation, route.Welcome(signinweb.Token(r)))
	if err != nil || done {
		return err
	}
	alone, err := h.Service.ComesByCompanyAlone(r.Context(), 0, link.Contact)
	if err != nil {
		return err
	}
	if alone {
		return h.companyAlone(w, r)
	}
	v, signedIn := session.PortalViewer(r.Context())
	here := signedIn && link.Known && v.Person != 0 && v.Person == link.Person && !v.MustChange
	entry, err := h.accept(r, link, here)
	switch {
	case errors.Is(err, signin.ErrSpent):
		return h.welcome(w, r, http.StatusOK, nil)
	case errors.Is(err, signin.ErrKnown):
		return h.welcome(w, r, http.StatusUnprocessableEntity, problem.Set{"": "You already sign in here. Use what you sign in with."})
	case errors.Is(err, signin.ErrWrong):
		return h.welcome(w, r, http.StatusUnprocessableEntity, problem.Set{"password": "This is not the password that you use here."})
	}
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.welcome(w, r, status, p)
	}
	if err != nil {
		return err
	}
	if entry.Pending != "" {
		return h.side().WaitForFactor(w, r, entry.Pending, false, with(route.LoginFactor, h.side().Next(w, r, link)))
	}
	if here {
		err = h.Session.Choose(r.Context(), entry.Contact())
	} else if err = h.rememberDevice(w, r, entry.Person); err == nil {
		err = h.Session.SignInPerson(r.Context(), entry, false)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, h.side().Next(w, r, link))
}

func (h SignIn) accept(r *http.Request, l signin.Link, here bool) (signin.Entry, error) {
	from, password := page.Visitor(r), form.Secret(r, "password")
	switch {
	case here:
		v, _ := session.PortalViewer(r.Context())
		return h.Service.AcceptInvitationAs(r.Context(), from, signinweb.Token(r), v.Person)
	case l.Known && !form.Check(r, "known"):
		// The page was shown before the address became known: what was typed is no password of theirs.
		return signin.Entry{}, signin.ErrKnown
	case l.Known:
		return h.Service.AcceptInvitationWithPassword(r.Context(), from, signinweb.Token(r), password)
	}
	return h.Service.AcceptInvitation(r.Context(), from, signinweb.Token(r), password)
}

// RenewInvitation sends a fresh invitation to the same address.
func (h SignIn) RenewInvitation(w http.ResponseWriter, r *http.Request) error {
	return h.side().Renew(w, r, signin.Invitation, route.Welcome(signinweb.Token(r)))
}

// CheckWelcome checks a password while it is typed at an invitation.
func (h SignIn) CheckWelcome(w http.ResponseWriter, r *http.Request) error {
	return h.side().Strength(w, r, signin.Invitation)
}

// RenewReset sends a fresh reset to the same address.
func (h SignIn) RenewReset(w http.ResponseWriter, r *http.Request) error {
	return h.side().Renew(w, r, signin.Reset, route.Reset(signinweb.Token(r)))
}

// CheckReset checks a password while it is typed at a reset.
func (h SignIn) CheckReset(w http.ResponseWriter, r *http.Request) error {
	return h.side().Strength(w, r, signin.Reset)
}

// Reset shows a reset's form. It uses nothing up.
func (h SignIn) Reset(w http.ResponseWriter, r *http.Request) error {
	return h.reset(w, r, http.StatusOK, nil)
}

func (h SignIn) reset(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	at := route.Reset(signinweb.Token(r))
	link, done, err := h.side().FindLink(w, r, signin.Reset, at)
	if err != nil || done {
		return err
	}
	least, err := h.Service.ShortestPassword(r.Context(), link)
	if err != nil {
		return err
	}
	return h.side().Show(w, r, status, "Choose a new password", "It holds for every customer that you look at here. Wherever you are signed in now, you will be signed out.", func(frame layout.SignInPage) templ.Component {
		return signinview.ShowNewPassword(frame, signinview.NewPassword{Post: at, Email: link.Email, Label: "New password", Press: "Save and log in", Least: least}, p)
	})
}

// ChoosePassword uses a reset.
func (h SignIn) ChoosePassword(w http.ResponseWriter, r *http.Request) error {
	link, done, err := h.side().FindLink(w, r, signin.Reset, route.Reset(signinweb.Token(r)))
	if err != nil || done {
		return err
	}
	entry, err := h.Service.ResetPassword(r.Context(), page.Visitor(r), signinweb.Token(r), form.Secret(r, "password"))
	if errors.Is(err, signin.ErrSpent) {
		return h.reset(w, r, http.StatusOK, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.reset(w, r, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, false, h.side().Next(w, r, link), "Your new password is saved.")
}

// Choose shows the customers that somebody may look at.
func (h SignIn) Choose(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if v.MustChange {
		return page.Redirect(w, r, with(route.NewPassword, form.Next(r, route.Home)))
	}
	choices, err := h.Service.Choices(r.Context(), v.Person)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.ShowChoose(v.Business, portalview.Choose{
		Choices: choices, Current: v.Contact, Next: form.Next(r, route.Home),
	}))
}

// Switch makes one customer the one looked at.
func (h SignIn) Switch(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if v.MustChange {
		return page.Redirect(w, r, with(route.NewPassword, form.Next(r, route.Home)))
	}
	contact := form.ID(r, "contact")
	if err := h.Service.Enter(r.Context(), v.Person, contact); err != nil {
		return err
	}
	if err := h.Session.Choose(r.Context(), contact); err != nil {
		return err
	}
	return page.Redirect(w, r, form.Next(r, route.Home))
}

// NewPassword asks for a new password: at once when staff have set the present one.
func (h SignIn) NewPassword(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.newPassword(w, r, v, http.StatusOK, nil)
}

func (h SignIn) newPassword(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p problem.Set) error {
	email, err := h.Service.Address(r.Context(), v.Person)
	if err != nil {
		return err
	}
	has, err := h.Service.HasPassword(r.Context(), v.Person)
	if err != nil {
		return err
	}
	least, err := h.Service.ShortestOwnPassword(r.Context(), v.Actor())
	if err != nil {
		return err
	}
	f := portalview.NewPasswordForm{Email: email, Next: form.Next(r, route.Home), Forced: v.MustChange, Asks: has && !v.MustChange, Least: least}
	if f.ByLink = !has && v.Stale; f.ByLink { // no password to ask for, and signed in a while ago
		return page.Render(w, r, status, portalview.AskPasswordLink(v.Business, f))
	}
	return page.Render(w, r, status, portalview.ShowNewPassword(v.Business, f, p))
}

// ChangePassword replaces the password; other sessions of the person end.
func (h SignIn) ChangePassword(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	from := audit.Actor{Person: v.Person, Contact: v.Contact, Name: v.Name, Address: v.Address, Request: v.Request}
	entry, err := h.Service.ChangePassword(r.Context(), from, v.Person, form.Secret(r, "current"), form.Secret(r, "password"), session.Here(r.Context()), !v.Stale)
	if errors.Is(err, apperr.ProofNeeded) {
		return h.newPassword(w, r, v, http.StatusForbidden, nil)
	}
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.newPassword(w, r, v, status, p)
	}
	if err != nil {
		return err
	}
	next := form.Next(r, route.Home)
	if v.MustChange {
		if entry.Contact() != 0 {
			if err := h.Session.Choose(r.Context(), entry.Contact()); err != nil {
				return err
			}
		}
		next = onward(entry, next)
	} else if next == route.Home {
		next = route.Details
	}
	session.Flash(r.Context(), "Your new password is saved. You are signed out on all other devices.")
	return page.Redirect(w, r, next)
}

// CheckNewPassword checks a password while it is typed.
func (h SignIn) CheckNewPassword(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return signinweb.Strength(w, r, func(typed string) (string, error) { return h.Service.CheckPassword(r.Context(), v.Person, typed) })
}
