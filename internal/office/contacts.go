package office

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"fieldgate/internal/access"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// GiveAccess says how a contact is let in, in the same step as they are saved:
// by a link, or with a password that staff set.
type GiveAccess struct {
	Mail        bool // the welcome email goes out; without it staff pass on what SavedContact has
	SetPassword bool
	Password    string
}

// SavedContact is a contact as an edit left it.
type SavedContact struct {
	contact.Contact
	Given   bool          // access was given
	PassOn  access.PassOn // for staff to pass on by hand, when access was given without a mail
	Invited bool          // another address was invited: access is back to Invited
}

// CreateContact adds a contact to a customer, and gives access if asked to; a
// contact without access has no permissions. Created is false when the same
// form was sent before.
func (s *Service) CreateContact(ctx context.Context, by staff.Viewer, number string, n contact.New, give *GiveAccess) (saved SavedContact, created bool, err error) {
	n.Portal = give != nil
	if give == nil {
		n.Permissions = contact.Permissions{AllSites: true}
	}
	way, err := s.way(ctx, by, give, n.Details, n.Check())
	if err != nil {
		return saved, false, err
	}
	err = s.change(ctx, by, ofContacts, func(tx postgres.Tx) error {
		cu, err := customer.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if give != nil {
			if err := by.CheckProof(); err != nil {
				return err
			}
		}
		n.Customer = cu.ID
		saved = SavedContact{Contact: contact.Contact{CustomerID: cu.ID, Details: n.Details, Permissions: n.Permissions}}
		if saved.ID, created, err = contact.Create(ctx, tx, by.Actor(), n); err != nil || !created || give == nil {
			return err
		}
		saved.Given = true
		saved.PassOn, err = access.Invite(ctx, tx, s.notify, by.Actor(), saved.ID, way)
		return err
	})
	return saved, created, err
}

// EditContact changes a contact, shown as version, and gives access to one who
// has none if asked to. Another email address gets an invitation of its own.
// What somebody else has changed meanwhile makes it apperr.Stale.
func (s *Service) EditContact(ctx context.Context, by staff.Viewer, number string, id, version int64, ch contact.Change, give *GiveAccess) (saved SavedContact, err error) {
	is, err := contact.FindRow(ctx, s.pool, number, id)
	if err != nil {
		return saved, err
	}
	switch {
	case is.Access != contact.NoAccess:
		give = nil
	case give == nil:
		ch.Permissions = contact.Permissions{AllSites: true}
	}
	ch.Portal = give != nil
	way, err := s.way(ctx, by, give, ch.Details, ch.Check())
	if err != nil {
		return saved, err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		before, after, err := contact.Edit(ctx, tx, by.Actor(), is.CustomerID, id, version, ch)
		if err != nil {
			return err
		}
		if before.Details != after.Details { // permissions and access are ours, whoever keeps the rest
			if err := keeper.Check(ctx, tx, by.Source, keeper.Contacts); err != nil {
				return err
			}
		}
		saved = SavedContact{Contact: after, Given: give != nil}
		if saved.Given || before.NeedsProof(after) {
			if err := by.CheckProof(); err != nil {
				return err
			}
		}
		if saved.Given {
			saved.PassOn, err = access.Invite(ctx, tx, s.notify, by.Actor(), id, way)
			return err
		}
		saved.Invited, err = access.Edited(ctx, tx, s.notify, by.Actor(), before, after)
		return err
	})
	return saved, err
}

// way is how access is given. What is wrong with the password joins what was
// found wrong with the rest.
func (s *Service) way(ctx context.Context, by staff.Viewer, give *GiveAccess, d contact.Details, problems problem.Set) (access.Way, error) {
	if give == nil || !give.SetPassword {
		return access.Way{Mail: give != nil && give.Mail}, problems.Err()
	}
	wrong, err := s.hasher.Check(ctx, give.Password, d.Name, d.Email, by.Business)
	if err != nil {
		return access.Way{}, err
	}
	if wrong != "" || len(problems) > 0 {
		problems.Unless(wrong == "", "password", wrong)
		problems.Add("password", "Enter the password once more.") // it is not shown again
		return access.Way{}, problems
	}
	hash, err := s.hasher.Hash(ctx, give.Password)
	return access.Way{Mail: give.Mail, Password: give.Password, Hash: hash}, err
}

// InviteAgain sends a contact's invitation again, or without a mail makes a new
// link to pass on by hand. Key is the contact.InvitationKey that staff were
// shown; sent is false when another press has done it.
func (s *Service) InviteAgain(ctx context.Context, by staff.Viewer, number string, id int64, key string, mail bool) (c contact.Row, pass access.PassOn, sent bool, err error) {
	c, err = s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) (err error) {
		if !mail { // a link that is shown lets in whoever sees it
			if err := by.CheckProof(); err != nil {
				return err
			}
		}
		pass, sent, err = access.InviteAgain(ctx, tx, s.notify, by.Actor(), c.Contact, key, access.Way{Mail: mail})
		return err
	})
	return c, pass, sent, err
}

// MaxInvitations is how many contacts are invited at once: more than a page of
// a list holds, and few enough for one transaction.
const MaxInvitations = 200

// InvitedContacts is what came of inviting many.
type InvitedContacts struct {
	Sent    int
	Skipped []SkippedContact
}

// SkippedContact is somebody who was not invited.
type SkippedContact struct{ Name, Why string }

// InviteContacts invites many, all or none: those without access get the
// permissions. Asked are the contact.Contact's StateKey as staff were shown it,
// by id: whoever was invited since, by another press or by somebody else, is
// left alone.
func (s *Service) InviteContacts(ctx context.Context, by staff.Viewer, asked map[int64]string, permissions contact.Permissions) (done InvitedContacts, err error) {
	if err := by.CheckProof(); err != nil {
		return done, err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		done = InvitedContacts{}
		rows, err := contact.Ticked(ctx, tx, slices.Collect(maps.Keys(asked)))
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b contact.Row) int { return cmp.Compare(a.ID, b.ID) }) // locks are always taken in this order
		for _, row := range rows {
			if row.Contact, err = contact.Lock(ctx, tx, row.CustomerID, row.ID); err != nil {
				return err
			}
			why := row.NotInvitable()
			if why == "" && row.StateKey() != asked[row.ID] {
				why = "invited or changed a moment ago"
			}
			if why != "" {
				done.Skipped = append(done.Skipped, SkippedContact{row.Name, why})
				continue
			}
			if err := s.inviteOneOfMany(ctx, tx, by, row.Contact, permissions); err != nil {
				return err
			}
			done.Sent++
		}
		return nil
	})
	return done, err
}

func (s *Service) inviteOneOfMany(ctx context.Context, tx postgres.Tx, by staff.Viewer, c contact.Contact, permissions contact.Permissions) error {
	if c.Access == contact.NoAccess {
		ch := contact.Change{Details: c.Details, Permissions: permissions, Portal: true}
		if _, _, err := contact.Edit(ctx, tx, by.Actor(), c.CustomerID, c.ID, c.Version, ch); err != nil {
			return err
		}
	}
	_, err := access.Invite(ctx, tx, s.notify, by.Actor(), c.ID, access.Way{Mail: true})
	return err
}

// SuspendContact takes a contact's access away; changed is false when it was
// suspended before.
func (s *Service) SuspendContact(ctx context.Context, by staff.Viewer, number string, id int64) (c contact.Row, changed bool, err error) {
	c, err = s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) (err error) {
		if err := by.CheckProof(); err != nil {
			return err
		}
		changed, err = access.Suspend(ctx, tx, s.notify, by.Actor(), c.CustomerID, c.ID)
		return err
	})
	return c, changed, err
}

// RestoreAccess gives suspended access back; changed is false when it was not
// suspended any more.
func (s *Service) RestoreAccess(ctx context.Context, by staff.Viewer, number string, id int64) (c contact.Row, changed bool, err error) {
	c, err = s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) (err error) {
		if err := by.CheckProof(); err != nil {
			return err
		}
		_, changed, err = access.Restore(ctx, tx, s.notify, by.Actor(), c.Contact)
		return err
	})
	return c, changed, err
}

// ArchiveContact archives a contact, who cannot enter the portal any more.
func (s *Service) ArchiveContact(ctx context.Context, by staff.Viewer, number string, id int64) (contact.Row, error) {
	return s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		if err := keeper.Check(ctx, tx, by.Source, keeper.Contacts); err != nil {
			return err
		}
		if err := contact.Archive(ctx, tx, by.Actor(), c.CustomerID, c.ID, true); err != nil {
			return err
		}
		if err := signin.End(ctx, tx, c.ID); err != nil {
			return err
		}
		if !c.Archived() && (c.Access == contact.Invited || c.Access == contact.Active) {
			return s.notify.ContactAccess(ctx, tx, by.Actor(), c.ID, "changed")
		}
		return nil
	})
}

// RestoreContact takes a contact back from the archive.
func (s *Service) RestoreContact(ctx context.Context, by staff.Viewer, number string, id int64) (contact.Row, error) {
	return s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		if err := keeper.Check(ctx, tx, by.Source, keeper.Contacts); err != nil {
			return err
		}
		if c.Access != contact.NoAccess { // which comes back with the contact
			if err := by.CheckProof(); err != nil {
				return err
			}
		}
		if err := contact.Archive(ctx, tx, by.Actor(), c.CustomerID, c.ID, false); err != nil {
			return err
		}
		if c.Archived() && c.Access == contact.Active {
			return s.notify.ContactAccess(ctx, tx, by.Actor(), c.ID, "restored")
		}
		return nil
	})
}

// changeContact runs do on the contact with that id of the customer with that
// number, its row locked. It returns the contact as it was before.
func (s *Service) changeContact(ctx context.Context, number string, id int64, do func(postgres.Tx, contact.Row) error) (c contact.Row, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if c, err = contact.LockRow(ctx, tx, number, id); err != nil {
			return err
		}
		return do(tx, c)
	})
	return c, err
}
