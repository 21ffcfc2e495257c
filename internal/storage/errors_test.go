package storage

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/blob"
)

// hindered is a store that does nothing any more.
type hindered struct {
	blob.Store
	err error
}

func (h hindered) Put(context.Context, string, io.Reader, int64, string) error { return h.err }
func (h hindered) Open(context.Context, string) (blob.File, error)             { return blob.File{}, h.err }
func (h hindered) Delete(context.Context, string) error                        { return h.err }

// TestErrorsOfStorageAreCounted by what was to be done and what hindered it; a
// file that is not there is no error of the store.
func TestErrorsOfStorageAreCounted(t *testing.T) {
	t.Parallel()
	files := &hindered{}
	s := New(nil, files)
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(s)
	for _, files.err = range []error{blob.Trouble{Kind: blob.Full, Err: errors.New("no room")}, blob.Trouble{Kind: blob.Away, Err: errors.New("no answer")}, blob.ErrNotFound} {
		_ = s.Put(t.Context(), "key", strings.NewReader(""), 0, "")
		_, _ = s.Open(t.Context(), "key")
		_ = s.Delete(t.Context(), "key")
	}
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != "fieldgate_storage_errors_total" {
				continue
			}
			kind, operation := m.GetLabel()[0].GetValue(), m.GetLabel()[1].GetValue()
			want := 0.0
			if kind == string(blob.Full) || kind == string(blob.Away) {
				want = 1
			}
			if got := m.GetCounter().GetValue(); got != want {
				t.Errorf("%s, %s: %v, want %v", operation, kind, got, want)
			}
		}
	}
	if s.Missing() != 1 {
		t.Errorf("%d missing", s.Missing())
	}
}
