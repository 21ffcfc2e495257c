package signin

import (
	"context"
	"errors"

	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// StaffEntry is a member of staff at the door; Proof as in Entry.
type StaffEntry struct {
	Staff int64
	Proof string
}

// StaffSignIn checks the address and password of a member of staff: ErrWrong,
// also for the suspended, Limited or auth.ErrBusy when they do not let in.
func (d Service) StaffSignIn(ctx context.Context, from audit.Actor, email, password string) (StaffEntry, error) {
	k, err := d.prove(ctx, from, members, email, password)
	if err != nil {
		return StaffEntry{}, err
	}
	return StaffEntry{Staff: k.id, Proof: k.hash}, postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error { return staff.SignedIn(ctx, tx, from, k.id) })
}

// StaffForgot sends a member of staff a link to choose a new password. The
// answer and its time are the same for every address.
func (d Service) StaffForgot(ctx context.Context, from audit.Actor, email string) error {
	if err := checkAddress(email); err != nil {
		return err
	}
	return d.quietly(ctx, auth.Office, from, email, func(tx postgres.Tx) error {
		key, err := staff.KeyOf(ctx, tx, email)
		if err != nil {
			return err
		}
		return d.sendStaffReset(ctx, tx, from, key.ID)
	})
}

func (d Service) sendStaffReset(ctx context.Context, tx postgres.Tx, from audit.Actor, id int64) error {
	link, err := ResetStaff(ctx, tx, from, id)
	if err != nil {
		return err
	}
	return d.Mail.StaffReset(ctx, tx, link)
}

func (d Service) freshStaff(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	m, err := staff.ByID(ctx, tx, l.Staff)
	if err != nil || m.Email != l.Email || !m.Role.SignsIn() {
		return err
	}
	switch m.State {
	case staff.Active:
		return d.sendStaffReset(ctx, tx, from, m.ID)
	case staff.Invited:
		link, err := StaffMember(ctx, tx, from, m.ID)
		if err != nil {
			return err
		}
		return d.Mail.StaffInvited(ctx, tx, link)
	}
	return nil
}

// StaffChoose uses an invitation or a reset of a member of staff with a
// password chosen now, and ends all their sessions: a problem.Set for
// "password", or ErrSpent.
func (d Service) StaffChoose(ctx context.Context, from audit.Actor, token string, purpose Purpose, password string) (StaffEntry, error) {
	l, err := d.ready(ctx, token, purpose)
	if err != nil {
		return StaffEntry{}, err
	}
	hash, err := d.chooseAt(ctx, l, password)
	if err != nil {
		return StaffEntry{}, err
	}
	e := StaffEntry{Proof: hash}
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		if e.Staff, err = StaffPassword(ctx, tx, from, token, purpose, hash); err != nil {
			return err
		}
		if err := d.EndForStaff(ctx, tx, e.Staff, false); err != nil {
			return err
		}
		if err := auth.Clear(ctx, tx, auth.SignIn, auth.Office, l.Email); err != nil {
			return err
		}
		return staff.SignedIn(ctx, tx, from, e.Staff)
	})
	return e, err
}

// StaffChangePassword replaces the password of a member of staff signed in, and
// ends their sessions elsewhere: a problem.Set for "current" or "password",
// Limited or auth.ErrBusy. The session at hand goes on.
func (d Service) StaffChangePassword(ctx context.Context, by audit.Actor, current, password string) error {
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
	hash, err := d.chooseAnother(ctx, k.hash, password, m.Email, m.Name)
	if err != nil {
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
func (d Service) JudgeForStaff(ctx context.Context, by audit.Actor, password string) (wrong string, err error) {
	m, err := staff.ByID(ctx, d.Pool, by.Staff)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, m.Email, m.Name)
}
