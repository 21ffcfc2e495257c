package queue

import "context"

// Run does one turn of periodic work at once.
func Run(ctx context.Context, w Worker) error { return w.chore(ctx) }
