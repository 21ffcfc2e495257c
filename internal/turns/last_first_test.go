package turns_test

import (
	"context"
	"testing"

	"fieldgate/internal/turns"
)

func TestLastFirst(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	n := turns.NewLastFirst(1)
	if !n.Take(ended) || n.Take(ended) {
		t.Error("one may pass, and a second has to wait")
	}
	passed := make(chan int)
	for i := range 3 {
		go func() {
			if n.Take(t.Context()) {
				passed <- i
			}
		}()
		turns.Waits(n, i+1)
	}
	for want := 2; want >= 0; want-- {
		n.Give()
		if got := <-passed; got != want {
			t.Errorf("%d passed, not %d", got, want)
		}
	}
	n.Give()
	if !n.Take(ended) || n.Take(ended) {
		t.Error("one turn is left, as in the beginning")
	}
}
