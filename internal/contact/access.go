package contact

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Access says whether a contact may enter the portal.
type Access string

// The states of access. What leads from one to the next stands in this file:
// Invite, Accept, Activate, Detach, Suspend and Restore.
const (
	NoAccess  Access = "none"
	Invited   Access = "invited"
	Active    Access = "active"
	Suspended Access = "suspended"
)

// Words is the access as screens name it.
func (a Access) Words() string {
	switch a {
	case Invited:
		return "Invited"
	case Active:
		return "Active"
	case Suspended:
		return "Suspended"
	case NoAccess:
	}
	return "No access"
}

// ErrPersonTaken says that the person is an active contact of the same customer
// already. The transaction must not be committed.
var ErrPersonTaken = errors.New("the person is another contact of this customer")

// accessChange is what becomes of a contact's access.
type accessChange struct {
	Access  Access
	Person  int64 // who signs in as the contact; 0 for nobody
	Invites bool  // an invitation is made now
	Edits   bool  // makes forms that are open now stale
}

// setAccess is the one writer of a contact's access, person and time of
// invitation. The row is locked by the caller.
func setAccess(ctx context.Context, tx postgres.Tx, id int64, to accessChange) error {
	_, err := tx.Exec(ctx, `
		update contacts set access = @access, person_id = nullif(@person::bigint, 0),
			invited_at = case when @invites then now() else invited_at end, version = version + case when @edits then 1 else 0 end
		where id = @id`,
		pgx.NamedArgs{"id": id, "access": string(to.Access), "person": to.Person, "invites": to.Invites, "edits": to.Edits})
	if postgres.Constraint(err) == "contact_person_taken" {
		return ErrPersonTaken
	}
	if err != nil {
		return fmt.Errorf("access of contact %d: %w", id, err)
	}
	return nil
}

// LockByID is Lock for whoever knows the contact and not the customer.
func LockByID(ctx context.Context, tx postgres.Tx, id int64) (Contact, error) {
	return one(ctx, tx, `select `+columns+` from contacts c where c.id = @id for update of c`, 0, id)
}

// LockInvitable is LockByID for a contact who is to be invited: those who can
// sign in already, who are archived or have no address are refused.
func LockInvitable(ctx context.Context, tx postgres.Tx, id int64) (Contact, error) {
	c, err := LockByID(ctx, tx, id)
	if err != nil {
		return Contact{}, err
	}
	var (
		customer         string
		customerArchived bool
	)
	err = tx.QueryRow(ctx, `select name, archived_at is not null from customers where id = @id`, pgx.NamedArgs{"id": c.CustomerID}).Scan(&customer, &customerArchived)
	switch {
	case err != nil:
		return Contact{}, fmt.Errorf("customer of contact %d: %w", id, err)
	case c.Archived():
		return Contact{}, apperr.Conflictf("%s is archived and cannot be invited.", c.Name)
	case customerArchived:
		return Contact{}, apperr.Conflictf("%s is archived; its contacts cannot be invited.", customer)
	case c.Email == "":
		return Contact{}, problem.Of("email", "An email address is needed for access to the portal.")
	case c.Access == Active:
		return Contact{}, apperr.Conflictf("%s can sign in already.", c.Name)
	case c.Access == Suspended && c.PersonID != 0:
		return Contact{}, apperr.Conflictf("%s is suspended. Restore access first.", c.Name)
	}
	return c, nil
}

// Invite lets a locked contact wait to come in: by a link, or as the person for
// whom staff have set a password. Person is 0 for a link.
func Invite(ctx context.Context, tx postgres.Tx, by audit.Actor, c Contact, person int64) error {
	if err := setAccess(ctx, tx, c.ID, accessChange{Access: Invited, Person: person, Invites: true}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.ContactInvited, ID: c.ID, Label: c.Name, Customer: c.CustomerID,
		Before: map[string]any{"access": c.Access}, After: map[string]any{"access": Invited, "email": c.Email},
	})
}

// Accept makes an invited contact the person's, who takes up the invitation.
// Archived and suspended contacts of the same customer lose the person: a
// customer has a person once. ErrPersonTaken when another one is active.
func Accept(ctx context.Context, tx postgres.Tx, by audit.Actor, id, person int64) error {
	c, err := LockByID(ctx, tx, id)
	if err != nil {
		return err
	}
	by.Contact, by.Person, by.Name = c.ID, person, c.Name
	if err := detachOthers(ctx, tx, by, c, person); err != nil {
		return err
	}
	if err := setAccess(ctx, tx, c.ID, accessChange{Access: Active, Person: person}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.ContactActivated, ID: c.ID, Label: c.Name, Customer: c.CustomerID,
		Before: map[string]any{"access": Invited}, After: map[string]any{"access": Active, "person": person},
	})
}

func detachOthers(ctx context.Context, tx postgres.Tx, by audit.Actor, c Contact, person int64) error {
	others, err := lockOf(ctx, tx, person, `c.customer_id = @customer and c.id <> @id and (c.archived_at is not null or c.access <> 'active')`,
		pgx.NamedArgs{"customer": c.CustomerID, "id": c.ID})
	if err != nil {
		return err
	}
	for _, o := range others {
		to := o.Access
		if to == Active { // and archived
			to = NoAccess
		}
		if err := setAccess(ctx, tx, o.ID, accessChange{Access: to}); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactDetached, ID: o.ID, Label: o.Name, Customer: o.CustomerID,
			Before: map[string]any{"person": person}, After: map[string]any{"access": to, "person": nil},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Activate lets the person in as all contacts that have waited for a password
// of the person's own choice.
func Activate(ctx context.Context, tx postgres.Tx, by audit.Actor, person int64) error {
	waiting, err := lockOf(ctx, tx, person, `c.access = 'invited'`, pgx.NamedArgs{})
	if err != nil {
		return err
	}
	for _, c := range waiting {
		if err := setAccess(ctx, tx, c.ID, accessChange{Access: Active, Person: person}); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactActivated, ID: c.ID, Label: c.Name, Customer: c.CustomerID,
			Before: map[string]any{"access": Invited}, After: map[string]any{"access": Active},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lockOf locks the contacts of a person that fit a condition of ours.
func lockOf(ctx context.Context, tx postgres.Tx, person int64, condition string, args pgx.NamedArgs) ([]Contact, error) {
	args["person"] = person
	rows, err := tx.Query(ctx, `select `+columns+` from contacts c where c.person_id = @person and `+condition+` order by c.id for update of c`, args)
	if err != nil {
		return nil, fmt.Errorf("lock the contacts of person %d: %w", person, err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
	if err != nil {
		return nil, fmt.Errorf("lock the contacts of person %d: %w", person, err)
	}
	return contacts, nil
}

// Detach takes the person from a locked contact whose email address has
// changed; access stays as it is.
func Detach(ctx context.Context, tx postgres.Tx, c Contact) error {
	return setAccess(ctx, tx, c.ID, accessChange{Access: c.Access})
}

// Suspend takes a contact's access away, from the next request on. Changed is
// false when it was suspended before.
func Suspend(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64) (changed bool, err error) {
	before, err := Lock(ctx, tx, customer, id)
	if err != nil {
		return false, err
	}
	switch before.Access {
	case Suspended:
		return false, nil
	case NoAccess:
		return false, apperr.Conflictf("%s has no access to the portal.", before.Name)
	case Invited, Active:
	}
	return true, editAccess(ctx, tx, by, before, Suspended, audit.ContactSuspended)
}

// Restore gives suspended access back: to a contact who can sign in as it was,
// to others as an open invitation, whose link the caller has to make anew.
// Changed is false when it was not suspended any more.
func Restore(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64) (after Access, changed bool, err error) {
	before, err := Lock(ctx, tx, customer, id)
	if err != nil || before.Access != Suspended {
		return before.Access, false, err
	}
	after = Invited
	// Whoever has not replaced a password set by staff is still only invited.
	var signsIn bool
	err = tx.QueryRow(ctx, `select exists (select from persons where id = @person and not must_change_password)`, pgx.NamedArgs{"person": before.PersonID}).Scan(&signsIn)
	if err != nil {
		return before.Access, false, fmt.Errorf("restore contact %d: %w", id, err)
	}
	if signsIn {
		after = Active
	}
	return after, true, editAccess(ctx, tx, by, before, after, audit.ContactRestored)
}

// editAccess changes access as an edit of the contact: with a new version, and
// with the whole contact before and after in the audit trail.
func editAccess(ctx context.Context, tx postgres.Tx, by audit.Actor, before Contact, access Access, action audit.Action) error {
	after := before
	after.Access, after.Version = access, before.Version+1
	if err := setAccess(ctx, tx, before.ID, accessChange{Access: access, Person: before.PersonID, Edits: true}); err != nil {
		return err
	}
	return record(ctx, tx, by, action, before, after)
}
