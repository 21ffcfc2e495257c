package invite

import (
	"context"
	"errors"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// StaffChangePassword replaces the password of a member of staff signed in, and
// ends their sessions elsewhere: a problem.Set for "current" or "password",
// Limited or auth.ErrBusy. The session at hand goes on.
func (d Door) StaffChangePassword(ctx context.Context, by audit.Actor, current, password string) error {
	m, err := staff.ByID(ctx, d.Pool, by.Staff)
	if err != nil {
		return err
	}
	k, err := d.prove(ctx, by, members, m.Email, current)
	if errors.Is(err, ErrWrong) {
		return problem.Of("current", "This is not your present password.")
	}
	if err != nil {
		return err
	}
	hash, err := d.choose(ctx, password, m.Email, m.Name)
	if err != nil {
		return err
	}
	switch err := d.verify(ctx, k.hash, password); {
	case err == nil:
		return problem.Of("password", "This is the password you have now. Choose another one.")
	case !errors.Is(err, ErrWrong):
		return err
	}
	return postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		if err := staff.SetPassword(ctx, tx, by, m.ID, hash); err != nil {
			return err
		}
		if err := endOthers(ctx, tx, `staff_id = @id`, m.ID); err != nil {
			return err
		}
		if err := d.EndForStaff(ctx, tx, m.ID, true); err != nil {
			return err
		}
		return d.Mail.StaffPasswordChanged(ctx, tx, m.ID)
	})
}

// JudgeForStaff is JudgeForLink for a member of staff signed in.
func (d Door) JudgeForStaff(ctx context.Context, by audit.Actor, password string) (wrong string, err error) {
	m, err := staff.ByID(ctx, d.Pool, by.Staff)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, m.Email, m.Name)
}
