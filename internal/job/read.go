package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Job is a job as the office sees it.
type Job struct {
	ID             int64
	Number         string
	CustomerID     int64
	CustomerNumber string
	CustomerName   string
	CustomerOnHold bool
	Name           string
	Description    string
	TypeID         int64
	TypeName       string
	TypeColour     string
	Status         Status
	SiteID         int64
	SiteName       string
	SiteAccess     string // access instructions
	MainContactID  int64
	MainContact    string
	PurchaseOrder  string
	PreferredOn    day.Day
	BookedFrom     *time.Time
	BookedUntil    *time.Time
	WorkUndertaken string
	CompletedAt    *time.Time
	InvoiceNumber  string
	InvoicingNote  string
	Origin         string
	CreatedBy      string
	CreatedAt      time.Time
	QuoteNumber    string
	Priority       Priority
	InternalNotes  string
	LookedAt       *time.Time
	LookedBy       string
	Version        int64
	TimeLogged     decimal.Decimal // hours
	Tasks          int
	TasksDone      int
	Attachments    int
	StaffIDs       []int64
	StaffNames     []string
	EquipmentIDs   []int64
}

// Title is what the job is called: its name, or how its description begins.
func (j Job) Title() string { return title(j.Name, j.Description) }

func title(name, description string) string {
	if name != "" {
		return name
	}
	for i, r := range description {
		if r == '\n' || i > 80 {
			return description[:i] + "…"
		}
	}
	return description
}

// Details are the job's, as in its form.
func (j Job) Details() Details {
	return Details{
		Name: j.Name, Description: j.Description, Type: j.TypeID, Site: j.SiteID, MainContact: j.MainContactID, PurchaseOrder: j.PurchaseOrder, PreferredOn: j.PreferredOn,
		BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, Work: j.WorkUndertaken, InvoiceNumber: j.InvoiceNumber, InvoicingNote: j.InvoicingNote,
		Priority: j.Priority, InternalNotes: j.InternalNotes, Staff: j.StaffIDs, Equipment: j.EquipmentIDs,
	}
}

// Find is the job with a number; fault.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, number string) (Job, error) {
	rows, err := db.Query(ctx, `
		select j.id, j.number, j.customer_id, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, cu.on_hold as customer_on_hold,
			j.name, j.description, j.job_type_id as type_id, t.name as type_name, t.colour as type_colour, j.status,
			coalesce(j.site_id, 0) as site_id, coalesce(s.name, '') as site_name, coalesce(s.access_instructions, '') as site_access,
			coalesce(j.main_contact_id, 0) as main_contact_id, coalesce(c.name, '') as main_contact, j.purchase_order, j.preferred_on, j.booked_from, j.booked_until,
			j.work_undertaken, j.completed_at, j.invoice_number, j.invoicing_note, j.origin, coalesce(pc.name, st.name, '') as created_by, j.created_at,
			coalesce(q.number, '') as quote_number, j.priority, j.internal_notes, j.looked_at, coalesce(lb.name, '') as looked_by, j.version,
			(select coalesce(sum(e.hours), 0) from time_entries e where e.job_id = j.id) as time_logged,
			(select count(*) from tasks x where x.job_id = j.id) as tasks, (select count(x.done_at) from tasks x where x.job_id = j.id) as tasks_done,
			(select count(*) from attachments a where a.job_id = j.id and a.removed_at is null) as attachments,
			array(select js.staff_id from job_staff js where js.job_id = j.id order by 1) as staff_ids,
			array(select m.name from job_staff js join staff m on m.id = js.staff_id where js.job_id = j.id order by 1) as staff_names,
			array(select je.equipment_id from job_equipment je where je.job_id = j.id order by 1) as equipment_ids
		from jobs j
		join customers cu on cu.id = j.customer_id
		join job_types t on t.id = j.job_type_id
		left join sites s on s.id = j.site_id
		left join contacts c on c.id = j.main_contact_id
		left join contacts pc on pc.id = j.created_by_contact_id
		left join staff st on st.id = j.created_by_staff_id
		left join staff lb on lb.id = j.looked_by_id
		left join quotes q on q.id = j.quote_id
		where j.number = $1`, number)
	if err != nil {
		return Job{}, fmt.Errorf("find job: %w", err)
	}
	j, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Job])
	if errors.Is(err, pgx.ErrNoRows) {
		return Job{}, fault.NotFound
	}
	if err != nil {
		return Job{}, fmt.Errorf("find job: %w", err)
	}
	return j, nil
}

// Event is a step in the job's history.
type Event struct {
	Status Status
	At     time.Time
	By     string
}

// History is how the job came to its status, the newest first.
func History(ctx context.Context, db postgres.DB, job int64) ([]Event, error) {
	rows, err := db.Query(ctx, `
		select h.status, h.at, coalesce(s.name, c.name, '') as by
		from job_statuses h left join staff s on s.id = h.staff_id left join contacts c on c.id = h.contact_id
		where h.job_id = $1 order by h.at desc, h.id desc`, job)
	return collect[Event](rows, err, "read the job's history")
}

func collect[T any](rows pgx.Rows, err error, doing string) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return all, nil
}

// Row is a job in the office's list.
type Row struct {
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	SiteName       string
	TypeName       string
	TypeColour     string
	Status         Status
	Priority       Priority
	BookedFrom     *time.Time
	BookedUntil    *time.Time
	Origin         string
	LookedAt       *time.Time
	CreatedAt      time.Time
	StaffNames     []string
}

// Title is what the job is called.
func (r Row) Title() string { return title(r.Name, r.Description) }

// New reports whether the job came from the portal and nobody has looked at it.
func (r Row) New() bool { return r.Origin == "portal" && r.LookedAt == nil }

// Filter narrows the list.
type Filter struct {
	Status   Status
	Type     int64
	Customer string // a customer's number
	Staff    int64  // assigned to
	Portal   bool   // came from the portal
	NewOnly  bool   // came from the portal and nobody has looked at it
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "newest", Expr: "j.created_at", Type: "timestamptz", Desc: true},
	{Key: "booked", Expr: "j.booked_key", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "j.id", Type: "bigint", Desc: true},
}

func source(q list.Query, f Filter) list.Source {
	s := list.Source{
		Columns: `j.number, j.name, j.description, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, coalesce(s.name, '') as site_name,
			t.name as type_name, t.colour as type_colour, j.status, j.priority, j.booked_from, j.booked_until, j.origin, j.looked_at, j.created_at,
			array(select m.name from job_staff js join staff m on m.id = js.staff_id where js.job_id = j.id order by 1) as staff_names`,
		From: `jobs j join customers cu on cu.id = j.customer_id join job_types t on t.id = j.job_type_id left join sites s on s.id = j.site_id`,
		ID:   "j.id",
	}
	s.Where.Search("j.search", q.Search)
	if f.Status != "" {
		s.Where.And("j.status = @status", "status", f.Status)
	}
	if f.Type != 0 {
		s.Where.And("j.job_type_id = @type", "type", f.Type)
	}
	if f.Customer != "" {
		s.Where.And("cu.number = @customer", "customer", f.Customer)
	}
	if f.Staff != 0 {
		s.Where.And("exists (select from job_staff js where js.job_id = j.id and js.staff_id = @assigned)", "assigned", f.Staff)
	}
	if f.Portal {
		s.Where.And("j.origin = 'portal'")
	}
	if f.NewOnly {
		s.Where.And("j.origin = 'portal' and j.looked_at is null")
	}
	return s
}

// List is a page of jobs.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Row], error) {
	return list.Fetch[Row](ctx, db, q, Orders, source(q, f))
}

// Count counts what List finds.
func Count(ctx context.Context, db postgres.DB, q list.Query, f Filter) (int, error) {
	return list.Count(ctx, db, source(q, f))
}

// CountByStatus counts what List would find under each status, in one round
// trip, each exactly up to list.MaxCount.
func CountByStatus(ctx context.Context, db postgres.DB, q list.Query, f Filter) (counts map[Status]int, err error) {
	var b pgx.Batch
	for _, s := range Statuses {
		f.Status = s
		sql, args := list.CountStatement(source(q, f))
		b.Queue(sql, args)
	}
	results := db.SendBatch(ctx, &b)
	defer func() { err = errors.Join(err, results.Close()) }()
	counts = map[Status]int{}
	for _, s := range Statuses {
		var n int
		if err := results.QueryRow().Scan(&n); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		counts[s] = n
	}
	return counts, nil
}
