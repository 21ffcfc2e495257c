package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc: Linux shows hundredths of a second to every program.
const tick = 10 * time.Millisecond

// process is what /proc/PID/stat says of one.
type process struct {
	pid, parent int
	used        time.Duration // by itself, and by those of its children that have ended
}

var errStat = errors.New("not a line of /proc/PID/stat")

// parseStat reads a line of /proc/PID/stat. The name stands in brackets and may
// hold anything.
func parseStat(line []byte) (p process, err error) {
	start, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if start < 1 || end < start {
		return p, errStat
	}
	if p.pid, err = strconv.Atoi(string(bytes.TrimSpace(line[:start]))); err != nil {
		return p, errStat
	}
	fields := bytes.Fields(line[end+1:])
	if len(fields) < 15 {
		return p, errStat
	}
	number := func(i int) (n int64) {
		n, e := strconv.ParseInt(string(fields[i]), 10, 64)
		err = errors.Join(err, e)
		return n
	}
	p.parent = int(number(1))
	p.used = time.Duration(number(11)+number(12)+number(13)+number(14)) * tick
	return p, err
}

// processes are all that run.
func processes() (all []process, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		if p, err := parseStat(line); err == nil {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("/proc tells of no processes: measuring needs Linux")
	}
	return all, nil
}

// familyOf is what a process, its children and theirs have used, those that
// have ended with them: a backend that PostgreSQL ended counts as before.
func familyOf(pid int, all []process) (used time.Duration) {
	for _, p := range all {
		switch pid {
		case p.pid:
			used += p.used
		case p.parent:
			used += familyOf(p.pid, all)
		}
	}
	return used
}

// used is CPU time, of a moment or between two.
type used struct {
	program, postgres time.Duration
	others            time.Duration // whatever else the machine does
}

func (u used) minus(v used) used {
	return used{u.program - v.program, u.postgres - v.postgres, u.others - v.others}
}

// busy is the time that all processors have worked since the machine started.
func busy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return parseBusy(line)
}

// parseBusy adds up the first line of /proc/stat: user, nice and system, and
// what a host took away.
func parseBusy(line string) (d time.Duration, err error) {
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, errors.New("not the first line of /proc/stat")
	}
	for _, i := range []int{1, 2, 3, 6, 7, 8} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, err
		}
		d += time.Duration(n) * tick
	}
	return d, nil
}

// spent is what the two have used until now. Load is the process that asks.
func spent(program, postgres int) (used, error) {
	all, err := processes()
	if err != nil {
		return used{}, err
	}
	work, err := busy()
	if err != nil {
		return used{}, err
	}
	u := used{program: familyOf(program, all), postgres: familyOf(postgres, all)}
	u.others = work - u.program - u.postgres
	for _, p := range all {
		if p.pid == os.Getpid() && p.pid != program {
			u.others -= p.used
		}
	}
	return u, nil
}

// resident is what a process has in memory, in bytes.
type resident struct {
	now, most int64
	own       int64 // of now what it has written; the rest are pages of files, above all of the program's, which the system takes back when it needs room
}

func memory(pid int) (resident, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return resident{}, err
	}
	return parseMemory(string(text))
}

func parseMemory(status string) (r resident, err error) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*int64{"VmRSS": &r.now, "VmHWM": &r.most, "RssAnon": &r.own}[name]
		if into == nil {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return resident{}, fmt.Errorf("%s: %w", name, err)
		}
		*into = kb << 10
	}
	return r, nil
}

// machine is what it was measured on.
type machine struct {
	model      string
	processors int
}

func thisMachine() (m machine, err error) {
	m.processors = runtime.NumCPU()
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, fmt.Errorf("measuring needs Linux: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.model = strings.TrimSpace(value)
			break
		}
	}
	return m, nil
}
