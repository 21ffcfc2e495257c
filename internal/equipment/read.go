package equipment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
	Name           string
	Type           string
	SiteID         int64
	SiteName       string
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

const columns = `e.id, e.public_id, e.number, e.customer_id, cu.number as customer_number, coalesce(nullif(cu.company_name, ''), cu.name) as customer_name,
	e.name, e.type, coalesce(e.site_id, 0) as site_id, coalesce(s.name, '') as site_name, e.location, e.make, e.model, e.serial_number,
	e.installed_on, e.commissioned_on, e.warranty_until, e.last_service_on, e.next_service_on, e.status, e.origin, e.notes, e.version, e.created_at`

const from = `equipment e join customers cu on cu.id = e.customer_id left join sites s on s.id = e.site_id`

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

// Filter narrows the list.
type Filter struct {
	Customer string // number of a customer
	Status   Status
	Due      bool // service due within thirty days, or overdue
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "name", Expr: `e.name collate "und-x-icu"`, Type: "text"},
	{Key: "service", Expr: "e.service_key", Type: "date"},
	{Key: "newest", Expr: "e.created_at", Type: "timestamptz", Desc: true},
}

func source(q list.Query, f Filter) list.Source {
	s := list.Source{Columns: columns, From: from, ID: "e.id"}
	s.Where.Search("e.search", q.Search)
	if f.Customer != "" {
		s.Where.And("cu.number = @customer", "customer", f.Customer)
	}
	if f.Status != "" {
		s.Where.And("e.status = @status", "status", f.Status)
	}
	if f.Due {
		s.Where.And("e.next_service_on <= current_date + 30 and e.status = 'in use'")
	}
	return s
}

// List is a page of equipment.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Item], error) {
	return list.Fetch[Item](ctx, db, q, Orders, source(q, f))
}

// Count counts what List finds.
func Count(ctx context.Context, db postgres.DB, q list.Query, f Filter) (int, error) {
	return list.Count(ctx, db, source(q, f))
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
