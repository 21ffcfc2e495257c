package portalweb

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskCompany asks for the address by whose domain the company's login is found.
func (h SignIn) AskCompany(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.PortalViewer(r.Context()); ok {
		return page.Redirect(w, r, form.Next(r, route.Home))
	}
	return h.askCompany(w, r, http.StatusOK, "", nil)
}

func (h SignIn) askCompany(w http.ResponseWriter, r *http.Request, status int, email string, p problem.Set) error {
	f := signinview.CompanyForm{Post: route.LoginCompany, Login: with(route.Login, form.Next(r, route.Home)), Email: email}
	if next := form.Next(r, route.Home); next != route.Home {
		f.Next = next
	}
	return h.side().Show(w, r, status, "Log in with your company’s account", "Enter your email address at your company. You log in there, and come back here.", func(frame layout.SignInPage) templ.Component {
		return signinview.AskCompany(frame, f, p)
	})
}

// ToCompany sends the browser to the provider of the address's company. What it
// says of an address it says of all of the same domain.
func (h SignIn) ToCompany(w http.ResponseWriter, r *http.Request) error {
	email := form.Text(r, "email")
	l, err := h.Service.LeaveForCompany(r.Context(), page.Visitor(r), email, h.Session.Waits(r, session.AskedPortalProvider).Token, form.Next(r, route.Home))
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.askCompany(w, r, http.StatusUnprocessableEntity, email, problems)
	}
	if errors.Is(err, signin.ErrNoCompany) {
		return h.askCompany(w, r, http.StatusUnprocessableEntity, email, problem.Set{"email": "No company login is set up for this domain. Log in with your password, or with a code by email."})
	}
	if err != nil {
		return h.side().ProviderFailed(w, r, err)
	}
	return h.side().ToProvider(w, r, l)
}

// FromCompany lets in whom the company's provider names, or takes it as a fresh proof.
func (h SignIn) FromCompany(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	v, signedIn := session.PortalViewer(r.Context())
	var here int64
	if signedIn && v.ByCompany {
		here = v.Contact
	}
	back, err := h.Service.ReturnOfCompany(r.Context(), page.Visitor(r), chi.URLParam(r, "number"), h.Session.Waits(r, session.AskedPortalProvider).Token, here, openid.AnswerOf(r.URL.Query()))
	if err != nil {
		return h.side().ProviderFailed(w, r, err)
	}
	h.Session.ForgetNext(w, r, signin.Portal)
	if err := h.Session.SignInPerson(r.Context(), back.Entry, false); err != nil {
		return err
	}
	return page.Redirect(w, r, form.Local(back.Next, route.Home))
}

// CompanyLogout takes from a company's provider whom it has logged out.
func (h SignIn) CompanyLogout(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	from := page.Visitor(r)
	by := audit.Actor{Address: from.Address, Proxied: from.Proxied, Claimed: from.Claimed, Request: page.RequestID(r), Name: "Company login"}
	err := h.Service.LogoutByCompany(r.Context(), by, chi.URLParam(r, "number"), form.Secret(r, "logout_token"))
	limited, over := errors.AsType[signin.Limited](err)
	switch {
	case over:
		page.RetryAfter(w, limited.Wait)
		http.Error(w, "too many logout tokens that were not this provider’s", http.StatusTooManyRequests)
		return nil
	case errors.Is(err, signin.ErrNotAsked), openid.KindOf(err) == openid.Invalid:
		http.Error(w, "the logout token is not one of this provider for this program, or was taken before", http.StatusBadRequest)
		return nil
	case openid.KindOf(err) != "":
		http.Error(w, "the provider’s keys cannot be read", http.StatusServiceUnavailable)
		return nil
	}
	return err
}
