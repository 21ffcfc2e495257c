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
	"fieldgate/internal/inbound"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
	"fieldgate/internal/tracing"
	"fieldgate/internal/webhook"
	"fieldgate/web"
	"fieldgate/web/listen"
)

// defaultListen is where serve listens when nobody says.
const defaultListen = ":8080"

// serveNeeds are the settings that serve cannot do without.
var serveNeeds = []string{"DATABASE_URL", "FIELDGATE_BASE_URL", "FIELDGATE_SECRET_KEY", "FIELDGATE_SMTP_URL", "FIELDGATE_MAIL_FROM", "FIELDGATE_STORAGE"}

func serve(ctx context.Context, _ []string) error {
	cfg, err := config.Read(os.Environ(), map[string]string{"FIELDGATE_LISTEN": defaultListen}, serveNeeds...)
	if err != nil {
		return err
	}
	log := logger(cfg)
	if cfg.Secure() && len(cfg.Proxies) == 0 {
		log.Warn("no proxy is named in FIELDGATE_TRUSTED_PROXIES, though customers come by HTTPS: nobody's own address is known, so the limit on guessing from one address and the trail cannot tell visitors apart. Name the proxy that has the certificate")
	}
	pools, err := openPools(ctx, cfg)
	if err != nil {
		return err
	}
	defer pools.Close()
	store, err := openStorage(cfg, pools.work)
	if err != nil {
		return err
	}
	if err := store.Start(ctx); err != nil {
		return err
	}
	return answer(ctx, site{config: cfg, pools: pools, store: store, log: log, begin: func(ctx context.Context) error {
		if err := prepare(ctx, cfg, pools, log); err != nil {
			return err
		}
		if err := store.Recognise(ctx); err != nil { // it may be that all is lost, and pages without files are better than none
			log.ErrorContext(ctx, "storage is not what it should be", "error", err)
		}
		marked, err := demo.Marked(ctx, pools.work)
		if err == nil && marked {
			return errors.New("this database holds the demo business; serve needs one of its own")
		}
		return err
	}})
}

func openStorage(cfg config.Config, pool *pgxpool.Pool) (*storage.Store, error) {
	files, err := blob.New(cfg.Storage)
	if err != nil {
		return nil, fmt.Errorf("FIELDGATE_STORAGE: %w", err)
	}
	return storage.New(pool, files), nil
}

// prepare migrates, or sees that somebody has. A database that is not there
// yet is waited for: after a power cut the machines start in any order.
func prepare(ctx context.Context, cfg config.Config, p pools, log *slog.Logger) error {
	for wait := time.Second; ; wait = min(2*wait, 4*time.Second) {
		err := p.reach(ctx, cfg)
		if cfg.Migrate && !postgres.Away(err) && !errors.Is(err, errPooled) {
			if err = bringCurrent(ctx, cfg, log); err == nil {
				err = p.reach(ctx, cfg)
			}
		}
		if err == nil {
			return sayOneRole(ctx, p.probe, log)
		}
		if !postgres.Away(err) || ctx.Err() != nil {
			return err
		}
		log.WarnContext(ctx, "the database is away; trying again", "error", err, "in", wait)
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped before the database came back: %w", ctx.Err())
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
	pools  pools
	store  *storage.Store
	log    *slog.Logger
	dev    http.Handler
	// personas can be tried on the demo's sign-in pages; none elsewhere.
	personas []web.Persona
	begin    func(context.Context) error // prepares the database; until it has, pages say that the program starts
	open     func()                      // told when pages are shown
}

// settled is how long after its start the program has done once what it does every hour.
const settled = 5 * time.Second

// answer serves until ctx ends: then it takes no more work of the queue, says
// that it is not ready, goes on serving for FIELDGATE_DRAIN, until proxies have
// noticed, and lets requests in flight end. It listens at once, whether the
// database is there or not.
func answer(ctx context.Context, s site) error {
	_, commit := revision()
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), web.Built(version, commit),
		web.PoolCollector(s.pools.named()), s.store, notify.Collector(s.pools.work), queue.Collector(s.pools.work), inbound.Collector(s.pools.work), webhook.Collector(s.pools.work))
	tracer, flush, err := tracing.Start(s.config.Tracing, version, s.log)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := flush(end); err != nil {
			s.log.Warn("the last traces were not sent", "error", err)
		}
	}()
	app, err := web.New(web.Parts{
		Pool: s.pools.pages, Work: s.pools.work, Probe: s.pools.probe, Read: s.pools.read, Closed: true,
		Store: s.store, Config: s.config, Metrics: metrics, Tracer: tracer, Log: s.log, Version: version, Dev: s.dev, Personas: s.personas,
	})
	if err != nil {
		return err
	}
	metrics.MustRegister(app.Doctor)
	group, ctx := errgroup.WithContext(ctx)
	serving := drained(ctx, app, s.config.Drain)
	started, opened := context.WithTimeout(ctx, startTime)
	defer opened()
	group.Go(func() error {
		return serveOn(serving, "portal and office", s.config.Listen, started.Done(), listen.Server{Handler: app.Handler, Proxies: s.config.Proxies, Metrics: metrics, Log: s.log})
	})
	if s.config.LMTPListen != "" {
		group.Go(func() error {
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.config.LMTPListen)
			if err != nil {
				return fmt.Errorf("listen on %s: %w", s.config.LMTPListen, err)
			}
			s.log.InfoContext(ctx, "listening", "for", "LMTP", "address", l.Addr().String())
			return app.ServeLMTP(ctx, l, s.log)
		})
	}
	if s.config.MetricsListen != "" {
		group.Go(func() error {
			return serveOn(serving, "metrics", s.config.MetricsListen, nil, listen.Server{Handler: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}), Log: s.log})
		})
	}
	group.Go(func() error {
		if err := s.begin(ctx); err != nil {
			return err
		}
		app.Open()
		opened()
		if s.open != nil {
			s.open()
		}
		defer time.AfterFunc(settled, forgetStart).Stop()
		go app.Doctor.Watch(ctx)
		app.Work(ctx, s.log)
		return nil
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// drained is a context that ends later than ctx, by a time in which the program
// is not ready. It ends with ctx while the program starts.
func drained(ctx context.Context, app *web.App, drain time.Duration) context.Context {
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		defer end()
		app.Drain()
		if app.Opened() {
			time.Sleep(drain)
		}
	})
	return serving
}

// startTime is how long connections wait for the program to start. Usually it has
// by then, and nobody sees anything of it; else they are told.
const startTime = 3 * time.Second

// serveOn serves an address, once started is closed if there is that to wait for.
func serveOn(ctx context.Context, what, address string, started <-chan struct{}, s listen.Server) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	s.Log.InfoContext(ctx, "listening", "for", what, "address", l.Addr().String())
	s.Limits = listen.Usual
	if started != nil {
		<-started
	}
	return s.Serve(ctx, l)
}
