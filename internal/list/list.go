// Package list answers every list of the program: search, filters, sorting and
// keyset pages, in one query whose cost does not grow with the page asked for.
package list

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Size is how many rows a page has unless the query says otherwise: on a phone
// they are cards, and each costs the program and the database its share.
const Size = 25

// Order is one way to sort. Expr is an SQL expression that is never null, of
// the SQL type Type; Key names the order in addresses.
type Order struct {
	Key  string
	Expr string
	Type string
	Desc bool // the direction when the address gives none

	// Found makes it the default while somebody searches. Of much that fits, the
	// newest are met by looking through them; those first by name have to be
	// sorted out of all.
	Found bool
}

// reckoned is the expression as no index has it.
func (o Order) reckoned() string {
	switch o.Type {
	case "timestamptz":
		return "(" + o.Expr + ") + interval '0'"
	case "text":
		return "(" + o.Expr + ") || ''"
	}
	return "(" + o.Expr + ") + 0"
}

// Orders are the ways a list can be sorted; the first is the default.
type Orders []Order

// Default is the order that an address need not name.
func (o Orders) Default(searched bool) Order {
	for _, order := range o {
		if searched && order.Found {
			return order
		}
	}
	return o[0]
}

// Query is what an address asks of a list.
type Query struct {
	Search string
	Found  *Search // Search with its first look answered, for lists that take one
	Sort   string  // key of an order
	Desc   bool
	After  string // cursor: the rows behind it
	Before string // cursor: the rows in front of it
	Size   int
}

// Read takes q, sort, after and before from an address. What is not one of
// the orders is the default one; "-" in front of the key turns the direction.
func (o Orders) Read(v url.Values) Query {
	q := Query{Search: clip(v.Get("q"), 200), After: v.Get("after"), Before: v.Get("before"), Size: Size}
	first := o.Default(q.Search != "")
	q.Sort, q.Desc = first.Key, first.Desc
	sort, minus := strings.CutPrefix(v.Get("sort"), "-")
	for _, order := range o {
		if order.Key == sort {
			q.Sort, q.Desc = sort, minus
		}
	}
	return q
}

// SortValue is the query's order as the address writes it.
func (q Query) SortValue() string {
	if q.Desc {
		return "-" + q.Sort
	}
	return q.Sort
}

func (o Orders) find(key string) Order {
	for _, order := range o {
		if order.Key == key {
			return order
		}
	}
	return o[0]
}

// Where gathers conditions; each names its own arguments. It is a value: what is
// added to a copy is not in the other, so that one may stand for all requests
// and each add to it what somebody typed.
type Where struct {
	conditions []string
	hints      []string // hold for every row
	args       pgx.NamedArgs
	searched   bool // one of them is of a search
}

// And adds a condition. Arguments follow as name, value, name, value.
func (w *Where) And(condition string, args ...any) {
	w.conditions = append(slices.Clip(w.conditions), condition)
	w.bind(args...)
}

// Hint adds a condition that holds for every row: it is for the planner.
func (w *Where) Hint(condition string) { w.hints = append(slices.Clip(w.hints), condition) }

// Search adds a full-text condition unless nothing was typed. What has no
// letter or digit in it finds nothing.
func (w *Where) Search(column, typed string) {
	if strings.TrimSpace(typed) != "" {
		w.And(column+" @@ search_query(@search_typed) and search_query(@search_typed) <> ''", "search_typed", typed)
		w.searched = true
	}
}

// None reports whether there is no condition.
func (w Where) None() bool { return len(w.conditions) == 0 }

func (w *Where) bind(args ...any) {
	if len(args) == 0 {
		return
	}
	if w.args = maps.Clone(w.args); w.args == nil {
		w.args = pgx.NamedArgs{}
	}
	for i := 0; i+1 < len(args); i += 2 {
		w.args[args[i].(string)] = args[i+1] //nolint:forcetypeassert // names are literals
	}
}

func (w Where) sql() string {
	all := slices.Concat(w.conditions, w.hints)
	if len(all) == 0 {
		return "true"
	}
	return "(" + strings.Join(all, ") and (") + ")"
}

// Source is where rows come from. ID is the expression of the unique id that
// ends every order.
type Source struct {
	Columns string
	From    string
	ID      string
	OwnID   string // where ID is made of it: what an index has, and orders as ID does
	Where   Where
	Search  *Search // what is searched for; its first look was answered
	Apart   *Apart  // in what the order of a page that is not searched is gathered

	// Most says that most of what the first look of a search was among is in the list:
	// of much that fits, a count then looks at what that met.
	Most bool

	// InOrder says that an index has the rows in each order of the list, so that a page
	// of a search for what many fit can be planned once, with sorting forbidden: what
	// looks through rows then takes them from there, and nothing else may.
	InOrder bool
}

// Apart says that the rows are in the order of the list by each value of a
// column, as an index has them that begins with it, and are to be gathered from
// the first ones of each: for a few values.
type Apart struct {
	Column string
	Values []int64
}

// Page is one page of rows, with the cursors of its neighbours.
type Page[T any] struct {
	Rows []T
	Next string // "" on the last page
	Prev string // "" on the first page
}

// Counted is a count of what is in the list: at least what the page shows of it,
// where only the newest were looked through.
func (p Page[T]) Counted(n int) int {
	if least, more := Least(n); more && least < len(p.Rows) {
		return AtLeast(len(p.Rows))
	}
	return n
}

// MapPage is a page with each row made into another.
func MapPage[A, B any](p Page[A], row func(A) B) Page[B] {
	rows := make([]B, len(p.Rows))
	for i, r := range p.Rows {
		rows[i] = row(r)
	}
	return Page[B]{Rows: rows, Next: p.Next, Prev: p.Prev}
}

// Statement is the SQL of a page and its arguments. Its rows end in two
// columns more than Columns: sort key and id, from which Collect makes cursors.
func Statement(q Query, orders Orders, s Source) (string, pgx.NamedArgs) {
	order := orders.find(q.Sort)
	where := s.where()
	desc := q.Desc
	at := q.After
	if q.backwards() { // the nearest rows in front; Collect turns them round
		at = q.Before
		desc = !desc
	}
	if c, ok := decode(at); ok && c.sort == q.SortValue() && c.fits(order.Type) {
		where.And(fmt.Sprintf("(%s, %s) %s (@cursor_key::text::%s, @cursor_id)", order.Expr, s.ID, sign(desc), order.Type), "cursor_key", c.key, "cursor_id", c.id)
	}
	direction := "asc"
	if desc {
		direction = "desc"
	}
	sorted := fmt.Sprintf("%s %s, %s %s", order.Expr, direction, cmp.Or(s.OwnID, s.ID), direction)
	with, condition, shown := "", where.sql(), sorted
	switch {
	case s.Search.On():
		if s.InOrder && s.Search.Many() {
			shown = fmt.Sprintf("%s %s, %s + 0 %s", order.reckoned(), direction, s.ID, direction)
		}
		if first := s.Search.first(s.Where, sorted, q.size()+1); first != nil && at == "" {
			where = s.Where // whose rows these are: they need not be looked for
			where.And(s.ID+" = any(@found)", "found", first)
			condition = where.sql()
		} else {
			with, condition = s.Search.page(s, where, sorted, shown, q.size()+1), s.ID+" = any(array(select id from found))"
		}
	case s.Apart != nil:
		where.bind("apart", s.Apart.Values)
		with, condition = fmt.Sprintf(`
			with found as materialized (
				select f.id from unnest(@apart::bigint[]) at (value)
				cross join lateral (select %[1]s as id, %[2]s as key from %[3]s where %[4]s and %[5]s = at.value order by %[6]s limit %[7]d) f
				order by f.key %[8]s, f.id %[8]s limit %[7]d) `,
			s.ID, order.Expr, s.From, condition, s.Apart.Column, sorted, q.size()+1, direction), s.ID+" = any(array(select id from found))"
		shown = fmt.Sprintf("%s %s, %s %s", order.reckoned(), direction, s.ID, direction) // they are few: no index is to be read for their order
	}
	sql := fmt.Sprintf("%sselect %s, (%s)::text as list_key, %s as list_id from %s where %s order by %s limit %d",
		with, s.Columns, order.Expr, s.ID, s.From, condition, shown, q.size()+1)
	return sql, where.arguments()
}

// First is the SQL of the first n rows in an order, and its arguments.
func First(s Source, order string, n int) (string, pgx.NamedArgs) {
	return fmt.Sprintf("select %s from %s where %s order by %s limit %d", s.Columns, s.From, s.Where.sql(), order, n), s.Where.arguments()
}

// where are the conditions with what a search adds to them.
func (s Source) where() Where {
	where := s.Where
	s.Search.narrow(&where, s.ID)
	return where
}

func (w Where) arguments() pgx.NamedArgs {
	if w.args == nil {
		return pgx.NamedArgs{}
	}
	return w.args
}

func sign(desc bool) string {
	if desc {
		return "<"
	}
	return ">"
}

func (q Query) backwards() bool { return q.After == "" && q.Before != "" }

func (q Query) size() int {
	if q.Size <= 0 {
		return Size
	}
	return q.Size
}

// keyed is a row with its sort key and id.
type keyed[T any] struct {
	row T
	key string
	id  int64
}

// Collect reads the rows of a Statement into a page.
func Collect[T any](q Query, rows pgx.Rows) (Page[T], error) {
	all, err := collect[T](rows)
	if err != nil {
		return Page[T]{}, err
	}
	return paged(q, all), nil
}

func collect[T any](rows pgx.Rows) ([]keyed[T], error) {
	var (
		all []keyed[T]
		k   keyed[T]
	)
	err := postgres.EachByName(rows, func(row T) {
		k.row = row
		all = append(all, k)
	}, &k.key, &k.id)
	return all, err
}

// paged makes a page of rows in the order of a Statement, of which there is one
// more than fit when there is another page.
func paged[T any](q Query, all []keyed[T]) Page[T] {
	more := len(all) > q.size()
	if more {
		all = all[:q.size()]
	}
	back := q.backwards()
	if back {
		slices.Reverse(all)
	}
	page := Page[T]{Rows: make([]T, len(all))}
	for i, k := range all {
		page.Rows[i] = k.row
	}
	if len(all) == 0 {
		return page
	}
	first, last := all[0], all[len(all)-1]
	if more || back {
		page.Next = cursor{q.SortValue(), last.key, last.id}.encode()
	}
	if (back && more) || (!back && q.After != "") {
		page.Prev = cursor{q.SortValue(), first.key, first.id}.encode()
	}
	return page
}

// QueryPage adds a list to a batch.
func QueryPage[T any](b *postgres.Batch, into *Page[T], q Query, orders Orders, s Source) {
	sql, args := Statement(q, orders, s)
	b.Add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = Collect[T](q, rows)
		return err
	})
}

// KeepPlans lets a list and what follows in its batch be planned once on a
// connection, where no filter names a value: planning a search takes several
// times as long as looking through the newest rows, and comes to the same each
// time. How to find the rows of one customer depends on which it is.
func KeepPlans(b *postgres.Batch, q Query, s Source) {
	if len(s.Where.args) == 0 && (s.Search.On() || q.After != "" || q.Before != "") {
		b.KeepPlans()
	}
}

// QueryCount adds a count of rows to a batch, exact up to MaxCount.
func QueryCount(b *postgres.Batch, into *int, s Source) {
	sql, args := CountStatement(s)
	postgres.QueryValue(b, into, sql, args)
}

// QueryCounts adds to a batch, for each choice above a list, a count of what
// fits it: one statement for all of them. Arguments of the same name have the
// same value in all; what differs by choice is written out (Is). The map is
// filled once the batch is answered.
func QueryCounts[C comparable](b *postgres.Batch, choices []C, source func(C) Source) map[C]int {
	counts := make(map[C]int, len(choices))
	sources := make([]Source, len(choices))
	for i, c := range choices {
		sources[i] = source(c)
	}
	if len(sources) > 0 && sources[0].Search.On() {
		queryCountsOfSearch(b, counts, choices, sources)
		return counts
	}
	statements, args := make([]string, len(choices)), pgx.NamedArgs{}
	for i, s := range sources {
		sql, of := CountStatement(s)
		statements[i] = "(" + sql + ")"
		merge(args, of)
	}
	b.Add("select array["+strings.Join(statements, ", ")+"]", args, func(rows pgx.Rows) error {
		all, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]int])
		for i, n := range all {
			counts[choices[i]] = n
		}
		return err
	})
	return counts
}

// merge gathers the arguments of choices that are counted in one statement.
func merge(into, args pgx.NamedArgs) {
	for name, value := range args {
		if was, given := into[name]; given && !reflect.DeepEqual(was, value) {
			panic("choices differ in @" + name + ": write it out with Is")
		}
		into[name] = value
	}
}

// Is is the condition that a column has one of some values, written out: so the
// planner knows them, finds an index of theirs alone, and keeps the plan.
func Is[S ~string](column string, values ...S) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "'" + strings.ReplaceAll(string(v), "'", "''") + "'"
	}
	return column + " in (" + strings.Join(quoted, ", ") + ")"
}

// QueryTally adds to a batch how many rows there are of each value that an
// expression has of them, in one look at all; args are those of the expression.
// The map is filled once the batch is answered.
func QueryTally[C ~string](b *postgres.Batch, s Source, by string, args ...any) map[C]int {
	s.Where.bind(args...)
	counts := map[C]int{}
	b.Add(fmt.Sprintf("select %s, count(*) from %s where %s group by 1", by, s.From, s.Where.sql()), s.Where.arguments(), func(rows pgx.Rows) error {
		var (
			value C
			n     int
		)
		_, err := pgx.ForEachRow(rows, []any{&value, &n}, func() error { counts[value] = n; return nil })
		return err
	})
	return counts
}

// Fetch answers a list by itself.
func Fetch[T any](ctx context.Context, db postgres.DB, q Query, orders Orders, s Source) (page Page[T], err error) {
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { QueryPage(b, &page, q, orders, s) }); err != nil {
		return page, fmt.Errorf("list: %w", err)
	}
	return page, nil
}

// MaxCount is as far as counts are exact.
const MaxCount = 1000

// CountStatement counts rows up to one more than MaxCount; while somebody
// searches, up to MaxFound, and says ManyFound for more.
func CountStatement(s Source) (string, pgx.NamedArgs) {
	where := s.where()
	if s.Search.Many() {
		return s.Search.countOfMany(s, where)
	}
	count := fmt.Sprintf("select count(*) from (select from %s where %s limit %d) counted", s.From, where.sql(), MaxCount+1)
	if s.Search.On() || where.searched {
		count = countFound(s.From, where)
	}
	return count, where.arguments()
}

// Count counts rows exactly up to MaxCount and says MaxCount+1 for more.
func Count(ctx context.Context, db postgres.DB, s Source) (n int, err error) {
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { QueryCount(b, &n, s) }); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

func clip(s string, runes int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
