package exchange

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Reach is which customers may be reached; nil is all of them. What belongs to
// no customer, as job types, is in everybody's reach.
type Reach []int64

// all reports whether there is no limit.
func (r Reach) all() bool { return r == nil }

// Filter narrows a list. Its zero value does not.
type Filter struct {
	Since    time.Time // changed at this moment or later
	After    string    // the cursor of a page before
	Customer int64     // of one customer; 0 for all
	Job      int64     // of one job, for tasks and time; 0 for all
	Reach    Reach
	Size     int // 100 when 0
}

// MaxSize is how many records a page has at most.
const MaxSize = 1000

// List reads records in the order in which they changed: who asks for what comes
// after Next misses nothing, and gets again what changes meanwhile. Next stands
// for a place behind everything that there is now, too; more says whether to ask on.
func List(ctx context.Context, db postgres.DB, k Kind, f Filter) (page []Record, next string, more bool, err error) {
	n := nouns[k]
	from, err := f.start(ctx, db)
	if err != nil {
		return nil, "", false, err
	}
	at := changedAt(k)
	conditions := []string{at + ` < @until`, `(` + at + `, t.id) > (@since, @after)`}
	customer := `t.customer_id`
	if k == Customers {
		customer = `t.id`
	}
	ofCustomer := k != Staff && k != JobTypes
	if ofCustomer && !f.Reach.all() {
		conditions = append(conditions, customer+` = any(@reach)`)
	}
	if ofCustomer && f.Customer != 0 {
		conditions = append(conditions, customer+` = @customer`)
	}
	if f.Job != 0 && (k == Tasks || k == Time) {
		conditions = append(conditions, `t.job_id = @job`)
	}
	sql := n.sql(k) + ` where ` + strings.Join(conditions, ` and `) + ` order by ` + at + `, t.id limit @size`
	page, err = n.all(ctx, db, sql, pgx.NamedArgs{
		"since": from.at, "after": from.row, "until": from.until, "size": from.size + 1, "reach": postgres.IDs(f.Reach), "customer": f.Customer, "job": f.Job,
	})
	if err != nil {
		return nil, "", false, err
	}
	page, next, more = cut(f, from, page, func(r Record) (time.Time, int64) { return HeadOf(r).UpdatedAt, HeadOf(r).Row })
	if next == "" && !f.Since.IsZero() {
		next = cursor(f.Since, 0)
	}
	return page, next, more, nil
}

// start is where a page of a list of what changed begins.
type start struct {
	at    time.Time // behind the row of this moment
	row   int64
	until time.Time // and before this one
	size  int
}

func (f Filter) start(ctx context.Context, db postgres.DB) (from start, err error) {
	from = start{at: f.Since, size: f.Size}
	if from.size <= 0 {
		from.size = 100
	}
	from.size = min(from.size, MaxSize)
	if f.After != "" {
		if from.at, from.row, err = placeOf(f.After); err != nil {
			return from, err
		}
	}
	from.until, err = settled(ctx, db)
	return from, err
}

// cut takes off the row that was read to see whether there are more. The next page
// begins behind the last row; of an empty page, where this one did.
func cut[T any](f Filter, from start, rows []T, at func(T) (time.Time, int64)) (page []T, next string, more bool) {
	page, next, more = rows, f.After, len(rows) > from.size
	if more {
		page = rows[:from.size]
	}
	if len(page) > 0 {
		next = cursor(at(page[len(page)-1]))
	}
	return page, next, more
}

// settled is the moment before which nothing more appears. It is asked before the
// list, in a statement of its own: asked within it, what commits between the
// statement's snapshot and the look at other transactions would be passed by.
func settled(ctx context.Context, db postgres.DB) (until time.Time, err error) {
	if err = db.QueryRow(ctx, `select settled()`).Scan(&until); err != nil {
		return until, fmt.Errorf("up to when all is there: %w", err)
	}
	return until, nil
}

// cursor is a place in a list, as text that nobody reads.
func cursor(at time.Time, row int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMicro(), 36) + "." + strconv.FormatInt(row, 36)))
}

func placeOf(text string) (at time.Time, row int64, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		first, second, _ := strings.Cut(string(raw), ".")
		var micro int64
		if micro, err = strconv.ParseInt(first, 36, 64); err == nil {
			at = time.UnixMicro(micro)
			row, err = strconv.ParseInt(second, 36, 64)
		}
	}
	if err != nil {
		return at, 0, problem.Of("cursor", "This cursor is none that a list has given.")
	}
	return at, row, nil
}

// Find is the record of a kind with an id, as Head.ID has it, within reach; else
// apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, k Kind, key string, reach Reach) (Record, error) {
	row, err := findRow(ctx, db, k, key, 0)
	if err != nil {
		return nil, err
	}
	return FindRow(ctx, db, k, row, reach)
}

// FindExternal is Find by the id at a source.
func FindExternal(ctx context.Context, db postgres.DB, k Kind, source, id string, reach Reach) (Record, error) {
	row, err := findExternal(ctx, db, k, source, id)
	if err != nil {
		return nil, err
	}
	return FindRow(ctx, db, k, row, reach)
}

// FindRow is Find by the row's id.
func FindRow(ctx context.Context, db postgres.DB, k Kind, row int64, reach Reach) (Record, error) {
	if row == 0 {
		return nil, apperr.NotFound
	}
	r, err := readRow(ctx, db, k, row)
	if err != nil {
		return nil, err
	}
	if !reach.Has(HeadOf(r).CustomerRow) {
		return nil, apperr.NotFound
	}
	return r, nil
}

// Has reports whether what belongs to a customer may be reached; 0 is of none.
func (r Reach) Has(customer int64) bool {
	if r.all() || customer == 0 {
		return true
	}
	return slices.Contains(r, customer)
}

// ReadRow is the record of a row, whoever asks.
func ReadRow(ctx context.Context, db postgres.DB, k Kind, row int64) (Record, error) {
	return readRow(ctx, db, k, row)
}

func readRow(ctx context.Context, db postgres.DB, k Kind, row int64) (Record, error) {
	n := nouns[k]
	all, err := n.all(ctx, db, n.sql(k)+` where t.id = @row`, pgx.NamedArgs{"row": row})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, apperr.NotFound
	}
	return all[0], nil
}

// ByRows are the records of rows, by those.
func ByRows(ctx context.Context, db postgres.DB, k Kind, rows []int64) (map[int64]Record, error) {
	n := nouns[k]
	all := make(map[int64]Record, len(rows))
	err := n.load(ctx, db, n.sql(k)+` where t.id = any(@rows)`, pgx.NamedArgs{"rows": postgres.IDs(rows)}, func(r Record) error {
		all[HeadOf(r).Row] = r
		return nil
	})
	return all, err
}

// Tombstone says what was archived, removed or deleted.
type Tombstone struct {
	Kind   Kind      `json:"kind"`
	ID     string    `json:"id" db:"key"`
	GoneAt time.Time `json:"gone_at"`
	Row    int64     `json:"-" db:"row_id"`
}

// Gone lists what was archived, removed or deleted, as List does what changed.
func Gone(ctx context.Context, db postgres.DB, f Filter) (page []Tombstone, next string, more bool, err error) {
	from, err := f.start(ctx, db)
	if err != nil {
		return nil, "", false, err
	}
	reach := ``
	if !f.Reach.all() {
		reach = ` and (customer_id is null or customer_id = any(@reach))`
	}
	rows, err := db.Query(ctx, `
		select kind, key, gone_at, row_id from tombstones
		where gone_at < @until and (gone_at, row_id) > (@since, @after)`+reach+` order by gone_at, row_id limit @size`,
		pgx.NamedArgs{"since": from.at, "after": from.row, "until": from.until, "size": from.size + 1, "reach": postgres.IDs(f.Reach)})
	if err != nil {
		return nil, "", false, fmt.Errorf("what is gone: %w", err)
	}
	if page, err = pgx.CollectRows(rows, pgx.RowToStructByName[Tombstone]); err != nil {
		return nil, "", false, fmt.Errorf("what is gone: %w", err)
	}
	page, next, more = cut(f, from, page, func(t Tombstone) (time.Time, int64) { return t.GoneAt, t.Row })
	return page, next, more, nil
}
