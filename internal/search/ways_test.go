package search_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/search"
)

// large has 5,000 jobs of two customers: "many" is in most of them, "lately" in
// the newest alone, "once" in most of those that are not, "some" in a few
// hundred, "seldom" in three. The words of jobs and the number of Pelican are
// those of hardly anything else.
const large = `
insert into jobs (customer_id, name, description, job_type_id, status, booked_from, completed_at, origin, created_at)
	select case when n % 4 = 0 then 2 else 1 end, case when n % 3 > 0 then 'many' else 'x' end,
		concat_ws(' ', case when age < 900 then 'lately' when age > 1500 and n % 5 > 0 then 'once' end, case when n % 14 = 2 then 'some' end, case when n in (11, 2500, 5000) then 'seldom' end, 'y'),
		1, (array['unscheduled', 'booked', 'completed', 'closed', 'cancelled'])[1 + n % 5], now() - (n * 31 % 977) * interval '1 day',
		case when n % 5 in (2, 3) then now() end, 'office', now() - interval '1 day' - age * interval '1 minute'
	from (select n, n * 2999::bigint % 5000 as age from generate_series(1, 5000) n) x;
analyze;
`

// However a search of the office finds its jobs, by the newest, by the index of
// words or both, it finds the same ones, in their order, and counts them right.
func TestAllWaysOfSearchingFindTheSame(t *testing.T) {
	t.Parallel()
	db, ctx := dbtest.New(t), t.Context()
	if _, err := db.Exec(ctx, business+large); err != nil {
		t.Fatal(err)
	}
	typed := []string{"many", "lately", "once", "some", "seldom", "nothing", "many some", "ma", "J-2", "j 15", "pelican", "harbour", "C-1002", "!"}
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 3 * len(typed) {
		q := job.Orders.Read(url.Values{"q": {typed[i%len(typed)]}, "sort": {[]string{"newest", "-newest", "booked", "-booked", "number", "-number"}[random.IntN(6)]}})
		q.Size = []int{150, 400, 2500}[random.IntN(3)]
		f := job.Filter{Status: append([]job.Status{"", "", ""}, job.Statuses...)[random.IntN(3+len(job.Statuses))]}
		what := fmt.Sprintf("%+v %q", q, f.Status)
		order := map[string]string{"newest": "created_at", "booked": "booked_key", "number": "id"}[q.Sort] + map[bool]string{true: " desc", false: ""}[q.Desc]
		const fits = `(ts_match_vq(search, search_query(@typed)) or customer_id in (select id from customers where ts_match_vq(search_vector(number, name, company_name), search_query(@typed))))`
		args := pgx.NamedArgs{"typed": q.Search, "status": f.Status}
		want := column(t, db, `select number from jobs where `+fits+` and (@status = '' or status = @status) order by `+order+`, id`+map[bool]string{true: " desc", false: ""}[q.Desc], args)
		var (
			m      job.Matches
			got    []string
			counts job.Counts
		)
		short := q
		short.Size = 0
		page, err := job.List(ctx, db, short, f)
		for _, j := range page.Rows {
			got = append(got, j.Number)
		}
		if err != nil || !slices.Equal(got, want[:min(list.Size, len(want))]) {
			t.Errorf("%s: a page of %d jobs of %d: %v", what, len(got), len(want), err)
		}
		got = nil
		for next := q; ; {
			var page list.Page[job.Row]
			err := postgres.Read(ctx, db, func(b *postgres.Batch) { job.QueryMatches(b, &m, next, f) })
			if err == nil {
				err = postgres.Read(ctx, db, func(b *postgres.Batch) { job.QueryBoard(b, &page, &counts, next, f, m) })
			}
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			for _, j := range page.Rows {
				got = append(got, j.Number)
			}
			if next.After = page.Next; page.Next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d jobs, want %d", what, len(got), len(want))
		}
		for _, status := range job.Statuses {
			args["status"] = status
			n, err := strconv.Atoi(column(t, db, `select count(*)::text from jobs where `+fits+` and status = @status`, args)[0])
			if err != nil || !counted(counts[status], n) {
				t.Errorf("%s: %d %s, want %d, %v", what, counts[status], status, n, err)
			}
		}
		found, err := search.Find(ctx, db, search.Query{Typed: q.Search, Few: 5, Tally: true})
		if err != nil {
			t.Fatal(err)
		}
		all := column(t, db, `select number from jobs where `+fits+` order by created_at desc, id desc`, args)
		for _, g := range found.Groups {
			if g.Kind == search.Jobs && (g.Hits[0].Number != all[0] || !counted(g.Count, len(all))) {
				t.Errorf("%q: %d jobs, first %s; want %d, %s", q.Search, g.Count, g.Hits[0].Number, len(all), all[0])
			}
		}
	}
}

// counted reports whether a count is right of what there is: exact, or, of much,
// no more than that.
func counted(count, n int) bool {
	least, more := list.Least(count)
	if more {
		return least <= n
	}
	return n == least && n <= list.MaxFound
}

func column(t *testing.T, db *pgxpool.Pool, sql string, args pgx.NamedArgs) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}
