package officeweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"fieldgate/internal/audit"
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

// SignIn are the screens of signing in to the office: the form and the links
// from mails.
type SignIn struct {
	Service  *signin.Service
	Session  *session.Manager
	Personas []signinview.Persona // of the demo; none elsewhere
}

func (h SignIn) side() signinweb.Side {
	return signinweb.Side{
		Service: h.Service, Session: h.Session, Page: officeview.SignInPage, SendLink: h.Service.RequestStaffReset,
		View: signinview.Side{Provider: h.provider(), Login: route.OfficeLogin, Forgot: route.OfficeForgotPassword, Factor: route.OfficeLoginFactor, Passkey: signinweb.PasskeyLogin(h.Service, signin.Office)}, Name: signin.Office, Home: route.Office,
		Inside: func(ctx context.Context, l signin.Link) bool {
			v, ok := session.OfficeViewer(ctx)
			return ok && v.Staff == l.Staff
		},
	}
}

// Login shows the sign-in page; who is signed in already goes on.
func (h SignIn) Login(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.OfficeViewer(r.Context()); ok {
		return page.Redirect(w, r, form.Next(r, route.Office))
	}
	return h.login(w, r, http.StatusOK, "", nil)
}

func (h SignIn) login(w http.ResponseWriter, r *http.Request, status int, email string, p problem.Set) error {
	v := signinview.Login{Side: h.side().View, Email: email, Next: form.Next(r, route.Office), Personas: h.Personas}
	if v.Next == route.Office {
		v.Next = ""
	}
	h.Session.KeepNext(w, r, signin.Office, v.Next)
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	intro := signinweb.Intro(v.Next, "The office, for the people who work at "+b.Name+".")
	return page.Render(w, r, status, officeview.ShowLogin(officeview.SignInPage(b, "Log In", intro), v, p))
}

// SignIn checks address and password. Suspended staff get the answer to a
// wrong password, and so does an unknown address.
func (h SignIn) SignIn(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	entry, err := h.Service.SignInStaff(r.Context(), page.Visitor(r), email, form.Secret(r, "password"))
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.login(w, r, status, email, p)
	}
	if err != nil {
		return err
	}
	return h.arrive(w, r, entry, form.Next(r, route.Office), "")
}

// arrive lets in somebody who has proved who they are on a device that is known
// from then on; with a second factor they give that first.
func (h SignIn) arrive(w http.ResponseWriter, r *http.Request, e signin.StaffEntry, next, words string) error {
	if e.Pending != "" {
		return h.side().WaitForFactor(w, r, e.Pending, false, route.OfficeLoginFactor+"?"+url.Values{"next": {next}}.Encode())
	}
	if err := h.rememberDevice(w, r, e.Staff); err != nil {
		return err
	}
	h.Session.ForgetNext(w, r, signin.Office)
	return h.enter(w, r, e, next, words)
}

func (h SignIn) factorForm(r *http.Request) signinview.FactorForm {
	next := form.Next(r, route.Office)
	return signinview.FactorForm{Login: route.OfficeLogin + "?" + url.Values{"next": {next}}.Encode(), Next: next}
}

// Factor asks for the second factor, after the first.
func (h SignIn) Factor(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.OfficeViewer(r.Context()); ok && h.Session.Waits(r, session.AskedOffice).Token == "" { // pressed twice
		return page.Redirect(w, r, form.Next(r, route.Office))
	}
	return h.side().AskFactor(w, r, h.factorForm(r), http.StatusOK, nil)
}

// GiveFactor lets in whoever gives it.
func (h SignIn) GiveFactor(w http.ResponseWriter, r *http.Request) error {
	var entry signin.StaffEntry
	_, done, err := h.side().TakeFactor(w, r, h.factorForm(r), func(ctx context.Context, from audit.Actor, browser, typed string) (err error) {
		entry, err = h.Service.GiveStaffFactor(ctx, from, browser, typed)
		return err
	})
	if err != nil || !done {
		return err
	}
	return h.arrive(w, r, entry, form.Next(r, route.Office), "")
}

// rememberDevice notes the device of somebody who has just proved who they are.
func (h SignIn) rememberDevice(w http.ResponseWriter, r *http.Request, who int64) error {
	return signinweb.RememberDevice(w, r, h.Session, func(ctx context.Context, on signin.Device, where string) (string, error) {
		return h.Service.RememberStaffDevice(ctx, who, on, where)
	})
}

func (h SignIn) enter(w http.ResponseWriter, r *http.Request, e signin.StaffEntry, next, words string) error {
	if err := h.Session.SignInStaff(r.Context(), e); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.Redirect(w, r, next)
}

// Logout ends the session.
func (h SignIn) Logout(w http.ResponseWriter, r *http.Request) error { return h.side().Logout(w, r) }

// Forgot asks where to send a link, and after sending says what happens next.
func (h SignIn) Forgot(w http.ResponseWriter, r *http.Request) error { return h.side().Forgot(w, r) }

// SendReset sends a link, if there is anybody to send it to.
func (h SignIn) SendReset(w http.ResponseWriter, r *http.Request) error {
	return h.side().SendReset(w, r)
}

// PasswordLink is one of the two links of staff: they differ in purpose and address alone.
type PasswordLink struct {
	SignIn

	purpose signin.Purpose
	address func(token string) string
	words   string
}

// newAddress are the pages of the link to a new sign-in address.
func (h SignIn) newAddress() signinweb.NewAddress {
	return signinweb.NewAddress{
		Side: h.side(), Purpose: signin.StaffNewAddress, Address: route.OfficeNewAddress, Confirm: h.Service.ConfirmStaffAddress, Account: "Your account", AccountURL: route.OfficeAccount,
		SignedIn: func(r *http.Request) int64 {
			v, _ := session.OfficeViewer(r.Context())
			return v.Staff
		},
	}
}

// NewAddress shows the link that confirms a new sign-in address. It uses
// nothing up.
func (h SignIn) NewAddress(w http.ResponseWriter, r *http.Request) error {
	return h.newAddress().Show(w, r)
}

// ConfirmAddress uses the link.
func (h SignIn) ConfirmAddress(w http.ResponseWriter, r *http.Request) error {
	return h.newAddress().Use(w, r)
}

// Welcome is the link of an invitation.
func (h SignIn) Welcome() PasswordLink {
	return PasswordLink{h, signin.StaffInvitation, route.OfficeWelcome, "Welcome. Your password is saved."}
}

// Reset is the link of a forgotten password.
func (h SignIn) Reset() PasswordLink {
	return PasswordLink{h, signin.StaffReset, route.OfficeReset, "Your new password is saved."}
}

// Show shows a link's form. It uses nothing up: mail scanners open links.
func (h PasswordLink) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, nil)
}

func (h PasswordLink) show(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	at := h.address(signinweb.Token(r))
	l, done, err := h.side().FindLink(w, r, h.purpose, at)
	if err != nil || done {
		return err
	}
	least, err := h.Service.ShortestPassword(r.Context(), l)
	if err != nil {
		return err
	}
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	title, intro := officeview.NewPasswordWords(b, l)
	return h.side().Show(w, r, status, title, intro, func(frame layout.SignInPage) templ.Component {
		return signinview.ShowNewPassword(frame, signinview.NewPassword{Post: at, Email: l.Email, Label: "New password", Press: "Save and log in", Least: least}, p)
	})
}

// Use uses the link with the password that was chosen.
func (h PasswordLink) Use(w http.ResponseWriter, r *http.Request) error {
	link, done, err := h.side().FindLink(w, r, h.purpose, h.address(signinweb.Token(r)))
	if err != nil || done {
		return err
	}
	entry, err := h.Service.ChooseStaffPassword(r.Context(), page.Visitor(r), signinweb.Token(r), h.purpose, form.Secret(r, "password"))
	if errors.Is(err, signin.ErrSpent) {
		return h.show(w, r, http.StatusOK, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	return h.arrive(w, r, entry, h.side().Next(w, r, link), h.words)
}

// Renew sends a fresh link to the same address.
func (h PasswordLink) Renew(w http.ResponseWriter, r *http.Request) error {
	return h.side().Renew(w, r, h.purpose, h.address(signinweb.Token(r)))
}

// Strength checks a password while it is typed.
func (h PasswordLink) Strength(w http.ResponseWriter, r *http.Request) error {
	return h.side().Strength(w, r, h.purpose)
}
