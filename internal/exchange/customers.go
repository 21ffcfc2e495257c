package exchange

import (
	"context"
	"errors"
	"strings"

	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/site"
)

var customerNoun = noun{
	table: "customers", key: "number",
	columns: `t.number, t.name, t.company_name, t.phone, t.mobile, t.email, t.street, t.postal, t.payment_terms, t.invoice_delivery, t.invoice_address, t.purchase_order_required,
		t.customer_type, t.on_hold, ` + staffName("m") + ` as account_manager, t.price_level, coalesce(t.file_quota, 0) as file_quota, t.notes, t.archived_at is not null as archived`,
	joins: `left join staff m on m.id = t.account_manager_id`,
	named: `
		select id, number = @name as sure, archived_at is not null as gone from customers
		where (number = @name or lower(name) = lower(@name)) and (@all or id = any(@reach))
		order by number = @name desc, archived_at is not null, id limit 20`,
	load:  loader[Customer](nil),
	blank: func(By) Record { return new(Customer) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		c := as[*Customer](now)
		if c.Number != "" {
			return findRow(ctx, db, Customers, c.Number, 0)
		}
		return r.find(ctx, db, Customers, 0, c.Name)
	},
	judge: func(j *judging) error {
		c := as[*Customer](j.now)
		c.manager = j.ref("account_manager", Staff, 0, c.AccountManager)
		if j.was != nil {
			j.problems.Unless(c.Number == as[*Customer](j.was).Number, "number", "A number never changes.")
		}
		j.join(customer.New{Details: c.details(), Number: c.Number}.Check())
		return j.err
	},
	write: writeCustomer,
	names: func(r Record) []string { c := as[*Customer](r); return []string{c.Number, c.Name} },
}

func (c *Customer) details() customer.Details {
	return customer.Details{
		Name: c.Name, CompanyName: c.CompanyName, Phone: c.Phone, Mobile: c.Mobile, Email: c.Email, Street: c.Street, Postal: c.Postal, PaymentTerms: c.PaymentTerms,
		InvoiceDelivery: c.InvoiceDelivery, InvoiceAddress: c.InvoiceAddress, PurchaseOrderRequired: c.PurchaseOrderRequired, CustomerType: c.CustomerType, OnHold: c.OnHold,
		AccountManager: c.manager, PriceLevel: c.PriceLevel, FileQuota: c.FileQuota, Notes: c.Notes,
	}
}

func writeCustomer(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
	c := as[*Customer](now)
	number, version, archived := c.Number, c.Version, false
	if was == nil {
		ref, _, err := customer.Create(ctx, tx, by.actor(), customer.New{Details: c.details(), Number: c.Number, Different: true})
		if err != nil {
			return 0, err
		}
		row, number = ref.ID, ref.Number
	} else {
		row, archived = c.Row, as[*Customer](was).Archived
		if differ(Customers, was, now, "archived") {
			if err := customer.Edit(ctx, tx, by.actor(), number, version, c.details()); err != nil {
				return 0, err
			}
		}
	}
	switch {
	case c.Archived && !archived:
		err = customer.Archive(ctx, tx, by.actor(), number)
	case !c.Archived && archived:
		err = customer.Restore(ctx, tx, by.actor(), number)
	}
	return row, err
}

var siteNoun = noun{
	table: "sites", key: "id", ofCustomer: true,
	columns: `cu.number as customer, t.name, t.address, t.site_contact, t.access_instructions, t.archived_at is not null as archived`,
	joins:   `join customers cu on cu.id = t.customer_id`,
	named: `
		select id, false as sure, archived_at is not null as gone from sites
		where customer_id = @customer and lower(name) = lower(@name) order by archived_at is not null, id limit 20`,
	load:  loader[Site](nil),
	blank: func(By) Record { return new(Site) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		s := as[*Site](now)
		return inCustomer(ctx, db, r, Sites, s.Customer, s.Name)
	},
	judge: func(j *judging) error {
		s := as[*Site](j.now)
		s.CustomerRow = j.customer(s.Customer)
		j.join(s.details().Check())
		return j.err
	},
	write: writeSite,
	names: func(r Record) []string { return []string{as[*Site](r).Name} },
}

func (s *Site) details() site.Details {
	return site.Details{Name: s.Name, Address: s.Address, SiteContact: s.SiteContact, AccessInstructions: s.AccessInstructions}
}

func writeSite(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
	s := as[*Site](now)
	archived := false
	if was == nil {
		ref, _, err := site.Create(ctx, tx, by.actor(), site.New{Customer: s.CustomerRow, Details: s.details()})
		if err != nil {
			return 0, err
		}
		row = ref.ID
	} else {
		row, archived = s.Row, as[*Site](was).Archived
		if differ(Sites, was, now, "archived") {
			if err := site.Edit(ctx, tx, by.actor(), s.CustomerRow, row, s.Version, s.details()); err != nil {
				return 0, err
			}
		}
	}
	switch {
	case s.Archived && !archived:
		err = site.Archive(ctx, tx, by.actor(), s.CustomerRow, row)
	case !s.Archived && archived:
		err = site.Restore(ctx, tx, by.actor(), s.CustomerRow, row)
	}
	return row, err
}

var contactNoun = noun{
	table: "contacts", key: "id", ofCustomer: true,
	columns: `cu.number as customer, t.name, t.email, t.phone, t.mobile, t.role, t.is_default as default, t.notes, t.access, ` + permissionsSQL("t") + ` as permissions,
		array(select ` + siteName + ` from contact_sites cs join sites s on s.id = cs.site_id where cs.contact_id = t.id order by s.name collate "C", s.id) as sites, t.archived_at is not null as archived`,
	joins: `join customers cu on cu.id = t.customer_id`,
	named: `
		select id, lower(email) = lower(@name) as sure, archived_at is not null as gone from contacts
		where customer_id = @customer and (lower(email) = lower(@name) or lower(name) = lower(@name)) and erased_at is null
		order by archived_at is not null, lower(email) = lower(@name) desc, id limit 20`,
	load:  loader[Contact](nil),
	blank: func(By) Record { return new(Contact) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		c := as[*Contact](now)
		if c.Email != "" {
			if row, err := inCustomer(ctx, db, r, Contacts, c.Customer, c.Email); err != nil || row != 0 {
				return row, err
			}
		}
		row, err := inCustomer(ctx, db, r, Contacts, c.Customer, c.Name)
		if errors.Is(err, errSeveral) && c.Email != "" {
			return 0, nil // another one of that name, with an address of their own
		}
		if err != nil || row == 0 || c.Email == "" {
			return row, err
		}
		if row < 0 {
			if other := r.promised[row].names[0]; other != "" && !strings.EqualFold(other, c.Email) {
				row = 0
			}
			return row, nil
		}
		var email string // somebody of the same name at another address is somebody else
		err = db.QueryRow(ctx, `select email from contacts where id = $1`, row).Scan(&email)
		if email != "" {
			row = 0
		}
		return row, err //nolint:wrapcheck // wrapped by Put
	},
	judge: func(j *judging) error {
		c := as[*Contact](j.now)
		c.CustomerRow = j.customer(c.Customer)
		c.sites = j.refsOf("sites", Sites, c.CustomerRow, c.Sites)
		c.held = permissions(c.Permissions, j.problems)
		c.held.AllSites = c.held.AllSites && len(c.Sites) == 0
		c.held.Sites = c.sites
		j.join(contact.New{Details: c.details(), Permissions: c.held}.Check())
		if j.was == nil {
			return j.err
		}
		was := as[*Contact](j.was)
		if was.Access == string(contact.NoAccess) {
			return j.err
		}
		with := was.Name + " has access to the portal. "
		j.problems.Unless(c.Email == was.Email, "email", with+"Change the address in the office, which invites the new one.")
		j.problems.Unless(equal(c.Permissions, was.Permissions), "permissions", with+"Change what they may do in the office.")
		j.problems.Unless(equal(c.Sites, was.Sites), "sites", with+"Change their sites in the office.")
		j.problems.Unless(c.Archived || !was.Archived, "archived", with+"Restore them in the office.")
		return j.err
	},
	write: writeContact,
	names: func(r Record) []string { c := as[*Contact](r); return []string{c.Email, c.Name} },
}

func (c *Contact) details() contact.Details {
	return contact.Details{Name: c.Name, Email: c.Email, Phone: c.Phone, Mobile: c.Mobile, Role: c.Role, Default: c.Default, Notes: c.Notes}
}

func writeContact(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
	c := as[*Contact](now)
	archived := false
	if was == nil {
		row, _, err = contact.Create(ctx, tx, by.actor(), contact.New{Customer: c.CustomerRow, Details: c.details(), Permissions: c.held})
		if err != nil {
			return 0, err
		}
	} else {
		row, archived = c.Row, as[*Contact](was).Archived
		if differ(Contacts, was, now, "archived") {
			if _, _, err := contact.Edit(ctx, tx, by.actor(), c.CustomerRow, row, c.Version, contact.Change{Details: c.details(), Permissions: c.held}); err != nil {
				return 0, err
			}
		}
	}
	if c.Archived == archived {
		return row, nil
	}
	if err := contact.Archive(ctx, tx, by.actor(), c.CustomerRow, row, c.Archived); err != nil {
		return 0, err
	}
	if c.Archived {
		err = signin.End(ctx, tx, row)
	}
	return row, err
}

// inCustomer finds what a customer has of a kind, by its name there; 0 when the
// customer is not there, either.
func inCustomer(ctx context.Context, db postgres.DB, r *Refs, k Kind, of, name string) (int64, error) {
	cu, err := r.find(ctx, db, Customers, 0, of)
	if errors.Is(err, errSeveral) {
		return 0, nil // which of them is asked when the record is judged
	}
	if err != nil || cu == 0 {
		return 0, err
	}
	return r.find(ctx, db, k, cu, name)
}

// as is a record as what it is; the noun's functions get no other.
func as[T Record](r Record) T { return r.(T) } //nolint:forcetypeassert // its kind says so

// differ reports whether records differ in a field other than those named.
func differ(k Kind, was, now Record, except ...string) bool {
	return len(changed(k, was, now, except...)) > 0
}
