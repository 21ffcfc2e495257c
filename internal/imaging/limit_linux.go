package imaging

import (
	"os"
	"syscall"
	"time"
)

// apply ends this process, rather than another one, when it takes more time or
// memory than l or when the machine runs out. It writes no file, either.
func (l limits) apply() {
	seconds := uint64((l.CPU + time.Second - 1) / time.Second)
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_CPU: seconds, syscall.RLIMIT_DATA: l.Memory, syscall.RLIMIT_CORE: 0,
	} {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most}) // refused by some sandboxes, which have limits of their own
	}
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
}

// programPath names the program as it runs, even when its file has been replaced
// by another version.
func programPath() (string, error) { return "/proc/self/exe", nil }
