package notify

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// DocumentNotice tells that a document is about to expire. To the office it names
// the customer; to contacts it tells what the portal shows them.
type DocumentNotice struct {
	ToOffice       bool
	Contact        string
	Customer       string
	CustomerNumber string
	Name           string
	Kind           string
	Site           string
	Equipment      string
	ValidUntil     day.Day
	Today          day.Day
}

// documentsEnd reminds of documents whose last day is near, once for each of
// attachment.Reminders: the day of the last one stands at the document. What is
// hidden, removed or replaced reminds nobody, and what has ended is no news.
func (n *Notifier) documentsEnd(ctx context.Context, pool *pgxpool.Pool) error {
	return forEach(ctx, pool, attachment.EndingSQL, pgx.NamedArgs{"days": attachment.Reminders}, func(tx postgres.Tx, id int64) error {
		d, due, err := attachment.Remind(ctx, tx, id)
		if err != nil || !due {
			return err
		}
		return n.writeAll(ctx, tx, documentEnds, email{Customer: d.Customer, Payload: Payload{Files: []int64{d.ID}, Day: d.ValidUntil.String()}})
	})
}

// stillEnds drops a mail about a document that holds until another day by now.
func stillEnds(err error, e email, until day.Day) error {
	return dropIf(err, err == nil && e.Payload.Day != "" && until.String() != e.Payload.Day, "the document is valid until another day by now")
}

func officeDocumentFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[DocumentNotice](ctx, db, `
		select a.name, k.name as kind, coalesce(s.name, '') as site, coalesce(q.name, '') as equipment, a.valid_until, cu.name as customer, cu.number as customer_number, (select business_day()) as today
		from attachments a join document_kinds k on k.id = a.document_kind_id join customers cu on cu.id = a.customer_id
		left join equipment q on q.id = a.at_equipment_id left join sites s on s.id = coalesce(a.at_site_id, q.site_id)
		where a.id = any(@files) and a.removed_at is null and a.customer_view and not `+attachment.ReplacedSQL, e)
	n.ToOffice = true
	return n, stillEnds(err, e, n.ValidUntil)
}

func documentFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	n, err := one[DocumentNotice](ctx, db, `
		select d.name, k.name as kind, coalesce(s.name, '') as site, coalesce(q.name, '') as equipment, d.valid_until
		from portal.documents d join portal.document_kinds k on k.id = d.kind_id
		left join portal.sites s on s.id = d.site_id left join portal.equipment q on q.id = d.equipment_id
		where `+endingDocument, e)
	n.Contact, n.Today = to.Name, to.Today
	return n, stillEnds(err, e, n.ValidUntil)
}
