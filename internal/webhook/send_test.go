package webhook

import (
	"errors"
	"testing"
	"time"
)

// Receivers ask to wait in seconds or until a moment.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for asked, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "0": 0, "-5": 0, "soon": 0, "999999999999": 4 * time.Hour, "86400": 4 * time.Hour,
		"Mon, 30 Nov 2026 09:10:00 GMT": 10 * time.Minute, "Mon, 30 Nov 2026 08:00:00 GMT": 0, "Tue, 01 Dec 2026 09:00:00 GMT": 4 * time.Hour,
	} {
		if got := retryAfter(asked, now); got != want {
			t.Errorf("%q: %v, want %v", asked, got, want)
		}
	}
}

// What a receiver lets an error say, as in its certificate, can be written down.
func TestWordsCanBeKept(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"certificate is valid for a\x00b.": "Certificate is valid for a�b.", "\xff is no server": "� is no server.", "émile is away": "Émile is away.", "": ".",
	} {
		if got := words(errors.New(said)); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
