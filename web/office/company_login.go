package officeweb

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/customer"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// CompanyLogin is the page of a customer's own provider.
type CompanyLogin struct {
	DB     postgres.DB
	SignIn *signin.Service
}

// view is the page with what is stored.
func (h CompanyLogin) view(r *http.Request, v staff.Viewer) (f officeview.CompanyLoginPage, err error) {
	c, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return f, err
	}
	f = officeview.CompanyLoginPage{
		Page: officeview.Page(v, "Company login", route.OfficeCustomers), Number: c.Number, Name: c.Name, Format: v.Format,
		Callback: h.SignIn.CompanyCallback(c.Number), Logout: h.SignIn.CompanyLogout(c.Number), Typed: signin.NewCompanyLogin{Active: true},
	}
	var stored []signin.CompanyLogin
	if err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { signin.QueryCompanyLogin(b, &stored, c.ID) }); err != nil {
		return f, err
	}
	if len(stored) == 1 {
		s := stored[0]
		f.Stored = &s
		f.Typed = signin.NewCompanyLogin{Issuer: s.Issuer, ClientID: s.ClientID, Domains: strings.Join(s.Domains, ", "), Preset: s.Preset, OnlyWay: s.OnlyWay, Active: s.Active, Version: s.Version}
	}
	return f, nil
}

func (h CompanyLogin) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, change func(*officeview.CompanyLoginPage)) error {
	f, err := h.view(r, v)
	if err != nil {
		return err
	}
	change(&f)
	return page.Render(w, r, status, officeview.CompanyLogin(f))
}

// Show shows it.
func (h CompanyLogin) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, http.StatusOK, func(*officeview.CompanyLoginPage) {})
}

// Save sets it.
func (h CompanyLogin) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	n := signin.NewCompanyLogin{
		Issuer: form.Text(r, "issuer"), ClientID: form.Text(r, "client"), Secret: form.Secret(r, "secret"), Domains: form.Text(r, "domains"),
		Preset: form.Text(r, "preset"), OnlyWay: form.Check(r, "only"), Active: form.Check(r, "active"), Version: form.Version(r),
	}
	number := chi.URLParam(r, "number")
	err := h.SignIn.SetCompanyLogin(r.Context(), v, number, n)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, v, http.StatusUnprocessableEntity, func(f *officeview.CompanyLoginPage) { f.Typed, f.Problems = n, problems })
	}
	if errors.Is(err, apperr.Stale) {
		return h.show(w, r, v, http.StatusConflict, func(f *officeview.CompanyLoginPage) {
			if n.Version = 0; f.Stored != nil {
				n.Version = f.Stored.Version
			}
			f.Typed, f.Stale = n, true
		})
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved. Press Try it to see whether the provider answers.")
	return page.Redirect(w, r, route.OfficeCustomer(number, "company-login"))
}

// Try asks the provider that is stored.
func (h CompanyLogin) Try(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	told, err := h.SignIn.TryCompanyLogin(r.Context(), chi.URLParam(r, "number"))
	if errors.Is(err, apperr.NotFound) { // nothing is set, or it is switched off
		return h.Show(w, r, v)
	}
	if err != nil && openid.KindOf(err) == "" {
		return err
	}
	return h.show(w, r, v, http.StatusOK, func(f *officeview.CompanyLoginPage) {
		if f.Fault = openid.KindOf(err); f.Fault == "" {
			f.Told = &told
		}
	})
}

// Remove ends it.
func (h CompanyLogin) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	return done(w, r, "The company login is removed.", route.OfficeCustomer(number, "company-login"), h.SignIn.RemoveCompanyLogin(r.Context(), v, number))
}
