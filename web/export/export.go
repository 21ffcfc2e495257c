// Package export sends what a list shows, all of it and not a page, as a CSV
// file or an Excel workbook to save. A screen gives its own filter and says what stands in each
// column:
//
//	return export.List(w, r, "jobs", v.Format.Today(), q,
//		func(q list.Query) (list.Page[job.Row], error) { return job.List(ctx, h.Pool, q, f) },
//		[]export.Column[job.Row]{
//			{Head: "Number", Cell: func(j job.Row) string { return j.Number }},
//			{Head: "Status", Cell: func(j job.Row) string { return j.Status.Label() }},
//		})
package export

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/exchange"
	table "fieldgate/internal/export"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

// batch is how many rows are read at a time: few enough to hold, enough that
// the database is not asked all the time.
const batch = 1000

// Column is a column of the file.
type Column[T any] struct {
	Head string
	Cell func(T) string
}

// List sends all rows of a list, in its order, read page by page. fetch is the
// list itself; the place in it that the address asks for is left out. The file
// is called name and the day, as in customers-2026-11-22.csv.
//
// What goes wrong before the first row is returned and becomes an error page;
// later the connection is broken off, so that the browser reports half a file
// as failed instead of saving it.
func List[T any](w http.ResponseWriter, r *http.Request, name string, today day.Day, q list.Query, fetch func(list.Query) (list.Page[T], error), columns []Column[T]) error {
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.Head
	}
	return CSV(w, r, name, today, head, func(yield func([]string, error) bool) {
		cells := make([]string, len(columns))
		for row, err := range rows(r.Context(), q, fetch) {
			for i, c := range columns {
				cells[i] = c.Cell(row)
			}
			if !yield(cells, err) {
				return
			}
		}
	})
}

// rows walks a list from its first row to its last.
func rows[T any](ctx context.Context, q list.Query, fetch func(list.Query) (list.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q.After, q.Before, q.Size = "", "", batch
		for {
			page, err := fetch(q)
			if postgres.LeaveStandby(ctx, err) {
				page, err = fetch(q)
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Rows {
				if !yield(row, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}

// CSV sends rows that come from somewhere else than a list: as CSV, or for an
// address that ends in .xlsx as an Excel workbook. A row may be used again by its
// source once the next one is asked for.
func CSV(w http.ResponseWriter, r *http.Request, name string, today day.Day, head []string, rows iter.Seq2[[]string, error]) error {
	postgres.TakeTime(r.Context())
	postgres.PreferStandby(r.Context())
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		return workbook(w, name, today, head, rows)
	}
	var out *table.CSV
	begin := func() (err error) {
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, today))
		h.Set("Cache-Control", "no-store")
		out, err = table.NewCSV(w, head)
		return err //nolint:wrapcheck // below
	}
	fail := func(err error) error {
		if out == nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "export broke off", "name", name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	row := make([]table.Cell, 0, len(head))
	for cells, err := range rows {
		if err != nil {
			return fail(err)
		}
		if out == nil {
			if err := begin(); err != nil {
				return fail(err)
			}
		}
		row = row[:0]
		for _, c := range cells {
			row = append(row, table.Cell{Text: c})
		}
		if err := out.Row(row); err != nil {
			return fail(err)
		}
	}
	if out == nil {
		if err := begin(); err != nil {
			return fail(err)
		}
	}
	if err := out.Close(); err != nil {
		return fail(err)
	}
	return nil
}

// numberOf are cells that Excel may reckon with.
var numberOf = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)

// workbook is written behind the answer and sent when it is whole: only then is it
// known how the parts of it fit.
func workbook(w http.ResponseWriter, name string, today day.Day, head []string, rows iter.Seq2[[]string, error]) (err error) {
	folder, err := os.MkdirTemp("", storage.Temporary+"list-*")
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	book, err := table.NewWorkbook(folder)
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	if err := book.Sheet(strings.ToUpper(name[:1])+name[1:], head); err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	row := make([]table.Cell, 0, len(head))
	for cells, err := range rows {
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		row = row[:0]
		for _, c := range cells {
			row = append(row, Typed(c))
		}
		if err := book.Row(row); err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.xlsx"`, name, today))
	h.Set("Cache-Control", "no-store")
	if _, err := book.WriteTo(w); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// Typed is a cell of text as what it says: a day, a moment, a number.
func Typed(text string) table.Cell {
	c := table.Cell{Text: text}
	if d, err := day.Parse(text); err == nil && len(text) == len("2006-01-02") {
		c.Value = d
	} else if at, err := time.Parse("2006-01-02 15:04", text); err == nil {
		c.Value = &at
	} else if numberOf.MatchString(text) {
		if n, err := decimal.NewFromString(text); err == nil {
			c.Value = n
		}
	}
	return c
}

// Whole is which records the rows of a list are of: their columns follow those of
// the list, but for what it has already.
type Whole[T any] struct {
	Kind   exchange.Kind
	DB     postgres.DB
	Format company.Format
	ID     func(T) int64 // of the row's record
}

// Records is List with all columns that the records have.
func Records[T any](w http.ResponseWriter, r *http.Request, name string, today day.Day, q list.Query, fetch func(list.Query) (list.Page[T], error), columns []Column[T], of Whole[T]) error {
	type row struct {
		of     T
		record exchange.Record
	}
	all := make([]Column[row], 0, len(columns))
	heads := map[string]bool{}
	for _, c := range columns {
		heads[c.Head] = true
		all = append(all, Column[row]{c.Head, func(r row) string { return c.Cell(r.of) }})
	}
	for _, f := range exchange.Fields(of.Kind) {
		if !heads[f.Label] {
			all = append(all, Column[row]{f.Label, func(r row) string { return f.Write(of.Format, f.Get(r.record)) }})
		}
	}
	return List(w, r, name, today, q, func(q list.Query) (page list.Page[row], err error) {
		found, err := fetch(q)
		if err != nil {
			return page, err
		}
		ids := make([]int64, len(found.Rows))
		for i, t := range found.Rows {
			ids[i] = of.ID(t)
		}
		records, err := exchange.ByRows(r.Context(), of.DB, of.Kind, ids)
		if err != nil {
			return page, err //nolint:wrapcheck // says what it was
		}
		page.Next = found.Next
		for i, t := range found.Rows {
			if record := records[ids[i]]; record != nil { // gone meanwhile
				page.Rows = append(page.Rows, row{t, record})
			}
		}
		return page, nil
	}, all)
}

// Moment is a moment as files hold it: "2026-11-22 08:30" where the business is.
func Moment(f company.Format, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return f.Local(*t).Format("2006-01-02 15:04")
}

// Phone is a telephone number as a spreadsheet leaves it.
func Phone(typed string) string { return table.Phone(typed) }
