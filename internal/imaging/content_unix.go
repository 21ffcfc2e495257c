//go:build unix

package imaging

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"
)

// withContent shows do what r holds. A file is mapped instead of read: its
// pages are the system's, which takes them back when memory is short.
func withContent(r io.ReaderAt, size int64, do func([]byte) error) (err error) {
	f, ok := r.(*os.File)
	if !ok {
		return withCopy(r, size, do)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	var content []byte
	if e := raw.Control(func(fd uintptr) {
		content, err = syscall.Mmap(int(fd), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	}); e != nil || err != nil {
		return withCopy(r, size, do)
	}
	defer func() { _ = syscall.Munmap(content) }()
	// A disk that fails shows as a fault of memory.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			fault, ok := v.(interface{ Addr() uintptr })
			if !ok {
				panic(v)
			}
			err = fmt.Errorf("read upload: fault at %x", fault.Addr())
		}
	}()
	return do(content)
}
