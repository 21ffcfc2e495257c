package company

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// NoCurrency is that of a business that has not said yet which is its own: ISO
// 4217 keeps the code for transactions that involve none.
const NoCurrency = "XXX"

// Unset reports whether nobody has said yet in which country the business is.
func (f Format) Unset() bool { return f.Currency == NoCurrency }

// Start is what the first Administrator says of the business before anything is
// dated or priced. The registration's label and the tax may be left out.
type Start struct {
	TradingName, RegistrationLabel, TimeZone, Locale, Currency string
	TaxName, TaxPercent                                        string
}

// SetUp takes it over, once.
func SetUp(ctx context.Context, tx postgres.Tx, by audit.Actor, s Start) error {
	c, err := lock(ctx, tx)
	if err != nil {
		return err
	}
	if c.Currency != NoCurrency {
		return apperr.Conflictf("This has been set up already. See Company Details.")
	}
	d := c.Details
	d.TradingName, d.RegistrationLabel, d.TimeZone, d.Locale, d.Currency = s.TradingName, s.RegistrationLabel, s.TimeZone, s.Locale, s.Currency
	all := problem.Set{}
	steps := []func() error{func() error { return Edit(ctx, tx, by, c.Version, d) }}
	if s.TaxName != "" || s.TaxPercent != "" {
		steps = append(steps, func() error {
			id, err := addTaxRate(ctx, tx, by, TypedRate{Name: s.TaxName, Percent: s.TaxPercent})
			if err != nil {
				return err
			}
			return SetStandardTaxRate(ctx, tx, by, id)
		})
	}
	for _, step := range steps {
		err := step()
		if problems, ok := errors.AsType[problem.Set](err); ok {
			maps.Copy(all, problems)
		} else if err != nil {
			return err
		}
	}
	return all.Err()
}

// FinishFirstSteps takes the list of first steps out of sight for good.
func FinishFirstSteps(ctx context.Context, tx postgres.Tx, by audit.Actor) error {
	tag, err := tx.Exec(ctx, `update company set first_steps_done_at = now() where first_steps_done_at is null`)
	if err != nil {
		return fmt.Errorf("finish the first steps: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.FirstStepsFinished, ID: 1, Label: "First steps"})
}
