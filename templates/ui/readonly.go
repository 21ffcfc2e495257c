package ui

import "context"

type readOnlyKey struct{}

// ReadOnly makes the buttons of forms that would send something refuse to, and
// say why. Searches and filters go on working.
func ReadOnly(ctx context.Context, why string) context.Context {
	return context.WithValue(ctx, readOnlyKey{}, why)
}

// readOnly is why forms send nothing; empty when they do.
func readOnly(ctx context.Context) string {
	why, _ := ctx.Value(readOnlyKey{}).(string)
	return why
}
