package overview

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// AtSite is what goes on at a site: the first few of each.
type AtSite struct {
	Next      []SiteJob // visits booked from today on, the next first
	Last      []SiteJob // the visits before, the latest first
	Jobs      []SiteJob // the newest
	Equipment []SiteItem
	Photos    []SitePhoto // the newest
	Contacts  []SiteContact
	Documents list.Page[attachment.DocumentRow] // those that end first
}

// SiteJob is a job at a site.
type SiteJob struct {
	Number      string
	Name        string
	Description string
	Type        string
	Status      job.Status
	BookedFrom  *time.Time
	BookedUntil *time.Time
}

// Title is what the job is called.
func (j SiteJob) Title() string { return job.Title(j.Name, j.Description) }

// SiteItem is a piece of equipment in use at a site.
type SiteItem struct {
	PublicID      string
	Number        string
	Name          string
	Type          string
	NextServiceOn day.Day
}

// SitePhoto is a photo of a job at a site, or of equipment there.
type SitePhoto struct {
	attachment.File
	Job  string // number; "" for a photo of equipment
	Item string // name of the equipment
}

// SiteContact is a contact who sees this site and not all of the customer's.
type SiteContact struct {
	ID     int64
	Name   string
	Role   string
	Phone  string
	Access string
}

// How much of each a site's page shows.
const (
	siteVisits    = 3
	siteJobs      = 6
	siteEquipment = 8
	sitePhotos    = 8
	siteContacts  = 20
	siteDocuments = 8
)

const siteJob = `select j.number, j.name, j.description, t.name as type, j.status, j.booked_from, j.booked_until from jobs j join job_types t on t.id = j.job_type_id
	where j.customer_id = @customer and j.site_id = @site`

// QueryAtSite adds what goes on at a customer's site. Begin is the moment at
// which today begins.
func QueryAtSite(b *postgres.Batch, into *AtSite, customer, site int64, today day.Day, begin time.Time) {
	n := pgx.NamedArgs{"customer": customer, "site": site, "begin": begin}
	postgres.Query(b, &into.Next, siteJob+` and `+list.Is("j.status", job.ExpectedStatuses...)+` and j.booked_key >= @begin order by j.booked_key, j.id limit `+strconv.Itoa(siteVisits), n)
	postgres.Query(b, &into.Last, siteJob+` and j.status <> 'cancelled' and j.booked_key < @begin and j.booked_key > '-infinity' order by j.booked_key desc, j.id desc limit `+strconv.Itoa(siteVisits), n)
	postgres.Query(b, &into.Jobs, siteJob+` order by j.created_at desc, j.id desc limit `+strconv.Itoa(siteJobs), n)
	postgres.Query(b, &into.Equipment, `
		select e.public_id, e.number, e.name, e.type, e.next_service_on from equipment e
		where e.customer_id = @customer and e.site_id = @site and e.status = 'in use' order by e.service_key, e.id limit `+strconv.Itoa(siteEquipment), n)
	postgres.Query(b, &into.Photos, `
		with jobs_here as (select j.id, j.number from jobs j where j.customer_id = @customer and j.site_id = @site order by j.created_at desc, j.id desc limit 50),
		items_here as (select e.id, e.name from equipment e where e.customer_id = @customer and e.site_id = @site order by e.id limit 200)
		select `+attachment.Columns+`, coalesce(j.number, '') as job, coalesce(i.name, '') as item
		from `+attachment.Table+` left join jobs_here j on j.id = a.job_id left join items_here i on i.id = a.equipment_id
		where (a.job_id in (select id from jobs_here) or a.equipment_id in (select id from items_here)) and a.kind = 'photo' and a.state = 'ready' and a.removed_at is null
		order by a.uploaded_at desc, a.id desc limit `+strconv.Itoa(sitePhotos), n)
	postgres.Query(b, &into.Contacts, `
		select c.id, c.name, c.role, coalesce(nullif(c.mobile, ''), c.phone) as phone, c.access from contact_sites cs join contacts c on c.id = cs.contact_id
		where cs.site_id = @site and cs.customer_id = @customer and not c.all_sites and c.archived_at is null order by c.name collate "und-x-icu", c.id limit `+strconv.Itoa(siteContacts), n)
	q := attachment.DocumentOrders.Read(nil)
	q.Size = siteDocuments
	attachment.QueryDocuments(b, &into.Documents, q, attachment.DocumentFilter{Customer: customer, Site: site}, today)
}
