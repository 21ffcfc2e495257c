package office

import (
	"context"

	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// CreateStaff adds a member of staff. Whoever signs in gets a link by email, or
// without mail its token is returned, to be shown once. A form sent twice adds
// one member and makes one link.
func (s *Service) CreateStaff(ctx context.Context, by staff.Viewer, n staff.New, mail bool) (ref staff.Ref, created bool, token string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if ref, created, err = staff.Create(ctx, tx, by.Actor(), n); err != nil || !created || !n.Role.SignsIn() {
			return err
		}
		token, err = s.inviteStaff(ctx, tx, by, ref.ID, mail)
		return err
	})
	return ref, created, token, err
}

// EditStaff saves a member of staff, shown as version. Whoever waits for an
// invitation, and has another address now or is to sign in from now on, gets a
// link there.
func (s *Service) EditStaff(ctx context.Context, by staff.Viewer, id, version int64, d staff.Details) (invited bool, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		before, err := staff.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := staff.Edit(ctx, tx, by.Actor(), id, version, d); err != nil {
			return err
		}
		after, err := staff.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if invited = after.State == staff.Invited && (before.State != staff.Invited || before.Email != after.Email); invited {
			_, err = s.inviteStaff(ctx, tx, by, id, true)
		}
		return err
	})
	return invited, err
}

// InviteStaff sends a fresh link to somebody who has yet to choose a password,
// or without mail returns its token, to be shown once.
func (s *Service) InviteStaff(ctx context.Context, by staff.Viewer, id int64, mail bool) (token string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		token, err = s.inviteStaff(ctx, tx, by, id, mail)
		return err
	})
	return token, err
}

func (s *Service) inviteStaff(ctx context.Context, tx postgres.Tx, by staff.Viewer, id int64, mail bool) (token string, err error) {
	link, err := signin.StaffMember(ctx, tx, by.Actor(), id)
	if err != nil {
		return "", err
	}
	if mail {
		return "", s.notify.StaffInvited(ctx, tx, link)
	}
	return signin.Token(ctx, tx, link)
}

// SuspendStaff takes access to the office away, from the next request on.
func (s *Service) SuspendStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := staff.Suspend(ctx, tx, by.Actor(), id); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(ctx, tx, id, "")
	})
}

// UnsuspendStaff gives suspended access back.
func (s *Service) UnsuspendStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return staff.Unsuspend(ctx, tx, by.Actor(), id) })
}

// ArchiveStaff takes somebody who has left off the list.
func (s *Service) ArchiveStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := staff.Archive(ctx, tx, by.Actor(), id); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(ctx, tx, id, "")
	})
}

// RestoreStaff puts somebody who was archived back on the list.
func (s *Service) RestoreStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return staff.Restore(ctx, tx, by.Actor(), id) })
}
