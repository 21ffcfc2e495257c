package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v3"
)

// compareExpressions: what the dashboard shows and the alerts ask for is
// measured, under that name and with those labels.
func compareExpressions(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	read := func(name string, into any, unmarshal func([]byte, any) error) {
		t.Helper()
		text, err := os.ReadFile("../../docs/monitoring/" + name)
		if err == nil {
			err = unmarshal(text, into)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	asked := map[string]bool{}
	var board any
	read("dashboard.json", &board, json.Unmarshal)
	all := expressions(board)
	if len(all) < 20 {
		t.Errorf("the dashboard has %d expressions", len(all))
	}
	for _, e := range all {
		check(t, "dashboard.json", e, families, asked)
	}
	var alerts struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	read("alerts.yaml", &alerts, yaml.Unmarshal)
	rules := 0
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			rules++
			check(t, "alerts.yaml, "+r.Alert, r.Expr, families, asked)
			if !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s does not say whom to wake, what is wrong and what to do", r.Alert)
			}
		}
	}
	if rules < 10 {
		t.Errorf("there are %d alerts", rules)
	}
	for name := range families {
		if strings.HasPrefix(name, "fieldgate_") && !asked[name] {
			t.Errorf("%s is neither shown nor watched", name)
		}
	}
}

// expressions are those of a dashboard, wherever they stand in it.
func expressions(in any) (found []string) {
	switch v := in.(type) {
	case []any:
		for _, one := range v {
			found = append(found, expressions(one)...)
		}
	case map[string]any:
		for key, one := range v {
			if e, ok := one.(string); ok && key == "expr" {
				found = append(found, e)
			}
			found = append(found, expressions(one)...)
		}
	}
	return found
}

var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	selector = regexp.MustCompile(`([a-zA-Z_:][\w:]*)\s*(?:\{([^{}]*)\})?`)
	matcher  = regexp.MustCompile(`^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*""\s*$`)
	grouped  = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^()]*)\)`)
	spans    = regexp.MustCompile(`\[[0-9a-z:$_]+\]`)
	// words of PromQL that are used.
	words = []string{"sum", "max", "min", "count", "rate", "increase", "histogram_quantile", "topk", "time", "clamp_min", "and", "or", "unless", "offset", "le"}
	// of Prometheus's own
	theirs = map[string][]string{"up": nil}
)

// check reads an expression as far as names go.
func check(t *testing.T, where, expr string, families map[string]*dto.MetricFamily, asked map[string]bool) {
	t.Helper()
	text := spans.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
	for _, pair := range []string{"()", "{}"} {
		if strings.Count(text, pair[:1]) != strings.Count(text, pair[1:]) {
			t.Errorf("%s: brackets of %s", where, expr)
		}
	}
	may := []string{"job", "instance"}
	var by []string
	for _, m := range grouped.FindAllStringSubmatch(text, -1) {
		for l := range strings.SplitSeq(m[1], ",") {
			by = append(by, strings.TrimSpace(l))
		}
	}
	named := 0
	for _, m := range selector.FindAllStringSubmatch(grouped.ReplaceAllString(text, " "), -1) {
		if slices.Contains(words, m[1]) {
			continue
		}
		has, known := theirs[m[1]]
		for _, suffix := range []string{"", "_bucket", "_count", "_sum"} {
			name, cut := strings.CutSuffix(m[1], suffix)
			f := families[name]
			if f == nil || !cut || (suffix != "") != (f.GetType() == dto.MetricType_HISTOGRAM || f.GetType() == dto.MetricType_SUMMARY) {
				continue
			}
			known, asked[name] = true, true
			if has = labels(f); suffix == "_bucket" {
				has = append(has, "le")
			}
		}
		if !known {
			t.Errorf("%s: %s is not measured: %s", where, m[1], expr)
		}
		named++
		may = append(may, has...)
		if m[2] == "" {
			continue
		}
		for one := range strings.SplitSeq(m[2], ",") {
			l := matcher.FindStringSubmatch(one)
			if l == nil || !slices.Contains(append(has, "job", "instance"), l[1]) {
				t.Errorf("%s: %s has no label %s: %s", where, m[1], one, expr)
			}
		}
	}
	if named == 0 {
		t.Errorf("%s: nothing is asked for in %s", where, expr)
	}
	for _, l := range by {
		if !slices.Contains(may, l) {
			t.Errorf("%s: no label %s in %s", where, l, expr)
		}
	}
}
