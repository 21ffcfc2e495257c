package officeweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

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
	return page.Redirect(w, r, route.AdminCompany)
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
	return company.Picture{Key: key, Type: m.ContentType, Width: m.Width, Height: m.Height}, nil
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
	return page.Redirect(w, r, route.AdminCompany)
}
