package office

import (
	"bytes"
	"context"
	"fmt"

	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// EditCompany saves the business's own details, shown as version.
func (s *Service) EditCompany(ctx context.Context, by staff.Viewer, version int64, d company.Details) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.Edit(ctx, tx, by.Actor(), version, d) })
}

// SetUp says in which country the business is, before anything is dated or priced.
func (s *Service) SetUp(ctx context.Context, by staff.Viewer, start company.Start) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.SetUp(ctx, tx, by.Actor(), start) })
}

// FinishFirstSteps takes the list of first steps off the home.
func (s *Service) FinishFirstSteps(ctx context.Context, by staff.Viewer) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.FinishFirstSteps(ctx, tx, by.Actor()) })
}

// SetLogo replaces the logo; without an image the business goes by its name.
func (s *Service) SetLogo(ctx context.Context, by staff.Viewer, logo branding.Image) error {
	return s.setPicture(ctx, logo, func(tx postgres.Tx, p company.Picture) (string, error) {
		return company.SetLogo(ctx, tx, by.Actor(), p)
	})
}

// SetBanner replaces the banner of the sign-in page; without an image there is none.
func (s *Service) SetBanner(ctx context.Context, by staff.Viewer, banner branding.Image) error {
	return s.setPicture(ctx, banner, func(tx postgres.Tx, p company.Picture) (string, error) {
		return company.SetBanner(ctx, tx, by.Actor(), p)
	})
}

// setPicture stores an image, lets set write it down, and deletes the one that
// nothing names any more.
func (s *Service) setPicture(ctx context.Context, image branding.Image, set func(postgres.Tx, company.Picture) (unused string, err error)) (err error) {
	var (
		picture company.Picture
		unused  string
	)
	if len(image.Data) > 0 {
		picture = company.Picture{Key: blob.NewKey(), Type: image.ContentType, Width: image.Width, Height: image.Height}
		defer func() {
			if err != nil {
				s.store.Forget(ctx, err, picture.Key)
			}
		}()
		if err := s.store.Put(ctx, picture.Key, bytes.NewReader(image.Data), int64(len(image.Data)), image.ContentType); err != nil {
			return fmt.Errorf("store picture: %w", err)
		}
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		unused, err = set(tx, picture)
		return err
	})
	if err == nil && unused != "" {
		s.store.Forget(ctx, nil, unused)
	}
	return err
}

// AddTaxRate adds a tax rate to those that quotes offer.
func (s *Service) AddTaxRate(ctx context.Context, by staff.Viewer, typed company.TypedRate) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.AddTaxRate(ctx, tx, by.Actor(), typed) })
}

// SetStandardTaxRate makes a rate the one that new lines begin with.
func (s *Service) SetStandardTaxRate(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.SetStandardTaxRate(ctx, tx, by.Actor(), id) })
}

// SetTaxRateActive offers a rate for new lines, or no longer.
func (s *Service) SetTaxRateActive(ctx context.Context, by staff.Viewer, id int64, active bool) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.SetTaxRateActive(ctx, tx, by.Actor(), id, active) })
}
