package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
)

// ManagedContact is another contact whom the viewer looks after.
type ManagedContact struct {
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

const managedContactColumns = `c.id, c.name, c.email, c.phone, c.mobile, c.role, c.access, c.invited_at, c.last_sign_in_at, c.has_entered, c.suspended_by_office,
	c.jobs_see, c.jobs_edit, c.jobs_create, c.quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept, c.equipment_see, c.equipment_edit, c.equipment_add,
	c.company_edit, c.contacts_manage, c.all_sites, c.sites, c.version`

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
		queryPlaces(b, &l.Places)
	})
	return l, err
}

// ManagedContact is one of them with the sites to choose from, or apperr.NotFound.
func (r *Reader) ManagedContact(ctx context.Context, v Viewer, id int64) (c ManagedContact, places []Place, err error) {
	err = r.read(ctx, v, func(b *postgres.Batch) {
		postgres.QueryOne(b, &c, `select `+managedContactColumns+` from portal.managed_contacts c where c.id = @id`, pgx.NamedArgs{"id": id})
		queryPlaces(b, &places)
	})
	return c, places, err
}

// Places are the sites to choose from.
func (r *Reader) Places(ctx context.Context, v Viewer) (places []Place, err error) {
	err = r.read(ctx, v, func(b *postgres.Batch) { queryPlaces(b, &places) })
	return places, err
}

// Held are the rights as package contact compares them.
func (r Rights) Held() contact.Permissions {
	return contact.Permissions{
		JobsSee: contact.See(r.JobsSee), JobsEdit: r.JobsEdit, JobsCreate: r.JobsCreate,
		QuotesSee: contact.See(r.QuotesSee), QuotesEdit: r.QuotesEdit, QuotesCreate: r.QuotesCreate, QuotesAccept: r.QuotesAccept,
		EquipmentSee: contact.See(r.EquipmentSee), EquipmentEdit: r.EquipmentEdit, EquipmentAdd: r.EquipmentAdd,
		CompanyEdit: r.CompanyEdit, ContactsManage: r.ContactsManage, AllSites: r.AllSites, Sites: r.Sites,
	}
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
	return d.actAfter(ctx, v, lockBoth, Viewer.MayManageContacts, func(tx postgres.Tx, now Viewer) error {
		c, err := contact.Lock(ctx, tx, now.Customer, id)
		if err != nil {
			return err
		}
		if !c.WithinReach(now.Contact, now.Rights.Held()) {
			return apperr.NotFound
		}
		return do(tx, now, c)
	})
}

// checkGrant refuses what the viewer does not hold. Forms offer none of it.
func (v Viewer) checkGrant(p problem.Set, to contact.Permissions) {
	p.Unless(to.Within(v.Rights.Held()), "", "You can only give rights that you have yourself, at sites that you see.")
}

// askOffice says what to do about an address that cannot be used, in the same
// words for everybody whom the viewer does not look after.
func askOffice(v Viewer) string {
	return "This address cannot be added here. Please ask " + caller(v) + " to add it."
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

func (d *Service) mayInvite(ctx context.Context, tx postgres.Tx, now Viewer) error {
	var sent int
	err := tx.QueryRow(ctx, `
		select count(*) from audit_entries
		where contact_id = @contact and thing = 'contact' and action = 'invited' and at > now() - interval '1 hour'`, pgx.NamedArgs{"contact": now.Contact}).Scan(&sent)
	if err != nil {
		return fmt.Errorf("count invitations: %w", err)
	}
	if sent >= mostInvitations {
		return apperr.Conflictf("You have sent many invitations within the last hour. Please wait a while, or call %s.", caller(now))
	}
	return nil
}

// letIn invites a managed contact, the same way as the office does, and tells both.
func (d *Service) letIn(ctx context.Context, tx postgres.Tx, now Viewer, id int64) error {
	if err := d.mayInvite(ctx, tx, now); err != nil {
		return err
	}
	link, err := signin.Contact(ctx, tx, now.Actor(), id)
	if err != nil {
		return err
	}
	if err := d.notify.Welcome(ctx, tx, notify.Welcome{Contact: id, Link: link}); err != nil {
		return err
	}
	return d.notify.ContactAccess(ctx, tx, id, "invited")
}

// AddManagedContact adds a contact and invites them. A form sent twice adds one.
func (d *Service) AddManagedContact(ctx context.Context, v Viewer, n ManagedContactChange) (id int64, err error) {
	err = d.act(ctx, v, Viewer.MayManageContacts, func(tx postgres.Tx, now Viewer) error {
		draft := contact.New{
			Customer: now.Customer, Permissions: n.Permissions, Nonce: now.nonce(n.Nonce), Portal: true,
			Details: contact.Details{Name: n.Name, Email: n.Email, Phone: n.Phone, Mobile: n.Mobile, Role: n.Role},
		}
		known, err := sentBefore(ctx, tx, now, draft.Nonce)
		if err != nil || known != 0 {
			id = known
			return err
		}
		p := problem.Set{}
		now.checkGrant(p, n.Permissions)
		if err := checkAddress(ctx, tx, now, p, n.Email, 0); err != nil {
			return err
		}
		if checked, ok := errors.AsType[problem.Set](draft.Check()); ok {
			p = p.Join(checked)
		}
		if err := p.Err(); err != nil {
			return err
		}
		var fresh bool
		if id, fresh, err = contact.Create(ctx, tx, now.Actor(), draft); err != nil || !fresh {
			return now.words(err)
		}
		if err := d.letIn(ctx, tx, now, id); err != nil {
			return err
		}
		return d.tell(ctx, tx, now, append([]notify.Change{{Field: "New contact", After: n.Name}}, changed(n.Name, contact.Details{}, draft.Details)...))
	})
	return id, err
}

// sentBefore is the contact that the same form has added; 0 for none.
func sentBefore(ctx context.Context, tx postgres.Tx, now Viewer, nonce string) (id int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce((select id from contacts where nonce = nullif(@nonce, '') and customer_id = @customer), 0)`,
		pgx.NamedArgs{"nonce": nonce, "customer": now.Customer}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("contact of this form: %w", err)
	}
	return id, nil
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
		if byOffice, err := suspendedByOffice(ctx, tx, is); err != nil {
			return err
		} else if byOffice && !strings.EqualFold(is.Email, to.Email) {
			// Nor is the address set free for another invitation.
			return problem.Set{"email": is.Name + " was suspended by " + now.Business.Name + ", so the address stays."}
		}
		details := is.Details
		details.Name, details.Email, details.Phone, details.Mobile, details.Role = to.Name, to.Email, to.Phone, to.Mobile, to.Role
		ch := contact.Change{Details: details, Permissions: to.Permissions}
		invites := is.Access == contact.NoAccess && to.Invite
		if is.Access == contact.NoAccess && !to.Invite {
			ch.Permissions = is.Permissions // who has no access has no rights
		}
		ch.Portal = invites || is.Access != contact.NoAccess
		p := problem.Set{}
		now.checkGrant(p, ch.Permissions)
		if err := checkAddress(ctx, tx, now, p, to.Email, id); err != nil {
			return err
		}
		if checked, ok := errors.AsType[problem.Set](ch.Check()); ok {
			p = p.Join(checked)
		}
		if err := p.Err(); err != nil {
			return err
		}
		before, after, err := contact.Edit(ctx, tx, now.Actor(), now.Customer, id, to.Version, ch)
		if err != nil {
			return now.words(err)
		}
		if invites {
			if err := d.letIn(ctx, tx, now, id); err != nil {
				return err
			}
		} else if err := d.follow(ctx, tx, now, before, after); err != nil {
			return err
		}
		rights, err := d.permissionsChanged(ctx, tx, before, after)
		if err != nil {
			return err
		}
		return d.tell(ctx, tx, now, append(changed(before.Name, before.Details, after.Details), rights...))
	})
}

// follow does what an edit of somebody with access entails.
func (d *Service) follow(ctx context.Context, tx postgres.Tx, now Viewer, before, after contact.Contact) (err error) {
	var link int64
	if !strings.EqualFold(before.Email, after.Email) {
		if err := d.mayInvite(ctx, tx, now); err != nil {
			return err
		}
		if link, err = signin.AddressChanged(ctx, tx, now.Actor(), after.ID); err != nil {
			return err
		}
	}
	return d.notify.ContactEdited(ctx, tx, before, after, link)
}

// InvitationKey names an invitation, so that a second press sends no second one.
func InvitationKey(at *time.Time) string {
	if at == nil {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// InviteManagedContact sends an invitation again that has not been taken up; key is
// the InvitationKey that was shown. Sent is false when another press has sent it.
func (d *Service) InviteManagedContact(ctx context.Context, v Viewer, id int64, key string) (sent bool, err error) {
	err = d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		switch {
		case c.Access == contact.NoAccess:
			return apperr.Conflictf("%s has no access to the portal yet. Edit the contact to give access.", c.Name)
		case c.Access != contact.Invited:
			return apperr.Conflictf("%s does not wait for an invitation.", c.Name)
		case key != InvitationKey(c.InvitedAt):
			return nil
		}
		sent = true
		return d.letIn(ctx, tx, now, id)
	})
	return sent, err
}

// SuspendManagedContact takes a managed contact's access at this customer away, from the
// next request on.
func (d *Service) SuspendManagedContact(ctx context.Context, v Viewer, id int64) error {
	return d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		done, err := contact.Suspend(ctx, tx, now.Actor(), now.Customer, id)
		if err != nil || !done {
			return err
		}
		if err := signin.End(ctx, tx, id); err != nil {
			return err
		}
		if err := d.notify.ContactAccess(ctx, tx, id, "suspended"); err != nil {
			return err
		}
		return d.tell(ctx, tx, now, accessChanged(c, contact.Suspended))
	})
}

// RestoreManagedContact gives suspended access back, unless it was the business that
// suspended it. Who had not come in yet gets a new invitation.
func (d *Service) RestoreManagedContact(ctx context.Context, v Viewer, id int64) error {
	return d.manage(ctx, v, id, func(tx postgres.Tx, now Viewer, c contact.Contact) error {
		if byOffice, err := suspendedByOffice(ctx, tx, c); err != nil {
			return err
		} else if byOffice {
			return apperr.Conflictf("%s was suspended by %s. Please call %s to restore access.", c.Name, now.Business.Name, caller(now))
		}
		access, done, err := contact.Restore(ctx, tx, now.Actor(), now.Customer, id)
		if err != nil || !done {
			return err
		}
		if access == contact.Invited && c.PersonID == 0 {
			if err := d.mayInvite(ctx, tx, now); err != nil {
				return err
			}
			link, err := signin.Contact(ctx, tx, now.Actor(), id)
			if err != nil {
				return err
			}
			if err := d.notify.Welcome(ctx, tx, notify.Welcome{Contact: id, Link: link}); err != nil {
				return err
			}
		}
		if err := d.notify.ContactAccess(ctx, tx, id, "restored"); err != nil {
			return err
		}
		return d.tell(ctx, tx, now, accessChanged(c, access))
	})
}

// accessChanged tells the office who did it: those told of access itself are
// told only of whom.
func accessChanged(c contact.Contact, to contact.Access) []notify.Change {
	return []notify.Change{{Field: c.Name + ": access", Before: c.Access.Words(), After: to.Words()}}
}

// permissionsChanged does so for permissions, in words.
func (d *Service) permissionsChanged(ctx context.Context, tx postgres.Tx, before, after contact.Contact) ([]notify.Change, error) {
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

// suspendedByOffice reports whether a contact is suspended and no contact has
// done so: what the business takes away is not the customer's to give back.
func suspendedByOffice(ctx context.Context, tx postgres.Tx, c contact.Contact) (is bool, err error) {
	if c.Access != contact.Suspended {
		return false, nil
	}
	err = tx.QueryRow(ctx, `
		select coalesce((select actor <> 'contact' from audit_entries
			where thing = 'contact' and thing_id = @id and action = 'suspended' order by at desc, id desc limit 1), true)`, pgx.NamedArgs{"id": c.ID}).Scan(&is)
	if err != nil {
		return false, fmt.Errorf("find who has suspended contact %d: %w", c.ID, err)
	}
	return is, nil
}
