package portal

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

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
// contact's same answer again changes nothing. It fails with fault.Stale when
// another version was sent meanwhile, and with a fault.Conflict in words when
// the quote takes no such answer any more.
func (d *Desk) AnswerQuote(ctx context.Context, v Viewer, number string, r QuoteReply) (err error) {
	var (
		key   string
		fresh bool
	)
	if len(r.Signature) > 0 {
		key = blob.NewKey()
		if err := d.store.Put(ctx, key, bytes.NewReader(r.Signature), int64(len(r.Signature)), "image/png"); err != nil {
			return fmt.Errorf("keep signature: %w", err)
		}
		defer func() {
			if err == nil && fresh {
				return
			}
			if e := d.store.Delete(context.WithoutCancel(ctx), key); e != nil {
				err = errors.Join(err, fmt.Errorf("forget signature: %w", e))
			}
		}()
	}
	return d.act(ctx, v, Viewer.MayAcceptQuotes, func(tx postgres.Tx, now Viewer) error {
		var (
			q Quote
			c QuoteChoices
		)
		err := lookIn(ctx, tx, now, func(g *glimpse) {
			wantQuote(g, &q, number)
			wantQuoteChoices(g, &c)
		})
		if err != nil {
			return err
		}
		if !r.Accepted {
			r.FullName = now.Name // nobody signs a refusal
		}
		fresh, err = quote.Answer(ctx, tx, now.Actor(), q.ID, today(now), quote.Reply{
			Customer: now.Customer, Contact: now.Contact, Version: r.Version, Accepted: r.Accepted, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder,
			OrderKnown: c.PurchaseOrderRequired, Reason: r.Reason, AgreesToTerms: r.AgreesToTerms, Signature: key, Browser: r.Browser,
		})
		if err != nil || !fresh {
			return err
		}
		return d.notify.QuoteAnswered(ctx, tx, q.ID)
	})
}
