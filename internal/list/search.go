package list

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Words are how the things of a list are searched: a condition on a row, and
// the same for an index. Both name what was typed as search_query(@typed), which
// is made once for a search: it takes longer than looking at a hundred rows.
//
// An index of words gives all that fit before the first of them is known in a
// list's order, and the list's order gives rows of which few may fit. Which is
// less work depends on how common the words are, and that nobody can tell from
// the words. So a search looks first (Search.Query): through the newest things,
// through more of them when some fit, and unless those settle it, in the index of
// words. When few things fit, their ids are all that the list needs to know. Of
// many, a list soon has a page together in its own order: it looks through so many
// rows, and only if those do not fill the page asks the index for all.
type Words struct {
	From   string // where the things are, without what a list joins to them
	Where  string // which of those there they are, as the list says it; "" for all
	ID     string
	At     string // since when they are there: an index has them by it and by ID; "" where that is by ID alone
	Fits   string // the condition as no index has it: write ts_match_vq(a, b) for a @@ b
	Index  string // the condition that the index of words serves
	Owners string // a query for ids that both conditions name as @owners; "" for none
	// Table is where the things stand, if they do in one. As long as that is small,
	// the index of words is asked for whatever fits, and counts are exact.
	Table string
}

const (
	// recent is how many of the newest things a search looks through, and of a number
	// recentOfNumbers.
	recent, recentOfNumbers = 300, 100
	// common is of how many of those fit what fills a page before the look at a
	// list's rows ends, so that nobody need ask the index of words.
	common, commonOfNumbers = 20, 5
	// some is of how many of them fit what may do so, too. Then twice as many are
	// looked through, and if it goes on like that as many as further, until enough
	// fit: a page and the next one's first. What comes once in thirty rows does, of
	// which the index of words would read tens of thousands among a million things.
	some, goesOn, further, enough = 4, 6, 2000, Size + 1
	// few is how many things are listed by their ids.
	few = 1000
	// looked is how many rows a list looks through in its order when many fit. The
	// look ends with the page, so that common words cost no more by it.
	looked = 6000
	// counted is how many rows a count looks through.
	counted = 500
	// small is how many rows a table has of which the index of words gives what has
	// a common word in no more time than a list takes.
	small = 15_000
)

// MaxFound is as far as counts are exact while somebody searches.
const MaxFound = 200

// ManyFound is the count of what is more than MaxFound while somebody searches.
const ManyFound = atLeast + MaxFound

// atLeast is what is added to a count of which only the least is known.
const atLeast = MaxCount + 2

// AtLeast is the count of what fits a search of which n were met and nobody
// looked for more.
func AtLeast(n int) int { return atLeast + min(n, MaxFound) }

// Least is how much there is at least by a count; more is set when there may be
// more.
func Least(count int) (n int, more bool) {
	switch {
	case count >= atLeast:
		return count - atLeast, true
	case count > MaxCount:
		return MaxCount, true
	}
	return count, false
}

// Search is a search of a list. Its zero value searches for nothing.
type Search struct {
	Words  Words
	typed  string
	query  string // what the database makes of it
	owners []int64
	ids    []int64 // of all that fit, the newest first, unless many do
	newest []int64 // of those of the newest that fit
	among  Where   // what narrowed the first look
	many   bool
}

// NewSearch is a search for what was typed; nothing finds everything.
func NewSearch(typed string, words Words) Search {
	if strings.TrimSpace(typed) == "" {
		return Search{}
	}
	return Search{Words: words, typed: typed}
}

// Newest is the order in which an index has them, the newest first.
func (w Words) Newest() string {
	if w.At == "" {
		return w.ID + " desc"
	}
	return w.At + " desc, " + w.ID + " desc"
}

// OwnWords are those of things with a column search and an index of it alone.
func OwnWords(from, table, at string) Words {
	return Words{
		From: from, ID: table + ".id", At: at,
		Fits:  fmt.Sprintf("ts_match_vq(%s.search, (select search_query(@typed)))", table),
		Index: Indexed(table+".search", "wide_query(search_query(@typed))", table+".search"),
		Table: strings.Fields(from)[0],
	}
}

// ofNumber reports whether a number or a code was typed, as a digit tells: with what
// it begins the newest begin alike, and few others do.
func (s *Search) ofNumber() bool { return strings.ContainsFunc(s.typed, unicode.IsDigit) }

// recent is how many of the newest things are looked through.
func (s *Search) recent() int {
	if s.ofNumber() {
		return recentOfNumbers
	}
	return recent
}

// rare is the condition that the index of words is asked at once.
func (s *Search) rare() string {
	const fit = "(select count(*) from newest where fits)"
	rare := fmt.Sprintf("%s < %d", fit, commonOfNumbers)
	if !s.ofNumber() {
		rare = fmt.Sprintf("%[1]s < %[2]d or %[1]s < %[3]d and ((select count(*) from twice where fits) < %[4]d or (select count(*) from met) < %[5]d)", fit, some, common, goesOn, enough)
	}
	if table := s.Words.Table; table != "" {
		rare += fmt.Sprintf(" or (select reltuples from pg_class where oid = '%s'::regclass) < %d", table, small)
	}
	return rare
}

// Indexed is the condition that words fit an index's query, which may be wider
// than what was typed: so what it gives is looked at.
func Indexed(words, query, column string) string {
	return fmt.Sprintf("%s @@ (select %s) and ts_match_vq(%s, (select search_query(@typed)))", words, query, column)
}

// Look takes the first look of a search by itself; nil when nothing is searched for.
func Look(ctx context.Context, db postgres.DB, typed string, words Words) (*Search, error) {
	s := NewSearch(typed, words)
	if !s.On() {
		return nil, nil //nolint:nilnil // no search is none
	}
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { s.Query(b, Where{}) }); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return &s, nil
}

// Narrow narrows a list whose things have a column search: to what was found
// when a first look was taken, else to what fits what was typed.
func (q Query) Narrow(s *Source, column string) {
	if s.Search = q.Found; s.Search == nil {
		s.Where.Search(column, q.Search)
	}
}

// On reports whether anything is searched for.
func (s *Search) On() bool { return s != nil && s.typed != "" }

// asked is how Words name what is searched for; once it is known, it is given back.
const (
	asked      = "search_query(@typed)"
	askedAgain = "@query::text::tsquery"
)

// Ask has the database make a query of what was typed, once for several searches;
// "" when there is no letter or digit in it.
func Ask(ctx context.Context, db postgres.DB, typed string) (query string, err error) {
	if err := db.QueryRow(ctx, "select "+asked+"::text", pgx.NamedArgs{"typed": typed}).Scan(&query); err != nil {
		return "", fmt.Errorf("read what is searched for: %w", err)
	}
	return query, nil
}

// NewSearchFor is NewSearch with the answer of Ask.
func NewSearchFor(typed, query string, words Words) Search {
	s := NewSearch(typed, words)
	s.query = query
	return s
}

// Query adds to a batch the first look, which has to be answered before the
// list is asked for; among narrows what is looked through.
func (s *Search) Query(b *postgres.Batch, among Where) {
	if !s.On() {
		return
	}
	w, query := s.Words, asked
	if s.query != "" {
		query = askedAgain
	}
	if w.Where != "" {
		among.And(w.Where)
	}
	among.bind("typed", s.typed, "query", s.query)
	owners := w.Owners
	if owners == "" {
		owners = "select null::bigint as id where false"
	}
	inner := strings.NewReplacer(asked, "(select query from asked)", "@owners", "array(select id from owners)")
	s.among = among
	// Each row is looked at once, and no further than is asked for.
	sql := fmt.Sprintf(`
		with asked as materialized (select %[1]s as query), owners as materialized (%[2]s),
		looked as materialized (select %[3]s as id, %[4]s as fits from %[5]s where %[6]s order by %[7]s limit %[8]d),
		newest as materialized (select id, fits from looked limit %[9]d),
		twice as materialized (select id, fits from looked limit 2 * %[9]d),
		met as materialized (select id from looked where fits limit %[10]d),
		found as materialized (select case
			when (select count(*) from newest) < %[9]d then array(select id from newest where fits)
			when %[11]s then (select coalesce(array_agg(id order by at desc, id desc), '{}') from (select %[3]s as id, %[14]s as at from %[5]s where (%[12]s) and %[6]s limit %[13]d) found) end as ids)
		select ids, array(select id from owners), case when ids is null and (select count(*) from newest where fits) < %[10]d then array(select id from met) else array(select id from newest where fits) end, (select query::text from asked)
		from found`,
		query, inner.Replace(owners), w.ID, inner.Replace(w.Fits), w.From, among.sql(), w.Newest(), further, s.recent(), enough, inner.Replace(s.rare()), inner.Replace(w.Index), few+1, cmp.Or(w.At, w.ID))
	b.Add(sql, among.arguments(), func(rows pgx.Rows) error {
		_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (none struct{}, err error) {
			return none, row.Scan(&s.ids, &s.owners, &s.newest, &s.query)
		})
		s.many = s.ids == nil || len(s.ids) > few
		s.Words.Fits, s.Words.Index = strings.ReplaceAll(w.Fits, asked, askedAgain), strings.ReplaceAll(w.Index, asked, askedAgain)
		return err
	})
}

// Nothing reports whether nothing fits, and there is no list to ask for.
func (s *Search) Nothing() bool { return s.On() && !s.many && len(s.ids) == 0 }

// Many reports whether so much fits that its ids are not known: the list then
// looks through its rows.
func (s *Search) Many() bool { return s.On() && s.many }

// Newest are the first n of the newest things that fit; none when the first look
// met fewer.
func (s *Search) Newest(n int) []int64 {
	if len(s.newest) < n {
		return nil
	}
	return s.newest[:n]
}

// CountOfAll is how many things fit of those that the first look was among:
// where many do, how many of the newest at least.
func (s *Search) CountOfAll() int {
	switch {
	case !s.many && len(s.ids) <= MaxFound:
		return len(s.ids)
	case s.ids != nil:
		return ManyFound
	}
	return AtLeast(len(s.newest))
}

// first are the ids of a page of a list, with the first row of the next one, when
// the first look has met it: of one that begins with the newest, and narrows what
// was looked through no further. Else there are none.
func (s *Search) first(own Where, sorted string, rows int) []int64 {
	found := s.ids
	if s.many {
		found = s.newest
	}
	if len(found) < rows || sorted != s.Words.Newest() || !slices.Equal(own.conditions, s.among.conditions) {
		return nil
	}
	return found[:rows]
}

// narrow adds to the conditions what a search comes down to, and its arguments.
func (s *Search) narrow(w *Where, id string) {
	switch {
	case !s.On():
	case s.many:
		w.bind("query", s.query)
		if s.Words.Owners != "" {
			w.bind("owners", s.owners)
		}
	default:
		w.And(id+" = any(@found)", "found", s.ids)
	}
}

// page finds, as found, the ids of a page: what is shown of each is asked of
// those alone. What the index of words gives is sorted as shown.
func (s *Search) page(src Source, where Where, sorted, shown string, rows int) string {
	if !s.many {
		return fmt.Sprintf("with found as materialized (select %s as id from %s where %s order by %s limit %d) ", src.ID, src.From, where.sql(), sorted, rows)
	}
	return fmt.Sprintf(`
		with looked as materialized (select %[1]s as id, %[2]s as fits from %[3]s where %[4]s order by %[5]s limit %[6]d),
		met as materialized (select id from looked where fits limit %[7]d),
		found as (
			select id from met
			union (select %[1]s from %[3]s where (%[8]s) and %[4]s and (select count(*) from met) < %[7]d and (select count(*) from looked) = %[6]d order by %[9]s limit %[7]d))
		`, src.ID, s.Words.Fits, src.From, where.sql(), sorted, looked, rows, s.Words.Index, shown)
}

// countOfMany counts what fits of a list when many things do: among its newest,
// and of more the least there is. How much there is beyond them only the index of
// words would tell.
func (s *Search) countOfMany(src Source, where Where) (string, pgx.NamedArgs) {
	if src.Most && len(s.newest) >= enough {
		where.And(src.ID+" = any(@found)", "found", s.newest)
		return fmt.Sprintf("select %d + count(*) from %s where %s", atLeast, src.From, where.sql()), where.arguments()
	}
	return fmt.Sprintf(`
		with looked as materialized (select %[1]s as fits from %[2]s where %[3]s order by %[4]s limit %[5]d),
		met as materialized (select count(*) as n from (select from looked where fits limit %[6]d) fit)
		select case when n > %[7]d then %[8]d when (select count(*) from looked) < %[5]d then n else %[9]d + n end from met`,
		s.Words.Fits, src.From, where.sql(), s.Words.Newest(), counted, MaxFound+1, MaxFound, ManyFound, atLeast), where.arguments()
}

// queryCountsOfSearch counts, for each choice above a list, what fits it of what is
// searched for, in one look: at all that was found or, when much fits, at the newest of
// all. How much there is beyond them only the index of words would tell, read once for
// each choice; so these are the least there is, unless that was all.
func queryCountsOfSearch[C comparable](b *postgres.Batch, counts map[C]int, choices []C, sources []Source) {
	s, args := sources[0].Search, pgx.NamedArgs{}
	wheres := make([]Where, len(sources))
	for i, src := range sources {
		wheres[i] = src.where()
	}
	same := slices.DeleteFunc(slices.Clone(wheres[0].conditions), func(condition string) bool {
		return slices.ContainsFunc(wheres, func(other Where) bool { return !slices.Contains(other.conditions, condition) })
	})
	own, tally := make([]string, len(sources)), make([]string, len(sources))
	for i, w := range wheres {
		merge(args, w.args)
		w.conditions = slices.DeleteFunc(slices.Clone(w.conditions), func(condition string) bool { return slices.Contains(same, condition) })
		own[i] = fmt.Sprintf("%s as choice%d", w.sql(), i)
		tally[i] = fmt.Sprintf("count(*) filter (where fits and choice%d)", i)
	}
	fits, all, looked := "true", "true", ""
	if s.many {
		fits, all, looked = s.Words.Fits, fmt.Sprintf("count(*) < %d", counted), fmt.Sprintf("order by %s limit %d", s.Words.Newest(), counted)
	}
	sql := fmt.Sprintf(`
		with looked as materialized (select %s as fits, %s from %s where %s %s)
		select array[%s], %s from looked`,
		fits, strings.Join(own, ", "), sources[0].From, Where{conditions: same}.sql(), looked, strings.Join(tally, ", "), all)
	b.Add(sql, args, func(rows pgx.Rows) error {
		var (
			met   []int
			exact bool
		)
		_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (none struct{}, err error) { return none, row.Scan(&met, &exact) })
		for i, n := range met {
			if !exact || n > MaxFound {
				n = AtLeast(n)
			}
			counts[choices[i]] = n
		}
		return err
	})
}

// countFound counts what fits a search, up to MaxFound.
func countFound(from string, where Where, more ...string) string {
	for _, condition := range more {
		where.And(condition)
	}
	return fmt.Sprintf("select case when count(*) > %d then %d else count(*) end from (select from %s where %s limit %d) counted", MaxFound, ManyFound, from, where.sql(), MaxFound+1)
}

// SumCounts is SumCounts of what was counted of one list, of which a search
// counts no more than MaxFound.
func (s *Search) SumCounts(counts ...int) int {
	sum := SumCounts(counts...)
	if s.On() && sum > MaxFound && sum <= MaxCount+1 {
		return ManyFound
	}
	return sum
}

// SumCounts is how much there is in all of what was counted apart, for people to read.
func SumCounts(counts ...int) int {
	sum, least, beyond := 0, false, false
	for _, count := range counts {
		n, more := Least(count)
		sum, least, beyond = sum+n, least || count >= atLeast, beyond || more
	}
	switch {
	case least:
		return AtLeast(sum)
	case beyond:
		return MaxCount + 1
	}
	return min(sum, MaxCount+1)
}
