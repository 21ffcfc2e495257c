// Package equipment holds the plant of customers: what is installed where, its
// warranty and when it is due for service.
package equipment

import (
	"context"
	"errors"
	"fmt"

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

// Check tells what is wrong with what was typed, before anything is written.
func (d Description) Check() problem.Set {
	p := problem.Set{}
	d.check(p)
	return p
}

func (d Description) check(p problem.Set) {
	p.Unless(d.Name != "", "name", "Enter what it is called, such as Chiller 2.")
	p.Unless(d.Type != "", "type", "Enter the type, such as Split system.")
	p.Name(d.Name, "name", "name")
	p.Name(d.Type, "type", "type")
	p.Name(d.Location, "location", "location")
	p.Name(d.Make, "make", "make")
	p.Name(d.Model, "model", "model")
	p.Name(d.SerialNumber, "serial_number", "serial number")
	p.Unless(d.InstalledOn.IsZero() || d.CommissionedOn.IsZero() || !d.CommissionedOn.Before(d.InstalledOn),
		"commissioned_on", "It cannot be commissioned before it is installed.")
	p.Unless(d.InstalledOn.IsZero() || d.WarrantyUntil.IsZero() || !d.WarrantyUntil.Before(d.InstalledOn),
		"warranty_until", "The warranty cannot end before the installation.")
}

func (s Service) check(p problem.Set) {
	p.Name(s.Number, "number", "number")
	p.Text(s.Notes, "notes", "notes")
}

// Check tells what is wrong with what the office typed, before anything is written.
func Check(d Description, s Service) problem.Set {
	p := d.Check()
	s.check(p)
	return p
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
	Description
	Service
	Nonce string
}

// Add records an item. One without a number gets the customer's next free one.
// A form sent twice adds one item; added is then false.
func Add(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, added bool, err error) {
	p := problem.Set{}
	n.Description.check(p)
	n.Service.check(p)
	if err := p.Err(); err != nil {
		return Ref{}, false, err
	}
	// One at a time for a customer, so that two new items do not take one number.
	var customer int64
	err = tx.QueryRow(ctx, `select id from customers where id = @customer and archived_at is null for no key update`, pgx.NamedArgs{"customer": n.Customer}).Scan(&customer)
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
	if err := inUse(ctx, tx, n.Customer, n.Site, 0); err != nil {
		return Ref{}, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into equipment (customer_id, number, name, type, site_id, location, make, model, serial_number, installed_on, commissioned_on, warranty_until,
			last_service_on, next_service_on, notes, origin, created_by_contact_id, created_by_staff_id, nonce)
		values (@customer, coalesce(nullif(@number, ''), (
				select 'E-' || lpad((coalesce(max(substring(number from '^E-([0-9]{1,9})$')::bigint), 0) + 1)::text, 3, '0') from equipment where customer_id = @customer)),
			@name, @type, nullif(@site::bigint, 0), @location, @make, @model, @serial, @installed, @commissioned, @warranty,
			@last, @next, @notes, case when @contact::bigint = 0 then 'office' else 'portal' end, nullif(@contact::bigint, 0), nullif(@staff::bigint, 0), nullif(@nonce, ''))
		returning id, public_id, number`,
		pgx.NamedArgs{
			"customer": n.Customer, "number": n.Number, "name": n.Name, "type": n.Type, "site": n.Site, "location": n.Location, "make": n.Make, "model": n.Model,
			"serial": n.SerialNumber, "installed": n.InstalledOn, "commissioned": n.CommissionedOn, "warranty": n.WarrantyUntil,
			"last": n.LastServiceOn, "next": n.NextServiceOn, "notes": n.Notes, "contact": n.Contact, "staff": by.Staff, "nonce": n.Nonce,
		}).Scan(&ref.ID, &ref.Public, &ref.Number)
	if err != nil {
		return Ref{}, false, told(err)
	}
	return ref, true, record(ctx, tx, by, audit.EquipmentAdded, nil, ref.Public)
}

// inUse refuses a site that has been archived, unless the item stands there already.
func inUse(ctx context.Context, db postgres.DB, customer, site, now int64) error {
	if site == 0 || site == now {
		return nil
	}
	var archived bool
	err := db.QueryRow(ctx, `select exists (select from sites where id = $1 and customer_id = $2 and archived_at is not null)`, site, customer).Scan(&archived)
	if err != nil {
		return fmt.Errorf("look at the equipment's site: %w", err)
	}
	if archived {
		return problem.Of("site", "This site is not in use any more. Choose another one.")
	}
	return nil
}

// kept is an item as the audit trail keeps it.
type kept struct {
	Description
	Service
	Site    string `json:"site"` // by name, which says more in later years than an id
	Status  Status `json:"status"`
	Version int64  `json:"version"`
}

func (i Item) kept() kept {
	return kept{Description: i.Description(), Service: i.Service(), Site: i.SiteName, Status: i.Status, Version: i.Version}
}

// record adds what became of an item to the audit trail. Before is nil for a new one.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Item, public string) error {
	after, err := find(ctx, tx, public)
	if err != nil {
		return err
	}
	e := audit.New{Action: action, ID: after.ID, Label: after.Number + " " + after.Name, Customer: after.CustomerID, After: after.kept()}
	if before != nil {
		e.Before = before.kept()
	}
	return audit.Record(ctx, tx, by, e)
}

// told turns a broken constraint into a sentence at its field.
func told(err error) error {
	switch postgres.Constraint(err) {
	case "equipment_number_taken":
		return problem.Of("number", "This customer has equipment with that number already.")
	case "equipment_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	}
	return fmt.Errorf("save equipment: %w", err)
}

// Describe is the customer's edit of what an item is. It fails with
// apperr.Stale when somebody else has changed it since version.
func Describe(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, public string, version int64, d Description) error {
	p := problem.Set{}
	d.check(p)
	if err := p.Err(); err != nil {
		return err
	}
	before, err := find(ctx, tx, public)
	if err != nil {
		return err
	}
	if before.CustomerID != customer {
		return apperr.NotFound
	}
	if before.Status == Retired {
		return apperr.Conflictf("This equipment is retired and cannot be changed any more.")
	}
	return save(ctx, tx, by, before, version, d, before.Service())
}

// Edit is the office's edit of everything.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, public string, version int64, d Description, s Service) error {
	p := problem.Set{}
	d.check(p)
	s.check(p)
	p.Unless(s.Number != "", "number", "Enter a number.")
	if err := p.Err(); err != nil {
		return err
	}
	before, err := find(ctx, tx, public)
	if err != nil {
		return err
	}
	return save(ctx, tx, by, before, version, d, s)
}

func save(ctx context.Context, tx postgres.Tx, by audit.Actor, before Item, version int64, d Description, s Service) error {
	if err := inUse(ctx, tx, before.CustomerID, d.Site, before.SiteID); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update equipment set number = @number, name = @name, type = @type, site_id = nullif(@site::bigint, 0), location = @location, make = @make, model = @model,
			serial_number = @serial, installed_on = @installed, commissioned_on = @commissioned, warranty_until = @warranty,
			last_service_on = @last, next_service_on = @next, notes = @notes, version = version + 1
		where id = @id and version = @version`,
		pgx.NamedArgs{
			"id": before.ID, "version": version, "number": s.Number, "name": d.Name, "type": d.Type, "site": d.Site, "location": d.Location, "make": d.Make, "model": d.Model,
			"serial": d.SerialNumber, "installed": d.InstalledOn, "commissioned": d.CommissionedOn, "warranty": d.WarrantyUntil,
			"last": s.LastServiceOn, "next": s.NextServiceOn, "notes": s.Notes,
		})
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Stale
	}
	return record(ctx, tx, by, audit.EquipmentEdited, &before, before.PublicID)
}

// SetStatus retires an item, or brings it back into use.
func SetStatus(ctx context.Context, tx postgres.Tx, by audit.Actor, public string, to Status) error {
	before, err := find(ctx, tx, public)
	if err != nil || before.Status == to {
		return err
	}
	if _, err := tx.Exec(ctx, `update equipment set status = $2, version = version + 1 where id = $1`, before.ID, to); err != nil {
		return told(err)
	}
	action := audit.EquipmentRetired
	if to == InUse {
		action = audit.EquipmentRestored
	}
	return record(ctx, tx, by, action, &before, public)
}
