package portalweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Details are the screens of My Details.
type Details struct {
	Reader *portal.Reader
	Portal *portal.Service
}

// Show shows My Details.
func (h Details) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	d, err := h.Reader.Details(r.Context(), v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Details(portalview.DetailsPage{Viewer: v, Details: d}))
}

// again is the status of a form that is shown once more: 409 when somebody else
// has saved meanwhile, 422 when something is wrong with it; 0 when err is
// neither and the form is done with.
func again(err error) (int, problem.Set) {
	if errors.Is(err, apperr.Stale) {
		return http.StatusConflict, nil
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return http.StatusUnprocessableEntity, problems
	}
	return 0, nil
}

func saved(w http.ResponseWriter, r *http.Request, v portal.Viewer, kind keeper.Kind, words string) error {
	session.Flash(r.Context(), sentOr(v, kind, words))
	return page.Redirect(w, r, route.Details)
}

// sentOr says that a change was sent to the system that keeps the thing, or else what
// was done.
func sentOr(v portal.Viewer, kind keeper.Kind, words string) string {
	if by := v.Keepers.Keeps(kind); by.Elsewhere() {
		return "Sent to " + by.Label + ". You see here when it is done."
	}
	return words
}

// EditOwn shows the form of the contact's own details.
func (h Details) EditOwn(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	o, err := h.Reader.OwnDetails(r.Context(), v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.EditOwn(portalview.OwnForm{
		Viewer: v, Name: o.Name, Phone: o.Phone, Mobile: o.Mobile, Role: o.Role, SignInEmail: o.SignInEmail, Version: o.Version,
	}))
}

// SaveOwn saves the contact's own details.
func (h Details) SaveOwn(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	to := portal.OwnChange{Name: form.Text(r, "name"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Role: form.Text(r, "role"), Version: form.Version(r)}
	err := h.Portal.EditOwn(r.Context(), v, to)
	status, problems := again(err)
	switch {
	case err == nil:
		return saved(w, r, v, keeper.Contacts, "Your details are saved.")
	case status == 0:
		return err
	}
	is, err := h.Reader.OwnDetails(r.Context(), v)
	if err != nil {
		return err
	}
	f := portalview.OwnForm{Viewer: v, Name: to.Name, Phone: to.Phone, Mobile: to.Mobile, Role: to.Role, SignInEmail: is.SignInEmail, Version: to.Version, Problems: problems}
	if status == http.StatusConflict {
		o := &portalview.EditConflict{Thing: "page"}
		o.Differ("Name", to.Name, is.Name)
		o.Differ("Role", to.Role, is.Role)
		o.Differ("Phone", to.Phone, is.Phone)
		o.Differ("Mobile", to.Mobile, is.Mobile)
		f.EditConflict, f.Version = o, is.Version
	}
	return page.Render(w, r, status, portalview.EditOwn(f))
}

// EditCompany shows the form of the company's details.
func (h Details) EditCompany(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	is, err := h.Reader.CompanyDetails(r.Context(), v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.EditCompany(portalview.CompanyForm{Viewer: v, Name: is.Name, Change: portal.CompanyChange{
		CompanyName: is.CompanyName, Phone: is.Phone, Mobile: is.Mobile, Email: is.Email, Street: is.Street, Postal: is.Postal, Version: is.Version,
	}}))
}

// SaveCompany saves the company's details.
func (h Details) SaveCompany(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	to := portal.CompanyChange{
		CompanyName: form.Text(r, "company_name"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Email: form.Text(r, "email"),
		Street: form.Address(r, "street"), Postal: form.Address(r, "postal"), Version: form.Version(r),
	}
	err := h.Portal.EditCompany(r.Context(), v, to)
	status, problems := again(err)
	switch {
	case err == nil:
		return saved(w, r, v, keeper.Customers, "The company’s details are saved.")
	case status == 0:
		return err
	}
	is, err := h.Reader.CompanyDetails(r.Context(), v)
	if err != nil {
		return err
	}
	f := portalview.CompanyForm{Viewer: v, Name: is.Name, Change: to, Problems: problems}
	if status == http.StatusConflict {
		o := &portalview.EditConflict{Thing: "page"}
		o.Differ("Company name", to.CompanyName, is.CompanyName)
		o.Differ("Phone", to.Phone, is.Phone)
		o.Differ("Mobile", to.Mobile, is.Mobile)
		o.Differ("Email Address", to.Email, is.Email)
		o.Differ("Street address", to.Street.String(), is.Street.String())
		o.Differ("Postal address", to.Postal.String(), is.Postal.String())
		f.EditConflict, f.Change.Version = o, is.Version
	}
	return page.Render(w, r, status, portalview.EditCompany(f))
}

// Sites lists the customer's sites.
func (h Details) Sites(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.SiteOrders.Read(r.URL.Query())
	sites, err := h.Reader.Sites(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Sites(portalview.SitesPage{
		Viewer: v, Sites: sites, Listing: portalview.Listing{URL: route.DetailsSites, Orders: portal.SiteOrders, Query: q},
	}))
}

// NewSite shows the form of a new site.
func (h Details) NewSite(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if !v.MayNameSites() {
		return apperr.Forbidden{Words: "You look after some of the sites only, so you cannot add one. Call " + portal.Caller(v) + "."}
	}
	return page.Render(w, r, http.StatusOK, portalview.EditSite(portalview.SiteForm{Viewer: v, Change: portal.SiteChange{Nonce: form.NewNonce()}}))
}

// AddSite adds a site.
func (h Details) AddSite(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	to := typedSite(r)
	err := h.Portal.AddSite(r.Context(), v, to)
	if status, problems := again(err); status != 0 {
		return page.Render(w, r, status, portalview.EditSite(portalview.SiteForm{Viewer: v, Change: to, Problems: problems}))
	}
	if err != nil {
		return err
	}
	return saved(w, r, v, keeper.Sites, to.Name+" was added.")
}

func typedSite(r *http.Request) portal.SiteChange {
	return portal.SiteChange{
		Name: form.Text(r, "name"), Address: form.Address(r, "address"), SiteContact: form.Text(r, "site_contact"), Version: form.Version(r), Nonce: form.Nonce(r),
	}
}

// site is the site of the address, as the viewer sees it.
func (h Details) site(r *http.Request, v portal.Viewer) (portal.Site, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return portal.Site{}, apperr.NotFound
	}
	return h.Reader.Site(r.Context(), v, id)
}

// EditSite shows the form of a site in use.
func (h Details) EditSite(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	s, err := h.site(r, v)
	if err != nil {
		return err
	}
	if !s.MayEdit(v) {
		return page.Redirect(w, r, route.Details)
	}
	return page.Render(w, r, http.StatusOK, portalview.EditSite(portalview.SiteForm{Viewer: v, ID: s.ID, Change: portal.SiteChange{
		Name: s.Name, Address: s.Address, SiteContact: s.SiteContact, Version: s.Version,
	}}))
}

// SaveSite saves a site.
func (h Details) SaveSite(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	is, err := h.site(r, v)
	if err != nil {
		return err
	}
	to := typedSite(r)
	if !v.MayNameSites() {
		to.Name = is.Name
	}
	err = h.Portal.EditSite(r.Context(), v, is.ID, to)
	status, problems := again(err)
	switch {
	case err == nil:
		return saved(w, r, v, keeper.Sites, to.Name+" was saved.")
	case status == 0:
		return err
	}
	f := portalview.SiteForm{Viewer: v, ID: is.ID, Change: to, Problems: problems}
	if status == http.StatusConflict {
		if is, err = h.site(r, v); err != nil {
			return err
		}
		o := &portalview.EditConflict{Thing: "site"}
		o.Differ("Name", to.Name, is.Name)
		o.Differ("Address", to.Address.String(), is.Address.String())
		o.Differ("Site contact", to.SiteContact, is.SiteContact)
		f.EditConflict, f.Change.Version = o, is.Version
	}
	return page.Render(w, r, status, portalview.EditSite(f))
}
