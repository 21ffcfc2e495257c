package list_test

import (
	"context"
	"net/url"
	"slices"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
)

type row struct {
	ID   int64
	Name string
}

var orders = list.Orders{
	{Key: "name", Expr: `name collate "und-x-icu"`, Type: "text"},
	{Key: "number", Expr: "id", Type: "bigint", Desc: true},
}

func source() list.Source {
	return list.Source{Columns: "id, name", From: "customers", ID: "id"}
}

func TestPagesForwardAndBack(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	// Equal names: the id decides, and no row is shown twice or left out.
	if _, err := db.Exec(ctx, `insert into customers (name) select 'Name ' || (n % 4) from generate_series(1, 23) n`); err != nil {
		t.Fatal(err)
	}
	for _, sort := range []string{"name", "-name", "number", "-number"} {
		q := orders.Read(url.Values{"sort": {sort}})
		q.Size = 5
		var forward, back []int64
		page, err := list.Fetch[row](ctx, db, q, orders, source())
		for {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Rows {
				forward = append(forward, r.ID)
			}
			if page.Next == "" {
				break
			}
			q.After = page.Next
			page, err = list.Fetch[row](ctx, db, q, orders, source())
		}
		for {
			ids := make([]int64, 0, len(page.Rows))
			for _, r := range page.Rows {
				ids = append(ids, r.ID)
			}
			back = append(ids, back...)
			if page.Prev == "" {
				break
			}
			q.After, q.Before = "", page.Prev
			if page, err = list.Fetch[row](ctx, db, q, orders, source()); err != nil {
				t.Fatal(err)
			}
		}
		if len(forward) != 23 || !slices.Equal(forward, back) {
			t.Errorf("%s: forward %v, back %v", sort, forward, back)
		}
	}
}

func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into customers (name) values ('Café Müller')`); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		address string
		want    int
	}{
		{"", 1},
		{"q=cafe", 1},
		{"q=MULL", 1},
		{"q=C-1001", 1},
		{"q=muller+caf", 1},
		{"q=nobody", 0},
		{"q='%3A*", 0},
		{"q=%26%7C!()", 0},
		{"q=%00%ff", 1},
		{"q=+", 1},
		{"sort=password", 1},
		{"after=!!!", 1},
		{"after=eyJzIjoibnVtYmVyIiwiayI6Im5vcGUiLCJpIjoxfQ", 1},
		{"sort=-number&after=eyJzIjoiLW51bWJlciIsImsiOiJub3BlIiwiaSI6MX0", 1},
	} {
		v, _ := url.ParseQuery(tt.address)
		q := orders.Read(v)
		s := source()
		s.Where.Search("search", q.Search)
		page, err := list.Fetch[row](ctx, db, q, orders, s)
		if err != nil || len(page.Rows) != tt.want {
			t.Errorf("%q: %d rows, %v; want %d", tt.address, len(page.Rows), err, tt.want)
		}
	}
}

func TestCountStopsAtAThousand(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into customers (name) select 'n' from generate_series(1, 1200)`); err != nil {
		t.Fatal(err)
	}
	n, err := list.Count(ctx, db, source())
	if err != nil || n != list.MaxCount+1 {
		t.Errorf("%d, %v", n, err)
	}
}

// What is known of each alone is not known better of all.
func TestSums(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts []int
		want   int
	}{
		{[]int{3, 4}, 7},
		{[]int{600, 600}, list.MaxCount + 1},
		{[]int{list.MaxCount + 1, 0}, list.MaxCount + 1},
		{[]int{list.AtLeast(20), 3}, list.AtLeast(23)},
		{[]int{list.AtLeast(150), 90}, list.ManyFound},
		{nil, 0},
	} {
		if got := list.SumCounts(c.counts...); got != c.want {
			t.Errorf("%v: %d, want %d", c.counts, got, c.want)
		}
		searched := list.NewSearch("fan", list.Words{})
		want := c.want
		if want > list.MaxFound && want <= list.MaxCount+1 {
			want = list.ManyFound
		}
		if got := searched.SumCounts(c.counts...); got != want {
			t.Errorf("searched, %v: %d, want %d", c.counts, got, want)
		}
	}
}
