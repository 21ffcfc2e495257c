package quote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// TemplateDetails is what a quote begins with that is written like others
// before it. Active ones are offered; the others are archived.
type TemplateDetails struct {
	Name        string
	Description string
	Inclusions  string
	Exclusions  string
	Terms       string
	Lines       []Line
	Active      bool
}

// TemplateField describes each field of a template.
var TemplateField = struct{ Name, Active problem.Field }{
	Name:   problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Active: problem.Field{Name: "active", Label: "Offered for new quotes"},
}

// TemplateFields are the fields of a template in the order of its form.
var TemplateFields = problem.Fields{TemplateField.Name, Field.Description, Field.Lines, Field.Inclusions, Field.Exclusions, Field.Terms, TemplateField.Active}

// Check says what is wrong with a template, before anything is written.
func (d TemplateDetails) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", TemplateField.Name.Name, "Enter a name, such as Split system, standard.")
	Details{Name: d.Name, Description: d.Description, Inclusions: d.Inclusions, Exclusions: d.Exclusions, Terms: d.Terms}.checkLimits(p)
	return p.Join(CheckLines(d.Lines))
}

// Template is what a quote can begin with.
type Template struct {
	ID          int64
	Name        string
	Description string
	Inclusions  string
	Exclusions  string
	Terms       string
	Currency    string
	Lines       []Line
	Active      bool
	Version     int64
}

// Details are the template's, as in its form.
func (t Template) Details() TemplateDetails {
	return TemplateDetails{Name: t.Name, Description: t.Description, Inclusions: t.Inclusions, Exclusions: t.Exclusions, Terms: t.Terms, Lines: t.Lines, Active: t.Active}
}

// Typed are the template's lines as the form of a quote shows them.
func (t Template) Typed(f company.Format) []Typed {
	return TypedLines(f, Quote{Currency: t.Currency, Lines: t.Lines})
}

const selectTemplate = `select t.id, t.name, t.description, t.inclusions, t.exclusions, t.terms, t.currency, t.lines, t.active, t.version from quote_templates t `

// QueryTemplates adds a query for the templates whose words hold the search, by
// name, those offered first.
func QueryTemplates(b *postgres.Batch, into *[]Template, search string) {
	postgres.Query(b, into, selectTemplate+`where position(lower(@search) in lower(t.name || ' ' || t.description)) > 0 order by not t.active, t.name collate "und-x-icu", t.id limit 500`, pgx.NamedArgs{"search": search})
}

// TemplateChoice is a template to choose in a form.
type TemplateChoice struct {
	ID   int64
	Name string
}

// QueryTemplateChoices adds a query for the templates that a quote in a currency can begin with.
func QueryTemplateChoices(b *postgres.Batch, into *[]TemplateChoice, currency string) {
	postgres.Query(b, into, `select id, name from quote_templates where active and currency = @currency order by name collate "und-x-icu", id limit 500`, pgx.NamedArgs{"currency": currency})
}

// FindTemplate is a template; apperr.NotFound when there is none.
func FindTemplate(ctx context.Context, db postgres.DB, id int64) (Template, error) {
	return findTemplate(ctx, db, selectTemplate+`where t.id = @id`, id)
}

func findTemplate(ctx context.Context, db postgres.DB, sql string, id int64) (t Template, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &t, sql, pgx.NamedArgs{"id": id}) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return t, fmt.Errorf("find quote template: %w", err)
	}
	return t, err
}

// templateSnapshot is a template as the audit trail records it.
type templateSnapshot struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Inclusions  string   `json:"inclusions"`
	Exclusions  string   `json:"exclusions"`
	Terms       string   `json:"terms"`
	Lines       []string `json:"lines"`
	Active      bool     `json:"active"`
	Version     int64    `json:"version,omitempty"`
}

func (d TemplateDetails) snapshot(currency string, version int64) templateSnapshot {
	return templateSnapshot{
		Name: d.Name, Description: d.Description, Inclusions: d.Inclusions, Exclusions: d.Exclusions, Terms: d.Terms,
		Lines: lineWords(d.Lines, currency), Active: d.Active, Version: version,
	}
}

func (d TemplateDetails) args(more pgx.NamedArgs) (pgx.NamedArgs, error) {
	lines := Settle(d.Lines)
	if lines == nil {
		lines = []Line{}
	}
	text, err := json.Marshal(lines)
	if err != nil {
		return nil, fmt.Errorf("save quote template: %w", err)
	}
	a := pgx.NamedArgs{"name": d.Name, "description": d.Description, "inclusions": d.Inclusions, "exclusions": d.Exclusions, "terms": d.Terms, "lines": string(text), "active": d.Active}
	maps.Copy(a, more)
	return a, nil
}

// NewTemplate is a template to add; its lines are priced in the currency.
type NewTemplate struct {
	TemplateDetails
	Currency string
	Nonce    string
}

// CreateTemplate adds a template. A form sent twice adds one; created is then false.
func CreateTemplate(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewTemplate) (id int64, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	args, err := n.args(pgx.NamedArgs{"currency": n.Currency, "nonce": n.Nonce})
	if err != nil {
		return 0, false, err
	}
	if n.Nonce != "" {
		err = tx.QueryRow(ctx, `select id from quote_templates where nonce = $1`, n.Nonce).Scan(&id)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return id, false, err
		}
	}
	err = tx.QueryRow(ctx, `
		insert into quote_templates (name, description, inclusions, exclusions, terms, currency, lines, active, nonce)
		values (@name, @description, @inclusions, @exclusions, @terms, @currency, @lines::jsonb, @active, nullif(@nonce, '')) returning id`, args).Scan(&id)
	if err != nil {
		return 0, false, templateConstraintError(err)
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteTemplateCreated, ID: id, Label: n.Name, After: n.snapshot(n.Currency, 0)})
}

// EditTemplate changes a template. It fails with apperr.Stale when somebody else
// has since version.
func EditTemplate(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d TemplateDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := findTemplate(ctx, tx, selectTemplate+`where t.id = @id for update`, id)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	args, err := d.args(pgx.NamedArgs{"id": id})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update quote_templates set name = @name, description = @description, inclusions = @inclusions, exclusions = @exclusions, terms = @terms, lines = @lines::jsonb, active = @active, version = version + 1
		where id = @id`, args)
	if err != nil {
		return templateConstraintError(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.QuoteTemplateEdited, ID: id, Label: d.Name,
		Before: before.Details().snapshot(before.Currency, before.Version), After: d.snapshot(before.Currency, version+1),
	})
}

// templateConstraintError turns a broken constraint into a sentence at its field.
func templateConstraintError(err error) error {
	if postgres.Constraint(err) == "quote_template_name_taken" {
		return problem.Of(TemplateField.Name.Name, "There is a template of this name already.")
	}
	return fmt.Errorf("save quote template: %w", err)
}
