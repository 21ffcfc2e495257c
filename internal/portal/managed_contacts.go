package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/access"
	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// ManagedContact is another contact whom the viewer looks after.
type ManagedContact struct {
	Requests     []KeptRequest `db:"-"` // to the system that keeps contacts
	ID           int64
	Name         string
	Email        string
	Phone        string
	Mobile       string
	Role         string
	Access       contact.Access
	InvitedAt    *time.Time
	LastSignInAt *time.Time
	HasEntered   bool // somebody has accepted an invitation

	SuspendedByOffice bool // and not to be restored here
	contact.Permissions
	Version int64
}

// SiteNames are the names of the managed contact's selected sites.
func (c ManagedContact) SiteNames(places []Place) (names []string) {
	for _, p := range places {
		if slices.Contains(c.Sites, p.ID) {
			names = append(names, p.Name)
		}
	}
	return names
}

// ManagedContactOrders are the ways to sort managed contacts.
var ManagedContactOrders = list.Orders{
	{Key: "name", Expr: `c.name collate "und-x-icu"`, Type: "text"},
	{Key: "seen", Expr: "coalesce(c.last_sign_in_at, '-infinity')", Type: "timestamptz", Desc: true},
}

var managedContactColumns = `c.id, c.name, c.email, c.phone, c.mobile, c.role, c.access, c.invited_at, c.last_sign_in_at, c.has_entered, c.suspended_by_office, ` + contact.ViewColumns("c") + `, c.version`

// ManagedContactList is a page of managed contacts.
type ManagedContactList struct {
	list.Page[ManagedContact]
	Matching int
	Places   []Place
}

// ManagedContacts are the contacts whom the viewer looks after; nobody for those who
// do not manage contacts.
func (r *Reader) ManagedContacts(ctx context.Context, v Viewer, q list.Query) (ManagedContactList, error) {
	var (
		l ManagedContactList
		s = list.Source{Columns: managedContactColumns, From: "portal.managed_contacts c", ID: "c.id"}
	)
	s.Where.Search("c.search", q.Search)
	err := r.read(ctx, v, func(b *postgres.Batch) {
		list.QueryPage(b, &l.Page, q, ManagedContactOrders, s)
		list.QueryCount(b, &l.Matching, s)
		queryAllPlaces(b, &l.Places)
	})
	return l, err
}

// ManagedContact is one of them with the sites to choose from, or apperr.NotFound.
func (r *Reader) ManagedContact(ctx context.Context, v Viewer, id int64) (c ManagedContact, places []Place, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.QueryOne(b, &c, `select `+managedContactColumns+` from portal.managed_contacts c where c.id = @id`, pgx.NamedArgs{"id": id})
		queryAllPlaces(b, &places)
		if v.Keepers.Keeps(keeper.Contacts).Elsewhere() {
			queryKept(b, &c.Requests, keeper.Contacts, `@id`, pgx.NamedArgs{"id": id})
		}
	})
	return c, places, err
}

// Places are the sites to choose from.
func (r *Reader) Places(ctx context.Context, v Viewer) (places []Place, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) { queryAllPlaces(b, &places) })
	return places, err
}

// ManagedContactChange is what a manager enters about a managed contact, shown as Version;
// a new one carries the form's Nonce instead. Invite gives access to one who
// has none.
type ManagedContactChange struct {
	Name   string
	Email  string
	Phone  string
	Mobile string
	Role   string
	contact.Permissions
	Invite  bool
	Version int64
	Nonce   string
}

// manage runs do on a managed contact, both rows locked and the rule asked again.
// They are locked in the order of their ids: two managers may act on each other
// at the same moment.
func (d *Service) manage(ctx context.Context, v Viewer, id int64, do func(tx postgres.Tx, now Viewer, c contact.Contact) error) error {
	lockBoth := func(tx postgres.Tx) error {
		_, err := tx.Exec(ctx, `select from contacts where customer_id = @customer and id = any(@ids) order by id for update`,
			pgx.NamedArgs{"customer": v.Customer, "ids": []int64{v.Contact, id}})
		if err != nil {
			return fmt.Errorf("lock the contacts: %w", err)
		}
		return nil
	}
	return d.transactAfter(ctx, v, lockBoth, Viewer.MayManageContacts, func(tx postgres.Tx, now Viewer) error {
		c, err := contact.Lock(ctx, tx, now.Customer, id)
		if err != nil {
			return err
		}
		if !c.WithinReach(now.Contact, now.Permissions) {
			return apperr.NotFound
		}
		return do(tx, now, c)
	})
}

// checkGrant refuses what the viewer does not hold. Forms offer none of it.
func (v Viewer) checkGrant(p problem.Set, to contact.Permissions) {
	p.Unless(to.Within(v.Permissions), "", "You can only give rights that you have yourself, at sites you can see.")
}

// askOffice says what to do about an address that cannot be used, in the same
// words for everybody whom the viewer does not look after.
func askOffice(v Viewer) string {
	return "This address cannot be added here. Ask " + caller(v) + " to add it."
}

// checkAddress refuses the address of somebody on the viewer's list. What is
// beyond it only shows when writing fails.
func checkAddress(ctx context.Context, tx postgres.Tx, now Viewer, p problem.Set, email string, except int64) error {
	var name string
	err := readIn(ctx, tx, now, func(b *postgres.Batch) {
		postgres.QueryValue(b, &name, `select coalesce((select name from portal.managed_contacts where lower(email) = lower(@email) and email <> '' and id <> @except limit 1), '')`,
			pgx.NamedArgs{"email": email, "except": except})
	})
	p.Unless(name == "", "email", name+" has this email address already.")
	return err
}

// words speaks to a manager: of an address that somebody has whom they do not
// look after, it says no more than that it cannot be added.
func (v Viewer) words(err error) error {
	if p, ok := errors.AsType[problem.Set](err); ok && p["email"] == contact.EmailTaken {
		return problem.Set{"email": askOffice(v)}
	}
	return err
}

// mostInvitations is how many people a manager invites in an hour: each one
// sends a mail to an address that nobody has checked.
const mostInvitations = 40

func mayInvite(ctx context.Context, tx postgres.Tx, now Viewer) error {
	sent, err := access.InvitedLastHour(ctx, tx, now.Contact)
	if err != nil {
		return err
	}
	if sent >= mostInvitations {
		return apperr.Conflictf("You have sent many invitations in the last hour. Try again in an hour, or call %s.", caller(now))
	}
	return nil
}

// invite invites a managed contact by mail, within the manager's limit.
func (d *Service) invite(ctx context.Context, tx postgres.Tx, now Viewer, id int64) error {
	if err := mayInvite(ctx, tx, now); err != nil {
		return err
	}
	_, err := access.Invite(ctx, tx, d.notify, now.Actor(), id, access.Way{Mail: true})
	return err
}

// AddManagedContact adds a contact and invites them. A form sent twice adds one.
func (d *Service) AddManagedContact(ctx context.Context, v Viewer, n ManagedContactChange) (id int64, err error) {
	err = d.transact(ctx, v, Viewer.MayManageContacts, func(tx postgres.Tx, now Viewer) error {
		draft := contact.New{
			Customer: now.Customer, Permissions: n.Permissions, Nonce: now.nonce(n.Nonce), Portal: true,
			Details: contact.Details{Name: n.Name, Email: n.Email, Phone: n.Phone, Mobile: n.Mobile, Role: n.Role},
		}
		known, err := contact.FindByNonce(ctx, tx, now.Customer, draft.Nonce)
		if err != nil || known != 0 {
			id = known
			return err
		}
		p := problem.Set{}
		now.checkGrant(p, n.Permissions)
		if err := checkAddress(ctx, tx, now, p, n.Email, 0); err != nil {
			return err
		}
		if err := p.Join(draft.Check()).Err(); err != nil {
			return err
		}
		if err := now.CheckProof(); err != nil {
			return err
		}
		var created bool
		if id, created, err = contact.Create(ctx, tx, now.Actor(), draft); err != nil || !created {
			return now.words(err)
		}
		if err := d.invite(ctx, tx, now, id); err != nil {
			return err
		}
		if err := d.request(ctx, tx, now, keeper.Contacts, id); err != nil {
			return err
		}
		return d.tell(ctx, tx, now, append([]notify.Change{{Field: "New contact", After: n.Name}}, changed(n.Name, contact.Details{}, draft.Details)...))
	})
	return id, err
}

// changed are the details of a contact that the office is told of.
func changed(name string, before, after contact.Details) []notify.Change {
	return []notify.Change{
		{Field: name + ": name", Before: before.Name, After: after.Name},
		{Field: name + ": email", Before: before.Email, After: after.Email},
		{Field: name + ": phone", Before: before.Phone, After: after.Phone},
		{Field: name + ": mobile", Before: before.Mobile, After: after.Mobile},
		{Field: name + ": role", Before: before.Role, After: after.Role},
	}
}

// EditManagedContact changes a managed contact. Another email address gets an invitation
// of its own, and access goes back to it. What somebody else has changed
// meanwhile makes it apperr.Stale.
func (d *Service) EditManagedContact(ctx context.Context, v Viewer, id int64, to ManagedContactChange) error {
	return d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, is contact.Contact) error {
		moved := !strings.EqualFold(is.Email, to.Email)
		if is.SuspendedByOffice() && moved {
			// Nor is the address set free for another invitation.
			return problem.Set{"email": is.Name + " was suspended by " + now.Business.Name + ", so the address stays."}
		}
		if is.OwnsAddress() && moved {
			return problem.Set{"email": is.Name + " already signs in with this address, so it stays. If somebody else takes over, suspend " + is.Name + " and add the new person."}
		}
		details := is.Details
		details.Name, details.Email, details.Phone, details.Mobile, details.Role = to.Name, to.Email, to.Phone, to.Mobile, to.Role
		ch := contact.Change{Details: details, Permissions: to.Permissions}
		invites := is.Access == contact.NoAccess && to.Invite
		if is.Access == contact.NoAccess && !to.Invite {
			ch.Permissions = is.Permissions // who has no access has no permissions
		}
		ch.Portal = invites || is.Access != contact.NoAccess
		p := problem.Set{}
		now.checkGrant(p, ch.Permissions)
		if err := checkAddress(ctx, tx, now, p, to.Email, id); err != nil {
			return err
		}
		if err := p.Join(ch.Check()).Err(); err != nil {
			return err
		}
		kept, err := d.askDetails(ctx, tx, now, is, to.Version, &ch)
		if err != nil {
			return now.words(err)
		}
		moved = moved && !kept
		before, after, err := contact.Edit(ctx, tx, now.Actor(), now.Customer, id, to.Version, ch)
		if err != nil {
			return now.words(err)
		}
		if invites || before.NeedsProof(after) {
			if err := now.CheckProof(); err != nil {
				return err
			}
		}
		if invites {
			err = d.invite(ctx, tx, now, id)
		} else if err = mayMove(ctx, tx, now, moved); err == nil {
			_, err = access.Edited(ctx, tx, d.notify, now.Actor(), before, after)
		}
		if err != nil {
			return err
		}
		permissions, err := permissionsChanged(ctx, tx, before, after)
		if err != nil {
			return err
		}
		return d.tell(ctx, tx, now, append(changed(before.Name, before.Details, after.Details), permissions...))
	})
}

// askDetails asks the system that keeps contacts for what a change says of somebody's
// details, and takes that out of it: permissions and access are ours. It reports
// whether there is such a system.
func (d *Service) askDetails(ctx context.Context, tx postgres.Tx, now Viewer, is contact.Contact, version int64, ch *contact.Change) (kept bool, err error) {
	if !now.Keepers.Keeps(keeper.Contacts).Elsewhere() {
		return false, nil
	}
	err = d.change(ctx, tx, now, keeper.Contacts, keeper.Edit, is.ID, func(tx postgres.Tx) (int64, error) {
		_, _, err := contact.Edit(ctx, tx, now.Actor(), now.Customer, is.ID, version, contact.Change{Details: ch.Details, Permissions: is.Permissions, Portal: ch.Portal && is.Access != contact.NoAccess})
		return is.ID, err
	})
	ch.Details = is.Details
	return true, err
}

// mayMove asks mayInvite when another address is about to be invited.
func mayMove(ctx context.Context, tx postgres.Tx, now Viewer, moved bool) error {
	if !moved {
		return nil
	}
	return mayInvite(ctx, tx, now)
}

// InviteManagedContact sends an invitation again that has not been taken up; key is
// the InvitationKey that was shown. Sent is false when another press has sent it.
func (d *Service) InviteManagedContact(ctx context.Context, v Viewer, id int64, key string) (sent bool, err error) {
	err = d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		switch {
		case c.Access == contact.Active || c.Access == contact.Suspended:
			return apperr.Conflictf("%s has not been invited, or has accepted already.", c.Name)
		case c.Access == contact.Invited && key == contact.InvitationKey(c.InvitedAt):
			if err := mayInvite(ctx, tx, now); err != nil {
				return err
			}
		}
		_, sent, err = access.InviteAgain(ctx, tx, d.notify, now.Actor(), c, key, access.Way{Mail: true})
		return err
	})
	return sent, err
}

// SuspendManagedContact takes a managed contact's access at this customer away, from the
// next request on.
func (d *Service) SuspendManagedContact(ctx context.Context, v Viewer, id int64) error {
	return d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		if err := now.CheckProof(); err != nil {
			return err
		}
		changed, err := access.Suspend(ctx, tx, d.notify, now.Actor(), now.Customer, id)
		if err != nil || !changed {
			return err
		}
		return d.tell(ctx, tx, now, accessChanged(c, contact.Suspended))
	})
}

// RestoreManagedContact gives suspended access back, unless it was the business that
// suspended it. Who had not come in yet gets a new invitation.
func (d *Service) RestoreManagedContact(ctx context.Context, v Viewer, id int64) error {
	return d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		if err := now.CheckProof(); err != nil {
			return err
		}
		if c.SuspendedByOffice() {
			return apperr.Conflictf("%s was suspended by %s. Call %s to restore access.", c.Name, now.Business.Name, caller(now))
		}
		if c.Access == contact.Suspended && c.PersonID == 0 { // is invited anew
			if err := mayInvite(ctx, tx, now); err != nil {
				return err
			}
		}
		is, changed, err := access.Restore(ctx, tx, d.notify, now.Actor(), c)
		if err != nil || !changed {
			return err
		}
		return d.tell(ctx, tx, now, accessChanged(c, is))
	})
}

// accessChanged tells the office who did it: those told of access itself are
// told only of whom.
func accessChanged(c contact.Contact, to contact.Access) []notify.Change {
	return []notify.Change{{Field: c.Name + ": access", Before: c.Access.Words(), After: to.Words()}}
}

// permissionsChanged does so for permissions, in words.
func permissionsChanged(ctx context.Context, tx postgres.Tx, before, after contact.Contact) ([]notify.Change, error) {
	if before.Permissions.Equal(after.Permissions) {
		return nil, nil
	}
	named := func(c contact.Contact) (names []string, err error) {
		rows, err := tx.Query(ctx, `select name from sites where customer_id = @customer and id = any(@sites) order by name collate "und-x-icu"`,
			pgx.NamedArgs{"customer": c.CustomerID, "sites": c.Sites})
		if err != nil {
			return nil, fmt.Errorf("names of sites: %w", err)
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	was, err := named(before)
	if err != nil {
		return nil, err
	}
	is, err := named(after)
	if err != nil {
		return nil, err
	}
	return []notify.Change{{Field: before.Name + ": permissions", Before: strings.Join(before.Words(was), " "), After: strings.Join(after.Words(is), " ")}}, nil
}
