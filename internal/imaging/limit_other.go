//go:build !linux

package imaging

import "os"

// apply leaves memory at GOMEMLIMIT, and time at the patience of whoever waits,
// where the system has no such limits.
func (limits) apply() {}

func programPath() (string, error) { return os.Executable() }
