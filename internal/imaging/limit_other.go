//go:build !linux

package imaging

// limitMemory leaves it at GOMEMLIMIT where no limit holds for a process's data.
func limitMemory(uint64) {}
