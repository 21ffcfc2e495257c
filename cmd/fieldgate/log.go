package main

import (
	"log/slog"
	"os"

	"fieldgate/internal/config"
	"fieldgate/internal/tracing"
)

// logger writes the log as the operator wants it, and is everybody's from here on.
func logger(cfg config.Config) *slog.Logger {
	options := slog.HandlerOptions{Level: cfg.Level}
	var h slog.Handler = slog.NewTextHandler(os.Stderr, &options)
	if cfg.LogFormat == "json" {
		options.ReplaceAttr = inSeconds
		h = slog.NewJSONHandler(os.Stderr, &options)
	}
	if cfg.Tracing.On() {
		h = tracing.Logged(h)
	}
	log := slog.New(h)
	slog.SetDefault(log)
	return log
}

// inSeconds writes durations as programs like them; by itself slog writes
// nanoseconds.
func inSeconds(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.Float64Value(a.Value.Duration().Seconds())
	}
	return a
}
