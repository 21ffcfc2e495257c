// Package equipment holds what customers have installed: what stands where, its
// warranty and when it is due for service.
package equipment

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Status says whether an item is still there.
type Status string

// The statuses. Nothing is deleted: what is gone is retired.
const (
	InUse   Status = "in use"
	Retired Status = "retired"
)

//exhaustive:enforce
var statuses = map[Status]string{InUse: "In use", Retired: "Retired"}

// Label is the status as screens write it.
func (s Status) Label() string { return statuses[s] }

// Description is what is known of an item: the fields that a customer may
// edit, too.
type Description struct {
	Name           string  `json:"name"`
	Type           string  `json:"type"`
	Site           int64   `json:"site,omitempty"` // 0 for none
	Location       string  `json:"location"`       // where on the site
	Make           string  `json:"make"`
	Model          string  `json:"model"`
	SerialNumber   string  `json:"serial_number"`
	InstalledOn    day.Day `json:"installed_on"`
	CommissionedOn day.Day `json:"commissioned_on"`
	WarrantyUntil  day.Day `json:"warranty_until"`
}

// Service is what only the office keeps up.
type Service struct {
	Number        string  `json:"number"` // "" on a new item: the next free one
	LastServiceOn day.Day `json:"last_service_on"`
	NextServiceOn day.Day `json:"next_service_on"`
	Notes         string  `json:"notes"` // for the office only
}

// Details are all that the office keeps of an item.
type Details struct {
	Description
	Service
}

// Check says what is wrong with a description.
func (d Description) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name, such as Chiller 2.")
	p.Unless(d.Type != "", "type", "Enter the type, such as Split system.")
	p.Limit(Field.Name, d.Name)
	p.Limit(Field.Type, d.Type)
	p.Limit(Field.Location, d.Location)
	p.Limit(Field.Make, d.Make)
	p.Limit(Field.Model, d.Model)
	p.Limit(Field.SerialNumber, d.SerialNumber)
	p.Unless(d.InstalledOn.IsZero() || d.CommissionedOn.IsZero() || !d.CommissionedOn.Before(d.InstalledOn),
		"commissioned_on", "It cannot be commissioned before it is installed.")
	p.Unless(d.InstalledOn.IsZero() || d.WarrantyUntil.IsZero() || !d.WarrantyUntil.Before(d.InstalledOn),
		"warranty_until", "The warranty cannot end before the installation.")
	return p
}

// Check says what is wrong with details. A new item may come without a number.
func (d Details) Check() problem.Set {
	p := d.Description.Check()
	p.Limit(Field.Number, d.Number)
	p.Limit(Field.Notes, d.Notes)
	return p
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"number": d.Number, "name": d.Name, "type": d.Type, "site": d.Site, "location": d.Location, "make": d.Make, "model": d.Model, "serial_number": d.SerialNumber,
		"installed_on": d.InstalledOn, "commissioned_on": d.CommissionedOn, "warranty_until": d.WarrantyUntil, "last_service_on": d.LastServiceOn,
		"next_service_on": d.NextServiceOn, "notes": d.Notes,
	}
	maps.Copy(a, more)
	return a
}

// Ref names an item: ID for other tables, Public for addresses.
type Ref struct {
	ID     int64
	Public string
	Number string
}

// New is an item to add. Contact is who adds it in the portal, 0 in the office.
type New struct {
	Customer int64
	Contact  int64
	Brought  bool // from another system: its customer and site may be out of use by now
	Details
	Nonce string
}

// Create adds an item. One without a number gets the customer's next free one.
// A form sent twice adds one item; created is then
// false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return Ref{}, false, err
	}
	// One at a time for a customer, so that two new items do not take one number.
	var customer int64
	err = tx.QueryRow(ctx, `select id from customers where id = @customer and (archived_at is null or @brought) for no key update`, pgx.NamedArgs{"customer": n.Customer, "brought": n.Brought}).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return Ref{}, false, apperr.NotFound
	}
	if err != nil {
		return Ref{}, false, fmt.Errorf("add equipment: %w", err)
	}
	if n.Nonce != "" {
		err = tx.QueryRow(ctx, `select id, public_id, number from equipment where customer_id = @customer and nonce = @nonce`,
			pgx.NamedArgs{"customer": n.Customer, "nonce": n.Nonce}).Scan(&ref.ID, &ref.Public, &ref.Number)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return ref, false, err
		}
	}
	if !n.Brought {
		if err := checkSite(ctx, tx, n.Customer, n.Site, 0); err != nil {
			return Ref{}, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into equipment (customer_id, number, name, type, site_id, location, make, model, serial_number, installed_on, commissioned_on, warranty_until,
			last_service_on, next_service_on, notes, origin, created_by_contact_id, created_by_staff_id, nonce)
		values (@customer, coalesce(nullif(@number, ''), (
				select 'E-' || lpad((coalesce(max(substring(number from '^E-([0-9]{1,9})$')::bigint), 0) + 1)::text, 3, '0') from equipment where customer_id = @customer)),
			@name, @type, nullif(@site::bigint, 0), @location, @make, @model, @serial_number, @installed_on, @commissioned_on, @warranty_until,
			@last_service_on, @next_service_on, @notes, case when @contact::bigint = 0 then 'office' else 'portal' end, nullif(@contact::bigint, 0), nullif(@staff::bigint, 0), nullif(@nonce, ''))
		returning id, public_id, number`,
		n.args(pgx.NamedArgs{"customer": n.Customer, "contact": n.Contact, "staff": by.Staff, "nonce": n.Nonce})).Scan(&ref.ID, &ref.Public, &ref.Number)
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	return ref, true, record(ctx, tx, by, audit.EquipmentAdded, nil, ref.Public)
}

// checkSite refuses a site that has been archived, unless the item stands there already.
func checkSite(ctx context.Context, db postgres.DB, customer, site, now int64) error {
	if site == 0 || site == now {
		return nil
	}
	var archived bool
	err := db.QueryRow(ctx, `select exists (select from sites where id = $1 and customer_id = $2 and archived_at is not null)`, site, customer).Scan(&archived)
	if err != nil {
		return fmt.Errorf("site of the equipment: %w", err)
	}
	if archived {
		return problem.Of("site", "This site is no longer in use. Choose another one.")
	}
	return nil
}

// snapshot is an item as the audit trail records it.
type snapshot struct {
	Details
	Site    string `json:"site"` // by name, which says more in later years than an id
	Status  Status `json:"status"`
	Version int64  `json:"version"`
}

func (i Item) snapshot() snapshot {
	return snapshot{Details: i.Details(), Site: i.SiteName, Status: i.Status, Version: i.Version}
}

// record adds what became of an item to the audit trail. Before is nil for a new one.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Item, public string) error {
	after, err := FindByPublicID(ctx, tx, public)
	if err != nil {
		return err
	}
	e := audit.New{Action: action, ID: after.ID, Label: after.Number + " " + after.Name, Customer: after.CustomerID, After: after.snapshot()}
	if before != nil {
		e.Before = before.snapshot()
	}
	return audit.Record(ctx, tx, by, e)
}

// constraintError turns a broken constraint into a sentence at its field.
func constraintError(err error) error {
	switch postgres.Constraint(err) {
	case "equipment_number_taken":
		return problem.Of("number", "This customer has equipment with that number already.")
	case "equipment_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	}
	return fmt.Errorf("save equipment: %w", err)
}

// EditByContact is a contact's edit of what an item is. It fails with
// apperr.Stale when somebody else has changed it since version.
func EditByContact(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, public string, version int64, d Description) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := lock(ctx, tx, public)
	if err != nil {
		return err
	}
	if before.CustomerID != customer {
		return apperr.NotFound
	}
	if before.Status == Retired {
		return apperr.Conflictf("This equipment is retired and can no longer be changed.")
	}
	return save(ctx, tx, by, before, version, Details{d, before.Service()})
}

// Edit is the office's edit of everything. It fails with apperr.Stale when
// somebody else has changed the item since version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, public string, version int64, d Details) error {
	p := d.Check()
	p.Unless(d.Number != "", "number", "Enter a number.")
	if err := p.Err(); err != nil {
		return err
	}
	before, err := lock(ctx, tx, public)
	if err != nil {
		return err
	}
	return save(ctx, tx, by, before, version, d)
}

func save(ctx context.Context, tx postgres.Tx, by audit.Actor, before Item, version int64, d Details) error {
	if before.Version != version {
		return apperr.Stale
	}
	if err := checkSite(ctx, tx, before.CustomerID, d.Site, before.SiteID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		update equipment set number = @number, name = @name, type = @type, site_id = nullif(@site::bigint, 0), location = @location, make = @make, model = @model,
			serial_number = @serial_number, installed_on = @installed_on, commissioned_on = @commissioned_on, warranty_until = @warranty_until,
			last_service_on = @last_service_on, next_service_on = @next_service_on, notes = @notes, version = version + 1
		where id = @id`, d.args(pgx.NamedArgs{"id": before.ID}))
	if err != nil {
		return constraintError(err)
	}
	return record(ctx, tx, by, audit.EquipmentEdited, &before, before.PublicID)
}

// SetStatus retires an item, or brings it back into use.
func SetStatus(ctx context.Context, tx postgres.Tx, by audit.Actor, public string, to Status) error {
	before, err := lock(ctx, tx, public)
	if err != nil || before.Status == to {
		return err
	}
	if _, err := tx.Exec(ctx, `update equipment set status = $2, version = version + 1 where id = $1`, before.ID, to); err != nil {
		return constraintError(err)
	}
	action := audit.EquipmentRetired
	if to == InUse {
		action = audit.EquipmentRestored
	}
	return record(ctx, tx, by, action, &before, public)
}
