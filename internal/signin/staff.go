package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// StaffEntry is a member of staff who has proved who they are; the rest as in Entry.
type StaffEntry struct {
	Staff   int64
	Proof   int64
	Pending string
	OpenID  bool // the business's provider has named them
	// AskedAt as in NewSession.
	AskedAt *time.Time

	OffersPasskey bool
}

// SignInStaff checks the address and password of a member of staff: ErrWrong,
// also for the suspended, Limited or password.ErrBusy when they do not let in.
func (s *Service) SignInStaff(ctx context.Context, from audit.Actor, email, password string) (StaffEntry, error) {
	a, err := s.authenticate(ctx, from, Office, email, password)
	if err != nil {
		return StaffEntry{}, err
	}
	return s.staffSignedIn(ctx, from, a, ByPassword)
}

// staffSignedIn is signedIn for a member of staff.
func (s *Service) staffSignedIn(ctx context.Context, from audit.Actor, a account, way Way) (StaffEntry, error) {
	e := StaffEntry{Staff: a.id}
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return s.letStaffIn(ctx, tx, from, &e, a.stamp, way) })
	return e, err
}

// letStaffIn is letIn for a member of staff.
func (s *Service) letStaffIn(ctx context.Context, tx postgres.Tx, from audit.Actor, e *StaffEntry, stamp int64, way Way) (err error) {
	if way != ByPasskey {
		if e.Pending, err = s.waitForFactor(ctx, tx, pending{of: owner{Office, e.Staff}, stamp: stamp, way: way}); err != nil || e.Pending != "" {
			return err
		}
	}
	return s.staffArrived(ctx, tx, from, e, stamp, way)
}

// staffArrived is arrived for a member of staff.
func (s *Service) staffArrived(ctx context.Context, tx postgres.Tx, from audit.Actor, e *StaffEntry, stamp int64, way Way) (err error) {
	e.Proof, e.OpenID = stamp, way == ByOpenID
	if err := recordStaffSignIn(ctx, tx, from, e.Staff, way); err != nil {
		return err
	}
	e.OffersPasskey, err = s.offers(ctx, tx, owner{Office, e.Staff}, way)
	return err
}

// RequestStaffReset sends a member of staff a link to choose a new password. The
// answer and its time are the same for every address.
func (s *Service) RequestStaffReset(ctx context.Context, from audit.Actor, email string) error {
	if err := checkAddress(email); err != nil {
		return err
	}
	return s.quietly(ctx, Office, from, email, func(tx postgres.Tx) error {
		a, err := findStaffAccount(ctx, tx, email)
		if err != nil {
			return err
		}
		return s.sendStaffReset(ctx, tx, from, a.id)
	})
}

func (s *Service) sendStaffReset(ctx context.Context, tx postgres.Tx, from audit.Actor, id int64) error {
	link, err := ResetStaff(ctx, tx, from, id)
	if err != nil {
		return err
	}
	return s.mail.StaffReset(ctx, tx, link)
}

func (s *Service) renewStaffLink(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	m, err := staff.FindCurrent(ctx, tx, l.Staff)
	if err != nil || m.Email != l.Email || !m.Role.SignsIn() {
		return err
	}
	switch m.State {
	case staff.Active:
		return s.sendStaffReset(ctx, tx, from, m.ID)
	case staff.Invited:
		link, err := StaffMember(ctx, tx, from, m.ID)
		if err != nil {
			return err
		}
		return s.mail.StaffInvited(ctx, tx, link)
	}
	return nil
}

// ChooseStaffPassword uses an invitation or a reset of a member of staff with a
// password chosen now, and ends all their sessions: a problem.Set for
// "password", or ErrSpent.
func (s *Service) ChooseStaffPassword(ctx context.Context, from audit.Actor, token string, purpose Purpose, password string) (StaffEntry, error) {
	l, err := s.findReady(ctx, token, purpose)
	if err != nil {
		return StaffEntry{}, err
	}
	hash, err := s.hashForLink(ctx, l, password)
	if err != nil {
		return StaffEntry{}, err
	}
	var e StaffEntry
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		l, err := claim(ctx, tx, token, purpose)
		if err != nil {
			return err
		}
		by := from
		by.Staff, by.Name = l.Staff, l.Name
		if err := setStaffPassword(ctx, tx, by, l.Staff, hash); err != nil {
			return err
		}
		if err := noteLength(ctx, tx, owner{Office, l.Staff}, password); err != nil {
			return err
		}
		if err := EndSessionsOfStaff(ctx, tx, l.Staff, ""); err != nil {
			return err
		}
		e.Staff = l.Staff
		stamp, err := stampOf(ctx, tx, owner{Office, l.Staff})
		if err != nil {
			return err
		}
		if err := clearAttempts(ctx, tx, Office, l.Email); err != nil {
			return err
		}
		return s.letStaffIn(ctx, tx, from, &e, stamp, ByPassword)
	})
	return e, err
}

// ChangeStaffPassword replaces the password of a member of staff signed in, and
// ends their sessions but the one whose token's hash is here: a problem.Set for
// "current" or "password", Limited or password.ErrBusy.
func (s *Service) ChangeStaffPassword(ctx context.Context, by audit.Actor, current, password, here string) error {
	m, err := staff.FindCurrent(ctx, s.pool, by.Staff)
	if err != nil {
		return err
	}
	a, err := s.authenticate(ctx, by, Office, m.Email, current)
	if errors.Is(err, ErrWrong) {
		return problem.Of("current", "This is not your current password.")
	}
	if err != nil {
		return err
	}
	hash, err := s.hashAnother(ctx, owner{Office, m.ID}, a.hash, password, m.Email, m.Name)
	if err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := setStaffPassword(ctx, tx, by, m.ID, hash); err != nil {
			return err
		}
		if err := noteLength(ctx, tx, owner{Office, m.ID}, password); err != nil {
			return err
		}
		if err := endLinks(ctx, tx, `staff_id = @id`, m.ID); err != nil {
			return err
		}
		if err := EndSessionsOfStaff(ctx, tx, m.ID, here); err != nil {
			return err
		}
		return s.mail.StaffPasswordChanged(ctx, tx, m.ID)
	})
}

// CheckStaffPassword is CheckPasswordAtLink for a member of staff signed in.
func (s *Service) CheckStaffPassword(ctx context.Context, by audit.Actor, password string) (wrong string, err error) {
	m, err := staff.FindCurrent(ctx, s.pool, by.Staff)
	if err != nil {
		return "", err
	}
	return s.check(ctx, owner{Office, m.ID}, password, m.Email, m.Name)
}

// StaffMember makes an invitation for a member of staff who has no password
// yet, and ends all earlier ones.
func StaffMember(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	m, err := lockStaff(ctx, tx, id)
	switch {
	case err != nil:
		return 0, err
	case m.Role == "field":
		return 0, apperr.Conflictf("Field staff do not sign in.")
	case m.State == "active":
		return 0, apperr.Conflictf("%s can sign in already.", m.Name)
	case m.State == "suspended":
		return 0, apperr.Conflictf("%s is suspended. Restore access first.", m.Name)
	}
	if _, err := tx.Exec(ctx, `update staff set invited_at = now() where id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return 0, fmt.Errorf("invite staff: %w", err)
	}
	return m.link(ctx, tx, by, StaffInvitation, audit.StaffInvited)
}

// ResetStaff makes a link with which a member of staff chooses a new password,
// and ends all earlier ones.
func ResetStaff(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (link int64, err error) {
	m, err := lockStaff(ctx, tx, id)
	switch {
	case err != nil:
		return 0, err
	case m.Role == "field" || m.State != "active":
		return 0, apperr.Conflictf("%s cannot sign in now.", m.Name)
	}
	return m.link(ctx, tx, by, StaffReset, audit.StaffAskedForANewPassword)
}

// member is a member of staff whose row is locked.
type member struct {
	ID                       int64
	Name, Email, Role, State string
}

func lockStaff(ctx context.Context, tx postgres.Tx, id int64) (member, error) {
	m := member{ID: id}
	err := tx.QueryRow(ctx, `select name, email, role, state from staff where id = @id and archived_at is null for update`, pgx.NamedArgs{"id": id}).
		Scan(&m.Name, &m.Email, &m.Role, &m.State)
	return m, notFound("lock staff", err)
}

func (m member) link(ctx context.Context, tx postgres.Tx, by audit.Actor, purpose Purpose, action audit.Action) (int64, error) {
	if err := endLinks(ctx, tx, ofStaffPasswords, m.ID); err != nil {
		return 0, err
	}
	link, err := insertLink(ctx, tx, purpose, "staff_id", m.ID, m.Email)
	if err != nil {
		return 0, err
	}
	return link, audit.Record(ctx, tx, by, audit.New{Action: action, ID: m.ID, Label: m.Name})
}

// maySignIn is who of the staff may.
const maySignIn = `state = 'active' and role in ('administrator', 'office') and archived_at is null`

// findStaffAccount finds the member of staff who may sign in with the address,
// or returns apperr.NotFound: also for those who are suspended, invited, archived or in the field.
// Without a password, which went with a second factor, none is right; a reset lets them in.
func findStaffAccount(ctx context.Context, db postgres.DB, email string) (account, error) {
	a := account{email: email}
	err := db.QueryRow(ctx, `
		select id, password_hash, stamp from staff
		where email <> '' and lower(email) = lower(@email) and `+maySignIn,
		pgx.NamedArgs{"email": email}).Scan(&a.id, &a.hash, &a.stamp)
	if err != nil {
		return account{}, notFound("find staff", err)
	}
	return a, nil
}

// setStaffPassword stores the password that a member of staff chose, as a hash.
// Who was invited becomes active.
func setStaffPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, hash string) error {
	var name string
	err := tx.QueryRow(ctx, `
		update staff set password_hash = @hash, state = case state when 'invited' then 'active' else state end
		where id = @id and archived_at is null
		returning name`, pgx.NamedArgs{"id": id, "hash": hash}).Scan(&name)
	if err != nil {
		return notFound("set password of staff", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffChangedPassword, ID: id, Label: name})
}

// ForgetStaffPassword follows a change to a role that does not sign in: password,
// second factor and provider would come back to life with the next role.
func ForgetStaffPassword(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `delete from second_factors where staff_id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("forget the second factor of staff: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from staff_identities where staff_id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("forget the provider of staff: %w", err)
	}
	if _, err := tx.Exec(ctx, `update staff set password_hash = '' where id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("forget password of staff: %w", err)
	}
	return nil
}

// recordStaffSignIn notes that a member of staff has signed in.
func recordStaffSignIn(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, way Way) error {
	var name string
	if err := tx.QueryRow(ctx, `update staff set last_sign_in_at = now() where id = @id returning name`, pgx.NamedArgs{"id": id}).Scan(&name); err != nil {
		return fmt.Errorf("note sign-in of staff: %w", err)
	}
	by.Staff, by.Name = id, name
	return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffSignedIn, ID: id, Label: name, After: way.with()})
}

// CreateAdministrator adds an administrator by the server's command line and returns
// the token of the one-time link with which they choose a password.
func CreateAdministrator(ctx context.Context, tx postgres.Tx, by audit.Actor, name, email string) (token string, err error) {
	ref, _, err := staff.Create(ctx, tx, by, staff.New{Details: staff.Details{Name: name, Email: email, Role: staff.Administrator}})
	if err != nil {
		return "", err
	}
	link, err := StaffMember(ctx, tx, by, ref.ID)
	if err != nil {
		return "", err
	}
	return Token(ctx, tx, link)
}

// NewStaffLink returns the token of a one-time link with which a member of
// staff chooses a new password, or the first one if they were invited; for the
// server's command line.
func NewStaffLink(ctx context.Context, tx postgres.Tx, by audit.Actor, m staff.Member) (token string, err error) {
	newLink := ResetStaff
	if m.State == staff.Invited {
		newLink = StaffMember
	}
	link, err := newLink(ctx, tx, by, m.ID)
	if err != nil {
		return "", err
	}
	return Token(ctx, tx, link)
}
