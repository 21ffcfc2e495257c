package day

import (
	"fmt"
	"time"
)

// Span says how long something lasts, as people say it: "30 minutes", "24 hours",
// "7 days". It rounds up, so that a wait is never said to be shorter than it is.
func Span(d time.Duration) string {
	switch {
	case d > 36*time.Hour:
		return spanOf(d, 24*time.Hour, "day")
	case d == time.Hour || d > 90*time.Minute:
		return spanOf(d, time.Hour, "hour")
	}
	return spanOf(d, time.Minute, "minute")
}

func spanOf(d, unit time.Duration, name string) string {
	n := max(1, (d+unit-1)/unit)
	if n > 1 {
		name += "s"
	}
	return fmt.Sprintf("%d %s", n, name)
}
