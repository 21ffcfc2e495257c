package officeweb

import (
	"errors"
	"net/http"

	"fieldgate/internal/apperr"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Company is Administration → Company Details.
type Company struct {
	DB     postgres.DB
	Office *office.Service
}

// Show is the page of the business's own details.
func (h Company) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.again(w, r, v, func(*officeview.CompanyPage) {})
}

// Save replaces the details, and the pictures that were chosen.
func (h Company) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	pictures, err := readPictures(w, r)
	if refusal, ok := errors.AsType[branding.Refusal](err); ok {
		return h.again(w, r, v, func(f *officeview.CompanyPage) { f.Problems = problem.Set{"": refusal.Error()} })
	}
	if err != nil {
		return err
	}
	f := officeview.CompanyPage{
		Version: form.Version(r),
		Details: company.Details{
			TradingName: form.Text(r, "trading_name"), LegalName: form.Text(r, "legal_name"), RegistrationLabel: form.Text(r, "registration_label"),
			RegistrationNumber: form.Text(r, "registration_number"), Phone: form.Text(r, "phone"), Email: form.Text(r, "email"), Website: form.Text(r, "website"),
			Address: form.Address(r, "address"), BrandColour: form.Text(r, "brand_colour"), TimeZone: form.Text(r, "time_zone"), Currency: form.Text(r, "currency"),
			Locale: form.Text(r, "locale"), Terms: form.Long(r, "terms"), WelcomeText: form.Long(r, "welcome_text"), ShowCredit: form.Check(r, "show_credit"),
		},
	}
	f.RemoveLogo, f.RemoveBanner = form.Check(r, "remove_logo"), form.Check(r, "remove_banner")
	p := problem.Set{}
	logo, err := picture(r, "logo", pictures, func(b []byte) (branding.Image, error) { return branding.Logo(ctx, b) }, p)
	if err != nil {
		return err
	}
	banner, err := picture(r, "banner", pictures, func(b []byte) (branding.Image, error) { return branding.Banner(ctx, b) }, p)
	if err != nil {
		return err
	}
	if err = p.Err(); err == nil {
		err = h.Office.EditCompany(ctx, v, f.Version, f.Details, logo, banner)
	}
	for field := range pictures { // browsers do not keep them
		p.Add(field, "Choose it again: the picture was not kept.")
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = p.Join(problems)
		return h.page(w, r, v, f)
	}
	if errors.Is(err, apperr.Stale) {
		now, err := company.Read(ctx, h.DB)
		if err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "company", 1, f.Version, company.Fields); err != nil {
			return err
		}
		f.Version, f.Problems = now.Version, p
		return h.page(w, r, v, f)
	}
	if err != nil {
		return err
	}
	words := "Saved."
	if logo != nil && logo.Note != "" {
		words += " " + logo.Note
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, route.AdminCompany)
}

// page shows the form, around it the pictures and tax rates as stored.
func (h Company) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.CompanyPage) error {
	if err := h.stored(r, &f); err != nil {
		return err
	}
	return h.render(w, r, v, f)
}

// again shows the page as stored, with the problems of one of its small forms.
func (h Company) again(w http.ResponseWriter, r *http.Request, v staff.Viewer, change func(*officeview.CompanyPage)) error {
	var f officeview.CompanyPage
	if err := h.stored(r, &f); err != nil {
		return err
	}
	f.Details, f.Version = f.Stored.Details, f.Stored.Version
	change(&f)
	return h.render(w, r, v, f)
}

func (h Company) stored(r *http.Request, f *officeview.CompanyPage) error {
	return postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		company.Query(b, &f.Stored)
		company.QueryZones(b, &f.Zones)
		company.QueryTaxRates(b, &f.Rates)
	})
}

func (h Company) render(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.CompanyPage) error {
	f.Page = officeview.Page(v, "Company Details", route.AdminCompany)
	return page.Render(w, r, formStatus(f.Problems, f.EditConflict), officeview.Company(f))
}

// AddTaxRate adds a tax rate.
func (h Company) AddTaxRate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	typed := company.TypedRate{
		Name: form.Text(r, "rate_name"), Percent: form.Text(r, "rate_percent"), SecondName: form.Text(r, "second_name"), SecondPercent: form.Text(r, "second_percent"),
	}
	err := h.Office.AddTaxRate(ctx, v, typed)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.again(w, r, v, func(f *officeview.CompanyPage) { f.Problems, f.Rate = problems, typed })
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, officeview.RateWords(typed)+" was added.")
	return page.Redirect(w, r, route.AdminCompany+"#tax-rates")
}

// ChangeTaxRate makes a rate the standard, offers it or no longer does.
func (h Company) ChangeTaxRate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	id, err := pathID(r, "rate")
	if err != nil {
		return err
	}
	switch form.Text(r, "do") {
	case "standard":
		err = h.Office.SetStandardTaxRate(ctx, v, id)
	case "activate":
		err = h.Office.SetTaxRateActive(ctx, v, id, true)
	case "deactivate":
		err = h.Office.SetTaxRateActive(ctx, v, id, false)
	default:
		err = apperr.Conflictf("Choose what to do with the tax rate.")
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.AdminCompany+"#tax-rates")
}
