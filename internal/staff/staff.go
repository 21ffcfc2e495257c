package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// State says whether a member of staff can sign in.
type State string

// The states. Field staff are never Invited: they have nothing to accept.
const (
	Invited   State = "invited"
	Active    State = "active"
	Suspended State = "suspended"
)

// Label is the role's name on screens.
func (r Role) Label() string {
	switch r {
	case Administrator:
		return "Administrator"
	case Office:
		return "Office"
	case Field:
		return "Field"
	}
	return string(r)
}

// SignsIn reports whether the role has a place in the office.
func (r Role) SignsIn() bool { return r == Administrator || r == Office }

// Member is somebody who works here.
type Member struct {
	ID           int64
	Name         string
	Email        string
	Phone        string
	Role         Role
	State        State
	LastSignInAt *time.Time
	ArchivedAt   *time.Time
	Version      int64
	// HasPassword says that they have chosen one: the address is theirs to confirm.
	// It stays so when a short one went with a second factor, until they reset it.
	HasPassword bool
}

// Archived reports whether the member has left.
func (m Member) Archived() bool { return m.ArchivedAt != nil }

// Details are what Administration enters of a member of staff.
type Details struct {
	Name  string
	Email string
	Phone string
	Role  Role
}

// Details are what may be edited of the member.
func (m Member) Details() Details {
	return Details{Name: m.Name, Email: m.Email, Phone: m.Phone, Role: m.Role}
}

// Check tells what is wrong with what was typed. Create and Edit ask again.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name.")
	p.Limit(MemberField.Name, d.Name)
	p.Unless(d.Email != "" || d.Role == Field, "email", "An email address is needed to sign in.")
	p.Email(d.Email, "email")
	p.Limit(MemberField.Phone, d.Phone)
	p.Unless(d.Role == Administrator || d.Role == Office || d.Role == Field, "role", "Choose a role.")
	return p
}

const columns = `s.id, s.name, s.email, s.phone, s.role, s.state, s.last_sign_in_at, s.archived_at, s.version, s.password_hash <> '' or s.state = 'active' and s.role <> 'field' as has_password`

// FindCurrent is Find for those who have not left.
func FindCurrent(ctx context.Context, db postgres.DB, id int64) (Member, error) {
	m, err := Find(ctx, db, id)
	if err == nil && m.Archived() {
		return Member{}, apperr.NotFound
	}
	return m, err
}

// Find finds a member of staff, also one who has left, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Member, error) {
	rows, err := db.Query(ctx, `select `+columns+` from staff s where s.id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Member{}, fmt.Errorf("find staff: %w", err)
	}
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	if errors.Is(err, pgx.ErrNoRows) {
		return Member{}, apperr.NotFound
	}
	if err != nil {
		return Member{}, fmt.Errorf("find staff: %w", err)
	}
	return m, nil
}

// FindByEmail is FindCurrent by the address that somebody signs in with.
func FindByEmail(ctx context.Context, db postgres.DB, email string) (Member, error) {
	var id int64
	err := db.QueryRow(ctx, `select id from staff where lower(email) = lower(@email) and email <> '' and archived_at is null`, pgx.NamedArgs{"email": email}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Member{}, apperr.NotFound
	}
	if err != nil {
		return Member{}, fmt.Errorf("find staff: %w", err)
	}
	return FindCurrent(ctx, db, id)
}

// Orders are the ways the staff can be sorted.
var Orders = list.Orders{
	{Key: "name", Expr: `lower(s.name) collate "und-x-icu"`, Type: "text"},
	{Key: "seen", Expr: `coalesce(s.last_sign_in_at, '-infinity')`, Type: "timestamptz", Desc: true},
}

// Filter narrows the list of staff; empty fields do not.
type Filter struct {
	Role     Role
	State    State
	Archived bool // those who have left
}

func source(q list.Query, f Filter) list.Source {
	var w list.Where
	w.And("(s.archived_at is not null) = @archived", "archived", f.Archived)
	for i, word := range strings.Fields(q.Search) {
		if i == 10 {
			break
		}
		name := fmt.Sprintf("word%d", i)
		// A few dozen rows: they need no search column.
		w.And(`strpos(search_text(s.name, s.email, s.phone, digits(s.phone)), trim(search_text(@`+name+`))) > 0`, name, word)
	}
	if f.Role != "" {
		w.And("s.role = @role", "role", string(f.Role))
	}
	if f.State != "" {
		w.And("s.state = @state", "state", string(f.State))
	}
	return list.Source{Columns: columns, From: "staff s", ID: "s.id", Where: w}
}

// List is a page of the staff.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Member], error) {
	return list.Fetch[Member](ctx, db, q, Orders, source(q, f))
}

// Ref names a member of staff.
type Ref struct{ ID int64 }

// New is a member of staff to be created. Nonce is the form's; a second press of
// Save finds the member that the first has made.
type New struct {
	Details
	Nonce string
}

// Create adds a member of staff: Field staff at once, others to be invited.
// Created is false when the same form was sent before.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return ref, false, err
	}
	state := Invited
	if n.Role == Field {
		state = Active
	}
	err = tx.QueryRow(ctx, `
		insert into staff (name, email, phone, role, state, nonce) values (@name, @email, @phone, @role, @state, nullif(@nonce, ''))
		on conflict on constraint staff_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{"name": n.Name, "email": n.Email, "phone": n.Phone, "role": string(n.Role), "state": string(state), "nonce": n.Nonce},
	).Scan(&ref.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id from staff where nonce = @nonce`, pgx.NamedArgs{"nonce": n.Nonce}).Scan(&ref.ID)
		if err != nil {
			return ref, false, fmt.Errorf("create staff again: %w", err)
		}
		return ref, false, nil
	}
	if err != nil {
		return ref, false, constraintError(err)
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.StaffCreated, ID: ref.ID, Label: n.Name, After: snapshot(n.Details, state, 1)})
}

// Edit changes a member of staff, unless somebody else has since version. An
// Office member who becomes Administrator stays active; whoever could not sign
// in before waits for an invitation. The last active Administrator stays one.
// The address that somebody signs in with is not changed here: a problem.Set.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d Details) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	m, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.Version != version {
		return apperr.Stale
	}
	if m.HasPassword && d.Role.SignsIn() && !strings.EqualFold(m.Email, d.Email) {
		return problem.Of("email", m.Name+" signs in with this address and has to confirm a new one first.")
	}
	if m.Role == Administrator && m.State == Active && d.Role != Administrator {
		err := lastAdministrator(ctx, tx, id)
		if refusal, ok := errors.AsType[apperr.Conflict](err); ok {
			return problem.Of("role", refusal.Words)
		}
		if err != nil {
			return err
		}
	}
	state := m.State
	if state != Suspended {
		state = signInState(d.Role, m.HasPassword)
	}
	_, err = tx.Exec(ctx, `
		update staff set name = @name, email = @email, phone = @phone, role = @role, state = @state, version = version + 1
		where id = @id`,
		pgx.NamedArgs{"id": id, "name": d.Name, "email": d.Email, "phone": d.Phone, "role": string(d.Role), "state": string(state)})
	if err != nil {
		return constraintError(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.StaffEdited, ID: id, Label: d.Name,
		Before: snapshot(m.Details(), m.State, m.Version), After: snapshot(d, state, m.Version+1),
	})
}

// SetEmail gives a member of staff another sign-in address, one that they have
// shown to be theirs, and returns the old one. A problem.Set says that it is taken.
func SetEmail(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, email string) (old string, err error) {
	m, err := lock(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `update staff set email = @email, version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "email": email}); err != nil {
		return "", constraintError(err)
	}
	return m.Email, audit.Record(ctx, tx, by, audit.New{
		Action: audit.StaffChangedSignInAddress, ID: id, Label: m.Name,
		Before: map[string]any{"email": m.Email, "version": m.Version}, After: map[string]any{"email": email, "version": m.Version + 1},
	})
}

// signInState is the state of somebody who is not suspended.
func signInState(r Role, hasPassword bool) State {
	if r == Field || hasPassword {
		return Active
	}
	return Invited
}

// Suspend takes access away, from the next request on. Nobody suspends
// themselves, nor the last active Administrator.
func Suspend(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, err := lock(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case m.State == Suspended:
		return nil
	case m.ID == by.Staff:
		return apperr.Conflictf("You cannot suspend yourself. Ask another Administrator.")
	case m.Role == Administrator && m.State == Active:
		if err := lastAdministrator(ctx, tx, id); err != nil {
			return err
		}
	}
	return setState(ctx, tx, by, m, Suspended, audit.StaffSuspended)
}

// Unsuspend gives access back; somebody without a password is Invited again.
func Unsuspend(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.State != Suspended {
		return nil
	}
	return setState(ctx, tx, by, m, signInState(m.Role, m.HasPassword), audit.StaffRestored)
}

func setState(ctx context.Context, tx postgres.Tx, by audit.Actor, m Member, to State, action audit.Action) error {
	if _, err := tx.Exec(ctx, `update staff set state = @state, version = version + 1 where id = @id`, pgx.NamedArgs{"id": m.ID, "state": string(to)}); err != nil {
		return fmt.Errorf("%s staff: %w", action.Name(), err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: m.ID, Label: m.Name, Before: map[string]any{"state": m.State, "version": m.Version}, After: map[string]any{"state": to, "version": m.Version + 1},
	})
}

// Archive takes who has left off the list, from the next request on; they keep
// their place on what they did. Nobody archives themselves, nor the last active
// Administrator.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, err := lockToArchive(ctx, tx, id)
	switch {
	case err != nil || m.Archived():
		return err
	case m.ID == by.Staff:
		return apperr.Conflictf("You cannot archive yourself. Ask another Administrator.")
	case m.Role == Administrator && m.State == Active:
		if err := lastAdministrator(ctx, tx, id); err != nil {
			return err
		}
	}
	return setArchived(ctx, tx, by, m, true, audit.StaffArchived)
}

// Restore puts somebody who was archived back on the list, with the access they had.
func Restore(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, err := lockToArchive(ctx, tx, id)
	if err != nil || !m.Archived() {
		return err
	}
	return setArchived(ctx, tx, by, m, false, audit.StaffRestoredFromArchive)
}

// lockToArchive is lock for those who are archived, too.
func lockToArchive(ctx context.Context, tx postgres.Tx, id int64) (Member, error) {
	if _, err := tx.Exec(ctx, `select from staff where id = @id or role = 'administrator' order by id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return Member{}, fmt.Errorf("lock staff: %w", err)
	}
	return Find(ctx, tx, id)
}

func setArchived(ctx context.Context, tx postgres.Tx, by audit.Actor, m Member, archived bool, action audit.Action) error {
	var at *time.Time
	err := tx.QueryRow(ctx, `update staff set archived_at = case when @archived then now() end, version = version + 1 where id = @id returning archived_at`,
		pgx.NamedArgs{"id": m.ID, "archived": archived}).Scan(&at)
	if err != nil {
		return fmt.Errorf("archive staff: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: m.ID, Label: m.Name,
		Before: map[string]any{"archived_at": m.ArchivedAt, "version": m.Version}, After: map[string]any{"archived_at": at, "version": m.Version + 1},
	})
}

// EditOwn changes what a member of staff may change of themselves.
func EditOwn(ctx context.Context, tx postgres.Tx, by audit.Actor, version int64, name, phone string) error {
	m, err := FindCurrent(ctx, tx, by.Staff)
	if err != nil {
		return err
	}
	d := m.Details()
	d.Name, d.Phone = name, phone
	return Edit(ctx, tx, by, m.ID, version, d)
}

// lastAdministrator refuses when nobody but id could administer. The rows of
// all Administrators are locked, so that two who suspend each other do not both succeed.
func lastAdministrator(ctx context.Context, tx postgres.Tx, id int64) error {
	rows, err := tx.Query(ctx, `
		select id from staff where role = 'administrator' and state = 'active' and archived_at is null order by id for update`)
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	for _, other := range ids {
		if other != id {
			return nil
		}
	}
	return apperr.Conflictf("This is the last Administrator who can sign in. Make somebody else an Administrator first.")
}

// Lock is Find for a deed about the member: until the transaction ends nobody else
// changes them.
func Lock(ctx context.Context, tx postgres.Tx, id int64) (Member, error) { return lock(ctx, tx, id) }

func lock(ctx context.Context, tx postgres.Tx, id int64) (Member, error) {
	// Administrators are locked together and in order, or two of them who suspend
	// each other would wait for each other.
	if _, err := tx.Exec(ctx, `select from staff where id = @id or role = 'administrator' order by id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return Member{}, fmt.Errorf("lock staff: %w", err)
	}
	return FindCurrent(ctx, tx, id)
}

func constraintError(err error) error {
	if postgres.Constraint(err) == "staff_email_taken" {
		return problem.Of("email", "Another member of staff has this address already.")
	}
	return fmt.Errorf("write staff: %w", err)
}

func snapshot(d Details, s State, version int64) map[string]any {
	return map[string]any{"name": d.Name, "email": d.Email, "phone": d.Phone, "role": d.Role.Label(), "state": s, "version": version}
}

// QueryAll adds those who work here and those who did, by name, to choose from.
func QueryAll(b *postgres.Batch, into *[]Member) {
	postgres.Query(b, into, `select `+columns+` from staff s order by lower(s.name) collate "und-x-icu", s.id limit 500`, nil)
}
