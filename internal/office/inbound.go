package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/audit"
	"fieldgate/internal/inbound"
	"fieldgate/internal/job"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// Keeping is where staff keep an email that came, and as what.
type Keeping struct {
	Number  string // of the job or quote
	Note    bool   // only staff read it
	Contact int64  // whose words they are, unless it is a note
}

// FindRecord finds the job or quote with a number, as it was typed.
func FindRecord(ctx context.Context, db postgres.DB, typed string) (on message.On, title string, err error) {
	number := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	if number == "" {
		return on, "", problem.Of("number", "Enter the number of a job or quote, such as J-1001.")
	}
	if strings.HasPrefix(number, "Q") {
		q, err := quote.FindByNumber(ctx, db, number)
		if err == nil {
			return message.On{Customer: q.CustomerID, Quote: q.ID, Number: q.Number}, job.Title(q.Name, q.Description), nil
		}
		if !errors.Is(err, apperr.NotFound) {
			return on, "", err
		}
	} else {
		j, err := job.FindByNumber(ctx, db, number)
		if err == nil {
			return message.On{Customer: j.CustomerID, Job: j.ID, Number: j.Number}, job.Title(j.Name, j.Description), nil
		}
		if !errors.Is(err, apperr.NotFound) {
			return on, "", err
		}
	}
	return on, "", problem.Of("number", "There is no job or quote with this number.")
}

// errSorted is for who comes second.
var errSorted = apperr.Conflictf("Somebody has dealt with this email already.")

// KeepEmail makes a message of a contact, or a staff note, of an email that waits
// or was ignored. Its files come along as uploads of staff do. It returns where.
func (s *Service) KeepEmail(ctx context.Context, by staff.Viewer, id int64, k Keeping) (on message.On, ref message.Ref, err error) {
	d, err := inbound.Find(ctx, s.pool, id)
	if err != nil {
		return on, ref, err
	}
	if on, _, err = FindRecord(ctx, s.pool, k.Number); err != nil {
		return on, ref, err
	}
	if !k.Note && k.Contact == 0 {
		return on, ref, problem.Of("contact", "Choose whose message this is.")
	}
	e, err := s.readEmail(ctx, d)
	if err != nil {
		return on, ref, err
	}
	files, err := inbound.Judge(e.Files)
	if err != nil {
		return on, ref, err
	}
	text, _ := e.Split()
	for _, other := range []string{d.Whole, e.Subject, "(Files without words)"} {
		if text == "" {
			text = other
		}
	}
	err = attachment.Storing(ctx, s.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			now, err := inbound.Lock(ctx, tx, id)
			switch {
			case err != nil:
				return err
			case now.State != inbound.Waiting && now.State != inbound.Ignored:
				return errSorted
			}
			done := inbound.Done{State: inbound.AsNote, Staff: by.Staff, About: inbound.About{Customer: on.Customer, Job: on.Job, Quote: on.Quote}}
			n := message.New{On: on, Text: text, ByEmail: true, StaffOnly: k.Note, Nonce: fmt.Sprintf("email %d", id)}
			if !k.Note {
				done.State, done.Contact, n.For = inbound.AsMessage, k.Contact, k.Contact
				if err := ofCustomer(ctx, tx, k.Contact, on.Customer); err != nil {
					return err
				}
			}
			created := false
			if ref, created, err = message.Create(ctx, tx, by.Actor(), n); err != nil || !created {
				return err
			}
			if err := attachment.Add(ctx, tx, by.Actor(), s.queue, attachment.On{Customer: on.Customer, Message: ref.ID, Shown: !k.Note}, stored); err != nil {
				return err
			}
			done.Written = ref.ID
			if err := inbound.Close(ctx, tx, id, done); err != nil {
				return err
			}
			if err := s.notify.MessageWritten(ctx, tx, ref.ID); err != nil {
				return err
			}
			return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.EmailKept, ID: id, Label: on.Number, Customer: on.Customer})
		})
	})
	return on, ref, err
}

// readEmail is an email as it came, taken apart once more.
func (s *Service) readEmail(ctx context.Context, d inbound.Detail) (e inbound.Email, err error) {
	if d.RawKey == "" {
		return e, apperr.Conflictf("This email is not kept any more.")
	}
	f, err := s.store.Open(ctx, d.RawKey)
	if err != nil {
		return e, fmt.Errorf("open an email: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, inbound.MaxRaw+1))
	if err != nil {
		return e, fmt.Errorf("read an email: %w", err)
	}
	return inbound.Parse(raw), nil
}

// ofCustomer refuses a contact of another customer.
func ofCustomer(ctx context.Context, tx postgres.Tx, contact, customer int64) error {
	var theirs bool
	err := tx.QueryRow(ctx, `select exists (select from contacts where id = @contact and customer_id = @customer and archived_at is null)`, pgx.NamedArgs{"contact": contact, "customer": customer}).Scan(&theirs)
	if err != nil {
		return fmt.Errorf("ask whose contact it is: %w", err)
	}
	if !theirs {
		return problem.Of("contact", "Choose a contact of this customer.")
	}
	return nil
}

// IgnoreEmail takes an email off the list. It stays among the ignored.
func (s *Service) IgnoreEmail(ctx context.Context, by staff.Viewer, id int64) error {
	return s.sortEmail(ctx, by, id, inbound.Waiting, inbound.Done{State: inbound.Ignored, Reason: "Ignored by staff."}, audit.EmailIgnored)
}

// ReopenEmail brings back an email that was ignored.
func (s *Service) ReopenEmail(ctx context.Context, by staff.Viewer, id int64) error {
	return s.sortEmail(ctx, by, id, inbound.Ignored, inbound.Done{State: inbound.Waiting, Reason: "Brought back by staff."}, audit.EmailReopened)
}

func (s *Service) sortEmail(ctx context.Context, by staff.Viewer, id int64, from inbound.State, to inbound.Done, action audit.Action) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		d, err := inbound.Lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case d.State == to.State:
			return nil // pressed twice
		case d.State != from:
			return errSorted
		}
		to.Staff = by.Staff
		if err := inbound.Close(ctx, tx, id, to); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: action, ID: id, Label: numbered(id), Customer: d.CustomerID})
	})
}

// numbered is what the trail calls an email that came: whom it is from may be
// somebody who is erased one day.
func numbered(id int64) string { return fmt.Sprintf("number %d", id) }

// BlockSender ignores this email, all others of its sender that wait, and those
// to come.
func (s *Service) BlockSender(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		d, err := inbound.Lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case d.FromAddress == "":
			return apperr.Conflictf("This email names no sender who could be blocked.")
		case d.Blocked && d.State != inbound.Waiting:
			return nil
		}
		if err := inbound.Block(ctx, tx, d.FromAddress, by.Staff); err != nil {
			return err
		}
		if err := inbound.IgnoreFrom(ctx, tx, d.FromAddress, by.Staff); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.SenderBlocked, ID: id, Label: numbered(id), Customer: d.CustomerID})
	})
}

// UnblockSender takes emails of this one's sender again. Those that were ignored
// stay so.
func (s *Service) UnblockSender(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		d, err := inbound.Lock(ctx, tx, id)
		if err != nil || !d.Blocked {
			return err
		}
		if err := inbound.Unblock(ctx, tx, d.FromAddress); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.SenderTakenOff, ID: id, Label: numbered(id), Customer: d.CustomerID})
	})
}
