package calendar_test

import (
	"errors"
	"strings"
	"testing"

	"fieldgate/internal/calendar"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// TestAddressesOutliveAKey: what one key has sealed another seals again, and an
// address whose key is gone can be renewed but not shown.
func TestAddressesOutliveAKey(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into staff (name, email, role, state) values ('Ben', 'ben@demo.test', 'office', 'active')`); err != nil {
		t.Fatal(err)
	}
	former, present := strings.Repeat("f", 32), strings.Repeat("p", 32)
	box := func(keys ...string) calendar.Feeds {
		b, err := secret.NewBox(keys[0], keys[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		return calendar.Feeds{Box: b}
	}
	in := func(do func(postgres.Tx) error) {
		t.Helper()
		if err := postgres.Transact(ctx, db, do); err != nil {
			t.Fatal(err)
		}
	}
	own, all := calendar.Owner{Staff: 1, Scope: calendar.Own}, calendar.Owner{Staff: 1, Scope: calendar.Business}
	var token string
	in(func(tx postgres.Tx) (err error) {
		if token, _, err = box(former).Make(ctx, tx, own); err != nil {
			return err
		}
		other, fresh, err := box(former).Make(ctx, tx, all)
		if other == token || !fresh {
			t.Error("two scopes have one address")
		}
		return err
	})
	in(func(tx postgres.Tx) error {
		sealed, unreadable, err := calendar.Rotate(ctx, tx, box(present).Box)
		if sealed != 0 || unreadable != 2 {
			t.Errorf("without the former key %d are sealed, %d unreadable", sealed, unreadable)
		}
		return err
	})
	if _, err := box(present).Token(ctx, db, own); !errors.Is(err, calendar.ErrUnreadable) {
		t.Error(err)
	}
	in(func(tx postgres.Tx) error {
		sealed, unreadable, err := calendar.Rotate(ctx, tx, box(present, former).Box)
		if sealed != 2 || unreadable != 0 {
			t.Errorf("%d are sealed, %d unreadable", sealed, unreadable)
		}
		return err
	})
	if shown, err := box(present).Token(ctx, db, own); shown != token || err != nil {
		t.Errorf("%q, %v", shown, err)
	}
	in(func(tx postgres.Tx) error { return calendar.EndAll(ctx, tx) })
	if _, err := box(present).Token(ctx, db, own); err == nil {
		t.Error("it is there after a restore")
	}
}
