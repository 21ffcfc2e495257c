package quote

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// EventKind is a kind of thing that happens to a quote.
type EventKind string

// The kinds of events. What its versions and the answers to them tell is none.
const (
	EventEdited     EventKind = "edited"
	EventRevised    EventKind = "revised" // a new version was begun
	EventWithdrawn  EventKind = "withdrawn"
	EventDuplicated EventKind = "duplicated"
	EventJobCreated EventKind = "job created"
)

// Event is something that happened to a quote.
type Event struct {
	Kind   EventKind
	By     string
	At     time.Time
	Fields []string // of an edit: which have changed
	Number string   // of the copy, or of the job
	Note   string   // why a job was made of a quote that nobody had accepted

	copy, job int64 // ids
}

// QueryHistory adds a query for what staff and contacts did with a quote, apart
// from what its versions and their answers tell; the newest first.
func QueryHistory(b *postgres.Batch, into *[]Event, quote int64) {
	postgres.Query(b, into, `
		select e.kind, e.by_name as by, e.at, e.fields, e.note, coalesce(c.number, j.number, '') as number
		from quote_events e left join quotes c on c.id = e.copy_id left join jobs j on j.id = e.job_id
		where e.quote_id = @quote
		order by e.at desc, e.id desc limit 200`, pgx.NamedArgs{"quote": quote})
}

// addEvent adds a line to the history of a quote, whose version it brought.
func addEvent(ctx context.Context, tx postgres.Tx, by audit.Actor, q Quote, e Event) error {
	_, err := insertEvent(ctx, tx, by, q, e)
	return err
}

// insertEvent is addEvent that notes the same copy once; added is then false.
func insertEvent(ctx context.Context, tx postgres.Tx, by audit.Actor, q Quote, e Event) (added bool, err error) {
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	tag, err := tx.Exec(ctx, `
		insert into quote_events (customer_id, quote_id, kind, staff_id, contact_id, by_name, version, fields, copy_id, job_id, note)
		values (@customer, @quote, @kind, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0), @name, @version, @fields, nullif(@copy::bigint, 0), nullif(@job::bigint, 0), @note)
		on conflict (quote_id, copy_id) where copy_id is not null do nothing`,
		pgx.NamedArgs{
			"customer": q.CustomerID, "quote": q.ID, "kind": e.Kind, "staff": by.Staff, "contact": by.Contact, "name": by.Name, "version": q.Version, "fields": fields,
			"copy": e.copy, "job": e.job, "note": e.Note,
		})
	if err != nil {
		return false, fmt.Errorf("note what happened to the quote: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// AddDuplicate notes on a quote that another one was begun as its copy. A form
// sent twice notes it once.
func AddDuplicate(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, copied Ref) error {
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	added, err := insertEvent(ctx, tx, by, q, Event{Kind: EventDuplicated, copy: copied.ID})
	if err != nil || !added {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteDuplicated, ID: q.ID, Label: number, Customer: q.CustomerID, After: map[string]any{"copy": copied.Number}})
}
