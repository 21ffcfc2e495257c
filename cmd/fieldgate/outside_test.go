package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/password"
)

var update = flag.Bool("update", false, "write docs/monitoring/metrics.md anew")

// What a watcher must never be told: somebody's name, address, password, what
// they look for, and the token of a link.
const (
	herAddress  = "lee.nakamura@harbour.test"
	herPassword = "let-me-look-around"
	herToken    = "TOKENTOKENTOKENTOKENTOKENTOKENTOKENTOKENTOK"
	herSearch   = "confidentialkitchen"
)

// running is the program as operators run it: with metrics, a collector of
// traces and a log for machines.
type running struct {
	url, metrics string
	log          bytes.Buffer
	collector    *collector
	stop         func()
}

// collector is one of OpenTelemetry's, over HTTP.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	spans  []*tracepb.Span
	of     map[string]string
	header http.Header
	fault  error
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{of: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		var all tracepb.TracesData // field for field the request of the collector's service
		if err == nil {
			err = proto.Unmarshal(body, &all)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			c.fault = fmt.Errorf("%s: %w", r.URL.Path, err)
		}
		c.header = r.Header
		for _, of := range all.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				c.of[a.Key] = a.Value.GetStringValue()
			}
			for _, by := range of.ScopeSpans {
				c.spans = append(c.spans, by.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func runSeen(t *testing.T) *running {
	t.Helper()
	db := dbtest.New(t)
	hash, err := password.NewHasher().Hash(t.Context(), herPassword)
	if err != nil {
		t.Fatal(err)
	}
	database := db.Config().ConnString()
	for sql, args := range map[string][]any{
		`with c as (insert into customers (name) values ('Harbour Dental') returning id), p as (insert into persons (email, password_hash) values ($1, $2) returning id)
			insert into contacts (customer_id, person_id, name, email, access, jobs_see) select c.id, p.id, 'Lee Nakamura', $1, 'active', 'all' from c, p`: {herAddress, hash},
	} {
		if _, err := db.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	p := &running{collector: newCollector(t)}
	pages, metrics := freeAddress(t), freeAddress(t)
	p.url, p.metrics = "http://"+pages, "http://"+metrics+"/metrics"
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve")
	cmd.Stderr = &p.log
	cmd.Env = append(os.Environ(), "FIELDGATE_TEST_MAIN=1", "DATABASE_URL="+database, "FIELDGATE_DATABASE_READ_URL="+database, "FIELDGATE_STORAGE=file://"+t.TempDir(), "FIELDGATE_LISTEN="+pages, "FIELDGATE_BASE_URL="+p.url,
		"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=smtp://127.0.0.1:1", "FIELDGATE_MAIL_FROM=a@example.com",
		"FIELDGATE_METRICS_LISTEN="+metrics, "FIELDGATE_LOG_FORMAT=json",
		"OTEL_EXPORTER_OTLP_ENDPOINT="+p.collector.URL, "OTEL_EXPORTER_OTLP_HEADERS=x-tenant=north%20wind", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, p.log.String())
		}
	})
	t.Cleanup(p.stop)
	eventually(t, "the program is ready", func() bool {
		answer, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if true() {
			return
		}
	}
	t.Fatalf("it does not come about that %s", what)
}

// scrape reads the metrics as Prometheus does.
func (p *running) scrape(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get(p.metrics)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	reader := expfmt.NewTextParser(model.LegacyValidation)
	families, err := reader.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// total sums a family's figures with the labels, given as name=value.
func total(f *dto.MetricFamily, labels ...string) (sum float64) {
	for _, m := range f.GetMetric() {
		has := 0
		for _, l := range m.GetLabel() {
			if slices.Contains(labels, l.GetName()+"="+l.GetValue()) {
				has++
			}
		}
		if has == len(labels) {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// TestSeenFromOutside: after real requests, metrics, traces and log tell what
// was done and by which request, and nothing of whom it was for.
func TestSeenFromOutside(t *testing.T) {
	t.Parallel()
	p := runSeen(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	get := func(path string, want int) {
		t.Helper()
		answer, err := browser.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Fatalf("%s answers %d, not %d", path, answer.StatusCode, want)
		}
	}
	post := func(path, body, kind string, want int) {
		t.Helper()
		answer, err := browser.Post(p.url+path, kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Fatalf("POST %s answers %d, not %d", path, answer.StatusCode, want)
		}
	}
	form := func(path string, fields url.Values, want int) {
		t.Helper()
		post(path, fields.Encode(), "application/x-www-form-urlencoded", want)
	}
	get("/healthz", 200)
	get("/reset/"+herToken, 404)
	get("/nowhere/"+herToken, 404)
	post("/csp-reports", `{"csp-report":{"effective-directive":"script-src","blocked-uri":"https://elsewhere.test/`+herSearch+`"}}`, "application/csp-report", 204)
	form("/login", url.Values{"email": {herAddress}, "password": {"wrong"}}, 422)
	form("/login", url.Values{"email": {herAddress}, "password": {herPassword}}, 200)
	get("/jobs?q="+herSearch, 200)
	get("/office/login", 200)
	form("/forgot-password", url.Values{"email": {herAddress}}, 200)
	var families map[string]*dto.MetricFamily
	eventually(t, "an email was tried, and periodic work done", func() bool {
		families = p.scrape(t)
		return total(families["fieldgate_mail_tries_total"], "state=retrying") >= 1 && total(families["fieldgate_queue_work_seconds"], "kind=mails without a job", "outcome=done") >= 1
	})
	compareMetrics(t, families)
	compareExpressions(t, families)
	for _, want := range []struct {
		metric string
		labels []string
		most   float64 // 0 for any
	}{
		{"fieldgate_build_info", []string{"version=" + version}, 1},
		{"fieldgate_http_request_seconds", []string{"side=portal", "method=GET", "route=none", "status=404"}, 2},
		{"fieldgate_http_request_seconds", []string{"side=portal", "method=GET", "route=/jobs", "status=200"}, 1},
		{"fieldgate_http_request_seconds", []string{"side=shared", "route=/healthz", "status=200"}, 1},
		{"fieldgate_sign_in_tries_total", []string{"side=portal", "outcome=wrong", "reason=wrong-password"}, 1},
		{"fieldgate_sign_in_tries_total", []string{"side=portal", "outcome=right"}, 1},
		{"fieldgate_sign_in_tries_total", []string{"side=portal", "outcome=dead-link", "reason=unknown-link"}, 1},
		{"fieldgate_csp_reports_total", []string{"directive=script-src"}, 1},
		{"fieldgate_mail_open", []string{"state=retrying"}, 0},
		{"fieldgate_mail_oldest_seconds", []string{"state=retrying"}, 0},
		{"fieldgate_mail_failing_seconds", nil, 0},
		{"fieldgate_queue_jobs", []string{"kind=deliver_email"}, 0},
		{"fieldgate_queue_work_seconds", []string{"kind=deliver_email", "outcome=later"}, 0},
		{"fieldgate_database_connections_limit", []string{"pool=pages"}, 14},
		{"fieldgate_database_connections_limit", []string{"pool=work"}, 8},
		{"fieldgate_database_connections_limit", []string{"pool=probe"}, 1},
		{"fieldgate_database_connections_limit", []string{"pool=read"}, exports},
	} {
		got := total(families[want.metric], want.labels...)
		if got == 0 || (want.most != 0 && got != want.most) {
			t.Errorf("%s%v is %v", want.metric, want.labels, got)
		}
	}
	if f := families["fieldgate_storage_errors_total"]; len(f.GetMetric()) != 12 || total(f) != 0 {
		t.Errorf("errors of storage: %v", f)
	}
	for name, f := range families {
		discreet(t, "the metric "+name, f.String())
	}
	p.stop()
	p.compareLog(t)
	p.compareTraces(t)
}

// discreet fails when a text tells what is nobody's business.
func discreet(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{herAddress, "Nakamura", herPassword, herToken, herSearch} {
		if strings.Contains(text, secret) {
			t.Errorf("%s tells of %q: %.500s", what, secret, text)
		}
	}
}

// compareLog: each line is an object; those of requests and of attacks name the
// visitor, the request and the trace.
func (p *running) compareLog(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for line := range strings.Lines(p.log.String()) {
		var l struct {
			Msg, Request, Address, Method, Route, Event string
			Trace                                       string  `json:"trace_id"`
			Took                                        float64 // seconds
			Status                                      int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if l.Msg != "security" { // which names accounts that are somebody's
			discreet(t, "the log", line)
		}
		if l.Route == "/healthz" || l.Route == "/readyz" {
			t.Errorf("a check of health is logged: %s", line)
		}
		if l.Msg != "request" && l.Msg != "security" {
			continue
		}
		if l.Address != "127.0.0.1" || !regexp.MustCompile(`^\w{12}$`).MatchString(l.Request) || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(l.Trace) || l.Took > 60 {
			t.Errorf("it does not say who, what and when: %s", line)
		}
		seen[strings.TrimSpace(fmt.Sprint(l.Method, " ", l.Route, l.Event))]++
		if span := p.collector.find(l.Method + " " + l.Route); l.Msg == "request" && !slices.ContainsFunc(span, func(s *tracepb.Span) bool {
			return hex.EncodeToString(s.TraceId) == l.Trace && attributeOf(s, "fieldgate.request") == l.Request
		}) {
			t.Errorf("no trace of %s", line)
		}
	}
	for _, want := range []string{"POST /login", "GET none", "GET /jobs", "sign-in-failed", "link-refused", "person-signed-in"} {
		if seen[want] == 0 {
			t.Errorf("no line of %s among %v", want, seen)
		}
	}
}

func (c *collector) find(name string) (all []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

func attributeOf(s *tracepb.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			if a.Value.GetStringValue() != "" {
				return a.Value.GetStringValue()
			}
			return fmt.Sprint(a.Value.GetIntValue())
		}
	}
	return ""
}

// compareTraces: a request, a job and a mail each have their statements below
// them, and none says more than it should.
func (p *running) compareTraces(t *testing.T) {
	t.Helper()
	c := p.collector
	if c.fault != nil {
		t.Fatal(c.fault)
	}
	if c.of["service.name"] != "fieldgate" || c.of["service.version"] != version || c.of["deployment.environment.name"] != "test" || c.header.Get("X-Tenant") != "north wind" {
		t.Errorf("from %v, with %v", c.of, c.header)
	}
	by := map[string]*tracepb.Span{}
	for _, s := range c.spans {
		by[string(s.SpanId)] = s
		discreet(t, "a span", s.String())
		if s.EndTimeUnixNano < s.StartTimeUnixNano || len(s.TraceId) != 16 || len(s.SpanId) != 8 {
			t.Errorf("%v", s)
		}
		if strings.Contains(s.Name, "healthz") || strings.Contains(s.Name, "readyz") {
			t.Errorf("a check of health is traced: %s", s.Name)
		}
	}
	kinds := map[string]tracepb.Span_SpanKind{}
	below := map[string]string{} // for each of the spans, a chain of names to the top
	for _, s := range c.spans {
		chain := s.Name
		for up := by[string(s.ParentSpanId)]; up != nil; up = by[string(up.ParentSpanId)] {
			if !bytes.Equal(up.TraceId, s.TraceId) {
				t.Errorf("%s is of another trace than %s", s.Name, up.Name)
			}
			chain = up.Name + " > " + chain
		}
		kinds[chain] = s.Kind
		below[chain] = attributeOf(s, "db.query.text")
	}
	for chain, kind := range map[string]tracepb.Span_SpanKind{
		"GET /jobs":                              tracepb.Span_SPAN_KIND_SERVER,
		"GET none":                               tracepb.Span_SPAN_KIND_SERVER,
		"POST /forgot-password":                  tracepb.Span_SPAN_KIND_SERVER,
		"GET /jobs > batch":                      tracepb.Span_SPAN_KIND_CLIENT,
		"GET /jobs > batch > select portal.jobs": tracepb.Span_SPAN_KIND_CLIENT,
		"POST /forgot-password > batch > with emails": tracepb.Span_SPAN_KIND_CLIENT,
		"deliver_email":                        tracepb.Span_SPAN_KIND_CONSUMER,
		"deliver_email > email password-reset": tracepb.Span_SPAN_KIND_CLIENT,
		"deliver_email > email password-reset > batch > update mail_server": tracepb.Span_SPAN_KIND_CLIENT,
		"mails without a job": tracepb.Span_SPAN_KIND_CONSUMER,
	} {
		if got, there := kinds[chain]; !there || got != kind {
			t.Errorf("%q is %v, of %s", chain, got, strings.Join(slices.Sorted(maps.Keys(kinds)), "\n"))
		}
	}
	if text := below["GET /jobs > batch > select portal.jobs"]; !strings.Contains(text, "from portal.jobs") || !strings.Contains(text, "$1") {
		t.Errorf("the statement of the list: %q", text)
	}
}

// compareMetrics: docs/monitoring/metrics.md lists what is measured, and nothing else.
func compareMetrics(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	var list strings.Builder
	list.WriteString("# Metrics\n\nWhat `/metrics` tells of the program itself; beside it stand those of Go (`go_…`) and of the process (`process_…`). Written by `go test ./cmd/fieldgate -run TestSeenFromOutside -args -update`.\n\n| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(families)) {
		f := families[name]
		if !strings.HasPrefix(name, "fieldgate_") {
			continue
		}
		fmt.Fprintf(&list, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), strings.Join(labels(f), ", "), f.GetHelp())
		if f.GetHelp() == "" || (f.GetType() == dto.MetricType_COUNTER) != strings.HasSuffix(name, "_total") {
			t.Errorf("%s: a counter's name ends in _total, and each has a help text", name)
		}
	}
	const path = "../../docs/monitoring/metrics.md"
	if *update {
		if err := os.WriteFile(path, []byte(list.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(golden) != list.String() {
		t.Errorf("%s is another list than what is measured:\n%s", path, list.String())
	}
}

func labels(f *dto.MetricFamily) []string {
	found := map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			found[l.GetName()] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}
