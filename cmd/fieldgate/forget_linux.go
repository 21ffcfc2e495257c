package main

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetStart takes out of memory what only the start has needed of the program's
// file. Much of it runs once, to prepare what packages keep, and would be counted
// as memory of this process for as long as it runs. What is needed again is found
// in the system's cache. Where /proc does not tell of it, nothing happens.
func forgetStart() {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range asInFile(maps, file) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.until-m.from, syscall.MADV_DONTNEED)
	}
}

// mapping is a stretch of addresses.
type mapping struct{ from, until uintptr }

// asInFile are the mappings of a file that are only read and in which no page was
// written to, as a loader may do before: what is given up of them can be read again.
// Maps is in the form of /proc/self/smaps (proc_pid_smaps(5)).
func asInFile(maps []byte, file string) (found []mapping) {
	var (
		m     mapping
		keeps = true
	)
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) < 2:
		case words[0] == "Anonymous:" || words[0] == "Swap:":
			keeps = keeps || words[1] != "0"
		case words[0] == "VmFlags:":
			if !keeps {
				found = append(found, m)
			}
			keeps = true
		case strings.HasSuffix(words[0], ":"):
		default:
			from, until, _ := strings.Cut(words[0], "-")
			m = mapping{address(from), address(until)}
			keeps = len(words) < 6 || words[5] != file || words[1] != "r-xp" && words[1] != "r--p" || m.from == 0 || m.until <= m.from
		}
	}
	return found
}

func address(text string) uintptr {
	n, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return 0
	}
	return uintptr(n)
}
