package export

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
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
	for _, t := range exchange.Tables() {
		if t.Kind != exchange.Kind(exchange.Files) {
			all = append(all, tableOf(t, format, sources[string(t.Kind)]))
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

// headsOf are the heads of a table.
func headsOf(t exchange.Table, sources []string) (heads []string) {
	if t.IDs {
		heads = append(heads, exchange.IDHead)
		for _, s := range sources {
			heads = append(heads, exchange.SourceHead+s)
		}
	}
	heads = append(heads, t.First...)
	for _, f := range t.Fields {
		heads = append(heads, f.Label)
	}
	return heads
}

// ids are the cells below the heads of ids.
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

func cells(fields []exchange.Field, format company.Format, r exchange.Record) (all []Cell) {
	for _, f := range fields {
		all = append(all, CellOf(f, format, f.Get(r)))
	}
	return all
}

func tableOf(t exchange.Table, format company.Format, sources []string) table {
	row := func(r exchange.Record, put func([]Cell) error) error {
		if a, ok := r.(*exchange.Answer); ok && a.Key != "" {
			a.Signature = signaturePath(a)
		}
		row := cells(t.Fields, format, r)
		if t.IDs {
			row = append(ids(exchange.HeadOf(r), sources), row...)
		}
		return put(row)
	}
	if t.Of != "" {
		row = func(r exchange.Record, put func([]Cell) error) error {
			for i, l := range exchange.LinesOf(r) {
				row := append(belongs(r), Cell{Text: strconv.Itoa(i + 1), Value: i + 1})
				if err := put(append(row, cells(t.Fields, format, exchange.LineRecord(l))...)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return table{name: t.Name, head: headsOf(t, sources), rows: func(ctx context.Context, tx postgres.Tx, put func([]Cell) error) error {
		return t.Each(ctx, tx, func(r exchange.Record) error { return row(r, put) })
	}}
}

// belongs are the cells that say to which a line belongs.
func belongs(r exchange.Record) []Cell {
	switch r := r.(type) {
	case *exchange.Quote:
		return []Cell{{Text: r.Number}}
	case *exchange.Version:
		return []Cell{{Text: r.Quote}, {Text: strconv.Itoa(r.Number), Value: r.Number}}
	case *exchange.Template:
		return []Cell{{Text: r.Name}}
	}
	return nil
}
