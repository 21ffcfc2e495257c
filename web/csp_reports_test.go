package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]violation{
		`{"csp-report":{"document-uri":"https://p.test/reset/secret","effective-directive":"script-src-elem","blocked-uri":"https://evil.example/a.js?secret"}}`: {{"script-src-elem", "https://evil.example"}},
		`{"csp-report":{"violated-directive":"img-src 'self'","blocked-uri":"data"}}`:                                                                            {{"img-src", "data"}},
		`[{"type":"csp-violation","body":{"effectiveDirective":"style-src-attr","blockedURL":"inline"}},{"type":"deprecation","body":{}}]`:                       {{"style-src-attr", "inline"}},
		`{"csp-report":{"effective-directive":"made-up-1","blocked-uri":"::"}}`:                                                                                  {{"other", "unreadable"}},
		`[` + strings.Repeat(`{"type":"csp-violation"},`, 99) + `{"type":"csp-violation"}]`:                                                                      slices.Repeat([]violation{{"other", ""}}, maxReports),
		`{}`: nil, `[]`: nil, `null`: nil, `"x"`: nil, ``: nil, `{"csp-report":`: nil,
	} {
		if got := violations(strings.NewReader(body)); !slices.Equal(got, want) {
			t.Errorf("%.100s: %v", body, got)
		}
	}
}

// Reports are counted, and however many come, few are logged.
func TestReportsAreCounted(t *testing.T) {
	t.Parallel()
	metrics, logged := prometheus.NewRegistry(), &strings.Builder{}
	h := countReports(metrics, slog.New(slog.NewTextHandler(logged, nil)))
	for range 50 {
		w := httptest.NewRecorder()
		err := h(w, httptest.NewRequest(http.MethodPost, cspReports, strings.NewReader(`{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://evil.example/"}}`)))
		if err != nil || w.Code != http.StatusNoContent {
			t.Fatal(w.Code, err)
		}
	}
	families, err := metrics.Gather()
	if err != nil || len(families) != 1 || families[0].GetMetric()[0].GetCounter().GetValue() != 50 {
		t.Errorf("counted %v, %v", families, err)
	}
	if n := strings.Count(logged.String(), "evil.example"); n == 0 || n > 5 {
		t.Errorf("%d lines in the log", n)
	}
}
