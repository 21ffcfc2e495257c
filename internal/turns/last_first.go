package turns

import (
	"context"
	"slices"
	"sync"
)

// LastFirst lets a few pass at a time and, of those who wait, whoever has come
// last: when a crowd comes at once, those who come after it wait for none of it.
type LastFirst struct {
	mu      sync.Mutex
	free    int
	waiting []chan struct{}
}

// NewLastFirst lets n pass at a time.
func NewLastFirst(n int) *LastFirst { return &LastFirst{free: n} }

// Take waits until the caller may pass, and has to be followed by Give. It
// reports false when ctx ended first.
func (n *LastFirst) Take(ctx context.Context) bool {
	n.mu.Lock()
	if n.free > 0 {
		n.free--
		n.mu.Unlock()
		return true
	}
	turn := make(chan struct{})
	n.waiting = append(n.waiting, turn)
	n.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.Index(n.waiting, turn)
	if i < 0 {
		return true // it came at the same moment
	}
	n.waiting = slices.Delete(n.waiting, i, i+1)
	return false
}

// Give lets the next one pass.
func (n *LastFirst) Give() {
	n.mu.Lock()
	defer n.mu.Unlock()
	last := len(n.waiting) - 1
	if last < 0 {
		n.free++
		return
	}
	close(n.waiting[last])
	n.waiting = n.waiting[:last]
}
