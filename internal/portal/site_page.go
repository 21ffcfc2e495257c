package portal

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// SitePage is a site with what the viewer sees there. Areas that the viewer does
// not see are empty.
type SitePage struct {
	Site      Site
	Next      []JobRow // visits booked from today on, the next first
	Last      []JobRow // the visits before, the latest first
	Jobs      []JobRow // the newest
	AllJobs   int      // counts are exact up to list.MaxCount
	Quotes    []QuoteRow
	AllQuotes int
	Equipment []EquipmentRow // in use, the next service first
	InUse     int
	Photos    []SitePhoto // the newest
	Documents []Document  // those that are not replaced, the first to end first
	AllDocs   int
}

// SitePhoto is a photo taken at a site, and what it shows.
type SitePhoto struct {
	File
	Job  string // number; "" for a photo of equipment
	Item string // name of the equipment
}

// How much of each a site's page shows.
const (
	siteVisits    = 3
	siteJobs      = 6
	siteEquipment = 8
	sitePhotos    = 8
	siteDocuments = 8
)

// visitOrders sorts visits by when they are, the latest first.
var visitOrders = list.Orders{{Key: "booked", Expr: "j.booked_key", Type: "timestamptz", Desc: true}}

// SitePage is everything of a site's page, or apperr.NotFound.
func (r *Reader) SitePage(ctx context.Context, v Viewer, id int64) (SitePage, error) {
	var (
		p          SitePage
		next, last list.Page[JobRow]
		jobs       list.Page[JobRow]
		quotes     list.Page[QuoteRow]
		items      list.Page[EquipmentRow]
		documents  list.Page[Document]
		format     = v.Business.Format
		today      = format.Today()
		begin      = today.Time(format.Zone())
		atSite     = func(s list.Source, t string) list.Source { s.Where.And(t+".site_id = @at", "at", id); return s }
		jobsHere   = func() list.Source {
			return atSite(list.Source{Columns: jobRowColumns, From: "portal.jobs j", ID: "j.id", Where: ownJobs(v)}, "j")
		}
	)
	err := r.read(ctx, v, func(b *postgres.Batch) {
		querySite(b, &p.Site, id)
		if v.SeesJobs() {
			past := jobsHere()
			past.Where.And("j.booked_key < @begin and j.booked_key > '-infinity' and j.status <> 'cancelled'", "begin", begin)
			list.QueryPage(b, &next, first(bookings, "booked", siteVisits), bookings, atSite(coming(v), "j"))
			list.QueryPage(b, &last, first(visitOrders, "-booked", siteVisits), visitOrders, past)
			list.QueryPage(b, &jobs, first(JobOrders, "-newest", siteJobs), JobOrders, jobsHere())
			list.QueryCount(b, &p.AllJobs, jobsHere())
		}
		if v.SeesQuotes() {
			list.QueryPage(b, &quotes, first(QuoteOrders, "-newest", siteVisits), QuoteOrders, atSite(quotesOf(v, "", today), "q"))
			list.QueryCount(b, &p.AllQuotes, atSite(quotesOf(v, "", today), "q"))
		}
		if v.SeesEquipment() {
			list.QueryPage(b, &items, first(EquipmentOrders, "service", siteEquipment), EquipmentOrders, atSite(equipmentOf(v, EquipmentInUse), "e"))
			list.QueryCount(b, &p.InUse, atSite(equipmentOf(v, EquipmentInUse), "e"))
		}
		held := documentsOf(DocumentQuery{Site: id}, attachment.AnyValidity, today)
		held.Where.And("not d.replaced")
		list.QueryPage(b, &documents, first(DocumentOrders, "valid", siteDocuments), DocumentOrders, held)
		list.QueryCount(b, &p.AllDocs, held)
		if v.SeesJobs() || v.SeesEquipment() {
			postgres.Query(b, &p.Photos, photosHere, pgx.NamedArgs{"at": id})
		}
	})
	p.Next, p.Last, p.Jobs, p.Quotes, p.Equipment, p.Documents = next.Rows, last.Rows, jobs.Rows, quotes.Rows, items.Rows, documents.Rows
	for i := range p.Quotes {
		p.Quotes[i].expire(today)
	}
	return p, err
}

// photosHere finds the newest photos of what is at a site: of its newest jobs,
// and of its equipment.
var photosHere = `
	with jobs_here as (select j.id, j.number from portal.jobs j where j.site_id = @at order by j.created_at desc, j.id desc limit 50),
	items_here as (select e.id, e.name from portal.equipment e where e.site_id = @at order by e.id limit 200)
	select ` + fileColumns + `, j.number as job, '' as item from jobs_here j join portal.attachments a on a.job_id = j.id where a.kind = 'photo' and a.state = 'ready'
	union all
	select ` + fileColumns + `, '' as job, e.name as item from items_here e join portal.attachments a on a.equipment_id = e.id where a.kind = 'photo' and a.state = 'ready'
	order by uploaded_at desc, id desc limit ` + strconv.Itoa(sitePhotos)
