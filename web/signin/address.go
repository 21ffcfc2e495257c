package signinweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// NewAddress are the pages of the link to a new sign-in address.
type NewAddress struct {
	Side
	Purpose    signin.Purpose
	Address    func(token string) string // the link's own
	Confirm    func(ctx context.Context, from audit.Actor, token string, signedIn int64, password, here string) error
	SignedIn   func(*http.Request) int64 // who is, or 0
	Account    string                    // where a fresh link is asked for
	AccountURL string
}

// Show shows the link. It uses nothing up.
func (h NewAddress) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, nil)
}

func (h NewAddress) show(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	l, err := h.Service.FindLink(r.Context(), Token(r), h.Purpose)
	if errors.Is(err, apperr.NotFound) {
		return h.Unknown(w, r)
	}
	if err != nil {
		return err
	}
	who := h.SignedIn(r)
	here := who != 0 && who == l.Person+l.Staff // one of them
	way, to := "Log In", h.View.Login
	if here {
		way, to = h.Account, h.AccountURL
	}
	oneWay := func(frame layout.SignInPage) templ.Component { return signinview.OneWay(frame, way, to) }
	switch l.State {
	case signin.Ready:
		return h.Side.Show(w, r, status, "Confirm your new address", "From now on you sign in as "+l.Email+".", func(frame layout.SignInPage) templ.Component {
			return signinview.ShowNewAddress(frame, signinview.NewAddress{Post: h.Address(Token(r)), Email: l.Email, Here: here}, p)
		})
	case signin.Used:
		return h.Side.Show(w, r, http.StatusOK, "This address is confirmed", "From now on you sign in as "+l.Email+". We have told the old address.", oneWay)
	case signin.Expired:
		return h.Side.Show(w, r, http.StatusGone, "This link has expired", "It works for "+signin.NewAddress.Lasts()+". Sign in as before, and ask for a new one under "+h.Account+".", oneWay)
	case signin.Ended:
	}
	return h.Side.Show(w, r, http.StatusGone, "This link has ended", "A newer one has replaced it. Look for the newest email, or ask for a fresh one under "+h.Account+".", oneWay)
}

// Use uses the link.
func (h NewAddress) Use(w http.ResponseWriter, r *http.Request) error {
	err := h.Confirm(r.Context(), page.Visitor(r), Token(r), h.SignedIn(r), form.Secret(r, "password"), session.Here(r.Context()))
	switch {
	case errors.Is(err, signin.ErrSpent), errors.Is(err, apperr.NotFound):
		return h.show(w, r, http.StatusOK, nil)
	case errors.Is(err, signin.ErrTaken):
		return h.show(w, r, http.StatusConflict, problem.Set{"": "Somebody already signs in with this address. Use another one."})
	case errors.Is(err, signin.ErrWrong):
		return h.show(w, r, http.StatusUnprocessableEntity, problem.Set{"password": "This is not the password of whoever asked for the new address."})
	}
	if status, p := Refused(w, err); status != 0 {
		return h.show(w, r, status, p)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, h.Address(Token(r)))
}

// AskedAddress answers who has asked for another sign-in address: at the form
// again with what is wrong, or with where the link went.
func AskedAddress(w http.ResponseWriter, r *http.Request, email, formURL string, err error, again func(status int, p problem.Set) error) error {
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		return again(http.StatusTooManyRequests, EnoughForNow(limited))
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return again(http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "We have sent a link to "+email+". Open it there to sign in with the new address.")
	return page.Redirect(w, r, formURL)
}
