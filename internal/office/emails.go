package office

import (
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// SendEmailAgain sends an email once more, as a new one whose id it returns, or
// tries a waiting one now. One that nobody would get is refused, with the reason.
func (s *Service) SendEmailAgain(ctx context.Context, by staff.Viewer, id int64) (again int64, err error) {
	why, err := s.worker.WhyNotAgain(ctx, id)
	if err != nil {
		return 0, err
	}
	if why != "" {
		return 0, apperr.Conflictf("This email cannot go out: %s.", why)
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		e, err := notify.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if e.Kind.LetsStaffIn() && !by.Administers() {
			return apperr.Forbidden{Words: "Only an Administrator can send this email again, because it gives access to the office."}
		}
		again, err = s.notify.SendAgain(ctx, tx, by.Actor(), id)
		return err
	})
	return again, err
}

// SendTestEmail sends a test email and returns what the server said: nil, or an
// error of mail.Mailer in sent. That somebody was written to is on record, a
// test too.
func (s *Service) SendTestEmail(ctx context.Context, by staff.Viewer, to string) (sent, err error) {
	p := problem.Set{}
	p.Unless(to != "", "to", "Enter an email address.")
	p.Email(to, "to")
	if err := p.Err(); err != nil {
		return nil, err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.EmailSentTest, Label: to})
	})
	if err != nil {
		return nil, err
	}
	return s.worker.SendTest(ctx, to), nil
}
