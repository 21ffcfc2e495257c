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

type withoutKey struct{}

// Without leaves out buttons and menu items that lead to some addresses: those for
// which off reports true.
func Without(ctx context.Context, off func(address string) bool) context.Context {
	return context.WithValue(ctx, withoutKey{}, off)
}

// leftOut reports whether what leads to an address is not shown.
func leftOut(ctx context.Context, address string) bool {
	off, _ := ctx.Value(withoutKey{}).(func(string) bool)
	return off != nil && address != "" && off(address)
}
