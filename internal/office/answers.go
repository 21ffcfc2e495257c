package office

import (
	"context"
	"errors"

	"fieldgate/internal/attachment"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// RecordAnswer keeps what the customer said of a quote outside the portal, with
// the files that show it, hidden from the customer. The customer gets a receipt,
// so that a wrong record is noticed, and who gets it is returned. A form sent
// twice records one.
func (s *Service) RecordAnswer(ctx context.Context, by staff.Viewer, number string, r quote.Recorded, files []attachment.Incoming) (told []notify.Telling, err error) {
	err = attachment.Storing(ctx, s.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			ref, fresh, err := s.recordAnswer(ctx, tx, by, number, r)
			if err != nil {
				return err
			}
			if !fresh {
				return errSentTwice
			}
			q, err := quote.FindByNumber(ctx, tx, number)
			if err != nil {
				return err
			}
			if err := attachment.Add(ctx, tx, by.Actor(), s.queue, attachment.On{Customer: q.CustomerID, Quote: ref.ID}, stored); err != nil {
				return err
			}
			told, err = notify.WouldTell(ctx, tx, notify.KindQuoteAnswered, notify.About{Quote: ref.ID})
			return err
		})
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return told, err
}

// recordAnswer records an answer and tells both sides.
func (s *Service) recordAnswer(ctx context.Context, tx postgres.Tx, by staff.Viewer, number string, r quote.Recorded) (ref quote.Ref, fresh bool, err error) {
	if err := keeper.Check(ctx, tx, by.Source, keeper.Quotes); err != nil {
		return ref, false, err
	}
	if ref, fresh, err = quote.Record(ctx, tx, by.Actor(), number, by.Format, r); err != nil || !fresh {
		return ref, false, err
	}
	return ref, true, s.notify.QuoteAnswered(ctx, tx, ref.ID)
}
