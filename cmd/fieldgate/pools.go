package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/config"
	"fieldgate/internal/postgres"
)

// pools are the program's connections to the database, apart by who waits for
// them, so that none of them can take those of another.
type pools struct {
	pages *pgxpool.Pool
	work  *pgxpool.Pool
	probe *pgxpool.Pool
	read  *pgxpool.Pool // of a standby, for exports; nil without one
}

// defaultConnections are for one program; PostgreSQL takes a hundred of all together.
const defaultConnections = 24

// exports is how many read from the standby at once; each has a connection there.
const exports = 4

// openPools opens as many connections as the operator allows in
// FIELDGATE_DB_CONNECTIONS, or in the address as pool_max_conns.
func openPools(ctx context.Context, cfg config.Config) (p pools, err error) {
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	all := connections(cfg)
	work := max(4, all/3)
	forPages := postgres.OpenWithin
	if cfg.DirectURL != "" {
		forPages = postgres.OpenPooled
	}
	if p.work, err = postgres.OpenWithin(ctx, cfg.Direct(), postgres.Work(work)); err != nil {
		return p, err
	}
	if p.probe, err = forPages(ctx, cfg.DatabaseURL, postgres.Probe()); err != nil {
		return p, err
	}
	if cfg.ReadURL != "" {
		if p.read, err = postgres.OpenReading(ctx, cfg.ReadURL, postgres.Pages(exports)); err != nil {
			return p, fmt.Errorf("FIELDGATE_DATABASE_READ_URL: %w", err)
		}
	}
	// One is the probe's, and one holds the lock by which others see that this program lives.
	p.pages, err = forPages(ctx, cfg.DatabaseURL, postgres.Pages(all-work-2))
	return p, err
}

// reach connects to the database, and asks whether it is ready. From here on the
// views of this version stay, once they are there.
func (p pools) reach(ctx context.Context, cfg config.Config) error {
	if err := askDirect(ctx, cfg); err != nil {
		return err
	}
	if err := p.work.Ping(ctx); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	if cfg.DirectURL != "" {
		same, err := postgres.Same(ctx, cfg.DatabaseURL, cfg.DirectURL)
		if err != nil {
			return err
		}
		if !same {
			return errors.New("DATABASE_URL and FIELDGATE_DATABASE_DIRECT_URL lead to different databases, or name different users: both name the user that serves, in one database")
		}
	}
	return postgres.Ready(ctx, p.probe)
}

var errPooled = errors.New("leads through a pooler in transaction mode, such as PgBouncer. Pages can do with that; the queue, locks, migrations and backups cannot")

// askDirect sees that what needs the database itself reaches it, and not one of
// the connections that a pooler lends out.
func askDirect(ctx context.Context, cfg config.Config) error {
	if cfg.DirectURL != "" {
		return notPooled(ctx, "FIELDGATE_DATABASE_DIRECT_URL", cfg.DirectURL, "Write PostgreSQL's own address.")
	}
	return notPooled(ctx, "DATABASE_URL", cfg.DatabaseURL,
		"Leave it as it is, for pages, and set FIELDGATE_DATABASE_DIRECT_URL to PostgreSQL's own address, with the same user and database; or let the pooler use session mode.")
}

// askOwnerDirect is askDirect for the address of the user that owns the tables.
func askOwnerDirect(ctx context.Context, cfg config.Config) error {
	if cfg.MigrateURL != "" {
		return notPooled(ctx, "FIELDGATE_MIGRATE_URL", cfg.MigrateURL, "Write PostgreSQL's own address.")
	}
	return askDirect(ctx, cfg)
}

func notPooled(ctx context.Context, name, url, advice string) error {
	pooled, err := postgres.Pooled(ctx, url)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if pooled {
		return fmt.Errorf("%s %w. %s", name, errPooled, advice)
	}
	return nil
}

func connections(cfg config.Config) int32 {
	if cfg.Connections > 0 {
		return cfg.Connections
	}
	if u, err := url.Parse(cfg.DatabaseURL); err == nil {
		if n, err := strconv.ParseInt(u.Query().Get("pool_max_conns"), 10, 32); err == nil && n > 0 {
			return max(int32(n), config.MinConnections)
		}
	}
	return defaultConnections
}

// named are the pools as metrics call them.
func (p pools) named() map[string]*pgxpool.Pool {
	all := map[string]*pgxpool.Pool{"pages": p.pages, "work": p.work, "probe": p.probe}
	if p.read != nil {
		all["read"] = p.read
	}
	return all
}

// Close ends what is open.
func (p pools) Close() {
	for _, pool := range []*pgxpool.Pool{p.pages, p.work, p.probe, p.read} {
		if pool != nil {
			pool.Close()
		}
	}
}
