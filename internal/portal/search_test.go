package portal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fieldgate/internal/job"
	"fieldgate/internal/list"
)

// eightThousand are 4,000 of Harbour's and as many of Orchard's, dates and numbers in
// different orders: "many" is in most of them, "lately" in the newest alone,
// "once" in most of those that are not, "some" in a few hundred, "sparse" in one of
// thirty, "seldom" in three, "theirs" in Orchard's alone; "snap" is a file on every ninth.
const eightThousand = `
insert into jobs (id, customer_id, name, description, job_type_id, status, booked_from, completed_at, site_id, main_contact_id, origin, created_at) overriding system value
	select 100 + n, case when n % 2 = 0 then 1 else 2 end, case when n % 3 > 0 then 'many' else 'x' end,
		concat_ws(' ', case when age < 1500 then 'lately' when age > 3600 and n % 5 > 0 then 'once' end, case when n % 14 = 2 then 'some' end, case when n % 30 = 4 then 'sparse' end, case when n in (4000, 4002, 7000) then 'seldom' end,
			case when n % 2 = 1 then 'theirs' end, 'level' || n % 7),
		1, (array['unscheduled', 'booked', 'completed', 'closed', 'cancelled'])[1 + (n * 7) % 5], now() - (n * 31 % 977) * interval '1 day',
		case when (n * 7) % 5 in (2, 3) then now() end, case when n % 2 = 0 then 1 + n / 2 % 2 else 3 end, case when n % 2 = 1 then 4 when n % 10 = 0 then 2 else 1 end, 'office',
		now() - interval '1 day' - age * interval '1 minute'
	from (select n, n * 4999::bigint % 8000 as age from generate_series(1, 8000) n) x;
insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
	select customer_id, id, 'snap-' || id || '.txt', 'document', 'text/plain', 1, 'snap ' || id, id % 2 = 0, 1 from jobs where id % 9 = 0;
analyze;
`

// However a search finds its jobs, by the newest, by the index of words or both,
// it finds the same ones, in their order, page by page, and counts them right.
func TestAllWaysOfSearchingFindTheSame(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, eightThousand)
	viewers := []Viewer{as(t, r, "Lee"), as(t, r, "Kim"), as(t, r, "Pia"), as(t, r, "Ola")}
	typed := []string{"many", "lately", "once", "some", "sparse", "seldom", "theirs", "snap", "nothing", "many some", "once snap", "ma", "J-2", "j 15", "level3", "many level", "!", "kim's"}
	sorts := []string{"newest", "-newest", "booked", "-booked", "number", "-number"}
	statuses := []job.Status{"", Open, Finished, job.Booked, job.Cancelled}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2 * len(typed) {
		v := viewers[random.IntN(len(viewers))]
		q := JobQuery{Query: JobOrders.Read(url.Values{"q": {typed[i%len(typed)]}, "sort": {sorts[random.IntN(len(sorts))]}}), Status: statuses[random.IntN(len(statuses))], Site: int64(random.IntN(6) / 4 * (1 + random.IntN(2)))}
		q.Size = []int{150, 400, 1500}[random.IntN(3)]
		what := fmt.Sprintf("contact %d, %+v", v.Contact, q)
		want, all, open, finished := plainly(t, r, v, q)
		short := q
		short.Size = 0
		if l, err := r.Jobs(t.Context(), v, short); err != nil || !slices.Equal(numbers(l.Rows), want[:min(list.Size, len(want))]) || (l.Next != "") != (len(want) > list.Size) {
			t.Errorf("%s: a page of %d jobs, next %q, of %d: %v", what, len(l.Rows), l.Next, len(want), err)
		}
		var got, back []string
		pages := 0
		for ; pages < 50; pages++ {
			l, err := r.Jobs(t.Context(), v, q)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if pages == 0 && (!counted(l.All, all) || !counted(l.Open, open) || !counted(l.Finished, finished) || !counted(l.Matching, len(want))) {
				t.Errorf("%s: %d jobs, %d open, %d finished, %d matching; want %d, %d, %d, %d", what, l.All, l.Open, l.Finished, l.Matching, all, open, finished, len(want))
			}
			got = append(got, numbers(l.Rows)...)
			if l.Next == "" {
				back = numbers(l.Rows)
				q.After, q.Before = "", l.Prev
				break
			}
			q.After = l.Next
		}
		for q.Before != "" {
			l, err := r.Jobs(t.Context(), v, q)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			back = append(numbers(l.Rows), back...)
			q.Before = l.Prev
		}
		if !slices.Equal(got, want) || !slices.Equal(back, want) {
			t.Errorf("%s: %d jobs forwards, %d back, want %d", what, len(got), len(back), len(want))
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

func numbers(rows []JobRow) (all []string) {
	for _, j := range rows {
		all = append(all, j.Number)
	}
	return all
}

// plainly is what a search finds that looks at each job of the view, and the
// counts above the list.
func plainly(t *testing.T, r *Reader, v Viewer, q JobQuery) (found []string, all, open, finished int) {
	t.Helper()
	order := map[string]string{"newest": "created_at", "booked": "booked_key", "number": "id"}[q.Sort]
	direction := " asc"
	if q.Desc {
		direction = " desc"
	}
	fits := "ts_match_vq(search, search_query('" + strings.ReplaceAll(q.Search, "'", "''") + "'))"
	if q.Site != 0 {
		fits += " and site_id = " + strconv.FormatInt(q.Site, 10)
	}
	const isFinished = "status in ('completed', 'closed', 'cancelled')"
	narrowed := map[job.Status]string{"": "true", Open: "not " + isFinished, Finished: isFinished}[q.Status]
	if narrowed == "" {
		narrowed = "status = '" + string(q.Status) + "'"
	}
	found = look(t, r, v, "select number from portal.jobs where "+fits+" and "+narrowed+" order by "+order+direction+", id"+direction)
	n := look(t, r, v, "select count(*)::text from portal.jobs where "+fits+" union all select count(*)::text from portal.jobs where "+fits+" and not "+isFinished)
	counts := make([]int, 2)
	for i, text := range n {
		counts[i], _ = strconv.Atoi(text)
	}
	return found, counts[0], counts[1], counts[0] - counts[1]
}

// What files on a thing are called finds it as long as they are shown to whoever
// sees the thing, and no longer.
func TestThingsAreFoundByFilesThatAreShown(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	lee, kim := as(t, r, "Lee"), as(t, r, "Kim")
	found := func(v Viewer, typed string) string {
		t.Helper()
		q := list.Query{Search: typed, Sort: "number"}
		jobs, err1 := r.Jobs(t.Context(), v, JobQuery{Query: q})
		quotes, err2 := r.Quotes(t.Context(), v, QuoteQuery{Query: q})
		items, err3 := r.Equipment(t.Context(), v, EquipmentQuery{Query: q})
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		names := []string{}
		for _, j := range jobs.Rows {
			names = append(names, j.Name)
		}
		for _, q := range quotes.Rows {
			names = append(names, q.Name)
		}
		for _, e := range items.Rows {
			names = append(names, e.Name)
		}
		return strings.Join(names, ", ")
	}
	for _, step := range []struct{ change, typed, lee, kim string }{
		{"", "photo", "lee's", ""},
		{"", "hidden", "", ""},
		{"", "removed", "", ""},
		{"", "manual", "fan", ""},
		{"", "with sent quote", "sent", ""},
		{`update attachments set customer_view = true where name = 'lee''s hidden'`, "hidden", "lee's", ""},
		{`update attachments set customer_view = false where name in ('lee''s hidden', 'with sent quote', 'fan manual')`, "hidden", "", ""},
		{"", "with", "", ""},
		{"", "manual", "", ""},
		{`update attachments set name = 'walrus.pdf', job_id = 2 where name = 'lee''s photo'`, "photo", "", ""},
		{"", "walrus", "kim's", "kim's"},
		{`update attachments set caption = 'Narwhal' where name = 'walrus.pdf'`, "narwhal", "kim's", "kim's"},
		{`update attachments set removed_at = now() where name = 'walrus.pdf'`, "narwhal", "", ""},
		{`update attachments set removed_at = null where name = 'walrus.pdf'`, "narwhal", "kim's", "kim's"},
		{`delete from attachments where name = 'walrus.pdf'`, "narwhal", "", ""},
	} {
		if step.change != "" {
			exec(t, db, step.change)
		}
		if got := found(lee, step.typed); got != step.lee {
			t.Errorf("%s: Lee finds %q by %s, want %q", step.change, got, step.typed, step.lee)
		}
		if got := found(kim, step.typed); got != step.kim {
			t.Errorf("%s: Kim finds %q by %s, want %q", step.change, got, step.typed, step.kim)
		}
	}
	// Two who add files to one thing at the same time: both are known afterwards.
	const add = `insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id) values (1, 1, $1, 'document', 'x', 1, $1, true, 1)`
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), add, "gibbon"); err != nil {
		t.Fatal(err)
	}
	added := make(chan error)
	go func() { _, err := db.Exec(context.WithoutCancel(t.Context()), add, "lemur"); added <- err }()
	for waiting := false; !waiting; {
		if err := db.QueryRow(t.Context(), `select exists (select from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database()))`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tx.Commit(t.Context()), <-added); err != nil {
		t.Fatal(err)
	}
	if got := found(lee, "gibbon") + " " + found(lee, "lemur"); got != "lee's lee's" {
		t.Errorf("of two files added at once: %q", got)
	}
}
