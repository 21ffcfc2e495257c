// Package contact holds the people of a customer and what each may do in the
// portal. A contact is not a person who signs in: a person may be a contact of
// several customers.
package contact

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
)

// Details are what somebody enters about a contact.
type Details struct {
	Name    string `json:"name"`
	Email   string `json:"email"` // where invitations go; the person owns the sign-in address
	Phone   string `json:"phone"`
	Mobile  string `json:"mobile"`
	Role    string `json:"role"` // a free label such as Property Manager, not a permission
	Default bool   `json:"default" db:"is_default"`
	Notes   string `json:"notes"` // for the office only
}

// Contact is one contact as stored.
type Contact struct {
	ID         int64 `json:"-"`
	CustomerID int64 `json:"-"`
	Details
	Permissions
	Access      Access `json:"access"`
	PersonID    int64  `json:"-"` // 0 until somebody has accepted the invitation
	SignInEmail string `json:"-"` // the person's own
	// SuspendedBy is the contact who suspended this one; 0 when the office did.
	SuspendedBy  int64      `json:"-" db:"suspended_by_contact_id"`
	InvitedAt    *time.Time `json:"-"`
	LastSignInAt *time.Time `json:"-"`
	ArchivedAt   *time.Time `json:"archived_at"`
	ErasedAt     *time.Time `json:"-"`
	Version      int64      `json:"version"`
}

// Archived reports whether the contact is archived.
func (c Contact) Archived() bool { return c.ArchivedAt != nil }

// SuspendedByOffice reports whether it was the business that suspended the
// contact: what it takes away is not the customer's to give back.
func (c Contact) SuspendedByOffice() bool { return c.Access == Suspended && c.SuspendedBy == 0 }

// New is a contact to be created, without access to the portal: that comes
// with an invitation. Nonce is the form's.
type New struct {
	Customer int64
	Details
	Permissions
	Nonce string
	// Portal says that an invitation follows, so an email address is needed.
	Portal bool
}

// Change is what an edit replaces.
type Change struct {
	Details
	Permissions
	// Portal says that an invitation follows, so an email address is needed.
	Portal bool
}

// Check tells what is wrong with what was typed, before anything is written.
// Create asks again.
func (n New) Check() problem.Set { return check(n.Details, n.tidied(), n.Portal) }

// Check tells what is wrong with what was typed, before anything is written.
// Edit asks again, and also knows what is stored.
func (ch Change) Check() problem.Set { return check(ch.Details, ch.tidied(), ch.Portal) }

func check(d Details, p Permissions, portal bool) problem.Set {
	set := problem.Set{}
	set.Unless(d.Name != "", "name", nameNeeded)
	set.Name(d.Name, "name", "name")
	set.Unless(!portal || d.Email != "", "email", emailNeeded)
	set.Email(d.Email, "email")
	set.Name(d.Phone, "phone", "phone number")
	set.Name(d.Mobile, "mobile", "mobile number")
	set.Name(d.Role, "role", "role")
	set.Text(d.Notes, "notes", "notes")
	p.check(set)
	return set
}

// EmailTaken says to the office why an address cannot be used.
const EmailTaken = "Another contact of this customer has this email address."

const (
	nameNeeded  = "Enter the contact's name."
	emailNeeded = "Enter the email address that the contact's access goes to."
)

func args(d Details, p Permissions) pgx.NamedArgs {
	a := pgx.NamedArgs{"name": d.Name, "email": d.Email, "phone": d.Phone, "mobile": d.Mobile, "role": d.Role, "default": d.Default, "notes": d.Notes}
	permissionArgs(a, p)
	return a
}

// problems are what broken constraints mean at the fields of the form.
var problems = func() map[string]problem.Set {
	all := map[string]problem.Set{
		"contact_name_missing":     {"name": nameNeeded},
		"contact_email_missing":    {"email": emailNeeded},
		"contact_email_taken":      {"email": EmailTaken},
		"contact_site_of_customer": {"sites": "Choose sites of this customer."},
		"contact_default_taken":    {"default": "Somebody has just made another contact the default. Save again to make it this one."},
	}
	for _, f := range PermissionFields {
		if f.scope != nil {
			all["contact_"+f.Name] = problem.Set{f.Name: f.choose}
		}
		if f.needed != "" {
			all[f.constraint] = problem.Set{f.Name: f.needed}
		}
	}
	return all
}()

func constraintError(err error) error {
	if p, ok := problems[postgres.Constraint(err)]; ok {
		return p
	}
	return err
}

// Create adds a contact and returns its id; a customer's first one is its
// default. Created is false when the same form was sent before: then nothing was
// written, and nothing must follow.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (id int64, created bool, err error) {
	n.Permissions = n.tidied()
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	a := args(n.Details, n.Permissions)
	a["customer"], a["nonce"] = n.Customer, n.Nonce
	if id, err = FindByNonce(ctx, tx, n.Customer, n.Nonce); err != nil || id != 0 {
		return id, false, err
	}
	if n.Default {
		if err := dropDefault(ctx, tx, by, n.Customer, 0); err != nil {
			return 0, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into contacts (customer_id, name, email, phone, mobile, role, is_default, notes, nonce, `+permissionNames+`)
		values (@customer, @name, @email, @phone, @mobile, @role, @default or not exists (select from contacts where customer_id = @customer and archived_at is null), @notes, nullif(@nonce, ''), `+permissionValues+`)
		on conflict on constraint contact_nonce_taken do nothing
		returning id, is_default`, a).Scan(&id, &n.Default)
	if errors.Is(err, pgx.ErrNoRows) { // the same form was sent twice at the same moment
		if id, err = FindByNonce(ctx, tx, n.Customer, n.Nonce); err == nil && id == 0 {
			err = apperr.Conflictf("This form was already sent for another customer. Open it again.")
		}
		return id, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("create contact: %w", constraintError(err))
	}
	if err := setSites(ctx, tx, n.Customer, id, n.Sites); err != nil {
		return 0, false, err
	}
	after := Contact{Details: n.Details, Permissions: n.Permissions, Access: NoAccess, Version: 1}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.ContactCreated, ID: id, Label: n.Name, Customer: n.Customer, After: after})
}

// FindByNonce is the contact that the same form has added; 0 for none.
func FindByNonce(ctx context.Context, db postgres.DB, customer int64, nonce string) (id int64, err error) {
	err = db.QueryRow(ctx, `select coalesce((select id from contacts where nonce = nullif(@nonce, '') and customer_id = @customer), 0)`,
		pgx.NamedArgs{"nonce": nonce, "customer": customer}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("contact of this form: %w", err)
	}
	return id, nil
}

// Edit replaces a contact's details and permissions and returns what was before
// and after. It returns apperr.Stale when somebody else has saved since version
// was read. When the email of a contact with access has changed, the caller
// takes access back to the invitation: see package access.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, ch Change) (before, after Contact, err error) {
	before, err = Lock(ctx, tx, customer, id)
	if err != nil {
		return before, after, err
	}
	if before.Erased() {
		return before, after, errErased()
	}
	ch.Permissions = ch.tidied()
	if err := check(ch.Details, ch.Permissions, ch.Portal || before.Access != NoAccess).Err(); err != nil {
		return before, after, err
	}
	if before.Version != version {
		return before, after, apperr.Stale
	}
	if ch.Default {
		if err := dropDefault(ctx, tx, by, customer, id); err != nil {
			return before, after, err
		}
	}
	a := args(ch.Details, ch.Permissions)
	a["id"] = id
	_, err = tx.Exec(ctx, `
		update contacts set name = @name, email = @email, phone = @phone, mobile = @mobile, role = @role, is_default = @default, notes = @notes,
			`+permissionSets+`, version = version + 1
		where id = @id`, a)
	if err != nil {
		return before, after, fmt.Errorf("edit contact: %w", constraintError(err))
	}
	if err := setSites(ctx, tx, customer, id, ch.Sites); err != nil {
		return before, after, err
	}
	after = before
	after.Details, after.Permissions, after.Version = ch.Details, ch.Permissions, version+1
	return before, after, record(ctx, tx, by, audit.ContactEdited, before, after)
}

// dropDefault makes room for another default contact: a customer has one at most.
func dropDefault(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, except int64) error {
	rows, err := tx.Query(ctx, `
		update contacts set is_default = false, version = version + 1
		where customer_id = @customer and is_default and id <> @except
		returning id, name`, pgx.NamedArgs{"customer": customer, "except": except})
	if err != nil {
		return fmt.Errorf("former default contact: %w", err)
	}
	type former struct {
		ID   int64
		Name string
	}
	formers, err := pgx.CollectRows(rows, pgx.RowToStructByName[former])
	if err != nil {
		return fmt.Errorf("former default contact: %w", err)
	}
	for _, f := range formers {
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactEdited, ID: f.ID, Label: f.Name, Customer: customer,
			Before: map[string]bool{"default": true}, After: map[string]bool{"default": false},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func setSites(ctx context.Context, tx postgres.Tx, customer, id int64, sites []int64) error {
	_, err := tx.Exec(ctx, `delete from contact_sites where contact_id = @id and site_id <> all (coalesce(@sites::bigint[], '{}'))`, pgx.NamedArgs{"id": id, "sites": sites})
	if err == nil && len(sites) > 0 {
		_, err = tx.Exec(ctx, `
			insert into contact_sites (customer_id, contact_id, site_id) select @customer, @id, unnest(@sites::bigint[])
			on conflict do nothing`, pgx.NamedArgs{"customer": customer, "id": id, "sites": sites})
	}
	if err != nil {
		return fmt.Errorf("sites of contact %d: %w", id, constraintError(err))
	}
	return nil
}

// Archive archives a contact, or restores it from the archive. An archived
// contact cannot enter the portal and is nobody's default any more.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64, archived bool) error {
	before, err := Lock(ctx, tx, customer, id)
	if err != nil {
		return err
	}
	if before.Erased() {
		return errErased()
	}
	if before.Archived() == archived {
		return nil
	}
	after := before
	err = tx.QueryRow(ctx, `
		update contacts set archived_at = case when @archived then now() end, is_default = false, version = version + 1 where id = @id
		returning archived_at, is_default, version`, pgx.NamedArgs{"id": id, "archived": archived}).Scan(&after.ArchivedAt, &after.Default, &after.Version)
	if postgres.Constraint(err) == "contact_email_taken" {
		return apperr.Conflictf("Another contact of this customer now has the address %s. Change that one first.", before.Email)
	}
	if err != nil {
		return fmt.Errorf("archive contact %d: %w", id, err)
	}
	action := audit.ContactRestoredFromArchive
	if archived {
		action = audit.ContactArchived
	}
	return record(ctx, tx, by, action, before, after)
}

// RecordMerged records that contacts were archived because a merge of customers
// found them there twice.
func RecordMerged(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, ids []int64) error {
	for _, id := range ids {
		after, err := Find(ctx, tx, customer, id)
		if err != nil {
			return err
		}
		before := after
		before.ArchivedAt = nil
		if err := record(ctx, tx, by, audit.ContactArchived, before, after); err != nil {
			return err
		}
	}
	return nil
}

func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after Contact) error {
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: before.ID, Label: after.Name, Customer: before.CustomerID, Before: before, After: after})
}
