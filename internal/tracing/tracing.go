// Package tracing tells a collector what requests, jobs and mails spend their
// time on, by OpenTelemetry, when the operator names one. What it tells holds
// nobody's name, address or token: routes instead of addresses, statements
// without their arguments, ids instead of contents.
package tracing

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// scope is who makes the spans.
const scope = "fieldgate"

// Start is a Tracer that tells the collector of s, and what to call in the end:
// it sends what still waits. Without a collector the Tracer is nil.
func Start(s Settings, version string, log *slog.Logger) (trace.Tracer, func(context.Context) error, error) {
	if !s.On() {
		return nil, func(context.Context) error { return nil }, nil
	}
	e, err := newExporter(s, log)
	if err != nil {
		return nil, nil, err
	}
	of := resource.NewSchemaless(attribute.String("service.name", "fieldgate"), attribute.String("service.version", version))
	if of, err = resource.Merge(of, resource.Environment()); err != nil { // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
		return nil, nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(e), sdk.WithResource(of))
	return provider.Tracer(scope), provider.Shutdown, nil
}

// Begin begins a span of what was begun in ctx. When nothing was, there is none
// and it costs nothing; its methods may be called all the same.
func Begin(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	of := trace.SpanFromContext(ctx)
	if !of.IsRecording() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return of.TracerProvider().Tracer(scope).Start(ctx, name, append(options, trace.WithSpanKind(trace.SpanKindClient))...)
}

// Failed marks a span as failed, without the error's words: they may name
// somebody, and the log has them.
func Failed(s trace.Span, err error) {
	if err != nil && s.IsRecording() {
		s.SetStatus(codes.Error, "")
	}
}

// Logged adds to each line of what is traced the trace that it belongs to.
func Logged(h slog.Handler) slog.Handler { return handler{h} }

type handler struct{ slog.Handler }

// Handle adds trace_id.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if of := trace.SpanContextFromContext(ctx); of.IsValid() {
		r.AddAttrs(slog.String("trace_id", of.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps adding it.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps adding it.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
