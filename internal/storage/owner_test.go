package storage

import (
	"context"
	"errors"
	"testing"
	"time"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
)

// other is another database on the same store.
func (b bench) other() bench {
	b.t.Helper()
	db := dbtest.New(b.t)
	o := bench{New(db, b.Store.Store), db, b.dir, b.t}
	o.exec(fixtures)
	o.exec(`update installation set id = gen_random_uuid()`)
	return o
}

func (b bench) unmarked() {
	b.t.Helper()
	if err := b.Delete(b.t.Context(), marker); err != nil {
		b.t.Fatal(err)
	}
}

func TestOneInstallationSweepsAStore(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	o := b.other()
	file := b.named("a.txt", -1)
	if _, err := o.Sweep(t.Context(), false, false); !errors.Is(err, ErrAnothers) || !b.has(file) {
		t.Errorf("another's: %v, the file is there: %v", err, b.has(file))
	}
	if err := o.Daily(t.Context()); err != nil || !b.has(file) {
		t.Errorf("another's, by itself: %v, the file is there: %v", err, b.has(file))
	}
	if swept, err := o.Sweep(t.Context(), true, false); err != nil || swept.Files != 1 || swept.Orphans != 1 {
		t.Errorf("counting: %+v, %v", swept, err)
	}
	spare := b.put(2)
	if swept, err := b.Sweep(t.Context(), false, true); err != nil || swept.Files != 2 || swept.Deleted != 1 || b.has(spare) || !b.has(file) {
		t.Errorf("the owner: %+v, %v", swept, err)
	}
	if err := o.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sweep(t.Context(), false, false); !errors.Is(err, ErrAnothers) {
		t.Errorf("who was the owner: %v", err)
	}
	if _, err := o.Sweep(t.Context(), false, false); err != nil || b.has(file) {
		t.Errorf("who is now: %v", err)
	}
	if !b.has(marker) {
		t.Error("the marker was swept")
	}
}

// A store without an owner may be that of an earlier version, which set none.
func TestAStoreWithoutAnOwner(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	o := b.other()
	file, removed := b.named("a.txt", -1), b.named("b.txt", 40)
	b.unmarked()
	if _, err := o.Sweep(t.Context(), false, true); !errors.Is(err, ErrUnowned) || !b.has(file) {
		t.Errorf("a database that names nothing in it: %v", err)
	}
	young := b.put(0)
	if _, err := b.Sweep(t.Context(), false, true); !errors.Is(err, ErrUnowned) {
		t.Errorf("a file that another installation may be adding: %v", err)
	}
	if err := b.Delete(t.Context(), young); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sweep(t.Context(), false, true); err != nil || !b.has(file) || b.has(removed) {
		t.Errorf("a database that names all: %v", err)
	}
	if err := o.Claim(t.Context()); !errors.Is(err, ErrAnothers) {
		t.Errorf("it is owned now: %v", err)
	}
	for _, key := range []string{marker, file} {
		if err := b.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Claim(t.Context()); err != nil {
		t.Errorf("an empty one: %v", err)
	}
}

// Where the database cannot be asked, nobody claims.
func TestClaimingNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.unmarked()
	b.Store.Store = &listed{Store: b.Store.Store, all: []blob.Info{{Key: blob.NewKey(), Modified: time.Now()}}}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Claim(ended); err == nil || errors.Is(err, ErrUnowned) {
		t.Errorf("claimed: %v", err)
	}
	if b.has(marker) {
		t.Error("marked")
	}
}
