package equipment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/fault"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Item is a piece of equipment as the office sees it.
type Item struct {
	ID             int64
	PublicID       string
	Number         string
	CustomerID     int64
	CustomerNumber string
	CustomerName   string
	Archived       bool // the customer is
	Name           string
	Type           string
	SiteID         int64
	SiteName       string
	SiteAddress    address.Address
	Location       string
	Make           string
	Model          string
	SerialNumber   string
	InstalledOn    day.Day
	CommissionedOn day.Day
	WarrantyUntil  day.Day
	LastServiceOn  day.Day
	NextServiceOn  day.Day
	Status         Status
	Origin         string
	CreatedBy      string
	Notes          string
	Version        int64
	CreatedAt      time.Time
}

// Description is the item's, as in its form.
func (i Item) Description() Description {
	return Description{
		Name: i.Name, Type: i.Type, Site: i.SiteID, Location: i.Location, Make: i.Make, Model: i.Model, SerialNumber: i.SerialNumber,
		InstalledOn: i.InstalledOn, CommissionedOn: i.CommissionedOn, WarrantyUntil: i.WarrantyUntil,
	}
}

// Service is the item's, as in its form.
func (i Item) Service() Service {
	return Service{Number: i.Number, LastServiceOn: i.LastServiceOn, NextServiceOn: i.NextServiceOn, Notes: i.Notes}
}

const columns = `e.id, e.public_id, e.number, e.customer_id, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name, cu.archived_at is not null as archived,
	e.name, e.type, coalesce(e.site_id, 0) as site_id, coalesce(s.name, '') as site_name, coalesce(s.address, '{}') as site_address, e.location, e.make, e.model, e.serial_number,
	e.installed_on, e.commissioned_on, e.warranty_until, e.last_service_on, e.next_service_on, e.status, e.origin, coalesce(pc.name, st.name, '') as created_by, e.notes, e.version, e.created_at`

const from = `equipment e join customers cu on cu.id = e.customer_id left join sites s on s.id = e.site_id
	left join contacts pc on pc.id = e.created_by_contact_id left join staff st on st.id = e.created_by_staff_id`

// Find is the item with an opaque id; fault.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, public string) (Item, error) {
	return find(ctx, db, public)
}

func find(ctx context.Context, db postgres.DB, public string) (Item, error) {
	rows, err := db.Query(ctx, `select `+columns+` from `+from+` where e.public_id = $1`, public)
	if err != nil {
		return Item{}, fmt.Errorf("find equipment: %w", err)
	}
	item, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Item])
	if errors.Is(err, pgx.ErrNoRows) {
		return Item{}, fault.NotFound
	}
	if err != nil {
		return Item{}, fmt.Errorf("find equipment: %w", err)
	}
	return item, nil
}

// Due says how a service stands.
type Due string

// A service is Soon when it is due within thirty days.
const (
	NotDue  Due = ""
	Soon    Due = "due soon"
	Overdue Due = "overdue"
)

const soon = 30 // days

// Due says how the item's service stands today. What is retired is never due.
func (i Item) Due(today day.Day) Due {
	switch {
	case i.Status == Retired || i.NextServiceOn.IsZero() || i.NextServiceOn.After(today.AddDays(soon)):
		return NotDue
	case i.NextServiceOn.Before(today):
		return Overdue
	}
	return Soon
}

// Show is a choice above the list.
type Show string

// The choices.
const (
	All         Show = ""
	ShowInUse   Show = "in-use"
	ShowDue     Show = "due" // service due within thirty days, or overdue
	ShowRetired Show = "retired"
)

// Shows are the choices in order.
var Shows = []Show{All, ShowInUse, ShowDue, ShowRetired}

// Filter narrows the list.
type Filter struct {
	Customer string // number of a customer
	Show     Show
	Today    day.Day
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "name", Expr: `e.name collate "und-x-icu"`, Type: "text"},
	{Key: "service", Expr: "e.service_key", Type: "date"},
	{Key: "newest", Expr: "e.created_at", Type: "timestamptz", Desc: true},
}

// source is the list. Customers are those that the search itself names.
func source(q list.Query, f Filter, customers []int64) list.Source {
	s := list.Source{Columns: columns, From: from, ID: "e.id"}
	if strings.TrimSpace(q.Search) != "" {
		s.Where.And("(e.search @@ search_query(@typed) and search_query(@typed) <> '') or e.customer_id = any(@customers)", "typed", q.Search, "customers", customers)
	}
	if f.Customer != "" {
		s.Where.And("e.customer_id = (select id from customers where number = @customer)", "customer", f.Customer)
	}
	switch f.Show {
	case All:
	case ShowInUse:
		s.Where.And("e.status = 'in use'")
	case ShowRetired:
		s.Where.And("e.status = 'retired'")
	case ShowDue:
		s.Where.And("e.next_service_on <= @until and e.status = 'in use'", "until", f.Today.AddDays(soon))
	}
	return s
}

// List is a page of equipment.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Item], error) {
	customers, err := customer.Called(ctx, db, q.Search)
	if err != nil {
		return list.Page[Item]{}, err
	}
	page, err := list.Fetch[Item](ctx, db, q, Orders, source(q, f, customers))
	if err != nil {
		return page, fmt.Errorf("equipment: %w", err)
	}
	return page, nil
}

// Tell counts for each choice above the list what fits the search, each up to 1,001.
func Tell(ctx context.Context, db postgres.DB, q list.Query, f Filter) (map[Show]int, error) {
	customers, err := customer.Called(ctx, db, q.Search)
	if err != nil {
		return nil, err
	}
	counts := make(map[Show]int, len(Shows))
	batch := &pgx.Batch{}
	for _, show := range Shows {
		f.Show = show
		sql, args := list.CountStatement(source(q, f, customers))
		batch.Queue(sql, args).QueryRow(func(row pgx.Row) error {
			var n int
			err := row.Scan(&n)
			counts[show] = n
			return err
		})
	}
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count equipment: %w", err)
	}
	return counts, nil
}

// Job is work done, or to be done, on an item.
type Job struct {
	Number, Name, Description, Status string
	At                                *time.Time // when it was completed, else booked
}

// Title is what the job is called.
func (j Job) Title() string {
	line, _, _ := strings.Cut(cmp.Or(j.Name, j.Description), "\n")
	if r := []rune(line); len(r) > 80 {
		return strings.TrimSpace(string(r[:80])) + "…"
	}
	return line
}

// Jobs are the jobs on an item, the newest first.
func Jobs(ctx context.Context, db postgres.DB, id int64) ([]Job, error) {
	rows, err := db.Query(ctx, `
		select j.number, j.name, left(j.description, 400) as description, j.status, coalesce(j.completed_at, j.booked_from) as at
		from job_equipment je join jobs j on j.id = je.job_id
		where je.equipment_id = $1 order by coalesce(j.completed_at, j.booked_from, j.created_at) desc, j.id desc limit 100`, id)
	if err != nil {
		return nil, fmt.Errorf("jobs on equipment: %w", err)
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByName[Job])
	if err != nil {
		return nil, fmt.Errorf("jobs on equipment: %w", err)
	}
	return jobs, nil
}

// Types are the types in use, for suggestions.
func Types(ctx context.Context, db postgres.DB) ([]string, error) {
	rows, err := db.Query(ctx, `select type from equipment group by type order by count(*) desc, type limit 30`)
	if err != nil {
		return nil, fmt.Errorf("list types of equipment: %w", err)
	}
	types, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list types of equipment: %w", err)
	}
	return types, nil
}
