package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/search"
)

// What is stored, and what people type to find it; and what they must not find by it.
func TestFoundAsPeopleSearch(t *testing.T) {
	t.Parallel()
	db, ctx := dbtest.New(t), context.Background()
	type spelling struct {
		stored         string
		finds, findNot []string
	}
	numbers := []spelling{
		{"+61 412 345 678", []string{"0412 345 678", "0412345678", "+61 412 345 678", "+61412345678", "61412345678", "0061 412 345 678", "0412-345-678", "(0412) 345.678", "0412\u00a0345\u00a0678", "412345678", "345678", "345 678", "5678", "45678", "0412345", "6141"}, []string{"0412 345 679", "4567", "3456", "0312345678"}},
		{"(02) 5550 7788", []string{"+61255507788", "+61 2 5550 7788", "0255507788", "02 5550 7788", "5550 7788", "55507788", "7788", "61 2 5550 7788"}, []string{"+61355507788", "0355507788"}},
		{"+44 (0)20 7946 0958", []string{"020 7946 0958", "+442079460958", "0044 20 7946 0958", "0958"}, nil},
		{"(415) 555-0132", []string{"+1 415 555 0132", "1-415-555-0132", "4155550132", "555 0132", "0132"}, nil},
		{"+353 86 123 4567", []string{"086 123 4567", "00353861234567"}, nil},
		{"09 555 1234 ext 12; 021 777 888", []string{"+64 9 555 1234", "+6421777888", "021 777 888"}, nil},
		{"6555 0101", []string{"+65 6555 0101", "65550101", "0101"}, nil},
	}
	words := []spelling{
		{"O'Brien", []string{"obrien", "o'brien", "o’brien", "o brien", "OBRIEN", "brien"}, []string{"bobrien"}},
		{"OBrien Bros", []string{"o'brien", "o brien", "o-brien bros"}, nil},
		{"AC/DC Air", []string{"acdc", "ac/dc", "ac dc", "acdc air", "ac-dc air"}, []string{"acd x"}},
		{"7-Eleven Bondi", []string{"7eleven", "7-eleven", "7 eleven", "eleven", "7eleven bondi"}, nil},
		{"McDonald's", []string{"mcdonalds", "mcdonald's", "mc donalds", "macdonald\x00"}[:3], nil},
		{"B&B Smith & Sons", []string{"bb", "b&b", "smith and sons", "smith & sons"}, nil},
		{"Müller", []string{"mueller", "müller", "muller", "MÜLLER", "mu\u0308ller", "muell"}, []string{"mull\u0259"}},
		{"Mueller", []string{"mueller", "müller", "muller"}, nil},
		{"Muller", []string{"mueller", "müller", "muller"}, nil},
		{"Bjørn Ødegård", []string{"bjorn", "bjoern", "bjørn", "oedegaard", "odegard", "ødegaard"}, nil},
		{"Groß & Weiß", []string{"gross", "groß", "weiss"}, nil},
		{"Fuel pump", []string{"fuel", "fuel pump"}, nil},
		{"Full house", []string{"full"}, []string{"fuel"}},
		{"日本語", []string{"日本語", "日本"}, nil},
		{"Zoë Kraków", []string{"zoe", "krakow", "zoë"}, nil},
	}
	for i, s := range slices.Concat(numbers, words) {
		customerName, phone := fmt.Sprintf("Nobody %d", i), s.stored
		if i >= len(numbers) {
			customerName, phone = s.stored, ""
		}
		var c, contact int64
		if err := db.QueryRow(ctx, `insert into customers (name, phone) values ($1, $2) returning id`, customerName, phone).Scan(&c); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRow(ctx, `insert into contacts (customer_id, name, mobile) values ($1, $2, $3) returning id`, c, customerName, phone).Scan(&contact); err != nil {
			t.Fatal(err)
		}
		check := func(typed string, want bool) {
			t.Helper()
			found, err := search.Find(ctx, db, search.Query{Typed: typed, Few: 100, Tally: true})
			if err != nil {
				t.Fatalf("%q: %v", typed, err)
			}
			for kind, id := range map[search.Kind]int64{search.Customers: c, search.Contacts: contact} {
				got := slices.ContainsFunc(found.Groups, func(g search.Group) bool {
					return g.Kind == kind && slices.ContainsFunc(g.Hits, func(h search.Hit) bool { return h.ID == id })
				})
				if got != want {
					t.Errorf("%s %q, searched by %q: found %v", kind, s.stored, typed, got)
				}
			}
		}
		for _, typed := range s.finds {
			check(typed, true)
		}
		for _, typed := range s.findNot {
			check(typed, false)
		}
	}
}

// Things by their numbers, codes, places and files, in any spelling.
func TestCodesAndFilesAsPeopleSearch(t *testing.T) {
	t.Parallel()
	db, ctx := dbtest.New(t), context.Background()
	_, err := db.Exec(ctx, business+`
		update jobs set number = 'J-1601', purchase_order = 'PO 4500-12/A' where id = 1;
		update quotes set number = 'Q-1201' where id = 1;
		update equipment set serial_number = 'SN 12-345/AB.99', model = 'FTXM35-R' where id = 1;
		update sites set address = '{"line1": "12 O''Connell St", "city": "Newtown"}';
		insert into staff (name, role) values ('Fay', 'field');
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id, caption, removed_at) values
			(1, 1, '12" duct 50%.jpg', 'photo', 'image/jpeg', 1, 'a', 1, '', null), (1, 1, 'IMG_20260102.jpg', 'photo', 'image/jpeg', 1, 'b', 1, 'Switch-board', null),
			(1, 1, 'gone duct.pdf', 'document', 'application/pdf', 1, 'c', 1, '', now());`)
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"j1601": "job 1", "J-1601": "job 1", "j 1601": "job 1", "1601": "job 1",
		"q1201": "quote 1", "#q1201": "quote 1",
		"po450012a": "job 1", "4500-12": "job 1", "450012": "job 1", "PO 4500": "job 1",
		"sn12345ab99": "equipment 1", "12345ab": "equipment 1", "12-345": "equipment 1", "SN12 345": "equipment 1", "ab99": "equipment 1", "ftxm35r": "equipment 1", "ftxm 35": "equipment 1",
		"e001 chiller": "equipment 1", "oconnell": "customer 1, job 1, site 1", "12 o'connell newtown": "customer 1, job 1, site 1",
		"duct": "file 1", "50% duct": "file 1", "img20260102": "file 2", "switchboard": "file 2", "20260102.jpg": "file 2",
	} {
		found, err := search.Find(ctx, db, search.Query{Typed: typed, Few: 100, Tally: true})
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		var got []string
		for _, g := range found.Groups {
			for _, h := range g.Hits {
				got = append(got, fmt.Sprint(g.Kind, " ", h.ID))
			}
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	for typed, want := range map[string]string{"j1601": "J-1601", "Q 1201": "Q-1201", "e002": "E-002", "e001": ""} {
		found, err := search.Find(ctx, db, search.Query{Typed: typed, Few: 5})
		if err != nil || (found.Exact == nil) != (want == "") || (found.Exact != nil && found.Exact.Number != want) {
			t.Errorf("%q leads to %+v, want %q, %v", typed, found.Exact, want, err)
		}
	}
}
