package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v3"

	"fieldgate/internal/queue"
)

// compareExpressions: what the dashboard shows and the alerts ask for is
// measured, under that name and with those labels and values of them.
func compareExpressions(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	asked := map[string]bool{}
	all := dashboard(t)
	if len(all) < 20 {
		t.Errorf("the dashboard has %d expressions", len(all))
	}
	for _, e := range all {
		check(t, "dashboard.json", e, families, asked)
	}
	rules := alerts(t)
	for name, r := range rules {
		check(t, "alerts.yaml, "+name, r.Expr, families, asked)
		if !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s does not say whom to wake, what is wrong and what to do", name)
		}
	}
	if len(rules) < 10 {
		t.Errorf("there are %d alerts", len(rules))
	}
	for name := range families {
		if strings.HasPrefix(name, "fieldgate_") && !asked[name] {
			t.Errorf("%s is neither shown nor watched", name)
		}
	}
}

func read(t *testing.T, name string, into any, unmarshal func([]byte, any) error) {
	t.Helper()
	text, err := os.ReadFile("../../docs/monitoring/" + name)
	if err == nil {
		err = unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// dashboard is all that the dashboard asks for.
func dashboard(t *testing.T) []string {
	t.Helper()
	var board any
	read(t, "dashboard.json", &board, json.Unmarshal)
	return expressions(board)
}

type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// alerts are the rules by their names.
func alerts(t *testing.T) map[string]alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	read(t, "alerts.yaml", &file, yaml.Unmarshal)
	found := map[string]alert{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			found[r.Alert] = r
		}
	}
	return found
}

// What nobody may sleep through has a rule of its own, and what must be seen by
// morning one that asks for nothing else.
func TestWhomAlertsWake(t *testing.T) {
	t.Parallel()
	rules := alerts(t)
	for name, want := range map[string]alert{
		"FieldgateDown":         {Expr: `up{job="fieldgate"} == 0`, Labels: map[string]string{"severity": "page"}},
		"FieldgateUnwatched":    {Expr: `absent(up{job="fieldgate"})`, Labels: map[string]string{"severity": "page"}},
		"FieldgateShowsTooMuch": {Expr: `max(fieldgate_health_level{check="What customers see"}) == 2`, Labels: map[string]string{"severity": "page"}},
		"FieldgateTwoPrimaries": {Expr: `max(fieldgate_health_level{check="Only one primary"}) == 2`, Labels: map[string]string{"severity": "page"}},
		"FieldgateUnwell":       {Expr: `max by (check) (fieldgate_health_level) == 2`, Labels: map[string]string{"severity": "ticket"}},
	} {
		if got := rules[name]; got.Expr != want.Expr || got.Labels["severity"] != want.Labels["severity"] {
			t.Errorf("%s: %s, a %s", name, got.Expr, got.Labels["severity"])
		}
	}
	// The dashboard shows what the alert asks for: the share of visitors' requests.
	share, _, _ := strings.Cut(rules["FieldgateFails"].Expr, " >")
	if all := dashboard(t); !slices.Contains(all, strings.ReplaceAll(share, "{", `{job=~"$job", `)) {
		t.Errorf("the dashboard does not show %s", share)
	}
	if strings.Count(share, `route!~"/healthz|/readyz"`) != 2 {
		t.Errorf("watchers' requests count as visitors': %s", share)
	}
}

// A download takes as long as the visitor's line does, and at night one is
// among few requests.
func TestSlowIsAboutManyPages(t *testing.T) {
	t.Parallel()
	expr := alerts(t)["FieldgateSlow"].Expr
	slow, least, ok := strings.Cut(expr, " and ")
	if !ok || !regexp.MustCompile(`^sum\(increase\(fieldgate_http_request_seconds_count\{.*\}\[10m\]\)\) > [1-9]\d+$`).MatchString(least) {
		t.Fatalf("a few requests are enough: %s", expr)
	}
	selected := regexp.MustCompile(`\{.*\}`)
	if of := selected.FindString(slow); of != selected.FindString(least) {
		t.Errorf("other requests are counted than measured: %s", expr)
	}
	files := regexp.MustCompile(`route!~"([^"]*)"`).FindStringSubmatch(slow)
	if files == nil {
		t.Fatalf("files are among it: %s", expr)
	}
	isFile := regexp.MustCompile("^(?:" + files[1] + ")$")
	routes := routesOf(t)
	for route, want := range map[string]bool{
		"/attachments/{id}": true, "/attachments/{id}/thumb": true, "/office/attachments/{id}": true, "/office/attachments/{id}/web": true,
		"/jobs/{number}/files/download": true, "/office/customers/{number}/attachments/download": true, "/office/admin/export/{export}/archive.zip": true,
		"/documents.csv": true, "/office/jobs.xlsx": true, "/quotes/{number}/pdf": true, "/office/quotes/{number}/versions/{version}/pdf": true, "/quotes/{number}/signature": true,
		"/office/messages/unconfirmed/{id}/email.eml": true, "/office/admin/import/{import}/refused": true, "/calendar/{token}.ics": true,
		"/": false, "/jobs": false, "/jobs/{number}": false, "/documents": false, "/details/data": false, "/quotes/{number}/acceptance": false,
		"/office": false, "/office/customers/{number}/attachments": false, "/office/customers/{number}/contacts/{contact}/data": false, "/office/jobs/{number}/attachments/document": false, "/office/admin/export": false, "/office/admin/import-files/{id}": false,
	} {
		if !slices.Contains(routes, route) {
			t.Errorf("there is no %s", route)
		}
		if isFile.MatchString(route) != want {
			t.Errorf("%s is left out: %v", route, !want)
		}
	}
}

// routesOf are the program's ways in, as the test of routes lists them.
func routesOf(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../../web/routes.golden")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		all = append(all, strings.Fields(line)[1])
	}
	return append(all, "none")
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
	matcher  = regexp.MustCompile(`^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"(\d+)"\s*$`)
	grouped  = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^()]*)\)`)
	spans    = regexp.MustCompile(`\[[0-9a-z:$_]+\]`)
	// words of PromQL that are used.
	words = []string{"sum", "max", "min", "count", "rate", "increase", "histogram_quantile", "topk", "time", "clamp_min", "absent", "and", "or", "unless", "offset", "le"}
	// of Prometheus's own
	theirs = map[string][]string{"up": nil}
)

// values are those that a label can have: what the program tells of itself, and
// what it will tell once that has happened.
func values(t *testing.T, f *dto.MetricFamily, label string) []string {
	t.Helper()
	switch f.GetName() + " " + label {
	case "fieldgate_http_request_seconds route":
		return routesOf(t)
	case "fieldgate_http_request_seconds status":
		var all []string
		for code := 100; code < 600; code++ {
			if http.StatusText(code) != "" {
				all = append(all, strconv.Itoa(code))
			}
		}
		return all
	case "fieldgate_queue_work_seconds outcome":
		return []string{queue.OutcomeDone, queue.OutcomeLater, queue.OutcomeFailed}
	}
	var all []string
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				all = append(all, l.GetValue())
			}
		}
	}
	return all
}

// unknownValue is what a matcher names and the label never is, "" for nothing.
func unknownValue(op, value string, known []string) string {
	if op == "=" || op == "!=" {
		if slices.Contains(known, value) {
			return ""
		}
		return value
	}
	for one := range strings.SplitSeq(value, "|") {
		re, err := regexp.Compile("^(?:" + one + ")$")
		if err != nil || !slices.ContainsFunc(known, re.MatchString) {
			return one
		}
	}
	return ""
}

// A name that is no longer given, or is mistyped, mutes an alert.
func TestUnknownValue(t *testing.T) {
	t.Parallel()
	known := []string{"sent", "failed", "502"}
	for _, tt := range []struct{ op, value, want string }{
		{"=", "sent", ""},
		{"!=", "send", "send"},
		{"=~", "sent|failed", ""},
		{"=~", "sent|fail", "fail"},
		{"!~", "5..", ""},
		{"=~", "[34]..", "[34].."},
	} {
		if got := unknownValue(tt.op, tt.value, known); got != tt.want {
			t.Errorf("%s%s: %q", tt.op, tt.value, got)
		}
	}
}

// check reads an expression as far as names go, and values of labels.
func check(t *testing.T, where, expr string, families map[string]*dto.MetricFamily, asked map[string]bool) {
	t.Helper()
	var strs []string // what is quoted, whose numbers stand in its place
	text := quoted.ReplaceAllStringFunc(expr, func(q string) string {
		s, err := strconv.Unquote(q)
		if err != nil {
			t.Errorf("%s: %s in %s: %v", where, q, expr, err)
		}
		strs = append(strs, s)
		return `"` + strconv.Itoa(len(strs)-1) + `"`
	})
	text = spans.ReplaceAllString(text, "")
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
		var of *dto.MetricFamily
		for _, suffix := range []string{"", "_bucket", "_count", "_sum"} {
			name, cut := strings.CutSuffix(m[1], suffix)
			f := families[name]
			if f == nil || !cut || (suffix != "") != (f.GetType() == dto.MetricType_HISTOGRAM || f.GetType() == dto.MetricType_SUMMARY) {
				continue
			}
			known, asked[name], of = true, true, f
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
				continue
			}
			if slices.Contains([]string{"job", "instance"}, l[1]) {
				continue
			}
			n, err := strconv.Atoi(l[3])
			if err != nil {
				t.Fatal(err)
			}
			if unknown := unknownValue(l[2], strs[n], values(t, of, l[1])); unknown != "" {
				t.Errorf("%s: the label %s of %s is never %q: %s", where, l[1], m[1], unknown, expr)
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
