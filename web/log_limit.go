package web

import (
	"sync"
	"time"
)

// logLimit lets something be logged a few times a minute at most, however often
// anybody makes it happen.
type logLimit struct {
	mu     sync.Mutex
	begun  time.Time
	logged int
}

func (l *logLimit) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.begun) > time.Minute {
		l.begun, l.logged = now, 0
	}
	l.logged++
	return l.logged <= 5
}
