package problem_test

import (
	"strings"
	"testing"

	"fieldgate/internal/problem"
)

func TestEmailFault(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"lee@demo.test":                        "",
		"lee.demo.test":                        "has no @",
		"lee@@demo.test":                       "has more than one @",
		"@demo.test":                           "has nothing in front",
		"lee@":                                 "has nothing behind",
		"lee@demo":                             "no ending such as .com",
		"lee@demo.":                            "no ending such as .com",
		"le e@demo.test":                       "cannot have",
		"lee@demo..test":                       "cannot have",
		"<lee@demo.test>":                      "cannot have",
		strings.Repeat("l", 65) + "@demo.test": "longer than",
	} {
		if got := problem.EmailFault(value); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q %s, want %q", value, got, want)
		}
	}
}

// Each wrong address of a list is named with what is wrong with it.
func TestEmails(t *testing.T) {
	t.Parallel()
	p := problem.Set{}
	p.Emails([]string{"ben@demo.test", "lee", "kim@demo"}, "list")
	if got := p["list"]; got != "“lee” has no @. “kim@demo” has no ending such as .com behind the @." {
		t.Error(got)
	}
	p = problem.Set{}
	p.Emails([]string{"a", "b", "c", "d", "e", "f", "g"}, "list")
	if got := p["list"]; !strings.HasSuffix(got, "So are 2 more.") {
		t.Error(got)
	}
}
