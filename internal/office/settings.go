package office

import (
	"context"

	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// EditPortalSettings saves Administration → Customer Portal, shown as version,
// with the addresses of the job types that the form showed. Links in emails that
// are switched off end.
func (s *Service) EditPortalSettings(ctx context.Context, by staff.Viewer, version int64, to settings.Settings, types []settings.JobType) error {
	if err := by.CheckProof(); err != nil { // whom everything is told would be a quiet way to listen in
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		err := settings.Edit(ctx, tx, by.Actor(), version, to, types)
		if err != nil || to.RecordLinks {
			return err
		}
		return signin.EndAllRecordLinks(ctx, tx, signin.EndedBySetting)
	})
}
