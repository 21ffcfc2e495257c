package notify

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
)

// Collector measures how the mail server does. While the database is away it
// says nothing: others tell of that.
func Collector(db postgres.DB) prometheus.Collector { return collector{db} }

type collector struct{ db postgres.DB }

var (
	failingDesc = prometheus.NewDesc("fieldgate_mail_failing_seconds", "How long the mail server has taken no mail; 0 while it does.", nil, nil)
	openDesc    = prometheus.NewDesc("fieldgate_mail_open", "Emails that wait or are tried again (retrying). The oldest 2,000 are counted.", []string{"state"}, nil)
	oldestDesc  = prometheus.NewDesc("fieldgate_mail_oldest_seconds", "How long ago the oldest email that waits, or is tried again (retrying), was promised.", []string{"state"}, nil)
)

// Describe names the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	out <- failingDesc
	out <- openDesc
	out <- oldestDesc
}

// Collect reads them.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	h, err := ReadHealth(ctx, c.db)
	if err != nil {
		return
	}
	out <- prometheus.MustNewConstMetric(failingDesc, prometheus.GaugeValue, h.Failing.Seconds())
	found := map[State]opened{Waiting: {}, Retrying: {}}
	rows, err := c.db.Query(ctx, `
		select state, count(*) as n, greatest(interval '0', max(now() - created_at)) as oldest
		from (select state, created_at from emails where state in ('waiting', 'retrying') order by created_at limit 2000) oldest group by state`)
	if err != nil {
		return
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[opened])
	if err != nil {
		return
	}
	for _, o := range all {
		found[o.State] = o
	}
	for state, o := range found {
		out <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(o.N), string(state))
		out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, o.Oldest.Seconds(), string(state))
	}
}

// opened are the mails of a state that are still to be sent.
type opened struct {
	State  State
	N      int
	Oldest time.Duration
}

// pushOutcomes counts what became of tries to send a notification.
func pushOutcomes(metrics prometheus.Registerer) *prometheus.CounterVec {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fieldgate_push_tries_total", Help: "Tries to send a notification to a phone or browser, by what became of them: sent, retrying, failed, dropped, or gone (its device is removed).",
	}, []string{"outcome"})
	for _, outcome := range []string{string(Sent), string(Retrying), string(Failed), string(Dropped), string(push.Gone)} {
		counted.WithLabelValues(outcome)
	}
	if metrics != nil {
		metrics.MustRegister(counted)
	}
	return counted
}

// outcomes counts what became of tries to send a mail.
func outcomes(metrics prometheus.Registerer) *prometheus.CounterVec {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fieldgate_mail_tries_total", Help: "Tries to send an email, by the state in which they left it: sent, retrying, failed or dropped.",
	}, []string{"state"})
	for _, state := range []State{Sent, Retrying, Failed, Dropped} {
		counted.WithLabelValues(string(state))
	}
	if metrics != nil {
		metrics.MustRegister(counted)
	}
	return counted
}
