package portalweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// Account are the screens of what belongs to the person and not to a customer:
// the address they sign in with, and where they are signed in.
type Account struct {
	Reader *portal.Reader
	SignIn SignIn
}

// own refuses previews: what is the person's is no part of them.
func own(v portal.Viewer) error {
	if v.Person == 0 {
		return apperr.Forbidden{Words: "This is the contact’s own, and no part of a preview."}
	}
	return nil
}

// Address shows the form of the sign-in address.
func (h Account) Address(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.address(w, r, v, http.StatusOK, "", nil)
}

func (h Account) address(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, typed string, p problem.Set) error {
	if err := own(v); err != nil {
		return err
	}
	is, err := h.Reader.OwnDetails(r.Context(), v)
	if err != nil {
		return err
	}
	waiting, err := h.SignIn.Service.PendingAddress(r.Context(), v.Person)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, portalview.SignInAddress(portalview.AddressForm{Viewer: v, Own: is, Waiting: waiting, Email: typed, Problems: p}))
}

// AskAddress sends a link to the new address.
func (h Account) AskAddress(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	email := form.Text(r, "email")
	err := h.SignIn.Service.RequestNewAddress(r.Context(), v.Actor(), v.Person, form.Secret(r, "current"), email)
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		return h.address(w, r, v, http.StatusTooManyRequests, email, problem.Set{"": "That was often enough for now. Please try again in " + ui.Plural(limited.Minutes(), "minute", "minutes") + "."})
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.address(w, r, v, http.StatusUnprocessableEntity, email, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "We have sent a link to "+email+". The new address holds as soon as you have opened it there.")
	return page.Redirect(w, r, route.SignInAddress)
}

// NewAddress shows the link that confirms a new sign-in address. It uses
// nothing up.
func (h Account) NewAddress(w http.ResponseWriter, r *http.Request) error {
	return h.newAddress(w, r, http.StatusOK, nil)
}

func (h Account) newAddress(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	side := h.SignIn.side()
	l, err := side.Service.FindLink(r.Context(), signinweb.Token(r), signin.NewAddress)
	if errors.Is(err, apperr.NotFound) {
		return side.Unknown(w, r)
	}
	if err != nil {
		return err
	}
	v, signedIn := session.PortalViewer(r.Context())
	here := signedIn && v.Person == l.Person
	way, to := "Log In", route.Login
	if here {
		way, to = "My Details", route.Details
	}
	oneWay := func(frame layout.SignInPage) templ.Component { return signinview.OneWay(frame, way, to) }
	switch l.State {
	case signin.Ready:
		b, err := page.Business(r.Context())
		if err != nil {
			return err
		}
		return page.Render(w, r, status, portalview.ShowNewAddress(b, portalview.NewAddress{Token: signinweb.Token(r), Email: l.Email, Here: here}, p))
	case signin.Used:
		return side.Show(w, r, http.StatusOK, "This address is confirmed", "You log in with "+l.Email+" from now on. We have told the old address.", oneWay)
	case signin.Expired:
		return side.Show(w, r, http.StatusGone, "This link has expired", "It works for a day. Log in as before, and ask for a fresh one under My Details.", oneWay)
	}
	return side.Show(w, r, http.StatusGone, "This link has ended", "A newer one has replaced it. Look for the newest email, or ask for a fresh one under My Details.", oneWay)
}

// ConfirmAddress uses the link.
func (h Account) ConfirmAddress(w http.ResponseWriter, r *http.Request) error {
	var who int64
	v, signedIn := session.PortalViewer(r.Context())
	if signedIn && !v.MustChange {
		who = v.Person
	}
	err := h.SignIn.Service.ConfirmAddress(r.Context(), page.Visitor(r), signinweb.Token(r), who, form.Secret(r, "password"))
	switch {
	case errors.Is(err, signin.ErrSpent), errors.Is(err, apperr.NotFound):
		return h.newAddress(w, r, http.StatusOK, nil)
	case errors.Is(err, signin.ErrTaken):
		return h.newAddress(w, r, http.StatusConflict, problem.Set{"": "Somebody logs in with this address already, so it cannot be yours too."})
	case errors.Is(err, signin.ErrWrong):
		return h.newAddress(w, r, http.StatusUnprocessableEntity, problem.Set{"password": "This is not the password of whoever asked for the new address."})
	}
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.newAddress(w, r, status, p)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, route.NewAddress(signinweb.Token(r)))
}

// Devices lists where the person is signed in.
func (h Account) Devices(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := own(v); err != nil {
		return err
	}
	list, err := h.SignIn.Service.Sessions(r.Context(), v.Person, session.Here(r.Context()))
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Devices(portalview.DevicesPage{Viewer: v, Devices: list}))
}

// EndDevice signs out at one place.
func (h Account) EndDevice(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	if err := h.SignIn.Service.EndSession(r.Context(), v.Actor(), id); err != nil {
		return err
	}
	session.Flash(r.Context(), "Signed out there.")
	return page.Redirect(w, r, route.Devices)
}

// EndOtherDevices signs out everywhere but here.
func (h Account) EndOtherDevices(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	if err := h.SignIn.Service.EndOtherSessions(r.Context(), v.Actor(), session.Here(r.Context())); err != nil {
		return err
	}
	session.Flash(r.Context(), "Signed out everywhere else.")
	return page.Redirect(w, r, route.Devices)
}
