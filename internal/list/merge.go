package list

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Merge makes one list of several that are asked for alike, each in somebody
// else's name: their rows in one order, a page of them. Ids are unique over all
// of them. The orders are of dates, moments and numbers: a text sorts by rules
// that only the database has.
type Merge[T any] struct {
	rows []merged[T]
}

type merged[T any] struct {
	keyed[T]
	from int
}

// Query adds to a batch the page of one of the lists, which is called from.
func (m *Merge[T]) Query(b *postgres.Batch, from int, q Query, orders Orders, s Source) {
	sql, args := Statement(q, orders, s)
	b.Add(sql, args, func(rows pgx.Rows) error {
		found, err := collect[T](rows)
		for _, k := range found {
			m.rows = append(m.rows, merged[T]{k, from})
		}
		return err
	})
}

// From is a row of a merged list, and the list that it is of.
type From[T any] struct {
	Row  T
	List int
}

// Page is the page of all of them together, once the batch is answered.
func (m *Merge[T]) Page(q Query, orders Orders) Page[From[T]] {
	order := orders.find(q.Sort)
	sign := 1
	if q.Desc != q.backwards() {
		sign = -1
	}
	slices.SortFunc(m.rows, func(a, b merged[T]) int {
		return sign * cmp.Or(compareKeys(order.Type, a.key, b.key), cmp.Compare(a.id, b.id))
	})
	all := make([]keyed[From[T]], len(m.rows))
	for i, r := range m.rows {
		all[i] = keyed[From[T]]{From[T]{r.row, r.from}, r.key, r.id}
	}
	return paged(q, all)
}

// compareKeys compares sort keys as the database does, by its type.
func compareKeys(kind, a, b string) int {
	if kind == "bigint" {
		x, _ := strconv.ParseInt(a, 10, 64)
		y, _ := strconv.ParseInt(b, 10, 64)
		return cmp.Compare(x, y)
	}
	if o := cmp.Compare(infinite(a), infinite(b)); o != 0 || infinite(a) != 0 {
		return o
	}
	if kind == "timestamptz" {
		return moment(a).Compare(moment(b))
	}
	return strings.Compare(a, b) // a date, written as 2026-03-01
}

func infinite(key string) int {
	switch key {
	case "infinity":
		return 1
	case "-infinity":
		return -1
	}
	return 0
}

// moment reads a timestamptz as the database writes it, in whichever zone.
func moment(key string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07:00:00"} {
		if t, err := time.Parse(layout, key); err == nil {
			return t
		}
	}
	return time.Time{}
}
