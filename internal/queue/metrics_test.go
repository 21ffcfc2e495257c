package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/queue"
)

// TestQueueIsMeasured: how deep it is, how old its oldest job, and how each ended.
func TestQueueIsMeasured(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(queue.Collector(pool))
	read := func() map[string]float64 {
		t.Helper()
		families, err := metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				name := f.GetName()
				for _, l := range m.GetLabel() {
					name += " " + l.GetValue()
				}
				found[name] = m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
		return found
	}
	const photo = "prepare_photo"
	insert(t, pool, nil, queue.PreparePhoto{Attachment: 1}, queue.PreparePhoto{Attachment: 2}, queue.PreparePhoto{Attachment: 3}, queue.PreparePhoto{Attachment: 4})
	if _, err := pool.Exec(t.Context(), `update river_job set scheduled_at = now() - interval '1 hour' where args->>'attachment' = '1'`); err != nil {
		t.Fatal(err)
	}
	if m := read(); m["fieldgate_queue_jobs "+photo+" due"] != 4 || m["fieldgate_queue_oldest_seconds "+photo] < 3600 {
		t.Errorf("before: %v", m)
	}
	q, err := queue.New(pool, queue.Options{Test: true, Metrics: metrics}, queue.Register(time.Minute, func(_ context.Context, p queue.PreparePhoto) error {
		switch p.Attachment {
		case 1:
			return errors.New("broken")
		case 2:
			return queue.Later(time.Hour)
		case 3:
			panic("broken")
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	want := map[string]float64{"failed": 2, "later": 1, "done": 1}
	var m map[string]float64
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		m = read()
		missing := 0
		for outcome, n := range want {
			if m["fieldgate_queue_work_seconds "+photo+" "+outcome] < n {
				missing++
			}
		}
		if missing == 0 && m["fieldgate_queue_jobs "+photo+" later"] == 1 {
			return
		}
	}
	t.Errorf("afterwards: %v", m)
}
