package tracing

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of OTLP, of which our spans need a part. Numbers of fields are
// those of https://github.com/open-telemetry/opentelemetry-proto, trace/v1 and
// common/v1; the test reads them with the project's own code.

// message is one under way.
type message []byte

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
	}
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) number(field protowire.Number, n uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), n)
}

func (m *message) fixed(field protowire.Number, n uint64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), n)
}

func (m *message) attributes(field protowire.Number, all []attribute.KeyValue) {
	for _, a := range all {
		var pair message
		pair.text(1, string(a.Key))
		pair.bytes(2, value(a.Value))
		m.bytes(field, pair)
	}
}

// value is an AnyValue.
func value(v attribute.Value) (m message) {
	switch v.Type() {
	case attribute.BOOL:
		m.number(2, protowire.EncodeBool(v.AsBool()))
	case attribute.INT64:
		m.number(3, uint64(v.AsInt64()))
	case attribute.FLOAT64:
		m.fixed(4, math.Float64bits(v.AsFloat64()))
	case attribute.STRING:
		m.bytes(1, []byte(v.AsString()))
	default: // lists: the operator's own attributes have none, and neither have ours
		m.bytes(1, []byte(v.String()))
	}
	return m
}

// encode writes an ExportTraceServiceRequest: one resource, ours, and one scope.
func encode(spans []sdk.ReadOnlySpan) []byte {
	if len(spans) == 0 {
		return nil
	}
	var of, by, scoped, all, request message
	of.attributes(1, spans[0].Resource().Attributes())
	by.text(1, spans[0].InstrumentationScope().Name)
	scoped.bytes(1, by)
	for _, s := range spans {
		scoped.bytes(2, span(s))
	}
	all.bytes(1, of)
	all.bytes(2, scoped)
	request.bytes(1, all)
	return request
}

func span(s sdk.ReadOnlySpan) (m message) {
	trace, id := s.SpanContext().TraceID(), s.SpanContext().SpanID()
	m.bytes(1, trace[:])
	m.bytes(2, id[:])
	if parent := s.Parent().SpanID(); parent.IsValid() {
		m.bytes(4, parent[:])
	}
	m.text(5, s.Name())
	m.number(6, uint64(s.SpanKind()))
	m.fixed(7, uint64(s.StartTime().UnixNano()))
	m.fixed(8, uint64(s.EndTime().UnixNano()))
	m.attributes(9, s.Attributes())
	if dropped := s.DroppedAttributes(); dropped > 0 {
		m.number(10, uint64(dropped))
	}
	if s.Status().Code != codes.Unset {
		var status message
		status.text(2, s.Status().Description)
		code := uint64(1) // OK
		if s.Status().Code == codes.Error {
			code = 2
		}
		status.number(3, code)
		m.bytes(15, status)
	}
	return m
}
