package form_test

import (
	"strings"
	"testing"

	"fieldgate/web/form"
)

func TestLocal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, next, home, want string }{
		{"a page", "/jobs/J-1001", "/", "/jobs/J-1001"},
		{"a page with a question", "/jobs?q=a+b&sort=-booked", "/", "/jobs?q=a+b&sort=-booked"},
		{"nothing", "", "/", "/"},
		{"another site", "https://evil.example/", "/", "/"},
		{"another site without scheme", "//evil.example/", "/", "/"},
		{"three slashes", "///evil.example", "/", "/"},
		{"a backslash", `/\evil.example`, "/", "/"},
		{"two backslashes", `\\evil.example`, "/", "/"},
		{"a backslash later", `/a\..\\evil.example`, "/", "/"},
		{"an encoded backslash", "/%5cevil.example", "/", "/"},
		{"an encoded slash", "/%2fevil.example", "/", "/"},
		{"a tab between slashes", "/\t/evil.example", "/", "/"},
		{"a line break", "/jobs\r\nLocation: https://evil.example", "/", "/"},
		{"an encoded line break", "/jobs%0d%0aSet-Cookie:a=b", "/", "/"},
		{"NUL", "/jobs\x00", "/", "/"},
		{"a script", "javascript:alert(1)", "/", "/"},
		{"a script after a slash", "/javascript:alert(1)", "/", "/javascript:alert(1)"},
		{"a name and password", "/@evil.example", "/", "/@evil.example"},
		{"a relative path", "jobs", "/", "/"},
		{"no address at all", "/%zz", "/", "/"},
		{"endless", "/" + strings.Repeat("a", 3000), "/", "/"},
		{"signing out again", "/logout", "/", "/"},
		{"the office from the portal", "/office/jobs", "/", "/"},
		{"the portal from the office", "/jobs", "/office", "/office"},
		{"a page of the office", "/office/jobs?q=x", "/office", "/office/jobs?q=x"},
		{"not quite the office", "/officers", "/office", "/office"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := form.Local(tc.next, tc.home); got != tc.want {
				t.Errorf("Local(%q) = %q, want %q", tc.next, got, tc.want)
			}
		})
	}
}
