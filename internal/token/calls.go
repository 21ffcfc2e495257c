package token

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// Call is what was called with a token in a minute, several of the same together.
type Call struct {
	Minute    time.Time
	Method    string
	Route     string
	Status    int
	Calls     int64
	At        time.Time // the last of them
	Address   *netip.Addr
	RequestID string
}

// lastCalls is how many the page of a token shows.
const lastCalls = 100

// QueryCalls adds a query for the last calls of a token.
func QueryCalls(b *postgres.Batch, into *[]Call, id int64) {
	postgres.Query(b, into, `
		select minute, method, route, status, calls, at, address, request_id from token_calls
		where token_id = @token order by at desc, route, method, status limit @most`, pgx.NamedArgs{"token": id, "most": lastCalls})
}

// Calls writes down what is called: some seconds' calls in one statement, so
// that writing them costs a call nothing. The log has each by itself.
type Calls struct {
	pool  *pgxpool.Pool
	log   *slog.Logger
	mu    sync.Mutex
	kept  map[kind]*last
	ready chan struct{}
}

type kind struct {
	token         int64
	method, route string
	status        int
}

type last struct {
	calls     int64
	address   netip.Addr
	requestID string
}

// gathering is how long calls gather.
const gathering = 2 * time.Second

// NewCalls writes to the pool once Run runs.
func NewCalls(pool *pgxpool.Pool, log *slog.Logger) *Calls {
	return &Calls{pool: pool, log: log, kept: map[kind]*last{}, ready: make(chan struct{}, 1)}
}

// Note notes a call.
func (c *Calls) Note(token int64, method, route string, status int, from netip.Addr, requestID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := kind{token, method, route, status}
	if c.kept[k] == nil {
		c.kept[k] = &last{}
	}
	c.kept[k].calls++
	c.kept[k].address, c.kept[k].requestID = from, requestID
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// Run writes calls down until ctx ends.
func (c *Calls) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			c.flush(ctx)
			return
		case <-c.ready:
		}
		select {
		case <-ctx.Done():
		case <-time.After(gathering):
		}
		c.flush(ctx)
	}
}

func (c *Calls) flush(ctx context.Context) {
	c.mu.Lock()
	kept := c.kept
	c.kept = map[kind]*last{}
	c.mu.Unlock()
	if len(kept) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := c.write(ctx, kept); err != nil {
		c.log.WarnContext(ctx, "calls of tokens were not written down", "error", err)
	}
}

func (c *Calls) write(ctx context.Context, kept map[kind]*last) error {
	var (
		tokens, calls              []int64
		methods, routes, addresses []string
		requests                   []string
		statuses                   []int32
	)
	for k, l := range kept {
		tokens, methods, routes, statuses = append(tokens, k.token), append(methods, k.method), append(routes, k.route), append(statuses, int32(k.status))
		address := ""
		if l.address.IsValid() {
			address = l.address.String()
		}
		calls, addresses, requests = append(calls, l.calls), append(addresses, address), append(requests, l.requestID)
	}
	_, err := c.pool.Exec(ctx, `
		insert into token_calls (token_id, minute, method, route, status, calls, at, address, request_id)
		select n.token, date_trunc('minute', now()), n.method, n.route, n.status, n.calls, now(), nullif(n.address, '')::inet, n.request
		from unnest(@tokens::bigint[], @methods::text[], @routes::text[], @statuses::integer[], @calls::bigint[], @addresses::text[], @requests::text[])
			as n (token, method, route, status, calls, address, request)
		order by n.token, n.method, n.route, n.status
		on conflict (token_id, minute, method, route, status) do update
		set calls = token_calls.calls + excluded.calls, at = excluded.at, address = excluded.address, request_id = excluded.request_id`,
		pgx.NamedArgs{"tokens": tokens, "methods": methods, "routes": routes, "statuses": statuses, "calls": calls, "addresses": addresses, "requests": requests})
	if err != nil {
		return fmt.Errorf("write down calls: %w", err)
	}
	return nil
}
