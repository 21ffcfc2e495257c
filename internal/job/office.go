package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details is what the office keeps of a job, apart from its status.
type Details struct {
	Name          string     `json:"name"`
	Description   string     `json:"description"`
	Type          int64      `json:"type"`
	Site          int64      `json:"site"`
	MainContact   int64      `json:"main_contact"`
	PurchaseOrder string     `json:"purchase_order"`
	PreferredOn   day.Day    `json:"preferred_on"`
	BookedFrom    *time.Time `json:"booked_from"`
	BookedUntil   *time.Time `json:"booked_until"`
	Work          string     `json:"work_undertaken"`
	InvoiceNumber string     `json:"invoice_number"`
	InvoicingNote string     `json:"invoicing_note"`
	Priority      Priority   `json:"priority"`
	InternalNotes string     `json:"internal_notes"`
	Staff         []int64    `json:"staff"`
	Equipment     []int64    `json:"equipment"`
}

func (d Details) check() error {
	p := problem.Set{}
	p.Unless(d.Type != 0, "type", "Choose the job type.")
	p.Unless(d.Description != "", "description", "Describe what needs doing.")
	p.Text(d.Description, "description", "description")
	p.Name(d.Name, "name", "name")
	p.Name(d.PurchaseOrder, "purchase_order", "purchase order")
	p.Text(d.Work, "work_undertaken", "text")
	p.Name(d.InvoiceNumber, "invoice_number", "invoice number")
	p.Text(d.InvoicingNote, "invoicing_note", "note")
	p.Text(d.InternalNotes, "internal_notes", "notes")
	p.Unless(slices.Contains(Priorities, d.Priority), "priority", "Choose a priority.")
	p.Unless(d.BookedUntil == nil || (d.BookedFrom != nil && !d.BookedUntil.Before(*d.BookedFrom)), "booked_until", "The end lies before the start.")
	return p.Err()
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"name": d.Name, "description": d.Description, "type": d.Type, "site": d.Site, "contact": d.MainContact, "po": d.PurchaseOrder, "preferred": d.PreferredOn,
		"from": d.BookedFrom, "until": d.BookedUntil, "work": d.Work, "invoice": d.InvoiceNumber, "invoicing": d.InvoicingNote, "priority": d.Priority, "notes": d.InternalNotes,
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

// Create records a job of the office: Booked when it has a date, else
// Unscheduled. A form sent twice makes one job.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, nonce string, d Details) (ref Ref, err error) {
	if err := d.check(); err != nil {
		return Ref{}, err
	}
	status := Unscheduled
	if d.BookedFrom != nil {
		status = Booked
	}
	err = tx.QueryRow(ctx, `
		insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, purchase_order, preferred_on, booked_from, booked_until,
			work_undertaken, invoice_number, invoicing_note, priority, internal_notes, origin, created_by_staff_id, nonce)
		select cu.id, @name, @description, @type, @status, nullif(@site::bigint, 0), nullif(@contact::bigint, 0), @po, @preferred, @from, @until,
			@work, @invoice, @invoicing, @priority, @notes, 'office', @by, nullif(@nonce, '')
		from customers cu where cu.id = @customer and cu.archived_at is null
		on conflict on constraint job_nonce_taken do nothing
		returning id, number`, d.args(pgx.NamedArgs{"customer": customer, "status": status, "by": by.Staff, "nonce": nonce}),
	).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id, number from jobs where customer_id = $1 and nonce = $2`, customer, nonce).Scan(&ref.ID, &ref.Number)
		if errors.Is(err, pgx.ErrNoRows) {
			return Ref{}, problem.Of("customer", "Choose a customer who is not archived.")
		}
		return ref, err
	}
	if err != nil {
		return Ref{}, told(err)
	}
	if err := became(ctx, tx, by, customer, ref.ID, status); err != nil {
		return Ref{}, err
	}
	if err := assign(ctx, tx, ref.ID, d.Staff); err != nil {
		return Ref{}, err
	}
	if err := work(ctx, tx, customer, ref.ID, d.Equipment); err != nil {
		return Ref{}, err
	}
	return ref, audit.Record(ctx, tx, by, audit.Entry{Action: "created", Thing: "job", ID: ref.ID, Label: ref.Number, Customer: customer, After: d})
}

func assign(ctx context.Context, tx postgres.Tx, job int64, staff []int64) error {
	_, err := tx.Exec(ctx, `delete from job_staff where job_id = $1 and not staff_id = any($2)`, job, staff)
	if err == nil {
		_, err = tx.Exec(ctx, `insert into job_staff (job_id, staff_id) select $1, id from staff where id = any($2) and archived_at is null on conflict do nothing`, job, staff)
	}
	if err != nil {
		return fmt.Errorf("assign staff to job: %w", err)
	}
	return nil
}

// Edit saves what the office keeps of a job. It fails with fault.Stale when
// somebody else changed it since version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details) error {
	if err := d.check(); err != nil {
		return err
	}
	before, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		update jobs set name = @name, description = @description, job_type_id = @type, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			purchase_order = @po, preferred_on = @preferred, booked_from = @from, booked_until = @until, work_undertaken = @work,
			invoice_number = @invoice, invoicing_note = @invoicing, priority = @priority, internal_notes = @notes, version = version + 1, updated_at = now()
		where id = @id and version = @version`, d.args(pgx.NamedArgs{"id": before.ID, "version": version}))
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	if err := assign(ctx, tx, before.ID, d.Staff); err != nil {
		return err
	}
	if err := work(ctx, tx, before.CustomerID, before.ID, d.Equipment); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.Entry{
		Action: "edited", Thing: "job", ID: before.ID, Label: before.Number, Customer: before.CustomerID, Before: before.Details(), After: d,
	})
}

// Booking is when somebody comes.
type Booking struct{ From, Until *time.Time }

// Move takes a job along one of its ways. Booked takes the booking with it;
// Completed notes the moment unless there is one already.
func Move(ctx context.Context, tx postgres.Tx, by audit.Actor, administrator bool, number string, version int64, to Status, booking *Booking) error {
	j, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	if !j.Status.May(to, administrator) {
		return fault.Refuse("A job that is %s cannot become %s.", j.Status.Label(), to.Label())
	}
	from, until := j.BookedFrom, j.BookedUntil
	if to == Booked && booking != nil {
		from, until = booking.From, booking.Until
	}
	if to == Unscheduled {
		from, until = nil, nil
	}
	if to == Booked && from == nil {
		return problem.Of("booked_on", "A booked job needs its date.")
	}
	tag, err := tx.Exec(ctx, `
		update jobs set status = @to, booked_from = @from, booked_until = @until,
			completed_at = case when @to = 'completed' then coalesce(completed_at, now()) when @to in ('in progress', 'unscheduled') then null else completed_at end,
			version = version + 1, updated_at = now()
		where id = @id and version = @version and status = @was`,
		pgx.NamedArgs{"id": j.ID, "version": version, "was": j.Status, "to": string(to), "from": from, "until": until})
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Stale
	}
	if err := became(ctx, tx, by, j.CustomerID, j.ID, to); err != nil {
		return err
	}
	type state struct {
		Status      Status
		BookedFrom  *time.Time
		BookedUntil *time.Time
	}
	return audit.Record(ctx, tx, by, audit.Entry{
		Action: "moved", Thing: "job", ID: j.ID, Label: j.Number, Customer: j.CustomerID,
		Before: state{j.Status, j.BookedFrom, j.BookedUntil}, After: state{to, from, until},
	})
}

// Look notes that staff have opened a job from the portal.
func Look(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	tag, err := tx.Exec(ctx, `update jobs set looked_at = now(), looked_by_id = $2 where id = $1 and looked_at is null and origin = 'portal'`, id, by.Staff)
	if err != nil {
		return fmt.Errorf("mark job as looked at: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "looked at", Thing: "job", ID: id})
}
