package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// New is a job to create. Contact is who asks for it in the portal, 0 in the
// office; a contact becomes the main contact of what they ask for, because
// contacts limited to their own jobs must see it.
type New struct {
	Customer int64
	Contact  int64
	Follows  int64 // the job that this one follows, 0 for none
	Details
	Nonce string
}

// Check says what is wrong with a new job, to whom it concerns: a contact is
// asked in other words than staff.
func (n New) Check() problem.Set {
	if n.Contact == 0 {
		p := n.Details.Check()
		if n.Description == "" && n.Type != 0 {
			delete(p, Field.Description.Name) // the type's own is used
		}
		p.Unless(n.Customer != 0, "customer", "Choose the customer.")
		return p
	}
	p := ContactEdit{Description: n.Description}.Check()
	p.Unless(n.Type != 0, "type", "Choose the kind of work.")
	n.checkLimits(p)
	return p
}

// Create records a job: New when a contact asks for it, else Booked with a date
// and Unscheduled without one. Staff who describe nothing get the description
// of the job's type. A form sent twice makes one job; fresh is then false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, fresh bool, err error) {
	if err := n.Check().Err(); err != nil {
		return Ref{}, false, err
	}
	if n.Follows != 0 {
		if err := tx.QueryRow(ctx, `select priority from jobs where id = $1 and customer_id = $2`, n.Follows, n.Customer).Scan(&n.Priority); err != nil {
			return Ref{}, false, fmt.Errorf("find the job that is followed: %w", err)
		}
	}
	if n.Description == "" {
		if n.Description, err = defaultDescription(ctx, tx, n.Type); err != nil {
			return Ref{}, false, err
		}
	}
	status, origin, action := Unscheduled, "office", audit.JobCreated
	refused := problem.Of("customer", "Choose a customer who is not archived.")
	switch {
	case n.Contact != 0:
		status, origin, action = StatusNew, "portal", audit.JobOpened
		refused = problem.Of("type", "Choose the kind of work.") // it is not offered any more
		n.MainContact = n.Contact
		if n.Follows == 0 {
			n.Priority = Normal
		}
	case n.BookedFrom != nil:
		status = Booked
	}
	args := statusArgs(by, n.args(pgx.NamedArgs{
		"customer": n.Customer, "status": status, "origin": origin, "contact": n.Contact, "nonce": n.Nonce, "follows": n.Follows,
	}))
	var created Job
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.LockNonce(b, n.Nonce)
		b.Add(insertJob, args, func(rows pgx.Rows) (err error) {
			created, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Job])
			return err
		})
	})
	if errors.Is(err, apperr.NotFound) {
		return n.whyNot(ctx, tx, refused)
	}
	if err != nil {
		return Ref{}, false, constraintError(err)
	}
	ref = Ref{created.ID, created.Number}
	if len(n.Staff)+len(n.Equipment) > 0 {
		err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
			queueStaff(b, ref.ID, n.Staff)
			queueEquipment(b, n.Customer, ref.ID, n.Equipment)
			QueryByNumber(b, &created, ref.Number)
		})
		if err != nil {
			return Ref{}, false, fmt.Errorf("save what belongs to job %s: %w", ref.Number, err)
		}
	}
	return ref, true, recordChange(ctx, tx, by, action, nil, created)
}

// whyNot is what has kept a job from being written: the form was sent before, and
// ref is what it made; or the site, or else what refused says.
func (n New) whyNot(ctx context.Context, tx postgres.Tx, refused error) (ref Ref, fresh bool, err error) {
	ref, again, err := postgres.Repeated[Ref](ctx, tx, n.Nonce, `select id, number from jobs where customer_id = @customer and nonce = @nonce`, pgx.NamedArgs{"customer": n.Customer, "nonce": n.Nonce})
	if err != nil || again {
		return ref, false, err
	}
	if n.Follows == 0 {
		if err := checkSite(ctx, tx, n.Customer, n.Site); err != nil {
			return Ref{}, false, err
		}
	}
	return Ref{}, false, refused
}

// insertJob writes a job with the first line of its history, and answers with what
// the trail keeps of it. As one statement: to read it afterwards, with all that
// belongs to a job, would cost a third of writing it.
const insertJob = `
	with made as (
		insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, purchase_order, preferred_on, booked_from, booked_until,
			work_undertaken, invoice_number, invoicing_note, priority, internal_notes, origin, created_by_staff_id, created_by_contact_id, nonce, follows_job_id)
		select cu.id, @name, @description, @type, @status, nullif(@site::bigint, 0), nullif(@main_contact::bigint, 0), @purchase_order, @preferred, @from, @until,
			@work, @invoice_number, @invoicing_note, @priority, @internal_notes, @origin, nullif(@by_staff::bigint, 0), nullif(@contact::bigint, 0), nullif(@nonce, ''), nullif(@follows::bigint, 0)
		from customers cu
		where cu.id = @customer and cu.archived_at is null and (@contact::bigint = 0 or @follows::bigint <> 0 or exists (select from job_types t where t.id = @type and t.active))
			and (@nonce = '' or not exists (select from jobs made_before where made_before.customer_id = @customer and made_before.nonce = @nonce))
			and (@follows::bigint <> 0 or not exists (select from sites s where s.id = @site and s.customer_id = @customer and s.archived_at is not null)) -- what follows is where the work was
		returning *
	), noted as (` + insertStatus + `)
	select id, number, customer_id, name, description, status, purchase_order, preferred_on, booked_from, booked_until, work_undertaken as work, completed_at, invoice_number, invoicing_note,
		priority, internal_notes, cancelled_why, version, (select t.name from job_types t where t.id = job_type_id) as type_name,
		coalesce((select s.name from sites s where s.id = site_id), '') as site_name, coalesce((select c.name from contacts c where c.id = main_contact_id), '') as main_contact
	from made`

// defaultDescription is what jobs of a type are described by when nobody did.
func defaultDescription(ctx context.Context, db postgres.DB, jobType int64) (text string, err error) {
	err = db.QueryRow(ctx, `select default_description from job_types where id = $1`, jobType).Scan(&text)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("description of the job's type: %w", err)
	}
	if text == "" {
		return "", problem.Of("description", "Describe what needs doing.")
	}
	return text, nil
}

// checkSite refuses new work at a site that was archived. That it is a site of the
// customer says a constraint.
func checkSite(ctx context.Context, db postgres.DB, customer, site int64) error {
	if site == 0 {
		return nil
	}
	var archived bool
	err := db.QueryRow(ctx, `select exists (select from sites where id = $1 and customer_id = $2 and archived_at is not null)`, site, customer).Scan(&archived)
	if err != nil {
		return fmt.Errorf("site of the job: %w", err)
	}
	if archived {
		return problem.Of("site", "This site is no longer in use. Choose another one.")
	}
	return nil
}

// addStatus adds a line to the job's history.
func addStatus(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, job int64, status Status) error {
	if err := postgres.Read(ctx, tx, func(b *postgres.Batch) { queueStatus(b, by, customer, job, status) }); err != nil {
		return fmt.Errorf("note the job's status: %w", err)
	}
	return nil
}

// insertStatus adds a line to the history of a job that made names.
const insertStatus = `
		insert into job_statuses (customer_id, job_id, status, staff_id, token_id, contact_id)
		select customer_id, id, status, nullif(@by_staff::bigint, 0), nullif(@by_token::bigint, 0), nullif(@by_contact::bigint, 0) from made`

func queueStatus(b *postgres.Batch, by audit.Actor, customer, job int64, status Status) {
	b.Do(`with made (customer_id, id, status) as (values (@customer::bigint, @job::bigint, @status::text))`+insertStatus,
		statusArgs(by, pgx.NamedArgs{"customer": customer, "job": job, "status": status}))
}

// statusArgs adds who brings a job to a status.
func statusArgs(by audit.Actor, args pgx.NamedArgs) pgx.NamedArgs {
	args["by_staff"], args["by_token"], args["by_contact"] = by.Staff, by.Token, by.Contact
	return args
}

// setStaff says who does a job. Who has left since stays on the jobs they did.
func setStaff(ctx context.Context, tx postgres.Tx, job int64, staff []int64) error {
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		b.Do(`delete from job_staff where job_id = @job and not staff_id = any(@staff)`, pgx.NamedArgs{"job": job, "staff": postgres.IDs(staff)})
		queueStaff(b, job, staff)
	})
	if err != nil {
		return fmt.Errorf("assign staff to job: %w", err)
	}
	return nil
}

func queueStaff(b *postgres.Batch, job int64, staff []int64) {
	b.Do(`insert into job_staff (job_id, staff_id) select @job, id from staff where id = any(@staff) and archived_at is null on conflict do nothing`, pgx.NamedArgs{"job": job, "staff": postgres.IDs(staff)})
}

// setEquipment names the equipment worked on.
func setEquipment(ctx context.Context, tx postgres.Tx, customer, job int64, equipment []int64) error {
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		b.Do(`delete from job_equipment where job_id = @job and not equipment_id = any(@equipment)`, pgx.NamedArgs{"job": job, "equipment": postgres.IDs(equipment)})
		queueEquipment(b, customer, job, equipment)
	})
	if err != nil {
		return fmt.Errorf("name the job's equipment: %w", err)
	}
	return nil
}

func queueEquipment(b *postgres.Batch, customer, job int64, equipment []int64) {
	b.Do(`insert into job_equipment (customer_id, job_id, equipment_id) select @customer, @job, id from equipment where customer_id = @customer and id = any(@equipment) on conflict do nothing`,
		pgx.NamedArgs{"customer": customer, "job": job, "equipment": postgres.IDs(equipment)})
}

// constraintError turns a broken constraint into a sentence at its field.
func constraintError(err error) error {
	switch postgres.Constraint(err) {
	case "job_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	case "job_contact_of_customer":
		return problem.Of("main_contact", "Choose one of the customer’s contacts.")
	case "job_type_unknown":
		return problem.Of("type", "Choose the kind of work.")
	case "job_number_taken":
		return problem.Of("number", "Another job has this number.")
	case "job_quote_of_customer":
		return problem.Of("quote", "This quote is of another customer.")
	case "job_follows_of_customer":
		return problem.Of("follows", "This job is of another customer.")
	case "job_booked_needs_date":
		return problem.Of("booked_on", "A booked job needs a date.")
	case "job_booking_order":
		return problem.Of("booked_until", "The end is before the start.")
	}
	return fmt.Errorf("save job: %w", err)
}
