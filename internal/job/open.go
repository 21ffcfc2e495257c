package job

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

// Ref names a job.
type Ref struct {
	ID     int64
	Number string
}

// Request is what a contact asks for in the portal.
type Request struct {
	Customer      int64
	Contact       int64
	Type          int64
	Site          int64 // 0 for none
	Name          string
	Description   string
	PurchaseOrder string
	PreferredOn   day.Day
	Equipment     []int64
	Nonce         string
}

// Check says what is wrong with a request.
func (r Request) Check() problem.Set {
	p := problem.Set{}
	p.Unless(r.Type != 0, "type", "Choose the kind of work.")
	p.Name(r.Name, "name", "name")
	asked(p, r.Description, r.PurchaseOrder)
	return p
}

// asked checks what a contact writes, when asking and when changing it.
func asked(p problem.Set, description, purchaseOrder string) {
	p.Unless(description != "", "description", "Tell us what needs doing.")
	p.Text(description, "description", "description")
	p.Name(purchaseOrder, "purchase_order", "purchase order")
}

// Open records a job asked for in the portal. The contact who asks becomes its
// main contact, because contacts limited to their own jobs must see what they
// asked for. A form sent twice opens one job; opened is then false.
func Open(ctx context.Context, tx postgres.Tx, by audit.Actor, r Request) (ref Ref, opened bool, err error) {
	if err := r.Check().Err(); err != nil {
		return Ref{}, false, err
	}
	if err := inUse(ctx, tx, r.Customer, r.Site); err != nil {
		return Ref{}, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, purchase_order, preferred_on, origin, created_by_contact_id, nonce)
		select @customer, @name, @description, t.id, 'new', nullif(@site::bigint, 0), @contact, @po, @preferred, 'portal', @contact, nullif(@nonce, '')
		from job_types t where t.id = @type and t.active
		on conflict on constraint job_nonce_taken do nothing
		returning id, number`,
		pgx.NamedArgs{
			"customer": r.Customer, "name": r.Name, "description": r.Description, "type": r.Type, "site": r.Site, "contact": r.Contact,
			"po": r.PurchaseOrder, "preferred": r.PreferredOn, "nonce": r.Nonce,
		}).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		ref, err = byNonce(ctx, tx, r.Customer, r.Nonce, problem.Of("type", "Choose the kind of work."))
		return ref, false, err
	}
	if err != nil {
		return Ref{}, false, told(err)
	}
	if err := became(ctx, tx, by, r.Customer, ref.ID, New); err != nil {
		return Ref{}, false, err
	}
	if err := work(ctx, tx, r.Customer, ref.ID, r.Equipment); err != nil {
		return Ref{}, false, err
	}
	return ref, true, record(ctx, tx, by, audit.JobOpened, nil, ref.Number)
}

// inUse refuses new work at a site that was archived. That it is a site of the
// customer says a constraint.
func inUse(ctx context.Context, db postgres.DB, customer, site int64) error {
	if site == 0 {
		return nil
	}
	var archived bool
	err := db.QueryRow(ctx, `select exists (select from sites where id = $1 and customer_id = $2 and archived_at is not null)`, site, customer).Scan(&archived)
	if err != nil {
		return fmt.Errorf("look at the job's site: %w", err)
	}
	if archived {
		return problem.Of("site", "This site is not in use any more. Choose another one.")
	}
	return nil
}

// byNonce is the job an earlier sending of the same form made. Without one
// nothing was made, because of otherwise.
func byNonce(ctx context.Context, db postgres.DB, customer int64, nonce string, otherwise error) (ref Ref, err error) {
	err = db.QueryRow(ctx, `select id, number from jobs where customer_id = $1 and nonce = $2`, customer, nonce).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return Ref{}, otherwise
	}
	if err != nil {
		return Ref{}, fmt.Errorf("find the job made before: %w", err)
	}
	return ref, nil
}

// became adds a line to the job's history.
func became(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, job int64, status Status) error {
	_, err := tx.Exec(ctx, `
		insert into job_statuses (customer_id, job_id, status, staff_id, contact_id)
		values (@customer, @job, @status, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0))`,
		pgx.NamedArgs{"customer": customer, "job": job, "status": status, "staff": by.Staff, "contact": by.Contact})
	if err != nil {
		return fmt.Errorf("note the job's status: %w", err)
	}
	return nil
}

// work names the equipment worked on.
func work(ctx context.Context, tx postgres.Tx, customer, job int64, equipment []int64) error {
	_, err := tx.Exec(ctx, `delete from job_equipment where job_id = $1 and not equipment_id = any($2)`, job, postgres.IDs(equipment))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into job_equipment (customer_id, job_id, equipment_id) select $1, $2, id from equipment where customer_id = $1 and id = any($3) on conflict do nothing`,
			customer, job, postgres.IDs(equipment))
	}
	if err != nil {
		return fmt.Errorf("name the job's equipment: %w", err)
	}
	return nil
}

// Amendment is what a contact may change of a job before work starts.
type Amendment struct {
	Description   string
	PurchaseOrder string
	Site          int64 // 0 for none
	PreferredOn   day.Day
}

// Check says what is wrong with an amendment.
func (a Amendment) Check() problem.Set {
	p := problem.Set{}
	asked(p, a.Description, a.PurchaseOrder)
	return p
}

// Amend is the contact's edit. It fails with apperr.Stale when the job was
// changed since version, and with a apperr.Conflict in words when work has
// started meanwhile.
func Amend(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, a Amendment) error {
	if err := a.Check().Err(); err != nil {
		return err
	}
	var number string
	err := tx.QueryRow(ctx, `select number from jobs where id = @id and customer_id = @customer for no key update`, pgx.NamedArgs{"id": id, "customer": customer}).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("amend job: %w", err)
	}
	before, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	if before.Status.Started() {
		return apperr.Conflictf("This job is %s, so it can no longer be changed here.", before.Status.Label())
	}
	if a.Site != before.SiteID {
		if err := inUse(ctx, tx, customer, a.Site); err != nil {
			return err
		}
	}
	tag, err := tx.Exec(ctx, `
		update jobs set description = @description, purchase_order = @po, site_id = nullif(@site::bigint, 0), preferred_on = @preferred, version = version + 1, updated_at = now()
		where id = @id and customer_id = @customer and version = @version and status = any(@changeable)`,
		pgx.NamedArgs{
			"id": id, "customer": customer, "version": version, "changeable": changeable,
			"description": a.Description, "po": a.PurchaseOrder, "site": a.Site, "preferred": a.PreferredOn,
		})
	if err != nil {
		return told(err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Stale
	}
	return record(ctx, tx, by, audit.JobEdited, &before, number)
}

// told turns a broken constraint into a sentence at its field.
func told(err error) error {
	switch postgres.Constraint(err) {
	case "job_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	case "job_contact_of_customer":
		return problem.Of("main_contact", "Choose one of the customer’s contacts.")
	case "job_type_unknown":
		return problem.Of("type", "Choose the kind of work.")
	case "job_booked_needs_date":
		return problem.Of("booked_on", "A booked job needs its date.")
	case "job_booking_order":
		return problem.Of("booked_until", "The end lies before the start.")
	}
	return fmt.Errorf("save job: %w", err)
}
