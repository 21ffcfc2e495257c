package quote

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

// Event is something that happened to a quote, as the audit trail keeps it.
type Event struct {
	Action string // as recorded: edited, revised, withdrawn…
	By     string
	At     time.Time
	Fields []string // of an edit: which have changed
	Words  string   // why it was withdrawn; the number of the copy or the job
}

// History is what staff and contacts did with a quote, apart from what its
// versions and their answers tell; the newest first.
func History(ctx context.Context, db postgres.DB, quote int64) ([]Event, error) {
	rows, err := db.Query(ctx, `
		select action, actor_name, at, before, after from audit_entries
		where thing = 'quote' and thing_id = $1 and action in ('edited', 'revised', 'withdrawn', 'said why', 'duplicated', 'job created')
		order by at desc, id desc limit 200`, quote)
	if err != nil {
		return nil, fmt.Errorf("history of quote: %w", err)
	}
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Event, err error) {
		var before, after map[string]json.RawMessage
		if err := row.Scan(&e.Action, &e.By, &e.At, &before, &after); err != nil {
			return e, err
		}
		if e.Action == "edited" {
			for field := range before {
				e.Fields = append(e.Fields, field)
			}
			slices.Sort(e.Fields)
		}
		for _, field := range []string{"why", "copy", "job"} {
			if raw, ok := after[field]; ok {
				_ = json.Unmarshal(raw, &e.Words) // a text, or nothing to tell
			}
		}
		return e, nil
	})
	if err != nil {
		return nil, fmt.Errorf("history of quote: %w", err)
	}
	// Why stands with the withdrawal it belongs to.
	var all []Event
	why := ""
	for _, e := range events {
		switch e.Action {
		case "said why":
			why = e.Words
			continue
		case "withdrawn":
			e.Words, why = why, ""
		}
		all = append(all, e)
	}
	return all, nil
}

// Copied notes on a quote that another one was begun as its copy. A form sent
// twice notes it once.
func Copied(ctx context.Context, tx postgres.Tx, by audit.Actor, number, copied string) error {
	q, err := byNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	var noted bool
	err = tx.QueryRow(ctx, `
		select exists (select from audit_entries where thing = 'quote' and thing_id = $1 and action = 'duplicated' and after->>'copy' = $2)`, q.ID, copied).Scan(&noted)
	if err != nil {
		return fmt.Errorf("note a copy: %w", err)
	}
	if noted {
		return nil
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteDuplicated, ID: q.ID, Label: number, Customer: q.CustomerID, After: map[string]any{"copy": copied}})
}

// Workable reports whether a job can be created from a quote of this status:
// once it was accepted, or as soon as it was sent, for customers who agree by phone.
func (s Status) Workable() bool { return s == Accepted || s == Sent }

// CreateJob makes a job of what a quote offers: Booked when the quote has a
// date, else Unscheduled. It keeps name, description, type, site, contact,
// purchase order, dates and staff. A form sent twice makes one job; made is
// then false. The files are copied by who calls, being a noun of their own.
func CreateJob(ctx context.Context, tx postgres.Tx, by audit.Actor, number, nonce string, jobType int64) (ref job.Ref, made bool, err error) {
	q, err := byNumber(ctx, tx, number)
	if err != nil {
		return ref, false, err
	}
	if !q.Status.Workable() {
		return ref, false, apperr.Conflictf("This quote is %s. A job can be created once it was sent or accepted.", q.Status)
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
	if made, err = job.FromQuote(ctx, tx, by, ref, q.ID, number); err != nil || !made {
		return ref, false, err
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteJobCreated, ID: q.ID, Label: number, Customer: q.CustomerID, After: map[string]any{"job": ref.Number}})
}
