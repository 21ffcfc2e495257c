package export_test

import (
	"testing"

	"fieldgate/internal/export"
)

func TestNamesInAnArchive(t *testing.T) {
	t.Parallel()
	taken := export.Names{}
	for _, tt := range []struct{ name, want string }{
		{"unit.jpg", "unit.jpg"},
		{"unit.jpg", "unit (2).jpg"},
		{"UNIT.JPG", "UNIT (3).JPG"},
		{"unit (2).jpg", "unit (2) (2).jpg"},
		{"../../etc/passwd", ".._.._etc_passwd"},
		{`C:\plan.txt`, "C__plan.txt"},
		{"..", "file"},
		{"", "file (2)"},
		{"nul.txt", "_nul.txt"},
		{"COM1", "_COM1"},
		{"common.txt", "common.txt"},
		{"ends. . ", "ends"},
		{"a\x00b\r\n.txt", "a_b__.txt"},
		{"\u65e5\u672c.txt", "\u65e5\u672c.txt"},
	} {
		if got := taken.Distinct(tt.name); got != tt.want {
			t.Errorf("%q became %q, not %q", tt.name, got, tt.want)
		}
	}
}

// Thousands of one name are numbered in one go: a phone calls every photo the same.
func TestThousandsOfOneName(t *testing.T) {
	t.Parallel()
	taken, seen := export.Names{}, map[string]bool{}
	const all = 50_000
	for range all {
		seen[taken.Distinct("image.jpg")] = true
	}
	if len(seen) != all || !seen["image.jpg"] || !seen["image (50000).jpg"] {
		t.Errorf("%d names of %d", len(seen), all)
	}
}
