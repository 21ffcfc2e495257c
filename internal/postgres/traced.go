package postgres

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/tracing"
	"fieldgate/migrations"
)

// traced begins the span of a statement, if what it belongs to is traced: its
// text is told, never its arguments.
func traced(ctx context.Context, name, sql string) (context.Context, trace.Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return tracing.Begin(ctx, name)
	}
	if name == "" {
		name = summary(sql)
	}
	return tracing.Begin(ctx, name, described(sql))
}

// tracedInBatch is the span of one query of a batch, from when its answer was
// waited for until it was read.
func tracedInBatch(ctx context.Context, q pgx.TraceBatchQueryData) {
	if trace.SpanFromContext(ctx).IsRecording() {
		_, span := tracing.Begin(ctx, summary(q.SQL), described(q.SQL), trace.WithTimestamp(q.ReadStartTime))
		tracing.Failed(span, q.Err)
		span.End()
	}
}

// anyVersion is a statement as it is written: versions of the program read the
// portal's views in schemas of their own, and traces of both are compared.
func anyVersion(sql string) string {
	return strings.ReplaceAll(sql, migrations.PortalSchema()+".", "portal.")
}

func described(sql string) trace.SpanStartOption {
	all := []attribute.KeyValue{attribute.String("db.system.name", "postgresql")}
	if sql != "" {
		all = append(all, attribute.String("db.query.text", oneLine(anyVersion(sql))))
	}
	return trace.WithAttributes(all...)
}

// longest is how much of a statement is told.
const longest = 600

func oneLine(sql string) string {
	words := strings.Join(strings.Fields(sql), " ")
	if len(words) > longest {
		return strings.ToValidUTF8(words[:longest], "") + "…"
	}
	return words
}

var (
	target  = regexp.MustCompile(`(?i)\b(?:from|into|update)\s+([a-z_][a-z_.]*)`)
	comment = regexp.MustCompile(`(?m)^\s*--.*$`) // the queue's statements have them
)

// summary is what a statement does, and to which table first: few words, of
// which there are few.
func summary(sql string) string {
	sql = comment.ReplaceAllString(anyVersion(sql), "")
	verb := ""
	if words := strings.Fields(sql); len(words) > 0 {
		verb = strings.ToLower(strings.Trim(words[0], "(;"))
	}
	if m := target.FindStringSubmatch(sql); m != nil {
		return verb + " " + strings.ToLower(m[1])
	}
	return verb
}
