package quote

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Job is work that came of a quote.
type Job struct {
	Number, Name, Description string
	Status                    job.Status
}

// Title is what the job is called.
func (j Job) Title() string { return job.Title(j.Name, j.Description) }

// QueryJobs adds a query for the jobs that came of a quote, the newest first.
func QueryJobs(b *postgres.Batch, into *[]Job, quote int64) {
	postgres.Query(b, into, `select number, name, left(description, 400) as description, status from jobs where quote_id = @quote order by id desc limit 50`, pgx.NamedArgs{"quote": quote})
}

// CreateJob makes a job of what a quote offers: Booked when the quote has a
// date, else Unscheduled. It keeps name, description, type, site, contact,
// purchase order, dates and staff. While nobody has accepted the quote it needs
// a reason, which the history keeps. A form sent twice makes one job; created is
// then false. The files are copied by who calls, being a noun of their own.
func CreateJob(ctx context.Context, tx postgres.Tx, by audit.Actor, number, nonce string, jobType int64, why string) (ref job.Ref, created bool, err error) {
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return ref, false, err
	}
	if !q.Status.Workable() {
		return ref, false, apperr.Conflictf("This quote is %s. You can create a job once it has been sent or accepted.", q.Status)
	}
	if q.Status == Accepted {
		why = ""
	} else {
		p := problem.Set{}
		p.Unless(why != "", "why", "Say why you create the job without the customer’s yes.")
		p.Text(why, "why", "reason")
		if err := p.Err(); err != nil {
			return ref, false, err
		}
	}
	if q.Archived {
		return ref, false, apperr.Conflictf("%s is archived. Restore the customer first.", q.CustomerName)
	}
	ref, _, err = job.Create(ctx, tx, by, job.New{Customer: q.CustomerID, Nonce: nonce, Details: job.Details{
		Name: q.Name, Description: q.Description, Type: jobType, Site: q.SiteID, MainContact: q.MainContactID, PurchaseOrder: q.PurchaseOrder,
		PreferredOn: q.PreferredOn, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, Priority: job.Normal, Staff: q.StaffIDs,
	}})
	if err != nil {
		return ref, false, err
	}
	if created, err = job.FromQuote(ctx, tx, by, ref, q.ID, number); err != nil || !created {
		return ref, false, err
	}
	if err := addEvent(ctx, tx, by, q, Event{Kind: EventJobCreated, job: ref.ID, Note: why}); err != nil {
		return ref, false, err
	}
	after := map[string]any{"job": ref.Number}
	if why != "" {
		after["without_acceptance"] = why
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteJobCreated, ID: q.ID, Label: number, Customer: q.CustomerID, After: after})
}
