// Package turns divides something scarce fairly: each owner has a few at once,
// and waits for its own turns alone.
package turns

import (
	"context"
	"sync"
)

// Turns are what is divided.
type Turns struct {
	most, crowd int

	mu     sync.Mutex
	owners map[string]*owner
}

// owner is somebody who has turns, or waits for one.
type owner struct {
	places chan struct{} // a turn each
	here   int           // with a turn, or waiting
}

// New gives each owner most turns at once; crowd is how many of an owner's may
// have one or wait.
func New(most, crowd int) *Turns {
	return &Turns{most: most, crowd: crowd, owners: map[string]*owner{}}
}

// Take waits for a turn, which Give ends. It reports false when none came before
// ctx ended, and at once when too many of the owner's wait already.
func (t *Turns) Take(ctx context.Context, name string) bool {
	t.mu.Lock()
	o := t.owners[name]
	if o == nil {
		o = &owner{places: make(chan struct{}, t.most)}
		t.owners[name] = o
	}
	if o.here >= t.crowd {
		t.mu.Unlock()
		return false
	}
	o.here++
	t.mu.Unlock()
	select {
	case o.places <- struct{}{}:
		return true
	case <-ctx.Done():
		t.forget(name, o)
		return false
	}
}

// Give ends a turn.
func (t *Turns) Give(name string) {
	t.mu.Lock()
	o := t.owners[name]
	t.mu.Unlock()
	<-o.places
	t.forget(name, o)
}

func (t *Turns) forget(name string, o *owner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.here--; o.here == 0 {
		delete(t.owners, name)
	}
}
