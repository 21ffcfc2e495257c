package listen

import (
	"container/list"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/turns"
)

// crowd is all connections. When there are too many, those that wait longest
// without a request at work make room; only when all are at work is a new one
// refused.
type crowd struct {
	limits  Limits
	proxies []netip.Prefix
	open    prometheus.Gauge
	cut     prometheus.Counter

	mu      sync.Mutex
	all     int
	of      map[netip.Addr]int
	resting *list.List // of *conn, the one that rests longest first
}

func newCrowd(l Limits, proxies []netip.Prefix) *crowd {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		l.Most = min(l.Most, int(min(files.Cur, 1<<30)/2)) // the rest is for files and the database
	}
	return &crowd{
		limits: l, proxies: proxies, of: map[netip.Addr]int{}, resting: list.New(),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fieldgate_http_connections", Help: "Connections open."}),
		cut:  prometheus.NewCounter(prometheus.CounterOpts{Name: "fieldgate_http_connections_cut_total", Help: "Connections closed because there were too many."}),
	}
}

// conn is a connection of somebody's.
type conn struct {
	*net.TCPConn
	crowd *crowd
	from  netip.Addr // whose limit it counts for; none for proxies
	pace  pace       // of what is written
	once  sync.Once
	gone  bool
	rests *list.Element // among those that rest; nil while a request is at work
}

// Close closes it, once.
func (c *conn) Close() error {
	c.once.Do(func() { c.crowd.leave(c) })
	return c.TCPConn.Close()
}

type listener struct {
	net.Listener
	crowd *crowd
}

var errNotTCP = errors.New("only TCP is listened on")

// Accept is the next connection for which there is room.
func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := accepted.(*net.TCPConn)
		if !ok {
			return nil, errors.Join(errNotTCP, accepted.Close())
		}
		_ = tcp.SetWriteBuffer(l.crowd.limits.Buffer) // the system's own, up to megabytes each, when it fails
		c := &conn{TCPConn: tcp, crowd: l.crowd, from: l.crowd.address(tcp.RemoteAddr()), pace: newPace(l.crowd.limits)}
		out, ok := l.crowd.enter(c)
		if out != nil {
			_ = out.Close()
		}
		if ok {
			return c, nil
		}
		_ = tcp.Close()
	}
}

// address is whom the limit of one address holds. Proxies are none, and neither
// is this machine or its network: there, too, may be a proxy, with everybody behind it.
func (c *crowd) address(remote net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return netip.Addr{}
	}
	from := at.Addr().Unmap()
	if MayBeProxy(from) || slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return netip.Addr{}
	}
	return turns.Network(from)
}

// carriers are networks that no customer's own address is in, RFC 6598's.
var carriers = netip.MustParsePrefix("100.64.0.0/10")

// MayBeProxy reports whether proxies stand at such an address, and customers do
// not: on this machine, in a private network or a carrier's own.
func MayBeProxy(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carriers.Contains(a)
}

// enter takes c in, in place of out when that is not nil.
func (c *crowd) enter(n *conn) (out *conn, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	full := c.all >= c.limits.Most
	tooMany := n.from.IsValid() && c.of[n.from] >= c.limits.OfOne
	if full || tooMany {
		c.cut.Inc()
		if out = c.longest(n.from, tooMany); out == nil {
			return nil, false
		}
		c.resting.Remove(out.rests)
		out.rests = nil
	}
	c.all++
	c.open.Inc()
	if n.from.IsValid() {
		c.of[n.from]++
	}
	n.rests = c.resting.PushBack(n)
	return out, true
}

// longest is the connection that rests longest, of one address or of all.
func (c *crowd) longest(of netip.Addr, only bool) *conn {
	for e := c.resting.Front(); e != nil; e = e.Next() {
		if r := e.Value.(*conn); !only || r.from == of { //nolint:forcetypeassert // nothing else is in it
			return r
		}
	}
	return nil
}

func (c *crowd) leave(n *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	c.open.Dec()
	n.gone = true
	if n.rests != nil {
		c.resting.Remove(n.rests)
		n.rests = nil
	}
	if n.from.IsValid() {
		if c.of[n.from]--; c.of[n.from] == 0 {
			delete(c.of, n.from)
		}
	}
}

// works says that a request is at work on the connection, rests that none is.
func (c *crowd) works(n *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.rests != nil {
		c.resting.Remove(n.rests)
		n.rests = nil
	}
}

func (c *crowd) rests(n *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.rests == nil && !n.gone {
		n.rests = c.resting.PushBack(n)
	}
}
