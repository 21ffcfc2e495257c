package web

import (
	"runtime"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/postgres"
)

// Built tells which program runs, as Prometheus likes it: a figure that is
// always 1, with the words as labels.
func Built(version, commit string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "fieldgate_build_info", Help: "1, with the version that runs, its commit and the Go that built it.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit, "goversion": runtime.Version()},
	}, func() float64 { return 1 })
}

// PoolCollector measures the database's connections, by the name of the pool.
func PoolCollector(pools map[string]*pgxpool.Pool) prometheus.Collector { return poolCollector(pools) }

type poolCollector map[string]*pgxpool.Pool

// poolFigures are those of a pool, in the order in which they are read.
var poolFigures = []struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(*pgxpool.Pool, *pgxpool.Stat) float64
}{
	{prometheus.NewDesc("fieldgate_database_connections_in_use", "Connections at work.", inPool, nil), prometheus.GaugeValue, func(_ *pgxpool.Pool, s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }},
	{prometheus.NewDesc("fieldgate_database_connections_open", "Connections open.", inPool, nil), prometheus.GaugeValue, func(_ *pgxpool.Pool, s *pgxpool.Stat) float64 { return float64(s.TotalConns()) }},
	{prometheus.NewDesc("fieldgate_database_connections_limit", "Connections that there may be.", inPool, nil), prometheus.GaugeValue, func(_ *pgxpool.Pool, s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }},
	{prometheus.NewDesc("fieldgate_database_connection_waits_total", "How often somebody had to wait for a connection.", inPool, nil), prometheus.CounterValue, func(_ *pgxpool.Pool, s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }},
	{prometheus.NewDesc("fieldgate_database_connection_wait_seconds_total", "How long all who waited for a connection did, together.", inPool, nil), prometheus.CounterValue, func(_ *pgxpool.Pool, s *pgxpool.Stat) float64 { return s.EmptyAcquireWaitTime().Seconds() }},
	{prometheus.NewDesc("fieldgate_database_shed_total", "Requests sent away because too many waited for a connection, or too many of one customer.", inPool, nil), prometheus.CounterValue, func(p *pgxpool.Pool, _ *pgxpool.Stat) float64 { return float64(postgres.Shed(p)) }},
}

var inPool = []string{"pool"}

// Describe names the figures.
func (poolCollector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range poolFigures {
		out <- f.desc
	}
}

// Collect reads them.
func (c poolCollector) Collect(out chan<- prometheus.Metric) {
	for name, pool := range c {
		s := pool.Stat()
		for _, f := range poolFigures {
			out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.read(pool, s), name)
		}
	}
}
