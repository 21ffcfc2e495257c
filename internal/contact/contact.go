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
	Access       Access     `json:"access"`
	PersonID     int64      `json:"-"` // 0 until somebody has accepted the invitation
	SignInEmail  string     `json:"-"` // the person's own
	InvitedAt    *time.Time `json:"-"`
	LastSignInAt *time.Time `json:"-"`
	ArchivedAt   *time.Time `json:"archived_at"`
	Version      int64      `json:"version"`
}

// Archived reports whether the contact has been put away.
func (c Contact) Archived() bool { return c.ArchivedAt != nil }

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
func (n New) Check() error { return check(n.Details, n.tidied(), n.Portal) }

// Check tells what is wrong with what was typed, before anything is written.
// Edit asks again, and also knows what is stored.
func (ch Change) Check() error { return check(ch.Details, ch.tidied(), ch.Portal) }

func check(d Details, p Permissions, portal bool) error {
	set := problem.Set{}
	set.Unless(d.Name != "", "name", "Enter the contact's name.")
	set.Name(d.Name, "name", "name")
	set.Unless(!portal || d.Email != "", "email", emailNeeded)
	set.Email(d.Email, "email")
	set.Name(d.Phone, "phone", "phone number")
	set.Name(d.Mobile, "mobile", "mobile number")
	set.Name(d.Role, "role", "role")
	set.Text(d.Notes, "notes", "notes")
	p.check(set)
	return set.Err()
}

// EmailTaken says to the office why an address cannot be used.
const EmailTaken = "Another contact of this customer has this email address."

const emailNeeded = "Enter the email address that the contact's access goes to."

func args(d Details, p Permissions) pgx.NamedArgs {
	return pgx.NamedArgs{
		"name": d.Name, "email": d.Email, "phone": d.Phone, "mobile": d.Mobile, "role": d.Role, "default": d.Default, "notes": d.Notes,
		"jobs_see": string(p.JobsSee), "jobs_edit": p.JobsEdit, "jobs_create": p.JobsCreate,
		"quotes_see": string(p.QuotesSee), "quotes_edit": p.QuotesEdit, "quotes_create": p.QuotesCreate, "quotes_accept": p.QuotesAccept,
		"equipment_see": string(p.EquipmentSee), "equipment_edit": p.EquipmentEdit, "equipment_add": p.EquipmentAdd,
		"company_edit": p.CompanyEdit, "contacts_manage": p.ContactsManage, "all_sites": p.AllSites,
	}
}

// problems are what broken constraints mean at the fields of the form.
var problems = map[string]problem.Set{
	"contact_name_missing":     {"name": "Enter the contact's name."},
	"contact_email_missing":    {"email": emailNeeded},
	"contact_email_taken":      {"email": EmailTaken},
	"contact_jobs_see":         {"jobs_see": "Choose which jobs the contact may see."},
	"contact_quotes_see":       {"quotes_see": "Choose which quotes the contact may see."},
	"contact_equipment_see":    {"equipment_see": "Choose whether the contact may see equipment."},
	"contact_jobs_rights":      {"jobs_see": jobsRights},
	"contact_quotes_rights":    {"quotes_see": quotesRights},
	"contact_equipment_rights": {"equipment_see": equipmentRights},
	"contact_manage_rights":    {"company_edit": manageRights},
	"contact_site_of_customer": {"sites": "Choose sites of this customer."},
	"contact_default_taken":    {"default": "Somebody has just made another contact the default. Save again to make it this one."},
}

func refused(err error) error {
	if p, ok := problems[postgres.Constraint(err)]; ok {
		return p
	}
	return err
}

// Create adds a contact and returns its id. Fresh is false when the same form
// was sent before: then nothing was written, and nothing must follow.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (id int64, fresh bool, err error) {
	n.Permissions = n.tidied()
	if err := n.Check(); err != nil {
		return 0, false, err
	}
	a := args(n.Details, n.Permissions)
	a["customer"], a["nonce"] = n.Customer, n.Nonce
	if id, err = byNonce(ctx, tx, n.Customer, n.Nonce); err != nil || id != 0 {
		return id, false, err
	}
	if n.Default {
		if err := dropDefault(ctx, tx, by, n.Customer, 0); err != nil {
			return 0, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into contacts (customer_id, name, email, phone, mobile, role, is_default, notes, jobs_see, jobs_edit, jobs_create,
			quotes_see, quotes_edit, quotes_create, quotes_accept, equipment_see, equipment_edit, equipment_add, company_edit, contacts_manage, all_sites, nonce)
		values (@customer, @name, @email, @phone, @mobile, @role, @default, @notes, @jobs_see, @jobs_edit, @jobs_create,
			@quotes_see, @quotes_edit, @quotes_create, @quotes_accept, @equipment_see, @equipment_edit, @equipment_add, @company_edit, @contacts_manage, @all_sites, nullif(@nonce, ''))
		on conflict on constraint contact_nonce_taken do nothing
		returning id`, a).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) { // the same form was sent twice at the same moment
		if id, err = byNonce(ctx, tx, n.Customer, n.Nonce); err == nil && id == 0 {
			err = apperr.Conflictf("This form was sent for another customer before. Open it again.")
		}
		return id, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("create contact: %w", refused(err))
	}
	if err := setSites(ctx, tx, n.Customer, id, n.Sites); err != nil {
		return 0, false, err
	}
	after := Contact{Details: n.Details, Permissions: n.Permissions, Access: NoAccess, Version: 1}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.ContactCreated, ID: id, Label: n.Name, Customer: n.Customer, After: after})
}

func byNonce(ctx context.Context, tx postgres.Tx, customer int64, nonce string) (id int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce((select id from contacts where nonce = nullif(@nonce, '') and customer_id = @customer), 0)`,
		pgx.NamedArgs{"nonce": nonce, "customer": customer}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("contact of this form: %w", err)
	}
	return id, nil
}

// Edit replaces a contact's details and permissions and returns what was before
// and after. It returns apperr.Stale when somebody else has saved since version
// was read. When the email of a contact with access has changed, the caller
// takes access back to an invitation: see signin.AddressChanged.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, ch Change) (before, after Contact, err error) {
	before, err = Lock(ctx, tx, customer, id)
	if err != nil {
		return before, after, err
	}
	ch.Permissions = ch.tidied()
	if err := check(ch.Details, ch.Permissions, ch.Portal || before.Access != NoAccess); err != nil {
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
			jobs_see = @jobs_see, jobs_edit = @jobs_edit, jobs_create = @jobs_create,
			quotes_see = @quotes_see, quotes_edit = @quotes_edit, quotes_create = @quotes_create, quotes_accept = @quotes_accept,
			equipment_see = @equipment_see, equipment_edit = @equipment_edit, equipment_add = @equipment_add,
			company_edit = @company_edit, contacts_manage = @contacts_manage, all_sites = @all_sites, version = version + 1
		where id = @id`, a)
	if err != nil {
		return before, after, fmt.Errorf("edit contact: %w", refused(err))
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
		return fmt.Errorf("sites of contact %d: %w", id, refused(err))
	}
	return nil
}

// Archive puts a contact away, or fetches it back. An archived contact cannot
// enter the portal and is nobody's default any more.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64, away bool) error {
	before, err := Lock(ctx, tx, customer, id)
	if err != nil {
		return err
	}
	if before.Archived() == away {
		return nil
	}
	after := before
	err = tx.QueryRow(ctx, `
		update contacts set archived_at = case when @away then now() end, is_default = false, version = version + 1 where id = @id
		returning archived_at, is_default, version`, pgx.NamedArgs{"id": id, "away": away}).Scan(&after.ArchivedAt, &after.Default, &after.Version)
	if postgres.Constraint(err) == "contact_email_taken" {
		return apperr.Conflictf("Another contact of this customer has the address %s by now. Change that one first.", before.Email)
	}
	if err != nil {
		return fmt.Errorf("archive contact %d: %w", id, err)
	}
	action := audit.ContactRestoredFromArchive
	if away {
		action = audit.ContactArchived
	}
	return record(ctx, tx, by, action, before, after)
}

func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after Contact) error {
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: before.ID, Label: after.Name, Customer: before.CustomerID, Before: before, After: after})
}
