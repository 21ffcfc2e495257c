package webhook

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
)

// Collector measures how webhooks do. While the database is away it says
// nothing: others tell of that.
func Collector(db postgres.DB) prometheus.Collector { return collector{db} }

type collector struct{ db postgres.DB }

var (
	webhooksDesc   = prometheus.NewDesc("fieldgate_webhook_receivers", "Webhooks by state: on, failing (on, and nothing gets through) or off.", []string{"state"}, nil)
	deliveriesDesc = prometheus.NewDesc("fieldgate_webhook_deliveries", "Deliveries of webhooks that are on, by state: waiting, retrying, or delivered and failed within a day. Of each 10,000 are counted at most.", []string{"state"}, nil)
	oldestDesc     = prometheus.NewDesc("fieldgate_webhook_oldest_seconds", "How long the oldest delivery of a webhook that is on has waited; 0 when none waits.", nil, nil)
)

// Describe names the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	out <- webhooksDesc
	out <- deliveriesDesc
	out <- oldestDesc
}

// Collect reads them.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	type counted struct {
		State string
		N     int
	}
	var (
		webhooks, deliveries []counted
		oldest               time.Duration
	)
	err := postgres.Read(ctx, c.db, func(b *postgres.Batch) {
		postgres.Query(b, &webhooks, `select case when not active then 'off' when failing_since is not null then 'failing' else 'on' end as state, count(*)::integer as n from webhooks group by 1`, nil)
		postgres.Query(b, &deliveries, `
			select s.state, (select count(*) from (select from webhook_deliveries d join webhooks w on w.id = d.webhook_id and w.active where case s.state
				when 'waiting' then d.state = 'waiting' and d.attempts = 0 when 'retrying' then d.state = 'waiting' and d.attempts > 0
				else d.state = s.state and d.last_at > now() - interval '1 day' end limit 10000) t)::integer as n
			from unnest(array['waiting', 'retrying', 'delivered', 'failed']) s(state)`, pgx.NamedArgs{})
		postgres.QueryValue(b, &oldest, `
			select coalesce(greatest(interval '0', max(now() - d.created_at)), interval '0') from webhook_deliveries d join webhooks w on w.id = d.webhook_id and w.active where d.state = 'waiting'`, nil)
	})
	if err != nil {
		return
	}
	found := map[string]int{"on": 0, "failing": 0, "off": 0}
	for _, w := range webhooks {
		found[w.State] = w.N
	}
	for state, n := range found {
		out <- prometheus.MustNewConstMetric(webhooksDesc, prometheus.GaugeValue, float64(n), state)
	}
	for _, d := range deliveries {
		out <- prometheus.MustNewConstMetric(deliveriesDesc, prometheus.GaugeValue, float64(d.N), d.State)
	}
	out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, oldest.Seconds())
}
