package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"testing"
	"time"
)

// A machine that lets whoever calls it wait costs that once: while another of the
// address answers, that one is called. When it no longer does, both are again.
func TestASilentServerIsPassedOver(t *testing.T) {
	t.Parallel()
	var called []string
	answers := map[string]error{"new:5432": nil, "old:5432": os.ErrDeadlineExceeded}
	h := &hosts{asked: map[string]time.Time{}, dial: func(_ context.Context, _, address string) (net.Conn, error) {
		called = append(called, address)
		if err := answers[address]; err != nil {
			return nil, &net.OpError{Op: "dial", Err: err}
		}
		return &net.TCPConn{}, nil
	}}
	connect := func() (calls []string) {
		called = nil
		for _, address := range []string{"old:5432", "new:5432"} {
			if c, err := h.call(t.Context(), "tcp", address); err == nil {
				h.answered(c, true)
				break
			}
		}
		return called
	}
	is := func(what string, want ...string) {
		t.Helper()
		if got := connect(); !slices.Equal(got, want) {
			t.Errorf("%s: called %q, want %q", what, got, want)
		}
	}
	past := func(d time.Duration) {
		for address, at := range h.asked {
			h.asked[address] = at.Add(-d)
		}
	}
	is("at first", "old:5432", "new:5432")
	is("before anybody has waited", "old:5432", "new:5432")
	past(2 * silence)
	is("later", "new:5432")
	answers["new:5432"] = errors.New("refused")
	is("the other ends", "new:5432")
	is("the other is away too", "old:5432", "new:5432")
	answers["old:5432"], answers["new:5432"] = nil, nil
	is("it is back", "old:5432")
	answers["old:5432"] = os.ErrDeadlineExceeded
	is("and silent again", "old:5432", "new:5432")
	past(2 * silence)
	is("a moment later", "new:5432")
	past(avoided)
	is("half a minute later somebody looks", "old:5432", "new:5432")
}

// Addresses are for writing unless they say otherwise.
func TestWhatAnAddressIsFor(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"postgres://a@b/c": true, "postgres://a@b,d/c?sslmode=require&target_session_attrs=read-write": true, "postgres://a@b/c?target_session_attrs=primary": true,
		"postgres://a@b/c?target_session_attrs=any": false, "postgres://a@b,d/c?target_session_attrs=prefer-standby&sslmode=require": false,
	} {
		if writes(url) != want {
			t.Errorf("%s: %v", url, !want)
		}
	}
}
