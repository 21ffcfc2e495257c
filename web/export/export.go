// Package export sends what a list shows, all of it and not a page, as a CSV
// file to save. A screen gives its own filter and says what stands in each
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
	"encoding/csv"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
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

// CSV sends rows that come from somewhere else than a list. A row may be
// used again by its source once the next one is asked for.
func CSV(w http.ResponseWriter, r *http.Request, name string, today day.Day, head []string, rows iter.Seq2[[]string, error]) error {
	postgres.TakeTime(r.Context())
	postgres.PreferStandby(r.Context())
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	begun := false
	begin := func() error {
		begun = true
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, today))
		h.Set("Cache-Control", "no-store")
		// The byte order mark tells spreadsheets that the file is UTF-8.
		if _, err := w.Write([]byte("\uFEFF")); err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		return out.Write(head)
	}
	fail := func(err error) error {
		if !begun {
			return fmt.Errorf("export %s: %w", name, err)
		}
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "export broke off", "name", name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	safe := make([]string, 0, len(head))
	for cells, err := range rows {
		if err != nil {
			return fail(err)
		}
		if !begun {
			if err := begin(); err != nil {
				return fail(err)
			}
		}
		safe = safe[:0]
		for _, c := range cells {
			safe = append(safe, harmless(c))
		}
		if err := out.Write(safe); err != nil {
			return fail(err)
		}
	}
	if !begun {
		if err := begin(); err != nil {
			return fail(err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fail(err)
	}
	return nil
}

// Moment is a moment as files hold it: "2026-11-22 08:30" where the business is.
func Moment(f company.Format, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return f.Local(*t).Format("2006-01-02 15:04")
}

// Phone is a telephone number as a spreadsheet leaves it: bare digits would be
// taken for a number, without the + or 0 that they begin with, and -61-2 for a sum.
func Phone(typed string) string {
	if !bare.MatchString(typed) {
		return typed
	}
	sign, digits := "", digitless.ReplaceAllString(typed, "")
	if strings.HasPrefix(typed, "+") {
		sign = "+"
	}
	var groups []string
	for len(digits) > 4 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return sign + strings.Join(groups, " ")
}

// harmless keeps a spreadsheet from running what a customer typed: cells that
// begin like a formula get an apostrophe in front
// (https://owasp.org/www-community/attacks/CSV_Injection), and so does what
// follows a semicolon or a tab, where many a country's spreadsheet begins a new
// cell. Numbers and international phone numbers are no formulas. A code of bare
// digits, whose zeros in front or last digits a number would lose, follows a
// tab, which makes it a text.
func harmless(cell string) string {
	if code.MatchString(cell) {
		return "\t" + cell
	}
	if abroad.MatchString(cell) {
		cell = Phone(cell)
	}
	return signs.ReplaceAllStringFunc(cell, func(found string) string {
		if utf8.RuneCountInString(found) > 1 {
			return found[:1] + "'" + found[1:]
		}
		if number.MatchString(cell) {
			return found
		}
		return "'" + found
	})
}

var (
	// signs begin a formula; the wide ones do so where people type them.
	signs  = regexp.MustCompile(`^[=+\-@\t\r\n＝＋－＠]|[;\t][ ]*[=+\-@＝＋－＠]`)
	number = regexp.MustCompile(`^[+-][0-9][0-9., ()]*$`)
	// bare is a telephone number that a spreadsheet would reckon with.
	bare      = regexp.MustCompile(`^(\+[0-9][0-9.-]{5,19}|[0-9]{6,20})$`)
	abroad    = regexp.MustCompile(`^\+[0-9]{7,}$`)
	digitless = regexp.MustCompile(`[^0-9]`)
	code      = regexp.MustCompile(`^(0[0-9]+|[0-9]{16,})$`)
)
