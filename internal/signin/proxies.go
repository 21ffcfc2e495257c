package signin

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// UnnamedProxy is a proxy in front of the program that its operator has not
// named in FIELDGATE_TRUSTED_PROXIES: the limits of an address and the trail
// cannot tell those behind it from each other.
type UnnamedProxy struct {
	Address netip.Addr
	SeenAt  time.Time
}

// NoteUnnamedProxy notes that a request came through such a proxy.
func (s *Service) NoteUnnamedProxy(ctx context.Context, address netip.Addr) error {
	_, err := s.pool.Exec(ctx, `insert into unnamed_proxies (address) values ($1) on conflict (address) do update set seen_at = now()`, address)
	if err != nil {
		return fmt.Errorf("note an unnamed proxy: %w", err)
	}
	return nil
}

// QueryUnnamedProxies adds those that requests came through in the last two
// days, the latest first, ten at most.
func QueryUnnamedProxies(b *postgres.Batch, into *[]UnnamedProxy) {
	postgres.Query(b, into, `select address, seen_at from unnamed_proxies where seen_at > now() - interval '2 days' order by seen_at desc, address limit 10`, nil)
}

// sweepProxies forgets proxies that nothing comes through any more.
func sweepProxies(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from unnamed_proxies where seen_at < now() - @keep::interval`, pgx.NamedArgs{"keep": 7 * 24 * time.Hour}); err != nil {
		return fmt.Errorf("sweep unnamed proxies: %w", err)
	}
	return nil
}
