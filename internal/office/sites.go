package office

import (
	"context"

	"fieldgate/internal/postgres"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
)

// CreateSite adds a site to a customer. A form sent twice adds one.
func (s *Service) CreateSite(ctx context.Context, by staff.Viewer, n site.New) (ref site.Ref, err error) {
	err = s.change(ctx, by, ofSites, func(tx postgres.Tx) error {
		ref, _, err = site.Create(ctx, tx, by.Actor(), n)
		return err
	})
	return ref, err
}

// EditSite saves a customer's site, shown as version.
func (s *Service) EditSite(ctx context.Context, by staff.Viewer, customer, id, version int64, d site.Details) error {
	return s.change(ctx, by, ofSites, func(tx postgres.Tx) error { return site.Edit(ctx, tx, by.Actor(), customer, id, version, d) })
}

// ArchiveSite ends that a site is offered for anything new.
func (s *Service) ArchiveSite(ctx context.Context, by staff.Viewer, customer, id int64) error {
	return s.change(ctx, by, ofSites, func(tx postgres.Tx) error { return site.Archive(ctx, tx, by.Actor(), customer, id) })
}

// RestoreSite offers an archived site again.
func (s *Service) RestoreSite(ctx context.Context, by staff.Viewer, customer, id int64) error {
	return s.change(ctx, by, ofSites, func(tx postgres.Tx) error { return site.Restore(ctx, tx, by.Actor(), customer, id) })
}
