package officeweb

import (
	"context"
	"slices"

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

// wouldTell completes who is told by the kind of mail.
func wouldTell(ctx context.Context, db postgres.DB, t officeview.Told, kind notify.Kind, about notify.About) (officeview.Told, error) {
	var err error
	t.Tellings, err = notify.WouldTell(ctx, db, kind, about)
	return t, err
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

// toldOfMoves is who is told when a job moves to those of its next statuses that
// contacts hear of, or its visit to another time.
func toldOfMoves(ctx context.Context, db postgres.DB, j job.Job, administrator bool, unwanted []notify.Unwanting) (map[job.Status]officeview.Told, error) {
	told := map[job.Status]officeview.Told{}
	next := j.Status.Transitions(administrator)
	if j.Status.Expected() && j.BookedFrom != nil {
		next = append(slices.Clone(next), job.Booked)
	}
	var base officeview.Told
	for _, to := range next {
		kind, tells := office.VisitMails[to]
		if !tells || !officeview.MoveAsks(j.Status, to) {
			continue
		}
		if base.Thing == "" {
			var err error
			if base, err = wouldTell(ctx, db, toldOfJob(j, route.OfficeJob(j.Number)), notify.KindJobBooked, notify.About{Job: j.ID}); err != nil {
				return nil, err
			}
		}
		of := base
		of.Tellings = notify.OfKind(base.Tellings, kind, unwanted)
		told[to] = of
	}
	return told, nil
}
