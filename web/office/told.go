package officeweb

import (
	"context"

	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/session"
)

// say leaves what was done, and who was told of it, for the next page.
func say(ctx context.Context, words string, warn bool) {
	if warn {
		session.Warn(ctx, words)
		return
	}
	session.Flash(ctx, words)
}

// toldOfQuote is who is told of a quote, but for the contacts; back is where one
// goes on after inviting one of them.
func toldOfQuote(q quote.Quote, back string) officeview.Told {
	return officeview.Told{
		Thing: "quote", Customer: q.CustomerNumber, Back: back,
		Edit: route.OfficeQuote(q.Number, "edit") + "#" + quote.Field.MainContact.Name, PDF: route.OfficeQuote(q.Number, "pdf"),
	}
}

// toldOfJob is who is told of a job, but for the contacts.
func toldOfJob(j job.Job, back string) officeview.Told {
	return officeview.Told{Thing: "job", Customer: j.CustomerNumber, Back: back, Edit: route.OfficeJob(j.Number, "edit") + "#" + job.Field.MainContact.Name}
}

// toldOfMove is who is told when a job moves to a status that contacts hear of, or
// its visit to another time.
type toldOfMove struct {
	tellings []notify.Telling // of a booking: what contacts see is the same for all
	unwanted []notify.Unwanting
}

func (t *toldOfMove) query(b *postgres.Batch, j job.Job) {
	notify.QueryUnwanted(b, &t.unwanted, j.CustomerID)
	notify.QueryWouldTell(b, &t.tellings, notify.KindJobBooked, notify.About{Job: j.ID})
}

// named is who is told of a move; nil when nobody ever is.
func (t *toldOfMove) named(j job.Job, to job.Status) *officeview.Told {
	kind, tells := office.VisitMails[to]
	if !tells || !officeview.MoveAsks(j.Status, to) {
		return nil
	}
	of := toldOfJob(j, route.OfficeJob(j.Number))
	of.Tellings = notify.OfKind(t.tellings, kind, t.unwanted)
	return &of
}

// aboutFiles is what contacts are told of files of.
func aboutFiles(on attachment.On) notify.About {
	return notify.About{Customer: on.Customer, Job: on.Job, Quote: on.Quote, Equipment: on.Equipment}
}
