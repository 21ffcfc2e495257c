package officeweb

import (
	"context"
	"net/http"

	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskArchive asks before a contact is put away.
func (h Contacts) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + c.Name + "?", Text: c.Name + " leaves the list, cannot enter the portal from the next page on, and gets no mail.",
			Points: []string{"Jobs and quotes keep the contact's name. You can restore the contact at any time."},
			Action: contactURL(cu.Number, c.ID, "archive"), Label: "Archive", Look: ui.Danger,
		}
	})
}

// Archive puts a contact away.
func (h Contacts) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		if err := contact.Archive(ctx, tx, v.Actor(), cu.ID, c.ID, true); err != nil {
			return "", err
		}
		if err := signin.End(ctx, tx, c.ID); err != nil {
			return "", err
		}
		if !c.Archived() && (c.Access == contact.Invited || c.Access == contact.Active) {
			return c.Name + " was archived.", h.Notify.ContactAccess(ctx, tx, c.ID, "changed")
		}
		return c.Name + " was archived.", nil
	})
}

// AskRestore asks before a contact is fetched back.
func (h Contacts) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		text := c.Name + " comes back to the list."
		switch c.Access {
		case contact.Active:
			text += " " + c.Name + " can enter the portal again, with the same permissions as before."
		case contact.Invited:
			text += " Send the invitation again afterwards: the old one has ended."
		case contact.NoAccess, contact.Suspended:
		}
		return officeview.Confirmation{Title: "Restore " + c.Name + "?", Text: text, Action: contactURL(cu.Number, c.ID, "restore"), Label: "Restore", Look: ui.Primary}
	})
}

// Restore fetches a contact back.
func (h Contacts) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		if err := contact.Archive(ctx, tx, v.Actor(), cu.ID, c.ID, false); err != nil {
			return "", err
		}
		if c.Archived() && c.Access == contact.Active {
			return c.Name + " was restored.", h.Notify.ContactAccess(ctx, tx, c.ID, "restored")
		}
		return c.Name + " was restored.", nil
	})
}

func (h Contacts) ask(w http.ResponseWriter, r *http.Request, v staff.Viewer, question func(customer.Customer, contact.Contact) officeview.Confirmation) error {
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	q := question(cu, c)
	q.Page = officeview.Page(v, q.Title, route.OfficeCustomers)
	q.BackURL, q.BackLabel = contactURL(cu.Number, c.ID), c.Name
	return page.Render(w, r, http.StatusOK, officeview.Confirm(q))
}

// change does something to a contact in one transaction and says what.
func (h Contacts) change(w http.ResponseWriter, r *http.Request, do func(context.Context, postgres.Tx, customer.Customer, contact.Contact) (words string, err error)) error {
	ctx := r.Context()
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	var words string
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		words, err = do(ctx, tx, cu, c)
		return err
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, contactURL(cu.Number, c.ID))
}
