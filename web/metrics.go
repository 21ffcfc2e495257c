package web

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
)

// PoolCollector measures the database's connections.
func PoolCollector(pool *pgxpool.Pool) prometheus.Collector { return poolCollector{pool} }

type poolCollector struct{ pool *pgxpool.Pool }

var (
	poolInUse = prometheus.NewDesc("fieldgate_database_connections_in_use", "Connections at work.", nil, nil)
	poolOpen  = prometheus.NewDesc("fieldgate_database_connections_open", "Connections open.", nil, nil)
	poolWaits = prometheus.NewDesc("fieldgate_database_connection_waits_total", "Requests that had to wait for a connection.", nil, nil)
	poolShed  = prometheus.NewDesc("fieldgate_database_shed_total", "Requests sent away because too many waited for a connection, or too many of one customer.", nil, nil)
)

// Describe names the figures.
func (poolCollector) Describe(out chan<- *prometheus.Desc) {
	out <- poolInUse
	out <- poolOpen
	out <- poolWaits
	out <- poolShed
}

// Collect reads them.
func (c poolCollector) Collect(out chan<- prometheus.Metric) {
	s := c.pool.Stat()
	out <- prometheus.MustNewConstMetric(poolInUse, prometheus.GaugeValue, float64(s.AcquiredConns()))
	out <- prometheus.MustNewConstMetric(poolOpen, prometheus.GaugeValue, float64(s.TotalConns()))
	out <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.EmptyAcquireCount()))
	out <- prometheus.MustNewConstMetric(poolShed, prometheus.CounterValue, float64(postgres.Shed(c.pool)))
}
