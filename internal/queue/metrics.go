package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/postgres"
	"fieldgate/internal/tracing"
)

// How jobs end, as their figures name it.
const (
	OutcomeDone   = "done"
	OutcomeLater  = "later"
	OutcomeFailed = "failed"
)

// watch lets work be seen from outside.
type watch struct {
	took   *prometheus.HistogramVec
	tracer trace.Tracer
	log    *slog.Logger
}

func newWatch(o Options, log *slog.Logger) *watch {
	w := &watch{tracer: o.Tracer, log: log, took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fieldgate_queue_work_seconds", Help: "Time that background jobs took, by kind, and how they ended: done, later (tried again without being at fault) or failed.", Buckets: []float64{.01, .1, 1, 10, 60, 600},
	}, []string{"kind", "outcome"})}
	if o.Metrics != nil {
		o.Metrics.MustRegister(w.took)
	}
	return w
}

// work does a job, measured and traced.
func (w *watch) work(ctx context.Context, job *rivertype.JobRow, kind string, do func(context.Context) error) (err error) {
	begun, outcome := time.Now(), OutcomeFailed
	span := trace.SpanFromContext(ctx)
	if w.tracer != nil {
		ctx, span = w.tracer.Start(ctx, kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
			attribute.Int64("fieldgate.job", job.ID), attribute.Int("fieldgate.attempt", job.Attempt), attribute.String("fieldgate.lane", job.Queue)))
	}
	defer func() { // after a panic, too
		w.took.WithLabelValues(kind, outcome).Observe(time.Since(begun).Seconds())
		span.SetAttributes(attribute.String("fieldgate.outcome", outcome))
		if outcome == OutcomeFailed {
			tracing.Failed(span, errFailed)
		}
		span.End()
	}()
	err = do(ctx)
	switch _, later := errors.AsType[*rivertype.JobSnoozeError](err); {
	case err == nil:
		outcome = OutcomeDone
	case later:
		outcome = OutcomeLater
	}
	return err
}

var errFailed = errors.New("failed")

// Collector measures what waits in the queue. While the database is away it
// says nothing: others tell of that.
func Collector(db postgres.DB) prometheus.Collector { return collector{db} }

type collector struct{ db postgres.DB }

var (
	jobsDesc   = prometheus.NewDesc("fieldgate_queue_jobs", "Background jobs, by kind and state: running, due (could start now), later or retrying. Of each state 10,000 are counted at most.", []string{"kind", "state"}, nil)
	oldestDesc = prometheus.NewDesc("fieldgate_queue_oldest_seconds", "How long the job that is due longest has waited to be started, by kind.", []string{"kind"}, nil)
)

// Describe names the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	out <- jobsDesc
	out <- oldestDesc
}

// Collect reads them. Kinds are the program's own, so there are few; one that has
// no jobs is not named.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	type row struct {
		Kind, State string
		Jobs        int64
		Oldest      time.Duration
	}
	var rows []row
	err := postgres.Read(ctx, c.db, func(b *postgres.Batch) {
		postgres.Query(b, &rows, `
			select kind, state, count(*) as jobs, greatest(interval '0', coalesce(max(now() - due), interval '0')) as oldest from (
				select case when kind = 'chore' then args->>'name' else kind end as kind, scheduled_at as due,
					case when s.state = 'running' then 'running' when scheduled_at <= now() then 'due' when s.state = 'retryable' then 'retrying' else 'later' end as state
				from unnest(array['running', 'available', 'scheduled', 'retryable', 'pending']::river_job_state[]) s (state)
				cross join lateral (select kind, args, scheduled_at from river_job where state = s.state limit 10000) jobs
			) open group by kind, state`, nil)
	})
	if err != nil {
		return
	}
	waited := map[string]float64{}
	for _, r := range rows {
		out <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(r.Jobs), r.Kind, r.State)
		waited[r.Kind] += 0
		if r.State == "due" {
			waited[r.Kind] = r.Oldest.Seconds()
		}
	}
	for kind, seconds := range waited {
		out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, seconds, kind)
	}
}
