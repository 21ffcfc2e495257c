package exchange

import (
	"context"

	"github.com/shopspring/decimal"

	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// What a business has set, and things name. It is read, written and brought in as
// what happened is.
const (
	TaxRates      History = "tax-rates"
	DocumentKinds History = "document-kinds"
	SavedLines    History = "saved-lines"
	Templates     History = "quote-templates"
)

// Settings are all of it. What is here under the same name becomes what comes in.
var Settings = []History{TaxRates, DocumentKinds, SavedLines, Templates}

// TaxRate is a tax that lines of quotes carry.
type TaxRate struct {
	Head
	Name          string          `json:"name" need:"yes" label:"Name"`
	Percent       decimal.Decimal `json:"percent" need:"yes" label:"Per cent"`
	SecondName    string          `json:"second_name" label:"Second name"`
	SecondPercent decimal.Decimal `json:"second_percent" label:"Second per cent"`
	Active        bool            `json:"active" label:"In use"`
	Standard      bool            `json:"standard" label:"Standard"`
}

// DocumentKind is a sort of document, such as a safety certificate.
type DocumentKind struct {
	Head
	Name   string `json:"name" need:"yes" label:"Name"`
	Active bool   `json:"active" label:"In use"`
}

// SavedLine is a line that many quotes have.
type SavedLine struct {
	Head
	Code        string          `json:"code" need:"yes" label:"Code"`
	Description string          `json:"description" need:"yes" label:"Description"`
	Currency    string          `json:"currency" need:"yes" label:"Currency"`
	UnitPrice   decimal.Decimal `json:"unit_price" label:"Unit price in the smallest coin"`
	Tax         string          `json:"tax" label:"Tax"`
	Active      bool            `json:"active" label:"In use"`
}

// Template is what quotes begin with.
type Template struct {
	Head
	Name        string      `json:"name" need:"yes" label:"Name"`
	Description string      `json:"description" label:"Description"`
	Inclusions  string      `json:"inclusions" label:"Inclusions"`
	Exclusions  string      `json:"exclusions" label:"Exclusions"`
	Terms       string      `json:"terms" label:"Terms and conditions"`
	Currency    string      `json:"currency" need:"yes" label:"Currency"`
	Active      bool        `json:"active" label:"In use"`
	Lines       []QuoteLine `json:"lines"`
}

const settingHead = `select t.id as row, 0::bigint as customer_row, t.id::text as key, 1::bigint as version, now() as updated_at, null::timestamptz as archived_at, '[]'::jsonb as external_ids, `

// settingPasts are how settings are read: by name, so that those of two
// installations stand in one order; the standard rate first, which another may
// only then be without.
var settingPasts = map[History]past{
	TaxRates: {
		label: "Tax Rates", one: "tax rate", blank: func() Record { return new(TaxRate) },
		sql: settingHead + `t.name, t.percent, t.second_name, t.second_percent, t.active, t.standard from tax_rates t
			order by t.standard desc, lower(t.name) collate "C", t.percent, lower(t.second_name) collate "C", t.second_percent, t.active desc, t.id`,
		load: loader[TaxRate](nil),
	},
	DocumentKinds: {
		label: "Document Kinds", one: "kind of documents", blank: func() Record { return new(DocumentKind) },
		sql:  settingHead + `t.name, t.active from document_kinds t order by lower(t.name) collate "C", t.id`,
		load: loader[DocumentKind](nil),
	},
	SavedLines: {
		label: "Saved Lines", one: "saved line", blank: func() Record { return new(SavedLine) },
		sql:  settingHead + `t.code, t.description, t.currency, t.unit_price, t.tax, t.active from saved_lines t order by lower(t.code) collate "C", t.active desc, t.id`,
		load: loader[SavedLine](nil),
	},
	Templates: {
		label: "Quote Templates", one: "quote template", blank: func() Record { return new(Template) },
		sql:  settingHead + `t.name, t.description, t.inclusions, t.exclusions, t.terms, t.currency, t.active, t.lines from quote_templates t order by lower(t.name) collate "C", t.active desc, t.id`,
		load: loader(func(t *Template) { inMajor(t.Currency, t.Lines) }),
	},
}

// putSetting makes a setting what came in.
func putSetting(ctx context.Context, tx postgres.Tx, by By, r Record) (row int64, s State, err error) {
	var made, changed bool
	switch r := r.(type) {
	case *TaxRate:
		row, made, changed, err = company.BringTaxRate(ctx, tx, by.actor(), company.TaxRate{
			Name: r.Name, Percent: r.Percent, SecondName: r.SecondName, SecondPercent: r.SecondPercent, Active: r.Active, Standard: r.Standard,
		})
	case *DocumentKind:
		row, made, changed, err = attachment.BringKind(ctx, tx, by.actor(), attachment.KindDetails{Name: r.Name, Active: r.Active})
	case *SavedLine:
		row, made, changed, err = quote.BringSavedLine(ctx, tx, by.actor(), quote.NewSavedLine{
			SavedLineDetails: quote.SavedLineDetails{Code: r.Code, Description: r.Description, UnitPrice: r.UnitPrice, Tax: r.Tax, Active: r.Active}, Currency: r.Currency,
		})
	case *Template:
		row, made, changed, err = quote.BringTemplate(ctx, tx, by.actor(), quote.NewTemplate{
			TemplateDetails: quote.TemplateDetails{
				Name: r.Name, Description: r.Description, Inclusions: r.Inclusions, Exclusions: r.Exclusions, Terms: r.Terms, Lines: linesIn(r.Currency, r.Lines), Active: r.Active,
			}, Currency: r.Currency,
		})
	}
	switch {
	case made:
		s = New
	case changed:
		s = Changed
	default:
		s = Same
	}
	return row, s, err
}
