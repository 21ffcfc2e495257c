package office

import (
	"context"
	"strings"

	"fieldgate/internal/calendar"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// administer runs a deed about the staff: each asks for a fresh proof.
func (s *Service) administer(ctx context.Context, by staff.Viewer, do func(postgres.Tx) error) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, do)
}

// CreateStaff adds a member of staff. Whoever signs in gets a link by email, or
// without mail its token is returned, to be shown once. A form sent twice adds
// one member and makes one link.
func (s *Service) CreateStaff(ctx context.Context, by staff.Viewer, n staff.New, mail bool) (ref staff.Ref, created bool, token string, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
		if ref, created, err = staff.Create(ctx, tx, by.Actor(), n); err != nil || !created || !n.Role.SignsIn() {
			return err
		}
		token, err = s.inviteStaff(ctx, tx, by, ref.ID, mail)
		return err
	})
	return ref, created, token, err
}

// EditedStaff is what came of an edit.
type EditedStaff struct {
	Invited bool   // a link to choose a password is on its way
	Confirm string // the address that a link was sent to, to be confirmed
}

// EditStaff saves a member of staff, shown as version. Whoever waits for an
// invitation, and has another address now or is to sign in from now on, gets a
// link there. Whoever signs in already confirms a new address themselves; until
// then the old one holds. A new role is told, and ends their sessions but the
// one whose token's hash is here. Address and role ask for a fresh proof.
func (s *Service) EditStaff(ctx context.Context, by staff.Viewer, id, version int64, d staff.Details, here string) (done EditedStaff, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		done = EditedStaff{}
		before, err := staff.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		moved := !strings.EqualFold(before.Email, d.Email)
		if moved && before.HasPassword && d.Role.SignsIn() {
			if err := d.Check().Err(); err != nil {
				return err
			}
			done.Confirm, d.Email = d.Email, before.Email
		}
		if err := staff.Edit(ctx, tx, by.Actor(), id, version, d); err != nil {
			return err
		}
		after, err := staff.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if moved || before.Role != after.Role {
			if err := by.CheckProof(); err != nil {
				return err
			}
		}
		if err := s.staffEdited(ctx, tx, by, before, after, here); err != nil {
			return err
		}
		if done.Confirm != "" {
			return s.confirmAddress(ctx, tx, by, id, done.Confirm)
		}
		if done.Invited = after.State == staff.Invited && (before.State != staff.Invited || before.Email != after.Email); done.Invited {
			_, err = s.inviteStaff(ctx, tx, by, id, true)
		}
		return err
	})
	return done, err
}

// staffEdited tells whoever could sign in of what has changed for them.
func (s *Service) staffEdited(ctx context.Context, tx postgres.Tx, by staff.Viewer, before, after staff.Member, here string) error {
	if before.HasPassword && before.Role != after.Role {
		if err := signin.EndSessionsOfStaff(ctx, tx, after.ID, here); err != nil {
			return err
		}
		if after.Email != "" {
			if err := s.notify.StaffRoleChanged(ctx, tx, after.ID, after.Role.Label(), by.Name); err != nil {
				return err
			}
		}
	}
	if !after.Role.SignsIn() {
		if err := calendar.EndOfBusiness(ctx, tx, after.ID); err != nil {
			return err
		}
	}
	if before.HasPassword && !after.Role.SignsIn() {
		if err := signin.ForgetStaffPassword(ctx, tx, after.ID); err != nil {
			return err
		}
		if err := signin.ForgetStaffPasskeys(ctx, tx, after.ID); err != nil {
			return err
		}
	}
	if before.Role.SignsIn() && after.Email != "" && !strings.EqualFold(before.Email, after.Email) {
		return s.notify.StaffEmailChanged(ctx, tx, after.ID, before.Email)
	}
	return nil
}

func (s *Service) confirmAddress(ctx context.Context, tx postgres.Tx, by staff.Viewer, id int64, email string) error {
	link, err := signin.NewStaffAddress(ctx, tx, by.Actor(), id, email)
	if err != nil {
		return err
	}
	return s.notify.StaffEmailChangeAsked(ctx, tx, link)
}

// InviteStaff sends a fresh link to somebody who has yet to choose a password,
// or without mail returns its token, to be shown once.
func (s *Service) InviteStaff(ctx context.Context, by staff.Viewer, id int64, mail bool) (token string, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
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
	return s.administer(ctx, by, func(tx postgres.Tx) error {
		if err := staff.Suspend(ctx, tx, by.Actor(), id); err != nil {
			return err
		}
		if err := calendar.EndOfStaff(ctx, tx, id); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(ctx, tx, id, "")
	})
}

// UnsuspendStaff gives suspended access back.
func (s *Service) UnsuspendStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return staff.Unsuspend(ctx, tx, by.Actor(), id) })
}

// ArchiveStaff takes somebody who has left off the list.
func (s *Service) ArchiveStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error {
		if err := staff.Archive(ctx, tx, by.Actor(), id); err != nil {
			return err
		}
		if err := calendar.EndOfStaff(ctx, tx, id); err != nil {
			return err
		}
		if err := signin.ForgetStaffPasskeys(ctx, tx, id); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(ctx, tx, id, "")
	})
}

// RestoreStaff puts somebody who was archived back on the list.
func (s *Service) RestoreStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return staff.Restore(ctx, tx, by.Actor(), id) })
}
