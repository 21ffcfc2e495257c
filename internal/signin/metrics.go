package signin

import "github.com/prometheus/client_golang/prometheus"

// counted counts what became of tries to get in: by side, outcome and reason, of
// which there are few, and never by whom.
func counted() *prometheus.CounterVec {
	tries := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fieldgate_sign_in_tries_total", Help: "Tries to get in, by side, outcome (right, wrong, refused by a limit, dead-link) and reason; a link by email that a limit refused is among them.",
	}, []string{"side", "outcome", "reason"})
	// There from the start, so that the first one is seen as an increase.
	for _, side := range []Side{Portal, Office} {
		tries.WithLabelValues(string(side), string(Right), "")
		tries.WithLabelValues(string(side), string(Right), string(ByPasskey))
		tries.WithLabelValues(string(side), string(Right), string(ByOpenID))
		for _, reason := range openIDReasons() {
			tries.WithLabelValues(string(side), string(Wrong), string(reason))
		}
		for _, reason := range []Reason{WrongPassword, WrongDigits, WrongFactor, UnknownAddress, WrongPasskey} {
			tries.WithLabelValues(string(side), string(Wrong), string(reason))
		}
		for _, reason := range []Reason{AccountLimit, NetworkLimit, AddressLimit, DeviceLimit} {
			tries.WithLabelValues(string(side), string(Refused), string(reason))
		}
		tries.WithLabelValues(string(side), "dead-link", "unknown-link")
	}
	return tries
}

// Collector measures tries to get in.
func (s *Service) Collector() prometheus.Collector { return s.tries }
