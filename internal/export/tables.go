package export

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// Cell is what stands in a table: the text, and for a number, a date or a moment
// what that is for a spreadsheet.
type Cell struct {
	Text  string
	Value any // an int, a decimal.Decimal, a day.Day, a *time.Time; nil for text
}

// CellOf is the value of a field as a cell.
func CellOf(f exchange.Field, format company.Format, v any) Cell {
	c := Cell{Text: f.Write(format, v)}
	switch f.Type {
	case exchange.Whole, exchange.Decimal, exchange.Day, exchange.Moment:
		if c.Text != "" {
			c.Value = v
		}
	case exchange.Text, exchange.YesNo, exchange.Many:
	}
	return c
}

// table is one of the tables: how many rows there are is not known beforehand.
type table struct {
	name string
	head []string
	rows func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error
}

// tables are all of them, each behind what it refers to. That of files is left
// out, since it tells what has been copied.
func tables(ctx context.Context, tx postgres.Tx, format company.Format) (all []table, err error) {
	sources, err := sourcesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	all = append(all, settings...)
	all = append(all, templateLines(format))
	for _, k := range exchange.Kinds {
		all = append(all, ofKind(k, format, sources[string(k)]))
		if k == exchange.Quotes {
			all = append(all, linesOf("Quote Lines", []string{"Quote"}, format, func(ctx context.Context, tx postgres.Tx, put func([]Cell, []exchange.QuoteLine) error) error {
				return exchange.Each(ctx, tx, exchange.Quotes, func(r exchange.Record) error {
					q := r.(*exchange.Quote) //nolint:forcetypeassert // quotes
					return put([]Cell{{Text: q.Number}}, q.Lines)
				})
			}))
		}
	}
	for _, h := range exchange.Histories {
		if h == exchange.Files {
			continue
		}
		all = append(all, ofHistory(h, format, sources[string(h)]))
		if h == exchange.Versions {
			all = append(all, linesOf("Quote Version Lines", []string{"Quote", "Version"}, format, func(ctx context.Context, tx postgres.Tx, put func([]Cell, []exchange.QuoteLine) error) error {
				return exchange.EachOf(ctx, tx, exchange.Versions, func(r exchange.Record) error {
					v := r.(*exchange.Version) //nolint:forcetypeassert // versions
					return put([]Cell{{Text: v.Quote}, {Text: strconv.Itoa(v.Number), Value: v.Number}}, v.Lines)
				})
			}))
		}
	}
	return all, nil
}

// sourcesOf are the systems that know things, by kind. What things were called in
// an installation before is left behind.
func sourcesOf(ctx context.Context, tx postgres.Tx) (map[string][]string, error) {
	rows, err := tx.Query(ctx, `select kind, array_agg(distinct source order by source) from external_ids where source <> $1 group by kind`, exchange.Ours)
	if err != nil {
		return nil, fmt.Errorf("which systems know things: %w", err)
	}
	all := map[string][]string{}
	var kind string
	var sources []string
	_, err = pgx.ForEachRow(rows, []any{&kind, &sources}, func() error {
		all[kind] = slices.Clone(sources)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("which systems know things: %w", err)
	}
	return all, nil
}

// idHeads are the columns of ids.
func idHeads(sources []string) []string {
	heads := []string{"ID"}
	for _, s := range sources {
		heads = append(heads, "ID at "+s)
	}
	return heads
}

// ids are the cells below them.
func ids(h exchange.Head, sources []string) []Cell {
	cells := []Cell{{Text: h.ID}}
	for _, s := range sources {
		text := ""
		for _, x := range h.ExternalIDs {
			if x.Source == s && text != "" {
				text += "; "
			}
			if x.Source == s {
				text += x.ID
			}
		}
		cells = append(cells, Cell{Text: text})
	}
	return cells
}

func heads(fields []exchange.Field) (all []string) {
	for _, f := range fields {
		all = append(all, f.Label)
	}
	return all
}

func cells(fields []exchange.Field, format company.Format, r exchange.Record) (all []Cell) {
	for _, f := range fields {
		all = append(all, CellOf(f, format, f.Get(r)))
	}
	return all
}

func ofKind(k exchange.Kind, format company.Format, sources []string) table {
	fields := exchange.Fields(k)
	return table{name: k.Label(), head: append(idHeads(sources), heads(fields)...), rows: func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error {
		return exchange.Each(ctx, tx, k, func(r exchange.Record) error {
			return put(append(ids(exchange.HeadOf(r), sources), cells(fields, format, r)...))
		})
	}}
}

func ofHistory(h exchange.History, format company.Format, sources []string) table {
	fields := h.Fields()
	t := table{name: h.Label(), head: heads(fields)}
	named := h == exchange.Messages
	if named {
		t.head = append(idHeads(sources), t.head...)
	}
	t.rows = func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error {
		return exchange.EachOf(ctx, tx, h, func(r exchange.Record) error {
			if a, ok := r.(*exchange.Answer); ok && a.Key != "" {
				a.Signature = signaturePath(a)
			}
			row := cells(fields, format, r)
			if named {
				row = append(ids(exchange.HeadOf(r), sources), row...)
			}
			return put(row)
		})
	}
	return t
}

// linesOf is the table of lines that belong to what first names.
func linesOf(name string, first []string, format company.Format, each func(context.Context, postgres.Tx, func([]Cell, []exchange.QuoteLine) error) error) table {
	fields := exchange.LineFields()
	return table{name: name, head: append(append(first, "Position"), heads(fields)...), rows: func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error {
		return each(ctx, tx, func(of []Cell, lines []exchange.QuoteLine) error {
			for i, l := range lines {
				row := append(slices.Clone(of), Cell{Text: strconv.Itoa(i + 1), Value: i + 1})
				if err := put(append(row, cells(fields, format, exchange.LineRecord(l))...)); err != nil {
					return err
				}
			}
			return nil
		})
	}}
}

// settings are what a move needs beside the things: small tables of texts.
var settings = []table{
	plain("Tax Rates", []string{"Name", "Per cent", "Second name", "Second per cent", "In use", "Standard"}, `
		select array[name, trim_scale(percent)::text, second_name, trim_scale(second_percent)::text, yes(active), yes(standard)] from tax_rates order by id`),
	plain("Document Kinds", []string{"Name", "In use"}, `select array[name, yes(active)] from document_kinds order by id`),
	plain("Saved Lines", []string{"Code", "Description", "Currency", "Unit price in the smallest coin", "Tax", "In use"}, `
		select array[code, description, currency, trim_scale(unit_price)::text, tax, yes(active)] from saved_lines order by id`),
	plain("Quote Templates", []string{"Name", "Description", "Inclusions", "Exclusions", "Terms and conditions", "Currency", "In use"}, `
		select array[name, description, inclusions, exclusions, terms, currency, yes(active)] from quote_templates order by id`),
}

// yes(column) is Yes or No in SQL.
var yes = regexp.MustCompile(`yes\((\w+)\)`)

func plain(name string, head []string, sql string) table {
	sql = yes.ReplaceAllString(sql, `case when ${1} then 'Yes' else 'No' end`)
	return table{name: name, head: head, rows: func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error {
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		var texts []string
		_, err = pgx.ForEachRow(rows, []any{&texts}, func() error {
			row := make([]Cell, len(texts))
			for i, text := range texts {
				row[i] = Cell{Text: text}
			}
			return put(row)
		})
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		return nil
	}}
}

// templateLines are the lines of quote templates.
func templateLines(format company.Format) table {
	return linesOf("Quote Template Lines", []string{"Template"}, format, func(ctx context.Context, tx postgres.Tx, put func([]Cell, []exchange.QuoteLine) error) error {
		rows, err := tx.Query(ctx, `select name, currency, lines from quote_templates order by id`)
		if err != nil {
			return fmt.Errorf("read quote templates: %w", err)
		}
		var name, currency string
		var raw []byte
		_, err = pgx.ForEachRow(rows, []any{&name, &currency, &raw}, func() error {
			var typed []quote.Line
			if err := json.Unmarshal(raw, &typed); err != nil {
				return err //nolint:wrapcheck // wrapped below
			}
			var lines []exchange.QuoteLine
			for _, l := range typed {
				lines = append(lines, exchange.QuoteLine{
					Section: l.Section, Description: l.Description, Quantity: l.Quantity, UnitPrice: major(l.UnitPrice, currency), TaxName: l.TaxName, TaxPercent: l.TaxPercent,
					SecondTaxName: l.SecondTaxName, SecondTaxPercent: l.SecondTaxPercent, Discount: l.Discount, DiscountPercent: l.DiscountPercent,
				})
			}
			return put([]Cell{{Text: name}}, lines)
		})
		if err != nil {
			return fmt.Errorf("read quote templates: %w", err)
		}
		return nil
	})
}

func major(minor decimal.Decimal, currency string) decimal.Decimal {
	return minor.Shift(-int32(company.MinorUnits(currency)))
}
