package officeweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/templates/layout"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Company is Administration → Company Details.
type Company struct {
	Pool  *pgxpool.Pool
	Store blob.Store
}

// Show is the page of the business's own details.
func (h Company) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := company.Read(r.Context(), h.Pool)
	if err != nil {
		return err
	}
	return h.page(w, r, v, officeview.CompanyPage{Details: c.Details, Version: c.Version})
}

// Save replaces the details.
func (h Company) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f := officeview.CompanyPage{
		Version: form.Version(r),
		Details: company.Details{
			TradingName: form.Text(r, "trading_name"), LegalName: form.Text(r, "legal_name"), RegistrationLabel: form.Text(r, "registration_label"),
			RegistrationNumber: form.Text(r, "registration_number"), Phone: form.Text(r, "phone"), Email: form.Text(r, "email"), Website: form.Text(r, "website"),
			Address: form.Address(r, "address"), BrandColour: form.Text(r, "brand_colour"), TimeZone: form.Text(r, "time_zone"), Currency: form.Text(r, "currency"),
			Locale: form.Text(r, "locale"), Terms: form.Long(r, "terms"), WelcomeText: form.Long(r, "welcome_text"), ShowCredit: form.Check(r, "show_credit"),
		},
	}
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return company.Edit(ctx, tx, v.Actor(), f.Version, f.Details) })
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = problems
		return h.page(w, r, v, f)
	}
	if errors.Is(err, fault.Stale) {
		now, err := company.Read(ctx, h.Pool)
		if err != nil {
			return err
		}
		if f.Meanwhile, err = meanwhile(ctx, h.Pool, v.Format, "company", 1, f.Version, companyLabels); err != nil {
			return err
		}
		f.Version = now.Version
		return h.page(w, r, v, f)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.See(w, r, route.AdminCompany)
}

var companyLabels = []labelled{
	{"brand_colour", "Brand colour"},
	{"welcome_text", "Welcome text"},
	{"show_credit", "Show “Fieldgate” in the footer"},
	{"trading_name", "Trading name"},
	{"legal_name", "Legal name"},
	{"registration_label", "Registration label"},
	{"registration_number", "Registration number"},
	{"phone", "Phone"},
	{"email", "Email"},
	{"website", "Website"},
	{"address", "Address"},
	{"time_zone", "Time zone"},
	{"locale", "Dates and numbers as in"},
	{"currency", "Currency"},
	{"terms", "Terms and conditions"},
}

// page shows the form, around it the pictures and tax rates as stored.
func (h Company) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.CompanyPage) error {
	ctx := r.Context()
	f.Page = officeview.Page(v, "Company Details", route.AdminCompany)
	var err error
	if f.Stored, err = company.Read(ctx, h.Pool); err != nil {
		return err
	}
	if f.Zones, err = company.Zones(ctx, h.Pool); err != nil {
		return err
	}
	if f.Rates, err = company.TaxRates(ctx, h.Pool); err != nil {
		return err
	}
	return page.Render(w, r, formStatus(f.Problems, f.Meanwhile), officeview.Company(f))
}

// again shows the page as stored, with the problems of one of its small forms.
func (h Company) again(w http.ResponseWriter, r *http.Request, v staff.Viewer, change func(*officeview.CompanyPage)) error {
	c, err := company.Read(r.Context(), h.Pool)
	if err != nil {
		return err
	}
	f := officeview.CompanyPage{Details: c.Details, Version: c.Version}
	change(&f)
	return h.page(w, r, v, f)
}

// UploadLogo replaces the logo.
func (h Company) UploadLogo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.upload(w, r, v, "logo", "The logo was saved.", func(ctx context.Context, upload []byte) (func(postgres.Tx) (string, error), error) {
		logo, err := branding.Logo(upload)
		if err != nil {
			return nil, err
		}
		picture, err := h.keep(ctx, logo)
		if err != nil {
			return nil, err
		}
		return func(tx postgres.Tx) (string, error) { return company.SetLogo(ctx, tx, v.Actor(), picture) }, nil
	})
}

// UploadBanner replaces the banner.
func (h Company) UploadBanner(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.upload(w, r, v, "banner", "The banner was saved.", func(ctx context.Context, upload []byte) (func(postgres.Tx) (string, error), error) {
		banner, err := branding.Banner(upload)
		if err != nil {
			return nil, err
		}
		picture, err := h.keep(ctx, banner)
		if err != nil {
			return nil, err
		}
		return func(tx postgres.Tx) (string, error) { return company.SetBanner(ctx, tx, v.Actor(), picture) }, nil
	})
}

// upload takes one picture: prepare makes of it what is kept and returns what
// writes it down.
func (h Company) upload(w http.ResponseWriter, r *http.Request, v staff.Viewer, field, done string, prepare func(context.Context, []byte) (func(postgres.Tx) (string, error), error)) error {
	ctx := r.Context()
	refuse := func(words string) error {
		return h.again(w, r, v, func(f *officeview.CompanyPage) { f.Problems = problem.Set{field: words} })
	}
	upload, err := readPicture(w, r, field)
	if refusal, ok := errors.AsType[branding.Refusal](err); ok {
		return refuse(refusal.Error())
	}
	if err != nil {
		return err
	}
	write, err := prepare(ctx, upload)
	if refusal, ok := errors.AsType[branding.Refusal](err); ok {
		return refuse(refusal.Error())
	}
	if err != nil {
		return err
	}
	if err := h.write(ctx, write); err != nil {
		return err
	}
	session.Flash(ctx, done)
	return page.See(w, r, route.AdminCompany)
}

// readPicture is the uploaded file of a field, wherever it stands in the form.
func readPicture(w http.ResponseWriter, r *http.Request, field string) ([]byte, error) {
	upload.Allow(w, r, branding.MaxBytes+1<<20) // the form around it
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, branding.Refusal("Choose a picture first.")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, branding.Refusal("Choose a picture first.")
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if part.FormName() != field || part.FileName() == "" {
			continue
		}
		var b bytes.Buffer
		// One byte more than allowed: branding tells a file that is too large.
		if _, err := io.Copy(&b, io.LimitReader(part, branding.MaxBytes+1)); err != nil {
			return nil, unreadable(err)
		}
		return b.Bytes(), nil
	}
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return branding.TooLarge
	}
	return branding.Refusal("The upload broke off. Try again.")
}

// keep puts a picture into the store.
func (h Company) keep(ctx context.Context, m branding.Image) (company.Picture, error) {
	key := blob.NewKey()
	if err := h.Store.Put(ctx, key, bytes.NewReader(m.Data), int64(len(m.Data)), m.ContentType); err != nil {
		return company.Picture{}, fmt.Errorf("keep picture: %w", err)
	}
	return company.Picture{Key: key, Type: m.ContentType}, nil
}

// write runs the transaction and removes afterwards the file that nothing refers to.
func (h Company) write(ctx context.Context, write func(postgres.Tx) (string, error)) error {
	var unused string
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		unused, err = write(tx)
		return err
	})
	if err != nil || unused == "" {
		return err
	}
	if err := h.Store.Delete(ctx, unused); err != nil {
		slog.WarnContext(ctx, "picture of the brand not deleted", "key", unused, "error", err)
	}
	return nil
}

// RemoveLogo goes back to the business's name.
func (h Company) RemoveLogo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.remove(w, r, "The logo was removed.", func(tx postgres.Tx, by audit.Actor) (string, error) {
		return company.SetLogo(r.Context(), tx, by, company.Picture{})
	}, v)
}

// RemoveBanner goes back to no banner.
func (h Company) RemoveBanner(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.remove(w, r, "The banner was removed.", func(tx postgres.Tx, by audit.Actor) (string, error) {
		return company.SetBanner(r.Context(), tx, by, company.Picture{})
	}, v)
}

func (h Company) remove(w http.ResponseWriter, r *http.Request, done string, remove func(postgres.Tx, audit.Actor) (string, error), v staff.Viewer) error {
	if err := h.write(r.Context(), func(tx postgres.Tx) (string, error) { return remove(tx, v.Actor()) }); err != nil {
		return err
	}
	session.Flash(r.Context(), done)
	return page.See(w, r, route.AdminCompany)
}

// AddTaxRate adds a tax rate.
func (h Company) AddTaxRate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, name, percent := r.Context(), form.Text(r, "rate_name"), form.Text(r, "rate_percent")
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return company.AddTaxRate(ctx, tx, v.Actor(), name, percent) })
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.again(w, r, v, func(f *officeview.CompanyPage) { f.Problems, f.RateName, f.RateValue = problems, name, percent })
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, name+" was added.")
	return page.See(w, r, route.AdminCompany+"#tax-rates")
}

// ChangeTaxRate makes a rate the standard, offers it or no longer does.
func (h Company) ChangeTaxRate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	id, err := pathID(r, "rate")
	if err != nil {
		return err
	}
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		switch form.Text(r, "do") {
		case "standard":
			return company.SetStandardTaxRate(ctx, tx, v.Actor(), id)
		case "activate":
			return company.SetTaxRateActive(ctx, tx, v.Actor(), id, true)
		case "deactivate":
			return company.SetTaxRateActive(ctx, tx, v.Actor(), id, false)
		}
		return fault.Refuse("Choose what to do with the tax rate.")
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.See(w, r, route.AdminCompany+"#tax-rates")
}

// PreviewPages is a page of the portal in a colour that need not be saved yet.
func (h Company) PreviewPages(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	brand, err := h.previewBrand(w, r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.PreviewPages(brand))
}

// PreviewSignIn is the sign-in page of the portal, likewise.
func (h Company) PreviewSignIn(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	brand, err := h.previewBrand(w, r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.PreviewSignIn(brand))
}

// previewBrand lets the page stand in a frame of ours, as no other page may.
func (h Company) previewBrand(w http.ResponseWriter, r *http.Request) (layout.Brand, error) {
	c, err := company.Read(r.Context(), h.Pool)
	if err != nil {
		return layout.Brand{}, err
	}
	colour := c.BrandColour
	if _, err := branding.New(r.URL.Query().Get("colour")); err == nil {
		colour = r.URL.Query().Get("colour")
	}
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; base-uri 'none'; frame-ancestors 'self'")
	return officeview.PreviewBrand(c, colour, r.URL.Query().Get("scheme") == "dark"), nil
}

// ColourWords say what became of a colour that need not be saved yet.
func (h Company) ColourWords(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return page.Render(w, r, http.StatusOK, officeview.ColourWords(form.Line(r.URL.Query().Get("brand_colour"))))
}

// PreviewStyle is the brand's stylesheet for a colour that need not be saved.
func (h Company) PreviewStyle(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	palette, err := branding.New(r.URL.Query().Get("colour"))
	if err != nil {
		return fault.NotFound
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = io.WriteString(w, palette.Stylesheet()) //nolint:gosec // made of numbers only
	if r.URL.Query().Get("scheme") == "dark" {
		_, _ = io.WriteString(w, ":root{color-scheme:dark}.mark__logo{background:#fff;padding:.25rem .5rem}\n")
	}
	return nil
}
