package portal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
)

// OwnChange is what a contact changes of their own details, shown as Version.
type OwnChange struct {
	Name    string
	Phone   string
	Mobile  string
	Role    string
	Version int64
}

// EditOwn changes the viewer's own details and tells whom the office wants
// told. What somebody else has changed meanwhile makes it apperr.Stale.
func (d *Service) EditOwn(ctx context.Context, v Viewer, to OwnChange) error {
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		is, err := contact.Lock(ctx, tx, now.Customer, now.Contact)
		if err != nil {
			return err
		}
		details := is.Details
		details.Name, details.Phone, details.Mobile, details.Role = to.Name, to.Phone, to.Mobile, to.Role
		return d.change(ctx, tx, now, keeper.Contacts, keeper.Edit, now.Contact, func(tx postgres.Tx) (int64, error) {
			before, after, err := contact.Edit(ctx, tx, now.Actor(), now.Customer, now.Contact, to.Version, contact.Change{Details: details, Permissions: is.Permissions})
			if err != nil {
				return 0, err
			}
			return now.Contact, d.tell(ctx, tx, now, []notify.Change{
				{Field: before.Name + ": name", Before: before.Name, After: after.Name},
				{Field: before.Name + ": phone", Before: before.Phone, After: after.Phone},
				{Field: before.Name + ": mobile", Before: before.Mobile, After: after.Mobile},
				{Field: before.Name + ": role", Before: before.Role, After: after.Role},
			})
		})
	})
}

// CompanyChange is what a contact changes of the company's details, shown as
// Version.
type CompanyChange struct {
	CompanyName string
	Phone       string
	Mobile      string
	Email       string
	Street      address.Address
	Postal      address.Address
	Version     int64
}

// EditCompany changes the customer's details and tells whom the office wants
// told. What somebody else has changed meanwhile makes it apperr.Stale.
func (d *Service) EditCompany(ctx context.Context, v Viewer, to CompanyChange) error {
	return d.transact(ctx, v, Viewer.MayEditCompany, func(tx postgres.Tx, now Viewer) error {
		is, err := customer.Find(ctx, tx, now.Customer)
		if err != nil {
			return err
		}
		details := is.Details
		details.CompanyName, details.Phone, details.Mobile, details.Email = to.CompanyName, to.Phone, to.Mobile, to.Email
		details.Street, details.Postal = to.Street, to.Postal
		return d.change(ctx, tx, now, keeper.Customers, keeper.Edit, now.Customer, func(tx postgres.Tx) (int64, error) {
			if err := customer.Edit(ctx, tx, now.Actor(), is.Number, to.Version, details); err != nil {
				return 0, err
			}
			return now.Customer, d.tell(ctx, tx, now, []notify.Change{
				{Field: "Company name", Before: is.CompanyName, After: to.CompanyName},
				{Field: "Phone", Before: is.Phone, After: to.Phone},
				{Field: "Mobile", Before: is.Mobile, After: to.Mobile},
				{Field: "Email Address", Before: is.Email, After: to.Email},
				{Field: "Street address", Before: is.Street.String(), After: to.Street.String()},
				{Field: "Postal address", Before: is.Postal.String(), After: to.Postal.String()},
			})
		})
	})
}

// SiteChange is what a contact enters about a site, shown as Version; a new
// one carries the form's Nonce instead.
type SiteChange struct {
	Name        string
	Address     address.Address
	SiteContact string
	Version     int64
	Nonce       string
}

// EditSite changes a site that the viewer sees, and tells whom the office
// wants told. Its name stays unless the viewer may name sites. What somebody else has changed meanwhile makes it apperr.Stale.
func (d *Service) EditSite(ctx context.Context, v Viewer, id int64, to SiteChange) error {
	return d.transact(ctx, v, Viewer.MayEditCompany, func(tx postgres.Tx, now Viewer) error {
		var seen Site
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { querySite(b, &seen, id) }); err != nil {
			return err
		}
		if seen.Archived {
			return apperr.Conflictf("This site is no longer in use, so it cannot be changed here.")
		}
		is, err := site.Find(ctx, tx, now.Customer, seen.ID)
		if err != nil {
			return err
		}
		if !now.MayNameSites() {
			to.Name = is.Name
		}
		details := is.Details
		details.Name, details.Address, details.SiteContact = to.Name, to.Address, to.SiteContact
		return d.change(ctx, tx, now, keeper.Sites, keeper.Edit, is.ID, func(tx postgres.Tx) (int64, error) {
			if err := site.Edit(ctx, tx, now.Actor(), now.Customer, is.ID, to.Version, details); err != nil {
				return 0, nameTaken(err)
			}
			return is.ID, d.tell(ctx, tx, now, []notify.Change{
				{Field: "Site " + is.Name + ": name", Before: is.Name, After: to.Name},
				{Field: "Site " + is.Name + ": address", Before: is.Address.String(), After: to.Address.String()},
				{Field: "Site " + is.Name + ": site contact", Before: is.SiteContact, After: to.SiteContact},
			})
		})
	})
}

// AddSite adds a site and tells whom the office wants told. A form sent twice
// adds one.
func (d *Service) AddSite(ctx context.Context, v Viewer, n SiteChange) error {
	return d.transact(ctx, v, Viewer.MayEditCompany, func(tx postgres.Tx, now Viewer) error {
		if !now.MayNameSites() {
			return apperr.Forbidden{Words: "You look after some of the sites only, so you cannot add one. Call " + caller(now) + "."}
		}
		nonce := now.nonce(n.Nonce)
		var known bool
		if err := tx.QueryRow(ctx, `select exists (select from sites where nonce = nullif(@nonce, '') and customer_id = @customer)`,
			pgx.NamedArgs{"nonce": nonce, "customer": now.Customer}).Scan(&known); err != nil {
			return fmt.Errorf("site of this form: %w", err)
		}
		if known {
			return nil
		}
		return d.change(ctx, tx, now, keeper.Sites, keeper.New, 0, func(tx postgres.Tx) (int64, error) {
			ref, _, err := site.Create(ctx, tx, now.Actor(), site.New{
				Customer: now.Customer, Nonce: nonce, Details: site.Details{Name: n.Name, Address: n.Address, SiteContact: n.SiteContact},
			})
			if err != nil {
				return 0, nameTaken(err)
			}
			return ref.ID, d.tell(ctx, tx, now, []notify.Change{
				{Field: "New site", After: n.Name},
				{Field: "Site " + n.Name + ": address", After: n.Address.String()},
				{Field: "Site " + n.Name + ": site contact", After: n.SiteContact},
			})
		})
	})
}

// nameTaken speaks to the customer, not of it.
func nameTaken(err error) error {
	if p, ok := errors.AsType[problem.Set](err); ok && p["name"] == "This customer already has a site of that name." {
		p["name"] = "There is a site of that name already."
	}
	return err
}

// tell tells the office of the changes that change something.
func (d *Service) tell(ctx context.Context, tx postgres.Tx, v Viewer, changes []notify.Change) error {
	var real []notify.Change
	for _, c := range changes {
		if c.Before != c.After {
			real = append(real, c)
		}
	}
	return d.notify.DetailsChanged(ctx, tx, v.Customer, v.Contact, real)
}
