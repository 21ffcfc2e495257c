package equipment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
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

// Details are the item's, as its form shows them.
func (i Item) Details() Details { return Details{i.Description(), i.Service()} }

const columns = `e.id, e.public_id, e.number, e.customer_id, cu.number as customer_number, cu.name as customer_name, cu.archived_at is not null as archived,
	e.name, e.type, coalesce(e.site_id, 0) as site_id, coalesce(s.name, '') as site_name, coalesce(s.address, '{}') as site_address, e.location, e.make, e.model, e.serial_number,
	e.installed_on, e.commissioned_on, e.warranty_until, e.last_service_on, e.next_service_on, e.status, e.origin, coalesce(pc.name, st.name, '') as created_by, e.notes, e.version, e.created_at`

const from = `equipment e left join customers cu on cu.id = e.customer_id left join sites s on s.id = e.site_id
	left join contacts pc on pc.id = e.created_by_contact_id left join staff st on st.id = e.created_by_staff_id`

const selectItem = `select ` + columns + ` from ` + from + ` where e.public_id = @id`

// QueryByPublicID adds a query for the item with an opaque id; none is
// apperr.NotFound.
func QueryByPublicID(b *postgres.Batch, into *Item, public string) {
	postgres.QueryOne(b, into, selectItem, pgx.NamedArgs{"id": public})
}

// FindByPublicID is the item with an opaque id; apperr.NotFound when there is none.
func FindByPublicID(ctx context.Context, db postgres.DB, public string) (Item, error) {
	return find(ctx, db, selectItem, public)
}

// lock is FindByPublicID for a transaction that changes the item: until it ends
// nobody else does.
func lock(ctx context.Context, tx postgres.Tx, public string) (Item, error) {
	return find(ctx, tx, selectItem+` for no key update of e`, public)
}

func find(ctx context.Context, db postgres.DB, sql, public string) (item Item, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &item, sql, pgx.NamedArgs{"id": public}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return item, fmt.Errorf("find equipment: %w", err)
	}
	return item, err
}

// Choice is a piece of equipment to choose in a form.
type Choice struct {
	ID     int64
	Number string
	Name   string
}

// MaxChoices is how much equipment a form offers.
const MaxChoices = 200

// QueryChoices adds a query for a customer's equipment in use, and what was
// chosen before.
func QueryChoices(b *postgres.Batch, into *[]Choice, customer, current int64) {
	postgres.Query(b, into, `
		select * from (select id, number, name from equipment where customer_id = @customer and (status = 'in use' or id = @current) order by id = @current desc, id limit `+strconv.Itoa(MaxChoices)+`) offered
		order by name collate "und-x-icu", id`, pgx.NamedArgs{"customer": customer, "current": current})
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

// Warranty says how a warranty stands.
type Warranty string

// A warranty is Ending when it runs out within sixty days.
const (
	NoWarranty Warranty = ""
	Covered    Warranty = "covered"
	Ending     Warranty = "ending"
	Ended      Warranty = "ended"
)

const ending = 60 // days

// Warranty says how the item's warranty stands today.
func (i Item) Warranty(today day.Day) Warranty {
	switch until := i.WarrantyUntil; {
	case until.IsZero():
		return NoWarranty
	case until.Before(today):
		return Ended
	case until.After(today.AddDays(ending)):
		return Covered
	}
	return Ending
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

// Planned narrows by when the next service is due.
type Planned string

// The ways to narrow by service. What is retired is never due.
const (
	AnyService Planned = ""
	IsOverdue  Planned = "overdue"
	InMonth    Planned = "month"   // due within thirty days, not overdue
	InQuarter  Planned = "quarter" // due within ninety days, not overdue
	NotPlanned Planned = "none"    // in use, with no day for it
)

// Filter narrows the list.
type Filter struct {
	Customer string // a customer's number, or words of a name
	Type     string // as entered
	Site     int64
	Show     Show
	Warranty Warranty
	Planned  Planned
	New      bool // added in the portal in the last week
	Today    day.Day
}

// Orders are the ways to sort the list.
var Orders = list.Orders{
	{Key: "name", Expr: `e.name collate "und-x-icu"`, Type: "text"},
	{Key: "customer", Expr: `cu.name collate "und-x-icu"`, Type: "text"},
	{Key: "type", Expr: `e.type collate "und-x-icu"`, Type: "text"},
	{Key: "service", Expr: "e.service_key", Type: "date"},
	{Key: "warranty", Expr: "coalesce(e.warranty_until, 'infinity'::date)", Type: "date"},
	{Key: "newest", Expr: "e.created_at", Type: "timestamptz", Desc: true, Found: true},
}

// Matches is what a search and a filter come down to, asked for before the list,
// so that it can use its indexes.
type Matches struct {
	Customer customer.Named // whom the filter names
	search   list.Search
}

// Words are how equipment is searched in the office: by its own words, and by
// the customer's number and names.
var Words = customer.WordsOf("equipment e", "e", "e.created_at")

// QueryMatches adds the queries for what a search and a filter come down to.
func QueryMatches(b *postgres.Batch, into *Matches, q list.Query, f Filter) {
	into.search = list.NewSearch(q.Search, Words)
	into.search.Query(b, list.Where{})
	if f.Customer != "" {
		customer.QueryNamed(b, &into.Customer, f.Customer)
	}
}

func source(f Filter, m Matches) list.Source {
	s := list.Source{Columns: columns, From: from, ID: "e.id"}
	s.Search = &m.search
	w := &s.Where
	if f.Customer != "" {
		w.And("e.customer_id = any(@customers)", "customers", m.Customer.IDs)
	}
	if f.Type != "" {
		w.And(`e.type collate "und-x-icu" = @type`, "type", f.Type)
	}
	if f.Site != 0 {
		w.And("e.site_id = @site", "site", f.Site)
	}
	if f.New {
		w.And("e.origin = 'portal' and e.created_at > now() - @recent::interval", "recent", audit.Recent)
	}
	month, quarter := f.Today.AddDays(soon), f.Today.AddDays(3*soon)
	switch f.Show {
	case All:
	case ShowInUse:
		w.And("e.status = 'in use'")
	case ShowRetired:
		w.And("e.status = 'retired'")
	case ShowDue:
		w.And("e.service_key <= @month and e.status = 'in use'", "month", month)
	}
	switch f.Planned {
	case AnyService:
	case IsOverdue:
		w.And("e.service_key < @today and e.status = 'in use'", "today", f.Today)
	case InMonth:
		w.And("e.service_key between @today and @month and e.status = 'in use'", "today", f.Today, "month", month)
	case InQuarter:
		w.And("e.service_key between @today and @quarter and e.status = 'in use'", "today", f.Today, "quarter", quarter)
	case NotPlanned:
		w.And("e.next_service_on is null and e.status = 'in use'")
	}
	const until = "coalesce(e.warranty_until, 'infinity'::date)"
	switch f.Warranty {
	case NoWarranty:
	case Covered:
		w.And(until+" >= @today and e.warranty_until is not null", "today", f.Today)
	case Ending:
		w.And(until+" between @today and @ending", "today", f.Today, "ending", f.Today.AddDays(ending))
	case Ended:
		w.And(until+" < @today", "today", f.Today)
	}
	return s
}

// List is a page of equipment.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (page list.Page[Item], err error) {
	var m Matches
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryMatches(b, &m, q, f) }); err == nil {
		page, err = list.Fetch[Item](ctx, db, q, Orders, source(f, m))
	}
	if err != nil {
		return page, fmt.Errorf("equipment: %w", err)
	}
	return page, nil
}

// QueryBoard adds the queries for a page of equipment and for how much fits
// each choice above the list, each up to 1,001.
func QueryBoard(b *postgres.Batch, page *list.Page[Item], counts *map[Show]int, q list.Query, f Filter, m Matches) {
	s := source(f, m)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, page, q, Orders, s)
	*counts = list.QueryCounts(b, Shows, func(show Show) list.Source {
		f.Show = show
		s := source(f, m)
		s.From = "equipment e" // no condition asks for more
		return s
	})
}

// Job is work done, or to be done, on an item.
type Job struct {
	Number, Name, Description, Status string
	At                                *time.Time // when it was completed, else booked
}

// JobOrders are the ways to sort the jobs on an item.
var JobOrders = list.Orders{
	{Key: "date", Expr: "coalesce(j.completed_at, j.booked_from, j.created_at)", Type: "timestamptz", Desc: true},
}

// QueryJobs adds a query for a page of the jobs on an item, the newest first.
func QueryJobs(b *postgres.Batch, into *list.Page[Job], q list.Query, id int64) {
	s := list.Source{
		Columns: "j.number, j.name, left(j.description, 400) as description, j.status, coalesce(j.completed_at, j.booked_from) as at",
		From:    "job_equipment je join jobs j on j.id = je.job_id", ID: "j.id",
	}
	s.Where.And("je.equipment_id = @item", "item", id)
	s.Where.Search("j.search", q.Search)
	list.QueryPage(b, into, q, JobOrders, s)
}

// Tally is how many things an item has, each up to 1,001, for its tabs.
type Tally struct{ Jobs, Attachments int }

// QueryTally adds a query that counts what an item has.
func QueryTally(b *postgres.Batch, into *Tally, id int64) {
	postgres.QueryOne(b, into, `
		select (select count(*) from (select from job_equipment where equipment_id = @id limit 1001) n) as jobs,
			(select count(*) from (select from attachments where equipment_id = @id and removed_at is null limit 1001) n) as attachments`, pgx.NamedArgs{"id": id})
}

// QueryTypes adds a query for the types in use, by name, for filters and
// suggestions. It jumps from one to the next in the index instead of reading
// every item.
func QueryTypes(b *postgres.Batch, into *[]string) {
	postgres.QueryValues(b, into, `
		with recursive types as (
			(select type collate "und-x-icu" as type from equipment order by 1 limit 1)
			union all
			select (select e.type collate "und-x-icu" from equipment e where e.type collate "und-x-icu" > t.type order by 1 limit 1) from types t where t.type is not null)
		select type from types where type is not null limit 200`, nil)
}
