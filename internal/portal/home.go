package portal

import (
	"context"
	"strconv"
	"time"

	"fieldgate/internal/list"
	"fieldgate/internal/quote"
)

// Home is what the first page shows: what needs the contact, what comes next
// and what is new. Areas that the viewer does not see are empty.
type Home struct {
	Quotes    []QuoteRow // sent and still valid, the first to expire first
	ToAnswer  int        // how many those are; counts are exact up to list.MaxCount
	Visits    []JobRow   // booked from today on, the next first
	Due       []EquipmentRow
	ServiceIn int // how much equipment is due or overdue
	Jobs      []JobRow
	Photos    []HomePhoto
}

// HomePhoto is a photo shared lately, and the job it shows.
type HomePhoto struct {
	File
	Job string // number
}

// How much of each the first page shows.
const (
	fewQuotes = 3
	fewVisits = 3
	fewDue    = 3
	fewJobs   = 5
	fewPhotos = 6
)

// bookings sorts visits with the next one first.
var bookings = list.Orders{{Key: "booked", Expr: "j.booked_key", Type: "timestamptz"}}

// Home is everything of the first page.
func (r *Reader) Home(ctx context.Context, v Viewer) (Home, error) {
	var (
		h      Home
		day    = today(v)
		quotes list.Page[QuoteRow]
		visits list.Page[JobRow]
		due    list.Page[EquipmentRow]
		jobs   list.Page[JobRow]
	)
	first := func(o list.Orders, key string, n int) list.Query {
		q := o.Read(map[string][]string{"sort": {key}})
		q.Size = n
		return q
	}
	err := r.look(ctx, v, func(g *glimpse) {
		if v.SeesQuotes() {
			wantPage(g, &quotes, first(QuoteOrders, "valid", fewQuotes), QuoteOrders, quotesOf(v, quote.Sent, day))
			wantCount(g, &h.ToAnswer, quotesOf(v, quote.Sent, day))
		}
		if v.SeesJobs() {
			w := ownJobs(v)
			// A visit of today stays until the day is over: it may be running late.
			w.And("j.status in ('booked', 'in progress') and j.booked_key >= @from", "from", day.Time(v.Business.Format.Local(time.Now()).Location()))
			wantPage(g, &visits, first(bookings, "booked", fewVisits), bookings, list.Source{Columns: jobRowColumns, From: "portal.jobs j", ID: "j.id", Where: w})
			wantPage(g, &jobs, first(JobOrders, "-newest", fewJobs), JobOrders, list.Source{Columns: jobRowColumns, From: "portal.jobs j", ID: "j.id", Where: ownJobs(v)})
			newest := list.Source{Columns: "j.id, j.number", From: "portal.jobs j", ID: "j.id", Where: ownJobs(v)}
			sql, args := list.Statement(first(JobOrders, "-newest", 20), JobOrders, newest)
			want(g, &h.Photos, `
				with newest as (`+sql+`)
				select `+fileColumns+`, n.number as job from newest n join portal.attachments a on a.job_id = n.id
				where a.kind = 'photo' and a.state = 'ready' order by a.uploaded_at desc, a.id desc limit `+strconv.Itoa(fewPhotos), args)
		}
		if v.SeesEquipment() {
			wantPage(g, &due, first(EquipmentOrders, "service", fewDue), EquipmentOrders, equipmentOf(v, EquipmentDue))
			wantCount(g, &h.ServiceIn, equipmentOf(v, EquipmentDue))
		}
	})
	h.Quotes, h.Visits, h.Due, h.Jobs = quotes.Rows, visits.Rows, due.Rows, jobs.Rows
	return h, err
}
