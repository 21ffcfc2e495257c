package event_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/event"
	"fieldgate/internal/postgres"
)

const people = `
	insert into customers (name) values ('Harbour'), ('Pelican'), ('Quay');
	insert into contacts (customer_id, name) values (1, 'Lee Nakamura'), (2, 'Ola Lindgren');
	insert into sites (customer_id, name) values (1, 'Depot'), (2, 'Tower')`

// edited records that a contact of a customer changed a site.
func edited(t *testing.T, tx postgres.Tx, customer int64) {
	t.Helper()
	by := audit.Actor{Contact: customer, Name: "somebody"}
	err := audit.Record(t.Context(), tx, by, audit.New{
		Action: audit.SiteEdited, ID: customer, Label: "x", Customer: customer,
		Before: map[string]any{"site_contact": "", "access_instructions": "a"}, After: map[string]any{"site_contact": "Pat", "access_instructions": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func after(t *testing.T, db *pgxpool.Pool, n int64, limit int, f event.Filter) event.Feed {
	t.Helper()
	feed, err := event.After(t.Context(), db, n, limit, f)
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func numbers(f event.Feed) (all []int64) {
	for _, e := range f.Events {
		all = append(all, e.Number)
	}
	return all
}

// TestNothingIsMissed: an event that was written first and commits last comes
// behind those that were read meanwhile.
func TestNothingIsMissed(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), people); err != nil {
		t.Fatal(err)
	}
	late, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback(t.Context())
	edited(t, late, 1)
	if _, err := db.Exec(t.Context(), `insert into external_ids (kind, source, id, row_id) values ('sites', 'simpro', '77', 1), ('customers', 'simpro', '78', 1)`); err != nil {
		t.Fatal(err)
	}
	gone, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	edited(t, gone, 1)
	if err := gone.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	early, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	edited(t, early, 2)
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := after(t, db, 0, 10, event.Filter{})
	if len(first.Events) != 1 || first.Events[0].Data.Customer.Name != "Pelican" || first.Next != 1 || first.More {
		t.Fatalf("the early one: %+v", first)
	}
	if again := after(t, db, first.Next, 10, event.Filter{}); len(again.Events) != 0 || again.Next != 1 {
		t.Errorf("nothing more is committed: %+v", again)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := after(t, db, first.Next, 10, event.Filter{})
	if len(second.Events) != 1 || second.Events[0].Data.Customer.Name != "Harbour" || second.Next != 2 {
		t.Fatalf("the late one: %+v", second)
	}
	e := second.Events[0]
	if e.Kind != event.SiteEdited || e.Data.By != "contact" || e.Data.Contact == nil || e.Data.Contact.Name != "Lee Nakamura" || e.Data.Subject.Name != "Depot" ||
		!slices.Equal(e.Data.Subject.ExternalIDs, []event.ExternalID{{Source: "simpro", ID: "77"}}) || len(e.Data.Changes) != 1 || e.Data.Changes["site_contact"] != (event.Change{Before: "", After: "Pat"}) {
		t.Errorf("the late one tells %+v", e.Data)
	}
}

// TestFeed: limits, filters, many who read at once, and what is gone by its age.
func TestFeed(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	if _, err := db.Exec(ctx, people); err != nil {
		t.Fatal(err)
	}
	const each = 20
	done := make(chan error)
	for customer := range 2 {
		go func() {
			for range each {
				err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { edited(t, tx, int64(customer+1)); return nil })
				if err == nil {
					err = event.Number(ctx, db)
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	var read []int64
	for n, feed := int64(0), (event.Feed{More: true}); feed.More; n = feed.Next {
		feed = after(t, db, n, 7, event.Filter{})
		read = append(read, numbers(feed)...)
	}
	for i, n := range read {
		if n != int64(i+1) {
			t.Fatalf("numbers %v", read)
		}
	}
	if len(read) != 2*each {
		t.Fatalf("%d events were read", len(read))
	}
	if feed := after(t, db, 0, 100, event.Filter{Customers: []int64{2}}); len(feed.Events) != each || feed.Next != 2*each {
		t.Errorf("of one customer: %d, next %d", len(feed.Events), feed.Next)
	}
	if feed := after(t, db, 0, 100, event.Filter{Customers: []int64{}}); len(feed.Events) != 0 || feed.Next != 2*each {
		t.Errorf("of no customer: %d, next %d", len(feed.Events), feed.Next)
	}
	if feed := after(t, db, 0, 100, event.Filter{Kinds: []event.Kind{event.QuoteAccepted}}); len(feed.Events) != 0 || feed.Next != 2*each {
		t.Errorf("of another kind: %d, next %d", len(feed.Events), feed.Next)
	}
	if _, err := db.Exec(ctx, `update events set at = now() - interval '91 days' where number <= 5`); err != nil {
		t.Fatal(err)
	}
	if n, err := event.Forget(ctx, db); err != nil || n != 5 {
		t.Errorf("%d are forgotten, %v", n, err)
	}
	if feed := after(t, db, 3, 3, event.Filter{}); !feed.Missed || !slices.Equal(numbers(feed), []int64{6, 7, 8}) || !feed.More {
		t.Errorf("who was away for too long: %+v", feed)
	}
	if feed := after(t, db, 5, 3, event.Filter{}); feed.Missed {
		t.Error("who has read what is gone has missed nothing")
	}
}

// TestErasure: an event names nobody who was erased.
func TestErasure(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	if _, err := db.Exec(ctx, people); err != nil {
		t.Fatal(err)
	}
	record := func(by audit.Actor, n audit.New) {
		t.Helper()
		if err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return audit.Record(ctx, tx, by, n) }); err != nil {
			t.Fatal(err)
		}
	}
	lee := audit.Actor{Contact: 1, Name: "Lee Nakamura"}
	record(lee, audit.New{Action: audit.ContactEdited, ID: 1, Label: "Lee Nakamura", Customer: 1, Before: map[string]any{"email": "lee@old.test", "notes": "a"}, After: map[string]any{"email": "lee@demo.test", "notes": "b"}})
	record(lee, audit.New{Action: audit.QuoteAccepted, ID: 1, Label: "Q-1", Customer: 1, After: map[string]any{"full_name": "Lee N.", "sent_version": 1, "purchase_order": "PO-1"}})
	record(lee, audit.New{Action: audit.SiteEdited, ID: 1, Label: "Depot", Customer: 1, Before: map[string]any{"site_contact": ""}, After: map[string]any{"site_contact": "Lee Nakamura"}})
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		return event.Erase(ctx, tx, 1, 1, []string{"Lee Nakamura", "lee@demo.test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var left string
	if err := db.QueryRow(ctx, `select string_agg(concat_ws(' ', before::text, after::text), ' ' order by id) from events`).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if want := `{} {} {"sent_version": 1, "purchase_order": "PO-1"} {"site_contact": ""} {"site_contact": "Former contact"}`; left != want {
		t.Errorf("what is left: %s", left)
	}
}
