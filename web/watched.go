package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/web/page"
	"fieldgate/web/session"
)

// watched lets every request be seen from outside: by a line in the log, in the
// metrics of its route, and by a span. All three name the route and never the
// address: links carry tokens.
func watched(o Options) func(http.Handler) http.Handler {
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fieldgate_http_request_seconds", Help: "Time to answer, by side, method, route and status.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"side", "method", "route", "status"})
	if o.Metrics != nil {
		o.Metrics.MustRegister(took)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			ctx, who := session.Watched(r.Context())
			span := trace.SpanFromContext(ctx)
			check := r.URL.Path == healthz || r.URL.Path == readyz // asked every few seconds, by machines
			if o.Tracer != nil && !check {
				// What a visitor sends as their own trace is not taken up: whoever likes could fill the collector.
				ctx, span = o.Tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
			}
			ww := &answered{ResponseWriter: w}
			defer func() {
				pattern, method, status := page.Pattern(r), page.Method(r), ww.status
				if status == http.StatusNotFound {
					pattern = "none"
				}
				took.WithLabelValues(side(r, pattern), method, pattern, strconv.Itoa(status)).Observe(time.Since(start).Seconds())
				if check {
					return
				}
				line := []any{"request", page.RequestID(r), "method", method, "route", pattern, "status", status, "bytes", ww.bytes, "took", time.Since(start).Round(time.Microsecond), "address", page.Visitor(r).Where()}
				if who() != "" && (status >= http.StatusBadRequest || page.ForPrograms(r)) {
					line = append(line, "visitor", who()) // who tries what is not taken
				}
				o.Log.InfoContext(ctx, "request", line...)
				finish(span, r, method, pattern, status)
			}()
			next.ServeHTTP(ww, r.WithContext(ctx))
		})
	}
}

func finish(span trace.Span, r *http.Request, method, pattern string, status int) {
	if span.IsRecording() {
		span.SetName(method + " " + pattern)
		span.SetAttributes(
			attribute.String("http.request.method", method), attribute.String("http.route", pattern), attribute.Int("http.response.status_code", status),
			attribute.String("fieldgate.request", page.RequestID(r)), attribute.String("fieldgate.side", side(r, pattern)),
		)
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	}
	span.End()
}

// side is whose page it is: the office's, the portal's, or what both use and
// machines ask for.
func side(r *http.Request, pattern string) string {
	switch {
	case strings.HasPrefix(r.URL.Path, "/office"):
		return "office"
	case page.ForPrograms(r):
		return "api"
	case pattern == healthz, pattern == readyz, pattern == cspReports, strings.HasPrefix(pattern, "/static/"), strings.HasPrefix(pattern, "/brand/"), strings.HasPrefix(pattern, "/dev/"):
		return "shared"
	}
	return "portal"
}
