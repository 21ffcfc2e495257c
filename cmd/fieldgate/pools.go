package main

import (
	"context"
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
}

// defaultConnections are for one program; PostgreSQL takes a hundred of all together.
const defaultConnections = 24

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
	if p.work, err = postgres.OpenWithin(ctx, cfg.DatabaseURL, postgres.Work(work)); err != nil {
		return p, err
	}
	if p.probe, err = postgres.OpenWithin(ctx, cfg.DatabaseURL, postgres.Probe()); err != nil {
		return p, err
	}
	// One is the probe's, and one holds the lock by which others see that this program lives.
	p.pages, err = postgres.OpenWithin(ctx, cfg.DatabaseURL, postgres.Pages(all-work-2))
	return p, err
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
	return map[string]*pgxpool.Pool{"pages": p.pages, "work": p.work, "probe": p.probe}
}

// Close ends what is open.
func (p pools) Close() {
	for _, pool := range []*pgxpool.Pool{p.pages, p.work, p.probe} {
		if pool != nil {
			pool.Close()
		}
	}
}
