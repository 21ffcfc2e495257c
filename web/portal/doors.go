// Package portalweb holds the screens of the customers' portal.
package portalweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/fault"
	"fieldgate/internal/invite"
	"fieldgate/internal/notify"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Doors are the ways into the portal: sign-in, links from mails, the choice of
// customer.
type Doors struct {
	Door     invite.Door
	Session  *session.Manager
	Personas []portalview.DoorPersona // of the demo; none elsewhere
}

// DoorMail promises the mails of the doors.
type DoorMail struct{ *notify.Notifier }

// Invited sends an invitation again.
func (m DoorMail) Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error {
	return m.Welcome(ctx, tx, notify.Welcome{Contact: contact, Link: link})
}

func (h Doors) business(r *http.Request) (portal.Business, error) {
	if v, ok := session.PortalViewer(r.Context()); ok {
		return v.Business, nil
	}
	return portal.ReadBusiness(r.Context(), h.Door.Pool)
}

// Login shows the sign-in page; who is signed in already goes on.
func (h Doors) Login(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.PortalViewer(r.Context()); ok {
		return page.See(w, r, form.Next(r, route.Home))
	}
	return h.login(w, r, http.StatusOK, portalview.Login{Next: form.Next(r, "/")}, nil)
}

func (h Doors) login(w http.ResponseWriter, r *http.Request, status int, f portalview.Login, p problem.Set) error {
	b, err := h.business(r)
	if err != nil {
		return err
	}
	if f.Next == route.Home {
		f.Next = ""
	}
	f.Personas = h.Personas
	return page.Render(w, r, status, portalview.ShowLogin(b, f, p))
}

// SignIn checks address and password. The answer to a wrong password is that
// to an unknown address.
func (h Doors) SignIn(w http.ResponseWriter, r *http.Request) error {
	f := portalview.Login{Email: form.Text(r, "email"), Remember: form.Check(r, "remember"), Next: form.Next(r, route.Home)}
	entry, err := h.Door.SignIn(r.Context(), page.Visitor(r), f.Email, form.Secret(r, "password"))
	if status, p := refused(w, err); status != 0 {
		return h.login(w, r, status, f, p)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, f.Remember, f.Next, "")
}

// refused is the status and the sentence for who is not let in; 0 when err is
// none of that.
func refused(w http.ResponseWriter, err error) (int, problem.Set) {
	if errors.Is(err, invite.ErrWrong) {
		return http.StatusUnprocessableEntity, problem.Set{"": "This email address and password do not belong together."}
	}
	if limited, ok := errors.AsType[invite.Limited](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(limited.Minutes()*60))
		return http.StatusTooManyRequests, problem.Set{"": "Too many tries. Please wait " + doorMinutes(limited.Minutes()) + ", or choose a new password by “Forgotten password?”."}
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return http.StatusUnprocessableEntity, problems
	}
	return 0, nil
}

func doorMinutes(n int) string {
	if n == 1 {
		return "a minute"
	}
	return strconv.Itoa(n) + " minutes"
}

// enter begins the session of somebody who has proved who they are, and leads
// to where they may go, with words for the page there.
func (h Doors) enter(w http.ResponseWriter, r *http.Request, e invite.Entry, remember bool, next, words string) error {
	if len(e.Choices) == 0 && !e.MustChange {
		if err := h.Session.SignOut(r.Context()); err != nil {
			return err
		}
		b, err := portal.ReadBusiness(r.Context(), h.Door.Pool)
		if err != nil {
			return err
		}
		return page.Render(w, r, http.StatusForbidden, portalview.NoAccess(b))
	}
	if err := h.Session.SignInPerson(r.Context(), e, remember); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.See(w, r, onward(e, next))
}

func onward(e invite.Entry, next string) string {
	switch {
	case e.MustChange:
		return with(route.NewPassword, next)
	case e.Contact() == 0:
		return with(route.Choose, next)
	}
	return next
}

// with keeps the page first asked for in a door's address.
func with(door, next string) string {
	if next == route.Home || next == "" {
		return door
	}
	return door + "?" + url.Values{"next": {next}}.Encode()
}

// Logout ends the session.
func (h Doors) Logout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Session.SignOut(r.Context()); err != nil {
		return err
	}
	return page.See(w, r, route.Login)
}

// Forgot asks where to send a link, and after sending says what happens next.
func (h Doors) Forgot(w http.ResponseWriter, r *http.Request) error {
	return h.forgot(w, r, http.StatusOK, "", nil)
}

func (h Doors) forgot(w http.ResponseWriter, r *http.Request, status int, email string, p problem.Set) error {
	b, err := h.business(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("sent") && status == http.StatusOK {
		return page.Render(w, r, status, portalview.LinkSent(b))
	}
	return page.Render(w, r, status, portalview.ForgotPassword(b, email, p))
}

// SendReset sends a link, if there is anybody to send it to. The answer does
// not tell.
func (h Doors) SendReset(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	err := h.Door.Forgot(r.Context(), page.Visitor(r), email)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.forgot(w, r, http.StatusUnprocessableEntity, email, problems)
	}
	if err != nil {
		return err
	}
	return page.See(w, r, route.ForgotPassword+"?sent")
}

// Welcome shows an invitation. It uses nothing up: mail scanners open links.
func (h Doors) Welcome(w http.ResponseWriter, r *http.Request) error {
	return h.welcome(w, r, http.StatusOK, nil)
}

func (h Doors) welcome(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	link, done, err := h.look(w, r, invite.Invitation)
	if err != nil || done {
		return err
	}
	b, err := h.business(r)
	if err != nil {
		return err
	}
	v, signedIn := session.PortalViewer(r.Context())
	return page.Render(w, r, status, portalview.ShowWelcome(b, portalview.Welcome{
		Token: token(r), Link: link, Here: signedIn && v.Person == link.Person && !v.MustChange,
	}, p))
}

func token(r *http.Request) string { return chi.URLParam(r, "token") }

// look finds the link of the request's address. What is unknown or does not
// work any more explains itself; done is then true.
func (h Doors) look(w http.ResponseWriter, r *http.Request, purpose invite.Purpose) (l invite.Link, done bool, err error) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	l, err = h.Door.Look(r.Context(), token(r), purpose)
	unknown := errors.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return l, false, err
	}
	sent := r.URL.Query().Has("sent")
	if !unknown && !sent && l.State == invite.Ready {
		return l, false, nil
	}
	b, err := h.business(r)
	switch {
	case err != nil:
		return l, false, err
	case unknown:
		return l, true, page.Render(w, r, http.StatusNotFound, portalview.ShowUnknownLink(b))
	case sent:
		return l, true, page.Render(w, r, http.StatusOK, portalview.LinkSent(b))
	}
	spent := portalview.DoorLink{Link: l, Login: route.Login, Renewal: route.Join(route.Welcome(token(r)), "renewal")}
	if purpose == invite.Reset {
		spent.Renewal = route.Join(route.Reset(token(r)), "renewal")
	}
	return l, true, page.Render(w, r, http.StatusGone, portalview.ShowSpent(b, spent))
}

// Accept uses an invitation.
func (h Doors) Accept(w http.ResponseWriter, r *http.Request) error {
	link, done, err := h.look(w, r, invite.Invitation)
	if err != nil || done {
		return err
	}
	v, signedIn := session.PortalViewer(r.Context())
	here := signedIn && link.Known && v.Person == link.Person && !v.MustChange
	entry, err := h.accept(r, link, here)
	switch {
	case errors.Is(err, invite.ErrSpent):
		return h.welcome(w, r, http.StatusOK, nil)
	case errors.Is(err, invite.ErrKnown):
		return h.welcome(w, r, http.StatusUnprocessableEntity, problem.Set{"": "You already have a password here. Enter that one."})
	case errors.Is(err, invite.ErrWrong):
		return h.welcome(w, r, http.StatusUnprocessableEntity, problem.Set{"password": "This is not the password that you use here."})
	}
	if status, p := refused(w, err); status != 0 {
		return h.welcome(w, r, status, p)
	}
	if err != nil {
		return err
	}
	if !here {
		err = h.Session.SignInPerson(r.Context(), entry, false)
	} else {
		err = h.Session.Choose(r.Context(), entry.Contact())
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Welcome. This is the portal for "+link.Customer+".")
	return page.See(w, r, route.Home)
}

func (h Doors) accept(r *http.Request, l invite.Link, here bool) (invite.Entry, error) {
	from, password := page.Visitor(r), form.Secret(r, "password")
	switch {
	case here:
		v, _ := session.PortalViewer(r.Context())
		return h.Door.Join(r.Context(), from, token(r), v.Person)
	case l.Known && !form.Check(r, "known"):
		// The page was shown before the address became known: what was typed is no password of theirs.
		return invite.Entry{}, invite.ErrKnown
	case l.Known:
		return h.Door.JoinWithPassword(r.Context(), from, token(r), password)
	}
	return h.Door.Welcome(r.Context(), from, token(r), password)
}

// RenewInvitation sends a fresh invitation to the same address.
func (h Doors) RenewInvitation(w http.ResponseWriter, r *http.Request) error {
	return h.renew(w, r, invite.Invitation, route.Welcome(token(r)))
}

// RenewReset sends a fresh reset to the same address.
func (h Doors) RenewReset(w http.ResponseWriter, r *http.Request) error {
	return h.renew(w, r, invite.Reset, route.Reset(token(r)))
}

func (h Doors) renew(w http.ResponseWriter, r *http.Request, purpose invite.Purpose, back string) error {
	if err := h.Door.SendFresh(r.Context(), page.Visitor(r), token(r), purpose); err != nil {
		return err
	}
	return page.See(w, r, back+"?sent")
}

// Reset shows a reset's form. It uses nothing up.
func (h Doors) Reset(w http.ResponseWriter, r *http.Request) error {
	return h.reset(w, r, http.StatusOK, nil)
}

func (h Doors) reset(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	link, done, err := h.look(w, r, invite.Reset)
	if err != nil || done {
		return err
	}
	b, err := h.business(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, portalview.ShowReset(b, token(r), link.Email, p))
}

// ChoosePassword uses a reset.
func (h Doors) ChoosePassword(w http.ResponseWriter, r *http.Request) error {
	if _, done, err := h.look(w, r, invite.Reset); err != nil || done {
		return err
	}
	entry, err := h.Door.ResetPassword(r.Context(), page.Visitor(r), token(r), form.Secret(r, "password"))
	if errors.Is(err, invite.ErrSpent) {
		return h.reset(w, r, http.StatusOK, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.reset(w, r, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, false, route.Home, "Your new password is saved.")
}

// Choose shows the customers that somebody may look at.
func (h Doors) Choose(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if v.MustChange {
		return page.See(w, r, with(route.NewPassword, form.Next(r, route.Home)))
	}
	choices, err := h.Door.Choices(r.Context(), v.Person)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.ShowChoose(v.Business, portalview.Choose{
		Choices: choices, Current: v.Contact, Next: form.Next(r, route.Home),
	}))
}

// Switch makes one customer the one looked at.
func (h Doors) Switch(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if v.MustChange {
		return page.See(w, r, route.NewPassword)
	}
	contact := form.ID(r, "contact")
	if err := h.Door.Enter(r.Context(), v.Person, contact); err != nil {
		return err
	}
	if err := h.Session.Choose(r.Context(), contact); err != nil {
		return err
	}
	return page.See(w, r, form.Next(r, route.Home))
}

// NewPassword asks for a new password: at once when staff have set the present one.
func (h Doors) NewPassword(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.newPassword(w, r, v, http.StatusOK, nil)
}

func (h Doors) newPassword(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p problem.Set) error {
	email, err := h.Door.Address(r.Context(), v.Person)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, portalview.ShowNewPassword(v.Business, email, form.Next(r, route.Home), v.MustChange, p))
}

// ChangePassword replaces the password; other sessions of the person end.
func (h Doors) ChangePassword(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	from := audit.Actor{Person: v.Person, Contact: v.Contact, Name: v.Name, Address: v.Address, Request: v.Request}
	entry, err := h.Door.ChangePassword(r.Context(), from, v.Person, form.Secret(r, "current"), form.Secret(r, "password"))
	if status, p := refused(w, err); status != 0 {
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
	}
	session.Flash(r.Context(), "Your new password is saved.")
	return page.See(w, r, next)
}
