package web

import (
	"sync"
	"time"
)

// few says something a few times a minute at most, however often anybody makes
// it happen.
type few struct {
	mu    sync.Mutex
	begun time.Time
	said  int
}

func (f *few) more() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.begun) > time.Minute {
		f.begun, f.said = now, 0
	}
	f.said++
	return f.said <= 5
}
