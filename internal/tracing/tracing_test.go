package tracing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fieldgate/internal/tracing"
)

// TestEachKindOfValueArrives: what a span is given, a collector reads again with
// the project's own code.
func TestEachKindOfValueArrives(t *testing.T) {
	t.Parallel()
	var got tracepb.TracesData
	var fault error
	var posts atomic.Int32
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if posts.Add(1) == 1 { // is busy at first, and asked again
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		fault = errors.Join(err, proto.Unmarshal(body, &got))
	}))
	defer collector.Close()
	tracer, flush, err := tracing.Start(tracing.Settings{TracesEndpoint: collector.URL + "/spans"}, "1.2.3", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, request := tracer.Start(t.Context(), "GET /jobs")
	_, below := tracing.Begin(ctx, "select jobs")
	below.SetAttributes(attribute.String("text", "ünïcode"), attribute.Int64("less", -7), attribute.Float64("part", .25), attribute.Bool("yes", true), attribute.StringSlice("many", []string{"a", "b"}))
	tracing.Failed(below, errors.New("of somebody@example.com"))
	below.End()
	request.End()
	if err := errors.Join(flush(t.Context()), fault); err != nil || posts.Load() != 2 {
		t.Fatal(err, posts.Load())
	}
	spans := got.ResourceSpans[0].ScopeSpans[0].Spans
	if len(spans) != 2 || spans[0].Name != "select jobs" || !bytes.Equal(spans[0].ParentSpanId, spans[1].SpanId) || spans[0].Status.Code != tracepb.Status_STATUS_CODE_ERROR || spans[0].Status.Message != "" || spans[1].Status != nil {
		t.Errorf("%v", spans)
	}
	values := spans[0].Attributes
	if values[0].Value.GetStringValue() != "ünïcode" || values[1].Value.GetIntValue() != -7 || values[2].Value.GetDoubleValue() != .25 || !values[3].Value.GetBoolValue() || values[4].Value.GetStringValue() == "" {
		t.Errorf("%v", values)
	}
}

// TestCollectorThatFailsIsToldOnce: spans are lost then, and the log says so
// when it begins and when it ends, not for each of them.
func TestCollectorThatFailsIsToldOnce(t *testing.T) {
	t.Parallel()
	var refuses atomic.Bool
	refuses.Store(true)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if refuses.Load() {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer collector.Close()
	var log bytes.Buffer
	post := func() {
		tracer, flush, err := tracing.Start(tracing.Settings{Endpoint: collector.URL}, "1.2.3", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_, span := tracer.Start(t.Context(), "a request")
			span.End()
		}
		if err := flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	post()
	if n := strings.Count(log.String(), "the collector of traces takes none"); n != 1 || !strings.Contains(log.String(), "403") {
		t.Errorf("%d lines: %s", n, log.String())
	}
	refuses.Store(false)
	post()
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines: %s", n, log.String())
	}
}

// TestOffCostsNothing: without a collector nothing is begun, and what would be
// below it takes no memory.
func TestOffCostsNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []tracing.Settings{{}, {Endpoint: "http://localhost:4318", Disabled: "true"}, {Endpoint: "http://localhost:4318", Exporter: "none"}} {
		if tracer, flush, err := tracing.Start(s, "1.2.3", slog.Default()); tracer != nil || err != nil || flush(t.Context()) != nil {
			t.Errorf("%v: %v %v", s, tracer, err)
		}
	}
	ctx := context.Background()
	if n := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, span := tracing.Begin(ctx, "select jobs")
			span.End()
		}
	}).AllocsPerOp(); n != 0 {
		t.Errorf("it allocates %d times", n)
	}
}

// TestWrongSettingsAreSaid in words, before anything starts.
func TestWrongSettingsAreSaid(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]tracing.Settings{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        {Endpoint: "localhost:4318"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {TracesEndpoint: "ftp://collector"},
		"OTEL_EXPORTER_OTLP_PROTOCOL":        {Endpoint: "http://c:4317", Protocol: "grpc"},
		"OTEL_EXPORTER_OTLP_TIMEOUT":         {Endpoint: "http://c:4318", Timeout: "10s"},
		"OTEL_EXPORTER_OTLP_HEADERS":         {Endpoint: "http://c:4318", Headers: "key"},
		"OTEL_TRACES_EXPORTER":               {Endpoint: "http://c:4318", Exporter: "jaeger"},
	} {
		if got := s.Check(); len(got) != 1 || !strings.HasPrefix(got[0], name+":") {
			t.Errorf("%s: %q", name, got)
		}
	}
	good := tracing.Settings{Endpoint: "http://c:4318", Protocol: "grpc", TracesProtocol: "http/protobuf", Headers: "a=b, c=d%20e", Timeout: "500"}
	if got := good.Check(); got != nil {
		t.Errorf("%q", got)
	}
	if got := (tracing.Settings{Protocol: "grpc"}).Check(); got != nil {
		t.Errorf("without a collector: %q", got)
	}
}
