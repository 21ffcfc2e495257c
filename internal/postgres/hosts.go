package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sys/unix"
)

// An address may name several servers, of which one takes changes and the others
// follow it. Each new connection finds out which that is; a pool forgets all of
// its connections once one of them met a server that only reads. So the place
// of the primary may change while the program runs.

// errFollower says that a server is not the one to write to.
var errFollower = errors.New("this server takes no changes: it follows another, or was set to read only")

// attrs finds what an address wants of the server's role.
var attrs = regexp.MustCompile(`[?&\s]target_session_attrs=([a-z-]+)`)

// writes reports whether connections of an address are to be written through: all
// are, unless it says otherwise.
func writes(url string) bool {
	m := attrs.FindStringSubmatch(url)
	return m == nil || m[1] == "read-write" || m[1] == "primary"
}

const (
	// silence is how long a server may take to answer before others of the address are preferred.
	silence = time.Second
	// avoided is for how long they are. Then somebody finds out again.
	avoided = 30 * time.Second
)

// hosts remember which server of an address took the last connection, so that a
// machine that is gone, and lets each new connection wait for its time to end,
// costs that once and not each time.
type hosts struct {
	dial pgconn.DialFunc
	mu   sync.Mutex
	good string
	// asked are the servers that have been called and have not answered since.
	asked map[string]time.Time
}

// found is a connection that knows which server was called.
type found struct {
	net.Conn
	address string
}

func (h *hosts) call(ctx context.Context, network, address string) (net.Conn, error) {
	if h.avoids(address) {
		return nil, fmt.Errorf("%s has not answered in a while", address)
	}
	c, err := h.dial(ctx, network, address)
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		if address == h.good {
			h.good = ""
		}
		if timeout, ok := errors.AsType[net.Error](err); ctx.Err() == nil && (!ok || !timeout.Timeout()) {
			delete(h.asked, address) // refused: that costs nothing
		}
		return nil, err
	}
	return found{c, address}, nil
}

func (h *hosts) avoids(address string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	since, asked := h.asked[address]
	waited := time.Since(since)
	if asked && h.good != "" && h.good != address && waited > silence && waited < avoided {
		return true
	}
	if !asked || waited >= avoided {
		h.asked[address] = time.Now()
	}
	return false
}

func (h *hosts) answered(c net.Conn, good bool) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	f, ok := c.(found)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.asked, f.address)
	if good {
		h.good = f.address
	}
}

// newest are the timelines seen of each database cluster. A standby that becomes
// the primary begins a new one, so that a former primary that comes back is
// known by its old one: what was revoked since would still hold there.
var newest = struct {
	sync.Mutex
	timelines map[string]int64
}{timelines: map[string]int64{}}

// askRole asks a server whether it takes changes, and of which cluster and
// timeline it is.
const askRole = `show transaction_read_only; select system_identifier, case when not pg_is_in_recovery() then ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end from pg_control_system()`

// writable lets a connection through whose server is the primary.
func writable(ctx context.Context, c *pgconn.PgConn) error {
	results, err := c.Exec(ctx, askRole).ReadAll()
	if len(results) == 0 || len(results[0].Rows) != 1 {
		return fmt.Errorf("ask for the server's role: %w", errors.Join(err, errFollower))
	}
	if string(results[0].Rows[0][0]) == "on" {
		return errFollower
	}
	if err != nil || len(results) != 2 {
		return nil // some services do not say; then there is nothing to compare
	}
	row := results[1].Rows[0]
	timeline, err := strconv.ParseInt(string(row[1]), 10, 64)
	if err != nil {
		return nil // as above
	}
	newest.Lock()
	defer newest.Unlock()
	if seen := newest.timelines[string(row[0])]; timeline < seen {
		return fmt.Errorf("this server is a former primary: it is at timeline %d, and another was at %d", timeline, seen)
	}
	newest.timelines[string(row[0])] = timeline
	return nil
}

// follow lets the connections of a pool find the server that they are for.
func follow(cfg *pgx.ConnConfig, writes bool) {
	h := &hosts{dial: patientDialer().DialContext, asked: map[string]time.Time{}}
	cfg.DialFunc = h.call
	valid := cfg.ValidateConnect
	if writes {
		valid = writable
	}
	cfg.ValidateConnect = func(ctx context.Context, c *pgconn.PgConn) (err error) {
		if valid != nil {
			err = valid(ctx, c)
		}
		if ctx.Err() == nil {
			h.answered(c.Conn(), err == nil)
		}
		return err
	}
}

// broken is how long a machine that has gone without a word may go unnoticed.
const broken = 10 * time.Second

// patientDialer notices within seconds when the machine at the other end is
// gone, both when it owes an answer and when it has not taken what was sent.
func patientDialer() *net.Dialer {
	d := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: broken / 2, Interval: broken / 5, Count: 3}}
	if runtime.GOOS == "linux" {
		d.Control = func(network, _ string, c syscall.RawConn) error {
			if network == "unix" {
				return nil
			}
			const userTimeout = 18 // TCP_USER_TIMEOUT, which other systems do not have
			return c.Control(func(fd uintptr) {
				_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, userTimeout, int(broken.Milliseconds())) // without it things go on, more slowly
			})
		}
	}
	return d
}

// ReadsOnly reports whether err says that a server that only reads was asked to
// write.
func ReadsOnly(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "25006"
}

// astray forgets the connections of a pool once one of them has met a server that
// only reads, or has broken: the primary has become a standby or is gone, and
// the others lead where that one did. Each would cost a request.
type astray struct {
	pool atomic.Pointer[pgxpool.Pool]
	last atomic.Int64 // when, in Unix nanoseconds
}

// together is how soon after each other connections are found to be astray for the same reason.
const together = time.Second

func (a *astray) note(err error) {
	pool := a.pool.Load()
	if err == nil || pool == nil || !(ReadsOnly(err) || ended(err)) {
		return
	}
	now := time.Now().UnixNano()
	if last := a.last.Load(); now-last > int64(together) && a.last.CompareAndSwap(last, now) {
		pool.Reset()
	}
}

// ended reports whether err says that the server, not we, ended the connection.
func ended(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03"
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
