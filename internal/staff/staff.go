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

func (d Details) check() error {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name.")
	p.Name(d.Name, "name", "name")
	p.Unless(d.Email != "" || d.Role == Field, "email", "An email address is needed to sign in.")
	p.Email(d.Email, "email")
	p.Name(d.Phone, "phone", "phone number")
	p.Unless(d.Role == Administrator || d.Role == Office || d.Role == Field, "role", "Choose a role.")
	return p.Err()
}

const columns = `s.id, s.name, s.email, s.phone, s.role, s.state, s.last_sign_in_at, s.archived_at, s.version`

// ByID finds a member of staff who has not left, or apperr.NotFound.
func ByID(ctx context.Context, db postgres.DB, id int64) (Member, error) {
	m, err := Find(ctx, db, id)
	if err == nil && m.Archived() {
		return Member{}, apperr.NotFound
	}
	return m, err
}

// Find is ByID for those who have left, too.
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

// Add records a new member of staff: Field staff at once, others to be invited.
// A nonce seen before returns the member recorded then, with added false.
func Add(ctx context.Context, tx postgres.Tx, by audit.Actor, d Details, nonce string) (id int64, added bool, err error) {
	if err := d.check(); err != nil {
		return 0, false, err
	}
	state := Invited
	if d.Role == Field {
		state = Active
	}
	err = tx.QueryRow(ctx, `
		insert into staff (name, email, phone, role, state, nonce) values (@name, @email, @phone, @role, @state, nullif(@nonce, ''))
		on conflict on constraint staff_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{"name": d.Name, "email": d.Email, "phone": d.Phone, "role": string(d.Role), "state": string(state), "nonce": nonce},
	).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id from staff where nonce = @nonce`, pgx.NamedArgs{"nonce": nonce}).Scan(&id)
		if err != nil {
			return 0, false, fmt.Errorf("add staff: %w", err)
		}
		return id, false, nil
	}
	if err != nil {
		return 0, false, taken(err)
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.StaffCreated, ID: id, Label: d.Name, After: facts(d, state, 1)})
}

// Edit changes a member of staff, unless somebody else has since version. An
// Office member who becomes Administrator stays active; whoever could not sign
// in before waits for an invitation. The last active Administrator stays one.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d Details) error {
	if err := d.check(); err != nil {
		return err
	}
	m, hasPassword, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.Version != version {
		return apperr.Stale
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
		state = signInState(d.Role, hasPassword)
	}
	_, err = tx.Exec(ctx, `
		update staff set name = @name, email = @email, phone = @phone, role = @role, state = @state, version = version + 1
		where id = @id`,
		pgx.NamedArgs{"id": id, "name": d.Name, "email": d.Email, "phone": d.Phone, "role": string(d.Role), "state": string(state)})
	if err != nil {
		return taken(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.StaffEdited, ID: id, Label: d.Name,
		Before: facts(m.Details(), m.State, m.Version), After: facts(d, state, m.Version+1),
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
	m, _, err := lock(ctx, tx, id)
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

// Restore gives access back; somebody without a password is Invited again.
func Restore(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	m, hasPassword, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.State != Suspended {
		return nil
	}
	return setState(ctx, tx, by, m, signInState(m.Role, hasPassword), audit.StaffRestored)
}

func setState(ctx context.Context, tx postgres.Tx, by audit.Actor, m Member, to State, action audit.Action) error {
	if _, err := tx.Exec(ctx, `update staff set state = @state, version = version + 1 where id = @id`, pgx.NamedArgs{"id": m.ID, "state": string(to)}); err != nil {
		return fmt.Errorf("%s staff: %w", action, err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: m.ID, Label: m.Name, Before: map[string]any{"state": m.State, "version": m.Version}, After: map[string]any{"state": to, "version": m.Version + 1},
	})
}

// Archive puts away who has left, from the next request on; they keep their
// place on what they did. Nobody archives themselves, nor the last active
// Administrator. Back from the archive they have the access they had.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, away bool) error {
	if _, err := tx.Exec(ctx, `select from staff where id = @id or role = 'administrator' order by id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("lock staff: %w", err)
	}
	m, err := Find(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case m.Archived() == away:
		return nil
	case away && m.ID == by.Staff:
		return apperr.Conflictf("You cannot archive yourself. Ask another Administrator.")
	case away && m.Role == Administrator && m.State == Active:
		if err := lastAdministrator(ctx, tx, id); err != nil {
			return err
		}
	}
	var at *time.Time
	if err := tx.QueryRow(ctx, `
		update staff set archived_at = case when @away then now() end, version = version + 1 where id = @id returning archived_at`,
		pgx.NamedArgs{"id": id, "away": away}).Scan(&at); err != nil {
		return fmt.Errorf("archive staff: %w", err)
	}
	action := audit.StaffRestoredFromArchive
	if away {
		action = audit.StaffArchived
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: m.ID, Label: m.Name,
		Before: map[string]any{"archived_at": m.ArchivedAt, "version": m.Version}, After: map[string]any{"archived_at": at, "version": m.Version + 1},
	})
}

// EditOwn changes what a member of staff may change of themselves.
func EditOwn(ctx context.Context, tx postgres.Tx, by audit.Actor, version int64, name, phone string) error {
	m, err := ByID(ctx, tx, by.Staff)
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

func lock(ctx context.Context, tx postgres.Tx, id int64) (m Member, hasPassword bool, err error) {
	// Administrators are locked together and in order, or two of them who suspend
	// each other would wait for each other.
	if _, err := tx.Exec(ctx, `select from staff where id = @id or role = 'administrator' order by id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return Member{}, false, fmt.Errorf("lock staff: %w", err)
	}
	if m, err = ByID(ctx, tx, id); err != nil {
		return Member{}, false, err
	}
	if err := tx.QueryRow(ctx, `select password_hash <> '' from staff where id = @id`, pgx.NamedArgs{"id": id}).Scan(&hasPassword); err != nil {
		return Member{}, false, fmt.Errorf("lock staff: %w", err)
	}
	return m, hasPassword, nil
}

func taken(err error) error {
	if postgres.Constraint(err) == "staff_email_taken" {
		return problem.Of("email", "Somebody on the staff has this address already.")
	}
	return fmt.Errorf("write staff: %w", err)
}

func facts(d Details, s State, version int64) map[string]any {
	return map[string]any{"name": d.Name, "email": d.Email, "phone": d.Phone, "role": d.Role.Label(), "state": s, "version": version}
}

// Key is what a member of staff signs in with.
type Key struct {
	ID   int64
	Name string
	Hash string
}

// KeyOf is the key of the member of staff who may sign in with the address, or
// apperr.NotFound: also for those who are suspended, invited, archived or in the field.
func KeyOf(ctx context.Context, db postgres.DB, email string) (Key, error) {
	var k Key
	err := db.QueryRow(ctx, `
		select id, name, password_hash from staff
		where email <> '' and lower(email) = lower(@email) and state = 'active' and role in ('administrator', 'office') and archived_at is null and password_hash <> ''`,
		pgx.NamedArgs{"email": email}).Scan(&k.ID, &k.Name, &k.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Key{}, apperr.NotFound
	}
	if err != nil {
		return Key{}, fmt.Errorf("find staff: %w", err)
	}
	return k, nil
}

// SetPassword stores the password that a member of staff chose, as a hash.
// Who was invited becomes active.
func SetPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, hash string) error {
	var name string
	err := tx.QueryRow(ctx, `
		update staff set password_hash = @hash, state = case state when 'invited' then 'active' else state end
		where id = @id and archived_at is null
		returning name`, pgx.NamedArgs{"id": id, "hash": hash}).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("set password of staff: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffChangedPassword, ID: id, Label: name})
}

// Rehash replaces the hash of the same password by one of today's cost.
func Rehash(ctx context.Context, tx postgres.Tx, id int64, old, hash string) error {
	if _, err := tx.Exec(ctx, `update staff set password_hash = @hash where id = @id and password_hash = @old`, pgx.NamedArgs{"id": id, "old": old, "hash": hash}); err != nil {
		return fmt.Errorf("rehash password of staff: %w", err)
	}
	return nil
}

// SignedIn notes that a member of staff has signed in.
func SignedIn(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	var name string
	if err := tx.QueryRow(ctx, `update staff set last_sign_in_at = now() where id = @id returning name`, pgx.NamedArgs{"id": id}).Scan(&name); err != nil {
		return fmt.Errorf("note sign-in of staff: %w", err)
	}
	by.Staff, by.Name = id, name
	return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffSignedIn, ID: id, Label: name})
}

// QueryAll adds those who work here and those who did, by name, to choose from.
func QueryAll(b *postgres.Batch, into *[]Member) {
	postgres.Query(b, into, `select `+columns+` from staff s order by lower(s.name) collate "und-x-icu", s.id limit 500`, nil)
}
