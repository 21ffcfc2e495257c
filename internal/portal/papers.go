package portal

import (
	"context"

	"fieldgate/internal/address"
	"fieldgate/internal/fault"
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

func wantAddressee(g *glimpse, a *Addressee) {
	wantOne(g, a, `select name, company_name, street from portal.customer`, nil)
}

// QuotePaper is a quote with all that its document tells a contact: the version
// that was last sent. A quote that never was has no document: fault.NotFound.
func (r *Reader) QuotePaper(ctx context.Context, v Viewer, number string) (q Quote, a Addressee, err error) {
	err = r.look(ctx, v, func(g *glimpse) {
		wantQuote(g, &q, number)
		wantAddressee(g, &a)
	})
	if err == nil && q.SentVersion == 0 {
		err = fault.NotFound
	}
	q.expire(v.Business.Format.Today())
	return q, a, err
}

// JobPaper is a job with all that its work report tells a contact. A job that
// is not finished has none: fault.NotFound.
func (r *Reader) JobPaper(ctx context.Context, v Viewer, number string) (j Job, a Addressee, err error) {
	err = r.look(ctx, v, func(g *glimpse) {
		wantJob(g, &j, number)
		wantAddressee(g, &a)
	})
	if err == nil && !j.Status.Finished() {
		err = fault.NotFound
	}
	return j, a, err
}
