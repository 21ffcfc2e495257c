package inbound

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
)

// Counter counts what becomes of emails that come.
func Counter(metrics prometheus.Registerer) func(outcome string) {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fieldgate_inbound_emails_total", Help: "Emails that came, by what became of them: message, waiting, ignored, report, again (taken before) or error (tried again).",
	}, []string{"outcome"})
	for _, outcome := range []string{string(AsMessage), string(Waiting), string(Ignored), string(Reported), "again", "error"} {
		counted.WithLabelValues(outcome)
	}
	if metrics != nil {
		metrics.MustRegister(counted)
	}
	return func(outcome string) { counted.WithLabelValues(outcome).Inc() }
}

// Mailbox is how the reading of the mailbox gets on.
type Mailbox struct {
	LookedAt     *time.Time // when it was last seen that nothing waits there
	FailingSince *time.Time
	Words        string
	Waiting      int // for staff, up to 1,001
	Now          time.Time
	LastAt       *time.Time // when the last email came, whichever way
}

// ReadMailbox is how the reading of the mailbox gets on.
func ReadMailbox(ctx context.Context, db postgres.DB) (m Mailbox, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &m, `
			select looked_at, failing_since, words, (select count(*) from (select from inbound_emails where state = 'waiting' limit 1001) n) as waiting, now() as now,
				(select at from inbound_emails order by at desc, id desc limit 1) as last_at
			from mailbox`, nil)
	})
	return m, err
}

// Collector tells how many emails wait for staff, and how old the last look at the
// mailbox is. While the database is away it says nothing: others tell of that.
func Collector(db postgres.DB) prometheus.Collector { return collector{db} }

type collector struct{ db postgres.DB }

var (
	waitingDesc = prometheus.NewDesc("fieldgate_inbound_waiting", "Emails that came and wait for staff, up to 1,001.", nil, nil)
	lookDesc    = prometheus.NewDesc("fieldgate_mailbox_look_seconds", "How long ago the mailbox was last seen to be read to its end; 0 before the first time.", nil, nil)
)

// Describe names the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	out <- waitingDesc
	out <- lookDesc
}

// Collect reads them.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	m, err := ReadMailbox(ctx, c.db)
	if err != nil {
		return
	}
	out <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(m.Waiting))
	ago := 0.0
	if m.LookedAt != nil {
		ago = m.Now.Sub(*m.LookedAt).Seconds()
	}
	out <- prometheus.MustNewConstMetric(lookDesc, prometheus.GaugeValue, ago)
}
