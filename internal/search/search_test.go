package search_test

import (
	"context"
	"testing"

	"fieldgate/internal/customer"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/quote"
	"fieldgate/internal/search"
)

const business = `
insert into job_types (name) values ('Service');
insert into customers (name, company_name, phone) values ('Harbour Dental', 'Harbour Dental Group', '02 5550 1000'), ('Pelican', '', ''), ('Gone', '', '');
update customers set archived_at = now() where id = 3;
insert into sites (customer_id, name) values (1, 'George Street');
insert into contacts (customer_id, name, email, phone) values (1, 'Lee Nakamura', 'lee@demo.test', '0491 570 001'), (2, 'Zoë Harbour', '', ''), (3, 'Lee Gone', '', '');
insert into jobs (customer_id, name, description, job_type_id, status, origin, site_id) values
	(1, 'Rooftop unit', 'Quarterly service', 1, 'unscheduled', 'office', 1), (2, '', 'Fan of the harbour office', 1, 'unscheduled', 'office', null);
insert into quotes (customer_id, name, description, currency, status, origin) values (2, 'Chiller', 'New chiller', 'AUD', 'draft', 'office');
insert into equipment (customer_id, number, name, type, origin) values (1, 'E-001', 'Chiller 2', 'Chiller', 'office'), (2, 'E-001', 'Fan', 'Fan', 'office'), (2, 'E-002', 'Pump', 'Pump', 'office');
`

func TestFind(t *testing.T) {
	t.Parallel()
	db, ctx := dbtest.New(t), context.Background()
	if _, err := db.Exec(ctx, business); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		typed string
		want  map[search.Kind]int
		exact string
	}{
		{"harbour", map[search.Kind]int{search.Customers: 2, search.Contacts: 2, search.Jobs: 2, search.Equipment: 1}, ""}, // Pelican by its contact's name, jobs and contacts also by their customer's
		{"zoe", map[search.Kind]int{search.Customers: 1, search.Contacts: 1}, ""},
		{"lee", map[search.Kind]int{search.Customers: 1, search.Contacts: 1}, ""}, // not those of archived customers
		{"0491570001", map[search.Kind]int{search.Customers: 1, search.Contacts: 1}, ""},
		{"chil", map[search.Kind]int{search.Quotes: 1, search.Equipment: 1}, ""},
		{"george", map[search.Kind]int{search.Customers: 1, search.Sites: 1, search.Jobs: 1}, ""},
		{"j-1001", map[search.Kind]int{search.Jobs: 1}, "J-1001"},
		{"q 1001", map[search.Kind]int{search.Jobs: 1, search.Quotes: 1}, "Q-1001"}, // and J-1001 is quarterly
		{"#J-1001.", map[search.Kind]int{search.Jobs: 1}, "J-1001"},
		{"e-001", map[search.Kind]int{search.Equipment: 2}, ""}, // of two customers
		{"e-002", map[search.Kind]int{search.Equipment: 1}, "E-002"},
		{"J-9999", nil, ""},
		{"--", nil, ""},
		{"  ", nil, ""},
		{"\x01'\\:*", nil, ""},
	} {
		found, err := search.Find(ctx, db, search.Query{Typed: c.typed, Few: 5, Tally: true})
		if err != nil {
			t.Fatalf("%q: %v", c.typed, err)
		}
		got := map[search.Kind]int{}
		for _, g := range found.Groups {
			got[g.Kind] = g.Count
			if len(g.Hits) != g.Count {
				t.Errorf("%q: %d of %d %ss shown", c.typed, len(g.Hits), g.Count, g.Kind)
			}
		}
		for _, kind := range search.Kinds {
			if got[kind] != c.want[kind] {
				t.Errorf("%q: %d %ss, want %d", c.typed, got[kind], kind, c.want[kind])
			}
		}
		exact := ""
		if found.Exact != nil {
			exact = found.Exact.Number
		}
		if exact != c.exact {
			t.Errorf("%q leads to %q, want %q", c.typed, exact, c.exact)
		}
		q := list.Query{Search: c.typed}
		customers, err1 := customer.List(ctx, db, q, customer.Filter{})
		jobs, err2 := job.List(ctx, db, q, job.Filter{})
		quotes, err3 := quote.List(ctx, db, q, quote.Filter{})
		items, err4 := equipment.List(ctx, db, q, equipment.Filter{})
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(err1, err2, err3, err4)
		}
		for kind, n := range map[search.Kind]int{search.Customers: len(customers.Rows), search.Jobs: len(jobs.Rows), search.Quotes: len(quotes.Rows), search.Equipment: len(items.Rows)} {
			if c.typed != "  " && got[kind] != n {
				t.Errorf("%q: %d %ss are counted, the list shows %d", c.typed, got[kind], kind, n)
			}
		}
	}
}
