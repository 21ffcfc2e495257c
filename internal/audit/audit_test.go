package audit_test

import (
	"context"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

type details struct {
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	Version int64  `json:"version"`
}

// TestSince: what has changed since a form was opened is known by itself, not
// by looking into the trail, and for thirty days.
func TestSince(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	record := func(by audit.Actor, n audit.New) {
		t.Helper()
		if err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return audit.Record(ctx, tx, by, n) }); err != nil {
			t.Fatal(err)
		}
	}
	ben, ada := audit.Actor{Staff: 2, Name: "Ben"}, audit.Actor{Staff: 1, Name: "Ada"}
	record(ben, audit.New{Action: audit.SiteCreated, ID: 7, Label: "Depot", After: details{"Depot", "", 1}})
	record(ben, audit.New{Action: audit.SiteEdited, ID: 7, Label: "Depot", Before: details{"Depot", "", 1}, After: details{"Yard", "1", 2}})
	record(ada, audit.New{Action: audit.SiteEdited, ID: 7, Label: "Yard", Before: details{"Yard", "1", 2}, After: details{"Yard", "2", 3}})
	record(ada, audit.New{Action: audit.SiteEdited, ID: 8, Label: "Other", Before: details{"Other", "", 4}, After: details{"Another", "", 5}})
	record(ben, audit.New{Action: audit.SiteEdited, ID: 7, Label: "Yard", Before: map[string]any{"note": "x"}, After: map[string]any{"note": "y"}}) // no version, no edit
	since := func(version int64) string {
		t.Helper()
		changes, err := audit.Since(ctx, db, "site", 7, version)
		if err != nil {
			t.Fatal(err)
		}
		var all string
		for _, c := range changes {
			all += c.Field + " " + string(c.Before) + " " + string(c.After) + " " + c.By + "; "
		}
		return all
	}
	if got := since(1); got != `name "Depot" "Yard" Ben; phone "1" "2" Ada; ` {
		t.Errorf("since the first version: %s", got)
	}
	if got := since(2) + since(3); got != `phone "1" "2" Ada; ` {
		t.Errorf("since the second: %s", got)
	}
	if _, err := db.Exec(ctx, `update edits set at = now() - interval '31 days' where version = 2`); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return audit.Sweep(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	if got := since(1); got != `phone "1" "2" Ada; ` {
		t.Errorf("after thirty days: %s", got)
	}
}

// TestDetailChanges: what contacts change of their details is counted by
// itself; the page behind the count finds the same in the trail.
func TestDetailChanges(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into customers (name) values ('Harbour'); insert into contacts (customer_id, name) values (1, 'Lee')`); err != nil {
		t.Fatal(err)
	}
	for a := range audit.Actions() {
		for _, by := range []audit.Actor{{Contact: 1, Name: "Lee"}, {Staff: 1, Name: "Ada"}, {}} {
			err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
				return audit.Record(ctx, tx, by, audit.New{Action: a, ID: 1, Label: "x", Customer: 1})
			})
			if err != nil {
				t.Fatalf("%s of a %s: %v", a.Name(), a.Thing(), err)
			}
		}
	}
	var changes, entries int
	err := db.QueryRow(ctx, `select (select count(*) from detail_changes), (select count(*) from audit_entries where `+audit.DetailsChanged+`)`).Scan(&changes, &entries)
	if err != nil || changes != entries || changes < 6 {
		t.Errorf("%d changes, %d entries, %v", changes, entries, err)
	}
}
