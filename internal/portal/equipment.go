package portal

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/contact"
	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// dueSoon is how many days ahead a service is announced.
const dueSoon = 30

// EquipmentShow is which equipment a list shows.
type EquipmentShow string

// What a list of equipment may show.
const (
	EquipmentInUse   EquipmentShow = ""
	EquipmentDue     EquipmentShow = "due" // service overdue, or due within 30 days
	EquipmentRetired EquipmentShow = "retired"
)

// EquipmentQuery is what a list of equipment is asked for.
type EquipmentQuery struct {
	list.Query
	Show   EquipmentShow
	Type   string // "" for all
	Site   int64  // 0 for all
	Choose bool   // every site is offered, however many there are
}

// EquipmentOrders are the ways to sort a list of equipment.
var EquipmentOrders = list.Orders{
	{Key: "name", Expr: `e.name collate "und-x-icu"`, Type: "text"},
	{Key: "service", Expr: "e.service_key", Type: "date"},
}

// EquipmentRow is a piece of equipment of a list.
type EquipmentRow struct {
	PublicID      string
	Number        string
	Name          string
	Type          string
	Make          string
	Model         string
	Site          string // "" for none
	NextServiceOn day.Day
	Status        equipment.Status
}

// Service says in a word how the next service stands: "Overdue", "Due soon", or "".
func (e EquipmentRow) Service(today day.Day) string {
	switch {
	case e.Status != equipment.InUse || e.NextServiceOn.IsZero():
		return ""
	case e.NextServiceOn.Before(today):
		return "Overdue"
	case e.NextServiceOn.Before(today.AddDays(dueSoon + 1)):
		return "Due soon"
	}
	return ""
}

var equipmentRowColumns = `e.public_id, e.number, e.name, e.type, e.make, e.model, e.next_service_on, e.status,
	` + siteName("e")

// EquipmentList is a page of equipment and how much there is of each sort that
// fits what was searched for. Counts are exact up to list.MaxCount.
type EquipmentList struct {
	list.Page[EquipmentRow]
	InUse    int
	Due      int
	Retired  int
	Matching int // of what was asked for
	Types    []string
	Sites    SiteChoices
	Waiting  AskedThings // for the system that keeps equipment, by their ids
}

// Equipment lists the equipment the viewer sees.
func (r *Reader) Equipment(ctx context.Context, v Viewer, q EquipmentQuery) (EquipmentList, error) {
	var (
		l    EquipmentList
		read = r.read
	)
	if q.Show != EquipmentDue && q.Show != EquipmentRetired {
		q.Show = EquipmentInUse
	}
	search, err := r.find(ctx, v, q.Search, equipmentWords, equipmentAtSites(v))
	if err != nil {
		return l, err
	}
	source := func(show EquipmentShow) list.Source {
		s := equipmentOf(v, show)
		s.Search = search
		if q.Type != "" {
			s.Where.And("e.type = @type", "type", q.Type)
		}
		if q.Site != 0 {
			s.Where.And("e.site_id = @site", "site", q.Site)
		}
		return s
	}
	// An index holds just these: most are in use, and what is due comes first by its service.
	inOrder := q.Search == "" && q.Type == "" && q.Site == 0 && v.Permissions.AllSites && (q.Show == EquipmentInUse || q.Show == EquipmentDue && q.Sort == "service")
	if inOrder {
		read = r.readInOrder
	}
	counts := map[EquipmentShow]*int{EquipmentInUse: &l.InUse, EquipmentDue: &l.Due, EquipmentRetired: &l.Retired}
	err = read(ctx, v, func(b *postgres.Batch) {
		keepPlansOf(b, search, false)
		page := source(q.Show)
		if inOrder {
			page.Where.Hint(fewOf("e"))
		}
		list.QueryPage(b, &l.Page, q.Query, EquipmentOrders, page)
		for show, into := range counts {
			list.QueryCount(b, into, source(show))
		}
		queryEquipmentTypes(b, &l.Types)
		querySiteChoices(b, &l.Sites, q.Site, q.Choose)
		queryWaiting(b, &l.Waiting, v, keeper.Equipment, "public_id")
	})
	l.Matching = l.Counted(*counts[q.Show])
	return l, err
}

func equipmentAtSites(v Viewer) list.Where { return within(v, contact.All, "e") }

func equipmentOf(v Viewer, show EquipmentShow) list.Source {
	w := equipmentAtSites(v)
	switch show {
	case EquipmentInUse:
		w.And("e.status = 'in use'")
	case EquipmentDue:
		w.And("e.status = 'in use' and e.service_key <= @until", "until", v.Business.Format.Today().AddDays(dueSoon))
	case EquipmentRetired:
		w.And("e.status = 'retired'")
	}
	return list.Source{Columns: equipmentRowColumns, From: "portal.equipment e", ID: "e.id", Where: w}
}

// wantEquipmentTypes adds the types in use, to choose from.
func queryEquipmentTypes(b *postgres.Batch, into *[]string) {
	b.Add(`
		with recursive types as (
			(select type from portal.equipment order by type limit 1)
			union all
			select (select e.type from portal.equipment e where e.type > t.type order by e.type limit 1) from types t where t.type is not null)
		select type from types where type is not null order by type collate "und-x-icu" limit 100`, nil, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
}

// Item is a piece of equipment with all that a contact sees of it.
type Item struct {
	ID int64
	EquipmentRow
	SiteID         *int64
	SiteAddress    address.Address
	Location       string
	SerialNumber   string
	InstalledOn    day.Day
	CommissionedOn day.Day
	WarrantyUntil  day.Day
	LastServiceOn  day.Day
	CreatedBy      *int64 `db:"created_by_contact_id"`
	Version        int64
	Jobs           []ItemJob     `db:"-"` // the newest first
	Files          []File        `db:"-"`
	Requests       []KeptRequest `db:"-"` // to the system that keeps it
}

// ItemJob is a job on a piece of equipment.
type ItemJob struct {
	Number      string
	Name        string
	Description string
	Status      job.Status
	Type        string
	Colour      string
	BookedFrom  *time.Time
	CompletedAt *time.Time
}

// Title names the job.
func (j ItemJob) Title() string { return job.Title(j.Name, j.Description) }

// At is when the job was done, or else when it is booked.
func (j ItemJob) At() *time.Time {
	if j.CompletedAt != nil {
		return j.CompletedAt
	}
	return j.BookedFrom
}

// MaxItemJobs is how many jobs the page of a piece of equipment lists.
const MaxItemJobs = 50

// Item is the piece of equipment with that opaque id, or apperr.NotFound.
func (r *Reader) Item(ctx context.Context, v Viewer, id string) (Item, error) {
	var e Item
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		queryItem(b, &e, id)
		if v.Keepers.Keeps(keeper.Equipment).Elsewhere() {
			queryKept(b, &e.Requests, keeper.Equipment, `(select id from portal.equipment where public_id = @id)`, pgx.NamedArgs{"id": id})
		}
	})
	return e, err
}

func queryItem(b *postgres.Batch, e *Item, id string) {
	n := pgx.NamedArgs{"id": id}
	const this = `(select id from portal.equipment where public_id = @id)`
	postgres.QueryOne(b, e, `
		select `+equipmentRowColumns+`, e.id, e.site_id, coalesce(s.address, '{}') as site_address, e.location, e.serial_number, e.installed_on, e.commissioned_on,
			e.warranty_until, e.last_service_on, e.created_by_contact_id, e.version
		from portal.equipment e left join portal.sites s on s.id = e.site_id
		where e.public_id = @id`, n)
	postgres.Query(b, &e.Jobs, `
		select j.number, j.name, j.description, j.status, j.booked_from, j.completed_at, coalesce(t.name, '') as type, coalesce(t.colour, '') as colour
		from portal.job_equipment je join portal.jobs j on j.id = je.job_id left join portal.job_types t on t.id = j.job_type_id
		where je.equipment_id = `+this+` order by j.created_at desc, j.id desc limit `+strconv.Itoa(MaxItemJobs), n)
	postgres.Query(b, &e.Files, `select `+fileColumns+` from portal.attachments a where a.equipment_id = `+this+` order by a.uploaded_at, a.id`, n)
}

// Description is what a contact may edit of the item, as in its form.
func (e Item) Description() equipment.Description {
	d := equipment.Description{
		Name: e.Name, Type: e.Type, Location: e.Location, Make: e.Make, Model: e.Model, SerialNumber: e.SerialNumber,
		InstalledOn: e.InstalledOn, CommissionedOn: e.CommissionedOn, WarrantyUntil: e.WarrantyUntil,
	}
	if e.SiteID != nil {
		d.Site = *e.SiteID
	}
	return d
}

// MayEdit reports whether the viewer may edit the item now.
func (e Item) MayEdit(v Viewer) bool { return v.MayEditEquipment() && e.Status == equipment.InUse }

// WhyNotEdit tells a viewer who may edit equipment why this item cannot be
// edited any more; it is empty for everybody else.
func (e Item) WhyNotEdit(v Viewer) string {
	if !v.MayEditEquipment() || e.MayEdit(v) {
		return ""
	}
	return "This equipment is retired, so it can no longer be changed."
}

// MayAddFiles reports whether the viewer may add files now: to what they may
// edit, and to what they added.
func (e Item) MayAddFiles(v Viewer) bool {
	return e.Status == equipment.InUse && (v.MayEditEquipment() || (e.CreatedBy != nil && *e.CreatedBy == v.Contact))
}

// MayRemove reports whether the viewer may take back a file of the item.
func (e Item) MayRemove(v Viewer, f File) bool { return f.By(v) && e.Status == equipment.InUse }

// ItemChoices are what a form for equipment offers.
type ItemChoices struct {
	Types  []string // suggestions
	Places Places
}

// ItemChoices are what the viewer may choose for a piece of equipment.
func (r *Reader) ItemChoices(ctx context.Context, v Viewer) (ItemChoices, error) {
	var c ItemChoices
	err := r.read(ctx, v, func(b *postgres.Batch) { queryItemChoices(b, &c) })
	return c, err
}

func queryItemChoices(b *postgres.Batch, c *ItemChoices) {
	queryEquipmentTypes(b, &c.Types)
	queryPlaces(b, &c.Places)
}

// ItemForm is a piece of equipment together with what its form offers, in one look.
func (r *Reader) ItemForm(ctx context.Context, v Viewer, id string) (Item, ItemChoices, error) {
	var (
		e Item
		c ItemChoices
	)
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		queryItem(b, &e, id)
		queryItemChoices(b, &c)
	})
	return e, c, err
}
