package exchange

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

var equipmentNoun = noun{
	table: "equipment", key: "public_id", ofCustomer: true,
	columns: `t.number, cu.number as customer, t.name, t.type, ` + siteName + ` as site, t.location, t.make, t.model, t.serial_number, t.installed_on, t.commissioned_on, t.warranty_until,
		t.last_service_on, t.next_service_on, t.notes, t.status = 'retired' as retired`,
	joins: `join customers cu on cu.id = t.customer_id left join sites s on s.id = t.site_id`,
	named: `select id, true as sure, false as gone from equipment where customer_id = @customer and number = @name`,
	load:  loader[Item](nil),
	blank: func(By) Record { return new(Item) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		e := as[*Item](now)
		if e.Number != "" {
			return inCustomer(ctx, db, r, Equipment, e.Customer, e.Number)
		}
		if e.SerialNumber != "" {
			if row, err := inCustomer(ctx, db, r, Equipment, e.Customer, serial(e.SerialNumber)); err != nil || row != 0 {
				return row, err
			}
		}
		return unnumbered(ctx, db, r, e)
	},
	judge: func(j *judging) error {
		e := as[*Item](j.now)
		e.CustomerRow = j.customer(e.Customer)
		e.site = j.ref("site", Sites, e.CustomerRow, e.Site)
		j.join(e.details().Check())
		if j.was != nil {
			j.problems.Unless(e.Number != "", "number", "Enter a number.")
		}
		return j.err
	},
	write: writeEquipment,
	names: func(r Record) []string { e := as[*Item](r); return []string{e.Number, serial(e.SerialNumber)} },
}

// unnumbered finds an item of which nobody says the number: by its serial number,
// or else by what it is and where.
func unnumbered(ctx context.Context, db postgres.DB, r *Refs, e *Item) (row int64, err error) {
	customer, err := r.find(ctx, db, Customers, 0, e.Customer)
	var site int64
	if err == nil && customer > 0 {
		site, err = r.find(ctx, db, Sites, customer, e.Site)
	}
	if errors.Is(err, errSeveral) {
		return 0, nil // which of them is asked when the record is judged
	}
	if err != nil || customer <= 0 || site < 0 {
		return 0, err
	}
	err = db.QueryRow(ctx, `
		select coalesce((select id from equipment where customer_id = @customer and lower(serial_number) = lower(@serial)
			and (@serial <> '' or lower(name) = lower(@name) and lower(type) = lower(@type) and coalesce(site_id, 0) = @site and location = @location and make = @make and model = @model)
			order by id limit 1), 0)`,
		pgx.NamedArgs{"customer": customer, "serial": e.SerialNumber, "name": e.Name, "type": e.Type, "site": site, "location": e.Location, "make": e.Make, "model": e.Model}).Scan(&row)
	return row, err //nolint:wrapcheck // wrapped by Put
}

// serial is the name of an item without a number.
func serial(number string) string {
	if number == "" {
		return ""
	}
	return "serial number " + number
}

func (e *Item) details() equipment.Details {
	return equipment.Details{
		Description: equipment.Description{
			Name: e.Name, Type: e.Type, Site: e.site, Location: e.Location, Make: e.Make, Model: e.Model, SerialNumber: e.SerialNumber,
			InstalledOn: e.InstalledOn, CommissionedOn: e.CommissionedOn, WarrantyUntil: e.WarrantyUntil,
		},
		Service: equipment.Service{Number: e.Number, LastServiceOn: e.LastServiceOn, NextServiceOn: e.NextServiceOn, Notes: e.Notes},
	}
}

func writeEquipment(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
	e := as[*Item](now)
	public, retired := e.ID, false
	if was == nil {
		ref, _, err := equipment.Create(ctx, tx, by.actor(), equipment.New{Customer: e.CustomerRow, Brought: true, Details: e.details()})
		if err != nil {
			return 0, err
		}
		row, public = ref.ID, ref.Public
	} else {
		row, retired = e.Row, as[*Item](was).Retired
		if differ(Equipment, was, now, "retired") {
			if err := equipment.Edit(ctx, tx, by.actor(), public, e.Version, e.details()); err != nil {
				return 0, err
			}
		}
	}
	switch {
	case e.Retired && !retired:
		err = equipment.SetStatus(ctx, tx, by.actor(), public, equipment.Retired)
	case !e.Retired && retired:
		err = equipment.SetStatus(ctx, tx, by.actor(), public, equipment.InUse)
	}
	return row, err
}

var jobTypeNoun = noun{
	table: "job_types", key: "id",
	columns: `t.name, t.colour, t.active, t.default_description, t.notification_addresses as addresses`,
	named:   `select id, true as sure, false as gone from job_types where lower(name) = lower(@name)`,
	load:    loader[JobType](nil),
	blank:   func(By) Record { return &JobType{Colour: "blue", Active: true} },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		return r.find(ctx, db, JobTypes, 0, as[*JobType](now).Name)
	},
	judge: func(j *judging) error {
		j.join(as[*JobType](j.now).details().Check())
		return nil
	},
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
		t := as[*JobType](now)
		if was == nil {
			row, _, err = job.CreateType(ctx, tx, by.actor(), job.NewType{TypeDetails: t.details()})
			return row, err
		}
		return t.Row, job.EditType(ctx, tx, by.actor(), t.Row, t.Version, t.details())
	},
	names: func(r Record) []string { return []string{as[*JobType](r).Name} },
}

func (t *JobType) details() job.TypeDetails {
	return job.TypeDetails{Name: t.Name, Colour: t.Colour, Active: t.Active, DefaultDescription: t.DefaultDescription, Addresses: t.Addresses}
}

var staffNoun = noun{
	table: "staff", key: "id",
	columns: `t.name, t.email, t.phone, t.role, t.archived_at is not null as archived`,
	named: `
		select id, lower(email) = lower(@name) as sure, archived_at is not null as gone from staff
		where lower(email) = lower(@name) or lower(name) = lower(@name)
		order by lower(email) = lower(@name) desc, archived_at is not null, id limit 20`,
	load:  loader[Member](nil),
	blank: func(By) Record { return &Member{Role: string(staff.Field)} },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		m := as[*Member](now)
		if m.Email != "" {
			if row, err := r.find(ctx, db, Staff, 0, m.Email); err != nil || row != 0 {
				return row, err
			}
		}
		return r.find(ctx, db, Staff, 0, m.Name)
	},
	judge: func(j *judging) error {
		m := as[*Member](j.now)
		if j.was != nil && m.Role != string(staff.Field) { // who signs in is changed in the office
			j.problems.Unless(!differ(Staff, j.was, j.now), "", "Who signs in is changed under Administration → Staff.")
		}
		j.join(m.details().Check())
		return nil
	},
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (int64, error) {
		m := as[*Member](now)
		if was == nil {
			ref, _, err := staff.Create(ctx, tx, by.actor(), staff.New{Details: m.details()})
			return ref.ID, err
		}
		return m.Row, staff.Edit(ctx, tx, by.actor(), m.Row, m.Version, m.details())
	},
	names: func(r Record) []string { m := as[*Member](r); return []string{m.Email, m.Name} },
}

func (m *Member) details() staff.Details {
	return staff.Details{Name: m.Name, Email: m.Email, Phone: m.Phone, Role: staff.Role(m.Role)}
}
