package portal

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// QuoteSending is a version of a quote that was sent.
type QuoteSending struct {
	Number int
	SentAt time.Time
}

// QuoteAnswer is what somebody at the customer has said to a version.
type QuoteAnswer struct {
	Version   int
	Decision  quote.Status // quote.Accepted or quote.Declined
	ContactID int64
	Contact   string
	quote.Recording
	ByLink        bool   // by the link of an email, with a code from the contact's mailbox
	FullName      string // as it was typed
	PurchaseOrder string
	Reason        string
	SignatureKey  string // the blob of the drawn signature, "" for none
	At            time.Time
}

// queryAnswers adds what has happened to the quote that this finds.
func queryAnswers(b *postgres.Batch, q *Quote, this string, n pgx.NamedArgs) {
	postgres.Query(b, &q.Sendings, `select number, sent_at from portal.quote_sendings where quote_id = `+this+` order by number`, n)
	postgres.Query(b, &q.Answers, `
		select version, decision, contact_id, contact, way, by_link, recorded_by, full_name, purchase_order, reason, signature_key, at
		from portal.quote_answers where quote_id = `+this+` order by version`, n)
}

// Answer is what was said to the version that was sent last; nil when nobody has answered it.
func (q Quote) Answer() *QuoteAnswer {
	for i := range q.Answers {
		if q.Answers[i].Version == q.SentVersion {
			return &q.Answers[i]
		}
	}
	return nil
}

// MayAccept reports whether the viewer may accept the quote now.
func (q Quote) MayAccept(v Viewer) bool {
	return v.MayAcceptQuotes() && q.Status == quote.Sent && !q.Revising
}

// MayDecline reports whether the viewer may decline the quote now. One that has
// expired can still be declined: it is an answer, and binds nobody.
func (q Quote) MayDecline(v Viewer) bool {
	return v.MayAcceptQuotes() && (q.Status == quote.Sent || q.Status == quote.Expired) && !q.Revising
}

// WhyNotAnswer tells a viewer who may answer quotes why this one cannot be
// accepted, or declined, and what to do; it is empty when it can.
func (q Quote) WhyNotAnswer(v Viewer, accepting bool) string {
	what, a := "accepted", q.Answer()
	if !accepting {
		what = "declined"
	}
	switch {
	case !v.MayAcceptQuotes() || (accepting && q.MayAccept(v)) || (!accepting && q.MayDecline(v)):
		return ""
	case q.Status == quote.Withdrawn:
		return "This quote has been withdrawn and can no longer be " + what + ". If you still need the work done, call " + caller(v) + "."
	case a != nil && a.ByStaff() && (q.Status == quote.Accepted || q.Status == quote.Declined):
		return a.Words(v.Business.Format, a.Decision, a.FullName, a.At) + ". If that is not right, call " + caller(v) + "."
	case q.Status == quote.Accepted && a != nil && a.ContactID != v.Contact:
		return a.FullName + " accepted this quote on " + v.Business.Format.Moment(&a.At) + ". There is nothing more for you to do."
	case q.Status == quote.Accepted:
		return "This quote has been accepted already. If that has to change, call " + caller(v) + "."
	case q.Status == quote.Requested:
		return "We have not sent you a price yet. You can answer once we have."
	case q.Status == quote.Declined:
		return "This quote has been declined already. If you have changed your mind, call " + caller(v) + " for an updated quote."
	case q.Revising:
		return "We are updating this quote, so this one can no longer be " + what + ". We will send you the new one. If it is urgent, call " + caller(v) + "."
	}
	return "This price was valid until " + v.Business.Format.Day(q.ValidUntil) + " and can no longer be accepted. Call " + caller(v) + " for an updated quote."
}

// QuoteReply is a contact's yes or no to the version of a quote that they were shown.
type QuoteReply struct {
	Version       int // its number
	Accepted      bool
	FullName      string
	PurchaseOrder string
	Reason        string
	AgreesToTerms bool
	Signature     []byte // as quote.ReadSignature draws it; nil for none
	Browser       string
}

// AnswerQuote accepts or declines a quote, and tells both sides. The same
// contact's same answer again changes nothing. It fails with apperr.Stale when
// another version was sent meanwhile, and with an apperr.Conflict in words when
// the quote takes no such answer any more.
func (d *Service) AnswerQuote(ctx context.Context, v Viewer, number string, r QuoteReply) (err error) {
	var (
		key   string
		fresh bool
	)
	if len(r.Signature) > 0 {
		key = blob.NewKey()
		defer func() {
			if err != nil || !fresh {
				d.store.Forget(ctx, err, key)
			}
		}()
		if err := d.store.Put(ctx, key, bytes.NewReader(r.Signature), int64(len(r.Signature)), "image/png"); err != nil {
			return fmt.Errorf("keep signature: %w", err)
		}
	}
	return d.transact(ctx, v, Viewer.MayAcceptQuotes, func(tx postgres.Tx, now Viewer) error {
		var (
			q Quote
			c QuoteChoices
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryQuote(b, &q, number)
			queryQuoteChoices(b, &c)
		})
		if err != nil {
			return err
		}
		if err := now.checkAnswering(); err != nil {
			return err
		}
		if !r.Accepted {
			r.FullName = now.Name // nobody signs a refusal
		}
		fresh, err = quote.Answer(ctx, tx, now.Actor(), q.ID, now.Business.Format.Today(), quote.Reply{
			Customer: now.Customer, Contact: now.Contact, Version: r.Version, Accepted: r.Accepted, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder,
			KnowsOrderRequired: c.PurchaseOrderRequired, Reason: r.Reason, AgreesToTerms: r.AgreesToTerms, Signature: key, Browser: r.Browser, ByLink: now.Linked(),
		})
		if err != nil || !fresh {
			return err
		}
		return d.notify.QuoteAnswered(ctx, tx, q.ID)
	})
}
