package job

import (
	"context"
	"fmt"
	"time"

	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Row is a job in the office's list.
type Row struct {
	ID             int64
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	SiteName       string
	TypeName       string
	TypeColour     string
	Status         Status
	BookedFrom     *time.Time
	BookedUntil    *time.Time
	PreferredOn    day.Day
	PurchaseOrder  string
	Priority       Priority
	FromPortal     bool
	LookedAt       *time.Time
	CompletedAt    *time.Time
	CreatedAt      time.Time
	Staff          []StaffRef
}

// Title is what the job is called.
func (r Row) Title() string { return Title(r.Name, r.Description) }

// New reports whether the job came from the portal and nobody has looked at it.
func (r Row) New() bool { return r.FromPortal && r.LookedAt == nil }

// Nobody is a Filter's Assigned for jobs that are given to nobody.
const Nobody = -1

// Filter narrows the list. Its zero value does not.
type Filter struct {
	Status    Status
	Open      bool   // not finished, whatever the status
	Undated   bool   // waiting for a date
	Type      int64  // id of a job type
	Customer  string // a customer's number, or words of a name
	Site      int64
	Assigned  int64 // id of a member of staff, or Nobody
	Since     day.Day
	Until     day.Day        // booked on one of the days from Since to Until; either may be missing
	Zone      *time.Location // where those days begin
	Priority  Priority
	Portal    bool // asked for in the portal
	NotLooked bool // and nobody has looked at it
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "newest", Expr: "j.created_at", Type: "timestamptz", Desc: true},
	{Key: "booked", Expr: "j.booked_key", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "j.id", Type: "bigint", Desc: true}, // numbers come from a sequence, as ids do
}

// Matches is what a search and a filter come down to, asked for before the list,
// so that it and its counts can use their indexes.
type Matches struct {
	Customer  customer.Named // whom the filter names
	search    list.Search
	notLooked *few // jobs nobody has looked at
}

// few are the ids of all jobs that nobody has looked at. When there are too many
// to list, a scan in the list's order soon meets them.
type few struct{ ids []int64 }

// many is how many ids are not few.
const many = 2000

func (w *few) list() bool { return w != nil && len(w.ids) < many }

const unopened = "j.origin = 'portal' and j.looked_at is null"

// Words are how jobs are searched in the office: by their own words, and by the
// customer's number and names.
var Words = customer.WordsOf("jobs j", "j", "j.created_at")

// QueryMatches adds the queries for what a search and a filter come down to.
func QueryMatches(b *postgres.Batch, into *Matches, q list.Query, f Filter) {
	into.search = list.NewSearch(q.Search, Words)
	into.search.Query(b, list.Where{})
	if f.NotLooked {
		into.notLooked = &few{}
		postgres.QueryValue(b, &into.notLooked.ids, fmt.Sprintf("select coalesce(array_agg(id), '{}') from (select j.id from jobs j where %s limit %d) fit", unopened, many), nil)
	}
	if f.Customer != "" {
		customer.QueryNamed(b, &into.Customer, f.Customer)
	}
}

// source is the list as the filter narrows it.
func source(f Filter, m Matches) list.Source {
	s := list.Source{
		Columns: `j.id, j.number, j.name, left(j.description, 400) as description, cu.number as customer_number, cu.name as customer_name,
			coalesce(s.name, '') as site_name, t.name as type_name, t.colour as type_colour, j.status, j.booked_from, j.booked_until, j.preferred_on, j.purchase_order, j.priority,
			j.origin = 'portal' as from_portal, j.looked_at, j.completed_at, j.created_at,
			coalesce((select jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name) order by m.name, m.id)
				from job_staff js join staff m on m.id = js.staff_id where js.job_id = j.id), '[]') as staff`,
		From: `jobs j left join customers cu on cu.id = j.customer_id left join job_types t on t.id = j.job_type_id left join sites s on s.id = j.site_id`,
		ID:   "j.id",
	}
	s.Search = &m.search
	w := &s.Where
	if f.Type != 0 {
		w.And("j.job_type_id = @type", "type", f.Type)
	}
	if f.Customer != "" {
		w.And("j.customer_id = any(@customers)", "customers", m.Customer.IDs)
	}
	if f.Site != 0 {
		w.And("j.site_id = @site", "site", f.Site)
	}
	switch {
	case f.Assigned == Nobody:
		w.And("not exists (select from job_staff js where js.job_id = j.id)")
	case f.Assigned != 0:
		w.And("exists (select from job_staff js where js.job_id = j.id and js.staff_id = @assigned)", "assigned", f.Assigned)
	}
	if !f.Since.IsZero() {
		w.And("j.booked_key >= @since", "since", f.Since.Time(f.Zone))
	}
	if !f.Until.IsZero() {
		w.And("j.booked_key < @until and j.booked_key > '-infinity'", "until", f.Until.AddDays(1).Time(f.Zone))
	}
	if f.Priority != "" {
		w.And("j.priority = @priority", "priority", string(f.Priority))
	}
	switch {
	case f.NotLooked && m.notLooked.list():
		w.And("j.id = any(@unopened)", "unopened", m.notLooked.ids)
	case f.NotLooked:
		w.And(unopened)
	case f.Portal:
		w.And("j.origin = 'portal'")
	}
	switch {
	case f.Status != "":
		w.And(list.Is("j.status", f.Status))
	case f.Undated:
		w.And(list.Is("j.status", UnscheduledStatuses...))
	case f.Open:
		w.And(list.Is("j.status", OpenStatuses...))
	}
	return s
}

// List is a page of jobs.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (page list.Page[Row], err error) {
	var m Matches
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryMatches(b, &m, q, f) }); err == nil {
		page, err = list.Fetch[Row](ctx, db, q, Orders, source(f, m))
	}
	if err != nil {
		return page, fmt.Errorf("jobs: %w", err)
	}
	return page, nil
}

// Counts tells for each status how many jobs fit the search and the rest of the
// filter, each as far as it is counted.
type Counts map[Status]int

// Of is how many jobs have one of the statuses, as far as that is counted; without any named, how many there are.
func (c Counts) Of(statuses ...Status) int {
	if len(statuses) == 0 {
		statuses = Statuses
	}
	counts := make([]int, len(statuses))
	for i, s := range statuses {
		counts[i] = c[s]
	}
	return list.SumCounts(counts...)
}

// Open is how many are not finished.
func (c Counts) Open() int { return c.Of(OpenStatuses...) }

// QueryBoard adds the queries for a page of jobs and for the counts that stand
// above it.
func QueryBoard(b *postgres.Batch, page *list.Page[Row], counts *Counts, q list.Query, f Filter, m Matches) {
	s := source(f, m)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, page, q, Orders, s)
	*counts = list.QueryCounts(b, Statuses, func(status Status) list.Source {
		f.Status, f.Open, f.Undated = status, false, false
		s := source(f, m)
		s.From = "jobs j" // no condition asks for more
		return s
	})
}
