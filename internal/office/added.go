package office

import (
	"context"
	"errors"

	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
)

// Added are a site and a contact that a customer gets together with a job or a
// quote which is for them; nil for none. The contact has no access to the portal.
type Added struct {
	Site    *site.Details
	Contact *contact.Details
}

// The names of the form's fields are those of a site and of a contact, behind these.
const (
	AddedSite    = "new_site_"
	AddedContact = "new_contact_"
)

// kinds are what a deed changes that adds them to something of a kind.
func (a Added) kinds(of keeper.Kind) []keeper.Kind {
	kinds := []keeper.Kind{of}
	if a.Site != nil {
		kinds = append(kinds, keeper.Sites)
	}
	if a.Contact != nil {
		kinds = append(kinds, keeper.Contacts)
	}
	return kinds
}

// Check tells what is wrong with what was typed.
func (a Added) Check() problem.Set {
	p := problem.Set{}
	if a.Site != nil {
		p.Join(a.Site.Check().Under(AddedSite))
	}
	if a.Contact != nil {
		p.Join(a.contact(0, "").Check().Under(AddedContact))
	}
	return p
}

func (a Added) contact(customer int64, nonce string) contact.New {
	return contact.New{Customer: customer, Details: *a.Contact, Permissions: contact.Permissions{AllSites: true}, Nonce: nonce}
}

// add adds them to the customer, and sets the ids of those that were added. A
// form sent twice adds one of each.
func (a Added) add(ctx context.Context, tx postgres.Tx, by staff.Viewer, customer int64, nonce string, siteID, contactID *int64) error {
	if nonce != "" {
		nonce = "with " + nonce // a form of its own may have the same one
	}
	if a.Site != nil {
		ref, _, err := site.Create(ctx, tx, by.Actor(), site.New{Customer: customer, Details: *a.Site, Nonce: nonce})
		if err != nil {
			return under(AddedSite, err)
		}
		*siteID = ref.ID
	}
	if a.Contact != nil {
		id, _, err := contact.Create(ctx, tx, by.Actor(), a.contact(customer, nonce))
		if err != nil {
			return under(AddedContact, err)
		}
		*contactID = id
	}
	return nil
}

// under is an error of a form that stands in a larger one.
func under(prefix string, err error) error {
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return problems.Under(prefix)
	}
	return err
}
