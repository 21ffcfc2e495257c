package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// Job is a job as the office sees it.
type Job struct {
	ID                 int64
	Number             string
	CustomerID         int64
	CustomerNumber     string
	CustomerName       string
	CustomerOnHold     bool
	CustomerArchived   bool
	PORequired         bool // the customer wants a purchase order on everything
	Name               string
	Description        string
	TypeID             int64
	TypeName           string
	TypeColour         string
	Status             Status
	SiteID             int64 // 0 for none
	SiteName           string
	SiteAddress        address.Address
	SiteContact        string
	AccessInstructions string // office only
	MainContactID      int64  // 0 for none
	MainContact        string
	MainContactPhone   string
	MainContactEmail   string
	PurchaseOrder      string
	PreferredOn        day.Day
	BookedFrom         *time.Time
	BookedUntil        *time.Time
	Work               string
	CompletedAt        *time.Time
	InvoiceNumber      string
	InvoicingNote      string
	FromPortal         bool
	CreatedBy          string
	CreatedAt          time.Time
	QuoteNumber        string
	Priority           Priority
	InternalNotes      string
	CancelledWhy       string   // the customer reads it
	Follows            string   // number of the job that this one follows, "" for none
	FollowedBy         []string // numbers of those that follow it
	LookedAt           *time.Time
	LookedBy           string
	TimeLogged         decimal.Decimal // hours
	Version            int64
	Staff              []StaffRef
	Equipment          []EquipmentRef
}

// Ref names a job.
type Ref struct {
	ID     int64
	Number string
}

// StaffRef is a member of staff on a job.
type StaffRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// EquipmentRef is a piece of equipment worked on.
type EquipmentRef struct {
	ID       int64  `json:"id"`
	PublicID string `json:"public_id"`
	Number   string `json:"number"`
	Name     string `json:"name"`
	Site     string `json:"site"`
}

// Title is what the job is called: its name, or how its description begins.
func (j Job) Title() string { return Title(j.Name, j.Description) }

// Title is what a job or a quote is called: its name, or how its description begins.
func Title(name, description string) string {
	if name != "" {
		return name
	}
	line, _, _ := strings.Cut(description, "\n")
	if r := []rune(line); len(r) > 80 {
		return strings.TrimSpace(string(r[:80])) + "…"
	}
	return strings.TrimSuffix(line, ".")
}

// Details are the job's, as its form shows them.
func (j Job) Details() Details {
	d := Details{
		Name: j.Name, Description: j.Description, Type: j.TypeID, Site: j.SiteID, MainContact: j.MainContactID, PurchaseOrder: j.PurchaseOrder, PreferredOn: j.PreferredOn,
		BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, Work: j.Work, InvoiceNumber: j.InvoiceNumber, InvoicingNote: j.InvoicingNote,
		Priority: j.Priority, InternalNotes: j.InternalNotes,
	}
	for _, s := range j.Staff {
		d.Staff = append(d.Staff, s.ID)
	}
	for _, e := range j.Equipment {
		d.Equipment = append(d.Equipment, e.ID)
	}
	return d
}

// selectJob reads a job by its number.
const selectJob = `
		select j.id, j.number, j.customer_id, cu.number as customer_number, cu.name as customer_name, cu.on_hold as customer_on_hold,
			cu.archived_at is not null as customer_archived, cu.purchase_order_required as po_required, j.name, j.description,
			t.id as type_id, t.name as type_name, t.colour as type_colour, j.status,
			coalesce(s.id, 0) as site_id, coalesce(s.name, '') as site_name, coalesce(s.address, '{}') as site_address,
			coalesce(s.site_contact, '') as site_contact, coalesce(s.access_instructions, '') as access_instructions,
			coalesce(c.id, 0) as main_contact_id, coalesce(c.name, '') as main_contact, coalesce(nullif(c.mobile, ''), c.phone, '') as main_contact_phone,
			coalesce(c.email, '') as main_contact_email,
			j.purchase_order, j.preferred_on, j.booked_from, j.booked_until, j.work_undertaken as work, j.completed_at, j.invoice_number, j.invoicing_note,
			j.origin = 'portal' as from_portal, coalesce(pc.name, st.name, '') as created_by, j.created_at, coalesce(q.number, '') as quote_number,
			j.priority, j.internal_notes, j.cancelled_why, coalesce((select f.number from jobs f where f.id = j.follows_job_id), '') as follows,
			array(select f.number from jobs f where f.follows_job_id = j.id order by f.id) as followed_by, j.looked_at, coalesce(lo.name, '') as looked_by,
			(select coalesce(sum(e.hours), 0) from time_entries e where e.job_id = j.id) as time_logged, j.version,
			coalesce((select jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name) order by m.name, m.id)
				from job_staff js join staff m on m.id = js.staff_id where js.job_id = j.id), '[]') as staff,
			coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'public_id', e.public_id, 'number', e.number, 'name', e.name, 'site', coalesce(es.name, '')) order by e.number, e.id)
				from job_equipment je join equipment e on e.id = je.equipment_id left join sites es on es.id = e.site_id where je.job_id = j.id), '[]') as equipment
		from jobs j
		join customers cu on cu.id = j.customer_id
		join job_types t on t.id = j.job_type_id
		left join sites s on s.id = j.site_id
		left join contacts c on c.id = j.main_contact_id
		left join contacts pc on pc.id = j.created_by_contact_id
		left join staff st on st.id = j.created_by_staff_id
		left join staff lo on lo.id = j.looked_by_id
		left join quotes q on q.id = j.quote_id
		where j.number = @number`

// QueryByNumber adds a query for the job with a number; none is apperr.NotFound.
func QueryByNumber(b *postgres.Batch, into *Job, number string) {
	postgres.QueryOne(b, into, selectJob, pgx.NamedArgs{"number": number})
}

// FindByNumber is the job with a number; apperr.NotFound when there is none.
func FindByNumber(ctx context.Context, db postgres.DB, number string) (Job, error) {
	return find(ctx, db, selectJob, number)
}

// lock is FindByNumber for a transaction that changes the job: until it ends
// nobody else does.
func lock(ctx context.Context, tx postgres.Tx, number string) (Job, error) {
	return find(ctx, tx, selectJob+` for no key update of j`, number)
}

func find(ctx context.Context, db postgres.DB, sql, number string) (j Job, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &j, sql, pgx.NamedArgs{"number": number}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return j, fmt.Errorf("find job: %w", err)
	}
	return j, err
}

// Tally is what stands on the tabs of a job. Each count goes up to 1,001.
type Tally struct {
	OpenTasks   int
	TimeEntries int
	Attachments int
}

// QueryTally adds a query that counts what a job has.
func QueryTally(b *postgres.Batch, into *Tally, id int64) {
	postgres.QueryOne(b, into, `
		select (select count(*) from (select from tasks where job_id = @job and done_at is null limit 1001) n) as open_tasks,
			(select count(*) from (select from time_entries where job_id = @job limit 1001) n) as time_entries,
			(select count(*) from (select from attachments where job_id = @job and removed_at is null limit 1001) n) as attachments`, pgx.NamedArgs{"job": id})
}

// Event is a status that a job came to. FromPortal says that a contact did it.
type Event struct {
	Status     Status
	At         time.Time
	By         string
	FromPortal bool
}

// QueryHistory adds a query for how a job came to its status, the newest first.
func QueryHistory(b *postgres.Batch, into *[]Event, id int64) {
	postgres.Query(b, into, `
		select h.status, h.at, coalesce(s.name, c.name, (select 'API: ' || t.name from tokens t where t.id = h.token_id), '') as by, h.contact_id is not null as from_portal
		from job_statuses h
		left join staff s on s.id = h.staff_id
		left join contacts c on c.id = h.contact_id
		where h.job_id = @job
		order by h.at desc, h.id desc`, pgx.NamedArgs{"job": id})
}

// QueryAssignable adds a query for the staff a job can be given to: everybody
// who works here, and those on the job already.
func QueryAssignable(b *postgres.Batch, into *[]StaffRef, already ...int64) {
	postgres.Query(b, into, `
		select id, name from staff
		where (archived_at is null and state <> 'suspended') or id = any(@already)
		order by name collate "und-x-icu", id`, pgx.NamedArgs{"already": postgres.IDs(already)})
}

// QueryEquipment adds a query for the equipment of a customer that a job can be
// about: what is in use, and what is on the job already.
func QueryEquipment(b *postgres.Batch, into *[]EquipmentRef, customer int64, already ...int64) {
	postgres.Query(b, into, `
		select e.id, e.public_id, e.number, e.name, coalesce(s.name, '') as site
		from equipment e left join sites s on s.id = e.site_id
		where e.customer_id = @customer and (e.status = 'in use' or e.id = any(@already))
		order by s.name collate "und-x-icu" nulls last, e.name collate "und-x-icu", e.id limit 500`,
		pgx.NamedArgs{"customer": customer, "already": postgres.IDs(already)})
}
