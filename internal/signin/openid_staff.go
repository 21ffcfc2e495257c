package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// StaffCallback is where the business's provider sends people back to.
const StaffCallback = "/office/login/provider/answer"

// LeaveForStaff sends a browser to the business's provider, to come back and go
// on at next. By is who has to prove once more who they are; nobody for signing
// in. Errors are openid.Fault.
func (s *Service) LeaveForStaff(ctx context.Context, by audit.Actor, browser, next string) (Leave, error) {
	if !s.staffProvider.Set() {
		return Leave{}, apperr.NotFound
	}
	ask := openid.Ask{Redirect: s.base + StaffCallback, Fresh: by.Staff != 0}
	if by.Staff != 0 {
		m, err := staff.FindCurrent(ctx, s.pool, by.Staff)
		if err != nil {
			return Leave{}, err
		}
		ask.Hint = m.Email
	}
	l, err := s.leave(ctx, s.staffProvider.Client(), away{Side: Office, Next: next, Staff: by.Staff}, browser, ask)
	if openid.KindOf(err) != "" {
		return l, s.unwelcomed(ctx, by, Office, err)
	}
	return l, err
}

// StaffReturn is who has come back from the business's provider.
type StaffReturn struct {
	Entry StaffEntry
	Next  string
	Proof int64 // of who has proved once more who they are; 0 for signing in
}

// ReturnOfStaff lets in the member of staff whom the provider names. Errors are
// ErrNotAsked, openid.Fault, Unwelcome and Limited; Next is set with all but the first.
func (s *Service) ReturnOfStaff(ctx context.Context, from audit.Actor, browser string, got openid.Answer) (r StaffReturn, err error) {
	if !s.staffProvider.Set() {
		return r, apperr.NotFound
	}
	w, err := s.back(ctx, Office, 0, browser, got.State)
	if err != nil {
		return r, s.unwelcomed(ctx, from, Office, err)
	}
	r.Next = w.Next
	who, err := s.named(ctx, s.staffProvider.Client(), w, s.base+StaffCallback, got)
	if err == nil && !s.staffProvider.Owns(who) {
		err = Unwelcome{OtherDomain, who.Email}
	}
	if err == nil && w.Staff != 0 {
		r.Proof, err = s.proofOfStaff(ctx, from, w, who)
	} else if err == nil {
		r.Entry, err = s.enterStaff(ctx, from, who)
	}
	if err != nil {
		return r, s.unwelcomed(ctx, from, Office, err)
	}
	email, err := owner{Office, cmp.Or(r.Entry.Staff, w.Staff)}.address(ctx, s.pool)
	if err != nil {
		return r, err
	}
	return r, s.welcomed(ctx, from, Office, email)
}

// proofOfStaff takes what the provider says as a fresh proof of who went there,
// which is who they are signed in as.
func (s *Service) proofOfStaff(ctx context.Context, from audit.Actor, w away, who openid.Somebody) (proof int64, err error) {
	if from.Staff != w.Staff {
		return 0, ErrNotAsked
	}
	if !w.fresh(who) {
		return 0, errNotFresh
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, known, err := staffIdentity(ctx, tx, who)
		if err != nil {
			return err
		}
		if !known || id != w.Staff {
			return Unwelcome{OtherAccount, who.Email}
		}
		if proof, err = stampOf(ctx, tx, owner{Office, id}); err != nil {
			return err
		}
		return recordStaffSignIn(ctx, tx, from, id, ByOpenID)
	})
	return proof, err
}

// staffIdentity is the member of staff whom the provider's subject is known as.
func staffIdentity(ctx context.Context, tx postgres.Tx, who openid.Somebody) (id int64, known bool, err error) {
	err = tx.QueryRow(ctx, `update staff_identities set last_used_at = now() where issuer = @issuer and subject = @subject returning staff_id`,
		pgx.NamedArgs{"issuer": who.Issuer, "subject": who.Subject}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("find staff by their provider: %w", err)
	}
	return id, true, nil
}

func (s *Service) enterStaff(ctx context.Context, from audit.Actor, who openid.Somebody) (e StaffEntry, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, known, err := staffIdentity(ctx, tx, who)
		if err == nil && !known {
			id, err = s.newStaffIdentity(ctx, tx, from, who)
		}
		if err != nil {
			return err
		}
		var stamp int64
		err = tx.QueryRow(ctx, `select stamp from staff where id = @id and `+maySignIn, pgx.NamedArgs{"id": id}).Scan(&stamp)
		if errors.Is(err, pgx.ErrNoRows) {
			return Unwelcome{NoAccount, who.Email}
		}
		if err != nil {
			return fmt.Errorf("find staff: %w", err)
		}
		e.Staff, e.AskedAt = id, &who.At
		return s.letStaffIn(ctx, tx, from, &e, stamp, ByOpenID)
	})
	return e, err
}

// newStaffIdentity ties the provider's subject to the member of staff with the
// address, or to a new one where the operator has said so. An account that is
// tied to another subject of this provider stays with that: the address was given
// to somebody else.
func (s *Service) newStaffIdentity(ctx context.Context, tx postgres.Tx, from audit.Actor, who openid.Somebody) (id int64, err error) {
	if !who.Verified {
		return 0, Unwelcome{Unverified, who.Email}
	}
	if !s.staffProvider.Takes(who.Email) {
		return 0, Unwelcome{OtherDomain, who.Email}
	}
	// Two who come at once make one account.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('first sign-in by a provider'), hashtext(lower($1)))`, who.Email); err != nil {
		return 0, fmt.Errorf("wait for a first sign-in: %w", err)
	}
	m, found, err := staffWith(ctx, tx, who.Email)
	if err != nil {
		return 0, err
	}
	switch {
	case !found:
		if m, err = s.newStaff(ctx, tx, from, who); err != nil {
			return 0, err
		}
	case m.Role == string(staff.Field), m.State == string(staff.Suspended):
		return 0, Unwelcome{NoAccount, who.Email}
	case m.State == string(staff.Invited):
		if err := activateStaff(ctx, tx, m.ID); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, `insert into staff_identities (staff_id, issuer, subject) values (@staff, @issuer, @subject)`,
		pgx.NamedArgs{"staff": m.ID, "issuer": who.Issuer, "subject": who.Subject})
	switch postgres.Constraint(err) {
	case "staff_identity_of_one", "staff_identity_once":
		return 0, Unwelcome{OtherAccount, who.Email}
	}
	if err != nil {
		return 0, fmt.Errorf("tie staff to their provider: %w", err)
	}
	from.Staff, from.Name = m.ID, m.Name
	return m.ID, audit.Record(ctx, tx, from, audit.New{Action: audit.StaffConnected, ID: m.ID, Label: m.Name, After: map[string]any{"issuer": who.Issuer, "email": who.Email}})
}

// staffWith locks the member of staff with the address, of those who are here.
func staffWith(ctx context.Context, tx postgres.Tx, email string) (m member, found bool, err error) {
	err = tx.QueryRow(ctx, `select id, name, email, role, state from staff where email <> '' and lower(email) = lower(@email) and archived_at is null for update`, pgx.NamedArgs{"email": email}).
		Scan(&m.ID, &m.Name, &m.Email, &m.Role, &m.State)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && !openid.SameAddress(m.Email, email)) {
		return member{}, false, nil
	}
	if err != nil {
		return member{}, false, fmt.Errorf("find staff: %w", err)
	}
	return m, true, nil
}

// newStaff makes a member of staff of whoever comes from the domain, where the
// operator has said so. Who was here and has left is not made anew.
func (s *Service) newStaff(ctx context.Context, tx postgres.Tx, from audit.Actor, who openid.Somebody) (m member, err error) {
	var left bool
	err = tx.QueryRow(ctx, `select exists (select from staff where lower(email) = lower(@email))`, pgx.NamedArgs{"email": who.Email}).Scan(&left)
	if err != nil {
		return m, fmt.Errorf("look for staff who have left: %w", err)
	}
	if left || s.staffProvider.Creates == "" {
		return m, Unwelcome{NoAccount, who.Email}
	}
	m = member{Name: called(who), Email: who.Email, Role: s.staffProvider.Creates}
	by := audit.Actor{Name: s.staffProvider.Label(), Address: from.Address, Request: from.Request}
	ref, _, err := staff.Create(ctx, tx, by, staff.New{Details: staff.Details{Name: m.Name, Email: m.Email, Role: staff.Role(m.Role)}})
	if err != nil {
		return m, err
	}
	m.ID = ref.ID
	return m, activateStaff(ctx, tx, m.ID)
}

// activateStaff lets in who was invited: the provider answers for the address.
// The invitation's link ends.
func activateStaff(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `update staff set state = 'active' where id = @id and state = 'invited'`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("let in staff by their provider: %w", err)
	}
	return endLinks(ctx, tx, ofStaffPasswords, id)
}

// DisconnectStaff unties a member of staff from the provider: whoever has the
// address there next may come in as them.
func DisconnectStaff(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, err := lockStaff(ctx, tx, id)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `delete from staff_identities where staff_id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return fmt.Errorf("untie staff from their provider: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	// Who has not given their second factor yet, or begins a session just now, too.
	for _, sql := range []string{`update staff set stamp = stamp + 1 where id = @id`, `delete from pending_sign_ins where staff_id = @id and openid`} {
		if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"id": id}); err != nil {
			return fmt.Errorf("end what was proved at the provider: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `delete from sessions where staff_id = @id and openid`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("end sessions begun at the provider: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffDisconnected, ID: id, Label: m.Name})
}

// QueryConnected adds the query for whether a member of staff is tied to the
// provider that is set now.
func (s *Service) QueryConnected(b *postgres.Batch, into *bool, id int64) {
	postgres.QueryValue(b, into, `select exists (select from staff_identities where staff_id = @id and issuer = @issuer)`, pgx.NamedArgs{"id": id, "issuer": s.staffProvider.Issuer})
}

// QueryHasStaffPassword adds the query for whether a member of staff has a password.
func QueryHasStaffPassword(b *postgres.Batch, into *bool, id int64) {
	postgres.QueryValue(b, into, `select password_hash <> '' from staff where id = @id`, pgx.NamedArgs{"id": id})
}

// QueryStaffConnected adds the query for whether a member of staff is tied to any provider.
func QueryStaffConnected(b *postgres.Batch, into *bool, id int64) {
	postgres.QueryValue(b, into, `select exists (select from staff_identities where staff_id = @id)`, pgx.NamedArgs{"id": id})
}
