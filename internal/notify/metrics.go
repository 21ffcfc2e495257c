package notify

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
)

// Collector measures how the mail server does. While the database is away it
// says nothing: others tell of that.
func Collector(db postgres.DB) prometheus.Collector { return collector{db} }

type collector struct{ db postgres.DB }

var (
	failingDesc = prometheus.NewDesc("fieldgate_mail_failing_seconds", "How long the mail server has taken no mail; 0 while it does.", nil, nil)
	openDesc    = prometheus.NewDesc("fieldgate_mail_open", "Emails that wait or are tried again, up to 1001.", nil, nil)
)

// Describe names the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	out <- failingDesc
	out <- openDesc
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
	out <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(h.Open))
}
