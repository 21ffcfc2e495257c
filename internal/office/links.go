package office

import (
	"context"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// EndLinksOfContact ends the links in emails to a contact, and returns how many
// there were: whoever looks at something by one of them is out at once.
func (s *Service) EndLinksOfContact(ctx context.Context, by staff.Viewer, number string, id int64) (ended int64, err error) {
	_, err = s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		ended, err = endLinks(ctx, tx, by, signin.LinksOf{Contact: c.ID}, audit.New{Action: audit.ContactLinksEnded, ID: c.ID, Label: c.Name, Customer: c.CustomerID})
		return err
	})
	return ended, err
}

// EndLinksOfJob ends the links in emails to a job.
func (s *Service) EndLinksOfJob(ctx context.Context, by staff.Viewer, number string) (ended int64, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		j, err := job.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		ended, err = endLinks(ctx, tx, by, signin.LinksOf{Job: j.ID}, audit.New{Action: audit.JobLinksEnded, ID: j.ID, Label: j.Number, Customer: j.CustomerID})
		return err
	})
	return ended, err
}

// EndLinksOfQuote ends the links in emails to a quote.
func (s *Service) EndLinksOfQuote(ctx context.Context, by staff.Viewer, number string) (ended int64, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		q, err := quote.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		ended, err = endLinks(ctx, tx, by, signin.LinksOf{Quote: q.ID}, audit.New{Action: audit.QuoteLinksEnded, ID: q.ID, Label: q.Number, Customer: q.CustomerID})
		return err
	})
	return ended, err
}

func endLinks(ctx context.Context, tx postgres.Tx, by staff.Viewer, of signin.LinksOf, entry audit.New) (int64, error) {
	ended, err := signin.EndRecordLinks(ctx, tx, of, signin.EndedByOffice)
	if err != nil || ended == 0 {
		return ended, err
	}
	entry.Before = map[string]any{"links": ended}
	return ended, audit.Record(ctx, tx, by.Actor(), entry)
}
