package office

import (
	"bytes"
	"context"
	"fmt"

	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// EditCompany saves the business's own details, shown as version, and with them
// the logo and the banner: a nil one stays as it is, an empty one goes.
func (s *Service) EditCompany(ctx context.Context, by staff.Viewer, version int64, d company.Details, logo, banner *branding.Image) (err error) {
	var stored, unused []string
	defer func() {
		if err != nil {
			unused = stored
		}
		s.store.Forget(ctx, err, unused...)
	}()
	pictures := []struct {
		image *branding.Image
		set   func(context.Context, postgres.Tx, audit.Actor, company.Picture) (unused string, err error)
		kept  company.Picture
	}{{image: logo, set: company.SetLogo}, {image: banner, set: company.SetBanner}}
	for i, p := range pictures {
		if p.image == nil || len(p.image.Data) == 0 {
			continue
		}
		key := blob.NewKey()
		stored = append(stored, key)
		if err := s.store.Put(ctx, key, bytes.NewReader(p.image.Data), int64(len(p.image.Data)), p.image.ContentType); err != nil {
			return fmt.Errorf("store picture: %w", err)
		}
		pictures[i].kept = company.Picture{Key: key, Type: p.image.ContentType, Width: p.image.Width, Height: p.image.Height}
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := company.Edit(ctx, tx, by.Actor(), version, d); err != nil {
			return err
		}
		for _, p := range pictures {
			if p.image == nil {
				continue
			}
			former, err := p.set(ctx, tx, by.Actor(), p.kept)
			if err != nil {
				return err
			}
			if former != "" {
				unused = append(unused, former)
			}
		}
		return nil
	})
}

// SetUp says in which country the business is, before anything is dated or priced.
func (s *Service) SetUp(ctx context.Context, by staff.Viewer, start company.Start) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.SetUp(ctx, tx, by.Actor(), start) })
}

// FinishFirstSteps takes the list of first steps off the home.
func (s *Service) FinishFirstSteps(ctx context.Context, by staff.Viewer) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return company.FinishFirstSteps(ctx, tx, by.Actor()) })
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
