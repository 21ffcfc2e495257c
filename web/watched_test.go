package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// TestWhatBreaksIsSeen: a request whose handler panics counts as failed, and has
// its line, like any other; one that nobody waits for any more has them too.
func TestWhatBreaksIsSeen(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	metrics := prometheus.NewRegistry()
	mux := chi.NewRouter()
	mux.Use(numbered, watched(Options{Metrics: metrics, Log: slog.New(slog.NewTextHandler(&log, nil))}), recovered)
	mux.Get("/broken/{token}", func(http.ResponseWriter, *http.Request) { panic("broken") })
	mux.Get("/left", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.Get(healthz, func(http.ResponseWriter, *http.Request) {})
	for _, path := range []string{"/broken/secret", "/left", healthz} {
		func() {
			defer func() { _ = recover() }() // as net/http does
			r := httptest.NewRequestWithContext(context.Background(), "GET", path, nil)
			r.RemoteAddr = "203.0.113.7"
			mux.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
	for _, want := range []string{`route=/broken/{token} status=500`, `route=/left status=0`, `address=203.0.113.7`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no line with %s:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), healthz) || strings.Count(log.String(), "\n") != 2 {
		t.Errorf("it says too much:\n%s", log.String())
	}
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range families[0].GetMetric() {
		var words []string
		for _, l := range m.GetLabel() {
			words = append(words, l.GetValue())
		}
		seen[strings.Join(words, " ")] = m.GetHistogram().GetSampleCount() == 1
	}
	for _, want := range []string{"GET /broken/{token} portal 500", "GET /left portal 0", "GET /healthz shared 0"} {
		if !seen[want] {
			t.Errorf("%s is not measured: %v", want, seen)
		}
	}
}
