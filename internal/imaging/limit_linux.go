package imaging

import (
	"os"
	"syscall"
)

// limitMemory ends this process, rather than another one, when it takes more
// than so many bytes or when the machine runs out.
func limitMemory(bytes uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
}
