package portal

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

// NewQuote is what a contact wants a price for. Customer and contact are
// the viewer's.
type NewQuote struct {
	Description   string
	PriceEstimate *int64 // minor units of the business's currency
	Site          int64  // 0 for none
	PreferredOn   day.Day
	PurchaseOrder string
	Nonce         string
	Files         []attachment.Incoming
	// Problems are what could not be read of it, by field.
	Problems problem.Set
}

// AskQuote answers whether the viewer may ask for a quote now, and how much may
// come with it.
func (d *Service) AskQuote(ctx context.Context, v Viewer) (attachment.Room, error) {
	return d.askRequest(ctx, v, Viewer.MayRequestQuotes)
}

// CreateQuote records a request with its files, and tells whom the office
// wants told. A form sent twice makes one request.
func (d *Service) CreateQuote(ctx context.Context, v Viewer, n NewQuote) (number string, err error) {
	err = attachment.Storing(ctx, d.store, n.Files, func(files []attachment.Stored) (err error) {
		number, err = d.createQuote(ctx, v, n, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return number, err
}

func (d *Service) createQuote(ctx context.Context, v Viewer, n NewQuote, files []attachment.Stored) (number string, err error) {
	err = d.transactRequest(ctx, v, Viewer.MayRequestQuotes, func(tx postgres.Tx, now Viewer) error {
		places, err := placeIn(ctx, tx, now, n.Site)
		if err != nil {
			return err
		}
		p := problem.Set{}.Join(n.Problems)
		now.checkSite(p, n.Site, places)
		now.checkPreferred(p, n.PreferredOn)
		request := quote.New{
			Customer: now.Customer, Contact: now.Contact, Currency: now.Business.Format.Currency, PriceEstimate: n.PriceEstimate, Nonce: now.nonce(n.Nonce),
			Details: quote.Details{Description: n.Description, Site: n.Site, PurchaseOrder: n.PurchaseOrder, PreferredOn: n.PreferredOn},
		}
		if err := p.Join(request.Check()).Err(); err != nil {
			return err
		}
		ref, created, err := quote.Create(ctx, tx, now.Actor(), request)
		if err != nil {
			return err
		}
		number = ref.Number
		if !created {
			return errSentTwice
		}
		if err := d.keep(ctx, tx, now, attachment.On{Quote: ref.ID}, files); err != nil {
			return err
		}
		if err := d.request(ctx, tx, now, keeper.Quotes, ref.ID); err != nil {
			return err
		}
		return d.notify.QuoteRequested(ctx, tx, ref.ID)
	})
	return number, err
}

// QuoteEdit is what a contact changes of a quote that was shown as Version.
type QuoteEdit struct {
	Description   string
	PriceEstimate *int64
	Site          int64 // 0 for none
	PreferredOn   day.Day
	PurchaseOrder string
	Version       int64
}

// EditQuote changes what was asked for, until it has been sent. A quote
// changed by somebody else meanwhile is apperr.Stale.
func (d *Service) EditQuote(ctx context.Context, v Viewer, number string, e QuoteEdit) error {
	return d.transact(ctx, v, Viewer.MayEditQuotes, func(tx postgres.Tx, now Viewer) error {
		var (
			q      Quote
			places []Place
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryQuote(b, &q, number)
			queryPlace(b, &places, e.Site)
		})
		if err != nil {
			return err
		}
		if why := q.WhyNotEdit(now); why != "" {
			return apperr.Conflict{Words: why}
		}
		p := problem.Set{}
		if q.SiteID == nil || *q.SiteID != e.Site {
			now.checkSite(p, e.Site, places)
		}
		if q.PreferredOn != e.PreferredOn {
			now.checkPreferred(p, e.PreferredOn)
		}
		edit := quote.ContactEdit{
			Name: q.Name, Description: e.Description, PriceEstimate: e.PriceEstimate, Site: e.Site, PurchaseOrder: e.PurchaseOrder, PreferredOn: e.PreferredOn,
		}
		if err := p.Join(edit.Check()).Err(); err != nil {
			return err
		}
		return d.change(ctx, tx, now, keeper.Quotes, keeper.Edit, q.ID, func(tx postgres.Tx) (int64, error) {
			return q.ID, quote.EditByContact(ctx, tx, now.Actor(), now.Customer, q.ID, e.Version, edit)
		})
	})
}

// AskQuoteFiles answers whether files can be added to a quote, and how many.
func (d *Service) AskQuoteFiles(ctx context.Context, v Viewer, number string) (attachment.Room, error) {
	return d.askFiles(ctx, v, Viewer.SeesQuotes, quoteTakesFiles(number))
}

// AddQuoteFiles adds files to a quote that the viewer asked for or may edit,
// until it has been sent.
func (d *Service) AddQuoteFiles(ctx context.Context, v Viewer, number string, files []attachment.Incoming) error {
	return d.addFiles(ctx, v, Viewer.SeesQuotes, files, quoteTakesFiles(number))
}

func quoteTakesFiles(number string) takesFiles {
	return func(ctx context.Context, tx postgres.Tx, now Viewer) (attachment.On, error) {
		var q Quote
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryQuote(b, &q, number) }); err != nil {
			return attachment.On{}, err
		}
		switch {
		case q.MayAddFiles(now):
			return attachment.On{Quote: q.ID}, nil
		case now.MayEditQuotes(), q.createdBy(now):
			return attachment.On{}, apperr.Conflictf("This quote is no longer a request, so no more files can be added here.")
		}
		return attachment.On{}, apperr.Forbidden{Words: "You can see this quote, but not add files to it."}
	}
}
