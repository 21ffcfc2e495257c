package internal_test

import (
	"regexp"
	"strings"
	"testing"
)

// The audit trail records; no rule reads it. What is asked of the past has a
// column or a table of its own.

// trailSQL are the files, by how their paths begin, that may name the trail in SQL, and why.
var trailSQL = map[string]string{
	"internal/audit/":            "writes it, and reads it for the Activity pages",
	"demo/":                      "fills it for the demo business",
	"migrations/":                "make it",
	"internal/postgres/roles.go": "gives the right to add to it alone",
	"internal/retention/":        "says how much there is of it",
	"web/apptest/":               "leaves it out of what a test may not change",
}

// readsTrail are the functions that read the trail.
var readsTrail = regexp.MustCompile(`\baudit\.(List|Count|Query|QueryCount|QuerySearch|QueryAbout)\(`)

func TestNoRuleReadsTheAuditTrail(t *testing.T) {
	t.Parallel()
	for path, text := range sources(t, "..") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		allowed := false
		for start := range trailSQL {
			allowed = allowed || strings.HasPrefix(path, start)
		}
		if !allowed && strings.Contains(text, "audit_entries") {
			t.Errorf("%s names audit_entries: the trail only records; what is asked later is a fact of its own", path)
		}
		if readsTrail.MatchString(text) && path != "web/office/activity.go" {
			t.Errorf("%s reads the audit trail, which only the Activity pages do", path)
		}
	}
}
