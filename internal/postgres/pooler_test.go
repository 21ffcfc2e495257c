package postgres_test

import (
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// TestPoolersAreNoticed: one in transaction mode is, and one in session mode is
// as good as none.
func TestPoolersAreNoticed(t *testing.T) {
	t.Parallel()
	direct := dbtest.URL(t)
	for _, tt := range []struct {
		mode        string
		connections int
		want        bool
	}{{"direct", 0, false}, {"session", 20, false}, {"transaction", 1, true}, {"transaction", 20, true}, {"statement", 20, true}} {
		t.Run(tt.mode, func(t *testing.T) {
			t.Parallel()
			url, want := direct, tt.want
			if tt.connections > 0 {
				url = dbtest.Pooled(t, direct, tt.mode, tt.connections)
			}
			for range 3 { // whatever is left of the time before
				if got, err := postgres.Pooled(t.Context(), url); err != nil || got != want {
					t.Errorf("%v, %v", got, err)
				}
			}
			if same, err := postgres.Same(t.Context(), url, direct); err != nil || !same {
				t.Errorf("not the same database: %v", err)
			}
		})
	}
	if same, err := postgres.Same(t.Context(), direct, dbtest.URL(t)); err != nil || same {
		t.Errorf("another database is the same (%v)", err)
	}
	if same, err := postgres.Same(t.Context(), direct, dbtest.OwnerURL(t, direct)); err != nil || same {
		t.Errorf("another user is the same (%v)", err)
	}
}
