package job

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details is what the office keeps of a job, apart from its status.
type Details struct {
	Name          string
	Description   string
	Type          int64
	Site          int64 // 0 for none
	MainContact   int64 // 0 for none
	PurchaseOrder string
	PreferredOn   day.Day
	BookedFrom    *time.Time
	BookedUntil   *time.Time
	Work          string // Work Undertaken
	InvoiceNumber string
	InvoicingNote string
	Priority      Priority
	InternalNotes string
	Staff         []int64
	Equipment     []int64
}

// Check says what is wrong with details.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Type != 0, "type", "Choose the job type.")
	p.Unless(d.Description != "", "description", "Describe what needs doing.")
	d.checkLimits(p)
	p.Unless(slices.Contains(Priorities, d.Priority), "priority", "Choose a priority.")
	p.Unless(d.BookedUntil == nil || d.BookedFrom != nil, "booked_on", "Enter the date, too.")
	Booking{d.BookedFrom, d.BookedUntil}.check(p)
	return p
}

func (d Details) checkLimits(p problem.Set) {
	p.Limit(Field.Name, d.Name)
	p.Limit(Field.Description, d.Description)
	p.Limit(Field.PurchaseOrder, d.PurchaseOrder)
	p.Limit(Field.Work, d.Work)
	p.Limit(Field.InvoiceNumber, d.InvoiceNumber)
	p.Limit(Field.InvoicingNote, d.InvoicingNote)
	p.Limit(Field.InternalNotes, d.InternalNotes)
}

// Again are details for a job like this one: the same work for the same people,
// without what belongs to one visit alone.
func (d Details) Again() Details {
	d.PurchaseOrder, d.PreferredOn, d.BookedFrom, d.BookedUntil = "", day.Day{}, nil, nil
	d.Work, d.InvoiceNumber, d.InvoicingNote = "", "", ""
	return d
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"name": d.Name, "description": d.Description, "type": d.Type, "site": d.Site, "main_contact": d.MainContact, "purchase_order": d.PurchaseOrder, "preferred": d.PreferredOn,
		"from": d.BookedFrom, "until": d.BookedUntil, "work": d.Work, "invoice_number": d.InvoiceNumber, "invoicing_note": d.InvoicingNote, "priority": d.Priority,
		"internal_notes": d.InternalNotes,
	}
	maps.Copy(a, more)
	return a
}

// snapshot is a job as the audit trail records it: by names, which say more in
// later years than ids do.
type snapshot struct {
	Name          string     `json:"name"`
	Description   string     `json:"description"`
	Type          string     `json:"type"`
	Site          string     `json:"site"`
	MainContact   string     `json:"main_contact"`
	PurchaseOrder string     `json:"purchase_order"`
	PreferredOn   day.Day    `json:"preferred_on"`
	Status        Status     `json:"status"`
	BookedFrom    *time.Time `json:"booked_from"`
	BookedUntil   *time.Time `json:"booked_until"`
	CompletedAt   *time.Time `json:"completed_at"`
	Work          string     `json:"work_undertaken"`
	InvoiceNumber string     `json:"invoice_number"`
	InvoicingNote string     `json:"invoicing_note"`
	Priority      Priority   `json:"priority"`
	InternalNotes string     `json:"internal_notes"`
	CancelledWhy  string     `json:"cancelled_why"`
	Staff         []string   `json:"staff"`
	Equipment     []string   `json:"equipment"`
	Version       int64      `json:"version"`
}

func (j Job) snapshot() snapshot {
	s := snapshot{
		Name: j.Name, Description: j.Description, Type: j.TypeName, Site: j.SiteName, MainContact: j.MainContact, PurchaseOrder: j.PurchaseOrder, PreferredOn: j.PreferredOn,
		Status: j.Status, BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, CompletedAt: j.CompletedAt, Work: j.Work, InvoiceNumber: j.InvoiceNumber,
		InvoicingNote: j.InvoicingNote, Priority: j.Priority, InternalNotes: j.InternalNotes, CancelledWhy: j.CancelledWhy, Staff: []string{}, Equipment: []string{}, Version: j.Version,
	}
	for _, member := range j.Staff {
		s.Staff = append(s.Staff, member.Name)
	}
	for _, e := range j.Equipment {
		s.Equipment = append(s.Equipment, e.Number+" "+e.Name)
	}
	return s
}

// record adds what became of a job to the audit trail. Before is nil for a new job.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Job, number string) error {
	after, err := FindByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	return recordChange(ctx, tx, by, action, before, after)
}

func recordChange(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Job, after Job) error {
	e := audit.New{Action: action, ID: after.ID, Label: after.Number, Customer: after.CustomerID, After: after.snapshot()}
	if before != nil {
		e.Before = before.snapshot()
	}
	return audit.Record(ctx, tx, by, e)
}

// Edit saves what the office keeps of a job, and reports whether somebody now
// comes at another time. It fails with apperr.Stale when somebody else changed
// the job since version. A job that is not scheduled has no booking; Move makes
// one.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details) (ref Ref, rebooked bool, err error) {
	before, err := lock(ctx, tx, number)
	if err != nil {
		return Ref{}, false, err
	}
	if !before.Status.Scheduled() {
		d.BookedFrom, d.BookedUntil = before.BookedFrom, before.BookedUntil
	}
	if err := d.Check().Err(); err != nil {
		return Ref{}, false, err
	}
	if before.Version != version {
		return Ref{}, false, apperr.Stale
	}
	if d.Site != before.SiteID {
		if err := checkSite(ctx, tx, before.CustomerID, d.Site); err != nil {
			return Ref{}, false, err
		}
	}
	_, err = tx.Exec(ctx, `
		update jobs set name = @name, description = @description, job_type_id = @type, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@main_contact::bigint, 0),
			purchase_order = @purchase_order, preferred_on = @preferred, booked_from = @from, booked_until = @until, work_undertaken = @work,
			invoice_number = @invoice_number, invoicing_note = @invoicing_note, priority = @priority, internal_notes = @internal_notes, version = version + 1, updated_at = now()
		where id = @id`, d.args(pgx.NamedArgs{"id": before.ID}))
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	if err := setStaff(ctx, tx, before.ID, d.Staff); err != nil {
		return Ref{}, false, err
	}
	if err := setEquipment(ctx, tx, before.CustomerID, before.ID, d.Equipment); err != nil {
		return Ref{}, false, err
	}
	if err := before.resetAnswer(ctx, tx, Booking{d.BookedFrom, d.BookedUntil}, before.Status); err != nil {
		return Ref{}, false, err
	}
	rebooked = before.Status == Booked && d.BookedFrom != nil && (!same(before.BookedFrom, d.BookedFrom) || !same(before.BookedUntil, d.BookedUntil))
	return Ref{before.ID, number}, rebooked, record(ctx, tx, by, audit.JobEdited, &before, number)
}

func same(a, b *time.Time) bool {
	return a == b || (a != nil && b != nil && a.Equal(*b))
}

// ContactEdit is what a contact may change of a job before work starts.
type ContactEdit struct {
	Description   string
	PurchaseOrder string
	Site          int64 // 0 for none
	PreferredOn   day.Day
}

// Check says what is wrong with a contact's edit.
func (c ContactEdit) Check() problem.Set {
	p := problem.Set{}
	p.Unless(c.Description != "", "description", "Tell us what needs doing.")
	p.Limit(Field.Description, c.Description)
	p.Limit(Field.PurchaseOrder, c.PurchaseOrder)
	return p
}

// EditByContact is the contact's edit. It fails with apperr.Stale when the job
// was changed since version, and with an apperr.Conflict when work has started.
func EditByContact(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, number string, version int64, c ContactEdit) error {
	if err := c.Check().Err(); err != nil {
		return err
	}
	before, err := lock(ctx, tx, number)
	switch {
	case err != nil:
		return err
	case before.CustomerID != customer:
		return apperr.NotFound
	case before.Status.Started():
		return apperr.Conflictf("This job is %s, so it can no longer be changed here.", before.Status.Label())
	case before.Version != version:
		return apperr.Stale
	}
	if c.Site != before.SiteID {
		if err := checkSite(ctx, tx, customer, c.Site); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		update jobs set description = @description, purchase_order = @purchase_order, site_id = nullif(@site::bigint, 0), preferred_on = @preferred, version = version + 1, updated_at = now()
		where id = @id`,
		pgx.NamedArgs{"id": before.ID, "description": c.Description, "purchase_order": c.PurchaseOrder, "site": c.Site, "preferred": c.PreferredOn})
	if err != nil {
		return constraintError(err)
	}
	return record(ctx, tx, by, audit.JobEdited, &before, number)
}
