package portal

import (
	"context"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Addressee is the viewer's company, as documents name it.
type Addressee struct {
	Name        string
	CompanyName string
	Street      address.Address
}

// Called is what the customer is called: the company's name, if there is one.
func (a Addressee) Called() string {
	if a.CompanyName != "" {
		return a.CompanyName
	}
	return a.Name
}

func queryAddressee(b *postgres.Batch, a *Addressee) {
	postgres.QueryOne(b, a, `select name, company_name, street from portal.addressee`, nil)
}

// QuoteDocument is a quote with all that its document tells a contact: the version
// that was last sent. A quote that never was has no document: apperr.NotFound.
func (r *Reader) QuoteDocument(ctx context.Context, v Viewer, number string) (q Quote, a Addressee, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		queryQuote(b, &q, number)
		queryAddressee(b, &a)
	})
	if err == nil && q.SentVersion == 0 {
		err = apperr.NotFound
	}
	q.expire(v.Business.Format.Today())
	return q, a, err
}

// JobDocument is a job with all that its work report tells a contact. A job that
// is not finished has none: apperr.NotFound.
func (r *Reader) JobDocument(ctx context.Context, v Viewer, number string) (j Job, a Addressee, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		queryJob(b, &j, number)
		queryAddressee(b, &a)
	})
	if err == nil && !j.Status.Finished() {
		err = apperr.NotFound
	}
	return j, a, err
}
