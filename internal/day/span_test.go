package day_test

import (
	"testing"
	"time"

	"fieldgate/internal/day"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                           "1 minute",
		20 * time.Second:            "1 minute",
		61 * time.Second:            "2 minutes",
		30 * time.Minute:            "30 minutes",
		time.Hour:                   "1 hour",
		90 * time.Minute:            "90 minutes",
		91 * time.Minute:            "2 hours",
		240 * time.Minute:           "4 hours",
		24 * time.Hour:              "24 hours",
		36 * time.Hour:              "36 hours",
		48 * time.Hour:              "2 days",
		7 * 24 * time.Hour:          "7 days",
		7*24*time.Hour + 1:          "8 days",
		36*time.Hour + 1:            "2 days",
		3*time.Hour + 1*time.Minute: "4 hours",
	} {
		if got := day.Span(d); got != want {
			t.Errorf("%s is said as %q, want %q", d, got, want)
		}
	}
}
