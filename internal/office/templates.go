package office

import (
	"context"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
)

// TypedTemplate is a quote template as somebody types it; the lines of its
// details are left out.
type TypedTemplate struct {
	quote.TemplateDetails
	Rows []quote.Typed
}

// read turns what was typed into lines, and says what is wrong with it and with
// the rest. Lines may keep the taxes of those before.
func (t *TypedTemplate) read(ctx context.Context, db postgres.DB, by staff.Viewer, currency string, before []quote.Line) error {
	taxes, err := company.TaxRates(ctx, db)
	if err != nil {
		return err
	}
	rates, _ := quote.Rates(taxes, before)
	lines, problems := quote.ParseLines(by.Format, t.Rows, currency, rates)
	t.Lines = lines
	return problems.Join(t.Check()).Err()
}

// CreateQuoteTemplate adds a quote template. A form sent twice adds one. One that
// is made of a quote may keep that quote's taxes.
func (s *Service) CreateQuoteTemplate(ctx context.Context, by staff.Viewer, t TypedTemplate, of, nonce string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var q quote.Quote
		if of != "" {
			var err error
			if q, err = quote.FindByNumber(ctx, tx, of); err != nil {
				return err
			}
		}
		currency := by.Format.Currency
		if q.Currency != "" {
			currency = q.Currency
		}
		if err := t.read(ctx, tx, by, currency, q.Lines); err != nil {
			return err
		}
		_, _, err := quote.CreateTemplate(ctx, tx, by.Actor(), quote.NewTemplate{TemplateDetails: t.TemplateDetails, Currency: currency, Nonce: nonce})
		return err
	})
}

// EditQuoteTemplate changes a quote template.
func (s *Service) EditQuoteTemplate(ctx context.Context, by staff.Viewer, id, version int64, t TypedTemplate) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		before, err := quote.FindTemplate(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := t.read(ctx, tx, by, before.Currency, before.Lines); err != nil {
			return err
		}
		return quote.EditTemplate(ctx, tx, by.Actor(), id, version, t.TemplateDetails)
	})
}

// CreateSavedLine adds a saved line. A form sent twice adds one. Problems are
// what could not be read of it.
func (s *Service) CreateSavedLine(ctx context.Context, by staff.Viewer, n quote.NewSavedLine, problems problem.Set) error {
	if err := (problem.Set{}).Join(problems).Join(n.Check()).Err(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		_, _, err := quote.CreateSavedLine(ctx, tx, by.Actor(), n)
		return err
	})
}

// EditSavedLine changes a saved line.
func (s *Service) EditSavedLine(ctx context.Context, by staff.Viewer, id, version int64, d quote.SavedLineDetails, problems problem.Set) error {
	if err := (problem.Set{}).Join(problems).Join(d.Check()).Err(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return quote.EditSavedLine(ctx, tx, by.Actor(), id, version, d)
	})
}
