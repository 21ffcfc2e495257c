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
	Customer      int64
	Contact       int64
	Version       int  // the version's number
	Accepted      bool // or declined
	FullName      string
	PurchaseOrder string
	OrderKnown    bool   // the contact is told whether the customer wants a purchase order on everything
	Reason        string // of declining, may be empty
	AgreesToTerms bool   // needed to accept a version that has terms
	Signature     string // the blob of the drawn signature, "" for none
	Browser       string
}

// Check tells what is wrong with what was typed. A purchase order is demanded
// where the customer wants one on everything, and its contacts are told so: as
// long as admin details are hidden nobody can know of a rule that is one of them.
func (r Reply) Check(hasTerms, orderRequired bool) problem.Set {
	p := problem.Set{}
	p.Unless(r.FullName != "", "full_name", "Enter your full name.")
	p.Name(r.FullName, "full_name", "name")
	p.Name(r.PurchaseOrder, "purchase_order", "purchase order")
	p.Text(r.Reason, "reason", "reason")
	if r.Accepted {
		p.Unless(!orderRequired || !r.OrderKnown || r.PurchaseOrder != "", "purchase_order", "Your company asks for a purchase order number on every order.")
		p.Unless(!hasTerms || r.AgreesToTerms, "terms", "Tick that you agree to the terms and conditions.")
	}
	return p
}

// answered is what the audit trail keeps of a reply.
type answered struct {
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
	q, err := lock(ctx, tx, `q.id = @id and q.customer_id = @customer`, pgx.NamedArgs{"id": id, "customer": r.Customer})
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
		given, err := Answered(ctx, tx, q.ID)
		if err != nil {
			return false, err
		}
		if given != nil && given.ContactID == r.Contact {
			return false, nil
		}
	}
	expired := !sent.ValidUntil.IsZero() && sent.ValidUntil.Before(today)
	if why := whyNoAnswer(q.Status, r.Accepted && expired); why != "" {
		return false, apperr.Conflictf("%s", why)
	}
	if q.SentVersion != r.Version {
		return false, apperr.Stale
	}
	if err := r.Check(sent.Terms != "", q.PORequired).Err(); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		insert into acceptances (customer_id, version_id, contact_id, decision, full_name, purchase_order, signature_key, reason, terms, address, browser)
		values (@customer, @version, @contact, @decision, @name, @po, @signature, @reason, @terms, @address, left(@browser, 500))`,
		pgx.NamedArgs{
			"customer": r.Customer, "version": sent.ID, "contact": r.Contact, "decision": string(to), "name": r.FullName, "po": r.PurchaseOrder,
			"signature": r.Signature, "reason": r.Reason, "terms": sent.Terms, "address": by.From(), "browser": r.Browser,
		})
	if err == nil {
		// The order's number goes with the quote, and so to the job made from it.
		_, err = tx.Exec(ctx, `
			update quotes set status = @to, purchase_order = coalesce(nullif(@po, ''), purchase_order), version = version + 1, updated_at = now() where id = @id`,
			pgx.NamedArgs{"id": q.ID, "to": string(to), "po": r.PurchaseOrder})
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
		Before: answered{Status: q.Status, SentVersion: q.SentVersion, PurchaseOrder: q.PurchaseOrder, Version: q.Version},
		After: answered{
			Status: to, SentVersion: q.SentVersion, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder, Reason: r.Reason, Version: q.Version + 1,
		},
	})
}

// whyNoAnswer tells why a quote that was sent takes no answer, or none that
// accepts it; it is empty when it does.
func whyNoAnswer(s Status, tooLate bool) string {
	switch {
	case s == Accepted:
		return "This quote has been accepted already."
	case s == Declined:
		return "This quote has been declined already. Ask us for a new version if you have changed your mind."
	case s == Withdrawn:
		return "This quote has been withdrawn, so it can no longer be answered."
	case s != Sent:
		return "We are working on a new version of this quote. Please wait for it: the one you see is no longer on offer."
	case tooLate:
		return "The price was valid for a limited time, which has ended. Ask us for a new version."
	}
	return ""
}

// Given is an answer as it was given.
type Given struct {
	Version       int
	Decision      Status // Accepted or Declined
	ContactID     int64
	Contact       string
	FullName      string
	PurchaseOrder string
	Reason        string
	Signature     string // the blob of the drawn signature, "" for none
	Terms         string
	At            time.Time
	Address       string // where it came from, "" when not known
	Browser       string
}

// Answered is the newest answer to a quote, nil when there is none.
func Answered(ctx context.Context, db postgres.DB, quote int64) (*Given, error) {
	all, err := answers(ctx, db, quote)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// answers are those to all versions of a quote, the newest first.
func answers(ctx context.Context, db postgres.DB, quote int64) ([]Given, error) {
	rows, err := db.Query(ctx, `
		select v.number as version, a.decision, a.contact_id, c.name as contact, a.full_name, a.purchase_order, a.reason, a.signature_key as signature, a.terms, a.at,
			coalesce(host(a.address), '') as address, a.browser
		from quote_versions v join acceptances a on a.version_id = v.id join contacts c on c.id = a.contact_id
		where v.quote_id = $1 order by v.number desc`, quote)
	if err != nil {
		return nil, fmt.Errorf("read the answers to a quote: %w", err)
	}
	given, err := pgx.CollectRows(rows, pgx.RowToStructByName[Given])
	if err != nil {
		return nil, fmt.Errorf("read the answers to a quote: %w", err)
	}
	return given, nil
}
