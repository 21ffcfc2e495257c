package officeweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// Doors are the ways into the office: sign-in and the links from mails.
type Doors struct {
	Door     signin.Service
	Session  *session.Manager
	Personas []signinview.Persona // of the demo; none elsewhere
}

func (h Doors) side() signinweb.Side {
	return signinweb.Side{
		Door: h.Door, Session: h.Session, Page: officeview.Door, SendLink: h.Door.StaffForgot,
		View: signinview.Side{Login: route.OfficeLogin, Forgot: route.OfficeForgotPassword}, Home: route.Office,
		Inside: func(ctx context.Context, l signin.Link) bool {
			v, ok := session.OfficeViewer(ctx)
			return ok && v.Staff == l.Staff
		},
	}
}

// Login shows the sign-in page; who is signed in already goes on.
func (h Doors) Login(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.OfficeViewer(r.Context()); ok {
		return page.Redirect(w, r, form.Next(r, route.Office))
	}
	return h.login(w, r, http.StatusOK, "", nil)
}

func (h Doors) login(w http.ResponseWriter, r *http.Request, status int, email string, p problem.Set) error {
	v := signinview.Login{Side: h.side().View, Email: email, Next: form.Next(r, route.Office), Personas: h.Personas}
	if v.Next == route.Office {
		v.Next = ""
	}
	b, err := h.side().Business(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.ShowLogin(officeview.Door(b, "Log In", "The office, for the people who work at "+b.Name+"."), v, p))
}

// SignIn checks address and password. Suspended staff get the answer to a
// wrong password, and so does an unknown address.
func (h Doors) SignIn(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	entry, err := h.Door.StaffSignIn(r.Context(), page.Visitor(r), email, form.Secret(r, "password"))
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.login(w, r, status, email, p)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, form.Next(r, route.Office), "")
}

func (h Doors) enter(w http.ResponseWriter, r *http.Request, e signin.StaffEntry, next, words string) error {
	if err := h.Session.SignInStaff(r.Context(), e); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.Redirect(w, r, next)
}

// Logout ends the session.
func (h Doors) Logout(w http.ResponseWriter, r *http.Request) error { return h.side().Logout(w, r) }

// Forgot asks where to send a link, and after sending says what happens next.
func (h Doors) Forgot(w http.ResponseWriter, r *http.Request) error { return h.side().Forgot(w, r) }

// SendReset sends a link, if there is anybody to send it to.
func (h Doors) SendReset(w http.ResponseWriter, r *http.Request) error {
	return h.side().SendReset(w, r)
}

// Doorway is one of the two links of staff: they differ in purpose and address alone.
type Doorway struct {
	Doors

	purpose signin.Purpose
	address func(token string) string
	words   string
}

// Welcome is the way in of an invitation.
func (h Doors) Welcome() Doorway {
	return Doorway{h, signin.StaffInvitation, route.OfficeWelcome, "Welcome. Your password is saved."}
}

// Reset is the way in of a forgotten password.
func (h Doors) Reset() Doorway {
	return Doorway{h, signin.StaffReset, route.OfficeReset, "Your new password is saved."}
}

// Show shows a link's form. It uses nothing up: mail scanners open links.
func (h Doorway) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, nil)
}

func (h Doorway) show(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	at := h.address(signinweb.Token(r))
	l, done, err := h.side().Look(w, r, h.purpose, at)
	if err != nil || done {
		return err
	}
	b, err := h.side().Business(r)
	if err != nil {
		return err
	}
	title, intro := officeview.NewPasswordWords(b, l)
	return h.side().Show(w, r, status, title, intro, func(d layout.DoorPage) templ.Component {
		return signinview.ShowNewPassword(d, signinview.NewPassword{Post: at, Email: l.Email, Label: "New password", Press: "Save and log in"}, p)
	})
}

// Use uses the link with the password that was chosen.
func (h Doorway) Use(w http.ResponseWriter, r *http.Request) error {
	entry, err := h.Door.StaffChoose(r.Context(), page.Visitor(r), signinweb.Token(r), h.purpose, form.Secret(r, "password"))
	if errors.Is(err, signin.ErrSpent) || errors.Is(err, apperr.NotFound) {
		return h.show(w, r, http.StatusOK, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, route.Office, h.words)
}

// Renew sends a fresh link to the same address.
func (h Doorway) Renew(w http.ResponseWriter, r *http.Request) error {
	return h.side().Renew(w, r, h.purpose, h.address(signinweb.Token(r)))
}

// Strength judges a password while it is typed.
func (h Doorway) Strength(w http.ResponseWriter, r *http.Request) error {
	return h.side().Strength(w, r, h.purpose)
}
