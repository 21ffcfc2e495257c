package main

import (
	"os"
	"slices"
	"testing"
)

func TestAsInFile(t *testing.T) {
	t.Parallel()
	const maps = `00400000-02000000 r-xp 00000000 fe:00 17 /usr/local/bin/fieldgate
Size:              28672 kB
Rss:               20000 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me dw sd
02000000-03f00000 r--p 01c00000 fe:00 17 /usr/local/bin/fieldgate
Size:              31744 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd mr mw me dw sd
03f00000-04000000 r--p 03b00000 fe:00 17 /usr/local/bin/fieldgate
Anonymous:             4 kB
Swap:                  0 kB
VmFlags: rd mr mw me dw sd
04000000-04100000 r--p 03c00000 fe:00 17 /usr/local/bin/fieldgate
Anonymous:             0 kB
Swap:                  8 kB
VmFlags: rd mr mw me dw sd
04100000-04200000 rw-p 03d00000 fe:00 17 /usr/local/bin/fieldgate
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd wr mr mw me dw ac sd
c000000000-c004000000 rw-p 00000000 00:00 0
Anonymous:         16384 kB
Swap:                  0 kB
VmFlags: rd wr mr mw me ac sd
7f0000000000-7f0000100000 r-xp 00000000 fe:00 18 /usr/lib/libc.so.6
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me sd
`
	want := []mapping{{0x400000, 0x2000000}, {0x2000000, 0x3f00000}}
	if got := asInFile([]byte(maps), "/usr/local/bin/fieldgate"); !slices.Equal(got, want) {
		t.Errorf("%x", got)
	}
	for _, maps := range []string{"", "VmFlags: rd", "nonsense here"} {
		if got := asInFile([]byte(maps), ""); len(got) != 0 {
			t.Errorf("%q: %x", maps, got)
		}
	}
}

// TestForgetStart: this program goes on, and its own file has code to give up.
func TestForgetStart(t *testing.T) {
	t.Parallel()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	if got := asInFile(maps, file); len(got) == 0 {
		t.Errorf("nothing of %s is found in\n%s", file, maps)
	}
	forgetStart()
}
