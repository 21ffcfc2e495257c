package portal

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Home is what the first page shows: what needs the contact, what comes next
// and what is new. Areas that the viewer does not see are empty.
type Home struct {
	FirstVisit bool
	Quotes     []QuoteRow // sent and still valid, the first to expire first
	ToAnswer   int        // how many those are; counts are exact up to list.MaxCount
	Visits     []JobRow   // booked from today on, the next first
	Due        []EquipmentRow
	ServiceIn  int // how much equipment is due or overdue
	Messages   []NewMessages
	NewPhotos  []NewPhotos // shared since the last visit, the newest first
	Photos     []HomePhoto // the newest, whether or not they were seen
	Changes    []HomeChange
}

// NewPhotos are photos of one thing that were shared since the last visit.
type NewPhotos struct {
	Job         string // number; one of the three names the thing
	Quote       string // number
	Equipment   string // opaque id
	Name        string
	Description string
	Photos      int
}

// Title names the thing that the photos show.
func (n NewPhotos) Title() string { return job.Title(n.Name, n.Description) }

// HomePhoto is a photo shared lately, and the job it shows.
type HomePhoto struct {
	File
	Job string // number
}

// HomeChange is something that has happened lately to a job or a quote: which
// status it took, and when.
type HomeChange struct {
	Job         string // number; one of the two names the thing
	Quote       string
	Name        string
	Description string
	Status      string
	At          time.Time
}

// Title names the job or the quote.
func (c HomeChange) Title() string { return job.Title(c.Name, c.Description) }

// How much of each the first page shows.
const (
	fewQuotes  = 3
	fewVisits  = 4
	fewDue     = 2
	fewNew     = 3
	fewPhotos  = 6
	fewChanges = 6
	// lately is how far back changes are news.
	lately = 60 * 24 * time.Hour
)

// bookings sorts visits with the next one first.
var bookings = list.Orders{{Key: "booked", Expr: "j.booked_key", Type: "timestamptz"}}

// Home is everything of the first page.
func (r *Reader) Home(ctx context.Context, v Viewer) (Home, error) {
	var (
		h      Home
		day    = v.Business.Format.Today()
		quotes list.Page[QuoteRow]
		visits list.Page[JobRow]
		due    list.Page[EquipmentRow]

		ofJobs, ofQuotes []HomeChange
	)
	err := r.readInOrder(ctx, v, func(b *postgres.Batch) { // the newest, or the next, of anything
		if v.SeesQuotes() {
			list.QueryPage(b, &quotes, first(answerOrders, "valid", fewQuotes), answerOrders, toAnswer(v, day))
			countWaiting(b, &h.ToAnswer, quotesOf(v, "", day), day)
			queryQuoteChanges(b, v, &ofQuotes)
		}
		if v.SeesJobs() {
			next := ofEachSite(v, "j.site_id", coming)
			next.Where.And(fewOf("j"))
			list.QueryPage(b, &visits, first(bookings, "booked", fewVisits), bookings, next)
		}
		if v.SeesEquipment() {
			next := ofEachSite(v, "e.site_id", func(v Viewer) list.Source { return equipmentOf(v, EquipmentDue) })
			next.Where.And(fewOf("e"))
			list.QueryPage(b, &due, first(EquipmentOrders, "service", fewDue), EquipmentOrders, next)
			list.QueryCount(b, &h.ServiceIn, equipmentOf(v, EquipmentDue))
		}
		postgres.QueryValue(b, &h.FirstVisit, `select not exists (select from portal.last_visit where ended_at is not null)`, nil)
		if v.SeesJobs() || v.SeesQuotes() {
			queryNewMessages(b, v, &h.Messages)
		}
		queryNewPhotos(b, v, &h.NewPhotos)
		if v.SeesJobs() {
			queryJobChanges(b, v, &ofJobs)
			sql, args := newestOf(v, seenOf(v, "portal.jobs", v.Permissions.JobsSee, "t.id, t.number"), "t.created_at", 20)
			postgres.Query(b, &h.Photos, `
				with newest as (`+sql+`)
				select `+fileColumns+`, n.number as job from newest n join portal.attachments a on a.job_id = n.id
				where a.kind = 'photo' and a.state = 'ready' order by a.uploaded_at desc, a.id desc limit `+strconv.Itoa(fewPhotos), args)
		}
	})
	h.Quotes, h.Visits, h.Due = quotes.Rows, visits.Rows, due.Rows
	h.Changes = lastChanges(slices.Concat(ofJobs, ofQuotes))
	return h, err
}

// coming is where the visits come from that are still to be. One of today stays
// until the day is over: it may be running late. Work of the day before may go
// on past midnight.
func coming(v Viewer) list.Source {
	s := jobsOf(v, JobQuery{}, "", nil)
	today, zone := v.Business.Format.Today(), v.Business.Format.Zone()
	s.Where.And(list.Is("j.status", job.ExpectedStatuses...)+" and j.booked_key >= @yesterday and (j.booked_key >= @from or j.status = @at_work)",
		"from", today.Time(zone), "yesterday", today.AddDays(-1).Time(zone), "at_work", job.InProgress)
	return s
}

// lastChanges keeps the newest.
func lastChanges(all []HomeChange) []HomeChange {
	slices.SortStableFunc(all, func(a, b HomeChange) int { return b.At.Compare(a.At) })
	return all[:min(len(all), fewChanges)]
}

// first asks for the beginning of a list.
func first(o list.Orders, key string, n int) list.Query {
	q := o.Read(map[string][]string{"sort": {key}})
	q.Size = n
	return q
}

// queryNewPhotos finds what was shared since the last visit, bounded for those who
// have been away for long. Those who see a few of the customer's things look at what
// hangs on these, and on equipment, which is nobody's own.
func queryNewPhotos(b *postgres.Batch, v Viewer, into *[]NewPhotos) {
	among, args := "", pgx.NamedArgs{}
	if v.seesOwnAlone() {
		args["whose"], among = []int64{v.Contact, 0}, " and a.about_contact_id = any(@whose)"
	}
	if len(v.Permissions.Sites) > 0 {
		args["sites"], among = v.Permissions.Sites, among+" and a.about_site_id = any(@sites)"
	}
	postgres.Query(b, into, `
		with fresh as (
			select a.id, a.job_id, a.quote_id, a.equipment_id from portal.attachments a
			where a.is_new and a.kind = 'photo' and a.state = 'ready' and num_nonnulls(a.job_id, a.quote_id, a.equipment_id) = 1`+among+` limit `+strconv.Itoa(list.MaxCount)+`),`+newPhotosByThing, args)
}

var newPhotosByThing = `
	by_thing as (
		select job_id, quote_id, equipment_id, count(*) as photos, max(id) as newest from fresh group by 1, 2, 3 order by 5 desc limit ` + strconv.Itoa(fewNew) + `)
	select coalesce(j.number, '') as job, coalesce(q.number, '') as quote, coalesce(e.public_id, '') as equipment,
		coalesce(j.name, q.name, e.name, '') as name, coalesce(j.description, q.description, '') as description, n.photos
	from by_thing n
	left join portal.seen_jobs j on j.id = n.job_id left join portal.quotes q on q.id = n.quote_id left join portal.equipment e on e.id = n.equipment_id
	order by n.newest desc`

// queryJobChanges finds what has happened lately: which status each job took last.
func queryJobChanges(b *postgres.Batch, v Viewer, into *[]HomeChange) {
	queryChanges(b, v, into, "portal.jobs", v.Permissions.JobsSee, "t.status_at", "t.number as job, '' as quote, t.status")
}

// queryQuoteChanges finds the same of quotes: which were asked for, and which sent.
func queryQuoteChanges(b *postgres.Batch, v Viewer, into *[]HomeChange) {
	queryChanges(b, v, into, "portal.quotes", v.Permissions.QuotesSee, "t.asked_or_sent_at", "'' as job, t.number as quote, case when t.sent_at is null then 'requested' else 'sent' end as status")
}

func queryChanges(b *postgres.Batch, v Viewer, into *[]HomeChange, things string, scope contact.Scope, at, columns string) {
	s := seenOf(v, things, scope, columns+", t.name, t.description, "+at+" as at")
	s.Where.And(at+" > @since", "since", v.Business.Format.Now.Add(-lately))
	sql, args := newestOf(v, s, at, fewChanges)
	postgres.Query(b, into, sql, args)
}

// seenOf is where the jobs, or quotes, t come from that newestOf looks for.
func seenOf(v Viewer, things string, scope contact.Scope, columns string) list.Source {
	s := list.Source{Columns: columns, From: things + " t", Where: within(v.atEverySite(), scope, "t")}
	s.Where.And(fewOf("t"))
	return s
}

// newestOf are the SQL and the arguments of the n newest, by a moment of theirs. Those
// of a few sites are gathered from the newest of each.
func newestOf(v Viewer, s list.Source, moment string, n int) (string, pgx.NamedArgs) {
	order := moment + " desc, t.id desc"
	if v.Permissions.AllSites {
		return list.First(s, order, n)
	}
	columns := s.Columns
	s.Columns = "*"
	s.Where.And("t.site_id = at.site")
	ofSite, args := list.First(s, order, n)
	gathered := list.Source{Columns: columns, From: "unnest(@sites::bigint[]) at (site) cross join lateral (" + ofSite + ") t"}
	sql, _ := list.First(gathered, order, n)
	args["sites"] = v.Permissions.Sites
	return sql, args
}
