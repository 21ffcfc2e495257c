package turns

import (
	"context"
	"testing"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	over, end := context.WithCancel(t.Context())
	end()
	all := New(2, 3)
	for _, name := range []string{"a", "a", "b"} {
		if !all.Take(t.Context(), name) {
			t.Fatalf("no turn for %s", name)
		}
	}
	if all.Take(over, "a") {
		t.Error("a has three turns of two")
	}
	third := make(chan bool)
	go func() { third <- all.Take(t.Context(), "a") }()
	for waits := false; !waits; {
		all.mu.Lock()
		waits = all.owners["a"].here == 3
		all.mu.Unlock()
	}
	if all.Take(t.Context(), "a") {
		t.Error("a fourth one waits")
	}
	all.Give("a")
	if !<-third {
		t.Error("who waited got no turn")
	}
	for _, name := range []string{"a", "a", "b"} {
		all.Give(name)
	}
	if len(all.owners) != 0 {
		t.Errorf("left over: %v", all.owners)
	}
}
