package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/fault"
	"fieldgate/internal/invite"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Doors are the ways into the office: sign-in and the links from mails.
type Doors struct {
	Door     invite.Door
	Session  *session.Manager
	Personas []officeview.DoorPersona // of the demo; none elsewhere
}

func (h Doors) business(r *http.Request) (portal.Business, error) {
	return portal.ReadBusiness(r.Context(), h.Door.Pool)
}

// Login shows the sign-in page; who is signed in already goes on.
func (h Doors) Login(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.OfficeViewer(r.Context()); ok {
		return page.See(w, r, form.Next(r, route.Office))
	}
	return h.login(w, r, http.StatusOK, officeview.Login{Next: form.Next(r, route.Office)}, nil)
}

func (h Doors) login(w http.ResponseWriter, r *http.Request, status int, f officeview.Login, p problem.Set) error {
	b, err := h.business(r)
	if err != nil {
		return err
	}
	if f.Next == route.Office {
		f.Next = ""
	}
	f.Personas = h.Personas
	return page.Render(w, r, status, officeview.ShowLogin(b, f, p))
}

// SignIn checks address and password. Suspended staff get the answer to a
// wrong password, and so does an unknown address.
func (h Doors) SignIn(w http.ResponseWriter, r *http.Request) error {
	f := officeview.Login{Email: form.Text(r, "email"), Next: form.Next(r, route.Office)}
	entry, err := h.Door.StaffSignIn(r.Context(), page.Visitor(r), f.Email, form.Secret(r, "password"))
	if errors.Is(err, invite.ErrWrong) {
		return h.login(w, r, http.StatusUnprocessableEntity, f, problem.Set{"": "This email address and password do not belong together."})
	}
	if limited, ok := errors.AsType[invite.Limited](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(limited.Minutes()*60))
		return h.login(w, r, http.StatusTooManyRequests, f, problem.Set{"": "Too many tries. Please wait " + doorMinutes(limited.Minutes()) + ", or choose a new password by “Forgotten password?”."})
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, f.Next, "")
}

func doorMinutes(n int) string {
	if n == 1 {
		return "a minute"
	}
	return strconv.Itoa(n) + " minutes"
}

func (h Doors) enter(w http.ResponseWriter, r *http.Request, e invite.StaffEntry, next, words string) error {
	if err := h.Session.SignInStaff(r.Context(), e); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.See(w, r, next)
}

// Logout ends the session.
func (h Doors) Logout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Session.SignOut(r.Context()); err != nil {
		return err
	}
	return page.See(w, r, route.OfficeLogin)
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
		return page.Render(w, r, status, officeview.LinkSent(b))
	}
	return page.Render(w, r, status, officeview.ForgotPassword(b, email, p))
}

// SendReset sends a link, if there is anybody to send it to. The answer does
// not tell.
func (h Doors) SendReset(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	err := h.Door.StaffForgot(r.Context(), page.Visitor(r), email)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.forgot(w, r, http.StatusUnprocessableEntity, email, problems)
	}
	if err != nil {
		return err
	}
	return page.See(w, r, route.OfficeForgotPassword+"?sent")
}

// Welcome shows an invitation. It uses nothing up: mail scanners open links.
func (h Doors) Welcome(w http.ResponseWriter, r *http.Request) error {
	return h.link(w, r, welcomeDoor, http.StatusOK, nil)
}

// Accept uses an invitation.
func (h Doors) Accept(w http.ResponseWriter, r *http.Request) error {
	return h.choose(w, r, welcomeDoor)
}

// RenewInvitation sends a fresh invitation to the same address.
func (h Doors) RenewInvitation(w http.ResponseWriter, r *http.Request) error {
	return h.renew(w, r, welcomeDoor)
}

// Reset shows a reset's form. It uses nothing up.
func (h Doors) Reset(w http.ResponseWriter, r *http.Request) error {
	return h.link(w, r, resetDoor, http.StatusOK, nil)
}

// ChoosePassword uses a reset.
func (h Doors) ChoosePassword(w http.ResponseWriter, r *http.Request) error {
	return h.choose(w, r, resetDoor)
}

// RenewReset sends a fresh reset to the same address.
func (h Doors) RenewReset(w http.ResponseWriter, r *http.Request) error {
	return h.renew(w, r, resetDoor)
}

// doorway is one of the two links of staff: they differ in purpose and address alone.
type doorway struct {
	purpose invite.Purpose
	address func(token string) string
	words   string
}

var (
	welcomeDoor = doorway{invite.StaffInvitation, route.OfficeWelcome, "Welcome. Your password is saved."}
	resetDoor   = doorway{invite.StaffReset, route.OfficeReset, "Your new password is saved."}
)

func (h Doors) link(w http.ResponseWriter, r *http.Request, d doorway, status int, p problem.Set) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	token := chi.URLParam(r, "token")
	l, err := h.Door.Look(r.Context(), token, d.purpose)
	unknown := errors.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return err
	}
	b, err := h.business(r)
	switch {
	case err != nil:
		return err
	case unknown:
		return page.Render(w, r, http.StatusNotFound, officeview.ShowUnknownLink(b))
	case r.URL.Query().Has("sent"):
		return page.Render(w, r, http.StatusOK, officeview.LinkSent(b))
	case l.State != invite.Ready:
		return page.Render(w, r, http.StatusGone, officeview.ShowSpent(b, officeview.DoorLink{Link: l, Renewal: route.Join(d.address(token), "renewal")}))
	}
	return page.Render(w, r, status, officeview.ShowStaffPassword(b, l, d.address(token), p))
}

func (h Doors) choose(w http.ResponseWriter, r *http.Request, d doorway) error {
	entry, err := h.Door.StaffChoose(r.Context(), page.Visitor(r), chi.URLParam(r, "token"), d.purpose, form.Secret(r, "password"))
	if errors.Is(err, invite.ErrSpent) || errors.Is(err, fault.NotFound) {
		return h.link(w, r, d, http.StatusOK, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.link(w, r, d, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, entry, route.Office, d.words)
}

func (h Doors) renew(w http.ResponseWriter, r *http.Request, d doorway) error {
	token := chi.URLParam(r, "token")
	if err := h.Door.SendFresh(r.Context(), page.Visitor(r), token, d.purpose); err != nil {
		return err
	}
	return page.See(w, r, d.address(token)+"?sent")
}
