package quote

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Reply is a contact's yes or no to the version of a quote that was shown.
type Reply struct {
	Customer           int64
	Contact            int64
	Version            int  // the version's number
	Accepted           bool // or declined
	FullName           string
	PurchaseOrder      string
	KnowsOrderRequired bool   // the contact is told whether the customer wants a purchase order on everything
	Reason             string // of declining, may be empty
	AgreesToTerms      bool   // needed to accept a version that has terms
	Signature          string // the blob of the drawn signature, "" for none
	Browser            string
	ByLink             bool // by the link of an email, with a code from the contact's mailbox
}

// Check says what is wrong with what was typed. A purchase order is demanded
// where the customer wants one on everything, and its contacts are told so: as
// long as admin details are hidden nobody can know of a rule that is one of them.
func (r Reply) Check(hasTerms, orderRequired bool) problem.Set {
	p := problem.Set{}
	p.Unless(r.FullName != "", "full_name", "Enter your full name.")
	p.Name(r.FullName, "full_name", "name")
	p.Limit(Field.PurchaseOrder, r.PurchaseOrder)
	p.Text(r.Reason, "reason", "reason")
	if r.Accepted {
		p.Unless(!orderRequired || !r.KnowsOrderRequired || r.PurchaseOrder != "", "purchase_order", "Your company asks for a purchase order number on every order.")
		p.Unless(!hasTerms || r.AgreesToTerms, "terms", "Tick that you agree to the terms and conditions.")
	}
	return p
}

// answerSnapshot is what the audit trail keeps of a reply.
type answerSnapshot struct {
	Status        Status `json:"status"`
	SentVersion   int    `json:"sent_version"`
	FullName      string `json:"full_name"`
	PurchaseOrder string `json:"purchase_order"`
	Reason        string `json:"reason"`
	Version       int64  `json:"version"`
}

// Answer accepts or declines the version that was sent last, and freezes with
// it who did so, when, from where and under which terms. It fails with
// apperr.Stale when another version has been sent since, and with words when the
// quote takes no answer any more. The same contact's same answer again changes
// nothing; fresh is then false.
func Answer(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, today day.Day, r Reply) (fresh bool, err error) {
	q, err := lockOf(ctx, tx, r.Customer, id)
	if err != nil {
		return false, err
	}
	if q.SentVersion == 0 {
		return false, apperr.Conflictf("This quote has not been sent yet, so there is nothing to answer.")
	}
	var sent struct {
		ID         int64
		Terms      string
		ValidUntil day.Day
	}
	err = tx.QueryRow(ctx, `select id, terms, valid_until from quote_versions where quote_id = $1 and number = $2`, q.ID, q.SentVersion).Scan(&sent.ID, &sent.Terms, &sent.ValidUntil)
	if err != nil {
		return false, fmt.Errorf("find the version that was sent: %w", err)
	}
	to := Declined
	if r.Accepted {
		to = Accepted
	}
	if q.Status == to && q.SentVersion == r.Version {
		given, err := FindAnswer(ctx, tx, q.ID)
		if err != nil {
			return false, err
		}
		if given != nil && given.ContactID == r.Contact {
			return false, nil
		}
	}
	now := q.Status
	if r.Accepted { // a quote that has expired can still be declined
		now = now.Shown(sent.ValidUntil, today)
	}
	if why := statuses[now].noAnswer; why != "" {
		return false, apperr.Conflict{Words: why}
	}
	if q.SentVersion != r.Version {
		return false, apperr.Stale
	}
	if err := r.Check(sent.Terms != "", q.PORequired).Err(); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		insert into acceptances (customer_id, version_id, contact_id, decision, full_name, purchase_order, signature_key, reason, terms, address, browser, by_link)
		values (@customer, @version, @contact, @decision, @name, @po, @signature, @reason, @terms, @address, left(@browser, 500), @by_link)`,
		pgx.NamedArgs{
			"customer": r.Customer, "version": sent.ID, "contact": r.Contact, "decision": string(to), "name": r.FullName, "po": r.PurchaseOrder,
			"signature": r.Signature, "reason": r.Reason, "terms": sent.Terms, "address": by.From(), "browser": r.Browser, "by_link": r.ByLink,
		})
	if err == nil {
		err = setAnswered(ctx, tx, q, to, r.PurchaseOrder)
	}
	if err != nil {
		return false, fmt.Errorf("answer quote: %w", err)
	}
	action := audit.QuoteAccepted
	if to == Declined {
		action = audit.QuoteDeclined
	}
	return true, audit.Record(ctx, tx, by, audit.New{
		Action: action, ID: q.ID, Label: q.Number, Customer: q.CustomerID,
		Before: answerSnapshot{Status: q.Status, SentVersion: q.SentVersion, PurchaseOrder: q.PurchaseOrder, Version: q.Version},
		After: answerSnapshot{
			Status: to, SentVersion: q.SentVersion, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder, Reason: r.Reason, Version: q.Version + 1,
		},
	})
}

// Given is an answer as it was given.
type Given struct {
	Version      int
	Decision     Status // Accepted or Declined
	ContactID    int64  // 0 for somebody who is no contact
	Contact      string
	RecordedByID int64
	// RecordedByToken is the token of the API that recorded it, 0 for none.
	RecordedByToken int64
	Recording
	FullName      string
	PurchaseOrder string
	Reason        string
	Signature     string // the blob of the drawn signature, "" for none
	Terms         string
	At            time.Time
	Address       string // where it came from, "" when not known
	Browser       string
	ByLink        bool // by the link of an email, with a code from the contact's mailbox
}

// FindAnswer is the newest answer to a quote, nil when there is none.
func FindAnswer(ctx context.Context, db postgres.DB, quote int64) (*Given, error) {
	var all []Given
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { queryAnswers(b, &all, quote) }); err != nil {
		return nil, fmt.Errorf("read the answers to a quote: %w", err)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return &all[0], nil
}

// queryAnswers adds a query for those to all versions of a quote, the newest first.
func queryAnswers(b *postgres.Batch, into *[]Given, quote int64) {
	postgres.Query(b, into, `
		select v.number as version, a.decision, coalesce(a.contact_id, 0) as contact_id, coalesce(c.name, '') as contact,
			a.way, coalesce(a.recorded_by_id, 0) as recorded_by_id, coalesce(a.recorded_by_token_id, 0) as recorded_by_token,
			coalesce(s.name, (select 'API: ' || t.name from tokens t where t.id = a.recorded_by_token_id), '') as recorded_by, a.full_name, a.purchase_order, a.reason, a.signature_key as signature, a.terms, a.at,
			coalesce(host(a.address), '') as address, a.browser, a.by_link
		from quote_versions v join acceptances a on a.version_id = v.id left join contacts c on c.id = a.contact_id left join staff s on s.id = a.recorded_by_id
		where v.quote_id = @quote order by v.number desc`, pgx.NamedArgs{"quote": quote})
}
