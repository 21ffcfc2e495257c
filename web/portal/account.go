package portalweb

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
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
	if v.ByCompany {
		return apperr.Forbidden{Words: "You log in with your company’s account. Your company looks after it."}
	}
	if v.Person == 0 {
		return apperr.Forbidden{Words: "A preview does not show this: it belongs to the contact alone."}
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
	has, err := h.SignIn.Service.HasPassword(r.Context(), v.Person)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, portalview.SignInAddress(portalview.AddressForm{Viewer: v, Asks: has, Own: is, Waiting: waiting, Email: typed, Problems: p}))
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
	err := h.SignIn.Service.RequestNewAddress(r.Context(), v.Actor(), v.Person, form.Secret(r, "current"), email, !v.Stale)
	return signinweb.AskedAddress(w, r, email, route.SignInAddress, err, func(status int, p problem.Set) error { return h.address(w, r, v, status, email, p) })
}

// newAddress are the pages of the link to a new sign-in address.
func (h Account) newAddress() signinweb.NewAddress {
	return signinweb.NewAddress{
		Side: h.SignIn.side(), Purpose: signin.NewAddress, Address: route.NewAddress, Confirm: h.SignIn.Service.ConfirmAddress, Account: "My Details", AccountURL: route.Details,
		SignedIn: func(r *http.Request) int64 {
			v, ok := session.PortalViewer(r.Context())
			if !ok || v.MustChange {
				return 0
			}
			return v.Person
		},
	}
}

// NewAddress shows the link that confirms a new sign-in address. It uses
// nothing up.
func (h Account) NewAddress(w http.ResponseWriter, r *http.Request) error {
	return h.newAddress().Show(w, r)
}

// ConfirmAddress uses the link.
func (h Account) ConfirmAddress(w http.ResponseWriter, r *http.Request) error {
	return h.newAddress().Use(w, r)
}

func (h Account) factors(v portal.Viewer) signinweb.Factors {
	return signinweb.Factors{Service: h.SignIn.Service, By: v.Actor(), Stale: v.Stale, Home: route.SecondFactor, Draw: func(f signinview.FactorPage, p problem.Set) templ.Component {
		f.Format, f.Contact = v.Business.Format, strconv.FormatInt(v.Contact, 10)
		return portalview.SecondFactor(v, f, p)
	}}
}

// factor does what is asked of the person's own second factor by a form that was
// shown for the contact.
func (h Account) factor(r *http.Request, v portal.Viewer, do func(signinweb.Factors) error) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	return do(h.factors(v))
}

// Factor shows the person's second factor.
func (h Account) Factor(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := own(v); err != nil {
		return err
	}
	return h.factors(v).Show(w, r)
}

// BeginFactor begins to set it up.
func (h Account) BeginFactor(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.factor(r, v, func(f signinweb.Factors) error { return f.Begin(w, r) })
}

// ConfirmFactor turns it on.
func (h Account) ConfirmFactor(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.factor(r, v, func(f signinweb.Factors) error { return f.Confirm(w, r) })
}

// RenewCodes makes new recovery codes.
func (h Account) RenewCodes(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.factor(r, v, func(f signinweb.Factors) error { return f.Renew(w, r) })
}

// RemoveFactor turns it off.
func (h Account) RemoveFactor(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.factor(r, v, func(f signinweb.Factors) error { return f.Remove(w, r) })
}

// Devices lists where the person is signed in.
func (h Account) Devices(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := own(v); err != nil {
		return err
	}
	list, err := h.SignIn.Service.Sessions(r.Context(), v.Actor(), session.Here(r.Context()))
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
	if err := v.CheckProof(); err != nil {
		return err
	}
	if err := h.SignIn.Service.EndSession(r.Context(), v.Actor(), id); err != nil {
		return err
	}
	session.Flash(r.Context(), "That device is signed out.")
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
	if err := v.CheckProof(); err != nil {
		return err
	}
	if err := h.SignIn.Service.EndOtherSessions(r.Context(), v.Actor(), session.Here(r.Context())); err != nil {
		return err
	}
	session.Flash(r.Context(), "All other devices are signed out.")
	return page.Redirect(w, r, route.Devices)
}
