package job

import (
	"context"
	"errors"
	"fmt"
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
	p.Text(d.Description, "description", "description")
	p.Name(d.Name, "name", "name")
	p.Name(d.PurchaseOrder, "purchase_order", "purchase order")
	p.Text(d.Work, "work_undertaken", "text")
	p.Name(d.InvoiceNumber, "invoice_number", "invoice number")
	p.Text(d.InvoicingNote, "invoicing_note", "note")
	p.Text(d.InternalNotes, "internal_notes", "notes")
	p.Unless(slices.Contains(Priorities, d.Priority), "priority", "Choose a priority.")
	p.Unless(d.BookedUntil == nil || d.BookedFrom != nil, "booked_on", "Enter the date, too.")
	p.Unless(d.BookedUntil == nil || d.BookedFrom == nil || !d.BookedUntil.Before(*d.BookedFrom), "booked_until", "The end lies before the start.")
	return p
}

// Again are details for a job like this one: the same work for the same people,
// without what belongs to one visit alone.
func (d Details) Again() Details {
	d.PurchaseOrder, d.PreferredOn, d.BookedFrom, d.BookedUntil = "", day.Day{}, nil, nil
	d.Work, d.InvoiceNumber, d.InvoicingNote = "", "", ""
	return d
}

// Described fills in the job type's own description when none was typed.
func Described(ctx context.Context, db postgres.DB, d Details) (Details, error) {
	if d.Description != "" || d.Type == 0 {
		return d, nil
	}
	err := db.QueryRow(ctx, `select default_description from job_types where id = $1`, d.Type).Scan(&d.Description)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("description of the job's type: %w", err)
	}
	return d, nil
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

// kept is a job as the audit trail keeps it: by names, which say more in
// later years than ids do.
type kept struct {
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
	Staff         []string   `json:"staff"`
	Equipment     []string   `json:"equipment"`
	Version       int64      `json:"version"`
}

func (j Job) kept() kept {
	k := kept{
		Name: j.Name, Description: j.Description, Type: j.TypeName, Site: j.SiteName, MainContact: j.MainContact, PurchaseOrder: j.PurchaseOrder, PreferredOn: j.PreferredOn,
		Status: j.Status, BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, CompletedAt: j.CompletedAt, Work: j.Work, InvoiceNumber: j.InvoiceNumber,
		InvoicingNote: j.InvoicingNote, Priority: j.Priority, InternalNotes: j.InternalNotes, Staff: []string{}, Equipment: []string{}, Version: j.Version,
	}
	for _, s := range j.Staff {
		k.Staff = append(k.Staff, s.Name)
	}
	for _, e := range j.Equipment {
		k.Equipment = append(k.Equipment, e.Number+" "+e.Name)
	}
	return k
}

// record adds what became of a job to the audit trail. Before is nil for a new job.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Job, number string) error {
	after, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	e := audit.New{Action: action, ID: after.ID, Label: number, Customer: after.CustomerID, After: after.kept()}
	if before != nil {
		e.Before = before.kept()
	}
	return audit.Record(ctx, tx, by, e)
}

// Create records a job of the office: Booked when it has a date, else
// Unscheduled. A form sent twice makes one job; created is then false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, nonce string, d Details) (ref Ref, created bool, err error) {
	p := d.Check()
	p.Unless(customer != 0, "customer", "Choose the customer.")
	if err := p.Err(); err != nil {
		return Ref{}, false, err
	}
	if err := inUse(ctx, tx, customer, d.Site); err != nil {
		return Ref{}, false, err
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
		ref, err = byNonce(ctx, tx, customer, nonce, problem.Of("customer", "Choose a customer who is not archived."))
		return ref, false, err
	}
	if err != nil {
		return Ref{}, false, told(err)
	}
	if err := became(ctx, tx, by, customer, ref.ID, status); err != nil {
		return Ref{}, false, err
	}
	if err := assign(ctx, tx, ref.ID, d.Staff); err != nil {
		return Ref{}, false, err
	}
	if err := work(ctx, tx, customer, ref.ID, d.Equipment); err != nil {
		return Ref{}, false, err
	}
	return ref, true, record(ctx, tx, by, audit.JobCreated, nil, ref.Number)
}

// assign says who does a job. Who has left since stays on the jobs they did.
func assign(ctx context.Context, tx postgres.Tx, job int64, staff []int64) error {
	_, err := tx.Exec(ctx, `delete from job_staff where job_id = $1 and not staff_id = any($2)`, job, postgres.IDs(staff))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into job_staff (job_id, staff_id) select $1, id from staff where id = any($2) and archived_at is null on conflict do nothing`, job, postgres.IDs(staff))
	}
	if err != nil {
		return fmt.Errorf("assign staff to job: %w", err)
	}
	return nil
}

// Edit saves what the office keeps of a job, and reports whether somebody now
// comes at another time. It fails with apperr.Stale when somebody else changed
// the job since version. A job that is not scheduled has no booking; Move makes
// one.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details) (rebooked bool, err error) {
	before, err := Find(ctx, tx, number)
	if err != nil {
		return false, err
	}
	if !before.Status.Scheduled() {
		d.BookedFrom, d.BookedUntil = before.BookedFrom, before.BookedUntil
	}
	if err := d.Check().Err(); err != nil {
		return false, err
	}
	if d.Site != before.SiteID {
		if err := inUse(ctx, tx, before.CustomerID, d.Site); err != nil {
			return false, err
		}
	}
	tag, err := tx.Exec(ctx, `
		update jobs set name = @name, description = @description, job_type_id = @type, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			purchase_order = @po, preferred_on = @preferred, booked_from = @from, booked_until = @until, work_undertaken = @work,
			invoice_number = @invoice, invoicing_note = @invoicing, priority = @priority, internal_notes = @notes, version = version + 1, updated_at = now()
		where id = @id and version = @version`, d.args(pgx.NamedArgs{"id": before.ID, "version": version}))
	if err != nil {
		return false, told(err)
	}
	if tag.RowsAffected() == 0 {
		return false, apperr.Stale
	}
	if err := assign(ctx, tx, before.ID, d.Staff); err != nil {
		return false, err
	}
	if err := work(ctx, tx, before.CustomerID, before.ID, d.Equipment); err != nil {
		return false, err
	}
	rebooked = before.Status == Booked && d.BookedFrom != nil && (!same(before.BookedFrom, d.BookedFrom) || !same(before.BookedUntil, d.BookedUntil))
	return rebooked, record(ctx, tx, by, audit.JobEdited, &before, number)
}

func same(a, b *time.Time) bool {
	return a == b || (a != nil && b != nil && a.Equal(*b))
}

// Booking is when somebody comes. Until may be nil.
type Booking struct{ From, Until *time.Time }

// Step is a move of a job and what goes with it.
type Step struct {
	To      Status
	Booking Booking // for Booked; the one there is stays when From is nil
	Work    *string // Work Undertaken, when it was asked for
}

// differs reports whether a step brings something else than a job has already.
func (s Step) differs(j Job) bool {
	return (s.Booking.From != nil && (!same(s.Booking.From, j.BookedFrom) || !same(s.Booking.Until, j.BookedUntil))) || (s.Work != nil && *s.Work != j.Work)
}

// Move takes a job along one of its ways and reports whether it moved: one that
// is there already stays as it is. Unscheduled drops the booking. Completed
// notes the moment, and reopening forgets it.
func Move(ctx context.Context, tx postgres.Tx, by audit.Actor, administrator bool, number string, version int64, step Step) (ref Ref, moved bool, err error) {
	j, err := Find(ctx, tx, number)
	if err != nil {
		return Ref{}, false, err
	}
	to, booking := step.To, step.Booking
	if j.Status == to {
		if step.differs(j) {
			return Ref{}, false, apperr.Stale // somebody else was there first, with another date
		}
		return Ref{j.ID, j.Number}, false, nil // the button was pressed twice
	}
	if !j.Status.May(to, administrator) {
		if j.Status == Closed && to == InProgress {
			return Ref{}, false, apperr.Forbidden{Words: "Only an Administrator can reopen a closed job."}
		}
		return Ref{}, false, apperr.Conflictf("A job that is %s cannot become %s.", j.Status.Label(), labelOf(to))
	}
	from, until := j.BookedFrom, j.BookedUntil
	switch {
	case to == Unscheduled:
		from, until = nil, nil
	case to == Booked && booking.From != nil:
		from, until = booking.From, booking.Until
	}
	p := problem.Set{}
	p.Unless(to != Booked || from != nil, "booked_on", "A booked job needs its date.")
	p.Unless(until == nil || from == nil || !until.Before(*from), "booked_until", "The end lies before the start.")
	if step.Work != nil {
		p.Text(*step.Work, "work_undertaken", "text")
	}
	if err := p.Err(); err != nil {
		return Ref{}, false, err
	}
	tag, err := tx.Exec(ctx, `
		update jobs set status = @to, booked_from = @from, booked_until = @until, work_undertaken = coalesce(@work, work_undertaken),
			completed_at = case when @to = 'completed' then coalesce(completed_at, now()) when @to in ('in progress', 'unscheduled') then null else completed_at end,
			version = version + 1, updated_at = now()
		where id = @id and version = @version and status = @was`,
		pgx.NamedArgs{"id": j.ID, "version": version, "was": j.Status, "to": string(to), "from": from, "until": until, "work": step.Work})
	if err != nil {
		return Ref{}, false, told(err)
	}
	if tag.RowsAffected() == 0 {
		return Ref{}, false, apperr.Stale
	}
	if err := became(ctx, tx, by, j.CustomerID, j.ID, to); err != nil {
		return Ref{}, false, err
	}
	return Ref{j.ID, j.Number}, true, record(ctx, tx, by, audit.JobMoved, &j, number)
}

// labelOf names a status that came from a form and may be anything.
func labelOf(s Status) string {
	if !slices.Contains(Statuses, s) {
		return "something else"
	}
	return s.Label()
}

// Look notes that staff have opened a job from the portal.
func Look(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	var (
		number   string
		customer int64
	)
	err := tx.QueryRow(ctx, `update jobs set looked_at = now(), looked_by_id = $2 where id = $1 and looked_at is null and origin = 'portal' returning number, customer_id`,
		id, by.Staff).Scan(&number, &customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark job as looked at: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.JobLookedAt, ID: id, Label: number, Customer: customer})
}
