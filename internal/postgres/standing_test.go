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
	nothing := s.Last()
	if nothing.Snapshot != "" {
		t.Errorf("%+v is known before anything was asked", nothing)
	}
	if n := s.Now(nothing, postgres.Stand[int]{Snapshot: "7:9:8", Answer: 3}); n != 3 {
		t.Errorf("the first answer is %d", n)
	}
	last := s.Last()
	if last != (postgres.Stand[int]{Snapshot: "7:9:8", Answer: 3}) {
		t.Errorf("kept was %+v", last)
	}
	// Another request has had a newer answer meanwhile; this one's question went along with the older one.
	s.Now(last, postgres.Stand[int]{Snapshot: "9:9:", Answer: 4})
	if n := s.Now(last, postgres.Stand[int]{Snapshot: "7:9:8"}); n != 3 {
		t.Errorf("unchanged, it is %d", n)
	}
	if last := s.Last(); last.Answer != 4 {
		t.Errorf("kept was %+v", last)
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
