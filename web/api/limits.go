package api

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// How many calls a minute each token, and all keys of a contact together, may
// make at each copy of the program.
const (
	tokensMost = 600
	keysMost   = 120
)

func (c Caller) most() int {
	if c.ByKey() {
		return keysMost
	}
	return tokensMost
}

// limits count the calls of each caller, minute by minute. They are each copy's
// own: to share them would cost each call a write.
type limits struct {
	mu      sync.Mutex
	windows map[string]*window
	swept   time.Time
}

type window struct {
	begun time.Time
	calls int
}

func newLimits() *limits { return &limits{windows: map[string]*window{}, swept: time.Now()} }

// take counts a call, and says in the answer's header what is left. When nothing
// is, ok is false, and wait is until when.
func (l *limits) take(who string, most int, h http.Header) (wait time.Duration, ok bool) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		l.swept = now
		for name, w := range l.windows {
			if now.Sub(w.begun) > time.Minute {
				delete(l.windows, name)
			}
		}
	}
	w := l.windows[who]
	if w == nil || now.Sub(w.begun) >= time.Minute {
		w = &window{begun: now}
		l.windows[who] = w
	}
	left, until := most-w.calls, time.Minute-now.Sub(w.begun)
	if left > 0 {
		w.calls++
		left, ok = left-1, true
	}
	seconds := int(math.Ceil(until.Seconds()))
	// As the draft has them now, and as it had them when most clients were written.
	h.Set("RateLimit-Policy", fmt.Sprintf(`"minute";q=%d;w=60`, most))
	h.Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, left, seconds))
	h.Set("RateLimit-Limit", strconv.Itoa(most))
	h.Set("RateLimit-Remaining", strconv.Itoa(left))
	h.Set("RateLimit-Reset", strconv.Itoa(seconds))
	return until, ok
}
