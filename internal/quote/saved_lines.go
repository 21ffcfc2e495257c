package quote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// SavedLineDetails is what Administration keeps of a line that many quotes have.
// The price is in minor units; Tax is the Key of a rate, "" for the standard one.
type SavedLineDetails struct {
	Code        string          `json:"code"`
	Description string          `json:"description"`
	UnitPrice   decimal.Decimal `json:"unit_price"`
	Tax         string          `json:"tax"`
	Active      bool            `json:"active"`
}

// SavedLineField describes each field of a saved line.
var SavedLineField = struct{ Code, Description, UnitPrice, Tax, Active problem.Field }{
	Code:        problem.Field{Name: "code", Label: "Code", Max: 50},
	Description: problem.Field{Name: "description", Label: "Description", Max: problem.MaxText},
	UnitPrice:   problem.Field{Name: "unit_price", Label: "Unit price", Max: 30},
	Tax:         problem.Field{Name: "tax", Label: "Tax", Max: problem.MaxName},
	Active:      problem.Field{Name: "active", Label: "Offered while quotes are written"},
}

// SavedLineFields are the fields of a saved line in the order of its form.
var SavedLineFields = problem.Fields{SavedLineField.Code, SavedLineField.Description, SavedLineField.UnitPrice, SavedLineField.Tax, SavedLineField.Active}

// Check says what is wrong with a saved line, before anything is written.
func (d SavedLineDetails) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Code != "", SavedLineField.Code.Name, "Enter a short code, such as CALLOUT.")
	p.Limit(SavedLineField.Code, d.Code)
	p.Unless(d.Description != "", SavedLineField.Description.Name, "Describe the line as customers are to read it.")
	p.Limit(SavedLineField.Description, d.Description)
	p.Unless(d.UnitPrice.Abs().LessThan(decimal.NewFromInt(maxAmount)), SavedLineField.UnitPrice.Name, "Enter a smaller price.")
	p.Limit(SavedLineField.Tax, d.Tax)
	return p
}

// SavedLine is a line to put into quotes.
type SavedLine struct {
	ID          int64
	Code        string
	Description string
	Currency    string
	UnitPrice   decimal.Decimal
	Tax         string
	Active      bool
	Version     int64
}

// Details are the saved line's, as in its form.
func (l SavedLine) Details() SavedLineDetails {
	return SavedLineDetails{Code: l.Code, Description: l.Description, UnitPrice: l.UnitPrice, Tax: l.Tax, Active: l.Active}
}

// Choice is the saved line as it is chosen by: its code, and how its description begins.
func (l SavedLine) Choice() string {
	first, _, _ := strings.Cut(l.Description, "\n")
	if words := []rune(first); len(words) > 80 {
		first = string(words[:80]) + "…"
	}
	return l.Code + " – " + first
}

// Typed is the saved line as a row of the form of a quote.
func (l SavedLine) Typed(f company.Format) Typed {
	price := f.Price(l.Currency)
	return Typed{Description: l.Description, Quantity: "1", UnitPrice: price.Write(price.Major(l.UnitPrice)), Tax: l.Tax}
}

// ChooseSavedLine is the saved line that was typed: by its code or its choice,
// or else the only one whose choice holds the words.
func ChooseSavedLine(all []SavedLine, typed string) (SavedLine, problem.Set) {
	words := strings.ToLower(strings.TrimSpace(typed))
	var found []SavedLine
	for _, l := range all {
		if strings.ToLower(l.Code) == words || strings.ToLower(l.Choice()) == words {
			return l, nil
		}
		if strings.Contains(strings.ToLower(l.Choice()), words) {
			found = append(found, l)
		}
	}
	switch {
	case words == "":
		return SavedLine{}, problem.Set{"saved_line": "Choose a saved line first."}
	case len(found) == 0:
		return SavedLine{}, problem.Set{"saved_line": "No saved line has these words."}
	case len(found) > 1:
		return SavedLine{}, problem.Set{"saved_line": "Several saved lines have these words. Choose one of the list."}
	}
	return found[0], nil
}

const selectSavedLine = `select l.id, l.code, l.description, l.currency, l.unit_price, l.tax, l.active, l.version from saved_lines l `

// QuerySavedLines adds a query for the saved lines whose words hold the search,
// by code, those offered first.
func QuerySavedLines(b *postgres.Batch, into *[]SavedLine, search string) {
	postgres.Query(b, into, selectSavedLine+`where position(lower(@search) in lower(l.code || ' ' || l.description)) > 0 order by not l.active, lower(l.code), l.id limit 2000`, pgx.NamedArgs{"search": search})
}

// QuerySavedLineChoices adds a query for the saved lines to put into a quote in a currency.
func QuerySavedLineChoices(b *postgres.Batch, into *[]SavedLine, currency string) {
	postgres.Query(b, into, selectSavedLine+`where l.active and l.currency = @currency order by lower(l.code), l.id limit 2000`, pgx.NamedArgs{"currency": currency})
}

// FindSavedLine is a saved line; apperr.NotFound when there is none.
func FindSavedLine(ctx context.Context, db postgres.DB, id int64) (SavedLine, error) {
	return findSavedLine(ctx, db, selectSavedLine+`where l.id = @id`, id)
}

func findSavedLine(ctx context.Context, db postgres.DB, sql string, id int64) (l SavedLine, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &l, sql, pgx.NamedArgs{"id": id}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return l, fmt.Errorf("find saved line: %w", err)
	}
	return l, err
}

// savedLineSnapshot is a saved line as the audit trail records it: its price in words.
type savedLineSnapshot struct {
	SavedLineDetails
	UnitPrice string `json:"unit_price"`
	Version   int64  `json:"version,omitempty"`
}

func (d SavedLineDetails) snapshot(currency string, version int64) savedLineSnapshot {
	return savedLineSnapshot{d, company.PlainPrice(d.UnitPrice, currency), version}
}

func (d SavedLineDetails) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{"code": d.Code, "description": d.Description, "price": d.UnitPrice, "tax": d.Tax, "active": d.Active}
	maps.Copy(a, more)
	return a
}

// NewSavedLine is a saved line to add.
type NewSavedLine struct {
	SavedLineDetails
	Currency string
	Nonce    string
}

// CreateSavedLine adds a saved line. A form sent twice adds one; created is then false.
func CreateSavedLine(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewSavedLine) (id int64, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	if n.Nonce != "" {
		err = tx.QueryRow(ctx, `select id from saved_lines where nonce = $1`, n.Nonce).Scan(&id)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return id, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into saved_lines (code, description, currency, unit_price, tax, active, nonce)
		values (@code, @description, @currency, @price, @tax, @active, nullif(@nonce, '')) returning id`, n.args(pgx.NamedArgs{"currency": n.Currency, "nonce": n.Nonce})).Scan(&id)
	if err != nil {
		return 0, false, savedLineConstraintError(err)
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.SavedLineCreated, ID: id, Label: n.Code, After: n.snapshot(n.Currency, 0)})
}

// EditSavedLine changes a saved line; quotes that have it stay as they are. It
// fails with apperr.Stale when somebody else has changed it since version.
func EditSavedLine(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d SavedLineDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := findSavedLine(ctx, tx, selectSavedLine+`where l.id = @id for update`, id)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `update saved_lines set code = @code, description = @description, unit_price = @price, tax = @tax, active = @active, version = version + 1 where id = @id`,
		d.args(pgx.NamedArgs{"id": id}))
	if err != nil {
		return savedLineConstraintError(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.SavedLineEdited, ID: id, Label: d.Code,
		Before: before.Details().snapshot(before.Currency, before.Version), After: d.snapshot(before.Currency, version+1),
	})
}

// savedLineConstraintError turns a broken constraint into a sentence at its field.
func savedLineConstraintError(err error) error {
	if postgres.Constraint(err) == "saved_line_code_taken" {
		return problem.Of(SavedLineField.Code.Name, "There is a saved line with this code already.")
	}
	return fmt.Errorf("save saved line: %w", err)
}
