package doctor

import "github.com/prometheus/client_golang/prometheus"

var (
	levelDesc  = prometheus.NewDesc("fieldgate_health_level", "What the last look at a part of the installation found, as Administration → Health shows it: 0 well, 1 a warning, 2 a fault.", []string{"check"}, nil)
	lookedDesc = prometheus.NewDesc("fieldgate_health_looked_timestamp_seconds", "When all parts were looked at last; 0 in the first minute of a program, which takes all for well.", nil, nil)
)

// Describe names the figures.
func (*Doctor) Describe(out chan<- *prometheus.Desc) {
	out <- levelDesc
	out <- lookedDesc
}

// Collect tells what is Known.
func (d *Doctor) Collect(out chan<- prometheus.Metric) {
	known := d.Known()
	for _, c := range checks {
		worst := Report{Findings: known.of(c.name)}.Worst()
		out <- prometheus.MustNewConstMetric(levelDesc, prometheus.GaugeValue, float64(worst), c.name)
	}
	looked := 0.0
	if !known.At.IsZero() {
		looked = float64(known.At.Unix())
	}
	out <- prometheus.MustNewConstMetric(lookedDesc, prometheus.GaugeValue, looked)
}
