package quote

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Way is how an answer came.
type Way string

// The ways. All but Portal and Elsewhere are recorded by staff.
const (
	Portal   Way = "portal"
	Phone    Way = "phone"
	Email    Way = "email"
	InPerson Way = "in person"
	Letter   Way = "letter"
	// Elsewhere is of an answer that was given in another system, and came in from there.
	Elsewhere Way = "elsewhere"
)

// Ways are all of them.
var Ways = []Way{Portal, Phone, Email, InPerson, Letter, Elsewhere}

// RecordedWays are those that staff choose from.
var RecordedWays = []Way{Phone, Email, InPerson, Letter}

// Label is the way as screens write it: "By phone".
func (w Way) Label() string { return ways[w].label }

//exhaustive:enforce
var ways = map[Way]struct{ label, words, told string }{
	Portal:    {"In the portal", "in the portal", "%s on %[3]s"},
	Phone:     {"By phone", "by phone", "%s told %s on %s"},
	Email:     {"By email", "by email", "%s wrote on %[3]s, recorded by %[2]s"},
	InPerson:  {"In person", "in person", "%s told %s on %s"},
	Letter:    {"By letter", "by letter", "%s wrote on %[3]s, recorded by %[2]s"},
	Elsewhere: {"In another system", "in another system", "%s on %[3]s"},
}

// Recording is what staff have recorded of an answer: nothing of one that was
// given in the portal.
type Recording struct {
	Way        Way
	RecordedBy string // "" for an answer of the portal
}

// ByStaff reports whether staff recorded the answer in the customer's name.
func (r Recording) ByStaff() bool { return r.RecordedBy != "" }

// Words mark an answer that staff have recorded, wherever it is shown: "Accepted
// by phone: Lee Rivers told Ben Ito on 3 November 2026, 10:05". They are "" for one
// that was given in the portal.
func (r Recording) Words(f company.Format, decision Status, name string, at time.Time) string {
	if !r.ByStaff() && r.Way != Elsewhere {
		return ""
	}
	w := ways[r.Way]
	return decision.Label() + " " + w.words + ": " + fmt.Sprintf(w.told, name, r.RecordedBy, f.Moment(&at))
}

// Recorded is a customer's yes or no to the version that was sent last, as
// staff heard it.
type Recorded struct {
	Version       int // the number of the version that it answers
	Accepted      bool
	Contact       int64  // who said it; 0 for somebody who is no contact
	FullName      string // of somebody who is no contact
	Way           Way
	At            time.Time // zero when it could not be read
	PurchaseOrder string
	Reason        string // of declining
}

func (r Recorded) check(now time.Time) problem.Set {
	p := problem.Set{}
	p.Unless(r.Contact != 0 || r.FullName != "", "full_name", "Choose who said it, or type their name.")
	p.Name(r.FullName, "full_name", "name")
	p.Unless(slices.Contains(RecordedWays, r.Way), "way", "Choose how they told you.")
	p.Unless(!r.At.IsZero(), "said_on", "Enter the day and the time when they said it.")
	p.Unless(!r.At.After(now), "said_on", "Choose a day and time that are not in the future.")
	p.Limit(Field.PurchaseOrder, r.PurchaseOrder)
	p.Text(r.Reason, "reason", "reason")
	return p
}

// Record keeps what the customer said outside the portal as their answer to the
// version that was sent last. It fails with apperr.Stale when another version has
// been sent since, and with words when the quote has been answered meanwhile, in
// the portal or by somebody else of the office. The same form again changes
// nothing; fresh is then false.
func Record(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, f company.Format, r Recorded) (ref Ref, fresh bool, err error) {
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return ref, false, err
	}
	ref = Ref{q.ID, q.Number}
	to := Declined
	if r.Accepted {
		to = Accepted
	}
	if q.Status == Accepted || q.Status == Declined {
		return ref, false, answeredAlready(ctx, tx, by, q, f, to, r)
	}
	switch {
	case q.Status != Sent:
		return ref, false, apperr.Conflictf("This quote is %s, so the customer has no price to answer.", q.Status)
	case q.SentVersion != r.Version:
		return ref, false, apperr.Stale
	}
	p := r.check(f.Now)
	var sent struct {
		ID         int64
		Terms      string
		SentAt     time.Time
		ValidUntil day.Day
		Contact    string
	}
	err = tx.QueryRow(ctx, `
		select v.id, v.terms, v.sent_at, v.valid_until, coalesce((select c.name from contacts c where c.id = @contact and c.customer_id = @customer), '')
		from quote_versions v where v.quote_id = @quote and v.number = @number`,
		pgx.NamedArgs{"quote": q.ID, "number": q.SentVersion, "contact": r.Contact, "customer": q.CustomerID}).Scan(&sent.ID, &sent.Terms, &sent.SentAt, &sent.ValidUntil, &sent.Contact)
	if err != nil {
		return ref, false, fmt.Errorf("find the version that was sent: %w", err)
	}
	if r.Contact != 0 {
		p.Unless(sent.Contact != "", "contact", "Choose a contact of this customer.")
		r.FullName = sent.Contact
	}
	// Typed to the minute, the moment of sending lies within it.
	if !r.At.IsZero() && r.At.Before(sent.SentAt.Truncate(time.Minute)) {
		p.Unless(false, "said_on", "This version was sent on "+f.Moment(&sent.SentAt)+". Choose a day and a time after that.")
	}
	if r.Accepted && !r.At.IsZero() {
		p.Unless(q.Status.Shown(sent.ValidUntil, f.DayOf(r.At)) != Expired, "said_on", "The price was valid until "+f.Day(sent.ValidUntil)+". Make a new version if they accepted it later.")
	}
	if err := p.Err(); err != nil {
		return ref, false, err
	}
	_, err = tx.Exec(ctx, `
		insert into acceptances (customer_id, version_id, contact_id, decision, full_name, purchase_order, reason, terms, at, way, recorded_by_id, recorded_by_token_id, recorded_at)
		values (@customer, @version, nullif(@contact::bigint, 0), @decision, @name, @po, @reason, @terms, least(greatest(@at::timestamptz, @sent), now()), @way, nullif(@staff::bigint, 0), nullif(@token::bigint, 0), now())`,
		pgx.NamedArgs{
			"customer": q.CustomerID, "version": sent.ID, "contact": r.Contact, "decision": to, "name": r.FullName, "po": r.PurchaseOrder, "reason": r.Reason,
			"terms": sent.Terms, "at": r.At, "sent": sent.SentAt, "way": r.Way, "staff": by.Staff, "token": by.Token,
		})
	if err == nil {
		err = setAnswered(ctx, tx, q, to, r.PurchaseOrder)
	}
	if err != nil {
		return ref, false, fmt.Errorf("record the answer to a quote: %w", err)
	}
	action := audit.QuoteYesRecorded
	if to == Declined {
		action = audit.QuoteNoRecorded
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: q.ID, Label: q.Number, Customer: q.CustomerID,
		Before: answerSnapshot{Status: q.Status, SentVersion: q.SentVersion, PurchaseOrder: q.PurchaseOrder, Version: q.Version},
		After: recordedSnapshot{
			answerSnapshot{Status: to, SentVersion: q.SentVersion, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder, Reason: r.Reason, Version: q.Version + 1}, r.Way, r.At, r.Contact,
		},
	})
}

// recordedSnapshot is what the audit trail keeps of a Recorded.
type recordedSnapshot struct {
	answerSnapshot
	Way     Way       `json:"way"`
	At      time.Time `json:"said_at"`
	Contact int64     `json:"contact,omitempty"` // who said it
}

// answeredAlready says why the answer of a quote cannot be recorded again; nil
// when it is the same form once more.
func answeredAlready(ctx context.Context, db postgres.DB, by audit.Actor, q Quote, f company.Format, to Status, r Recorded) error {
	given, err := FindAnswer(ctx, db, q.ID)
	switch {
	case err != nil:
		return err
	case given == nil || given.Version != q.SentVersion:
		return apperr.Stale
	case q.Status == to && given.RecordedByID == by.Staff && given.RecordedByToken == by.Token && given.Version == r.Version && given.ByStaff() && given.Way == r.Way && given.ContactID == r.Contact:
		return nil
	case given.ByStaff():
		return apperr.Conflictf("Nothing was recorded: %s has already recorded an answer. %s.", given.RecordedBy, given.Words(f, given.Decision, given.FullName, given.At))
	}
	return apperr.Conflictf("Nothing was recorded: %s has already %s this quote in the portal, on %s.", given.FullName, given.Decision, f.Moment(&given.At))
}

// setAnswered moves a quote to its answer. The order's number goes with the
// quote, and so to the job made from it.
func setAnswered(ctx context.Context, tx postgres.Tx, q Quote, to Status, purchaseOrder string) error {
	_, err := tx.Exec(ctx, `
		update quotes set status = @to, purchase_order = coalesce(nullif(@po, ''), purchase_order), version = version + 1, updated_at = now() where id = @id`,
		pgx.NamedArgs{"id": q.ID, "to": to, "po": purchaseOrder})
	if err != nil {
		return fmt.Errorf("set the answer: %w", err)
	}
	return nil
}
