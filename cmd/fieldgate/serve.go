package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"fieldgate/demo"
	"fieldgate/internal/blob"
	"fieldgate/internal/config"
	"fieldgate/internal/postgres"
	"fieldgate/web"
)

func serve(ctx context.Context, _ []string) error {
	cfg, err := config.Read(os.Environ(), map[string]string{"FIELDGATE_LISTEN": ":8080"},
		"DATABASE_URL", "FIELDGATE_BASE_URL", "FIELDGATE_SECRET_KEY", "FIELDGATE_SMTP_URL", "FIELDGATE_MAIL_FROM", "FIELDGATE_STORAGE")
	if err != nil {
		return err
	}
	log := logger(cfg)
	pool, err := postgres.Open(ctx, cfg.DatabaseURL, 0)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := prepare(ctx, cfg, pool, log); err != nil {
		return err
	}
	if marked, err := demo.Marked(ctx, pool); err != nil {
		return err
	} else if marked {
		return errors.New("this database holds the demo business; serve needs one of its own")
	}
	store, err := blob.New(cfg.Storage)
	if err != nil {
		return fmt.Errorf("FIELDGATE_STORAGE: %w", err)
	}
	return answer(ctx, site{config: cfg, pool: pool, store: store, log: log})
}

// prepare migrates, or sees that somebody has. A database that is not there
// yet is waited for: after a power cut the machines start in any order.
func prepare(ctx context.Context, cfg config.Config, pool *pgxpool.Pool, log *slog.Logger) error {
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		err := postgres.Ready(ctx, pool)
		if cfg.Migrate && !postgres.Away(err) {
			err = bringCurrent(ctx, cfg, log)
		}
		if err == nil {
			return sayOneRole(ctx, pool, log)
		}
		if !postgres.Away(err) || ctx.Err() != nil {
			return err
		}
		log.WarnContext(ctx, "the database is away; trying again", "error", err, "in", wait)
		select {
		case <-ctx.Done():
			return errors.New("stopped before the database came back")
		case <-time.After(wait):
		}
	}
}

// sayOneRole tells the operator of an installation whose database user owns
// the schema what that costs.
func sayOneRole(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	one, err := postgres.OneRole(ctx, pool)
	if one {
		log.InfoContext(ctx, "the database user that serves also owns the tables: the database would not refuse it a change of the audit trail; FIELDGATE_MIGRATE_URL separates the two")
	}
	return err
}

// site is a configured program about to answer.
type site struct {
	config config.Config
	pool   *pgxpool.Pool
	store  blob.Store
	log    *slog.Logger
	dev    http.Handler
	// personas can be tried on the demo's sign-in pages; none elsewhere.
	personas []web.Persona
	up       func(address string) // told once connections are taken
}

// answer serves until ctx ends, then lets requests in flight end.
func answer(ctx context.Context, s site) error {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), web.PoolCollector(s.pool))
	app, err := web.New(web.Parts{Pool: s.pool, Store: s.store, Config: s.config, Metrics: metrics, Log: s.log, Dev: s.dev, Personas: s.personas})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { app.Work(ctx, s.log); return nil })
	if s.config.MetricsListen != "" {
		group.Go(func() error {
			return listen(ctx, "metrics", s.config.MetricsListen, promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}), s.log, nil)
		})
	}
	group.Go(func() error { return listen(ctx, "portal and office", s.config.Listen, app.Handler, s.log, s.up) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func listen(ctx context.Context, what, address string, h http.Handler, log *slog.Logger, up func(string)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if up != nil {
		up(l.Addr().String())
	} else {
		log.InfoContext(ctx, "listening", "for", what, "address", l.Addr().String())
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", address, err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		log.Warn("requests were cut off", "error", err)
	}
	return nil
}

func logger(cfg config.Config) *slog.Logger {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.Level}))
	slog.SetDefault(log)
	return log
}
