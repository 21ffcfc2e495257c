package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Node is one server of an address, as it says of itself.
type Node struct {
	Name      string // host and port
	Err       error  // why it could not be asked
	Primary   bool
	System    string // of which database cluster it is
	Position  uint64 // how far in the log of changes it is
	Follows   bool   // a standby that gets changes
	Replayed  *time.Time
	Clock     time.Time
	Followers int    // standbys that get changes from it
	Waits     string // the standbys that its commits wait for
}

// Nodes asks each server that an address names, all at once.
func Nodes(ctx context.Context, url string) ([]Node, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("not a PostgreSQL address") // the driver's own words could show the password
	}
	var configs []*pgx.ConnConfig
	var nodes []Node
	for _, f := range append([]*pgconn.FallbackConfig{{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig}}, cfg.Fallbacks...) {
		name := net.JoinHostPort(f.Host, strconv.Itoa(int(f.Port)))
		if n := len(nodes); n > 0 && nodes[n-1].Name == name { // once more without encryption
			configs[n-1].Fallbacks = append(configs[n-1].Fallbacks, f)
			continue
		}
		one := cfg.Copy()
		one.Host, one.Port, one.TLSConfig, one.Fallbacks, one.ValidateConnect, one.ConnectTimeout = f.Host, f.Port, f.TLSConfig, nil, nil, connectTime
		configs, nodes = append(configs, one), append(nodes, Node{Name: name})
	}
	var all sync.WaitGroup
	for i, one := range configs {
		all.Go(func() { nodes[i].Err = nodes[i].ask(ctx, one) })
	}
	all.Wait()
	return nodes, nil
}

func (n *Node) ask(ctx context.Context, cfg *pgx.ConnConfig) error {
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	var position string
	err = c.QueryRow(ctx, `
		select not r, system_identifier::text, case when r then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text,
			r and exists (select from pg_stat_wal_receiver), pg_last_xact_replay_timestamp(), clock_timestamp(), (select count(*) from pg_stat_replication), current_setting('synchronous_standby_names')
		from pg_control_system(), pg_is_in_recovery() r`,
	).Scan(&n.Primary, &n.System, &position, &n.Follows, &n.Replayed, &n.Clock, &n.Followers, &n.Waits)
	if err != nil {
		return fmt.Errorf("ask for the server's role: %w", err)
	}
	high, low, _ := strings.Cut(position, "/") // as PostgreSQL writes it: 16/B374D848
	h, highErr := strconv.ParseUint(high, 16, 32)
	l, lowErr := strconv.ParseUint(low, 16, 32)
	n.Position = h<<32 | l
	if err := errors.Join(highErr, lowErr); err != nil {
		return fmt.Errorf("read the position %q: %w", position, err)
	}
	return nil
}
