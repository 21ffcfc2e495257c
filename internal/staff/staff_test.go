package staff_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

func add(t *testing.T, db *pgxpool.Pool, name string, role staff.Role, state staff.State) (id int64) {
	t.Helper()
	err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) (err error) {
		ref, _, err := staff.Create(t.Context(), tx, audit.Actor{}, staff.New{Details: staff.Details{Name: name, Email: name + "@example.com", Role: role}})
		id = ref.ID
		if err == nil {
			_, err = tx.Exec(t.Context(), `update staff set state = $2, password_hash = 'x' where id = $1`, id, string(state))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	ada := add(t, db, "ada", staff.Administrator, staff.Active)
	ben := add(t, db, "ben", staff.Office, staff.Active)
	add(t, db, "cleo", staff.Administrator, staff.Invited)
	gus := add(t, db, "gus", staff.Administrator, staff.Suspended)
	suspend := func(by, id int64) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error { return staff.Suspend(ctx, tx, audit.Actor{Staff: by}, id) })
	}
	demote := func(id, version int64) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			return staff.Edit(ctx, tx, audit.Actor{}, id, version, staff.Details{Name: "x", Email: "x@example.com", Role: staff.Field})
		})
	}
	refused := func(what string, err error) {
		t.Helper()
		_, conflict := errors.AsType[apperr.Conflict](err)
		p, _ := errors.AsType[problem.Set](err)
		if !conflict && p["role"] == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("suspending the last", suspend(ben, ada))
	refused("demoting the last", demote(ada, 1))
	refused("suspending oneself", suspend(ben, ben))
	if err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return staff.Unsuspend(ctx, tx, audit.Actor{}, gus) }); err != nil {
		t.Fatal(err)
	}

	// Two who suspend each other at the same moment: one of them stays.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, pair := range [][2]int64{{ada, gus}, {gus, ada}} {
		wg.Go(func() { errs[i] = suspend(pair[0], pair[1]) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("suspending each other: %v, %v", errs[0], errs[1])
	}
	if err := demote(ben, 7); !errors.Is(err, apperr.Stale) {
		t.Errorf("an old version: %v", err)
	}
	if err := demote(999, 1); !errors.Is(err, apperr.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	try := func(d staff.Details, nonce string) (ref staff.Ref, created bool, err error) {
		err = postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			ref, created, err = staff.Create(ctx, tx, audit.Actor{}, staff.New{Details: d, Nonce: nonce})
			return err
		})
		return ref, created, err
	}
	first, added, err := try(staff.Details{Name: "Ben", Email: "ben@example.com", Role: staff.Office}, "n")
	if err != nil || !added {
		t.Fatal(err)
	}
	if again, added, err := try(staff.Details{Name: "Ben", Email: "ben@example.com", Role: staff.Office}, "n"); err != nil || added || again != first {
		t.Errorf("sent twice: %d %v %v", again, added, err)
	}
	for _, tc := range []struct {
		name, field string
		d           staff.Details
	}{
		{"no name", "name", staff.Details{Email: "a@example.com", Role: staff.Office}},
		{"no address", "email", staff.Details{Name: "A", Role: staff.Office}},
		{"a broken address", "email", staff.Details{Name: "A", Email: "a@b", Role: staff.Field}},
		{"a taken address", "email", staff.Details{Name: "A", Email: "BEN@example.com", Role: staff.Office}},
		{"no role", "role", staff.Details{Name: "A", Email: "a@example.com"}},
		{"another role", "role", staff.Details{Name: "A", Email: "a@example.com", Role: "owner"}},
	} {
		_, _, err := try(tc.d, "")
		if p, ok := errors.AsType[problem.Set](err); !ok || p[tc.field] == "" {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, _, err := try(staff.Details{Name: "Field without address", Role: staff.Field}, ""); err != nil {
		t.Errorf("field staff without address: %v", err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	add(t, db, "ada", staff.Administrator, staff.Active)
	add(t, db, "Björn", staff.Field, staff.Active)
	add(t, db, "cleo", staff.Office, staff.Suspended)
	for _, tc := range []struct {
		name string
		q    string
		f    staff.Filter
		want int
	}{
		{"all", "", staff.Filter{}, 3},
		{"without accents", "bjorn", staff.Filter{}, 1},
		{"part of an address", "@EXAMPLE", staff.Filter{}, 3},
		{"two words", "cleo example", staff.Filter{}, 1},
		{"nobody", "zoe", staff.Filter{}, 0},
		{"a role", "", staff.Filter{Role: staff.Field}, 1},
		{"a state", "", staff.Filter{State: staff.Suspended}, 1},
		{"hostile", "'; drop table staff; -- %_\\", staff.Filter{}, 0},
	} {
		q := staff.Orders.Read(nil)
		q.Search = tc.q
		page, err := staff.List(ctx, db, q, tc.f)
		if err != nil || len(page.Rows) != tc.want {
			t.Errorf("%s: %d rows, %v", tc.name, len(page.Rows), err)
		}
	}
	if _, err := staff.List(ctx, db, list.Query{Sort: "seen", Desc: true}, staff.Filter{}); err != nil {
		t.Error(err)
	}
}
