package turns

import "runtime"

// Waits comes back when so many wait.
func Waits(n *LastFirst, many int) {
	for {
		n.mu.Lock()
		here := len(n.waiting)
		n.mu.Unlock()
		if here == many {
			return
		}
		runtime.Gosched()
	}
}
