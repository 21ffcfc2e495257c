package notify

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/mail/catcher"
)

func TestMailServerIsMeasured(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(Collector(s.pool))
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
				found[name] = m.GetGauge().GetValue()
			}
		}
		return found
	}
	if m := read(); len(m) != 5 || m["fieldgate_mail_failing_seconds"] != 0 || m["fieldgate_mail_open waiting"] != 0 || m["fieldgate_mail_oldest_seconds waiting"] != 0 {
		t.Errorf("at first: %v", m)
	}
	s.server.Fault(catcher.Busy)
	s.tell(t, s.everything()[KindWelcome])
	s.work(t)
	s.exec(t, `update mail_server set failing_since = now() - interval '2 days'`)
	s.exec(t, `update emails set created_at = created_at - interval '1 day'`)
	if m := read(); m["fieldgate_mail_failing_seconds"] < 2*24*3600 || m["fieldgate_mail_open retrying"] != 1 || m["fieldgate_mail_open waiting"] != 0 || m["fieldgate_mail_oldest_seconds retrying"] < 24*3600 {
		t.Errorf("while it fails: %v", m)
	}
	s.pool.Close()
	if m := read(); len(m) != 0 {
		t.Errorf("without the database: %v", m)
	}
}
