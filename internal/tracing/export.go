package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// exporter posts spans to a collector. OpenTelemetry's own brings gRPC along and
// would make the program 3 MB larger.
type exporter struct {
	address string
	header  http.Header
	client  *http.Client
	log     *slog.Logger
	failing atomic.Bool
}

func newExporter(s Settings, log *slog.Logger) (*exporter, error) {
	timeout, err := s.timeout()
	if err != nil {
		return nil, err
	}
	header, err := s.headers()
	if err != nil {
		return nil, err
	}
	return &exporter{address: s.address(), header: header, client: &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // keys are for this collector alone
	}, log: log}, nil
}

// ExportSpans posts the spans. What the collector does not take is lost: nobody
// waits for it. That it fails is logged once, and so is the end of it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	body := encode(spans)
	var err error
	for pause := time.Second; ; pause *= 2 {
		var again time.Duration
		if again, err = e.post(ctx, body); again == 0 {
			break
		}
		select {
		case <-time.After(max(pause, again)):
			continue
		case <-ctx.Done():
		}
		break
	}
	switch {
	case err != nil && !e.failing.Swap(true):
		e.log.WarnContext(ctx, "the collector of traces takes none", "error", err)
	case err == nil && e.failing.Swap(false):
		e.log.InfoContext(ctx, "the collector takes traces again")
	}
	return nil
}

// Shutdown completes the interface: nothing is kept here.
func (*exporter) Shutdown(context.Context) error { return nil }

// post sends the spans once. It says when to try again; 0 is never.
func (e *exporter) post(ctx context.Context, body []byte) (again time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("its address is none")
	}
	r.Header = e.header
	answer, err := e.client.Do(r)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the address, which may bear a key
	}
	if err != nil {
		return time.Millisecond, fmt.Errorf("post traces: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection serves again
	switch answer.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		again = max(time.Millisecond, time.Duration(seconds)*time.Second)
	}
	return again, errors.New("post traces: it answers " + answer.Status)
}
