package site_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
)

var ben = audit.Actor{Staff: 2, Name: "Ben"}

func TestSitesOfACustomer(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into customers (name) values ('Harbour'), ('Ola''s')`); err != nil {
		t.Fatal(err)
	}
	do := func(f func(tx postgres.Tx) error) error { return postgres.Transact(ctx, db, f) }
	create := func(customer int64, d site.Details, nonce string) (id int64, err error) {
		err = do(func(tx postgres.Tx) (err error) {
			ref, _, err := site.Create(ctx, tx, ben, site.New{Customer: customer, Details: d, Nonce: nonce})
			id = ref.ID
			return err
		})
		return id, err
	}
	depot, err := create(1, site.Details{Name: "Depot", Address: address.Address{Line1: "3 Beach Road", City: "Bondi"}}, "n1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := create(1, site.Details{Name: "Depot"}, "n1"); err != nil || again != depot {
		t.Errorf("the same form again: %d, %v", again, err)
	}
	if _, err := create(2, site.Details{Name: "Depot"}, "n1"); err == nil {
		t.Error("another customer's form was taken for this one")
	}
	if _, err := create(2, site.Details{Name: "Depot"}, "n2"); err != nil {
		t.Errorf("another customer may have a site of that name: %v", err)
	}
	for _, d := range []site.Details{{}, {Name: "DEPOT"}, {Name: strings.Repeat("x", 201)}} {
		_, err := create(1, d, "")
		if p, ok := errors.AsType[problem.Set](err); !ok || p["name"] == "" {
			t.Errorf("name %.10q: %v", d.Name, err)
		}
	}

	edit := func(customer, id, version int64, name string) error {
		return do(func(tx postgres.Tx) error {
			return site.Edit(ctx, tx, ben, customer, id, version, site.Details{Name: name})
		})
	}
	if err := edit(2, depot, 1, "Taken over"); !errors.Is(err, apperr.NotFound) {
		t.Errorf("through another customer: %v", err)
	}
	if err := edit(1, depot, 1, "Bondi depot"); err != nil {
		t.Error(err)
	}
	if err := edit(1, depot, 1, "Late"); !errors.Is(err, apperr.Stale) {
		t.Errorf("edit conflict: %v", err)
	}

	if err := do(func(tx postgres.Tx) error { return site.Archive(ctx, tx, ben, 1, depot) }); err != nil {
		t.Error(err)
	}
	if _, err := create(1, site.Details{Name: "Bondi depot"}, ""); err != nil {
		t.Errorf("the name of an archived site is free: %v", err)
	}
	if _, ok := errors.AsType[apperr.Conflict](do(func(tx postgres.Tx) error { return site.Restore(ctx, tx, ben, 1, depot) })); !ok {
		t.Error("came back beside a site of the same name")
	}
	inUse, err := site.Of(ctx, db, 1, false)
	if err != nil || len(inUse) != 1 {
		t.Errorf("%v, %v", inUse, err)
	}
	page, err := site.List(ctx, db, site.Orders.Read(url.Values{"q": {"bond"}}), 1, true)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != depot {
		t.Errorf("%v, %v", page, err)
	}
}
