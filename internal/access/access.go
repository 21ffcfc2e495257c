// Package access gives, changes, suspends and restores a contact's access to
// the portal. It is the same whoever does it: the links that end or are made,
// and who is told. What somebody may do is asked by those who call.
package access

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// Way is how a contact gets in: by a link, or with a password that staff have set.
type Way struct {
	Mail     bool   // the welcome email goes out; without it the link or password is passed on by hand
	Password string // set by staff, with its Hash
	Hash     string
}

// PassOn is what is passed on by hand: the token of a link, or a password.
type PassOn struct{ Token, Password string }

// Invite gives access: the contact gets the welcome email, if the way is by
// mail, and the addresses of Contact Notifications are told.
func Invite(ctx context.Context, tx postgres.Tx, n *notify.Notifier, by audit.Actor, id int64, way Way) (pass PassOn, err error) {
	welcome := notify.Welcome{Contact: id}
	if way.Hash != "" {
		granted, err := signin.WithPassword(ctx, tx, by, id, way.Hash)
		if err != nil {
			return pass, err
		}
		// Staff are shown the same for an address that is known already.
		pass.Password = way.Password
		welcome.Link = granted.Link
		if granted.Password {
			welcome.Password = way.Password
		}
	} else {
		if welcome.Link, err = signin.Contact(ctx, tx, by, id); err != nil {
			return pass, err
		}
		if !way.Mail {
			if pass.Token, err = signin.Token(ctx, tx, welcome.Link); err != nil {
				return pass, err
			}
		}
	}
	if way.Mail {
		if err := n.Welcome(ctx, tx, welcome); err != nil {
			return pass, err
		}
	}
	if err := countInvitation(ctx, tx, by, id); err != nil {
		return pass, err
	}
	return pass, n.ContactAccess(ctx, tx, by, id, "invited")
}

// InviteAgain is Invite for somebody invited before, unless another press has
// done so: key is the contact.InvitationKey that the page showed.
func InviteAgain(ctx context.Context, tx postgres.Tx, n *notify.Notifier, by audit.Actor, c contact.Contact, key string, way Way) (pass PassOn, sent bool, err error) {
	switch {
	case c.Access == contact.NoAccess:
		return pass, false, apperr.Conflictf("%s has no access to the portal yet. Edit the contact to give access.", c.Name)
	case c.Access == contact.Invited && key != contact.InvitationKey(c.InvitedAt):
		return pass, false, nil
	}
	pass, err = Invite(ctx, tx, n, by, c.ID, way)
	return pass, true, err
}

// Edited follows an edit of a contact. Another address of somebody with access
// is invited there, and access is back to Invited: then invited is true.
func Edited(ctx context.Context, tx postgres.Tx, n *notify.Notifier, by audit.Actor, before, after contact.Contact) (invited bool, err error) {
	var link int64
	if !strings.EqualFold(before.Email, after.Email) {
		if link, err = signin.AddressChanged(ctx, tx, by, after.ID); err != nil {
			return false, err
		}
	}
	if link != 0 {
		if err := countInvitation(ctx, tx, by, after.ID); err != nil {
			return false, err
		}
	}
	return link != 0, n.ContactEdited(ctx, tx, by, before, after, link)
}

// Suspend takes a contact's access away, from the next request on. Changed is
// false when it was suspended before.
func Suspend(ctx context.Context, tx postgres.Tx, n *notify.Notifier, by audit.Actor, customer, id int64) (changed bool, err error) {
	if changed, err = contact.Suspend(ctx, tx, by, customer, id); err != nil || !changed {
		return changed, err
	}
	if err := contact.KeepSuspendedBy(ctx, tx, by, id); err != nil {
		return false, err
	}
	if err := signin.End(ctx, tx, id); err != nil {
		return false, err
	}
	return true, n.ContactAccess(ctx, tx, by, id, "suspended")
}

// Restore gives suspended access back. Who had not come in yet gets a new
// invitation. Changed is false when it was not suspended any more.
func Restore(ctx context.Context, tx postgres.Tx, n *notify.Notifier, by audit.Actor, c contact.Contact) (after contact.Access, changed bool, err error) {
	if after, changed, err = contact.Restore(ctx, tx, by, c.CustomerID, c.ID); err != nil || !changed {
		return after, changed, err
	}
	if after == contact.Invited && c.PersonID == 0 {
		link, err := signin.Contact(ctx, tx, by, c.ID)
		if err != nil {
			return after, false, err
		}
		if err := n.Welcome(ctx, tx, notify.Welcome{Contact: c.ID, Link: link}); err != nil {
			return after, false, err
		}
		if err := countInvitation(ctx, tx, by, c.ID); err != nil {
			return after, false, err
		}
	}
	return after, true, n.ContactAccess(ctx, tx, by, c.ID, "restored")
}

// countInvitation counts an invitation by a contact, for InvitedLastHour.
func countInvitation(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	if by.Contact == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into contact_invitations (customer_id, contact_id, by_contact_id) select customer_id, id, @by from contacts where id = @id`,
		pgx.NamedArgs{"id": id, "by": by.Contact})
	if err != nil {
		return fmt.Errorf("count an invitation: %w", err)
	}
	return nil
}

// InvitedLastHour is how many invitations a contact has sent within the last hour.
func InvitedLastHour(ctx context.Context, db postgres.DB, by int64) (sent int, err error) {
	err = db.QueryRow(ctx, `select count(*) from contact_invitations where by_contact_id = @by and sent_at > now() - interval '1 hour'`, pgx.NamedArgs{"by": by}).Scan(&sent)
	if err != nil {
		return 0, fmt.Errorf("count invitations: %w", err)
	}
	return sent, nil
}
