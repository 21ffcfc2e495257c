package postgres_test

import (
	"context"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

func TestStanding(t *testing.T) {
	t.Parallel()
	var s postgres.Standing[int]
	if _, known := s.Of(""); known {
		t.Error("nothing is known before it was asked")
	}
	s.Keep("7:9:8", 3)
	if n, known := s.Of("7:9:8"); !known || n != 3 {
		t.Errorf("in the same snapshot it is %d, %v", n, known)
	}
	for _, other := range []string{"7:9:7", "7:9:", "9:9:", ""} {
		if _, known := s.Of(other); known {
			t.Errorf("it is taken for known in %q", other)
		}
	}
}

// Whatever lets other rows be seen makes another name, in whatever order transactions begin and end.
func TestSnapshotsTellWhatIsSeen(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	seen := func() (name string) {
		t.Helper()
		if err := db.QueryRow(ctx, "select "+postgres.SnapshotSQL).Scan(&name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	names := map[string]string{}
	step := func(what string) {
		t.Helper()
		name := seen()
		if before, twice := names[name]; twice {
			t.Errorf("%s is seen as %q as before, when %s", what, name, before)
		}
		names[name] = what
	}
	step("nothing was written")
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "insert into customers (name) values ('Harbour Dental')"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, "insert into customers (name) values ('Quay Bakery')"); err != nil {
		t.Fatal(err)
	}
	step("another has written, while one writes")
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	step("both have written")
}
