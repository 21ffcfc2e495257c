package office

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// errSentTwice ends the transaction of a form that was sent before, so that the
// files that came with it are forgotten.
var errSentTwice = errors.New("sent twice")

// WriteMessage writes a message to the customer and returns who is told, or a
// note that only staff read. A form sent twice writes one.
func (s *Service) WriteMessage(ctx context.Context, by staff.Viewer, n message.New, files []attachment.Incoming) (ref message.Ref, told []notify.Telling, err error) {
	return s.writeMessage(ctx, by, n, files, true)
}

// WriteMessageUntold is WriteMessage, of which nobody gets an email.
func (s *Service) WriteMessageUntold(ctx context.Context, by staff.Viewer, n message.New) (ref message.Ref, err error) {
	ref, _, err = s.writeMessage(ctx, by, n, nil, false)
	return ref, err
}

func (s *Service) writeMessage(ctx context.Context, by staff.Viewer, n message.New, files []attachment.Incoming, tell bool) (ref message.Ref, told []notify.Telling, err error) {
	err = attachment.Storing(ctx, s.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			if n.Quote != 0 && !n.StaffOnly {
				q, err := quote.FindByNumber(ctx, tx, n.Number)
				if err != nil {
					return err
				}
				if why := q.WhyNoMessages(); why != "" {
					return apperr.Conflict{Words: why}
				}
			}
			var created bool
			if ref, created, err = message.Create(ctx, tx, by.Actor(), n); err != nil {
				return err
			}
			if !created {
				return errSentTwice
			}
			on := attachment.On{Customer: n.Customer, Message: ref.ID, Shown: !n.StaffOnly}
			if err := attachment.Add(ctx, tx, by.Actor(), s.queue, on, stored); err != nil {
				return err
			}
			if !tell {
				return nil
			}
			if err := s.notify.MessageWritten(ctx, tx, ref.ID); err != nil || n.StaffOnly {
				return err
			}
			told, err = notify.WouldTell(ctx, tx, notify.KindMessage, notify.About{Job: n.Job, Quote: n.Quote})
			return err
		})
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return ref, told, err
}

// ReadMessages notes that somebody has read what the customer wrote.
func (s *Service) ReadMessages(ctx context.Context, by staff.Viewer, on message.On) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return message.ReadByStaff(ctx, tx, on, by.Actor().Staff) })
}
