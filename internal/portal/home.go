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
	// manyChanges are enough to find fewChanges things: each shows its last one.
	manyChanges = 24
	// manyThings are as many of the newest jobs, or quotes, as changes are looked for
	// on, for those who see a few of the customer's.
	manyThings = 100
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
		ofJobs []HomeChange
		asked  []HomeChange
		sent   []HomeChange
	)
	err := r.readInOrder(ctx, v, func(b *postgres.Batch) { // the newest, or the next, of anything
		if v.SeesQuotes() {
			list.QueryPage(b, &quotes, first(answerOrders, "valid", fewQuotes), answerOrders, toAnswer(v, day))
			queryToAnswer(b, &h.ToAnswer, v, day)
			queryQuoteChanges(b, v, &asked, &sent)
		}
		if v.SeesJobs() {
			next := coming(v)
			next.Where.And(fewOf("j"))
			list.QueryPage(b, &visits, first(bookings, "booked", fewVisits), bookings, next)
		}
		if v.SeesEquipment() {
			next := equipmentOf(v, EquipmentDue)
			next.Where.And(fewOf("e"))
			list.QueryPage(b, &due, first(EquipmentOrders, "service", fewDue), EquipmentOrders, next)
			list.QueryCount(b, &h.ServiceIn, equipmentOf(v, EquipmentDue))
		}
		postgres.QueryValue(b, &h.FirstVisit, `select not exists (select from portal.last_visit where ended_at is not null)`, nil)
		if v.SeesJobs() || v.SeesQuotes() {
			queryNewMessages(b, v, &h.Messages)
		}
		postgres.Query(b, &h.NewPhotos, newPhotos, nil)
		if v.SeesJobs() {
			queryJobChanges(b, v, &ofJobs)
			sql, args := newestJobs(v, "t.id, t.number", 20)
			postgres.Query(b, &h.Photos, `
				with newest as (`+sql+`)
				select `+fileColumns+`, n.number as job from newest n join portal.attachments a on a.job_id = n.id
				where a.kind = 'photo' and a.state = 'ready' order by a.uploaded_at desc, a.id desc limit `+strconv.Itoa(fewPhotos), args)
		}
	})
	h.Quotes, h.Visits, h.Due = quotes.Rows, visits.Rows, due.Rows
	h.Changes = lastChanges(slices.Concat(ofJobs, asked, sent))
	return h, err
}

// coming is where the visits come from that are still to be. One of today stays
// until the day is over: it may be running late. Work of the day before may go
// on past midnight.
func coming(v Viewer) list.Source {
	s := jobsOf(v, JobQuery{}, "", nil)
	today, zone := v.Business.Format.Today(), v.Business.Format.Zone()
	s.Where.And("j.status = any(@expected) and j.booked_key >= @yesterday and (j.booked_key >= @from or j.status = @at_work)",
		"expected", job.ExpectedStatuses, "from", today.Time(zone), "yesterday", today.AddDays(-1).Time(zone), "at_work", job.InProgress)
	return s
}

// lastChanges keeps the last change of each thing, the newest first.
func lastChanges(all []HomeChange) (last []HomeChange) {
	slices.SortStableFunc(all, func(a, b HomeChange) int { return b.At.Compare(a.At) })
	for _, c := range all {
		same := func(o HomeChange) bool { return o.Job == c.Job && o.Quote == c.Quote }
		if len(last) < fewChanges && !slices.ContainsFunc(last, same) {
			last = append(last, c)
		}
	}
	return last
}

// first asks for the beginning of a list.
func first(o list.Orders, key string, n int) list.Query {
	q := o.Read(map[string][]string{"sort": {key}})
	q.Size = n
	return q
}

// newPhotos finds what was shared since the last visit, bounded for those who
// have been away for long.
var newPhotos = `
	with fresh as (
		select a.id, a.job_id, a.quote_id, a.equipment_id from portal.attachments a
		where a.is_new and a.kind = 'photo' and a.state = 'ready' and num_nonnulls(a.job_id, a.quote_id, a.equipment_id) = 1 limit ` + strconv.Itoa(list.MaxCount) + `),
	by_thing as (
		select job_id, quote_id, equipment_id, count(*) as photos, max(id) as newest from fresh group by 1, 2, 3 order by 5 desc limit ` + strconv.Itoa(fewNew) + `)
	select coalesce(j.number, '') as job, coalesce(q.number, '') as quote, coalesce(e.public_id, '') as equipment,
		coalesce(j.name, q.name, e.name, '') as name, coalesce(j.description, q.description, '') as description, n.photos
	from by_thing n
	left join portal.seen_jobs j on j.id = n.job_id left join portal.quotes q on q.id = n.quote_id left join portal.equipment e on e.id = n.equipment_id
	order by n.newest desc`

// looksAmongFew reports whether somebody sees a few of the customer's jobs, or
// quotes, by what they may see of these.
func (v Viewer) looksAmongFew(scope contact.Scope) bool {
	return scope == contact.Own || !v.Permissions.AllSites
}

// queryJobChanges finds what has happened lately: the newest statuses first, and
// then what they are of. Of those who see a few of the customer's jobs, their
// newest jobs come first: what happened to the others may be a thousand statuses.
func queryJobChanges(b *postgres.Batch, v Viewer, into *[]HomeChange) {
	changes, args := `select id, job_id, status, at from portal.job_statuses where at > @since order by at desc, id desc limit `+strconv.Itoa(manyChanges), pgx.NamedArgs{}
	if v.looksAmongFew(v.Permissions.JobsSee) {
		changes, args = newestJobs(v, "t.id", manyThings)
		changes = `select h.id, h.job_id, h.status, h.at from (` + changes + `) j cross join lateral (
			select id, job_id, status, at from portal.job_statuses where job_id = j.id and at > @since order by at desc, id desc limit 1) h
			order by h.at desc, h.id desc limit ` + strconv.Itoa(manyChanges)
	}
	args["since"] = since(v)
	postgres.Query(b, into, `
		select j.number as job, '' as quote, j.name, j.description, h.status, h.at
		from (`+changes+`) h
		join portal.seen_jobs j on j.id = h.job_id
		order by h.at desc, h.id desc`, args)
}

// queryQuoteChanges finds the same of quotes, each of which has one change: those
// asked for lately that were not sent, and those sent.
func queryQuoteChanges(b *postgres.Batch, v Viewer, asked, sent *[]HomeChange) {
	if v.looksAmongFew(v.Permissions.QuotesSee) {
		quotes, args := newestOf(v, "portal.quotes", v.Permissions.QuotesSee, "t.id, t.number, t.name, t.description, t.created_at, t.sent_at", manyThings)
		args["since"] = since(v)
		postgres.Query(b, sent, `
			select '' as job, q.number as quote, q.name, q.description, case when q.sent_at is null then 'requested' else 'sent' end as status, coalesce(q.sent_at, q.created_at) as at
			from (`+quotes+`) q where coalesce(q.sent_at, q.created_at) > @since order by at desc, q.id desc limit `+strconv.Itoa(fewChanges), args)
		return
	}
	args := pgx.NamedArgs{"since": since(v)}
	postgres.Query(b, asked, quotesAsked, args)
	postgres.Query(b, sent, quotesSent, args)
}

var (
	quotesAsked = `
		select '' as job, q.number as quote, q.name, q.description, 'requested' as status, q.created_at as at
		from portal.quotes q where q.created_at > @since and q.sent_at is null and ` + fewOf("q") + `
		order by q.created_at desc, q.id desc limit ` + strconv.Itoa(fewChanges)
	quotesSent = `
		select '' as job, q.number as quote, q.name, q.description, 'sent' as status, s.sent_at as at
		from portal.quote_sendings s join portal.quotes q on q.id = s.quote_id and q.version_number = s.number
		where s.sent_at > @since order by s.sent_at desc, q.id desc limit ` + strconv.Itoa(fewChanges)
)

// since is from when on changes are news.
func since(v Viewer) time.Time { return v.Business.Format.Now.Add(-lately) }

// newestJobs is newestOf for jobs.
func newestJobs(v Viewer, columns string, n int) (string, pgx.NamedArgs) {
	return newestOf(v, "portal.jobs", v.Permissions.JobsSee, columns, n)
}

// newestOf are the SQL and the arguments of the n newest jobs, or quotes, that the
// viewer sees, newest first. Those of a few sites are gathered from the newest of each.
func newestOf(v Viewer, things string, scope contact.Scope, columns string, n int) (string, pgx.NamedArgs) {
	const order = "t.created_at desc, t.id desc"
	s := list.Source{Columns: columns, From: things + " t", Where: within(v.atEverySite(), scope, "t")}
	s.Where.And(fewOf("t"))
	if v.Permissions.AllSites {
		return list.First(s, order, n)
	}
	s.Columns = "*"
	s.Where.And("t.site_id = at.site")
	ofSite, args := list.First(s, order, n)
	gathered := list.Source{Columns: columns, From: "unnest(@sites::bigint[]) at (site) cross join lateral (" + ofSite + ") t"}
	sql, _ := list.First(gathered, order, n)
	args["sites"] = v.Permissions.Sites
	return sql, args
}
