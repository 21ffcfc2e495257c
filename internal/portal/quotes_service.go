package portal

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

// QuoteRequest is what a contact wants a price for. Customer and contact are
// the viewer's.
type QuoteRequest struct {
	Description   string
	PriceEstimate *int64 // minor units of the business's currency
	Site          int64  // 0 for none
	PreferredOn   day.Day
	PurchaseOrder string
	Nonce         string
	Files         []attachment.Incoming
}

// RequestQuote records a request with its files, and tells whom the office
// wants told. A form sent twice makes one request.
func (d *Service) RequestQuote(ctx context.Context, v Viewer, r QuoteRequest) (number string, err error) {
	err = attachment.Storing(ctx, d.store, r.Files, func(files []attachment.Stored) (err error) {
		number, err = d.requestQuote(ctx, v, r, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return number, err
}

func (d *Service) requestQuote(ctx context.Context, v Viewer, r QuoteRequest, files []attachment.Stored) (number string, err error) {
	err = d.transact(ctx, v, Viewer.MayRequestQuotes, func(tx postgres.Tx, now Viewer) error {
		if err := refuseOnHold(now); err != nil {
			return err
		}
		var places []Place
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryPlaces(b, &places) }); err != nil {
			return err
		}
		p := problem.Set{}
		now.checkSite(p, r.Site, places)
		now.checkPreferred(p, r.PreferredOn)
		request := quote.Request{
			Customer: now.Customer, Contact: now.Contact, Site: r.Site, Description: r.Description, PriceEstimate: r.PriceEstimate,
			Currency: now.Business.Format.Currency, PurchaseOrder: r.PurchaseOrder, PreferredOn: r.PreferredOn, Nonce: now.nonce(r.Nonce),
		}
		if err := p.Join(request.Check()).Err(); err != nil {
			return err
		}
		ref, added, err := quote.Ask(ctx, tx, now.Actor(), request)
		if err != nil {
			return err
		}
		number = ref.Number
		if !added {
			return errSentTwice
		}
		if err := attachment.Add(ctx, tx, now.Actor(), d.queue, attachment.On{Customer: now.Customer, Quote: ref.ID}, files); err != nil {
			return err
		}
		return d.notify.QuoteRequested(ctx, tx, ref.ID)
	})
	return number, err
}

// QuoteAmendment is what a contact changes of a quote that was shown as Version.
type QuoteAmendment struct {
	Description   string
	PriceEstimate *int64
	Site          int64 // 0 for none
	PreferredOn   day.Day
	PurchaseOrder string
	Version       int64
}

// AmendQuote changes what was asked for, until it has been sent. A quote
// changed by somebody else meanwhile is apperr.Stale.
func (d *Service) AmendQuote(ctx context.Context, v Viewer, number string, a QuoteAmendment) error {
	return d.transact(ctx, v, Viewer.MayEditQuotes, func(tx postgres.Tx, now Viewer) error {
		var (
			q      Quote
			places []Place
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryQuote(b, &q, number)
			queryPlaces(b, &places)
		})
		if err != nil {
			return err
		}
		if why := q.WhyNotEdit(now); why != "" {
			return apperr.Conflict{Words: why}
		}
		p := problem.Set{}
		if q.SiteID == nil || *q.SiteID != a.Site {
			now.checkSite(p, a.Site, places)
		}
		if q.PreferredOn != a.PreferredOn {
			now.checkPreferred(p, a.PreferredOn)
		}
		amendment := quote.Amendment{
			Name: q.Name, Description: a.Description, PriceEstimate: a.PriceEstimate, Site: a.Site, PurchaseOrder: a.PurchaseOrder, PreferredOn: a.PreferredOn,
		}
		if err := p.Join(amendment.Check()).Err(); err != nil {
			return err
		}
		return quote.Amend(ctx, tx, now.Actor(), now.Customer, q.ID, a.Version, amendment)
	})
}

// AddQuoteFiles adds files to a quote that the viewer asked for or may edit,
// until it has been sent.
func (d *Service) AddQuoteFiles(ctx context.Context, v Viewer, number string, files []attachment.Incoming) error {
	return attachment.Storing(ctx, d.store, files, func(stored []attachment.Stored) error {
		return d.transact(ctx, v, Viewer.SeesQuotes, func(tx postgres.Tx, now Viewer) error {
			var q Quote
			if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryQuote(b, &q, number) }); err != nil {
				return err
			}
			switch {
			case q.MayAddFiles(now):
				return attachment.Add(ctx, tx, now.Actor(), d.queue, attachment.On{Customer: now.Customer, Quote: q.ID}, stored)
			case now.MayEditQuotes(), q.createdBy(now):
				return apperr.Conflictf("This quote is no longer a request, so no files can be added here any more.")
			}
			return apperr.Forbidden{Words: "You can look at this quote, but not add files to it."}
		})
	})
}
