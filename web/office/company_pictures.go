package officeweb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"fieldgate/internal/branding"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/upload"
)

// UploadLogo replaces the logo.
func (h Company) UploadLogo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.upload(w, r, v, "logo", "The logo was saved.", branding.Logo, h.Office.SetLogo)
}

// UploadBanner replaces the banner.
func (h Company) UploadBanner(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.upload(w, r, v, "banner", "The banner was saved.", branding.Banner, h.Office.SetBanner)
}

// upload takes one picture: prepare makes of it what is stored, set stores it.
func (h Company) upload(w http.ResponseWriter, r *http.Request, v staff.Viewer, field, words string, prepare func(context.Context, []byte) (branding.Image, error), set func(context.Context, staff.Viewer, branding.Image) error) error {
	var image branding.Image
	upload, err := readPicture(w, r, field)
	if err == nil {
		image, err = prepare(r.Context(), upload)
	}
	if refusal, ok := errors.AsType[branding.Refusal](err); ok {
		return h.again(w, r, v, func(f *officeview.CompanyPage) { f.Problems = problem.Set{field: refusal.Error()} })
	}
	if err != nil {
		return err
	}
	return done(w, r, strings.TrimSpace(words+" "+image.Note), route.AdminCompany, set(r.Context(), v, image))
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

// RemoveLogo goes back to the business's name.
func (h Company) RemoveLogo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return done(w, r, "The logo was removed.", route.AdminCompany, h.Office.SetLogo(r.Context(), v, branding.Image{}))
}

// RemoveBanner goes back to no banner.
func (h Company) RemoveBanner(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return done(w, r, "The banner was removed.", route.AdminCompany, h.Office.SetBanner(r.Context(), v, branding.Image{}))
}
